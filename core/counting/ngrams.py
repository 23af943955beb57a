"""Count models on the same splits, as baselines for the network.

An n-gram model with add-k smoothing: P(c | context) = (count + k) / (total + k V),
over the last n - 1 characters. The lecture before (makemore part 1) builds the bigram.
"""

from dataclasses import dataclass

import torch

from core.counting.contexts import NONE, Contexts, count_pairs, rows_of, values_of
from core.data.dataset import Dataset, Examples
from core.messages import mark

# name -> (order n, k). The k of the trigram and the 4-gram were chosen on the dev split of the names.
COUNT_MODELS = {
    mark("unigram"): (1, 1.0),
    mark("bigram"): (2, 1.0),
    mark("trigram"): (3, 0.15),
    mark("4-gram"): (4, 0.1),
}
UNIFORM = mark("uniform")


@dataclass(frozen=True)
class CountModel:
    """pairs, counts (P,): each (context, next) of the training split and how often, as `count_pairs` gives them.

    totals (M,): how often each context of order - 1 characters occurs.
    """

    order: int
    k: float
    vocabulary_size: int
    contexts: Contexts
    pairs: torch.Tensor
    counts: torch.Tensor
    totals: torch.Tensor

    @classmethod
    def fit(cls, train: Examples, order: int, k: float) -> "CountModel":
        """Count the training split; its block size must be at least order - 1."""
        V, (contexts, ids) = train.vocabulary_size, Contexts.counted(train, order - 1)
        pairs, counts = count_pairs(ids[-1], train.pairs, V)
        totals = torch.zeros(len(contexts.numbers[-1]), dtype=torch.float64).index_add_(0, pairs // V, counts)
        return cls(order, k, V, contexts, pairs, counts, totals)

    def probabilities(self, X: torch.Tensor) -> torch.Tensor:
        """P(next character | context): X (B, at least order - 1) -> (B, V) float64. Unseen contexts: uniform."""
        ids = self.contexts.ids(X)[-1]
        counts = rows_of(self.pairs, self.counts, ids, self.vocabulary_size)
        return (counts + self.k) / (self._totals(ids).unsqueeze(1) + self.k * self.vocabulary_size)

    def pair_probabilities(self, split: Examples) -> torch.Tensor:
        """P(next | context) for each of `split.pairs`: (pairs,) float64."""
        ids = self.contexts.ids(split.contexts)[-1][split.pairs.row]
        counts = values_of(self.pairs, self.counts, ids, split.pairs.next, self.vocabulary_size)
        return (counts + self.k) / (self._totals(ids) + self.k * self.vocabulary_size)

    def _totals(self, ids: torch.Tensor) -> torch.Tensor:
        return torch.where(ids != NONE, self.totals[ids], 0.0)

    def loss(self, split: Examples) -> float:
        """Mean negative log-likelihood of a split, nats per character; exact."""
        return split_loss(self.pair_probabilities(split), split)


def split_loss(chances: torch.Tensor, split: Examples) -> float:
    """Mean negative log-likelihood of a split, nats per character. chances (pairs,): P of each of `split.pairs`."""
    return float(-(chances.log() * split.pairs.times).sum() / len(split))


@dataclass(frozen=True)
class Baselines:
    """The count models of one word list and their exact losses by name, such as `dev["bigram"]`."""

    models: dict[str, CountModel]
    train: dict[str, float]
    dev: dict[str, float]
    test: dict[str, float]

    @classmethod
    def of(cls, dataset: Dataset) -> "Baselines":
        """Fit on `dataset.train`. The block size must be at least 3."""
        models = {name: CountModel.fit(dataset.train, order, k) for name, (order, k) in COUNT_MODELS.items()}
        uniform = {UNIFORM: float(torch.tensor(float(len(dataset.vocabulary))).double().log())}
        losses = (
            uniform | {name: model.loss(split) for name, model in models.items()}
            for split in (dataset.train, dataset.dev, dataset.test)
        )
        return cls(models, *losses)
