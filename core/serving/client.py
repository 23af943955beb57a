"""What a page holds of a visitor's run: its commands, and the newest snapshot.

The run is trained in a host (core/serving/pool.py). What crosses is plain and frozen in both directions.
Readers take the newest snapshot and never wait for a step.
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
from core.serving.links import CLOSE
from core.serving.pool import LEASE, TOO_MANY, Pool
from core.serving.training import TICK

ANSWER = 10.0  # seconds that a command waits until it has been carried out
RENEWAL = 1.0  # seconds between two renewals of the lease meanwhile
ASKED = 1.0  # seconds between two times that a host is told of somebody who looks


def forget(run: SavedRun) -> None:
    """Keep nothing."""


class Watcher(Protocol):
    def changed(self, before: Snapshot, after: Snapshot) -> None:
        """In whichever thread; returns at once."""


class Client:
    """A visitor's run and those before it.

    Every command from `start` to `stop` may be called from any thread; each waits until it has
    been carried out (a few milliseconds), at most `ANSWER` seconds, and returns the snapshot
    then. A run is in a host from its first command until nobody has looked for a while; the
    snapshot stays and the next command goes on from it, though `undo` then has nothing to
    bring back. `keep` is called in another thread.
    """

    def __init__(self, snapshot: Snapshot, pool: Pool, keep: Callable[[SavedRun], None] = forget):
        self.snapshot, self.keep = snapshot, keep
        self.lock, self.link, self.hosts_lost, self.lost_at = threading.Lock(), None, 0, -math.inf
        self._pool, self._watchers, self._asked_at = pool, (), -math.inf
        self.touch()

    def take(self, snapshot: Snapshot) -> None:
        """For the pool: this is the newest."""
        before, self.snapshot = self.snapshot, snapshot
        for watcher in (known() for known in self._watchers):
            if watcher:
                watcher.changed(before, snapshot)

    def watch(self, watcher: Watcher) -> None:
        """Tell `watcher`, as long as somebody else holds it, whenever there is a newer snapshot."""
        with self.lock:
            alive = [known for known in self._watchers if known()]
            self._watchers = (*alive, weakref.ref(watcher))

    def touch(self, every: float = TICK) -> None:
        """Renew the lease: somebody is looking, every so many seconds at most. Its host is told, once a second."""
        now = self._pool.clock()
        self.leased_until = now + LEASE
        link = self.link
        if link and now - self._asked_at > ASKED:
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
        """Bring the run before back, paused where it was; again, the one before that.

        The run left behind becomes the oldest of those, so nothing is lost. Nothing happens
        if there is none.
        """
        return self._command("undo")

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
        """A new run that goes on from this run's checkpoint at `step`."""
        return self._command("fork", step=step)

    def stop(self) -> None:
        """Rest, be kept, and leave the host; what comes next begins as after a long absence."""
        with self.lock:
            done = self.link and self.link.request(CLOSE, problem=None)
        if done:
            done.wait(ANSWER)

    def _command(self, name: str, trains: bool = False, **values) -> Snapshot:
        """trains: whether the run may be in training afterwards though it is not now."""
        self.touch()
        if trains and not self._pool.admit(self):
            self.take(replace(self.snapshot, problem=TOO_MANY))
            return self.snapshot
        try:
            done = self._requested(name, values)
        except OSError as error:
            self.take(replace(self.snapshot, problem=f"Training cannot be started here ({error.strerror})."))
            return self.snapshot
        until = time.monotonic() + ANSWER
        while not done.wait(min(RENEWAL, ANSWER)) and time.monotonic() < until:
            self.touch()  # who waits is here: the run is not to be paused meanwhile
        return self.snapshot

    def _requested(self, name: str, values: dict) -> threading.Event:
        """Request it over the link, a new one if there is none or it is closing. OSError if there can be none."""
        while True:
            with self.lock:
                link = self.link or self._pool.open_link(self)
                done = link.request(name, **values)
            if done:
                return done
            link.closing.wait(ANSWER)  # the snapshot of its last message is what the new link goes on from
            with self.lock:
                if self.link is link:
                    self.link = None
