"""The processes that a test has started."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

import psutil

from core.serving import processes
from core.serving.processes import Process


def started(by: psutil.Process | None = None) -> set[psutil.Process]:
    """All below this process, or another, but for the fork server, which stays as long as the process does."""
    by = by or psutil.Process()
    return {process for process in by.children(recursive=True) if not is_fork_server(process, by)}


def is_fork_server(process: psutil.Process, server: psutil.Process) -> bool:
    """Whether it is the one of that server. Its copies have the same command, but another parent."""
    try:
        return process.ppid() == server.pid and "core.serving.forkserver" in process.cmdline()
    except psutil.Error:  # it has ended
        return False


class Piped(NamedTuple):
    """A process, and the ends of its standard files that are here. tell: unbuffered."""

    process: Process
    tell: BinaryIO
    said: BinaryIO


@contextmanager
def piped(module: str, *fds: int) -> Iterator[Piped]:
    """`python -m MODULE FD...`, as a copy of the fork server, which has imported torch; killed in the end."""
    (stdin, tell), (said, stdout) = os.pipe(), os.pipe()
    with open(tell, "wb", buffering=0) as tell, open(said, "rb") as said:
        with open(stdin, "rb"), open(stdout, "wb"):
            process = processes.start(module, fds, stdin, stdout)
        try:
            yield Piped(process, tell, said)
        finally:
            process.kill()
            process.wait()


def ready() -> None:
    """See to it that there is a fork server, and that it has made all that its copies share."""
    with piped("tests.support.processes") as process:
        process.said.read()


def main() -> None:
    """A copy that has nothing to do."""
