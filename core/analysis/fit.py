"""Train against dev: is a run over-fitting, under-fitting, or neither so far? A sentence with its numbers."""

import math
from dataclasses import dataclass

from core.counting.ngrams import COUNT_MODELS, UNIFORM
from core.engine.history import History

EARLY = 500  # steps until there is anything to say
AVERAGED = 6  # evaluations, about a doubling of the steps: single ones jump with the last minibatches
ROSE = 0.02  # nats that dev must have risen above its lowest
APART = 0.1  # nats between train and dev that are worth a word
TOGETHER = 0.05  # nats between them that are not
STALLED = 0.02  # nats that train must have fallen while the steps doubled, not to have stalled

OVER, UNDER, GAP, LEARNING, TOO_EARLY, NOTHING = "overfitting", "underfitting", "gap", "learning", "early", "nothing"


@dataclass(frozen=True)
class Fit:
    """kind: one of the six above; text: the sentence."""

    kind: str
    text: str


def fit(history: History, vocabulary_size: int, counted: tuple[str, float] | None = None) -> Fit:
    """What the exact losses say. counted: name and dev loss of a count model that sees no more than the network.

    Overfitting: dev is above its lowest while train went on falling. A gap: train is well below
    dev, which has not risen. Underfitting: both are together, and have stalled. All of means
    over the last doubling of the steps (`averages`).
    """
    rows, uniform = averages(history), math.log(vocabulary_size)
    if not rows or rows[-1][0] < EARLY:
        return Fit(TOO_EARLY, f"Too early to say: it takes {EARLY} steps or so.")
    step, train, dev = rows[-1]
    at, then, lowest = min(rows, key=lambda row: row[2])
    if train >= uniform:
        return Fit(NOTHING, f"Nothing to say: train, {train:.2f}, is no better than a uniform guess, {uniform:.2f}.")
    losses = f"train {train:.3f}, dev {dev:.3f}"
    if _rose(rows):
        return Fit(
            OVER,
            f"Overfitting: dev was lowest near step {at:,} ({lowest:.3f}) and is {dev:.3f} now, while train went on "
            f"falling, from {then:.3f} to {train:.3f}. Go back there, or try weight decay or fewer hidden units.",
        )
    if dev - train > APART:
        text = f"Train is {dev - train:.3f} nats ahead of dev ({losses}): it learns some words by heart"
        return Fit(GAP, f"{text}, but dev has not risen.")
    before = next((past for s, past, _ in reversed(rows) if s <= step / 2), rows[0][1])
    if before - train < STALLED and dev - train < TOGETHER:
        said = f"; the {counted[0]} counts its way to {counted[1]:.3f}" if counted and counted[1] < dev else ""
        return Fit(
            UNDER,
            f"Underfitting: {losses}, nearly alike, and hardly falling any more. More hidden units or dimensions, or "
            f"a lower learning rate at the end, could take it further{said}.",
        )
    return Fit(LEARNING, f"Neither over- nor underfitting so far: {losses}.")


def overfits(history: History) -> bool:
    """Dev is above its lowest while train went on falling; or back where it began, with train well below that."""
    rows = averages(history)
    if rows and rows[-1][0] >= EARLY and _rose(rows):
        return True
    (_, first_train, first_dev), (_, train, dev) = history.evaluations[0], history.evaluations[-1]
    return dev >= first_dev and train < first_train - APART


def _rose(rows: list[tuple[int, float, float]]) -> bool:
    """Whether dev is above its lowest, and train below where it was then. rows: of `averages`, at least one."""
    _, then, lowest = min(rows, key=lambda row: row[2])
    _, train, dev = rows[-1]
    return dev > lowest + ROSE and train < then


def averages(history: History) -> list[tuple[int, float, float]]:
    """(step, train, dev): means of each evaluation and the five before it, without step 0; called by the last step."""
    rows = [row for row in history.evaluations if row[0] > 0]
    groups = [rows[i - AVERAGED : i] for i in range(AVERAGED, len(rows) + 1)]
    return [(g[-1][0], sum(t for _, t, _ in g) / AVERAGED, sum(d for _, _, d in g) / AVERAGED) for g in groups]


def comparable(dev: dict[str, float], block_size: int) -> tuple[str, float] | None:
    """Of the count models with dev losses `dev` the best that sees no more characters than the network."""
    fair = {name: loss for name, loss in dev.items() if name != UNIFORM and COUNT_MODELS[name][0] - 1 <= block_size}
    return min(fair.items(), key=lambda item: item[1], default=None)
