"""Count models on the same splits: what the network has to beat.

An n-gram model with add-k smoothing: P(c | context) = (count + k) / (total + k V),
over the last n - 1 characters. The lecture before (makemore part 1) builds the bigram.
"""

from dataclasses import dataclass

import torch

from core.data import Dataset, Split

# name -> (order n, k). The k of trigram and 4-gram do well on the dev split of the names.
COUNT_MODELS = {"unigram": (1, 1.0), "bigram": (2, 1.0), "trigram": (3, 0.15), "4-gram": (4, 0.1)}
UNIFORM = "uniform"


@dataclass(frozen=True)
class CountModel:
    """keys (M,): the distinct contexts of the training split as numbers, sorted; counts (M, V)."""

    order: int
    k: float
    keys: torch.Tensor
    counts: torch.Tensor

    @classmethod
    def fit(cls, train: Split, order: int, k: float) -> "CountModel":
        """Count the training split; its block size must be at least order - 1."""
        V = train.counts.shape[1]
        keys, which = torch.unique(_keys(train.contexts, order, V), return_inverse=True)
        counts = torch.zeros(len(keys), V, dtype=torch.float64).index_add_(0, which, train.counts.double())
        return cls(order, k, keys, counts)

    def probabilities(self, X: torch.Tensor) -> torch.Tensor:
        """P(next character | context): X (B, at least order - 1) -> (B, V) float64. Unseen contexts: uniform."""
        V = self.counts.shape[1]
        keys = _keys(X, self.order, V)
        place = torch.searchsorted(self.keys, keys).clamp(max=len(self.keys) - 1)
        seen = (self.keys[place] == keys).unsqueeze(1)
        counts = self.counts[place] * seen
        return (counts + self.k) / (counts.sum(1, keepdim=True) + self.k * V)

    def loss(self, split: Split) -> float:
        """Mean negative log-likelihood of a split, nats per character; exact."""
        return float(-(self.probabilities(split.contexts).log() * split.counts).sum() / len(split))


def _keys(X: torch.Tensor, order: int, V: int) -> torch.Tensor:
    """The last order - 1 characters of each row as one number in base V."""
    keys = torch.zeros(len(X), dtype=torch.int64)
    for column in X[:, X.shape[1] - (order - 1) :].unbind(1):
        keys = keys * V + column
    return keys


@dataclass(frozen=True)
class Baselines:
    """The count models of one word list, with their exact losses: `dev["bigram"]` and so on."""

    models: dict[str, CountModel]
    train: dict[str, float]
    dev: dict[str, float]
    test: dict[str, float]

    @classmethod
    def of(cls, dataset: Dataset) -> "Baselines":
        """Fit on a dataset of block size 3 or more."""
        models = {name: CountModel.fit(dataset.train, order, k) for name, (order, k) in COUNT_MODELS.items()}
        uniform = {UNIFORM: float(torch.tensor(float(len(dataset.vocabulary))).double().log())}
        losses = (
            uniform | {name: model.loss(split) for name, model in models.items()}
            for split in (dataset.train, dataset.dev, dataset.test)
        )
        return cls(models, *losses)
