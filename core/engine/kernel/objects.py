"""A cache of machine code in the user's cache directory, so that each shape is compiled once per machine.

A file's name is a hash of all that its code was made from; its first 32 bytes are the sha256 of
the rest. A damaged file counts as missing, and a directory that cannot be used as empty; neither
is an error. `LETTERSPACE_KERNELS` is another directory, or "off".
"""

import contextlib
import hashlib
import os
import pathlib
import tempfile

import platformdirs

VARIABLE = "LETTERSPACE_KERNELS"
MAX_FILES = 256  # files, of some 14 KB; the least recently used are deleted
SUFFIX, HASH = ".kernel", 32


def directory() -> pathlib.Path | None:
    """Where the files are; None for nowhere."""
    said = os.environ.get(VARIABLE, "")
    if said == "off":
        return None
    return pathlib.Path(said or pathlib.Path(platformdirs.user_cache_dir("letterspace", appauthor=False)) / "kernels")


def load(key: str) -> bytes | None:
    """The code kept under `key`; None if there is none, or it is damaged."""
    with contextlib.suppress(OSError, RuntimeError):
        path = _path(key)
        raw = path.read_bytes()
        if hashlib.sha256(raw[HASH:]).digest() == raw[:HASH]:
            with contextlib.suppress(OSError):
                os.utime(path)
            return raw[HASH:]
    return None


def keep(key: str, code: bytes) -> None:
    """Write the file atomically; errors are ignored."""
    with contextlib.suppress(OSError, RuntimeError):
        path = _path(key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(hashlib.sha256(code).digest() + code)
            os.replace(name, path)
        except OSError:
            os.unlink(name)
            raise
        _forget(path.parent)


def _path(key: str) -> pathlib.Path:
    place = directory()
    if place is None:
        raise FileNotFoundError(VARIABLE)
    return place / (hashlib.sha256(key.encode()).hexdigest()[:40] + SUFFIX)


def _forget(place: pathlib.Path) -> None:
    """Delete the least recently used files; other processes may be deleting the same ones."""
    files = []
    for path in place.glob(f"*{SUFFIX}"):
        with contextlib.suppress(FileNotFoundError):
            files.append((path.stat().st_mtime, path))
    for _, path in sorted(files)[: max(0, len(files) - MAX_FILES)]:
        path.unlink(missing_ok=True)
