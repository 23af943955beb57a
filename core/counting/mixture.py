"""A network and a count model that vote: w of the one, 1 - w of the other. Pure.

Bengio et al. 2003 mix their network with a trigram, half and half, and gain (section 4.2, table 1): the
two err in different places.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import torch

from core.data.dataset import Examples
from core.engine.model import Parameters, pair_log_probabilities

POINTS = 101  # weights on the curve, 0 to 1
HALVINGS = 40  # of the interval in which the best weight lies


class Model(Protocol):
    def chances(self, split: Examples) -> torch.Tensor: ...


@dataclass(frozen=True)
class Mix:
    """losses[i]: on dev, nats per character, with weight i / (POINTS - 1) on the network; exact.

    best: the weight with the least loss `least`, to 1e-9. test: the loss on test with that weight,
    which was chosen without it.
    """

    losses: tuple[float, ...]
    best: float
    least: float
    test: float

    @property
    def half(self) -> float:
        """The loss on dev of the paper's mix."""
        return self.losses[POINTS // 2]


def mix(parameters: Parameters, model: Model, dev: Examples, test: Examples) -> Mix:
    """All mixes of the two. The splits' block size must be at least what either reads."""
    votes = _Votes(parameters, model, dev)
    best = votes.best()
    losses = tuple(votes.loss(i / (POINTS - 1)) for i in range(POINTS))
    return Mix(losses, best, votes.loss(best), _Votes(parameters, model, test).loss(best))


class _Votes:
    """What both say of each (context, next) that occurs. times, p (network), q (model): (pairs,) float64."""

    def __init__(self, parameters: Parameters, model: Model, split: Examples):
        self.times = split.pairs.times / len(split)
        self.p = pair_log_probabilities(parameters, split).double().exp()
        self.q = model.chances(split)

    def loss(self, w: float) -> float:
        return -float((self.times * (w * self.p + (1 - w) * self.q).log()).sum())

    def slope(self, w: float) -> float:
        """d loss / d w."""
        return -float((self.times * (self.p - self.q) / (w * self.p + (1 - w) * self.q)).sum())

    def best(self) -> float:
        """Where the loss is least: it is convex in w, so its slope changes sign once, or never."""
        if self.slope(0.0) >= 0:
            return 0.0
        if self.slope(1.0) <= 0:
            return 1.0
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.slope(middle) < 0 else (low, middle)
        return (low + high) / 2


def gained(mixed: Mix) -> str:
    """What mixing brings, in two sentences of true numbers."""
    gain = min(mixed.losses[0], mixed.losses[-1]) - mixed.least
    if not math.isfinite(gain):
        return "The network gives no finite loss, so there is nothing to mix."
    return (
        f"Least with {100 * mixed.best:.1f} % of the network: {mixed.least:.4f} on dev, {gain:.4f} below the better "
        f"of the two alone, and {mixed.test:.4f} on test. Half and half, as in the paper: {mixed.half:.4f} on dev."
    )
