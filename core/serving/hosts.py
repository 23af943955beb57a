"""Starting a host: as a process, so that pages and other hosts never wait for a step, or as a thread for tests.

core/serving/links.py treats both alike, and hosts in a cluster, too (core/serving/cluster.py); the tests run with all.
"""

import errno
import mmap
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe

import psutil

from core.serving import processes
from core.serving.host import KEY, Host
from core.serving.processes import END_TIMEOUT, Process


@dataclass(frozen=True)
class Started:
    """A running host. reap: to be called once the connection has ended; waits until the host has, too.

    turn: memory in which the host writes the key of the run whose turn it is; it outlives the host.
    process: None for a thread. distant: on another machine's core, or on one that a cluster gives.
    """

    connection: Connection
    reap: Callable[[], None]
    turn: mmap.mmap
    process: Process | None = None
    distant: bool = False

    @property
    def whose_turn(self) -> int:
        """The key of the run that the host is training, or was when it ended; 0 for none."""
        return KEY.unpack(self.turn[: KEY.size])[0]

    def processor_time(self) -> float | None:
        """Seconds of processor time that the host has used; None for a thread, which is not watched."""
        try:
            return self.process and self.process.processor_time()
        except psutil.Error:
            return None

    def kill(self) -> None:
        """Kill the process; a thread is left alone."""
        if self.process:
            self.process.kill()


def in_process() -> Started:
    near, far = Pipe()
    with far, tempfile.TemporaryFile() as shared:
        shared.truncate(mmap.PAGESIZE)
        turn = mmap.mmap(shared.fileno(), mmap.PAGESIZE)
        process = processes.start("core.serving.host", [far.fileno(), shared.fileno()])
    return Started(near, lambda: processes.reap(process), turn, process)


def in_thread(clock: Callable[[], float] = time.monotonic) -> Started:
    near, far = Pipe()
    turn = mmap.mmap(-1, mmap.PAGESIZE)
    thread = threading.Thread(target=Host(far, turn, clock).serve, name="letterspace-training", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:  # no more threads
        far.close()
        near.close()
        raise OSError(errno.EAGAIN, str(error)) from error
    return Started(near, lambda: thread.join(END_TIMEOUT), turn)
