"""A visitor's current run and the earlier ones: what each command does to them, and the pace of training.

No thread and no queue: core/serving/host.py calls all of this. The clock is used for two things only: the
pace, and when the run was last handed over to be kept.
"""

import math
from collections.abc import Callable, Iterable

from core.config import FULL, MAX_WORK, SPEEDS, Config, ConfigError, parameter_counts
from core.data.corpus import WORD, Corpus
from core.data.dataset import Dataset
from core.engine.history import Change
from core.engine.run import Run
from core.engine.saved import SavedRun
from core.engine.snapshot import FINISHED, PAUSED, READY, STOPPED, TRAINING, Snapshot
from core.messages import mark, said, tr

TICK = 0.1  # seconds: a pace is kept, and a snapshot published, once a tick
LONGEST_TURN = 1.0  # seconds since its last turn that a pace makes up for, where many runs share a core
SLICE = 0.02  # seconds of training between two checks for commands
KEPT = 8  # runs that `undo` and `redo` can bring back
KEPT_BYTES = 16_000_000  # of all that these remember, but the last one; the 2-D network makes 3 million in 50,000 steps
KEEP = 4.0  # seconds after which a run in training is kept again: a crash loses no more, unless it is large
KEPT_A_SECOND = 500_000  # bytes of parameters: a network of 15 MB is kept every 30 seconds


def steps_due(speed: str, step: int, elapsed: float) -> float:
    """How many steps a pace allows in `elapsed` seconds.

    "auto" lets every tick take 8 % of the steps so far, at least eight: fast enough to see
    letters move within half a second, slow enough to watch the first few hundred steps; after
    ten seconds it asks for more than most machines give.
    """
    if speed == "auto":
        return elapsed / TICK * max(8.0, 0.08 * step)
    return elapsed * SPEEDS[speed] if elapsed > 0 else 0.0  # 0 s times infinity would be NaN


def check_work(config: Config, dataset: Dataset) -> None:
    """ConfigError if a step or the exact losses need more than MAX_WORK multiplications: other runs would wait."""
    counts = parameter_counts(config, len(dataset.vocabulary))
    products = ("W1", "W2", "Wd", "C") if config.tied else ("W1", "W2", "Wd")
    weights = sum(counts.get(name, 0) for name in products)
    rows = len(dataset.train.contexts) if config.batch_size == FULL else config.batch_size
    losses = dataset.watched_contexts()
    if weights * max(3 * rows, losses) > MAX_WORK:  # backward takes twice as much as forward
        what = mark(
            "Each step of this network would take {work:,.0f} billion multiplications, and {most:.0f} are taken here; "
            "choose fewer hidden units or dimensions, a shorter context length, or a smaller batch."
        )
        exact = mark(
            "The exact loss of this network would take {work:,.0f} billion multiplications, and {most:.0f} are taken "
            "here; choose fewer hidden units or dimensions, a shorter context length, or a smaller batch."
        )
        work = {"work": weights * max(3 * rows, losses) / 1e9, "most": MAX_WORK / 1e9}
        raise ConfigError(tr(what if 3 * rows > losses else exact, **work))


def untrained(config: Config, dataset: Dataset, speed: str = "auto") -> Snapshot:
    """A run before its first step."""
    run = Run(config, dataset)
    return Snapshot(
        id=run.id, history=run.history.freeze(), step=0, frozen=run.parameters.freeze(),
        exact=run.history.evaluations[-1], number=1, corpus=dataset.corpus, state=READY, speed=speed,
    )  # fmt: skip


