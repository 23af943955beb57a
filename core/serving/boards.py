"""What was handed in of each lesson: points of a loss and a number of parameters, and nothing of who they are from."""

import threading
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

from core.keeping.points import KeptPoints, Point, key_of

BOARDS, POINTS = 50, 1_000  # in memory; the one that was not added to for longest goes first


class Watcher(Protocol):
    def wake(self) -> None:
        """There is something new to look at. For any thread."""


class Boards:
    """For any thread. kept: where they are kept on disk; without it they are gone with the server."""

    def __init__(self, kept: KeptPoints | None = None):
        self._kept, self._lock = kept, threading.Lock()
        self._boards: OrderedDict[str, OrderedDict[str, Point]] = OrderedDict()
        self._watchers: weakref.WeakKeyDictionary[Watcher, str] = weakref.WeakKeyDictionary()

    def add(self, lesson: str, visitor: str, point: Point) -> None:
        """The newest answer of a visitor takes the place of the one before. lesson: its digest."""
        key = key_of(lesson, visitor)
        with self._lock:
            board = self._boards[lesson] = self._board(lesson)
            self._boards.move_to_end(lesson)
            while len(self._boards) > BOARDS:
                self._boards.popitem(last=False)
            board.pop(key, None)
            board[key] = point
            while len(board) > POINTS:
                board.popitem(last=False)
            watchers = [watcher for watcher, of in self._watchers.items() if of == lesson]
        for watcher in watchers:
            watcher.wake()
        if self._kept:
            self._kept.add(lesson, key, point)

    def watch(self, lesson: str, watcher: Watcher) -> None:
        """Wake `watcher` whenever there is an answer to this lesson. Only a weak reference is kept."""
        with self._lock:
            self._watchers[watcher] = lesson

    def points(self, lesson: str) -> list[Point]:
        """In the order in which they were handed in."""
        with self._lock:
            return list(self._board(lesson).values())

    def _board(self, lesson: str) -> OrderedDict[str, Point]:
        """That of a lesson; as long as nothing was added to it here, what is on disk."""
        if lesson in self._boards:
            return self._boards[lesson]
        return OrderedDict(self._kept.of(lesson, POINTS) if self._kept else {})


def frontier(points: Sequence[Point]) -> list[Point]:
    """Those that no other beats with as few parameters or fewer, the smallest network first."""
    best, found = float("inf"), []
    for point in sorted(points, key=lambda point: (point.parameters, point.dev)):
        if point.dev < best:
            best = point.dev
            found.append(point)
    return found
