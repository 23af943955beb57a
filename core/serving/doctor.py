"""`python -m core doctor`: what this machine has for Letterspace, and what to do where something is missing."""

import importlib.metadata
import os
import pathlib
import re
import socket
import sys
from collections.abc import Iterator
from typing import NamedTuple

import psutil

from core.engine.kernel import check, objects
from core.keeping.library import VARIABLE, default_path
from core.serving import cluster

REQUIREMENTS = pathlib.Path(__file__).parent.parent.parent / "requirements.txt"
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)", re.MULTILINE)
OLDEST = (3, 11)
PORT = 8501  # Streamlit's own
MEMORY = 1_500_000_000  # bytes: a server with pages for a class, and a host for each of two cores


class Row(NamedTuple):
    """what: a part. found: what is here. todo: what to do, or "" if it is fine."""

    what: str
    found: str
    todo: str = ""


def run() -> int:
    """Print the table. Exit status 1 if there is something to do."""
    rows = list(examined())
    wide = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for row in rows:
        print(f"{'!' if row.todo else ' '} {row.what:{wide[0]}}  {row.found:{wide[1]}}  {row.todo}".rstrip())
    wrong = sum(bool(row.todo) for row in rows)
    print(f"\n{wrong} to look at." if wrong else "\nAll is fine: streamlit run app.py")
    return min(wrong, 1)


def examined() -> Iterator[Row]:
    yield _python()
    for name, wanted in PIN.findall(REQUIREMENTS.read_text(encoding="utf-8")):
        yield _package(name, wanted)
    yield _kernel()
    yield _folder("compiled code", objects.directory(), f"{objects.VARIABLE}=off compiles at each start")
    yield _library()
    yield _port(PORT)
    yield _cores()
    yield _memory()
    yield _ray()


def _python() -> Row:
    found = ".".join(map(str, sys.version_info[:3]))
    return Row("python", found, "" if sys.version_info >= OLDEST else "use Python 3.11 or newer")


def _package(name: str, wanted: str) -> Row:
    try:
        found = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Row(name, "missing", "pip install -r requirements.txt")
    same = found.partition("+")[0] == wanted  # torch's CPU build is called 2.13.0+cpu
    return Row(name, found, "" if same else f"{wanted} was tested: pip install -r requirements.txt")


def _kernel() -> Row:
    trouble = check.unavailable_because()
    if trouble is None:
        return Row("engine", "machine code, the same bits as everywhere")
    return Row("engine", f"torch; machine code is {trouble}", "training is several times slower")


def _library() -> Row:
    path = default_path()
    if path is None:
        return Row("library", f"off ({VARIABLE}=off)")
    return _folder("library", path.parent, f"{VARIABLE}=/some/path.sqlite puts it elsewhere")


def _folder(what: str, folder: pathlib.Path | None, otherwise: str) -> Row:
    """Whether files can be written in a folder, which need not be there yet."""
    if folder is None:
        return Row(what, "off")
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    able = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
    return Row(what, str(folder), "" if able else f"it cannot be written; {otherwise}")


def _port(port: int) -> Row:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was just left is free
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as error:
            return Row("port", f"{port}: {error.strerror}", "streamlit run app.py --server.port 8502")
    return Row("port", f"{port} is free")


def _cores() -> Row:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Row("cores", f"{cores}", "" if cores > 1 else "pages and training share one core")


def _ray() -> Row:
    """An option, so that it is no fault if it is missing; if it is asked for, it has to be there."""
    address = os.environ.get(cluster.VARIABLE, "").strip()
    if not address:
        return Row("ray", f"off ({cluster.VARIABLE}=auto trains on the cores of a cluster)")
    fine, found = cluster.looked_at(address)
    if fine:
        return Row("ray", f"{cluster.VARIABLE}={address}: {found}")
    return Row("ray", f"{cluster.VARIABLE}={address}", f"{found} Training runs on this machine alone.")


def _memory() -> Row:
    free = psutil.virtual_memory().available
    return Row("memory", f"{free / 1e9:.1f} GB free", "" if free > MEMORY else f"{MEMORY / 1e9:g} GB are better")
