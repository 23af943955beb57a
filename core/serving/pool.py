"""Where training happens: a few hosts (core/serving/host.py), among which the runs of all visitors are shared out.

What a host told last is all it takes to go on elsewhere: runs whose host ended go on in the
next one from their latest snapshots.
"""

import atexit
import errno
import logging
import os
import socket
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import Protocol

from core.engine.saved import SavedRun
from core.engine.snapshot import PAUSED, STOPPED, TRAINING, Snapshot
from core.serving.hosts import FAREWELL
from core.serving.wire import Receiver

LEASE = 120.0  # seconds without a look after which a run is paused, and its host forgets it
SWEEP = 1.0  # seconds between two looks for leases that have run out
MOST = 50  # runs in training at once
ADMITTED = 5.0  # seconds that a run has to begin once it was let in
FALLS = 3  # hosts that a run may lose before it is the suspect
FULL = f"{MOST} runs are in training on this server, and it takes no more at once; try again in a few minutes."
ALONE = "Paused: nobody had looked for two minutes."
FELL = "Paused: the process that trained this run ended unexpectedly. Train goes on from here."
CLOSE = "close"

log = logging.getLogger(__name__)


class Guest(Protocol):
    """What a pool needs to know of a trainer. place: where its run is now, if it is anywhere."""

    snapshot: Snapshot
    leased_until: float
    falls: int
    lock: threading.Lock  # to be held by who changes `place`, or asks something there
    place: "Place | None"

    def take(self, snapshot: Snapshot) -> None: ...
    def keep(self, saved: SavedRun) -> None: ...


@dataclass(eq=False)
class Place:
    """A run's place with a host."""

    guest: Guest
    seat: "Seat"
    receiver: Receiver = field(default_factory=Receiver)
    asked: dict[int, threading.Event] = field(default_factory=dict)
    closing: threading.Event | None = None  # set once nothing more will be heard

    def ask(self, name: str, **values) -> threading.Event:
        """Send a command; the event is set once it has been carried out, or never can be."""
        done = threading.Event()
        ticket = id(done)
        self.asked[ticket] = done
        if name == CLOSE:
            self.closing = done
        self.seat.say((id(self), name, values, ticket))
        if self.seat.ended:  # set before all that was asked there is given up
            self.lose()
        return done

    def hear(self, kind: str, what, ticket: int | None) -> None:
        if kind == "keep":
            self.seat.pool.keep(self.guest, self.receiver.saved(what))
        elif kind == "refused":
            self.guest.take(replace(self.guest.snapshot, state=STOPPED, problem=what, steps_per_second=0.0))
            self.lose()
        else:
            snapshot = self.receiver.snapshot(what)
            if self.guest.place is self:  # or it has not waited for these last words
                self.guest.take(snapshot)
        if ticket is not None:
            self.asked.pop(ticket).set()

    def lose(self) -> None:
        """Nothing more will be heard."""
        self.closing = self.closing or threading.Event()
        for done in (self.closing, *list(self.asked.values())):
            done.set()


class Seat:
    """A host as it is seen from here, with a thread that listens to it and one that speaks.

    Two: a host that is speaking itself does not read, and goes on only when it is listened to.
    """

    def __init__(self, pool: "Pool"):
        self.pool, self.places, self.ended = pool, {}, False
        self._to_say = SimpleQueue()
        self._connection, self._reap = pool.start()
        self._listener = threading.Thread(target=self._listen, name="letterspace-listener", daemon=True)
        self._speaker = threading.Thread(target=self._speak, name="letterspace-speaker", daemon=True)
        self._speaker.start()
        self._listener.start()

    @property
    def crowd(self) -> tuple[int, int]:
        """How many of its runs train, and how many there are."""
        places = list(self.places.values())
        return sum(place.guest.snapshot.state == TRAINING for place in places), len(places)

    def say(self, message: tuple) -> None:
        """At once, whatever the host is doing."""
        self._to_say.put(message)

    def hang_up(self) -> None:
        """Both ends of the line are told that it is over, if they do not know."""
        with suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)

    def wait(self) -> None:
        """Until the host has ended."""
        self._listener.join(2 * FAREWELL)

    def _speak(self) -> None:
        try:
            while (message := self._to_say.get()) is not None:
                self._connection.send(message)
        except OSError:  # the host has ended
            pass
        finally:
            self.hang_up()  # so that `_listen` hears of it

    def _listen(self) -> None:
        try:
            while True:
                if self._connection.poll(SWEEP):
                    key, *message = self._connection.recv()
                    place = self.places[key]
                    place.hear(*message)
                    if place.closing and place.closing.is_set():
                        del self.places[key]
                self.pool.sweep(self)
        except (EOFError, OSError):
            pass
        finally:  # after any other error as well: what trained there must not seem to go on
            self.hang_up()
            self._reap()
            self.pool.fell(self)
            self._to_say.put(None)
            self._speaker.join()
            self._connection.close()


