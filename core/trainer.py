"""The background worker: trains a Run at a chosen pace and publishes immutable snapshots.

What crosses between the page's thread and the worker's is plain and frozen in both
directions (commands as tuples of names and numbers, Snapshots), so the worker can move
to another process. Readers take the latest snapshot and never wait for a step.
"""

import atexit
import math
import queue
import threading
import time
import weakref
from collections.abc import Callable

from core.config import SPEEDS, Config, ConfigError
from core.data import Dataset
from core.run import Run
from core.snapshot import FINISHED, PAUSED, READY, STOPPED, TRAINING, Snapshot

TICK = 0.1  # seconds: a pace is kept, and a snapshot published, once a tick
SLICE = 0.02  # seconds of training between two looks at the commands
LEASE = 120.0  # seconds without `touch` after which a training run pauses and its thread ends
KEPT = 8  # earlier runs that `undo` can bring back
ANSWER = 2.0  # seconds that a command waits for the worker to have carried it out


def steps_due(speed: str, step: int, elapsed: float) -> float:
    """How many steps a pace allows in `elapsed` seconds.

    "auto" lets every tick take 8 % of the steps so far, at least eight: fast enough to see
    letters move within half a second, slow enough to watch the first few hundred steps; after
    ten seconds it asks for more than most machines give.
    """
    if speed == "auto":
        return elapsed / TICK * max(8.0, 0.08 * step)
    return elapsed * SPEEDS[speed]


