"""Which examples each training step uses: a pure function of the seed, the step and the batch size."""

import hashlib

import numpy as np
import torch

from core.data.dataset import Examples
from core.engine.gradients import places

EXAMPLES_AT_ONCE = 32_768  # minibatches are drawn and gathered for so many examples at a time


def steps_at_once(batch_size: int) -> int:
    """How many minibatches make a block."""
    return max(1, EXAMPLES_AT_ONCE // batch_size)


class Minibatches:
    """Minibatch t, a pure function of (seed, t, batch size). Draws with replacement, as the lecture does.

    The newest block is kept, for one of its two readers: ask for `block` or for `records`, not for both.
    """

    def __init__(self, examples: Examples, seed: int, batch_size: int, n_embd: int):
        self.rows, self.steps = batch_size, steps_at_once(batch_size)
        self._examples, self._seed, self._n_embd, self._number = examples, seed, n_embd, -1

    def block(self, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        """`places` of X (steps, K * rows) and Y (steps, rows) of one block of `steps` minibatches."""
        if number != self._number:
            picks = self.picks(number)
            self._block = places(self._examples.X[picks], self._n_embd), self._examples.Y[picks]
            self._number = number
        return self._block

    def records(self, number: int) -> np.ndarray:
        """The same as `Packed.records` (steps, rows)."""
        if number != self._number:
            self._block = self._examples.packed.records[self.picks(number).numpy()]
            self._number = number
        return self._block

    def picks(self, number: int) -> torch.Tensor:
        """Which examples they are (steps, rows): whole numbers, so the same ones on every machine."""
        key = f"{self._seed}/{self.rows}/{number}".encode()
        seed = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big", signed=True)
        generator = torch.Generator().manual_seed(seed)
        return torch.randint(len(self._examples), (self.steps, self.rows), generator=generator)
