"""Networks and splits for the kernel's tests, and the same step by autograd in float64."""

from typing import NamedTuple

import numpy as np
import torch
from hypothesis import strategies as st

from core.data.dataset import Examples
from core.data.packed import Packed
from core.engine.model import Parameters, Shape, forward

F64 = torch.float64


class Case(NamedTuple):
    """A network and the examples of a split."""

    parameters: Parameters
    examples: Examples

    def __repr__(self) -> str:
        return f"<{len(self.X)} examples, {len(self.examples.contexts)} contexts for {self.parameters.shape}>"

    @property
    def X(self) -> torch.Tensor:
        return self.examples.X

    @property
    def Y(self) -> torch.Tensor:
        return self.examples.Y

    @property
    def train(self) -> Packed:
        return self.examples.packed

    @property
    def weights(self) -> torch.Tensor:
        """The weight of each (context, next symbol) in the mean loss: (M, V) float64."""
        row, next, times = self.examples.pairs
        weights = torch.zeros(len(self.examples.contexts), self.examples.vocabulary_size, dtype=F64)
        weights[row, next] = times / len(self.X)
        return weights

    def double(self) -> Parameters:
        return Parameters(self.parameters.shape, self.parameters.flat.double(), F64)


def case(shape: Shape, examples: int, symbols: int | None = None, seed: int = 0, spread: float = 0.3) -> Case:
    """Random weights, and examples whose contexts are made of so many symbols (all, if None)."""
    generator = torch.Generator().manual_seed(seed)
    parameters, V = Parameters(shape), shape.vocabulary_size
    parameters.flat.copy_(torch.randn(parameters.flat.shape, generator=generator) * spread)
    X = torch.randint(0, min(V, symbols or V), (examples, shape.block_size), generator=generator)
    Y = torch.randint(0, V, (examples,), generator=generator)
    return Case(parameters, Examples.counted(X, Y, V))


@st.composite
def cases(draw, symbols: int = 60) -> Case:
    """Any small network: with and without hidden units and direct connections, few contexts or many."""
    V = draw(st.integers(2, symbols))
    shape = Shape(V, draw(st.integers(1, 8)), draw(st.integers(1, 20)), draw(st.integers(0, 70)), draw(st.booleans()))
    return case(shape, draw(st.integers(1, 400)), draw(st.integers(1, V)), draw(st.integers(0, 2**20)))


def drawn(case: Case, steps: int, rows: int, seed: int = 0) -> torch.Tensor:
    """Which examples each step uses (steps, rows)."""
    return torch.randint(0, len(case.X), (steps, rows), generator=torch.Generator().manual_seed(seed))


def descend(parameters: Parameters, X: torch.Tensor, weights: torch.Tensor, rate: float, keep: float) -> float:
    """One step by autograd, in the parameters' own dtype; weights (rows, V) sum to 1. The largest change made."""
    flat = parameters.flat.clone().requires_grad_()
    logp = forward(Parameters(parameters.shape, flat), X).log_probabilities
    (gradient,) = torch.autograd.grad(-(logp * weights).sum(), flat)
    before = parameters.flat.clone()
    for name, tensor in parameters.named().items():
        if name not in ("b1", "b2"):
            tensor.mul_(keep)
    parameters.flat.sub_(gradient, alpha=rate)
    return float((parameters.flat - before).abs().max())


def one_hot(case: Case, picks: torch.Tensor) -> torch.Tensor:
    """The weights of a minibatch (rows, V), float64."""
    V = case.parameters.shape.vocabulary_size
    return torch.nn.functional.one_hot(case.Y[picks], V).double() / len(picks)


def singles(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)
