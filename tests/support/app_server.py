"""The app served for browser tests and benchmarks, and the Chromium that looks at it."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from core.keeping.library import VARIABLE

ROOT = pathlib.Path(__file__).parent.parent.parent
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
READY = ".ls-letters .point"  # on the page when it can be used


def chromium(*preferred: str) -> str | None:
    """The path of an installed Chromium or Chrome."""
    return next(filter(None, map(shutil.which, (*preferred, "chromium", "chromium-browser", "google-chrome"))), None)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# `streamlit`, with the seconds of a lease as an additional first argument.
LEASED = (
    "import sys, core.serving.client as client; client.LEASE = float(sys.argv.pop(1)); "
    "from streamlit.web.cli import main; main()"
)


@contextmanager
def served(
    within: float = 60.0, library: str | pathlib.Path = "off", lease: float | None = None, port: int | None = None
) -> Iterator[str]:
    """Run the app in a process of its own, with the `library` at that path; yields its address.

    lease: seconds without a look after which a run is paused; two minutes by default. port: a free one by default.
    """
    port, program = port or free_port(), ["-m", "streamlit"] if lease is None else ["-c", LEASED, str(lease)]
    command = [sys.executable, *program, "run", "app.py", "--server.headless", "true"]
    address = ["--server.address", "127.0.0.1", "--server.port", str(port)]
    setting = {**os.environ, VARIABLE: str(library)}
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen([*command, *address], cwd=ROOT, env=setting, stdout=log, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + within
            while not healthy(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(f"The app did not start:\n{log.read()}")
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            if process.poll() is not None:
                log.seek(0)
                raise RuntimeError(f"The app ended by itself, with status {process.returncode}:\n{log.read()}")
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
