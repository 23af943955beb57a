"""What a server and all the processes below it take of the machine."""

import contextlib
from dataclasses import dataclass

import psutil

MB = 1e6


@dataclass(frozen=True)
class Taken:
    """Sums over all processes. rss: resident memory, shared pages counted in each; pss: shared pages counted once."""

    processes: int
    threads: int
    handles: int
    rss: float  # MB
    pss: float  # MB


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
            rows.append((1, one.num_threads(), one.num_fds(), memory.rss / MB, memory.pss / MB))
    return Taken(*map(sum, zip(*rows)))
