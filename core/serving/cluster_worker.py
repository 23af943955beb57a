"""A worker of a batch in a cluster, for core/serving/jobs.py; its other end is in core/serving/cluster_actors.py."""

import json
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue

from core.serving.jobs import GIVE_UP

POLL = 0.5  # seconds between two checks whether the worker has ended
LAST_WORDS = 2.0  # seconds that messages may be on their way after it has


def shut(connection: Connection) -> None:
    """End the connection for both ends, whoever reads it."""
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


class ClusterWorker:
    """given: the work, as JSON. tell: sends a command about this worker to the process that is connected to Ray.

    It waits until `serve` is called with the connection, in a thread that then reads it. ended: set once Ray says so.
    """

    lost = True  # if work is left in the end: nothing but a machine of the cluster ends it early

    def __init__(self, work: list[dict], given: str, tell: Callable[[str], None]):
        self.work, self.asked, self.began = work, False, time.monotonic()
        self.ended = threading.Event()
        self._given, self._tell, self._messages = given, tell, SimpleQueue()
        self._connection, self._lock, self._over = None, threading.Lock(), False

    def status(self) -> int | None:
        with self._lock:
            unheard = self._connection is None and self.ended.is_set()
            return 0 if self._over or unheard else None

    def say(self, what: bytes) -> None:
        with self._lock:
            if self._connection and not self._over:
                with suppress(OSError):
                    self._connection.send_bytes(what)

    def messages(self) -> list[dict]:
        """What it wrote since the last call."""
        found = []
        with suppress(Empty):
            while True:
                found.append(json.loads(self._messages.get_nowait()))
        return found

    def end(self) -> None:
        """Without waiting; it ends within a second."""
        self._tell("kill")
        with self._lock:
            self._over = True
            if self._connection:
                shut(self._connection)

    def serve(self, connection: Connection) -> None:
        """Give it its work, and read what it writes until it ends."""
        with connection:
            with suppress(EOFError, OSError):
                connection.send_bytes(self._given.encode())
                with self._lock:
                    if self._over or self.ended.is_set():
                        return
                    self._connection = connection
                    if self.asked:  # before it could hear it
                        connection.send_bytes(GIVE_UP)
                self._read(connection)
            with self._lock:
                self._over, self._connection = True, None

    def _read(self, connection: Connection) -> None:
        until = None
        while until is None or time.monotonic() < until:
            if connection.poll(POLL):
                self._messages.put(connection.recv_bytes())
            elif until is None and self.ended.is_set():
                until = time.monotonic() + LAST_WORDS
