"""Contexts that are not in the training split: what the network and a count model predict after them.

The paper's argument: a count model knows nothing about a context that never occurred; a network uses what
it learned from contexts whose letters have similar embeddings.
"""

from dataclasses import dataclass

import torch

from core.counting.ngrams import COUNT_MODELS, Baselines, CountModel
from core.data.dataset import Dataset, Examples
from core.data.vocabulary import Vocabulary
from core.engine.model import Parameters, forward, loss

NEAREST, FOLLOWERS = 5, 4


@dataclass(frozen=True)
class Unseen:
    """The examples of the dev split whose contexts the training split has not. share: of all dev examples.

    order (U,): the distinct ones among those contexts, by their rows, those that occur most often first.
    """

    examples: Examples
    order: tuple[int, ...]
    share: float

    @classmethod
    def of(cls, dataset: Dataset) -> "Unseen":
        known = set(map(tuple, dataset.train.contexts.tolist()))
        new = torch.tensor([tuple(row) not in known for row in dataset.dev.contexts.tolist()])
        dev = dataset.dev
        among = new[dev.which]
        examples = Examples.counted(dev.X[among], dev.Y[among], len(dataset.vocabulary))
        order = examples.times.argsort(descending=True, stable=True).tolist()
        return cls(examples, tuple(order), len(examples) / len(dev))

    def __len__(self) -> int:
        return len(self.order)


def rival(baselines: Baselines, block_size: int) -> tuple[str, CountModel]:
    """(name, count model): the one that sees as many characters as the network, at most three."""
    order = min(block_size, 3) + 1
    name = next(name for name, (n, _) in COUNT_MODELS.items() if n == order)
    return name, baselines.models[name]


def losses(parameters: Parameters, unseen: Unseen, model: CountModel) -> tuple[float, float]:
    """Exact losses on all unseen contexts: (network, count model), in nats per character."""
    return loss(parameters, unseen.examples), model.loss(unseen.examples)


def answers(parameters: Parameters, dataset: Dataset, unseen: Unseen, model: CountModel, i: int) -> dict:
    """Unseen context number i: what followed, what network and count model say, and the nearest seen contexts.

    context and each neighbour's context: the symbols of it. followed, said, counted and each neighbour's
    followed: [symbol's index, times or probability], most first.
    nearest: the seen contexts whose concatenated rows of C lie closest (Euclidean), with that distance.
    """
    row = unseen.order[i]
    X = unseen.examples.contexts[row : row + 1]
    seen = forward(parameters, X)
    chances, counted = seen.log_probabilities[0].exp(), model.probabilities(X)[0]
    train = dataset.train
    apart = (parameters.C[train.contexts] - parameters.C[X]).flatten(1).norm(dim=1)
    near = apart.topk(min(NEAREST, len(apart)), largest=False)
    return {
        "context": _written(X[0], dataset.vocabulary),
        "followed": _most(unseen.examples.followers(row)),
        "said": _most(chances.nan_to_num()),
        "counted": _most(counted),
        "even": bool((counted == counted[0]).all()),  # the count model never saw it either: it says nothing
        "nearest": [
            {"context": _written(train.contexts[m], dataset.vocabulary), "distance": f"{apart:.3f}",
             "followed": _most(train.followers(m)), "times": int(train.times[m])}
            for apart, m in zip(near.values.tolist(), near.indices.tolist())
        ],
    }  # fmt: skip


def _written(context: torch.Tensor, vocabulary: Vocabulary) -> list[str]:
    return [vocabulary.itos[i] for i in context]


def _most(values: torch.Tensor) -> list[list[float]]:
    """The largest of values (V,) that are not zero, at most FOLLOWERS: [index, value]."""
    top = values.topk(min(FOLLOWERS, len(values)))
    return [[i, round(value, 4)] for value, i in zip(top.values.tolist(), top.indices.tolist()) if value > 0]