class Training:
    """Goes on from a snapshot.

    The commands are methods with the names that `Client` has; one that raises ConfigError changes nothing.
    keep: called with every run that has taken a step, every `KEEP` seconds while it trains and whenever it
    comes to rest. It must not raise.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        datasets: Callable[[Corpus, int], Dataset],
        clock: Callable[[], float],
        keep: Callable[[SavedRun], None],
    ):
        self._datasets, self._clock, self._keep, self._speed = datasets, clock, keep, snapshot.speed
        dataset = datasets(snapshot.corpus, snapshot.config.block_size)
        self.run = Run.resume(snapshot.history, dataset, snapshot.step, snapshot.frozen)
        self.run.id, self.run.failure, self.run.plan = snapshot.id, snapshot.failure, list(snapshot.plan)
        self.number, self.state, self.problem, self.rate = snapshot.number, snapshot.state, snapshot.problem, 0.0
        self._goal, self._exact, self._news = snapshot.goal, snapshot.exact, snapshot.news
        self._earlier, self._undone = [], []  # what `undo` and `redo` bring back, the next one last
        self._handed_over, self._handed_over_at = None, clock()
        self._per_step, self._due, self._made, self._ticked = SLICE, 0.0, None, clock() - TICK

    def snapshot(self) -> Snapshot:
        run, runs = self.run, (self._earlier, self._undone)
        previous = next((others[-1] for others in runs if others and others[-1].step), None)
        undo, redo = (others[-1].step if others else None for others in runs)
        return Snapshot(
            id=run.id, history=run.history.freeze(), step=run.step, frozen=run.parameters.freeze(),
            exact=self._exact, seconds=run.seconds, failure=run.failure, number=self.number, corpus=run.dataset.corpus,
            state=self.state, steps_per_second=self.rate, problem=self.problem, news=self._news, undo=undo, redo=redo,
            previous=previous and previous.history.freeze(), goal=self._goal, plan=tuple(run.plan), speed=self._speed,
            alike=previous is None or previous.dataset.digest == run.dataset.digest,
        )  # fmt: skip

    # ------------------------------------------------------------ commands

    def start(self) -> None:
        if self.run.failure is None and self.run.step < self._end:
            self.state, self.problem, self._news = TRAINING, None, None
            self._due, self._made, self._ticked = 1.0, None, self._clock() - TICK

    def pause(self) -> None:
        if self.state == TRAINING:
            self._settle(PAUSED)

    def step(self) -> None:
        if self.run.failure is None:
            self._news = None
            self.run.advance(1)
            self._settle(PAUSED)

    def set(self, **values) -> None:
        check_work(self.run.config.with_(**values), self.run.dataset)
        self.run.set(**values)
        self.run.plan.clear()  # a person's change cancels the planned changes of a link
        self._goal, self._news = None, None
        self._per_step = SLICE  # the time of a step is unknown again: begin with a single one
        if self.state in (PAUSED, FINISHED):
            self.state = FINISHED if self.run.step >= self.run.config.steps else PAUSED
        if self.state != STOPPED:
            self.problem = None

    def speed(self, speed: str) -> None:
        if speed not in SPEEDS:
            raise ConfigError(tr("The speeds are {names}.", names=", ".join(SPEEDS)))
        self._speed, self._due = speed, 0.0

    def reset(self, config: Config | None = None, words: Corpus | None = None) -> None:
        goes_on = config is not None and self.state == TRAINING
        fresh = config or self.run.config
        path = None if config else self.run.history.paths[0][1]  # of the initial weights, which stay the same
        self._begin(Run(fresh, self._prepared(words, fresh), path=path))
        if goes_on:
            self.start()

    def undo(self) -> None:
        if self._earlier:
            self.pause()
            self._undone.append(self.run)
            self._switch(self._earlier.pop())

    def redo(self) -> None:
        if self._undone:
            self.pause()
            self._earlier += self._worth_keeping()
            self._switch(self._undone.pop())

    def rebuild(
        self,
        config: Config,
        changes: Iterable[Change],
        step: int,
        words: Corpus | None = None,
        path: str | None = None,
    ) -> None:
        self._begin(Run(config, self._prepared(words, config), changes, path), goal=step)

    def resume(self, saved: SavedRun, step: int, changes: Iterable[Change], words: Corpus | None = None) -> None:
        dataset = self._prepared(words, saved.config)
        if (dataset.digest, dataset.vocabulary.itos) != (saved.digest, saved.itos):
            raise ConfigError(
                said("That run learned from other words ({data}), which are not loaded here.", data=saved.data)
            )
        run = Run.resume(saved.history, dataset, saved.step, saved.frozen)
        run.id, run.failure, run.plan = saved.id, saved.failure, list(changes)
        self._begin(run, goal=step)

    def fork(self, step: int) -> None:
        history = self.run.history
        if step not in {at for at, _ in (*history.checkpoints, *history.embeddings)}:
            raise ConfigError(said("This run remembers no step {step:,} to go on from.", step=step))
        run = self.run.fork(max(at for at, _ in history.checkpoints if at <= step))
        run.plan = [change for change in history.changes if run.step <= change[0] < step]
        self._begin(run, goal=step)
        told = mark("This is a branch from step {step:,}: change a setting under Training, or train on.")
        self._news = said(told, step=step)

    def move(self, letter: int, row: list[float]) -> None:
        """A new run that goes on from here, with a character on another row of C; it trains."""
        self.pause()
        run = Run.resume(self.run.history, self.run.dataset, self.run.step, self.run.parameters.freeze())
        run.move(letter, row)
        self._begin(run)
        self.start()

    # ------------------------------------------------------------ from run to run

    def _prepared(self, words: Corpus | None, config: Config) -> Dataset:
        """The words, or else those of the run at hand, made ready; ConfigError if they are too much for this config."""
        dataset = self._datasets(self.run.dataset.corpus if words is None else words, config.block_size)
        check_work(config, dataset)
        return dataset

    def _begin(self, run: Run, goal: int = 0) -> None:
        """Make `run` the current one; `undo` brings the old one back, and after it those that were undone before.

        Train it if it is not at `goal` yet.
        """
        self.pause()  # the old one is kept, with the exact losses of its last step
        self._earlier[:0], self._undone = (run for run in self._undone if run.step), []
        self._earlier += self._worth_keeping()
        self._switch(run)
        if run.step < goal and run.failure is None:
            self._goal = goal
            self.start()

    def _worth_keeping(self) -> list[Run]:
        """The current run, if it has taken a step."""
        return [self.run] if self.run.step > 0 else []

    def _switch(self, run: Run) -> None:
        """Make `run` the current one, at rest. Of too many others the shortest are dropped, never the next ones."""
        self._hand_over()
        self.run.free_buffers()
        self._drop_some()
        self.run, self._goal, self._per_step = run, None, SLICE
        self.number, self._exact = self.number + 1, run.history.evaluations[-1]
        self.state, self.problem, self.rate, self._news = READY, None, 0.0, None
        if run.step:
            self._settle(PAUSED)

    def _drop_some(self) -> None:
        while others := [*self._earlier[:-1], *self._undone[:-1]]:
            few = len(self._earlier) + len(self._undone) <= KEPT
            if few and sum(other.history.size for other in others) <= KEPT_BYTES:
                break
            shortest = min(others, key=lambda other: other.step)
            (self._earlier if shortest in self._earlier else self._undone).remove(shortest)

    def halt(self, problem: str | None) -> None:
        """Pause at once, without computing exact losses; the run is kept as interrupted."""
        if self.state == TRAINING:
            self._hand_over()
            self.state, self.problem, self.rate = PAUSED, problem, 0.0

    def fail(self, error: Exception) -> None:
        self.state, self.rate = STOPPED, 0.0
        self.problem = said(
            "Training stopped on an error ({error}). Reset starts a new run.", error=f"{type(error).__name__}: {error}"
        )

    def _settle(self, state: str) -> None:
        """Come to rest with exact losses of this step: stopped if the run failed, finished at its end, else `state`."""
        run = self.run
        if self._goal is not None and (run.failure or run.step >= self._goal):
            self._goal = None
        self.state = STOPPED if run.failure else FINISHED if run.step >= run.config.steps else state
        self.problem, self.rate = run.failure, 0.0
        losses = run.losses()
        if all(map(math.isfinite, losses)):
            self._exact = (run.step, *losses)
        self._hand_over()

    def _hand_over(self) -> None:
        """Call `keep` with the run, if it has changed since the last time."""
        run, self._handed_over_at = self.run, self._clock()
        now = run.id, run.step, tuple(run.history.changes), self.state == TRAINING
        if run.step == 0 or now == self._handed_over:
            return
        self._handed_over = now
        known = self.state == TRAINING or run.dataset.corpus.level == WORD  # where it takes seconds
        test = None if known else run.evaluate("test")
        self._keep(SavedRun.of(self.snapshot(), run.dataset, test))

    # ------------------------------------------------------------ training

    @property
    def _end(self) -> int:
        """The step at which the run comes to rest without a command."""
        return self.run.config.steps if self._goal is None else self._goal

    def tick(self, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Train for one tick at the chosen pace, or until `interrupted`."""
        began, first = self._clock(), self.run.step
        elapsed, self._ticked = began - self._ticked, began
        self._measure(elapsed)
        pace = self._speed if self._goal is None else "max"
        self._due = min(self._due, 1.0) + steps_due(pace, first, min(elapsed, LONGEST_TURN))
        while self._due >= 1 and not interrupted() and self._clock() < began + TICK:
            if not self._slice():
                break
        self._made = self.run.step - first
        self._exact = max(self._exact, self.run.history.evaluations[-1])
        if self.run.failure or self.run.step >= self._end:
            self._settle(PAUSED)
        elif self._clock() - self._handed_over_at > max(KEEP, 4 * len(self.run.parameters.flat) / KEPT_A_SECOND):
            self._hand_over()

    def _slice(self) -> bool:
        """A few steps; False when the run can go no further."""
        left = self._end - self.run.step
        n = min(left, max(1, min(self._due, SLICE / self._per_step)))
        began, first = self._clock(), self.run.step
        self.run.advance(int(n))
        made = self.run.step - first
        self._due -= made
        if made:
            self._per_step = 0.7 * self._per_step + 0.3 * max(1e-6, (self._clock() - began) / made)
        return made > 0 and self.run.failure is None and made < left

    def _measure(self, seconds: float) -> None:
        """Steps a second over the turn that ends now, others' turns included, smoothed over about a second."""
        if self._made is not None and seconds > 0:
            weight = 1.0 if not self.rate else 1 - math.exp(-seconds)
            self.rate += weight * (self._made / seconds - self.rate)
