"""Which model predicts best: count models and networks on the same splits, as one table and one sentence. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.counting.kneser_ney import ORDERS, KneserNey
from core.counting.ngrams import COUNT_MODELS, UNIFORM, CountModel
from core.data.dataset import Dataset, Split

LONGEST = max(ORDERS) - 1  # characters of context of the count model with the longest context
ADD_K = COUNT_MODELS | {"5-gram": (5, 0.1), "6-gram": (6, 0.1)}
SMOOTHED = {f"Kneser-Ney {order}": order for order in ORDERS}
COUNTS, RUN, KEPT = "counts", "run", "kept"  # kinds: a count model, the visitor's own run, a run of the library


@dataclass(frozen=True)
class Standing:
    """One row of the table. reads: characters of context. Losses in nats per character; test: None if unknown."""

    name: str
    kind: str
    about: str
    reads: int
    train: float
    dev: float
    test: float | None
    step: int | None = None


def count_models(train: Split) -> dict[str, CountModel | KneserNey]:
    """name -> model, fitted on `train`: those whose context the split has."""
    most = train.contexts.shape[1]
    return {
        UNIFORM: KneserNey(1, train.vocabulary_size),  # without any counts it predicts the uniform guess
        **{name: CountModel.fit(train, order, k) for name, (order, k) in ADD_K.items() if order <= most + 1},
        **{name: KneserNey.fit(train, order) for name, order in SMOOTHED.items() if order <= most + 1},
    }


def count_standings(models: dict[str, CountModel | KneserNey], dataset: Dataset) -> list[Standing]:
    """A row for each model with its exact losses. The block size of the dataset must be at least LONGEST."""
    splits = dataset.train, dataset.dev, dataset.test
    return [
        Standing(name, COUNTS, _about(name), model.order - 1, *map(model.loss, splits))
        for name, model in models.items()
    ]


def _about(name: str) -> str:
    if name in ADD_K:
        return f"adds {ADD_K[name][1]:g} to every count"
    return "all characters equally likely" if name == UNIFORM else "falls back to shorter contexts"


def ranked(standings: Sequence[Standing]) -> list[Standing]:
    """The lowest dev loss first; losses that are not finite last."""
    return sorted(standings, key=lambda line: line.dev if math.isfinite(line.dev) else math.inf)


def standings_sentence(counts: Sequence[Standing], run: Standing, kept: Sequence[Standing] = ()) -> str:
    """Which model is better on dev: the visitor's run against the count models and the best run of the library."""
    best, network = ranked(counts)[0], ranked([run, *kept])[0]
    if network.dev < best.dev:
        text = f"The network is better: {_whose(network)} {_has(network)}; "
        text += f"the best count model, {best.name}, reaches {best.dev:.4f}."
        if network is run:
            return text
    else:
        text = f"Counting is better: {_reaches(best)} on dev."
    mine = f"{text} Your run {_has(run)}{_between(counts, run)}{_alike(counts, run)}"
    return mine if network is run or network.dev < best.dev else f"{mine} {_of_the_library(network)}"


def _has(line: Standing) -> str:
    return f"has {line.dev:.4f} after {line.step:,} step{'s' if line.step != 1 else ''}"


def _whose(line: Standing) -> str:
    return "your run" if line.kind == RUN else f"“{line.name}” of the library"


def _of_the_library(line: Standing) -> str:
    return f"In the library, “{line.name}” has the lowest dev loss: {line.dev:.4f}."


def _reaches(line: Standing) -> str:
    return f"{line.name} reaches {line.dev:.4f}"


def _between(counts: Sequence[Standing], run: Standing) -> str:
    """The count model just better and the one just worse than the run, among COUNT_MODELS and the uniform guess."""
    known = ranked([line for line in counts if line.name in COUNT_MODELS or line.name == UNIFORM])
    ahead, beaten = ([line for line in known if (line.dev <= run.dev) is first] for first in (True, False))
    if not beaten:
        return f", no better than the {known[-1].name} guess."
    model = lambda line: f"the {line.name} guess" if line.name == UNIFORM else f"the {line.name}"
    if not ahead:
        return f" and beats {model(beaten[0])} ({beaten[0].dev:.4f})."
    return f": it beats {model(beaten[0])} ({beaten[0].dev:.4f}), not {model(ahead[-1])} ({ahead[-1].dev:.4f})."


def _alike(counts: Sequence[Standing], run: Standing) -> str:
    """The best count model that sees no more characters than the network."""
    fair = ranked([line for line in counts if line.reads <= run.reads])[0]
    characters = f"{run.reads} character{'s' if run.reads > 1 else ''}"
    if fair.dev > run.dev:
        return f" No count model with at most {characters} of context does better."
    return f" With at most {characters} of context, {_reaches(fair)}."


def perplexity(loss: float) -> float:
    """e ** loss, for a loss in nats: guessing among this many equally likely characters has the same loss."""
    return math.exp(loss) if loss < 700 else math.inf
