"""The internal state of a network: saturation, dead units, gradients, updates; and problems with it, as sentences.

A checkup belongs to one checkpoint. Its averages over the training split are taken on a fixed sample,
so that checkups can be compared and are fast enough while the run trains.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.analysis.status import blind, likely_cause, not_learning
from core.analysis.updates import Updates
from core.config import ADAGRAD, Config, lower_rate
from core.data.dataset import Dataset, Examples
from core.engine.gradients import gradients
from core.engine.history import History
from core.engine.model import FLAT, ROWS, SATURATED, Parameters, Shape, to_hidden
from core.engine.moves import of_knobs
from core.engine.snapshot import Snapshot
from core.messages import mark, tr

EXAMPLES = 2_000  # in the sample
LOGITS = 4_000_000  # of the sample in all: fewer examples where the vocabulary has thousands of words
CHECKUPS_PER_DECADE = 25  # at most, per factor of ten in steps; a run may have twice as many checkpoints


def sample_evenly(train: Examples) -> Examples:
    """The sample: evenly spaced examples of the training split, always the same."""
    n = min(EXAMPLES, len(train), LOGITS // train.vocabulary_size)
    picks = torch.arange(n) * len(train) // n
    return Examples.uncounted(train.X[picks], train.Y[picks], train.vocabulary_size)


@dataclass(frozen=True)
class Activity:
    """The hidden activations on a sample. saturated, flat: shares of |activation| above 0.97 and 0.99; histogram:
    shares in 20 bins from -1 to 1. All are zero for a network without hidden units."""

    saturated: float
    flat: float
    histogram: tuple[float, ...]

    @classmethod
    def of(cls, parameters: Parameters, sample: Examples) -> "Activity":
        h = to_hidden(parameters, sample.X)[2]  # without the logits, which are slow
        share = lambda beyond: float((h.abs() > beyond).sum()) / max(1, h.numel())
        parts = torch.histc(h, bins=20, min=-1, max=1) / max(1, h.numel())
        return cls(share(SATURATED), share(FLAT), tuple(parts.tolist()))


def dead_units(parameters: Parameters, sample: Examples, train: Examples) -> int:
    """How many hidden units have |activation| above 0.99 for every context of the training split; exact.

    Only units for which that holds on the sample are checked on the rest.
    """
    candidates = (to_hidden(parameters, sample.X)[2].abs() > FLAT).all(0).nonzero().flatten()
    if not len(candidates):
        return 0
    few, dead = parameters.only(candidates), torch.ones(len(candidates), dtype=torch.bool)
    for contexts in train.contexts.split(ROWS):
        h = to_hidden(few, contexts)[2]
        dead &= (h.abs() > FLAT).all(0)
    return int(dead.sum())


@dataclass(frozen=True)
class Checkup:
    """The measurements of one checkpoint. dead: number of dead units (`dead_units`).

    norms: parameter -> norm of the gradient of the loss on the sample. ratios: parameter -> log10(norm of
    the next update / norm of the parameter), for the run's own next minibatch, learning rate and weight
    decay; parameters where one of the two is zero are left out.
    """

    step: int
    activity: Activity
    dead: int
    norms: dict[str, float]
    ratios: dict[str, float]


class Examination:
    """The checkups of one run at its checkpoints, updated from its snapshots as it trains.

    due: how many checkpoints of the run are to be examined.
    """

    def __init__(self):
        self.due = 0
        self._known: dict[int, tuple[tuple, Checkup]] = {}  # by step: (checkpoint, config), and the checkup
        self._number = self._sample = self._updates = None

    @property
    def checkups(self) -> list[Checkup]:
        """In the order of their steps."""
        return [self._known[step][1] for step in sorted(self._known)]

    def update(self, snapshot: Snapshot, dataset: Dataset, seconds: float = math.inf) -> bool:
        """Examine checkpoints for about `seconds`, at least the first and the newest. Return whether all are examined.

        The others follow in ever smaller steps, so that charts of them reach over all of the run from the beginning.
        """
        if snapshot.number != self._number:
            self._number, self._sample, self._updates = snapshot.number, sample_evenly(dataset.train), None
            self._known = {}
        indices = spaced([step for step, _ in snapshot.history.checkpoints])
        points = [snapshot.history.checkpoints[index] for index in indices]
        due = {point[0]: (point, config_at(snapshot.history, point[0])) for point in points}
        # a run that failed goes back to an earlier step; a knob can change at the step of the last checkup
        self._known = {step: made for step, made in self._known.items() if due.get(step) == made[0]}
        self.due, made = len(due), 0
        shape, until = Shape.of(snapshot.config, len(snapshot.vocabulary)), time.monotonic() + seconds
        for place in coarse_first(len(points)):
            step = points[place][0]
            if step in self._known:
                continue
            if made and time.monotonic() > until and 0 < place < len(points) - 1:
                break
            parameters = Parameters.thaw(shape, snapshot.history.parameters_at(indices[place]))
            made += 1
            self._known[step] = due[step], self._checkup(step, parameters, due[step][1], dataset)
        return len(self._known) == len(due)

    def _checkup(self, step: int, parameters: Parameters, config: Config, dataset: Dataset) -> Checkup:
        sample = self._sample
        norms = _norms(gradients(parameters, sample))
        sizes, moves = _norms(parameters), _norms(self._update(step, parameters, config, dataset))
        ratios = {
            name: math.log10(moves[name] / size)
            for name, size in sizes.items()
            if 0 < size < math.inf and 0 < moves[name] < math.inf
        }
        dead = dead_units(parameters, sample, dataset.train)
        return Checkup(step, Activity.of(parameters, sample), dead, norms, ratios)

    def _update(self, step: int, parameters: Parameters, config: Config, dataset: Dataset) -> Parameters:
        how = config.batch_size, config.weight_decay
        if self._updates is None or self._updates[0] != how:
            self._updates = how, Updates(parameters, config, dataset)
        updates = self._updates[1]
        updates.parameters.flat.copy_(parameters.flat)
        return updates.loss_and_update(step, config.learning_rate_at(step))[1]


def coarse_first(n: int) -> list[int]:
    """0 to n - 1: the first, the last, and then those between, in ever smaller steps."""
    back = lambda i: n - 1 - i
    return sorted(range(n), key=lambda i: (i > 0, back(i) > 0, -(back(i) & -back(i)), i))


def spaced(steps: Sequence[int]) -> list[int]:
    """Indices into `steps` (ascending from 0), so that each chosen step is at least 10 ** (1 / CHECKUPS_PER_DECADE)
    times the one before. Whether a step is chosen depends only on earlier steps, so it stays chosen."""
    kept: list[int] = []
    for i, step in enumerate(steps):
        if not kept or step >= 0.999 * steps[kept[-1]] * 10 ** (1 / CHECKUPS_PER_DECADE):
            kept.append(i)
    return kept


def config_at(history: History, step: int) -> Config:
    """The config at `step`: that at step 0 with all changes up to and including `step`."""
    return Config(**history.config).with_(**of_knobs([change for change in history.changes if change[0] <= step]))


def _norms(parameters: Parameters) -> dict[str, float]:
    return {name: float(tensor.norm()) for name, tensor in parameters.named().items() if tensor.numel()}


# ---------------------------------------------------------------- alarms

MUCH = 0.25  # share of activations above 0.99 at step 0: scaled weights give 0.1, with some seeds 0.2
NEARLY_ALL = 0.9  # the same after training: healthy runs reach 0.67
DEAD = 0.02  # share of dead units
CONFIDENT = 0.5  # nats that the first loss is above the uniform guess
LARGE, SMALL = -1.5, -4.5  # log10 of update to weight: about -3 is usual
SETTLED = 100  # steps before which updates are not judged


@dataclass(frozen=True)
class Alarm:
    """name: one of the keys in `alarms`; text: what is wrong and what to do, for a person."""

    name: str
    text: str


Problem = tuple[str, str]  # what is wrong, and what to do about the learning rate


def alarms(checkups: list[Checkup], history: History, vocabulary_size: int, advised: bool = False) -> list[Alarm]:
    """The problems of a run, the most serious first; [] for a healthy run.

    Only the first of them advises another learning rate, and none if a person was `advised` already: several
    answers would contradict one another. checkups: at least one.
    How far healthy runs are from each threshold: tests/analysis/test_diagnosis.py.
    """
    config, uniform = history.config_now(), math.log(vocabulary_size)
    found = [
        ("blind", blind(config)),
        ("not_learning", _not_learning(history, uniform)),
        ("first_loss", _first_loss(config, history.evaluations[0][1], uniform)),
        ("initialisation", _initialisation(config, checkups[0])),
        ("saturated", _saturated(history, checkups)),
        ("dead", _dead(config, checkups[-1])),
        ("large_updates", _large(config, checkups[-1])),
        ("small_updates", _small(config, checkups)),
    ]
    made = []
    for name, problem in found:
        if isinstance(problem, tuple):
            what, advice = problem
            problem, advised = (f"{what}." if advised else f"{what}; {advice}."), True
        if problem:
            made.append(Alarm(name, problem))
    return made


def highest_rate(history: History) -> float:
    """The highest learning rate so far; it may have been lowered since."""
    return max((rate for _, _, rate, _ in history.losses), default=history.config["learning_rate"])


def _not_learning(history: History, uniform: float) -> Problem | None:
    if not_learning(history, uniform):
        step, loss, _ = history.evaluations[-1]
        cause = likely_cause(history.config_now().with_(learning_rate=highest_rate(history), schedule="constant"), step)
        why, _, advice = cause.partition("; ")
        what = mark("At step {step:,} the loss is {loss:.2f}, but a uniform guess has {uniform:.2f}: {why}")
        return tr(what, step=step, loss=loss, uniform=uniform, why=why), advice


def _first_loss(config: Config, first: float, uniform: float) -> str | None:
    if first > uniform + CONFIDENT:
        what = mark("The first loss was {first:.2f}, but a uniform guess has {uniform:.2f}: the first guesses were "
                    "confident and wrong.")  # fmt: skip
        return f"{tr(what, first=first, uniform=uniform)} {_try_scaled(config)}"


def _initialisation(config: Config, first: Checkup) -> str | None:
    if first.activity.flat > MUCH:
        what = mark(
            "{share:.0f} % of hidden activations were beyond {flat} at the start: the initial W1 was too large."
        )
        return f"{tr(what, share=100 * first.activity.flat, flat=FLAT)} {_try_scaled(config)}"


def _try_scaled(config: Config) -> str:
    return tr("Try the scaled initialisation.") if config.init == "lecture" else tr("Try another seed.")


def _saturated(history: History, checkups: list[Checkup]) -> Problem | None:
    first, last, rate = checkups[0].activity.flat, checkups[-1].activity.flat, highest_rate(history)
    if last > max(NEARLY_ALL, first + 0.05):
        what = mark("{last:.0f} % of hidden activations are beyond {flat}, {first:.0f} % were at the start: "
                    "the updates moved them there. A learning rate of {rate:g} is too high")  # fmt: skip
        said = tr(what, last=100 * last, flat=FLAT, first=100 * first, rate=rate)
        return said, tr("start again with {rate:g}", rate=lower_rate(rate))


def _dead(config: Config, last: Checkup) -> Problem | None:
    if last.dead > DEAD * config.n_hidden:
        many = mark("{dead} of {all} hidden units are dead: beyond {flat} after every context, so next to no gradient "
                    "reaches them. They do not recover")  # fmt: skip
        one = mark("{dead} of {all} hidden unit is dead: beyond {flat} after every context, so next to no gradient "
                   "reaches them. They do not recover")  # fmt: skip
        what = tr(many if last.dead > 1 else one, dead=last.dead, all=config.n_hidden, flat=FLAT)
        return what, tr("start a new run with a lower learning rate or smaller initial weights")


def _large(config: Config, last: Checkup) -> Problem | None:
    if config.optimiser == ADAGRAD:  # its first step moves every number by the whole rate, and healthy runs follow
        return None
    if (ratio := last.ratios.get("W1", -math.inf)) > LARGE:
        rate = config.learning_rate_at(last.step)
        what = mark("One step changes W1 by {share:.0f} % of its size; about 0.1 % is usual. "
                    "The learning rate {rate:g} is too high")  # fmt: skip
        return tr(what, share=100 * 10**ratio, rate=rate), tr("try {rate:g}", rate=lower_rate(rate))


def _small(config: Config, checkups: list[Checkup]) -> Problem | None:
    later = [max(c.ratios.get("C", 0), c.ratios.get("W1", 0)) for c in checkups if c.step >= SETTLED]
    if later and max(later) < SMALL:
        rate = config.learning_rate_at(checkups[-1].step)
        what = mark("One step changes C and W1 by at most {share:.1g} % of their size; about 0.1 % is usual. "
                    "The learning rate {rate:g} is too low")  # fmt: skip
        return tr(what, share=100 * 10 ** max(later), rate=rate), tr("try {rate:g}", rate=10 * rate)
