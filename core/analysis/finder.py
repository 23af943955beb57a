"""Finding a learning rate: the lecture's sweep, and a more reliable way, a few short runs for each rate.

Both start from the initial weights of a given config. The sweep takes one step at each of many
increasing rates. It is quick, but each rate builds on the steps before it and is judged by the loss of
a single minibatch. A short run at each rate, with its exact loss at the end, is more reliable.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from core.analysis.seeds import other_seeds
from core.analysis.updates import Updates
from core.config import Config
from core.data.dataset import Dataset
from core.engine.history import History
from core.engine.job import Job, Progress
from core.engine.model import initial_weights
from core.messages import mark, said, tr

EXPONENTS = ((-3, 0), (-4, 1), (-6, 2))  # ranges as powers of ten: the lecture's, wider, and all that the knob allows
SWEEP_STEPS = 1_000
PER_DECADE = 4  # rates tried with short runs, per factor of ten
OF_WORDS = 300, 2, 1  # the same three at word level, where a step takes longer: SWEEP_STEPS, PER_DECADE, RUNS
RUNS = 3  # short runs per rate: one with the config's own seed, two with the next two seeds
SMOOTHED = 41  # length of the moving average over the losses of the sweep
NEAR = 0.05  # nats: a rate is called good if its loss is at most this much above the best


class Sweep:
    """The lecture's sweep: step t uses the rate 10 ** (low + t (high - low) / (steps - 1)), which increases.

    history.losses has a row for every step: (step, minibatch loss before the update, rate, batch
    size). failure: None, or one sentence if a loss was not a finite number, where the sweep ends.
    The config's learning rate and schedule are not used.
    """

    def __init__(self, config: Config, dataset: Dataset, low: float, high: float, steps: int):
        self.step, self.failure, self.history = 0, None, History(config.to_dict())
        self._batch_size = config.batch_size
        self._rates = [10 ** (low + t * (high - low) / max(1, steps - 1)) for t in range(steps)]
        self._updates = Updates(initial_weights(config, dataset.train), config, dataset)

    def advance(self, n: int) -> None:
        """Take n steps, or fewer if it fails."""
        for rate in self._rates[self.step : self.step + n]:
            loss, update = self._updates.loss_and_update(self.step, rate)
            if not math.isfinite(loss):
                self.failure = said("The loss was no longer a finite number at the rate {rate:.2g}.", rate=rate)
                return
            self.history.losses.append((self.step, loss, rate, self._batch_size))
            self._updates.parameters.flat.add_(update.flat)
            self.step += 1


# ---------------------------------------------------------------- the jobs


def candidates(low: int, high: int, per_decade: int = PER_DECADE) -> tuple[float, ...]:
    """Rates from 10 ** low to 10 ** high, so many per factor of ten, rounded to two digits."""
    return tuple(float(f"{10 ** (low + i / per_decade):.1e}") for i in range(per_decade * (high - low) + 1))


def finder_jobs(config: Config, low: int, high: int, steps: int, of_words: bool = False) -> list[Job]:
    """The sweep, then a run of `steps` steps for each candidate with the config's seed, then with the other seeds."""
    sweep_steps, per_decade, runs = OF_WORDS if of_words else (SWEEP_STEPS, PER_DECADE, RUNS)
    found = [Job(said("the sweep"), config, steps=sweep_steps, sweep=(low, high))]
    for seed in (config.seed, *other_seeds(config.seed, runs - 1)):
        for rate in candidates(low, high, per_decade):
            changed = config.with_(learning_rate=rate, seed=seed, steps=max(steps, config.steps))
            found.append(Job(said("rate {rate:g}", rate=rate), changed, steps=steps))
    return found


# ---------------------------------------------------------------- results


