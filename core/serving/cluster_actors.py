"""What runs on the nodes of a Ray cluster: hosts, and workers of batches, each in a process of its own.

core/serving/cluster_driver.py makes Ray actors of these classes. Ray starts and watches them; everything else
goes over one connection with the server, which only who has the key can open. What they need is imported when they need
it: Ray to ask for the address of this node, torch to train. So this module costs little where they are not.
"""

import gc
import json
import os
import socket
import time
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener

BUFFER = 200_000  # bytes on their way to the server, as between two processes here: later ones wait, or are left out


def prompt(connection: Connection) -> None:
    """Send at once, and little ahead of the reader."""
    with socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)


class Actor:
    """Waits for the server at an address of its node. key: secret of the two."""

    def __init__(self, key: bytes, address: str | None = None):
        self._listener = Listener((address or _node_address(), 0), authkey=key)

    def address(self) -> tuple[str, int]:
        return self._listener.address

    def used(self) -> float:
        """Seconds of processor time that this process has used."""
        return time.process_time()

    def serve(self) -> None:
        """Serve the first connection that knows the key, until it ends."""
        while True:
            with suppress(AuthenticationError, EOFError, OSError):
                connection = self._listener.accept()
                break
        self._listener.close()
        with connection:
            prompt(connection)
            self.serve_connection(connection)

    def serve_connection(self, connection: Connection) -> None:
        raise NotImplementedError


def _node_address() -> str:
    import ray

    return ray.util.get_node_ip_address()


class HostActor(Actor):
    """A host: see core/serving/host.py."""

    def __init__(self, key: bytes, address: str | None = None):
        super().__init__(key, address)
        from core.engine.paths import warm_up
        from core.serving import cluster_host

        warm_up()
        gc.freeze()
        self.serve_connection = cluster_host.serve


class WorkerActor(Actor):
    """A worker of a batch: see core/serving/worker.py. First it receives its work, as JSON."""

    def serve_connection(self, connection: Connection) -> None:
        from core.serving import jobs, worker

        os.nice(jobs.NICE)  # of this thread, which is all that works here
        with suppress(EOFError, OSError):
            worker.work_through(json.loads(connection.recv_bytes()), ConnectionLine(connection))


class ConnectionLine:
    """What a worker reads and writes, over a connection."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def read(self) -> bytes | None:
        said = b""
        try:
            while self._connection.poll():
                said += self._connection.recv_bytes()
        except (EOFError, OSError):
            return None
        return said

    def write(self, line: str) -> None:
        self._connection.send_bytes(line.encode())
