"""Where training happens: a few hosts (core/host.py), among which the runs of all visitors are shared out.

A host is a process, so that neither pages nor other runs wait for a step; it may also be a
thread of this one, and the tests ask the same of both. What a host told last is all it takes
to go on elsewhere: runs whose host ended go on in the next one from their latest snapshots.
"""

import atexit
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, Pipe
from typing import Protocol

from core.host import Host
from core.saved import SavedRun
from core.snapshot import PAUSED, TRAINING, Snapshot
from core.wire import Receiver

LEASE = 120.0  # seconds without a look after which a run is paused, and its host forgets it
SWEEP = 1.0  # seconds between two looks for leases that have run out
MOST = 50  # runs in training at once
ADMITTED = 5.0  # seconds that a run has to begin once it was let in
FALLS = 3  # hosts that a run may lose before it is the suspect
FAREWELL = 2.0  # seconds that a host has to say its last words, and to end
HOUSE = pathlib.Path(__file__).parent.parent
FULL = f"{MOST} runs are in training on this server, and it takes no more at once; try again in a few minutes."
ALONE = "Paused: nobody had looked for two minutes."
FELL = "Paused: the process that trained this run ended unexpectedly. Train goes on from here."
CLOSE = "close"


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
        if not self.seat.send((id(self), name, values, ticket)):
            self.lose()
        return done

    def hear(self, kind: str, what, ticket: int | None) -> None:
        if kind == "keep":
            self.seat.pool.keep(self.guest, self.receiver.saved(what))
        else:
            self.guest.take(self.receiver.snapshot(what))
        if ticket is not None:
            self.asked.pop(ticket).set()
        if kind == "refused":
            self.lose()

    def lose(self) -> None:
        """Nothing more will be heard."""
        self.closing = self.closing or threading.Event()
        for done in (self.closing, *list(self.asked.values())):
            done.set()


class Seat:
    """A host as it is seen from here, with the thread that listens to it."""

    def __init__(self, pool: "Pool"):
        self.pool, self.places = pool, {}
        self._sending = threading.Lock()
        self._connection, self._reap = pool.start()
        self._thread = threading.Thread(target=self._listen, name="letterspace-host", daemon=True)
        self._thread.start()

    @property
    def crowd(self) -> tuple[int, int]:
        """How many of its runs train, and how many there are."""
        places = list(self.places.values())
        return sum(place.guest.snapshot.state == TRAINING for place in places), len(places)

    def send(self, message: tuple) -> bool:
        try:
            with self._sending:
                self._connection.send(message)
        except OSError:  # the host has ended; `_listen` is about to hear of it
            return False
        return True

    def hang_up(self) -> None:
        """Both ends of the line are told that it is over."""
        with socket.socket(fileno=os.dup(self._connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
        self._thread.join(FAREWELL)

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
            self._reap()
            self.pool.fell(self)


class Pool:
    """hosts: how many; by default as many as there are cores."""

    def __init__(self, start: Callable, hosts: int | None = None, clock: Callable[[], float] = time.monotonic):
        self.start, self.clock = start, clock
        self._hosts = hosts or os.cpu_count() or 1
        self._seats: list[Seat] = []
        self._admitted: dict[Guest, float] = {}
        self._lock, self._stopped = threading.Lock(), False
        self._keeper, self._to_keep = None, {}
        self._swept = clock()
        _pools.add(self)

    # ------------------------------------------------------------ places

    def ready(self) -> None:
        """Start the hosts that are missing. OSError if one cannot be started."""
        with self._lock:
            while len(self._seats) < self._hosts:
                self._seats.append(Seat(self))

    def seat(self, guest: Guest) -> None:
        """Give the guest a place where the fewest runs train, to go on there from its snapshot. OSError as `ready`."""
        self.ready()
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
            if seat in self._seats:
                self._seats.remove(seat)
        for place in list(seat.places.values()):
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
            self._to_keep[saved.id] = guest, saved
            if self._keeper is None:
                self._keeper = threading.Thread(target=self._keep, name="letterspace-keeper", daemon=True)
                self._keeper.start()

    def _keep(self) -> None:
        while True:
            with self._lock:
                if not self._to_keep:
                    self._keeper = None
                    return
                guest, saved = self._to_keep.pop(next(iter(self._to_keep)))
            guest.keep(saved)

    # ------------------------------------------------------------ the end

    def stop(self) -> None:
        """Pause what trains, keep it, and end all hosts."""
        self._stopped = True
        places = [place for seat in self._seats for place in list(seat.places.values()) if not place.closing]
        closing = [place.ask(CLOSE, problem=None) for place in places]
        until = time.monotonic() + FAREWELL
        for done in closing:
            done.wait(max(0.0, until - time.monotonic()))
        for seat in list(self._seats):
            seat.hang_up()
        keeper = self._keeper
        if keeper:
            keeper.join(FAREWELL)


# ---------------------------------------------------------------- hosts


def in_process() -> tuple[Connection, Callable[[], None]]:
    """Start a host as a process; the connection with it, and what is to be called once that has ended.

    `subprocess` with a module: what `multiprocessing` spawns would run Streamlit's script again.
    """
    near, far = Pipe()
    with far:
        command = [sys.executable, "-m", "core.host", str(far.fileno())]
        process = subprocess.Popen(command, cwd=HOUSE, pass_fds=[far.fileno()], start_new_session=True)

    def reap() -> None:
        try:
            process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    return near, reap


def in_thread(clock: Callable[[], float] = time.monotonic) -> tuple[Connection, Callable[[], None]]:
    """The same as a thread of this process."""
    near, far = Pipe()
    thread = threading.Thread(target=Host(far, clock).serve, name="letterspace-training", daemon=True)
    thread.start()
    return near, lambda: thread.join(FAREWELL)


_pools: weakref.WeakSet[Pool] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    """What trains is kept as it stands, and no thread with torch in it is alive when the interpreter goes."""
    for pool in list(_pools):
        pool.stop()