class Pool:
    """hosts: how many; by default as many as there are cores."""

    def __init__(self, start: Callable, hosts: int | None = None, clock: Callable[[], float] = time.monotonic):
        self.start, self.clock = start, clock
        self._hosts = hosts or os.cpu_count() or 1
        self._seats: list[Seat] = []
        self._admitted: dict[Guest, float] = {}
        self._lock, self._stopped = threading.Lock(), False
        self._keeper, self._to_keep = None, {}
        _pools.add(self)

    # ------------------------------------------------------------ places

    def ready(self) -> None:
        """Start the hosts that are missing. OSError if there is none, and none can be started."""
        with self._lock:
            self._fill()

    def _fill(self) -> None:
        if self._stopped:
            raise OSError(errno.ECANCELED, "the server is stopping")
        try:
            while len(self._seats) < self._hosts:
                self._seats.append(Seat(self))
        except OSError:
            if not self._seats:
                raise

    def seat(self, guest: Guest) -> None:
        """Give the guest a place where the fewest runs train, to go on there from its snapshot. OSError as `ready`."""
        with self._lock:  # as in `fell`: no place is given where all are being given up
            self._fill()
            seat = min(self._seats, key=lambda seat: seat.crowd)
            place = guest.place = Place(guest, seat)
            seat.places[id(place)] = place
        place.ask("open", snapshot=guest.snapshot)

    def admit(self, guest: Guest) -> bool:
        """Whether one more run may train now."""
        with self._lock:
            now = self.clock()
            self._admitted = {
                one: since
                for one, since in self._admitted.items()
                if one.snapshot.state == TRAINING or now - since < ADMITTED
            }
            if guest not in self._admitted and len(self._admitted) >= MOST:
                return False
            self._admitted[guest] = now
            return True

    def crowd(self) -> float:
        """How many runs train for each host."""
        return sum(seat.crowd[0] for seat in list(self._seats)) / self._hosts

    def sweep(self, seat: Seat) -> None:
        """Give back the places of those whose leases have run out."""
        now = self.clock()
        for place in list(seat.places.values()):
            guest = place.guest
            if now > guest.leased_until and not place.closing and guest.lock.acquire(blocking=False):
                try:
                    place.ask(CLOSE, problem=ALONE)
                finally:
                    guest.lock.release()

    def fell(self, seat: Seat) -> None:
        """A host has ended: what trained there goes on in another, unless it has brought down several."""
        with self._lock:
            seat.ended = True
            self._seats.remove(seat)
            places = list(seat.places.values())
        for place in places:
            guest, waited = place.guest, bool(place.asked) and not place.closing
            place.lose()
            with guest.lock:
                if guest.place is not place:
                    continue  # it has gone elsewhere already
                guest.place = None
                if not self._stopped and (waited or guest.snapshot.state == TRAINING):
                    self._pick_up(guest)

    def _pick_up(self, guest: Guest) -> None:
        guest.falls += 1
        try:
            if guest.falls <= FALLS:
                return self.seat(guest)
        except OSError:
            pass
        state = PAUSED if guest.snapshot.state == TRAINING else guest.snapshot.state
        guest.take(replace(guest.snapshot, state=state, problem=FELL, steps_per_second=0.0))

    # ------------------------------------------------------------ keeping

    def keep(self, guest: Guest, saved: SavedRun) -> None:
        """Have the run kept by a thread of its own, as a disk may be slow: of each the newest."""
        with self._lock:
            self._to_keep[guest, saved.id] = saved
            if self._keeper is None:
                self._keeper = threading.Thread(target=self._keep, name="letterspace-keeper", daemon=True)
                self._keeper.start()

    def _keep(self) -> None:
        while True:
            with self._lock:
                if not self._to_keep:
                    self._keeper = None
                    return
                guest, id = next(iter(self._to_keep))
                saved = self._to_keep.pop((guest, id))
            try:
                guest.keep(saved)
            except Exception:  # the next one's is kept all the same
                log.exception("A run could not be kept.")

    # ------------------------------------------------------------ the end

    def stop(self) -> None:
        """Pause what trains, keep it, and end all hosts."""
        with self._lock:
            self._stopped, seats = True, list(self._seats)
        places = [place for seat in seats for place in list(seat.places.values()) if not place.closing]
        closing = [place.ask(CLOSE, problem=None) for place in places]
        until = time.monotonic() + FAREWELL
        for done in closing:
            done.wait(max(0.0, until - time.monotonic()))
        for seat in seats:
            seat.hang_up()
        for seat in seats:
            seat.wait()
        keeper = self._keeper
        if keeper:
            keeper.join(FAREWELL)


_pools: weakref.WeakSet[Pool] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    """What trains is kept as it stands, and no thread with torch in it is alive when the interpreter goes."""
    for pool in list(_pools):
        pool.stop()
