"""Waiting for a condition, never for luck."""

import time
from collections.abc import Callable


def eventually(condition: Callable[[], object], within: float = 20.0):
    """Poll until `condition()` is true and return what it gave; fail after `within` seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.005)
    raise AssertionError(f"not so within {within:g} s")


class FakeClock:
    """A clock that moves only when told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now
