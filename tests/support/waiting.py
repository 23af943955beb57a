"""Waiting for other threads, and clocks for tests."""

import time


def eventually(condition, seconds: float = 10):
    """Call `condition` every 10 ms until it returns something true, and return that. AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"still not so after {seconds} s: {getattr(condition, '__name__', condition)}"
        time.sleep(0.01)
    return value


class FakeClock:
    """A clock that the test sets."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class AdvancingClock(FakeClock):
    """A clock that advances with every call, so that no loop that waits for it is endless."""

    def __call__(self) -> float:
        self.now += 0.002
        return self.now
