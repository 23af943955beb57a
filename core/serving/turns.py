"""Whose turn it is, where more want a core than there are."""

import os
import threading
import time
import weakref
from collections.abc import Callable
from typing import Protocol

AWAY = 30.0  # seconds without a word after which nobody waits for a member; a page speaks every 20


class Member(Protocol):
    """One who wants places."""

    def held(self) -> int:
        """How many it has now."""

    def wants(self) -> bool:
        """Whether it would take another."""

    def take(self) -> None:
        """Take one: it has one more now, or wants one less."""

    def give_up(self, n: int) -> None:
        """Give up n as soon as it can, if it has had them long enough."""


class Turns:
    """So many places for all members together: first for who has the fewest, then for who has waited longest.

    Nobody is told that it is their turn; they ask. Who does not ask for `AWAY` seconds is
    passed over until they do. For any thread.
    """

    def __init__(self, places: int | None = None, clock: Callable[[], float] = time.monotonic):
        self._places, self._clock = places or os.cpu_count() or 1, clock
        self._seen: weakref.WeakKeyDictionary[Member, float] = weakref.WeakKeyDictionary()  # in the order of coming
        self._lock = threading.Lock()

    def ask(self, member: Member) -> int:
        """Let it take what is its turn, and give up what is another's.

        Its place in the line, 1 for the next; 0 if it has a place, or wants none.
        """
        with self._lock:
            self._seen[member] = self._clock()
            while member in (line := self._line()) and line.index(member) < self._free():
                member.take()
            without = [other for other in line if not other.held()]
            missing = len([other for other in without if other is not member]) - self._free()
            if missing > 0 and member.held():
                member.give_up(missing)
            return without.index(member) + 1 if member in without else 0

    def stand_back(self, member: Member) -> None:
        """It gave up a place for others: it comes last of those who have as few."""
        with self._lock:
            self._seen.pop(member, None)
            self._seen[member] = self._clock()

    def _free(self) -> int:
        return self._places - sum(member.held() for member in self._seen)

    def _line(self) -> list[Member]:
        """Those who want another place and are there, in their order."""
        now = self._clock()
        there = [member for member, seen in self._seen.items() if now - seen < AWAY and member.wants()]
        return sorted(there, key=lambda member: member.held())
