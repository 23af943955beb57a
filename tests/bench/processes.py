"""Servers that may be killed, and what a server with all the processes below it takes of the machine."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
from dataclasses import dataclass

import psutil

from core.keeping.library import VARIABLE
from tests.support.app_server import ROOT, free_port

MB = 1e6
ENDED = 10.0  # seconds within which everything below a killed server has to end


@dataclass(frozen=True)
class Taken:
    """Sums over all processes. rss: resident memory, shared pages counted in each; pss: shared pages counted once.
    own: what of rss is not read from files, as libraries are."""

    processes: int
    threads: int
    handles: int
    rss: float  # MB
    pss: float  # MB
    own: float  # MB


def server(address: str) -> psutil.Process:
    """The process, started by this one, that serves at that address; LookupError if there is none."""
    port = address.rpartition(":")[2]
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if port in process.cmdline():
                return process
    raise LookupError(f"No process below this one serves at {address}.")


def family(process: psutil.Process) -> list[psutil.Process]:
    """It and all that it started, and they did."""
    return [process, *process.children(recursive=True)]


def resident(process: psutil.Process) -> float:
    """MB of it and all below it: quick, for a look every second."""
    total = 0.0
    for one in family(process):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += one.memory_info().rss / MB
    return total


def taken(process: psutil.Process) -> Taken:
    """All there is to say; takes some tens of milliseconds a process."""
    rows = []
    for one in family(process):
        with contextlib.suppress(psutil.NoSuchProcess):
            memory = one.memory_full_info()
            sizes = memory.rss, memory.pss, memory.rss - memory.shared
            rows.append((1, one.num_threads(), one.num_fds(), *(size / MB for size in sizes)))
    return Taken(*map(sum, zip(*rows)))


class Server:
    """The app in a process of its own, at one port for as often as it is started; with a library on disk."""

    def __init__(self, library: pathlib.Path):
        self._library, self._port = library, free_port()
        self.address = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        """Returns at once: whoever visits waits until it answers."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
        address = ["--server.address", "127.0.0.1", "--server.port", str(self._port)]
        setting = {**os.environ, VARIABLE: str(self._library)}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen([*command, *address], cwd=ROOT, env=setting, **quiet)

    def hosts(self) -> list[psutil.Process]:
        """The processes in which it trains."""
        below = psutil.Process(self._process.pid).children(recursive=True)
        return [one for one in below if one.name() == "host" or "core.serving.host" in one.cmdline()]

    def kill(self) -> int:
        """End it with no chance to say anything; how many processes below it outlived it by `ENDED` seconds."""
        below = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()
        self._process.wait()
        return len(end(below))

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(ENDED)
        except subprocess.TimeoutExpired:
            self.kill()


def end(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that did not end by themselves within `ENDED` seconds; they are ended then."""
    _, alive = psutil.wait_procs(processes, ENDED)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return alive
