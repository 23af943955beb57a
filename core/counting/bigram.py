"""The bigram three ways: counted, as a one-layer network that is trained, and as what a larger network says. Pure.

The lecture before this one (makemore part 1) finds that a single layer W (V, V) of a one-hot character,
with a softmax, learns by gradient descent what counting knows at once.
"""

from dataclasses import dataclass

import torch

from core.counting.ngrams import count_after
from core.data.dataset import Split
from core.engine.history import on_grid
from core.engine.model import Parameters, forward, rows_at_once

RATES = (10.0, 50.0, 100.0)  # the lecture takes 50; 100 leaps over the valley and never settles
MOST_STEPS = 5_000
FRAMES_PER_DECADE = 10


def bigram_counts(split: Split) -> torch.Tensor:
    """How often each character followed each: (V, V) float64, row: the one before."""
    contexts, counts = count_after(split, 1)
    return torch.zeros(counts.shape[1], counts.shape[1], dtype=torch.float64).index_copy_(0, contexts[:, 0], counts)


def following(counts: torch.Tensor) -> torch.Tensor:
    """P(next | the one before) by counting alone, without smoothing: (V, V); zeros after what was never seen."""
    return counts / counts.sum(1, keepdim=True).clamp(min=1)


def network_after(parameters: Parameters, split: Split) -> torch.Tensor:
    """What a network says after each character, on average over the examples whose context ends in it: (V, V) float64.

    The row of a character that no context ends in is zero.
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
class Descent:
    """A one-layer network's way from the uniform guess to the counts.

    losses: (step, train loss, dev loss) before that step's update, at a few steps, evenly in log-step, and at
    the last. probabilities: at the same steps, (V, V) each. target: the train loss to be reached; reached:
    the first step that has it, where the descent ends, or None if MOST_STEPS did not suffice.
    """

    rate: float
    target: float
    losses: tuple[tuple[int, float, float], ...]
    probabilities: tuple[torch.Tensor, ...]
    reached: int | None


def descend(train: torch.Tensor, dev: torch.Tensor, target: float, rate: float) -> Descent:
    """Full-batch gradient descent on W from zero, until the train loss is at most `target`.

    train, dev (V, V): `bigram_counts` of the splits.
    """
    W, N, often = torch.zeros_like(train), train.sum(), train.sum(1, keepdim=True)
    losses, probabilities = [], []
    for step in range(MOST_STEPS + 1):
        logp = torch.log_softmax(W, 1)
        loss = -float((logp * train).sum() / N)
        last = loss <= target or step == MOST_STEPS
        if last or on_grid(step, FRAMES_PER_DECADE):
            losses.append((step, loss, -float((logp * dev).sum() / dev.sum())))
            probabilities.append(logp.exp())
        if last:
            break
        W -= rate * (logp.exp() * often - train) / N  # d loss / d W
    return Descent(rate, target, tuple(losses), tuple(probabilities), step if loss <= target else None)
