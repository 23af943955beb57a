"""Which learning rate? The lecture's sweep, and the sounder way: short runs, a few for each rate.

Both are of a given config, from its own first weights. The sweep takes one step at each of
many rates, going up: quick, but each rate profits from the steps before it and is damned by
one loss of one minibatch. A short run at each rate, its exact loss measured at the end, says more.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from core.analysis.descent import Descent
from core.analysis.seeds import other_seeds
from core.config import Config
from core.data.dataset import Dataset
from core.engine.history import History
from core.engine.job import Job, Progress
from core.engine.model import initialise

EXPONENTS = ((-3, 0), (-4, 1), (-6, 2))  # of ten: the lecture's, wider, and as far as the knob goes
SWEEP_STEPS = 1_000
PER_DECADE = 4  # rates that get runs of their own
RUNS = 3  # short runs a rate: one from the config's own seed, the others from the next two
SMOOTHED = 41  # losses of the sweep that are averaged into one
NEAR = 0.05  # nats: a rate is as good as the best if its loss is no farther from it


class Sweep:
    """The lecture's sweep: step t at the rate 10 ** (low + t (high - low) / (steps - 1)), going up.

    history.losses has a row for every step, as a run's has for some: (step, minibatch loss before
    its update, rate, batch size). failure: None, or one sentence once a loss is no longer a finite
    number; the sweep then ends. The config's learning rate and schedule have no say.
    """

    def __init__(self, config: Config, dataset: Dataset, low: float, high: float, steps: int):
        self.step, self.failure, self.history = 0, None, History(config.to_dict())
        self._batch_size = config.batch_size
        self._rates = [10 ** (low + t * (high - low) / max(1, steps - 1)) for t in range(steps)]
        self._descent = Descent(initialise(config, len(dataset.vocabulary)), config, dataset)

    def advance(self, n: int) -> None:
        """Take n steps, or fewer if it fails."""
        for rate in self._rates[self.step : self.step + n]:
            loss, update = self._descent.loss_and_update(self.step, rate)
            if not math.isfinite(loss):
                self.failure = f"The loss was no longer a finite number at the rate {rate:.2g}."
                return
            self.history.losses.append((self.step, loss, rate, self._batch_size))
            self._descent.parameters.flat.add_(update.flat)
            self.step += 1


# ---------------------------------------------------------------- the jobs


def candidates(low: int, high: int) -> tuple[float, ...]:
    """Rates from 10 ** low to 10 ** high, four in each factor of ten, to two figures."""
    return tuple(float(f"{10 ** (low + i / PER_DECADE):.1e}") for i in range(PER_DECADE * (high - low) + 1))


def finder_jobs(config: Config, low: int, high: int, steps: int) -> list[Job]:
    """The sweep, then a run of `steps` steps for each candidate from the config's seed, then those from other seeds."""
    found = [Job("the sweep", config, steps=SWEEP_STEPS, sweep=(low, high))]
    for seed in (config.seed, *other_seeds(config.seed, RUNS - 1)):
        for rate in candidates(low, high):
            changed = config.with_(learning_rate=rate, seed=seed, steps=max(steps, config.steps))
            found.append(Job(f"rate {rate:g}", changed, steps=steps))
    return found


# ---------------------------------------------------------------- what they say


def smoothed(rows: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """(rate, mean of the losses of the steps around it): up to 20 on either side, as many on one as on the other."""
    losses, found = [loss for _, loss in rows], []
    for i, (rate, _) in enumerate(rows):
        reach = min(i, len(rows) - 1 - i, SMOOTHED // 2)
        found.append((rate, statistics.fmean(losses[i - reach : i + reach + 1])))
    return tuple(found)


@dataclass(frozen=True)
class Trial:
    """One rate. curve: (step, exact train loss) of the run from the config's own seed; losses: at the end of
    each of its runs that is done, that one's first; broke: how many ended before, at a loss that is no number."""

    rate: float
    curve: tuple[tuple[int, float], ...]
    losses: tuple[float, ...]
    broke: int

    @property
    def loss(self) -> float:
        """The median over its runs, in nats; infinite if half of them broke."""
        return statistics.median([*self.losses, *[math.inf] * self.broke])


TOO_LOW, GOOD, TOO_HIGH, EXPLODES = "too low", "good", "too high", "explodes"


@dataclass(frozen=True)
class Findings:
    """What is known so far. swept: (rate, minibatch loss), from low rates to high; smooth: the same, averaged.

    trials: those of which a run has ended. start: exact train loss of the first weights, or None.
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
        """The trial with the least loss."""
        return min((t for t in self.trials if math.isfinite(t.loss)), key=lambda t: t.loss, default=None)

    def word(self, trial: Trial) -> str:
        """What a rate is: as good as the best, too low, too high, or too high for any learning at all."""
        if not math.isfinite(trial.loss) or (trial.loss > self.start and trial.rate >= self.best.rate):
            return EXPLODES
        if trial.loss <= self.best.loss + NEAR:
            return GOOD
        return TOO_LOW if trial.rate < self.best.rate else TOO_HIGH


def finder_sentence(found: Findings, config: Config, low: int, high: int, steps: int) -> str:
    """The best rate and how it compares with the config's own, or where to look for a better one; "" at first."""
    best = found.best
    if best is None:
        return ""
    said = f"Best: {best.rate:g}, a loss of {best.loss:.3f} after {steps:,} steps, from {found.start:.2f}."
    own = next((trial for trial in found.trials if trial.rate == config.learning_rate), None)
    if own and own is not best:
        worse = f"reached {own.loss:.3f}" if math.isfinite(own.loss) else "exploded"
        said += f" Yours, {own.rate:g}, {worse}: {found.word(own)}."
    elif own:
        said += " That is yours."
    if best.rate in (candidates(low, high)[0], candidates(low, high)[-1]):
        said += " It lies at the rim: widen the range."
    return said
