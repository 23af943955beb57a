"""The lecture's repair of the initial weights, step by step: from plain randn to the scaled initialisation."""

import math
from dataclasses import dataclass

from core.analysis.diagnosis import Activity, sample_evenly
from core.config import Config
from core.data.dataset import Dataset
from core.engine.model import initialise, loss
from core.messages import mark


@dataclass(frozen=True)
class Repair:
    """One change to the initial weights, and the result of all changes so far.

    code: the line that makes the change; why: its purpose; loss: train loss after it, nats (`Dataset.watched`).
    """

    code: str
    why: str
    loss: float
    activity: Activity


def expected(vocabulary_size: int) -> float:
    """The loss of the uniform guess, which a well initialised network starts with, in nats: ln V."""
    return math.log(vocabulary_size)


def repairs(config: Config, dataset: Dataset) -> list[Repair]:
    """The changes from plain randn to the scaled initialisation of the same draws, for the config's shape and seed.

    A run with the scaled initialisation begins with other draws of the same spread (core/engine/draws.py).
    """
    parameters = initialise(config.with_(init="lecture"), len(dataset.vocabulary))
    named, K = parameters.named(), config.block_size * config.n_embd
    outputs = ["W2", "Wd"] if config.direct else ["W2"]
    small = "; ".join(f"{name} *= 0.01" for name in outputs)
    changes = [
        ("", (), 1.0, mark("Plain randn: confident and wrong.")),
        ("b2 *= 0", ("b2",), 0.0, mark("Nothing is preferred before anything is learned.")),
        (small, outputs, 0.01, mark("Logits near zero: a uniform guess.")),
        (f"W1 *= (5/3) / {K}**0.5", ("W1",), (5 / 3) / K**0.5, mark("Smaller sums, so that tanh is not saturated.")),
        ("b1 *= 0", ("b1",), 0.0, mark("No unit prefers one side of tanh.")),
    ]  # fmt: skip
    sample, watched, found = sample_evenly(dataset.train), dataset.watched("train"), []
    for code, names, factor, why in changes:
        for name in names:
            named[name].mul_(factor)
        found.append(Repair(code, why, loss(parameters, watched), Activity.of(parameters, sample)))
    return found
