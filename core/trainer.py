"""The background worker: trains at a chosen pace and publishes immutable snapshots.

What crosses between the page's thread and the worker's is plain and frozen in both
directions (commands as tuples of names and values, Snapshots), so the worker can move
to another process. Readers take the latest snapshot and never wait for a step.
"""

import atexit
import math
import queue
import threading
import time
import weakref
from collections.abc import Callable, Iterable

from core.config import Config, ConfigError
from core.data import Dataset
from core.history import Change
from core.saved import SavedRun
from core.snapshot import TRAINING, Snapshot
from core.training import TICK, Training

LEASE = 120.0  # seconds without `touch` after which a training run pauses and its thread ends
ANSWER = 2.0  # seconds that a command waits for the worker to have carried it out


def forget(run: SavedRun) -> None:
    """Keep nothing."""


class Trainer:
    """Owns a visitor's run and those before it.

    Every command from `start` to `stop` may be called from any thread; each waits until the
    worker has obeyed (a few milliseconds), at most `ANSWER` seconds, and returns the snapshot
    then. The thread starts with the first command, is a daemon, and ends when the lease runs
    out; the run stays and the next command revives it. `keep` is called in the worker's thread.
    """

    def __init__(
        self,
        config: Config,
        datasets: Callable[[int], Dataset],
        speed: str = "auto",
        clock: Callable[[], float] = time.monotonic,
        keep: Callable[[SavedRun], None] = forget,
    ):
        self._clock = clock
        self._commands: queue.SimpleQueue = queue.SimpleQueue()
        self._lock = threading.Lock()  # guards the birth and death of the thread, nothing else
        self._thread: threading.Thread | None = None
        self._leased_until, self._published = clock() + LEASE, -math.inf
        self._training = Training(config, datasets, speed, clock, keep)
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
        return self._command("reset", config=config)

    def undo(self) -> Snapshot:
        """Bring the run before back, paused where it was; again, the one before that.

        The run left behind becomes the oldest of those, so nothing is lost. Nothing happens
        if there is none.
        """
        return self._command("undo")

    def rebuild(self, config: Config, changes: Iterable[Change] = (), step: int = 0) -> Snapshot:
        """A new run of `config` that makes these live changes, trained at full speed to `step`; there it rests."""
        return self._command("rebuild", config=config, changes=tuple(changes), step=step)

    def resume(self, saved: SavedRun, step: int = 0, changes: Iterable[Change] = ()) -> Snapshot:
        """A run that was kept, at rest where it was; if that is before `step`, it goes on until there.

        changes: live ones to be made on the way.
        """
        return self._command("resume", saved=saved, step=step, changes=tuple(changes))

    def fork(self, step: int) -> Snapshot:
        """A new run that goes on from this run's checkpoint at `step`."""
        return self._command("fork", step=step)

    def stop(self) -> None:
        """End the thread, within a second unless the steps it is at take longer."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None and thread.is_alive():
            self._commands.put((None, {}, threading.Event()))
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

    @property
    def _trains(self) -> bool:
        return self._training.state == TRAINING

    def _work(self) -> None:
        while self._thread is threading.current_thread():
            self._obey(wait=0 if self._trains else LEASE / 8)
            if self._clock() > self._leased_until:
                with self._lock:  # under the lock a command finds either this thread or none
                    if self._commands.empty():
                        self._thread = None
                        return self._halt("Paused: nobody had looked for two minutes.")
            if self._trains:
                self._tick()
        self._halt(None)

    def _halt(self, problem: str | None) -> None:
        if self._trains:
            self._training.halt(problem)
            self._publish()

    def _obey(self, wait: float) -> None:
        """Carry out what is asked; block for the first command at most `wait` seconds."""
        try:
            name, values, done = self._commands.get(timeout=wait) if wait > 0 else self._commands.get_nowait()
        except queue.Empty:
            return
        try:
            if name is None:
                self._halt(None)
            else:
                getattr(self._training, name)(**values)
        except ConfigError as error:  # refused, and nothing changed
            self._training.problem = str(error)
        except Exception as error:
            self._training.fail(error)
        self._publish()
        done.set()

    def _tick(self) -> None:
        """Train for a tick, publish, and rest until the tick is over."""
        began, number, made = self._clock(), self._training.number, 0
        try:
            made = self._training.tick(interrupted=lambda: not self._commands.empty())
        except Exception as error:
            self._training.fail(error)
        if self._trains:
            self._obey(wait=began + TICK - self._clock())
        if self._training.number == number:  # not another run's steps
            self._training.measure(made, self._clock() - began)
        self._publish(at_most_every=TICK if self._trains else 0.0)  # the last word is never left out

    def _publish(self, at_most_every: float = 0.0) -> None:
        now = self._clock()
        if now - self._published >= 0.9 * at_most_every:
            self._published = now
            self._snapshot = self._training.snapshot()


_alive: weakref.WeakSet[Trainer] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    """A torch thread that is alive when the interpreter goes can abort the process."""
    for trainer in list(_alive):
        trainer.stop()