def smoothed(rows: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """(rate, mean of the losses around it): a centred moving average, shorter at both ends."""
    losses, found = [loss for _, loss in rows], []
    for i, (rate, _) in enumerate(rows):
        reach = min(i, len(rows) - 1 - i, SMOOTHED // 2)
        found.append((rate, statistics.fmean(losses[i - reach : i + reach + 1])))
    return tuple(found)


@dataclass(frozen=True)
class Trial:
    """The short runs at one rate. curve: (step, exact train loss) of the run with the config's own seed; losses: the
    final loss of each finished run, that run first; broke: how many runs stopped because the loss was not finite."""

    rate: float
    curve: tuple[tuple[int, float], ...]
    losses: tuple[float, ...]
    broke: int

    @property
    def loss(self) -> float:
        """The median over its runs, in nats; infinite if half of them broke."""
        return statistics.median([*self.losses, *[math.inf] * self.broke])


TOO_LOW, GOOD, TOO_HIGH, EXPLODES = mark("too low"), mark("good"), mark("too high"), mark("explodes")


@dataclass(frozen=True)
class Findings:
    """The results so far. swept: (rate, minibatch loss), in increasing order of rate; smooth: the same, averaged.

    trials: rates for which at least one run has ended. start: exact train loss of the initial weights, or None.
    """

    swept: tuple[tuple[float, float], ...]
    smooth: tuple[tuple[float, float], ...]
    trials: tuple[Trial, ...]
    start: float | None

    @classmethod
    def of(cls, jobs: Sequence[Job], progress: Progress) -> "Findings":
        sweep = progress.done.get(0)
        swept = tuple((rate, loss) for _, loss, rate, _ in sweep.losses) if sweep else ()
        curves = {
            i: tuple((step, train) for step, train, _ in history.evaluations)
            for i, history in progress.done.items() if i > 0
        }  # fmt: skip
        rates = dict.fromkeys(job.config.learning_rate for job in jobs[1:])
        trials = []
        for rate in rates:
            mine = [i for i, job in enumerate(jobs) if i > 0 and job.config.learning_rate == rate]
            losses = tuple(curves[i][-1][1] for i in mine if i in curves)
            broke = sum(i in progress.broke for i in mine)
            if losses or broke:
                trials.append(Trial(rate, curves.get(mine[0], ()), losses, broke))
        start = next((curve[0][1] for curve in curves.values()), None)
        return cls(swept, smoothed(swept), tuple(trials), start)

    @property
    def best(self) -> Trial | None:
        """The trial with the lowest loss."""
        return min((t for t in self.trials if math.isfinite(t.loss)), key=lambda t: t.loss, default=None)

    def judge(self, trial: Trial) -> str:
        """GOOD (within NEAR of the best rate), TOO_LOW, TOO_HIGH, or EXPLODES (the loss is above that at the start)."""
        if not math.isfinite(trial.loss) or (trial.loss > self.start and trial.rate >= self.best.rate):
            return EXPLODES
        if trial.loss <= self.best.loss + NEAR:
            return GOOD
        return TOO_LOW if trial.rate < self.best.rate else TOO_HIGH


def finder_sentence(found: Findings, config: Config, low: int, high: int, steps: int) -> str:
    """The best rate, how the config's own rate compares, and whether to widen the range; "" if nothing is known."""
    best = found.best
    if best is None:
        return ""
    first = mark("Best: {rate:g}, a loss of {loss:.3f} after {steps:,} steps, from {start:.2f}.")
    told = [tr(first, rate=best.rate, loss=best.loss, steps=steps, start=found.start)]
    own = next((trial for trial in found.trials if trial.rate == config.learning_rate), None)
    if own and own is not best:
        judged = tr(found.judge(own))
        if math.isfinite(own.loss):
            reached = mark("Yours, {rate:g}, reached {loss:.3f}: {judged}.")
            told.append(tr(reached, rate=own.rate, loss=own.loss, judged=judged))
        else:
            told.append(tr("Yours, {rate:g}, exploded: {judged}.", rate=own.rate, judged=judged))
    elif own:
        told.append(tr("Already your setting."))
    if best.rate in (candidates(low, high)[0], candidates(low, high)[-1]):
        told.append(tr("It is at the edge of the range: widen the range."))
    return " ".join(told)
