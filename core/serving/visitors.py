"""The visitors of a server, by a random token that their browser keeps in a cookie.

A reload, a second tab or a new connection after a dropped one has the same token and finds the same run,
still training. Streamlit does not reliably say when a visitor has left. So a run is paused when no page has
looked at it for two minutes (core/serving/pool.py), and its visitor is forgotten some time later.
"""

import hashlib
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from core.data.corpus import Corpus
from core.keeping.library import Library
from core.lessons.attempt import Attempt
from core.serving.client import Client

COOKIE, DAYS = "letterspace", 30  # its name, and how long a browser keeps it
TOKEN = re.compile("[0-9A-Za-z_-]{32}", re.ASCII)
REMEMBERED = 900.0  # seconds after the end of a lease
MAX_VISITORS = 200  # visitors that are remembered; the one whose last look is oldest goes first


@dataclass(eq=False)
class Visitor:
    """token: what the cookie holds. lists: word lists of their own, the newest last. attempt: at a lesson, or None."""

    token: str
    client: Client
    library: Library
    lists: list[Corpus] = field(default_factory=list)
    attempt: Attempt | None = None


def name_of(token: str) -> str:
    """The name of a visitor on disk, from which the token cannot be computed."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


class Visitors:
    """The visitors of one server process, for any thread.

    make: token -> a new Visitor. clock: the pool's.
    """

    def __init__(self, make: Callable[[str], Visitor], clock: Callable[[], float]):
        self._make, self._clock = make, clock
        self._known: dict[str, Visitor] = {}
        self._arriving: set[str] = set()
        self._changed = threading.Condition()

    def find(self, token: object) -> tuple[Visitor, bool]:
        """The visitor with this token, and whether they were known; a new one otherwise.

        An invalid token is replaced by a new one. A valid one that is not known, as after a restart of
        the server, is kept: the library may have an interrupted run of it.
        """
        valid = isinstance(token, str) and TOKEN.fullmatch(token)
        token = token if valid else secrets.token_urlsafe(24)
        with self._changed:
            self._changed.wait_for(lambda: token not in self._arriving)
            self._forget(0)
            visitor = self._known.get(token)
            if visitor:
                visitor.client.renew_lease()
                return visitor, True
            self._arriving.add(token)
        return self._arrived(token), False

    def _arrived(self, token: str) -> Visitor:
        """A new visitor, made without the lock: building a run takes a while."""
        try:
            visitor = self._make(token)
            with self._changed:
                self._forget(1)
                self._known[token] = visitor
            return visitor
        finally:
            with self._changed:
                self._arriving.discard(token)
                self._changed.notify_all()

    def __len__(self) -> int:
        return len(self._known)

    def _forget(self, coming: int) -> None:
        """Remove visitors who have been away too long, and as many more as make room for `coming` new ones."""
        gone = self._clock() - REMEMBERED
        by_age = sorted(self._known.values(), key=lambda visitor: visitor.client.leased_until)
        for place, visitor in enumerate(by_age):
            if visitor.client.leased_until < gone or place < len(by_age) + coming - MAX_VISITORS:
                del self._known[visitor.token]
