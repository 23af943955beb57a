"""Landscapes for pages, computed in a process of their own (core/serving/surveyor.py).

The process is started by the first request and ends with the server. If it ends before, its open
requests have no answer, and the next request starts another.
"""

import atexit
import errno
import itertools
import os
import pickle
import socket
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe

from core.data.corpus import Corpus
from core.messages import mark
from core.serving import processes
from core.serving.processes import END_TIMEOUT
from core.serving.surveyor import LandscapeRequest, Lists, Surveyor

ENDED = mark("The process that draws landscapes ended unexpectedly; touch the letter again.")


def surveyor_process() -> tuple[Connection, Callable[[], None]]:
    """The connection with a new surveyor, and a function to call once that has ended."""
    near, far = Pipe()
    with far:
        process = processes.start("core.serving.surveyor", [far.fileno()])
    return near, lambda: processes.reap(process)


def surveyor_thread() -> tuple[Connection, Callable[[], None]]:
    near, far = Pipe()
    thread = threading.Thread(target=Surveyor(far).serve, name="letterspace-surveyor", daemon=True)
    thread.start()

    def reap() -> None:
        thread.join(END_TIMEOUT)
        far.close()

    return near, reap


class Asked:
    """A pending request. done: set once there is an answer, or a problem in one sentence."""

    def __init__(self, forget: Callable[["Asked"], None]):
        self.done, self.answer, self.problem, self._forget = threading.Event(), None, None, forget

    def settle(self, answer, problem: str | None) -> None:
        self.answer, self.problem = answer, problem
        self.done.set()

    def forget(self) -> None:
        """The answer is not wanted any more."""
        self._forget(self)


class Landscapes:
    """The requests of all visitors of this server to one surveyor. For any thread."""

    def __init__(self, start: Callable = surveyor_process):
        self._start, self._lock, self._link, self._numbers = start, threading.Lock(), None, itertools.count()
        _all.add(self)

    def ready(self) -> None:
        """Start the surveyor, if there is none."""
        with self._lock:
            self._connected()

    def ask(self, request: LandscapeRequest, words: Corpus) -> Asked:
        """words: what the network learns from. OSError if no process or thread can be started."""
        with self._lock:
            link = self._connected()
            ticket, asked = next(self._numbers), Asked(link.forget)
            link.ask(ticket, asked, request, words)
        return asked

    def _connected(self) -> "_SurveyorLink":
        if self._link is None or self._link.ended:
            self._link = _SurveyorLink(*self._start())
        return self._link

    def stop(self) -> None:
        with self._lock:
            link, self._link = self._link, None
        if link:
            link.close()


class _SurveyorLink:
    """The connection with one surveyor, and a thread that listens to it.

    OSError if no thread can be started; then the surveyor has been ended.
    """

    def __init__(self, connection: Connection, reap: Callable[[], None]):
        self.ended, self._connection, self._reap = False, connection, reap
        self._lists, self._asked, self._sending = Lists(), {}, threading.Lock()
        self._listener = threading.Thread(target=self._listen, name="letterspace-landscapes", daemon=True)
        try:
            self._listener.start()
        except RuntimeError as error:  # no more threads
            connection.close()
            reap()
            raise OSError(errno.EAGAIN, str(error)) from error

    def ask(self, ticket: int, asked: Asked, request: LandscapeRequest, words: Corpus) -> None:
        digest = words.digest
        with self._sending:
            given = None if digest in self._lists else words
            self._lists.use(digest, words)
            self._asked[ticket] = asked
            self._send((ticket, digest, given, request))

    def forget(self, asked: Asked) -> None:
        with self._sending:
            ticket = next((ticket for ticket, one in list(self._asked.items()) if one is asked), None)
            if ticket is not None and self._asked.pop(ticket, None):
                self._send((ticket,))

    def _send(self, message: tuple) -> None:
        try:
            if self.ended:
                raise BrokenPipeError
            self._connection.send(message)
        except OSError:
            self._give_up()

    def _give_up(self) -> None:
        for asked in list(self._asked.values()):
            asked.settle(None, ENDED)
        self._asked.clear()

    def _listen(self) -> None:
        try:
            while True:
                ticket, answer, problem = pickle.loads(self._connection.recv_bytes())
                asked = self._asked.pop(ticket, None)  # without the lock, which a sender holds while the socket is full
                if asked:
                    asked.settle(answer, problem)
        except (EOFError, OSError):
            pass
        finally:
            with self._sending:
                self.ended = True
                self._give_up()
                self._connection.close()
            self._reap()

    def close(self) -> None:
        """End the surveyor and the listener, and wait for both."""
        with suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)  # wakes the listener
        self._listener.join(2 * END_TIMEOUT)


_all: weakref.WeakSet[Landscapes] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    for landscapes in list(_all):
        landscapes.stop()
