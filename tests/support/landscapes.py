"""Landscapes of small networks, and the same loss computed simply, by a network whose letter was moved."""

import torch

from core.analysis.landscape import Landscape, LetterContexts, Slice
from core.data.dataset import Examples
from core.engine.model import Parameters, loss


def slice_of(parameters: Parameters, letter: int) -> Slice:
    """The first two dimensions (or the one) as they are."""
    row, k = parameters.C[letter], min(2, parameters.C.shape[1])
    at = torch.zeros(2, dtype=torch.float64)
    at[:k] = row[:k]
    return Slice(row.clone(), at, torch.eye(len(row))[:k])


def landscape(parameters: Parameters, examples: Examples, letter: int, slice: Slice | None = None) -> Landscape:
    contexts = LetterContexts.of(examples, letter)
    return Landscape(parameters, contexts, slice or slice_of(parameters, letter))


def loss_with(parameters: Parameters, examples: Examples, letter: int, row: torch.Tensor) -> float:
    """The exact loss of a copy whose letter has this row."""
    moved = parameters.clone()
    moved.C[letter] = row
    return loss(moved, examples)


def finished(pieces):
    """The return value of a generator."""
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            return end.value
