"""Which examples each training step looks at: a pure function of the seed, the step and the batch size."""

import hashlib

import torch

from core.data.dataset import Split
from core.engine.model import places

EXAMPLES_AT_ONCE = 32_768  # minibatches are drawn and gathered for so many examples at a time


class Minibatches:
    """Minibatch t, a pure function of (seed, t, batch size). Draws with replacement, as the lecture does."""

    def __init__(self, split: Split, seed: int, batch_size: int, vocabulary_size: int, n_embd: int):
        self.rows, self.steps = batch_size, max(1, EXAMPLES_AT_ONCE // batch_size)
        self._split, self._seed, self._number = split, seed, -1
        self._V, self._n_embd = vocabulary_size, n_embd

    def block(self, number: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """`places` of X (steps, K * rows), minus one-hot / rows (steps, V, rows), Y (steps, 1, rows) of one block."""
        if number != self._number:
            key = f"{self._seed}/{self.rows}/{number}".encode()
            seed = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big", signed=True)
            generator = torch.Generator().manual_seed(seed)
            picks = torch.randint(len(self._split), (self.steps, self.rows), generator=generator)
            Y = self._split.Y[picks].unsqueeze(1)
            onehot = torch.zeros(self.steps, self._V, self.rows).scatter_(1, Y, -1 / self.rows)
            self._block = places(self._split.X[picks], self._n_embd), onehot, Y
            self._number = number
        return self._block
