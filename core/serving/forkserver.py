"""`python -m core.serving.forkserver FD`: a process that has imported torch and our engine, and is copied by fork.

core/serving/processes.py starts it and holds the other end of the socket FD; it ends when that is closed. For each
byte that it receives, with a socket for reports, it makes a copy of itself. The copy reads from that socket what it
shall be (see `become`) and runs that module's `main`. The original reports the copy's process id, or the number of
the error if it cannot be copied, and in the end the copy's exit status.

It has one thread, and its copies begin with one: a fork copies no other, and leaves their locks locked.
"""

import contextlib
import gc
import importlib
import json
import os
import pathlib
import select
import signal
import socket
import struct
import sys
import traceback
from typing import NoReturn

BEGUN, FAILED, ENDED = range(3)  # kinds of reports; with them a process id, the number of an error, or a status
REPORT = struct.Struct("ii")
LONGEST, MOST_FILES = 1_000_000, 8  # bytes of what a copy is told, and files that it is given


class ForkServer:
    """Serves the socket `line`, in a process that has no other thread."""

    def __init__(self, line: socket.socket):
        self._line, self._reports = line, {}
        self._ends, self._wake = os.pipe()  # readable once a copy has ended
        for end in (self._ends, self._wake):
            os.set_blocking(end, False)

    def serve(self) -> None:
        """Make copies, until the socket is closed."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        while True:
            ready, _, _ = select.select([self._line, self._ends], [], [])
            if self._ends in ready:
                os.read(self._ends, 4096)
                self._report_ends()
            if self._line in ready:
                _, fds, *_ = socket.recv_fds(self._line, 1, 1)
                if not fds:
                    return
                self._copy(socket.socket(fileno=fds[0]))

    def _copy(self, report: socket.socket) -> None:
        try:
            pid = os.fork()
        except OSError as error:  # no more processes, or no memory
            _say(report, FAILED, error.errno)
            report.close()
            return
        if pid == 0:
            self._forget()
            become(report)
        self._reports[pid] = report
        _say(report, BEGUN, pid)

    def _forget(self) -> None:
        """In a copy: close what is the original's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in (self._ends, self._wake):
            os.close(end)
        for one in (self._line, *self._reports.values()):
            one.close()

    def _report_ends(self) -> None:
        while self._reports:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            with self._reports.pop(pid) as report:
                _say(report, ENDED, os.waitstatus_to_exitcode(status))


def _say(report: socket.socket, kind: int, number: int) -> None:
    with contextlib.suppress(OSError):  # nobody wants to know any more
        report.send(REPORT.pack(kind, number))


def become(report: socket.socket) -> NoReturn:
    """Run `main` of a module with files as its arguments, as `python -m MODULE FD...` would.

    Reads JSON {"module", "environment", "standard"} and files. standard: which of the standard files the last of them
    are, such as [0, 1] for input and output.
    """
    status = 1
    try:
        os.setsid()  # Ctrl-C is for the server; this ends with it
        said, fds, *_ = socket.recv_fds(report, LONGEST, MOST_FILES)
        report.close()
        told = json.loads(said)
        for number in reversed(told["standard"]):
            fd = fds.pop()
            os.dup2(fd, number)
            os.close(fd)
        os.environ.clear()
        os.environ.update(told["environment"])
        _rename(told["module"].rpartition(".")[2])
        sys.argv = [told["module"], *map(str, fds)]
        importlib.import_module(told["module"]).main()
        status = 0
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _rename(name: str) -> None:
    """Be listed under this name by `ps` and `top`, at most 15 characters."""
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/self/comm").write_text(name)


def main() -> None:
    gc.disable()  # imports leave no garbage, and Python would search for some 400 times, in 0.25 of 1.6 s
    # Imported here: processes that only talk to the fork server import this module, and need none of these.
    import torch

    import core.serving.host
    import core.serving.surveyor
    import core.serving.worker  # noqa: F401
    from core.engine.paths import warm_up

    torch.set_num_threads(1)
    warm_up()
    gc.freeze()
    gc.enable()
    ForkServer(socket.socket(fileno=int(sys.argv[1]))).serve()


if __name__ == "__main__":
    main()
