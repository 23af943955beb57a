"""How a host is started: as a process, so that pages and other runs wait for no step, or as a thread of this one.

Each way gives the connection with the host, and what is to be called once that has ended.
core/serving/pool.py knows no difference, and the tests ask the same of both.
"""

import pathlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe

from core.serving.host import Host

FAREWELL = 2.0  # seconds that a host has to say its last words, and to end
HOUSE = pathlib.Path(__file__).parent.parent.parent


def in_process() -> tuple[Connection, Callable[[], None]]:
    """`subprocess` with a module: what `multiprocessing` spawns would run Streamlit's script again."""
    near, far = Pipe()
    with far:
        command = [sys.executable, "-m", "core.serving.host", str(far.fileno())]
        process = subprocess.Popen(command, cwd=HOUSE, pass_fds=[far.fileno()], start_new_session=True)

    def reap() -> None:
        try:
            process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    return near, reap


def in_thread(clock: Callable[[], float] = time.monotonic) -> tuple[Connection, Callable[[], None]]:
    near, far = Pipe()
    thread = threading.Thread(target=Host(far, clock).serve, name="letterspace-training", daemon=True)
    thread.start()
    return near, lambda: thread.join(FAREWELL)
