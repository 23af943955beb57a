"""Waiting for something another thread does."""

import time


def eventually(condition, seconds: float = 10):
    """Ask `condition` every 10 ms until what it returns is true; return that. AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"still not so after {seconds} s: {getattr(condition, '__name__', condition)}"
        time.sleep(0.01)
    return value


class FakeClock:
    """A clock that moves only when told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Moving(FakeClock):
    """Every look at it takes some of its time, so that no loop that waits for it is endless."""

    def __call__(self) -> float:
        self.now += 0.002
        return self.now
