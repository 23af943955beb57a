"""Starting the processes that hosts, workers and the surveyor are. POSIX only.

Importing torch takes a process 1.5 s of processor time and most of its memory. So on Linux they are copies of one
process that has done so (core/serving/forkserver.py): each starts within some 20 ms, and its memory is shared until it
is written to. That process is started with the first of them and ends with this one. Elsewhere, where not all
libraries bear a fork, each is started anew.

Not by `multiprocessing`, which would run Streamlit's script again.
"""

import atexit
import errno
import json
import os
import pathlib
import select
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import psutil

from core.serving.forkserver import BEGUN, ENDED, FAILED, REPORT

HOUSE = pathlib.Path(__file__).parent.parent.parent
END_TIMEOUT = 2.0  # seconds that a process has to send its last messages, and to end
FORKS = sys.platform == "linux"
STARTING = 30.0  # seconds that a process may take to begin
SLICE = 1.0  # seconds: of waiting, so that nobody waits for ever for a socket that another thread has closed
LOST = -9  # the status of a process that ended when nobody was there to report it


class Process(Protocol):
    """A process that was started here. For any thread."""

    pid: int

    def poll(self) -> int | None:
        """Its exit status, negative after a signal; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended, its status; subprocess.TimeoutExpired after so many seconds."""

    def kill(self) -> None:
        """Kill it, if it has not ended."""

    def processor_time(self) -> float:
        """Seconds of it that the process has used; psutil.Error if it has ended."""


def start(module: str, fds: Sequence[int], stdin: int | None = None, stdout: int | None = None) -> Process:
    """Start `python -m MODULE FD...` with these open files, which are copied; OSError if that cannot be.

    Returns at once while the process that is copied is being started.
    """
    return (_forked if FORKS else _spawned)(module, fds, stdin, stdout)