class Trainer:
    """Owns a visitor's run and those before it.

    `start`, `pause`, `step`, `set`, `reset`, `undo` and `stop` may be called from any thread;
    each waits until the worker has obeyed (a few milliseconds), at most `ANSWER` seconds,
    and returns the snapshot then. The thread starts with the first command, is a daemon,
    and ends when the lease runs out; the run stays and the next command revives it.
    """

    def __init__(
        self,
        config: Config,
        datasets: Callable[[int], Dataset],
        speed: str = "auto",
        clock: Callable[[], float] = time.monotonic,
    ):
        self._datasets, self._clock, self._speed = datasets, clock, speed
        self._commands: queue.SimpleQueue = queue.SimpleQueue()
        self._lock = threading.Lock()  # guards the birth and death of the thread, nothing else
        self._thread: threading.Thread | None = None
        self._leased_until = clock() + LEASE
        self._run, self._earlier = Run(config, datasets(config.block_size)), []
        self._number, self._state, self._problem = 1, READY, None
        self._rate, self._per_step, self._debt, self._published = 0.0, SLICE, 0.0, -math.inf
        self._exact = self._run.history.evaluations[-1]
        self._publish()
        _alive.add(self)

    # ------------------------------------------------------------ any thread

    @property
    def snapshot(self) -> Snapshot:
        """The latest snapshot, at once."""
        return self._snapshot

    def touch(self) -> None:
        """Renew the lease: somebody is looking."""
        self._leased_until = self._clock() + LEASE

    def start(self) -> Snapshot:
        return self._command("start")

    def pause(self) -> Snapshot:
        return self._command("pause")

    def step(self) -> Snapshot:
        """Exactly one step, then pause."""
        return self._command("step")

    def set(self, **values) -> Snapshot:
        """Change live knobs, from the next step on."""
        return self._command("set", **values)

    def speed(self, speed: str) -> Snapshot:
        return self._command("speed", speed=speed)

    def reset(self, config: Config | None = None) -> Snapshot:
        """A new run from step 0: of `config`, or of this config again (the same first weights).

        It trains if `config` is given and the old one was training. The old run can be
        brought back with `undo` if it had taken a step.
        """
        return self._command("reset", **({} if config is None else config.to_dict()))

    def undo(self) -> Snapshot:
        """Bring the run before back, paused where it was; again, the one before that.

        The run left behind becomes the oldest of those, so nothing is lost. Nothing happens
        if there is none.
        """
        return self._command("undo")

    def stop(self) -> None:
        """End the thread, within a second unless the steps it is at take longer."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None and thread.is_alive():
            self._commands.put(("stop", {}, threading.Event()))
            thread.join(1.0)

    def _command(self, name: str, **values) -> Snapshot:
        done = threading.Event()
        self.touch()
        with self._lock:
            self._commands.put((name, values, done))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="letterspace-trainer", daemon=True)
                self._thread.start()
        done.wait(ANSWER)
        return self._snapshot

    # ------------------------------------------------------------ the worker's thread

    def _work(self) -> None:
        while self._thread is threading.current_thread():
            self._obey(wait=LEASE / 8 if self._state != TRAINING else 0)
            if self._clock() > self._leased_until:
                with self._lock:  # under the lock a command finds either this thread or none
                    if self._commands.empty():
                        self._thread = None
                        return self._halt(PAUSED, "Paused: nobody had looked for two minutes.")
            if self._state == TRAINING:
                self._tick()
        self._halt(PAUSED, None)

    def _halt(self, state: str, problem: str | None) -> None:
        if self._state == TRAINING:
            self._state, self._problem, self._rate = state, problem, 0.0
            self._publish()

    def _obey(self, wait: float) -> None:
        """Carry out what is asked; block for the first command at most `wait` seconds."""
        try:
            name, values, done = self._commands.get(timeout=wait) if wait > 0 else self._commands.get_nowait()
        except queue.Empty:
            return
        try:
            getattr(self, f"_do_{name}")(**values)
        except ConfigError as error:  # refused, and nothing changed
            self._problem = str(error)
        except Exception as error:
            self._fail(error)
        self._publish()
        done.set()

    def _fail(self, error: Exception) -> None:
        self._state, self._rate = STOPPED, 0.0
        self._problem = f"Training stopped on an error ({type(error).__name__}: {error}). Reset starts a new run."

    def _do_start(self) -> None:
        if self._run.failure is None and self._run.step < self._run.config.steps:
            self._state, self._problem, self._debt = TRAINING, None, 1.0

    def _do_pause(self) -> None:
        if self._state == TRAINING:
            self._settle(PAUSED)

    def _do_step(self) -> None:
        if self._run.failure is None:
            self._run.advance(1)
            self._settle(PAUSED)

    def _do_set(self, **values) -> None:
        self._run.set(**values)
        self._per_step = SLICE  # unknown again: begin with a single step
        if self._state in (PAUSED, FINISHED):
            self._state = FINISHED if self._run.step >= self._run.config.steps else PAUSED
        if self._state != STOPPED:
            self._problem = None

    def _do_speed(self, speed: str) -> None:
        if speed not in SPEEDS:
            raise ConfigError(f"Speed must be one of {', '.join(SPEEDS)}, not {speed!r}.")
        self._speed, self._debt = speed, 0.0

    def _do_reset(self, **config) -> None:
        config = Config(**config) if config else None
        goes_on = config is not None and self._state == TRAINING
        fresh = config or self._run.config
        run = Run(fresh, self._datasets(fresh.block_size))
        self._earlier += self._kept()
        self._switch(run, READY)
        if goes_on:
            self._do_start()

    def _do_undo(self) -> None:
        if self._earlier:
            run = self._earlier.pop()
            self._earlier[:0] = self._kept()
            self._switch(run, PAUSED)
            self._settle(PAUSED)

    def _do_stop(self) -> None:
        self._halt(PAUSED, None)

    def _kept(self) -> list[Run]:
        """The current run, unless it never took a step and so is not worth coming back to."""
        return [self._run] if self._run.step > 0 else []

    def _switch(self, run: Run, state: str) -> None:
        """Make `run` the current one. Of too many earlier runs the one with the fewest steps goes."""
        if len(self._earlier) > KEPT:
            self._earlier.remove(min(self._earlier, key=lambda earlier: earlier.step))
        self._run, self._state, self._problem, self._rate = run, state, None, 0.0
        self._number, self._per_step = self._number + 1, SLICE
        self._exact = run.history.evaluations[-1]

    def _settle(self, state: str) -> None:
        """Come to rest: in `state`, or in what the run itself says, with exact losses of this very step."""
        run = self._run
        self._state = STOPPED if run.failure else FINISHED if run.step >= run.config.steps else state
        self._problem, self._rate = run.failure, 0.0
        losses = run.evaluate("train"), run.evaluate("dev")
        if all(map(math.isfinite, losses)):
            self._exact = (run.step, *losses)

    def _tick(self) -> None:
        """Train for one tick at the chosen pace, publish, and rest until the tick is over."""
        began, first = self._clock(), self._run.step
        try:
            self._debt = min(self._debt, 1.0) + steps_due(self._speed, first, TICK)
            while self._debt >= 1 and self._commands.empty() and self._clock() < began + TICK:
                if not self._slice():
                    break
            self._exact = max(self._exact, self._run.history.evaluations[-1])
            if self._run.failure or self._run.step >= self._run.config.steps:
                self._settle(PAUSED)
        except Exception as error:
            self._fail(error)
        made, number = self._run.step - first, self._number
        if self._state == TRAINING:
            self._obey(wait=began + TICK - self._clock())
        if self._number == number:  # not another run's steps
            self._measure(made, self._clock() - began)
        self._publish(at_most_every=TICK if self._state == TRAINING else 0.0)  # the last word is never left out

    def _slice(self) -> bool:
        """A few steps; False when the run can go no further."""
        left = self._run.config.steps - self._run.step
        n = min(left, max(1, min(self._debt, SLICE / self._per_step)))
        began, first = self._clock(), self._run.step
        self._run.advance(int(n))
        made = self._run.step - first
        self._debt -= made
        if made:
            self._per_step = 0.7 * self._per_step + 0.3 * max(1e-6, (self._clock() - began) / made)
        return made > 0 and self._run.failure is None and made < left

    def _measure(self, made: int, seconds: float) -> None:
        """Steps a second, smoothed over about a second."""
        if self._state != TRAINING or seconds <= 0:
            return
        weight = 1.0 if not self._rate else 1 - math.exp(-seconds)
        self._rate += weight * (made / seconds - self._rate)

    def _publish(self, at_most_every: float = 0.0) -> None:
        now = self._clock()
        if now - self._published < 0.9 * at_most_every:
            return
        self._published = now
        run, previous = self._run, self._earlier[-1] if self._earlier else None
        self._snapshot = Snapshot(
            self._number, run.config, run.dataset.vocabulary, self._state, run.step, self._exact, self._rate,
            run.parameters.freeze(), run.history.freeze(), self._problem, previous and previous.history.freeze(),
        )  # fmt: skip


_alive: weakref.WeakSet[Trainer] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    """A torch thread that is alive when the interpreter goes can abort the process."""
    for trainer in list(_alive):
        trainer.stop()
