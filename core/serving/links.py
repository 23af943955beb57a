"""The server's end of the connections to its hosts: a `HostLink` for each host, a `RunLink` for each run in it.

Locks, in the order in which a thread may take them: a client's (core/serving/client.py), the pool's
(core/serving/pool.py), a run link's. No thread waits for anything else while it holds one.
"""

import errno
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from queue import SimpleQueue
from typing import NamedTuple, Protocol

from core.engine.saved import SavedRun
from core.engine.snapshot import STOPPED, TRAINING, Snapshot
from core.serving.host import KEY
from core.serving.hosts import END_TIMEOUT, Started
from core.serving.wire import Receiver

CLOSE, PING, LOOK = "close", "ping", "look"
POLL = 0.5  # seconds between two checks of leases, and of whether the host still answers
HUNG = 3.5  # seconds without an answer and without using processor time, after which a host is given up


class ClientLike(Protocol):
    """What links and pool use of a client. link: to its run in a host, if it is in one."""

    snapshot: Snapshot
    leased_until: float
    hosts_lost: int  # that died in its turn one after the other, the last at `lost_at`, when it was at `lost_step`
    lost_at: float
    lost_step: int
    lock: threading.Lock  # held to change `link`, or to take a snapshot that came over it
    link: "RunLink | None"

    def take(self, snapshot: Snapshot) -> None: ...
    def keep(self, saved: SavedRun) -> None: ...


class Request(NamedTuple):
    """A command for a host. done: set once it was carried out, or cannot be any more."""

    name: str
    values: dict
    done: threading.Event


class RunLink:
    """The connection to one run in a host. For any thread.

    closing: None until CLOSE is requested; then an event that is set once the host's last message for this
    run has arrived.
    """

    def __init__(self, client: ClientLike, host: "HostLink"):
        self.client, self.host, self.closing = client, host, None
        self._receiver = Receiver()
        self._requests: dict[int, Request] = {}  # that have not been answered
        self._lock, self._over = threading.Lock(), False

    def request(self, name: str, **values) -> threading.Event | None:
        """Send a command; None, and nothing sent, if this link is closing or over.

        The event is set once the command was carried out, or cannot be any more.
        """
        return self._send(Request(name, values, threading.Event()))

    def look(self, every: float) -> None:
        """A page looks at this run, every so many seconds."""
        with self._lock:
            if not (self.closing or self._over):
                self.host.send((id(self), LOOK, {"every": every}, None))

    def resend(self, request: Request) -> bool:
        """Send a request of another link over this one; False if this one is closing or over, too."""
        return self._send(request) is not None

    def _send(self, request: Request) -> threading.Event | None:
        with self._lock:  # so that nothing is sent after a CLOSE
            if self.closing or self._over:
                return None
            self._requests[id(request.done)] = request
            if request.name == CLOSE:
                self.closing = request.done
            self.host.send((id(self), request.name, request.values, id(request.done)))
        return request.done

    def received(self, kind: str, what, ticket: int | None) -> None:
        """A message of the host about this run: see core/serving/host.py."""
        if kind == "keep":
            self.host.pool.keep(self.client, self._receiver.saved(what))
            return
        if kind == "refused":
            snapshot = replace(self.client.snapshot, state=STOPPED, problem=what, steps_per_second=0.0)
        else:
            snapshot = self._receiver.snapshot(what)
        with self.client.lock:
            if self.client.link is self:  # else the client has another link already
                self.client.take(snapshot)
        if kind == "refused":
            self.release(self.end())
        elif ticket is not None:
            with self._lock:
                request = self._requests.pop(ticket)
            request.done.set()

    @property
    def over(self) -> bool:
        """Whether nothing more will be received."""
        return self._over or (self.closing is not None and self.closing.is_set())

    def end(self) -> list[Request]:
        """Nothing more will be received. Returns the unanswered requests; their events are not set yet."""
        with self._lock:
            self._over, unanswered = True, list(self._requests.values())
            self._requests.clear()
            if self.closing is None:
                self.closing = threading.Event()
        return unanswered

    def release(self, unanswered: list[Request]) -> None:
        """Release the threads that wait for these requests or for the end of this link."""
        self.closing.set()
        for request in unanswered:
            request.done.set()


class HostLink:
    """The connection to one host, with a thread that receives and one that sends.

    Two threads, because a host that is sending does not read until its messages are read. OSError if the
    host or a thread cannot be started; then neither is left running.
    """

    def __init__(self, pool, start: Callable[[], Started]):
        self.pool, self.links = pool, {}
        self._to_send = SimpleQueue()
        self._answered = self._asked = 0.0  # when the host last sent anything, and was last pinged
        self._used, self._worked = None, 0.0  # its processor time, and when that last grew
        self._listener = threading.Thread(target=self._listen, name="letterspace-listener", daemon=True)
        self._sender = threading.Thread(target=self._send_all, name="letterspace-sender", daemon=True)
        self.host = start()
        try:
            self._sender.start()
            self._listener.start()
        except RuntimeError as error:  # no more threads
            self.send(None)
            self.hang_up()
            self.host.reap()
            raise OSError(errno.EAGAIN, str(error)) from error

    @property
    def load(self) -> tuple[int, int]:
        """How many of its runs train, and how many there are."""
        links = list(self.links.values())
        return sum(link.client.snapshot.state == TRAINING for link in links), len(links)

    def send(self, message: tuple | None) -> None:
        """Returns at once, whatever the host is doing. None: nothing more will be sent."""
        self._to_send.put(message)

    def hang_up(self) -> None:
        """End the connection, for both ends."""
        with suppress(OSError), socket.socket(fileno=os.dup(self.host.connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)

    def wait(self) -> None:
        """Until the host has ended."""
        self._listener.join(2 * END_TIMEOUT)

    def _send_all(self) -> None:
        try:
            while (message := self._to_send.get()) is not None:
                self.host.connection.send(message)
        except OSError:  # the host has ended
            pass
        finally:
            self.hang_up()  # so that `_listen` notices

    def _listen(self) -> None:
        self._answered = self._asked = time.monotonic()
        some = select.poll()  # `Connection.poll` makes one for each call, which takes as long as to receive a message
        some.register(self.host.connection, select.POLLIN)
        try:
            while True:
                if some.poll(1000 * POLL):
                    self._receive(*self.host.connection.recv())
                else:
                    self._watch()
                self.pool.sweep(self)
        except (EOFError, OSError):
            pass
        finally:  # after any other error as well: what trained there must not seem to go on
            self.hang_up()
            self.pool.host_died(self)
            self.host.reap()
            self.send(None)
            self._sender.join()
            self.host.connection.close()

    def _receive(self, key: int, *message) -> None:
        self._answered = time.monotonic()
        if message[0] == "turn":
            KEY.pack_into(self.host.turn, 0, key)
            return
        link = self.links.get(key)
        if link:
            link.received(*message)
            if link.over:
                del self.links[key]

    def _watch(self) -> None:
        """No message for a while: ping the host, and kill it if it hangs.

        A host that computes for long uses processor time; one that is stopped, or waits for a disk, does not.
        """
        if not self.host.process:
            return  # a thread
        now, used = time.monotonic(), self.host.processor_time()
        if used != self._used:
            self._used, self._worked = used, now
        if self._asked <= self._answered:
            self._asked = now
            self.send((0, PING, {}, None))
        elif now - max(self._asked, self._worked) > HUNG:
            self.host.kill()
            raise EOFError("the host hangs")  # also if the kill has no effect while it waits for a disk