def reap(process: Process) -> None:
    """Wait until a process that was told to end has; kill it if it does not."""
    try:
        process.wait(END_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        with suppress(subprocess.TimeoutExpired):  # it cannot even be killed while it waits for a disk
            process.wait(END_TIMEOUT)


def _spawned(module: str, fds: Sequence[int], stdin: int | None, stdout: int | None) -> Process:
    command, standard = [sys.executable, "-m", module, *map(str, fds)], {"stdin": stdin, "stdout": stdout}
    return Spawned(command, cwd=HOUSE, pass_fds=fds, start_new_session=True, **standard)


class Spawned(subprocess.Popen):
    """A process that was started anew; see `Process`."""

    def processor_time(self) -> float:
        return sum(psutil.Process(self.pid).cpu_times()[:2])


def _forked(module: str, fds: Sequence[int], stdin: int | None, stdout: int | None) -> Process:
    standard = {number: fd for number, fd in enumerate((stdin, stdout)) if fd is not None}
    told = {"module": module, "environment": dict(os.environ), "standard": list(standard)}
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with far:
        try:
            socket.send_fds(near, [json.dumps(told).encode()], [*fds, *standard.values()])
            server = _server_for(far)
        except BaseException:
            near.close()
            raise
    process = Forked(server, near)
    if server.forks:
        process.begin(END_TIMEOUT)
    return process


class Forked:
    """A process that is a copy of a fork server; see `Process`. OSError for its pid if it could not be made."""

    def __init__(self, server: "_Server", report: socket.socket):
        self._server, self._report, self._lock = server, report, threading.Lock()
        self._close = weakref.finalize(self, report.close)
        self._process: psutil.Process | None = None
        self._pid = self._status = self._error = None
        self._unreported = False  # the fork server has ended

    @property
    def pid(self) -> int:
        """Waits for it, if need be."""
        self.begin(STARTING)
        if self._pid is None:  # the fork server hangs
            self._server.kill()
            self.wait()
            self.begin(0.0)
        return self._pid

    def begin(self, seconds: float) -> None:
        """Wait at most so long until it has begun; OSError if it could not."""
        until = time.monotonic() + seconds
        while self._pid is None and self._error is None and (left := until - time.monotonic()) > 0:
            self._listen(left)
        if self._error is not None:
            raise OSError(self._error, os.strerror(self._error))

    def poll(self) -> int | None:
        self._listen(0.0)
        return self._status

    def wait(self, timeout: float | None = None) -> int:
        until = None if timeout is None else time.monotonic() + timeout
        while self._status is None:
            left = None if until is None else until - time.monotonic()
            if left is not None and left < 0:
                raise subprocess.TimeoutExpired(str(self._pid), timeout)
            self._listen(left)
        return self._status

    def kill(self) -> None:
        if self.poll() is None:
            if self._pid is None:  # the fork server hangs
                self._server.kill()
            elif self._process:
                with suppress(psutil.NoSuchProcess):
                    self._process.kill()

    def processor_time(self) -> float:
        """Until it has been made, that of the fork server."""
        self._listen(0.0)
        return sum((self._process or self._server.process).cpu_times()[:2])

    def _listen(self, seconds: float | None) -> None:
        """Wait for the next report, at most so long, and never longer than `SLICE`."""
        if self._unreported:
            self._look(seconds)
        elif self._status is None:
            poll = select.poll()  # `select.select` only takes file numbers below 1,024
            with suppress(ValueError):  # another thread has heard of its end
                poll.register(self._report, select.POLLIN)
                poll.poll(1000 * (SLICE if seconds is None else min(seconds, SLICE)))
                with self._lock:
                    self._hear()

    def _hear(self) -> None:
        if self._status is not None or self._unreported:
            return  # another thread has heard
        try:
            said = self._report.recv(REPORT.size, socket.MSG_DONTWAIT)
        except (BlockingIOError, ConnectionResetError):
            return  # a reset: it ended without reading what it shall be, which is said once, before its reports
        kind, number = REPORT.unpack(said) if said else (None, errno.ECHILD)
        if kind == BEGUN:
            with suppress(psutil.NoSuchProcess):  # ended already
                self._process = psutil.Process(number)
            self._pid, self._server.forks = number, True
        elif kind == ENDED:
            self._status = number
        elif kind == FAILED or self._pid is None:
            self._error, self._status = number, LOST
        else:
            self._unreported = True
        if kind != BEGUN:
            self._close()

    def _look(self, seconds: float | None) -> None:
        """Nobody reports its end any more: look whether it is there."""
        with suppress(psutil.TimeoutExpired):
            if self._process:
                self._process.wait(SLICE if seconds is None else seconds)
            self._status = LOST


class _Server:
    """A fork server, from this side; `forks` once it has made a copy. OSError if it cannot be started."""

    def __init__(self):
        self.forks = False
        self._line, far = socket.socketpair()
        with far:
            command = [sys.executable, "-m", "core.serving.forkserver", str(far.fileno())]
            single = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # of all threads only one is copied
            try:
                self._popen = subprocess.Popen(
                    command, cwd=HOUSE, pass_fds=[far.fileno()], start_new_session=True, env=single
                )
            except OSError:
                self._line.close()
                raise
        self.process = psutil.Process(self._popen.pid)

    @property
    def ended(self) -> bool:
        return self._popen.poll() is not None

    def copy(self, report: socket.socket) -> None:
        """Ask for a copy. OSError if it has ended."""
        socket.send_fds(self._line, [b"."], [report.fileno()])

    def kill(self) -> None:
        """Kill it, and wait until it has ended, so that no dead process is left until the next one is started."""
        self._popen.kill()
        with suppress(subprocess.TimeoutExpired):  # it cannot even be killed while it waits for a disk
            self._popen.wait(END_TIMEOUT)

    def end(self) -> None:
        """End it, and wait until it has; its copies go on."""
        self._line.close()
        try:
            self._popen.wait(END_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()


_server: _Server | None = None
_servers = threading.Lock()


def _server_for(report: socket.socket) -> _Server:
    """The fork server of this process, which has been asked for a copy that reports there; a new one if need be."""
    global _server
    with _servers:
        if _server and not _server.ended:
            with suppress(OSError):  # it is ending
                _server.copy(report)
                return _server
        _end()
        _server = _Server()
        _server.copy(report)
        return _server


def _end() -> None:
    global _server
    if _server:
        _server.end()
    _server = None


atexit.register(_end)
