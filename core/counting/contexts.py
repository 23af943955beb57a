"""The contexts that training showed, of every length, and what followed them: only what occurs is
stored, so that a vocabulary of thousands needs no table of millions.

A context of n symbols has an id: its place among the sorted numbers (first symbol) * (contexts of n - 1 symbols)
+ (id of the rest). So no number outgrows 64 bits, however many symbols there are and however long the context.
"""

from dataclasses import dataclass

import torch

from core.data.dataset import Examples, Pairs

NONE = -1  # in place of the id of a context that training never showed


@dataclass(frozen=True)
class Contexts:
    """numbers[n] (M,): of the distinct contexts of n symbols, sorted; `ids` gives places in it."""

    numbers: tuple[torch.Tensor, ...]

    @classmethod
    def of(cls, train: Examples, longest: int) -> "Contexts":
        """Those of 0 to `longest` symbols; the split's block size must be at least that."""
        return cls.counted(train, longest)[0]

    @classmethod
    def counted(cls, train: Examples, longest: int) -> tuple["Contexts", list[torch.Tensor]]:
        """The same, and for each length the ids of the ends of `train.contexts`, as `ids` gives them."""
        X, numbers = train.contexts, [torch.zeros(1, dtype=torch.int64)]
        ids = [torch.zeros(len(X), dtype=torch.int64)]
        for length in range(1, longest + 1):
            found, of_length = torch.unique(X[:, -length] * len(numbers[-1]) + ids[-1], return_inverse=True)
            numbers.append(found)
            ids.append(of_length)
        return cls(tuple(numbers)), ids

    def ids(self, X: torch.Tensor) -> list[torch.Tensor]:
        """For each length the ids of the ends of X (B, longest or more): (B,), NONE where training had none."""
        found = [torch.zeros(len(X), dtype=torch.int64)]
        for length in range(1, len(self.numbers)):
            place, seen = lookup(self.numbers[length], X[:, -length] * len(self.numbers[length - 1]) + found[-1])
            found.append(torch.where(seen & (found[-1] != NONE), place, NONE))
        return found

    def first(self, length: int) -> torch.Tensor:
        """The first symbol of each context of this length: (M,). length: at least 1."""
        return self.numbers[length] // len(self.numbers[length - 1])

    def rest(self, length: int) -> torch.Tensor:
        """The id of each context's end without its first symbol: (M,). length: at least 1."""
        return self.numbers[length] % len(self.numbers[length - 1])


def count_pairs(ids: torch.Tensor, pairs: Pairs, V: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The different (id of the context, next symbol), as sorted numbers id * V + next, and how often (float64).

    ids (M,): of the contexts that `pairs.row` counts.
    """
    keys, which = torch.unique(ids[pairs.row] * V + pairs.next, return_inverse=True)
    return keys, torch.zeros(len(keys), dtype=torch.float64).index_add_(0, which, pairs.times)


def lookup(keys: torch.Tensor, wanted: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Where among sorted `keys` each wanted one is, and whether it is there."""
    if not len(keys):
        return torch.zeros_like(wanted), torch.zeros_like(wanted, dtype=torch.bool)
    place = torch.searchsorted(keys, wanted).clamp(max=len(keys) - 1)
    return place, keys[place] == wanted


def values_of(keys: torch.Tensor, values: torch.Tensor, ids: torch.Tensor, next: torch.Tensor, V: int) -> torch.Tensor:
    """The value of each (context, next), zero for what never occurred: (B,). keys, values: of `count_pairs`."""
    found = torch.zeros(len(ids), dtype=torch.float64)
    place, seen = lookup(keys, ids * V + next)
    seen &= ids != NONE
    found[seen] = values[place[seen]]
    return found


def rows_of(keys: torch.Tensor, values: torch.Tensor, ids: torch.Tensor, V: int) -> torch.Tensor:
    """The values after each context as a table (B, V), zero for what never occurred. ids (B,)."""
    table = torch.zeros(len(ids), V, dtype=torch.float64)
    first, last = (torch.searchsorted(keys, (ids + i) * V) for i in (0, 1))
    often = torch.where(ids != NONE, last - first, 0)
    row = torch.repeat_interleave(torch.arange(len(ids)), often)
    place = torch.arange(len(row)) + (first - (often.cumsum(0) - often))[row]
    table[row, keys[place] % V] = values[place]
    return table
