"""A host: trains the runs of several visitors on one core, in turns.

`python -m core.serving.host SOCKET MEMORY` is such a process, given two file descriptors; core/serving/hosts.py
starts it (on Linux as a copy, see core/serving/processes.py), and core/serving/links.py is the other end of the
socket. It ends when the socket is closed. In the shared memory it writes the key of the run whose turn it is.

It receives (key, name, values, ticket): a command for the run `key`, named after a method of
`core.serving.training.Training`, or "open" with a snapshot to go on from, "close" with a reason, "ping", or
"look" with how often a page looks at the run.
It sends (key, kind, what, ticket), shortened by core/serving/wire.py: "snapshot" with the newest one, "keep" with
a run to be kept, "refused" with the reason why a run cannot be opened, or "pong"; a host in a cluster, which shares
no memory with the server, sends "turn" instead of writing there. A ticket is sent back once its
command has been carried out. While the other end reads slowly, snapshots are left out, so that training hardly
ever waits for it; while no page looks, one snapshot a second is sent.
"""

import gc
import math
import mmap
import os
import select
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection

import torch

from core.config import ConfigError
from core.engine.paths import warm_up
from core.engine.saved import SavedRun
from core.engine.snapshot import TRAINING, Snapshot
from core.messages import UNKNOWN, said, speaking
from core.serving import memory
from core.serving.datasets import Shared
from core.serving.training import SLICE, TICK, Training
from core.serving.wire import Sender

KEY = struct.Struct("Q")  # the key of a run, in memory that outlives the host
NICE = 3  # so much lower in priority than the server: pages come first
LOOKED, UNSEEN = 3.0, 1.0  # seconds since the last look, and then seconds between two snapshots
FIRST = 8  # slices of training before "start" is answered, so that letters move at once; SLICE seconds at most
SENT_A_SECOND = 15_000_000  # bytes of parameters, so that a network of thousands of words has time to learn
DATASETS = 300_000_000  # bytes of the data sets that a host keeps


class Host:
    """Serves one connection, in the thread or process that calls `serve`."""

    def __init__(self, connection: Connection, turn: mmap.mmap, clock: Callable[[], float] = time.monotonic):
        self._connection, self._turn, self._clock = connection, turn, clock
        self._datasets = Shared(DATASETS).dataset
        self._runs: dict[int, HostedRun] = {}
        self._closed = False  # whether there are runs less since memory was given back

    def serve(self) -> None:
        """Carry out commands and train in turns, until the connection is closed."""
        torch.set_num_threads(1)  # per thread; two are 30 times slower at these sizes
        with speaking(UNKNOWN), suppress(EOFError, OSError):
            while True:
                began = self._clock()
                trains = self._take_turns()
                self._give_back()
                self._wait(began + TICK - self._clock() if trains else None)
                self._receive()

    def _take_turns(self) -> bool:
        """Train each run for a turn; whether there are any to train."""
        turns = [run for run in self._runs.values() if run.trains]
        for run in turns:
            if run.trains:  # a command may have stopped it meanwhile
                self._set_turn(run.key)
                run.turn(self._connection.poll)
            self._receive()
        if not turns:
            self._set_turn(0)
        return bool(turns)

    def _give_back(self) -> None:
        """After runs were closed, give back the memory that they had; not while a command waits.

        Python does not search for garbage by itself as long as few objects are new, and a run has few, but large ones.
        """
        if self._closed and not self._connection.poll():
            self._closed = False
            gc.collect()
            memory.give_back()

    def _wait(self, seconds: float | None) -> None:
        """Wait for a command, at most so many seconds."""
        if seconds is None or seconds > 0:
            self._connection.poll(seconds)

    def _receive(self) -> None:
        while self._connection.poll():
            key, name, values, ticket = self._connection.recv()
            self._set_turn(key)
            if name == "ping":
                self._connection.send((key, "pong", None, ticket))
            elif name == "open":
                self._open(key, ticket, **values)
            elif name == "look":
                if key in self._runs:
                    self._runs[key].look(**values)
            elif key in self._runs:
                self._runs[key].carry_out(name, values, ticket)
                if name == "close":
                    del self._runs[key]
                    self._closed = True
            self._set_turn(0)

    def _set_turn(self, key: int) -> None:
        """Record whose turn it is, so that it is known even if this process dies in it."""
        KEY.pack_into(self._turn, 0, key)

    def _open(self, key: int, ticket: int, snapshot: Snapshot) -> None:
        try:
            run = HostedRun(key, self._connection, self._datasets, self._clock, snapshot)
        except Exception as error:  # other visitors' runs go on
            problem = said("This run cannot go on ({error}).", error=f"{type(error).__name__}: {error}")
            self._connection.send((key, "refused", problem, ticket))
        else:
            self._runs[key] = run
            run.carry_out("open", {}, ticket)


class HostedRun:
    """One visitor's Training, and the messages about it."""

    def __init__(self, key: int, connection: Connection, datasets, clock: Callable[[], float], snapshot: Snapshot):
        self.key, self._connection, self._clock = key, connection, clock
        self._sender = Sender()
        self._sent_at = self._looked_at = clock()
        self._every = TICK
        self._training = Training(snapshot, datasets, clock, self._keep)

    @property
    def trains(self) -> bool:
        return self._training.state == TRAINING

    def carry_out(self, name: str, values: dict, ticket: int) -> None:
        try:
            if name != "open":
                getattr(self._training, "halt" if name == "close" else name)(**values)
            if name == "start" and self.trains:
                until, slices = self._clock() + SLICE, iter(range(FIRST))
                self._training.tick(lambda: next(slices, None) is None or self._clock() >= until)
        except ConfigError as error:  # refused: nothing has changed
            self._training.problem = error.args[0]
        except Exception as error:
            self._training.fail(error)
        self._looked_at, self._every = self._clock(), TICK
        self._send(ticket)

    def look(self, every: float) -> None:
        """A page looks at this run, every so many seconds."""
        self._looked_at, self._every = self._clock(), every

    def turn(self, interrupted: Callable[[], bool]) -> None:
        try:
            self._training.tick(interrupted)
        except Exception as error:
            self._training.fail(error)
        every = self._every if self._clock() - self._looked_at < LOOKED else UNSEEN
        every = max(every, 4 * len(self._training.run.parameters.flat) / SENT_A_SECOND)
        due = self._clock() - self._sent_at > 0.9 * every and is_read(self._connection)
        if due or not self.trains:  # the last snapshot is never left out
            self._send(None)

    def _send(self, ticket: int | None) -> None:
        self._sent_at = self._clock() if ticket is None else -math.inf  # the next snapshot is sent in the next turn
        self._connection.send((self.key, "snapshot", self._sender.snapshot(self._training.snapshot()), ticket))

    def _keep(self, saved: SavedRun) -> None:
        self._connection.send((self.key, "keep", self._sender.saved(saved), None))


def is_read(connection: Connection) -> bool:
    """Whether the other end keeps up, so that sending would not block."""
    poll = select.poll()  # `select.select` only takes file numbers below 1,024
    poll.register(connection, select.POLLOUT)
    return bool(poll.poll(0))


def main() -> None:
    os.nice(NICE)
    warm_up()
    gc.freeze()
    connection, shared = map(int, sys.argv[1:])
    Host(Connection(connection), mmap.mmap(shared, mmap.PAGESIZE)).serve()


if __name__ == "__main__":
    main()
