"""Which examples each training step looks at: a pure function of the seed, the step and the batch size."""

import hashlib

import torch

from core.data.dataset import Examples
from core.engine.gradients import places

EXAMPLES_AT_ONCE = 32_768  # minibatches are drawn and gathered for so many examples at a time


class Minibatches:
    """Minibatch t, a pure function of (seed, t, batch size). Draws with replacement, as the lecture does."""

    def __init__(self, examples: Examples, seed: int, batch_size: int, n_embd: int):
        self.rows, self.steps = batch_size, max(1, EXAMPLES_AT_ONCE // batch_size)
        self._examples, self._seed, self._n_embd, self._number = examples, seed, n_embd, -1

    def block(self, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        """`places` of X (steps, K * rows) and Y (steps, rows) of one block of `steps` minibatches."""
        if number != self._number:
            key = f"{self._seed}/{self.rows}/{number}".encode()
            seed = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big", signed=True)
            generator = torch.Generator().manual_seed(seed)
            picks = torch.randint(len(self._examples), (self.steps, self.rows), generator=generator)
            self._block = places(self._examples.X[picks], self._n_embd), self._examples.Y[picks]
            self._number = number
        return self._block
