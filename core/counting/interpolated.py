"""The interpolated trigram of Bengio et al. 2003, section 4.2 (deleted interpolation, Jelinek and Mercer 1980).

    P(w | u v) = a0 / V + a1 p(w) + a2 p(w | v) + a3 p(w | u v)

where each p is a relative frequency in the training split, and the four weights, whose sum is 1, depend on how
frequent (u v) is there. EM finds them on the validation split.
"""

import math
from dataclasses import dataclass

import torch

from core.counting.contexts import NONE, Contexts, count_pairs, values_of
from core.counting.ngrams import split_loss
from core.data.dataset import Examples

ROUNDS = 30  # of EM
WORDS = 2  # of context


@dataclass(frozen=True)
class InterpolatedTrigram:
    """numbers, shares: for contexts of 0, 1 and 2 words the keys and values of `values_of`. often (contexts,): how
    frequent each context of two words is. weights (classes of frequency, 4)."""

    vocabulary_size: int
    contexts: Contexts
    numbers: tuple[torch.Tensor, ...]
    shares: tuple[torch.Tensor, ...]
    often: torch.Tensor
    weights: torch.Tensor

    @classmethod
    def fit(cls, train: Examples, valid: Examples) -> "InterpolatedTrigram":
        """Their block size must be at least 2."""
        V, (contexts, ids) = train.vocabulary_size, Contexts.counted(train, WORDS)
        numbers, shares = [], []
        for of_length in ids:
            keys, counts = count_pairs(of_length, train.pairs, V)
            totals = torch.zeros(int(keys.max()) // V + 1, dtype=torch.float64).index_add_(0, keys // V, counts)
            numbers.append(keys)
            shares.append(counts / totals[keys // V])
        classes = math.ceil(math.log(len(train))) + 1
        even = torch.full((classes, WORDS + 2), 1 / (WORDS + 2), dtype=torch.float64)
        model = cls(V, contexts, tuple(numbers), tuple(shares), totals, even)
        parts, of, times = model._parts(valid), model._class_of(valid), valid.pairs.times.unsqueeze(1)
        for _ in range(ROUNDS):
            mine = model.weights[of] * parts
            expected = torch.zeros_like(even).index_add_(0, of, times * mine / mine.sum(1, keepdim=True))
            seen = expected.sum(1, keepdim=True)
            model.weights.copy_(torch.where(seen > 0, expected / seen.clamp(min=1e-300), even))
        return model

    def pair_probabilities(self, split: Examples) -> torch.Tensor:
        """P(next | context) of each of the split's pairs: (pairs,) float64."""
        return (self.weights[self._class_of(split)] * self._parts(split)).sum(1)

    def loss(self, split: Examples) -> float:
        """The mean loss in nats per word; exact."""
        return split_loss(self.pair_probabilities(split), split)

    def _parts(self, split: Examples) -> torch.Tensor:
        """1 / V and the three relative frequencies of each pair: (pairs, 4)."""
        row, next, _ = split.pairs
        found = [torch.full((len(row),), 1 / self.vocabulary_size, dtype=torch.float64)]
        for keys, shares, ids in zip(self.numbers, self.shares, self.contexts.ids(split.contexts)):
            found.append(values_of(keys, shares, ids[row], next, self.vocabulary_size))
        return torch.stack(found, 1)

    def _class_of(self, split: Examples) -> torch.Tensor:
        """The class of frequency of each pair's context: (pairs,). 0: as frequent as can be; the last: unseen."""
        ids = self.contexts.ids(split.contexts)[-1][split.pairs.row]
        often = torch.where(ids == NONE, 0.0, self.often[ids])
        classes = len(self.weights)
        return (math.log(float(self.often.sum())) - (1 + often).log()).ceil().long().clamp(0, classes - 1)
