"""The lecture's repair of the first weights, step by step: plain randn in, the scaled initialisation out."""

import math
from dataclasses import dataclass

from core.analysis.diagnosis import Activity, spread
from core.config import Config
from core.data.dataset import Dataset
from core.engine.model import initialise, loss


@dataclass(frozen=True)
class Mend:
    """One more change to the first weights, and where they are then.

    code: the line that makes it; why: what it is good for; loss: exact, of the training split, nats.
    """

    code: str
    why: str
    loss: float
    activity: Activity


def expected(vocabulary_size: int) -> float:
    """The loss of a network that knows nothing yet and says so, in nats: ln V."""
    return math.log(vocabulary_size)


def mends(config: Config, dataset: Dataset) -> list[Mend]:
    """From plain randn, with the config's shape and seed, to its scaled initialisation: each on top of the last."""
    parameters = initialise(config.with_(init="lecture"), len(dataset.vocabulary))
    named, K = parameters.named(), config.block_size * config.n_embd
    outputs = ["W2", "Wd"] if config.direct else ["W2"]
    small = "; ".join(f"{name} *= 0.01" for name in outputs)
    changes = [
        ("", (), 1.0, "Confidently wrong."),
        ("b2 *= 0", ("b2",), 0.0, "No letter is favoured before anything is learned."),
        (small, outputs, 0.01, "Logits near zero: a uniform guess."),
        (f"W1 *= (5/3) / {K}**0.5", ("W1",), (5 / 3) / K**0.5, "Sums of ordinary size, so that tanh still bends."),
        ("b1 *= 0", ("b1",), 0.0, "Neither does a unit lean to one side."),
    ]  # fmt: skip
    sample, found = spread(dataset.train), []
    for code, names, factor, why in changes:
        for name in names:
            named[name].mul_(factor)
        found.append(Mend(code, why, loss(parameters, dataset.train), Activity.of(parameters, sample)))
    return found
