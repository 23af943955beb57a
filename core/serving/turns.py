"""Sharing a few places among many batches: which may start a worker process, if there are more than cores."""

import os
import threading
import time
import weakref
from collections.abc import Callable
from typing import Protocol

AWAY = 30.0  # seconds without `ask` after which a member is passed over; a page asks every 20


class Member(Protocol):
    """A batch that wants places."""

    def held(self) -> int:
        """How many it has now."""

    def wants(self) -> bool:
        """Whether it would take another."""

    def take(self) -> None:
        """Take one: afterwards it holds one more, or wants one less."""

    def give_up(self, n: int) -> None:
        """Free n places as soon as possible, if it has held them long enough."""


class Turns:
    """A number of places for all members together: first for the one that holds the fewest, then for the one that
    has waited longest.

    Members must ask again and again. One that has not asked for `AWAY` seconds is passed over until it asks
    again. For any thread.
    """

    def __init__(self, places: int | None = None, clock: Callable[[], float] = time.monotonic):
        self.places, self._clock = places or os.cpu_count() or 1, clock
        self._seen: weakref.WeakKeyDictionary[Member, float] = weakref.WeakKeyDictionary()  # in the order of arrival
        self._lock = threading.Lock()

    def ask(self, member: Member) -> int:
        """Let `member` take the places it is due, and ask it to free those that others are due.

        Returns its position among those that hold none, 1 for the next; 0 if it holds a place, or wants none.
        """
        with self._lock:
            self._seen[member] = self._clock()
            while member in (queue := self._queue()) and queue.index(member) < self._free():
                member.take()
            without = [other for other in queue if not other.held()]
            missing = len([other for other in without if other is not member]) - self._free()
            if missing > 0 and member.held():
                member.give_up(missing)
            return without.index(member) + 1 if member in without else 0

    def move_to_back(self, member: Member) -> None:
        """It freed a place for others: make it the last of those that hold as few."""
        with self._lock:
            self._seen.pop(member, None)
            self._seen[member] = self._clock()

    def _free(self) -> int:
        return self.places - sum(member.held() for member in self._seen)

    def _queue(self) -> list[Member]:
        """Members that want another place and have asked recently, in the order in which they are due."""
        now = self._clock()
        there = [member for member, seen in self._seen.items() if now - seen < AWAY and member.wants()]
        return sorted(there, key=lambda member: member.held())
