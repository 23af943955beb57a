"""What may come in over the live line: from where, how large, how often."""

import json
import time
from urllib.parse import urlsplit

LONGEST = 4096  # characters of a message of the browser
RATE, BURST = 40.0, 120.0  # messages of one browser: so many a second, and so many at once


def same_origin(origin: str | None, host: str | None) -> bool:
    """Whether a page of this very server asks; browsers always say where a page came from."""
    try:
        return bool(origin and host) and urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def parsed(text: str | None) -> tuple[str, object] | None:
    """The name and value of a message; None if it is none."""
    if text is None or len(text) > LONGEST:
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return next(iter(said.items())) if isinstance(said, dict) and len(said) == 1 else None


class Allowance:
    """RATE messages a second, BURST of them at once."""

    def __init__(self, clock=time.monotonic):
        self._clock, self._left, self._at = clock, BURST, clock()

    def take(self) -> bool:
        now = self._clock()
        self._left, self._at = min(BURST, self._left + RATE * (now - self._at)), now
        self._left -= 1
        return self._left >= 0
