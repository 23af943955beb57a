"""Starting a host: as a process, so that pages and other hosts never wait for a step, or as a thread for tests.

core/serving/links.py treats both alike, and the tests run with both.
"""

import errno
import mmap
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe

import psutil

from core.serving.host import KEY, Host

END_TIMEOUT = 2.0  # seconds that a process has to send its last messages, and to end
HOUSE = pathlib.Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Started:
    """A running host. reap: to be called once the connection has ended; waits until the host has, too.

    turn: memory in which the host writes the key of the run whose turn it is; it outlives the host.
    process: None for a thread.
    """

    connection: Connection
    reap: Callable[[], None]
    turn: mmap.mmap
    process: psutil.Process | None = None

    @property
    def whose_turn(self) -> int:
        """The key of the run that the host is training, or was when it ended; 0 for none."""
        return KEY.unpack(self.turn[: KEY.size])[0]

    def processor_time(self) -> float | None:
        """Seconds of processor time that the host has used; None for a thread, which is not watched."""
        try:
            return self.process and sum(self.process.cpu_times()[:2])
        except psutil.Error:
            return None

    def kill(self) -> None:
        """Kill the process; a thread is left alone."""
        if self.process:
            self.process.kill()


def in_process() -> Started:
    """Not by `multiprocessing`, which would run Streamlit's script again."""
    near, far = Pipe()
    with far, tempfile.TemporaryFile() as shared:
        shared.truncate(mmap.PAGESIZE)
        turn = mmap.mmap(shared.fileno(), mmap.PAGESIZE)
        fds = far.fileno(), shared.fileno()
        command = [sys.executable, "-m", "core.serving.host", *map(str, fds)]
        process = subprocess.Popen(command, cwd=HOUSE, pass_fds=fds, start_new_session=True)

    def reap() -> None:
        try:
            process.wait(END_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            with suppress(subprocess.TimeoutExpired):  # it cannot even be killed while it waits for a disk
                process.wait(END_TIMEOUT)

    return Started(near, reap, turn, psutil.Process(process.pid))


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
