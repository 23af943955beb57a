"""The processes that a test has started."""

import psutil


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
