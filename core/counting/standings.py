"""Who predicts best: count models and networks on the same splits, in one table and one honest sentence. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.counting.kneser_ney import ORDERS, KneserNey
from core.counting.ngrams import COUNT_MODELS, UNIFORM, CountModel, context_keys
from core.data.dataset import Dataset, Split

LONGEST = max(ORDERS) - 1  # characters of context that the longest of them reads
MOST_COUNTED = 6_000_000  # numbers in a table of counts: 48 MB, and Kneser-Ney of order 6 keeps six such
ADD_K = COUNT_MODELS | {"5-gram": (5, 0.1), "6-gram": (6, 0.1)}
SMOOTHED = {f"Kneser-Ney {order}": order for order in ORDERS}
COUNTS, RUN, KEPT = "counts", "run", "kept"  # kinds: a count model, the visitor's run, one of the library


@dataclass(frozen=True)
class Standing:
    """One line. reads: characters of context. Losses in nats per character; test None where it is not known."""

    name: str
    kind: str
    about: str
    reads: int
    train: float
    dev: float
    test: float | None
    step: int | None = None


def count_models(train: Split) -> dict[str, CountModel | KneserNey]:
    """All by name that the split has context enough for, and whose tables are not too large, fitted on it."""
    most = readable(train)
    return {
        UNIFORM: KneserNey(1, train.vocabulary_size),  # that has counted nothing
        **{name: CountModel.fit(train, order, k) for name, (order, k) in ADD_K.items() if order <= most + 1},
        **{name: KneserNey.fit(train, order) for name, order in SMOOTHED.items() if order <= most + 1},
    }


def readable(train: Split) -> int:
    """The most characters of context, up to LONGEST, with which a table of counts has at most MOST_COUNTED numbers."""
    V, most = train.vocabulary_size, 1
    for length in range(2, min(LONGEST, train.contexts.shape[1]) + 1):
        if len(torch.unique(context_keys(train.contexts, length, V))) * V > MOST_COUNTED:
            break
        most = length
    return most


def count_standings(models: dict[str, CountModel | KneserNey], dataset: Dataset) -> list[Standing]:
    """A line for each, exact, on a dataset of block size LONGEST or more."""
    splits = dataset.train, dataset.dev, dataset.test
    return [
        Standing(name, COUNTS, _about(name), model.order - 1, *map(model.loss, splits))
        for name, model in models.items()
    ]


def _about(name: str) -> str:
    if name in ADD_K:
        return f"adds {ADD_K[name][1]:g} to every count"
    return "every character alike" if name == UNIFORM else "falls back on shorter contexts"


def ranked(standings: Sequence[Standing]) -> list[Standing]:
    """The best on dev first; what is no number last."""
    return sorted(standings, key=lambda line: line.dev if math.isfinite(line.dev) else math.inf)


def verdict(counts: Sequence[Standing], run: Standing, kept: Sequence[Standing] = ()) -> str:
    """Who beats whom on the dev split: the visitor's run among the count models, and the best of the library's."""
    best, network = ranked(counts)[0], ranked([run, *kept])[0]
    if network.dev < best.dev:
        said = f"The network is ahead: {_whose(network)} {_has(network)}; by counting, {_reaches(best)}."
        if network is run:
            return said
    else:
        said = f"Counting is ahead: {_reaches(best)} on dev."
    mine = f"{said} Your run {_has(run)}{_between(counts, run)}{_alike(counts, run)}"
    return mine if network is run or network.dev < best.dev else f"{mine} {_of_the_library(network)}"


def _has(line: Standing) -> str:
    return f"has {line.dev:.4f} after {line.step:,} step{'s' if line.step != 1 else ''}"


def _whose(line: Standing) -> str:
    return "your run" if line.kind == RUN else f"“{line.name}” of the library"


def _of_the_library(line: Standing) -> str:
    return f"Of the library's runs, “{line.name}” has the least: {line.dev:.4f}."


def _reaches(line: Standing) -> str:
    return f"{line.name} reaches {line.dev:.4f}"


def _between(counts: Sequence[Standing], run: Standing) -> str:
    """The models just below and just above the run, among those that add k."""
    known = ranked([line for line in counts if line.name in COUNT_MODELS or line.name == UNIFORM])
    ahead, beaten = ([line for line in known if (line.dev <= run.dev) is first] for first in (True, False))
    if not beaten:
        return f", no better than the {known[-1].name} guess."
    model = lambda line: f"the {line.name} guess" if line.name == UNIFORM else f"the {line.name}"
    if not ahead:
        return f" and beats {model(beaten[0])} ({beaten[0].dev:.4f})."
    return f": it beats {model(beaten[0])} ({beaten[0].dev:.4f}), not {model(ahead[-1])} ({ahead[-1].dev:.4f})."


def _alike(counts: Sequence[Standing], run: Standing) -> str:
    """The best model that sees no more than the network does."""
    fair = ranked([line for line in counts if line.reads <= run.reads])[0]
    characters = f"{run.reads} character{'s' if run.reads > 1 else ''}"
    if fair.dev > run.dev:
        return f" No count model that sees no more than its {characters} of context does better."
    return f" With no more than its {characters} of context, {_reaches(fair)}."


def perplexity(loss: float) -> float:
    """Of a loss in nats: among so many equally likely characters it is as hard to choose."""
    return math.exp(loss) if loss < 700 else math.inf
