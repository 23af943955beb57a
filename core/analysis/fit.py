"""Train against dev loss: is a run overfitting, underfitting, or neither? One sentence with its numbers."""

import math
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from core.counting.ngrams import COUNT_MODELS, UNIFORM
from core.counting.of_words import ORDERS
from core.engine.history import History
from core.messages import mark, tr

EARLY = 500  # steps before which nothing can be said
AVERAGED = 6  # evaluations, about a doubling of the steps: single evaluations vary with the last minibatches
ROSE = 0.02  # nats that dev must be above its lowest value to count as overfitting
APART = 0.1  # nats between train and dev that count as a gap
TOGETHER = 0.05  # nats between train and dev below which there is no gap
STALLED = 0.02  # train has stalled if it fell by less than this many nats while the steps doubled

DEV = itemgetter(2)  # the dev loss of (step, train, dev)
OVER, UNDER, GAP, LEARNING, TOO_EARLY, NOTHING = "overfitting", "underfitting", "gap", "learning", "early", "nothing"


@dataclass(frozen=True)
class Fit:
    """kind: one of the six above; text: the sentence."""

    kind: str
    text: str


def fit(history: History, vocabulary_size: int, counted: tuple[str, float] | None = None) -> Fit:
    """Judge the exact losses. counted: name and dev loss of a count model with no more context than the network.

    Overfitting: dev is above its lowest value while train continued to fall. Gap: train is well below
    dev, but dev has not risen. Underfitting: the two are close, and both have stalled. All use means over
    the last doubling of the steps (`averages`). The sentence has differences of them only: a mean beside the
    losses of the last step would be a second train loss.
    """
    rows, uniform = averages(history), math.log(vocabulary_size)
    if not rows or rows[-1][0] < EARLY:
        return Fit(TOO_EARLY, tr("Too early to judge: this needs about {steps} steps.", steps=EARLY))
    step, train, dev = rows[-1]
    since = history.evaluations[-AVERAGED][0]
    at, then, lowest = min(rows, key=DEV)
    if train >= uniform:
        nothing = mark("Nothing to judge yet: on average since step {since:,} the train loss is no better than a "
                       "uniform guess, {uniform:.2f}.")  # fmt: skip
        return Fit(NOTHING, tr(nothing, since=since, uniform=uniform))
    if _rose(rows):
        return Fit(
            OVER,
            tr(
                "Overfitting: on average since step {since:,} dev is {rose:.3f} nats above its lowest, near step "
                "{at:,}, while train is {fell:.3f} nats below what it was there. Go back to that step, or try weight "
                "decay or fewer units.",
                since=since, rose=dev - lowest, at=at, fell=then - train,
            ),
        )  # fmt: skip
    if dev - train > APART:
        gap = mark("On average since step {since:,} train is {gap:.3f} nats below dev: the network memorises some "
                   "words, but dev has not risen.")  # fmt: skip
        return Fit(GAP, tr(gap, since=since, gap=dev - train))
    before = next((past for s, past, _ in reversed(rows) if s <= step / 2), rows[0][1])
    if before - train < STALLED and dev - train < TOGETHER:
        text = tr(
            "Underfitting: on average since step {since:,} train and dev are {gap:.3f} nats apart, and they hardly "
            "fall any more. More hidden units or dimensions, or a lower learning rate at the end, could make it "
            "better.",
            since=since, gap=abs(dev - train),
        )  # fmt: skip
        if counted and counted[1] < dev:
            better = tr("The {model}, which only counts, has {loss:.3f}.", model=tr(counted[0]), loss=counted[1])
            text = f"{text} {better}"
        return Fit(UNDER, text)
    neither = mark("Neither overfitting nor underfitting so far: on average since step {since:,} train and dev are "
                   "{gap:.3f} nats apart.")  # fmt: skip
    return Fit(LEARNING, tr(neither, since=since, gap=abs(dev - train)))


def overfits(history: History) -> bool:
    """Dev is above its lowest while train went on falling; or back where it began, with train well below that."""
    rows = averages(history)
    if rows and rows[-1][0] >= EARLY and _rose(rows):
        return True
    (_, first_train, first_dev), (_, train, dev) = history.evaluations[0], history.evaluations[-1]
    return dev >= first_dev and train < first_train - APART


def _rose(rows: list[tuple[int, float, float]]) -> bool:
    """Whether dev is above its lowest, and train below where it was then. rows: of `averages`, at least one."""
    _, then, lowest = min(rows, key=DEV)
    _, train, dev = rows[-1]
    return dev > lowest + ROSE and train < then


def averages(history: History) -> list[tuple[int, float, float]]:
    """(step, train, dev): means over each evaluation and the AVERAGED - 1 before it; without step 0."""
    return list(_averages(tuple(history.evaluations)))


@lru_cache(maxsize=256)  # asked at every look
def _averages(evaluations: tuple) -> list[tuple[int, float, float]]:
    rows = [row for row in evaluations if row[0] > 0]
    steps, train, dev = zip(*rows) if rows else ((), (), ())
    groups = lambda losses: zip(*(losses[i:] for i in range(AVERAGED)))
    means = ([sum(group) / AVERAGED for group in groups(losses)] for losses in (train, dev))
    return list(zip(steps[AVERAGED - 1 :], *means))


def comparable(dev: dict[str, float], block_size: int) -> tuple[str, float] | None:
    """(name, dev loss) of the best count model that sees no more characters than the network, or None."""
    fair = {name: loss for name, loss in dev.items() if name != UNIFORM and COUNT_MODELS[name][0] - 1 <= block_size}
    return min(fair.items(), key=lambda item: item[1], default=None)


def comparable_of_words(dev: dict[str, float], block_size: int) -> tuple[str, float] | None:
    """The same at word level, where the models are those of core/counting/of_words.py."""
    fair = {name: dev[name] for name, order in ORDERS.items() if name in dev and order - 1 <= block_size}
    return min(fair.items(), key=lambda item: item[1], default=None)
