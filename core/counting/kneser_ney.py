"""Interpolated Kneser-Ney smoothing: the best of the count models.

From Chen & Goodman 1999, "An empirical study of smoothing techniques for language modeling",
with one discount D (ordinary) or three (modified):

    P(c | h) = (a(h c) - D(a(h c)) + left(h) * P(c | h')) / a(h)

where left(h) is the sum of all discounts after h, and h' is h without its first character, down to
the empty context, which falls back to the uniform guess. a(h c) is, at the highest order, how often
c followed h; at the lower orders, how many distinct characters occurred before h c, because the count
of a character that follows only q (such as u) says little about other contexts. No character comes
before the start of a word: contexts that begin there keep their counts, and a context with more than
one start symbol is the same as the one with a single start symbol (as in KenLM).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from core.counting.contexts import NONE, Contexts, count_pairs, rows_of, values_of
from core.counting.ngrams import split_loss
from core.data.dataset import Examples

ORDERS = range(2, 7)  # context characters plus the predicted one
FALLBACK = {1: (0.5,), 3: (0.5, 1.0, 1.5)}  # discounts if they cannot be estimated: KenLM's --discount_fallback


@dataclass(frozen=True)
class Level:
    """The contexts of one length.

    pairs, kept (P,): each (context, next) as `count_pairs` gives them, and its discounted share, (a - D) / a(h).
    left (M,): the share that each context leaves to the shorter one; NaN where this level has no answer.
    """

    pairs: torch.Tensor
    kept: torch.Tensor
    left: torch.Tensor


@dataclass(frozen=True)
class KneserNey:
    """levels: for contexts of 0, 1, 2 ... characters. The longest suffix of a context that was seen is used."""

    order: int
    vocabulary_size: int
    contexts: Contexts | None = None
    levels: tuple[Level, ...] = ()

    @classmethod
    def fit(cls, train: Examples, order: int, modified: bool = True) -> "KneserNey":
        """Count the training split; its block size must be at least order - 1."""
        return cls.fit_all(train, [order], modified)[order]

    @classmethod
    def fit_all(cls, train: Examples, orders: Sequence[int], modified: bool = True) -> dict[int, "KneserNey"]:
        """A model of each order; the split's block size must be at least the largest order - 1.

        What is counted of short contexts is the same in all of them.
        """
        V, (contexts, ids) = train.vocabulary_size, Contexts.counted(train, max(orders) - 1)
        counted = [count_pairs(of_length, train.pairs, V) for of_length in ids]

        def level(length: int, adjusted: bool) -> Level:
            pairs, counts = counted[length]
            if adjusted:
                counts = _adjusted(contexts, length, pairs, counts, counted[length + 1][0], V)
            inside = _within_the_word(contexts, length)[pairs // V]
            return _level(len(contexts.numbers[length]), pairs[inside], counts[inside], V, modified)

        lower = [level(length, True) for length in range(max(orders) - 1)]
        levels = {order: (*lower[: order - 1], level(order - 1, False)) for order in orders}
        return {order: cls(order, V, Contexts(contexts.numbers[:order]), levels[order]) for order in orders}

    def probabilities(self, X: torch.Tensor) -> torch.Tensor:
        """P(next character | context): X (B, at least order - 1) -> (B, V) float64."""
        V = self.vocabulary_size
        P = torch.full((len(X), V), 1 / V, dtype=torch.float64)
        for level, ids in self._answering(X):
            kept = rows_of(level.pairs, level.kept, ids, V)
            P = torch.where((ids != NONE).unsqueeze(1), kept + level.left[ids].unsqueeze(1) * P, P)
        return P

    def pair_probabilities(self, split: Examples) -> torch.Tensor:
        """P(next | context) for each of `split.pairs`: (pairs,) float64."""
        row, next, _ = split.pairs
        P = torch.full((len(row),), 1 / self.vocabulary_size, dtype=torch.float64)
        for level, found in self._answering(split.contexts):
            ids = found[row]
            kept = values_of(level.pairs, level.kept, ids, next, self.vocabulary_size)
            P = torch.where(ids != NONE, kept + level.left[ids] * P, P)
        return P

    def _answering(self, X: torch.Tensor) -> Iterator[tuple[Level, torch.Tensor]]:
        """Each level, and for each row of X the id of its context (B,), NONE where the level has no answer."""
        for level, ids in zip(self.levels, self.contexts.ids(X) if self.contexts else ()):
            yield level, torch.where(level.left[ids].isnan(), NONE, ids)

    def loss(self, split: Examples) -> float:
        """Mean negative log-likelihood of a split, nats per character; exact."""
        return split_loss(self.pair_probabilities(split), split)


def discounts(counts: torch.Tensor, how_many: int) -> tuple[float, ...]:
    """The discounts for a count of 1, 2 ... `how_many` or more, estimated from n1, n2 ...: how many counts are 1, 2 ...

    how_many 1: n1 / (n1 + 2 n2). 3: equation 26 of Chen & Goodman. FALLBACK if one of them cannot be
    computed or is not positive.
    """
    n = torch.bincount(counts[counts <= how_many + 1].long(), minlength=how_many + 2).tolist()
    if not all(n[1:]):
        return FALLBACK[how_many]
    Y = n[1] / (n[1] + 2 * n[2])
    found = tuple(i - (i + 1) * Y * n[i + 1] / n[i] for i in range(1, how_many + 1))
    return found if min(found) > 0 else FALLBACK[how_many]


def _within_the_word(contexts: Contexts, length: int) -> torch.Tensor:
    """Whether each context of this length has at most one start symbol: (M,)."""
    if length < 2:
        return torch.ones(len(contexts.numbers[length]), dtype=torch.bool)
    second = contexts.first(length - 1)[contexts.rest(length)]
    return contexts.first(length).bool() | second.bool()


def _adjusted(
    contexts: Contexts, length: int, pairs: torch.Tensor, counts: torch.Tensor, longer: torch.Tensor, V: int
) -> torch.Tensor:
    """How many distinct characters occur before each pair; for contexts at the start of a word, `counts`.

    pairs, counts (P,): of contexts of this length; longer: the pairs of those with one more character.
    """
    shortened = contexts.rest(length + 1)[longer // V] * V + longer % V
    before = torch.bincount(torch.searchsorted(pairs, shortened), minlength=len(pairs)).double()
    if length == 0:
        return before
    return torch.where(contexts.first(length)[pairs // V] == 0, counts, before)


def _level(size: int, pairs: torch.Tensor, counts: torch.Tensor, V: int, modified: bool) -> Level:
    """The level of `size` contexts with these adjusted counts (P,)."""
    D = torch.tensor([0.0, *discounts(counts, 3 if modified else 1)], dtype=torch.float64)
    taken, which, zeros = D[counts.clamp(max=len(D) - 1).long()], pairs // V, torch.zeros(size, dtype=torch.float64)
    totals = zeros.index_add(0, which, counts)
    return Level(pairs, (counts - taken) / totals[which], zeros.index_add(0, which, taken) / totals)
