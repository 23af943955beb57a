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

from dataclasses import dataclass

import torch

from core.counting.ngrams import context_keys, count_after, places, split_loss
from core.data.dataset import Examples

ORDERS = range(2, 7)  # context characters plus the predicted one
FALLBACK = {1: (0.5,), 3: (0.5, 1.0, 1.5)}  # discounts if they cannot be estimated: KenLM's --discount_fallback


@dataclass(frozen=True)
class Level:
    """The distinct contexts of one length: keys (M,), sorted (see `context_keys`), and probabilities (M, V) of next."""

    length: int
    keys: torch.Tensor
    probabilities: torch.Tensor


@dataclass(frozen=True)
class KneserNey:
    """levels: for contexts of 0, 1, 2 ... characters. The longest suffix of a context that was seen is used."""

    order: int
    vocabulary_size: int
    levels: tuple[Level, ...] = ()

    @classmethod
    def fit(cls, train: Examples, order: int, modified: bool = True) -> "KneserNey":
        """Count the training split; its block size must be at least order - 1."""
        counted = [count_after(train, length) for length in range(order)]
        model = cls(order, train.vocabulary_size)
        for length, (contexts, counts) in enumerate(counted):
            if length < order - 1:
                counts = _adjusted(contexts, counts, *counted[length + 1])
            inside = contexts[:, :2].any(1) if length > 1 else slice(None)
            model = model._with(contexts[inside], counts[inside], modified)
        return model

    def _with(self, contexts: torch.Tensor, counts: torch.Tensor, modified: bool) -> "KneserNey":
        """A model with one more level: contexts (M, length) and their adjusted counts (M, V)."""
        length, D = contexts.shape[1], discounts(counts, 3 if modified else 1)
        taken = torch.tensor([0.0, *D], dtype=torch.float64)[counts.clamp(max=len(D)).long()]
        left = taken.sum(1, keepdim=True) * self.probabilities(contexts)
        keys = context_keys(contexts, length, self.vocabulary_size)
        level = Level(length, keys, (counts - taken + left) / counts.sum(1, keepdim=True))
        return KneserNey(self.order, self.vocabulary_size, (*self.levels, level))

    def probabilities(self, X: torch.Tensor) -> torch.Tensor:
        """P(next character | context): X (B, at least order - 1) -> (B, V) float64."""
        P = torch.full((len(X), self.vocabulary_size), 1 / self.vocabulary_size, dtype=torch.float64)
        for level in self.levels:
            place, seen = places(level.keys, X, level.length, self.vocabulary_size)
            P[seen] = level.probabilities[place[seen]]
        return P

    def chances(self, split: Examples) -> torch.Tensor:
        """P(next | context) for each of `split.pairs`: (pairs,) float64."""
        row, next, _ = split.pairs
        P = torch.full((len(row),), 1 / self.vocabulary_size, dtype=torch.float64)
        for level in self.levels:
            place, seen = places(level.keys, split.contexts, level.length, self.vocabulary_size)
            seen = seen[row]
            P[seen] = level.probabilities[place[row[seen]], next[seen]]
        return P

    def loss(self, split: Examples) -> float:
        """Mean negative log-likelihood of a split, nats per character; exact."""
        return split_loss(self.chances(split), split)


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


def _adjusted(
    contexts: torch.Tensor, counts: torch.Tensor, longer: torch.Tensor, followed: torch.Tensor
) -> torch.Tensor:
    """How many distinct characters occur before each (context, next); for contexts at the start of a word, `counts`.

    contexts (M, n), counts (M, V); longer (L, n + 1), followed (L, V): the same for contexts with one more character.
    """
    length, V = contexts.shape[1], counts.shape[1]
    place = torch.searchsorted(context_keys(contexts, length, V), context_keys(longer, length, V))
    before = torch.zeros_like(counts).index_add_(0, place, (followed > 0).double())
    begins = contexts[:, :1].eq(0).any(1, keepdim=True)  # False for the empty context
    return torch.where(begins, counts, before)
