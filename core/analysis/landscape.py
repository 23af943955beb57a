"""The loss as a function of one letter's embedding, everything else constant: an exact slice of what is minimised.

Contexts without the letter do not change. The others fall into few patterns, by the positions at
which it occurs; within a pattern every context's preactivations move by the same vector, two
multiplications for each hidden unit and place. As exp(2 (a + b)) = exp(2 a) exp(2 b), tanh then
costs a multiplication and a reciprocal instead of an exponential. Losses are exact: every
(context, next) of the examples, weighted by how often it occurs, summed in float64. No clock, no UI.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch

from core.data.dataset import Examples, Pairs
from core.engine.gradients import gradients
from core.engine.model import Parameters, forward, pair_log_probabilities

COLUMNS = 4096  # (context, place) at once: the hidden layer's buffer stays in the cache of a core


def only(examples: Examples, chosen: torch.Tensor, each: torch.Tensor | None = None) -> Examples:
    """The examples whose context is one of the chosen, (M,) bool: contexts and pairs, which are all that a sum needs.

    each (N,) bool: the single examples to keep; none by default.
    """
    row, next, times = examples.pairs
    pairs = chosen[row]
    kept = Pairs((chosen.cumsum(0) - 1)[row[pairs]], next[pairs], times[pairs])
    each = torch.zeros(0, dtype=torch.int64) if each is None else each.nonzero().flatten()
    pair = (pairs.cumsum(0) - 1)[examples.pair[each]]
    return Examples(examples.vocabulary_size, examples.X[each], examples.Y[each], examples.contexts[chosen], kept, pair)


@dataclass(frozen=True)
class LetterContexts:
    """The examples, by where a letter occurs in their contexts.

    total: their number. without, within: those whose context does not, or does, contain the letter.
    patterns: those of `within` by the positions of the letter, (positions, examples) each.
    """

    letter: int
    total: int
    without: Examples
    within: Examples
    patterns: tuple[tuple[tuple[int, ...], Examples], ...]

    @classmethod
    def of(cls, examples: Examples, letter: int) -> "LetterContexts":
        there = examples.contexts == letter  # (M, block_size)
        code = (there * 2 ** torch.arange(there.shape[1])).sum(1)  # (M,): bit p is set where position p has it
        patterns = tuple(
            (tuple(p for p in range(there.shape[1]) if bits >> p & 1), only(examples, code == bits))
            for bits in code.unique().tolist()
            if bits
        )
        within = only(examples, code > 0, (code > 0)[examples.which])
        return cls(letter, len(examples), only(examples, code == 0), within, patterns)


@dataclass(frozen=True)
class Slice:
    """The part of the embedding's space that a picture shows, through one letter: row (n_embd,) is where the letter
    is, at (2,) where the picture shows it, basis (k, n_embd) the one or two orthonormal directions of the picture."""

    row: torch.Tensor
    at: torch.Tensor
    basis: torch.Tensor

    def offsets(self, places: torch.Tensor) -> torch.Tensor:
        """From the letter to places (P, 2) of the picture, along the basis: (P, k)."""
        return (places - self.at)[:, : len(self.basis)]

    def rows(self, places: torch.Tensor) -> torch.Tensor:
        """What the letter's row is when the picture shows it there: (P, n_embd)."""
        return self.row + (self.offsets(places).to(self.basis.dtype) @ self.basis).to(self.row.dtype)


