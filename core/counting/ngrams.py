"""Count models on the same splits, as baselines for the network.

An n-gram model with add-k smoothing: P(c | context) = (count + k) / (total + k V),
over the last n - 1 characters. The lecture before (makemore part 1) builds the bigram.
"""

from dataclasses import dataclass

import torch

from core.data.dataset import Dataset, Examples

# name -> (order n, k). The k of the trigram and the 4-gram were chosen on the dev split of the names.
COUNT_MODELS = {"unigram": (1, 1.0), "bigram": (2, 1.0), "trigram": (3, 0.15), "4-gram": (4, 0.1)}
UNIFORM = "uniform"


@dataclass(frozen=True)
class CountModel:
    """keys (M,): the distinct contexts of the training split (see `context_keys`), sorted; counts (M, V) of next."""

    order: int
    k: float
    keys: torch.Tensor
    counts: torch.Tensor

    @classmethod
    def fit(cls, train: Examples, order: int, k: float) -> "CountModel":
        """Count the training split; its block size must be at least order - 1."""
        contexts, counts = count_after(train, order - 1)
        return cls(order, k, context_keys(contexts, order - 1, counts.shape[1]), counts)

    def probabilities(self, X: torch.Tensor) -> torch.Tensor:
        """P(next character | context): X (B, at least order - 1) -> (B, V) float64. Unseen contexts: uniform."""
        place, seen = places(self.keys, X, self.order - 1, self.counts.shape[1])
        counts = self.counts[place] * seen.unsqueeze(1)
        return (counts + self.k) / (counts.sum(1, keepdim=True) + self.k * self.counts.shape[1])

    def chances(self, split: Examples) -> torch.Tensor:
        """P(next | context) for each of `split.pairs`: (pairs,) float64."""
        row, next, _ = split.pairs
        place, seen = places(self.keys, split.contexts, self.order - 1, self.counts.shape[1])
        counts, totals = self.counts[place[row], next] * seen[row], self.counts.sum(1)[place] * seen
        return (counts + self.k) / (totals[row] + self.k * self.counts.shape[1])

    def loss(self, split: Examples) -> float:
        """Mean negative log-likelihood of a split, nats per character; exact."""
        return split_loss(self.chances(split), split)


def split_loss(chances: torch.Tensor, split: Examples) -> float:
    """Mean negative log-likelihood of a split, nats per character. chances (pairs,): P of each of `split.pairs`."""
    return float(-(chances.log() * split.pairs[2]).sum() / len(split))


def context_keys(X: torch.Tensor, length: int, V: int) -> torch.Tensor:
    """The last `length` characters of each row of X as one number in base V, (rows,) int64; keeps the order of rows."""
    keys = torch.zeros(len(X), dtype=torch.int64)
    for column in X[:, X.shape[1] - length :].unbind(1):
        keys = keys * V + column
    return keys


def places(keys: torch.Tensor, X: torch.Tensor, length: int, V: int) -> tuple[torch.Tensor, torch.Tensor]:
    """For each row of X, the index of its last `length` characters in the sorted `keys`, and whether they are there."""
    wanted = context_keys(X, length, V)
    if not len(keys):
        return torch.zeros_like(wanted), torch.zeros_like(wanted, dtype=torch.bool)
    place = torch.searchsorted(keys, wanted).clamp(max=len(keys) - 1)
    return place, keys[place] == wanted


def count_after(split: Examples, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The distinct contexts of `length` characters (M, length), sorted, and the counts of next after each (M, V)."""
    V = split.vocabulary_size
    keys, which = torch.unique(context_keys(split.contexts, length, V), return_inverse=True)
    contexts = torch.empty(len(keys), length, dtype=torch.int64)
    contexts[which] = split.contexts[:, split.contexts.shape[1] - length :]
    row, next, times = split.pairs
    counts = torch.zeros(len(keys) * V, dtype=torch.float64).index_add_(0, which[row] * V + next, times)
    return contexts, counts.view(len(keys), V)


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
