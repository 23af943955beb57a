"""A visitor's run as the pages use it: commands, and the newest snapshot.

The run is trained in a host (core/serving/pool.py); only frozen data is exchanged with it. Readers take
the newest snapshot and never wait for a step.
"""

import math
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from core.config import Config
from core.data.corpus import Corpus
from core.engine.history import Change
from core.engine.saved import SavedRun
from core.engine.snapshot import Snapshot
from core.messages import said
from core.serving.commands import Ledger
from core.serving.links import CLOSE
from core.serving.pool import LEASE, TOO_MANY, Pool
from core.serving.training import TICK

COMMAND_TIMEOUT = 10.0  # seconds that a command waits to be carried out
RENEWAL = 1.0  # seconds between two renewals of the lease meanwhile
LOOK_INTERVAL = 1.0  # seconds, at least, between two messages to a host that a page looks at its run


def keep_nothing(run: SavedRun) -> None:
    """For a client whose runs are not kept."""


class Watcher(Protocol):
    def changed(self, before: Snapshot, after: Snapshot) -> None:
        """Called in any thread; must return at once."""


class Client:
    """A visitor's run and those before it.

    Every command from `start` to `stop` may be called from any thread; each waits until it has
    been carried out (a few milliseconds), at most `COMMAND_TIMEOUT` seconds, and returns the snapshot
    then. A run is in a host from its first command until its lease ends; the snapshot stays, and
    the next command goes on from it, but `undo` then has no earlier runs. `keep` is called in
    another thread.
    """

    def __init__(self, snapshot: Snapshot, pool: Pool, keep: Callable[[SavedRun], None] = keep_nothing):
        self.snapshot, self.keep = snapshot, keep
        self.lock, self.link = threading.Lock(), None
        self.hosts_lost, self.lost_at, self.lost_step = 0, -math.inf, 0
        self.ledger = Ledger()  # of the commands that pages send
        self._pool, self._watchers, self._asked_at = pool, (), -math.inf
        self.renew_lease()

    def take(self, snapshot: Snapshot) -> None:
        """For the pool: replace the snapshot by a newer one."""
        before, self.snapshot = self.snapshot, snapshot
        for watcher in (known() for known in self._watchers):
            if watcher:
                watcher.changed(before, snapshot)

    def watch(self, watcher: Watcher) -> None:
        """Call `watcher.changed` whenever there is a newer snapshot. Only a weak reference is kept."""
        with self.lock:
            alive = [known for known in self._watchers if known()]
            self._watchers = (*alive, weakref.ref(watcher))

    def renew_lease(self, every: float = TICK) -> None:
        """Renew the lease: a page looks at the run at most every so many seconds. Tells the host, once a second."""
        now = self._pool.clock()
        self.leased_until = now + LEASE
        link = self.link
        if link and now - self._asked_at > LOOK_INTERVAL:
            self._asked_at = now
            link.look(every)

    def start(self) -> Snapshot:
        self.hosts_lost = 0
        return self._command("start", trains=True)

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

    def reset(self, config: Config | None = None, words: Corpus | None = None) -> Snapshot:
        """A new run from step 0: of `config`, or of this config again (the same initial weights); on `words`, if given.

        It trains if `config` is given and the old one was training. The old run can be
        brought back with `undo` if it had taken a step.
        """
        return self._command("reset", config=config, words=words)

    def undo(self) -> Snapshot:
        """Bring the run before back, paused where it was; again, the one before that. Nothing happens if there is none.

        `redo` brings back the run that is left. If another one begins first, it is the oldest of those that `undo`
        brings back, so nothing is lost.
        """
        return self._command("undo")

    def redo(self) -> Snapshot:
        """Bring the run back that the last `undo` left, paused where it was. Nothing happens if there is none."""
        return self._command("redo")

    def rebuild(
        self,
        config: Config,
        changes: Iterable[Change] = (),
        step: int = 0,
        words: Corpus | None = None,
        path: str | None = None,
    ) -> Snapshot:
        """A new run of `config` that makes these live changes, trained at full speed to `step`; there it rests.

        path: which way its numbers are made, as in `Run`.
        """
        return self._command(
            "rebuild", trains=step > 0, config=config, changes=tuple(changes), step=step, words=words, path=path
        )

    def resume(
        self, saved: SavedRun, step: int = 0, changes: Iterable[Change] = (), words: Corpus | None = None
    ) -> Snapshot:
        """A run that was kept, at rest where it was; if that is before `step`, it goes on until there.

        changes: live ones to be made on the way. words: what it learned from, if not what this one does.
        """
        return self._command(
            "resume", trains=step > saved.step, saved=saved, step=step, changes=tuple(changes), words=words
        )

    def fork(self, step: int) -> Snapshot:
        """A new run that goes on from this run's `step`, one of its moments.

        If that is between two checkpoints, it first trains from the one before until there.
        """
        kept = {at for at, _ in self.snapshot.history.checkpoints}
        return self._command("fork", trains=step not in kept, step=step)

    def move(self, letter: int, row: list[float]) -> Snapshot:
        """A new run that goes on from here with a character on another row of C (`Run.move`); it trains."""
        return self._command("move", trains=True, letter=letter, row=row)

    def stop(self) -> None:
        """Pause the run, have it kept and close its link; the next command opens another."""
        with self.lock:
            done = self.link and self.link.request(CLOSE, problem=None)
        if done:
            done.wait(COMMAND_TIMEOUT)

    def _command(self, name: str, trains: bool = False, **values) -> Snapshot:
        """trains: whether the command can start training."""
        self.renew_lease()
        if trains and not self._pool.admit(self):
            self.take(replace(self.snapshot, problem=TOO_MANY))
            return self.snapshot
        try:
            done = self._requested(name, values)
        except OSError as error:
            problem = said("Training cannot be started here ({why}).", why=error.strerror)
            self.take(replace(self.snapshot, problem=problem))
            return self.snapshot
        until = time.monotonic() + COMMAND_TIMEOUT
        while not done.wait(min(RENEWAL, COMMAND_TIMEOUT)) and time.monotonic() < until:
            self.renew_lease()  # a visitor who waits is still there: the run must not be paused
        return self.snapshot

    def _requested(self, name: str, values: dict) -> threading.Event:
        """Request it over the link; over a new one if there is none or it is closing. OSError if none can be opened."""
        while True:
            with self.lock:
                link = self.link or self._pool.open_link(self)
                done = link.request(name, **values)
            if done:
                return done
            link.closing.wait(COMMAND_TIMEOUT)  # the new link goes on from the snapshot of its last message
            with self.lock:
                if self.link is link:
                    self.link = None
