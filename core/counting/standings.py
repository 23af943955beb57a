"""Which model predicts best: count models and networks on the same splits, as one table and one sentence. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.counting.kneser_ney import ORDERS, KneserNey
from core.counting.ngrams import COUNT_MODELS, UNIFORM, CountModel
from core.data.dataset import Dataset, Split
from core.messages import mark, tr

LONGEST = max(ORDERS) - 1  # characters of context of the count model with the longest context
ADD_K = COUNT_MODELS | {mark("5-gram"): (5, 0.1), mark("6-gram"): (6, 0.1)}
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
    return [Standing(name, COUNTS, "", model.order - 1, *map(model.loss, splits)) for name, model in models.items()]


def about_counting(name: str) -> str:
    """What a count model does, in a few words."""
    if name in ADD_K:
        return tr("adds {k:g} to every count", k=ADD_K[name][1])
    return tr("all characters equally likely") if name == UNIFORM else tr("falls back to shorter contexts")


def ranked(standings: Sequence[Standing]) -> list[Standing]:
    """The lowest dev loss first; losses that are not finite last."""
    return sorted(standings, key=lambda line: line.dev if math.isfinite(line.dev) else math.inf)


def standings_sentence(counts: Sequence[Standing], run: Standing, kept: Sequence[Standing] = ()) -> str:
    """Which model is better on dev: the visitor's run against the count models and the best run of the library."""
    best, network = ranked(counts)[0], ranked([run, *kept])[0]
    wins = network.dev < best.dev
    if wins and network is run:
        return _network_wins(run, best)
    said = [_network_wins(network, best) if wins else _counting_wins(best), _beside(counts, run), _alike(counts, run)]
    return " ".join(said if wins or network is run else [*said, _of_the_library(network)])


def _after(line: Standing) -> str:
    return tr("after 1 step") if line.step == 1 else tr("after {step:,} steps", step=line.step)


def _network_wins(line: Standing, best: Standing) -> str:
    values = {"dev": line.dev, "after": _after(line), "model": tr(best.name), "best": best.dev}
    if line.kind == RUN:
        return tr(
            "The network is better: your run has {dev:.4f} {after}; the best count model, {model}, reaches {best:.4f}.",
            **values,
        )
    return tr(
        "The network is better: “{name}” of the library has {dev:.4f} {after}; "
        "the best count model, {model}, reaches {best:.4f}.",
        name=line.name,
        **values,
    )


def _counting_wins(best: Standing) -> str:
    return tr("Counting is better: {model} reaches {dev:.4f} on dev.", model=tr(best.name), dev=best.dev)


def _of_the_library(line: Standing) -> str:
    return tr("In the library, “{name}” has the lowest dev loss: {dev:.4f}.", name=line.name, dev=line.dev)


def _beside(counts: Sequence[Standing], run: Standing) -> str:
    """The run between the count model just better and the one just worse, among COUNT_MODELS and the uniform guess."""
    known = ranked([line for line in counts if line.name in COUNT_MODELS or line.name == UNIFORM])
    ahead, beaten = ([line for line in known if (line.dev <= run.dev) is first] for first in (True, False))
    mine = {"dev": run.dev, "after": _after(run)}
    if not beaten:
        worst = tr(known[-1].name)
        return tr("Your run has {dev:.4f} {after}, no better than the {model} guess.", model=worst, **mine)
    mine |= {"worse": _called(beaten[0]), "its": beaten[0].dev}
    if not ahead:
        return tr("Your run has {dev:.4f} {after} and beats {worse} ({its:.4f}).", **mine)
    mine |= {"better": _called(ahead[-1]), "that": ahead[-1].dev}
    return tr("Your run has {dev:.4f} {after}: it beats {worse} ({its:.4f}), not {better} ({that:.4f}).", **mine)


def _called(line: Standing) -> str:
    return tr("the uniform guess") if line.name == UNIFORM else tr("the {model}", model=tr(line.name))


def _alike(counts: Sequence[Standing], run: Standing) -> str:
    """The best count model that sees no more characters than the network."""
    fair = ranked([line for line in counts if line.reads <= run.reads])[0]
    if fair.dev > run.dev:
        if run.reads == 1:
            return tr("No count model with at most 1 character of context does better.")
        return tr("No count model with at most {n} characters of context does better.", n=run.reads)
    values = {"model": tr(fair.name), "dev": fair.dev}
    if run.reads == 1:
        return tr("With at most 1 character of context, {model} reaches {dev:.4f}.", **values)
    return tr("With at most {n} characters of context, {model} reaches {dev:.4f}.", n=run.reads, **values)


def perplexity(loss: float) -> float:
    """e ** loss, for a loss in nats: guessing among this many equally likely characters has the same loss."""
    return math.exp(loss) if loss < 700 else math.inf
