"""A weighted average of the probabilities of a network (weight w) and a count model (weight 1 - w). Pure.

Bengio et al. 2003 average their network and a trigram with equal weights, and the loss is lower than that of
either (section 4.2, table 1): the two make different errors.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import torch

from core.data.dataset import Examples
from core.engine.model import Parameters, pair_log_probabilities
from core.messages import tr

POINTS = 101  # weights for which the loss is computed, 0 to 1
HALVINGS = 40  # bisection steps to find the best weight


class Model(Protocol):
    def pair_probabilities(self, split: Examples) -> torch.Tensor: ...


@dataclass(frozen=True)
class Mix:
    """losses[i]: exact dev loss, nats per character, with weight i / (POINTS - 1) for the network.

    best: the weight with the lowest dev loss (`least`), to 1e-9. test: the test loss with that weight,
    which was chosen on dev only.
    """

    losses: tuple[float, ...]
    best: float
    least: float
    test: float

    @property
    def half(self) -> float:
        """The dev loss with equal weights, as in the paper."""
        return self.losses[POINTS // 2]


def mix(parameters: Parameters, model: Model, dev: Examples, test: Examples) -> Mix:
    """Mix the two. The block size of both splits must be at least the context length of both models."""
    both = _Probabilities(parameters, model, dev)
    best = both.best()
    losses = tuple(both.loss(i / (POINTS - 1)) for i in range(POINTS))
    return Mix(losses, best, both.loss(best), _Probabilities(parameters, model, test).loss(best))


def alone_and_half(parameters: Parameters, model: Model, split: Examples) -> tuple[float, float]:
    """The loss of the network alone, and with equal weights; nats. As for `mix`, contexts must be long enough."""
    both = _Probabilities(parameters, model, split)
    return both.loss(1.0), both.loss(0.5)


class _Probabilities:
    """P of each (context, next) that occurs, (pairs,) float64: p by the network, q by the count model; times: share."""

    def __init__(self, parameters: Parameters, model: Model, split: Examples):
        self.times = split.pairs.times / len(split)
        self.p = pair_log_probabilities(parameters, split).double().exp()
        self.q = model.pair_probabilities(split)

    def loss(self, w: float) -> float:
        return -float((self.times * (w * self.p + (1 - w) * self.q).log()).sum())

    def slope(self, w: float) -> float:
        """d loss / d w."""
        return -float((self.times * (self.p - self.q) / (w * self.p + (1 - w) * self.q)).sum())

    def best(self) -> float:
        """The w with the lowest loss, by bisection: the loss is convex in w, so its slope changes sign at most once."""
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
    """How much lower the loss of the mix is, in two sentences."""
    gain = min(mixed.losses[0], mixed.losses[-1]) - mixed.least
    if not math.isfinite(gain):
        return tr("The network gives no finite loss, so there is nothing to mix.")
    return tr(
        "The loss is lowest with a weight of {weight:.1f} % for the network: {dev:.4f} on dev, {gain:.4f} below the "
        "better of the two alone, and {test:.4f} on test. With equal weights, as in the paper: {half:.4f} on dev.",
        weight=100 * mixed.best,
        dev=mixed.least,
        gain=gain,
        test=mixed.test,
        half=mixed.half,
    )