class Landscape:
    """The exact mean loss over all places of one letter in a slice; the rest of the network is constant.

    parameters are not changed, and must not be while this is in use.
    """

    def __init__(self, parameters: Parameters, contexts: LetterContexts, slice: Slice):
        if parameters.shape.tied:
            raise ValueError("With tied output weights a row of C is in every prediction, not in some contexts only.")
        self.parameters, self.contexts, self.slice = parameters, contexts, slice
        self._pieces = [
            _Piece(parameters, contexts.letter, positions, X, pairs, slice)
            for positions, examples in contexts.patterns
            for X, pairs in examples.pieces(COLUMNS)
        ]

    @cached_property
    def _without(self) -> float:
        """The part of the mean from contexts without the letter."""
        others = self.contexts.without
        if not len(others.contexts):
            return 0.0
        logp = pair_log_probabilities(self.parameters, others)
        return -float(logp.double() @ others.pairs.times) / self.contexts.total

    @cached_property
    def now(self) -> float:
        """The loss with the letter where it is."""
        return float(self.losses(self.slice.at.double().unsqueeze(0)))

    def losses(self, places: torch.Tensor) -> torch.Tensor:
        """The mean loss with the letter at places (P, 2) of the picture: (P,) float64, nats."""
        offsets = self.slice.offsets(places)
        total = torch.zeros(len(places), dtype=torch.float64)
        for piece in self._pieces:
            total += piece.sums(offsets)
        return total / self.contexts.total + self._without

    def gradient(self, place: torch.Tensor | None = None) -> torch.Tensor:
        """d loss / d row with the letter at a place (2,) of the picture, or where it is: (n_embd,).

        By the code that trains, over the contexts with the letter; the others do not contribute.
        """
        parameters, within = self.parameters, self.contexts.within
        if not len(within):
            return torch.zeros_like(self.slice.row)
        if place is not None:
            parameters = parameters.clone()
            parameters.C[self.contexts.letter] = self.slice.rows(place.unsqueeze(0))[0]
        return gradients(parameters, within).C[self.contexts.letter] * (len(within) / self.contexts.total)

    def slope(self, place: torch.Tensor | None = None) -> torch.Tensor:
        """The gradient as the picture shows it, along the basis: (2,) float64, nats per unit."""
        along = self.slice.basis.double() @ self.gradient(place).double()
        return torch.cat([along, along.new_zeros(2 - len(along))])


class _Piece:
    """Some contexts of one pattern, with everything precomputed that does not depend on the letter's place."""

    def __init__(self, parameters: Parameters, letter: int, positions: Sequence[int], X, pairs: Pairs, slice: Slice):
        network, dtype = parameters, parameters.flat.dtype
        n_embd, basis = network.shape.n_embd, slice.basis.to(dtype)
        at_places = lambda W: sum(W[p * n_embd : (p + 1) * n_embd] for p in positions)  # (n_embd, outputs)
        here = forward(network, X)
        self._network, self._M, self._pairs = network, len(X), pairs
        self._a = here.preactivation.T.unsqueeze(1).contiguous()  # (H, 1, M)
        self._moves = at_places(network.W1).T @ basis.T  # (H, k): how preactivations move with the letter
        self._base, self._direct = network.b2.unsqueeze(1), None
        if network.Wd is not None:
            self._direct = at_places(network.Wd).T @ basis.T  # (V, k)
            self._base = (here.emb.flatten(1) @ network.Wd + network.b2).T.unsqueeze(1)  # (V, 1, M)
        self._W2T = network.W2.T.contiguous()
        limit = 0.45 * math.log(torch.finfo(dtype).max)  # beyond it exp(2 a) could overflow
        self._exp = torch.exp(2 * self._a) if bool((self._a.abs() < limit).all()) else None
        self._limit = limit

    def sums(self, offsets: torch.Tensor) -> torch.Tensor:
        """-sum of times * log P(next | context) over the pairs, for each of the offsets (P, k): (P,) float64."""
        at_once = max(1, COLUMNS // self._M)
        offsets = offsets.to(self._moves.dtype)
        return torch.cat([self._sums(part) for part in offsets.split(at_once)])

    def _sums(self, offsets: torch.Tensor) -> torch.Tensor:
        P, M, V = len(offsets), self._M, self._network.shape.vocabulary_size
        logits = self._logits(offsets).view(V, P * M)
        logp = torch._log_softmax(logits, 0, False).view(-1)
        row, next, times = self._pairs
        found = logp.index_select(0, (next * (P * M) + row + M * torch.arange(P).unsqueeze(1)).view(-1))
        return -(found.view(P, -1).double() @ times)

    def _logits(self, offsets: torch.Tensor) -> torch.Tensor:
        """(V, P, M)."""
        h = self._hidden(self._moves @ offsets.T)
        V, (H, P, M) = len(self._W2T), h.shape
        if self._direct is None:
            return torch.addmm(self._base, self._W2T, h.view(H, P * M))
        logits = torch.mm(self._W2T, h.view(H, P * M)).view(V, P, M)
        return logits.add_(self._base).add_((self._direct @ offsets.T).unsqueeze(2))

    def _hidden(self, shift: torch.Tensor) -> torch.Tensor:
        """tanh(a + shift) for shift (H, P): (H, P, M)."""
        shift = shift.unsqueeze(2)
        if self._exp is None or bool((shift.abs() >= self._limit).any()):
            return torch.tanh(self._a + shift)
        h = torch.mul(self._exp, torch.exp(2 * shift))
        h.add_(1).reciprocal_()
        return torch.add(h.new_ones(()), h, alpha=-2, out=h)
