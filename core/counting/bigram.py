"""The bigram model in three ways: by counting, as a one-layer network, and as the average prediction of a network.

The lecture before this one (makemore part 1) shows that a single layer W (V, V) on one-hot characters, with a
softmax, learns by gradient descent the same probabilities that counting gives at once.
"""

from dataclasses import dataclass

import torch

from core.data.dataset import Split
from core.engine.history import on_grid
from core.engine.model import Parameters, forward, rows_at_once

RATES = (10.0, 50.0, 100.0)  # learning rates; the lecture uses 50, and with 100 the loss never settles
MAX_STEPS = 5_000
LOSSES_PER_DECADE = 10  # per factor of ten in steps


def bigram_counts(split: Split) -> torch.Tensor:
    """How often each character (column) followed each character (row): (V, V) float64."""
    V, (row, next, times) = split.vocabulary_size, split.pairs
    before = split.contexts[row, -1]
    return torch.zeros(V * V, dtype=torch.float64).index_add_(0, before * V + next, times).view(V, V)


def following(counts: torch.Tensor) -> torch.Tensor:
    """P(next | previous) by counting without smoothing: (V, V); a row of zeros for a character that never occurred."""
    return counts / counts.sum(1, keepdim=True).clamp(min=1)


def network_after(parameters: Parameters, split: Split) -> torch.Tensor:
    """The network's P(next), averaged over the examples whose context ends in each character (row): (V, V) float64.

    The row is zero if no context ends in the character.
    """
    V = split.vocabulary_size
    total, often = torch.zeros(V, V, dtype=torch.float64), torch.zeros(V, dtype=torch.float64)
    rows = rows_at_once(V)
    for contexts, times in zip(split.contexts.split(rows), split.times.split(rows)):
        P, last = forward(parameters, contexts).log_probabilities.double().exp(), contexts[:, -1]
        total.index_add_(0, last, P * times.unsqueeze(1))
        often.index_add_(0, last, times)
    return total / often.clamp(min=1).unsqueeze(1)


@dataclass(frozen=True)
class BigramTraining:
    """The training of a one-layer network, from the uniform guess to the probabilities of counting.

    losses: (step, train loss, dev loss) before the update of that step, at steps evenly spaced in log(step) and at
    the last step. probabilities: at the same steps, (V, V) each. target: the train loss to reach; reached: the
    first step that reaches it (training stops there), or None if MAX_STEPS was not enough.
    """

    rate: float
    target: float
    losses: tuple[tuple[int, float, float], ...]
    probabilities: tuple[torch.Tensor, ...]
    reached: int | None


def descend(train: torch.Tensor, dev: torch.Tensor, target: float, rate: float) -> BigramTraining:
    """Full-batch gradient descent on W from zero, until the train loss is at most `target`.

    train, dev (V, V): `bigram_counts` of the splits.
    """
    W, N, often = torch.zeros_like(train), train.sum(), train.sum(1, keepdim=True)
    losses, probabilities = [], []
    for step in range(MAX_STEPS + 1):
        logp = torch.log_softmax(W, 1)
        loss = -float((logp * train).sum() / N)
        last = loss <= target or step == MAX_STEPS
        if last or on_grid(step, LOSSES_PER_DECADE):
            losses.append((step, loss, -float((logp * dev).sum() / dev.sum())))
            probabilities.append(logp.exp())
        if last:
            break
        W -= rate * (logp.exp() * often - train) / N  # d loss / d W
    return BigramTraining(rate, target, tuple(losses), tuple(probabilities), step if loss <= target else None)
