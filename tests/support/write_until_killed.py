"""Writes runs into a library until it is killed: `python -m tests.support.write_until_killed`, for
tests/keeping/test_library_disk.py.

Its first line of input is the path of the library. For each further line, "NUMBER BYTES", it forks a child that prints
its process id, keeps saving three runs of that number, each a little further every time, and prints
"RUN STEP" after each save that returned. If BYTES is not 0, the kernel kills the child at the
write that makes a file longer than that; otherwise somebody else must. Then "dead" is printed.
"""

import os
import pathlib
import resource
import signal
import sys

from core.config import Config
from core.engine.saved import SavedRun
from core.keeping.library import Library
from tests.support.runs_kept import forged

RUNS, STEPS = 3, 3


def run_of(number: int, step: int) -> SavedRun:
    return forged(Config(seed=number, n_hidden=50), step)


def write_for_ever(path: pathlib.Path, number: int, longest: int) -> None:
    if longest:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (longest, longest))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it
    os.write(1, f"{os.getpid()}\n".encode())
    library, step = Library(path), 0
    while True:
        step += STEPS
        for run in range(RUNS * number, RUNS * (number + 1)):
            library.save(run_of(run, step))
            said = library.problem or f"run{run} {step}"
            os.write(1, f"{said}\n".encode())


def main() -> None:
    path = pathlib.Path(sys.stdin.readline().rstrip("\n"))
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            write_for_ever(path, *map(int, line.split()))
        os.waitpid(child, 0)
        os.write(1, b"dead\n")


if __name__ == "__main__":
    main()
