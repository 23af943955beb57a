"""Snapshots and runs between processes, without what the other end has already.

Most checkpoints (up to 48 MB) and words of a snapshot are those of the one before. Both ends see the
same snapshots in the same order, so each knows what the other holds: a checkpoint is sent once, and
from then on as a number.
"""

from dataclasses import replace

from core.engine.history import History
from core.engine.saved import SavedRun
from core.engine.snapshot import Snapshot


class Sender:
    """The sending end. What it returns can be read by the `Receiver` at the other end only."""

    def __init__(self):
        self._numbers: dict[bytes, int] = {}  # of the checkpoints that the other end holds
        self._sent, self._corpus = 0, None

    def snapshot(self, snapshot: Snapshot) -> Snapshot:
        before, self._numbers = self._numbers, {}  # both ends forget the checkpoints that this one lacks
        history = self._history(snapshot.history, before)
        previous = snapshot.previous and self._history(snapshot.previous, before)
        known, self._corpus = snapshot.corpus == self._corpus, snapshot.corpus
        return replace(snapshot, history=history, previous=previous, corpus=None if known else snapshot.corpus)

    def saved(self, saved: SavedRun) -> SavedRun:
        return replace(saved, history=self._history(saved.history, self._numbers))

    def _history(self, history: History, known: dict[bytes, int]) -> History:
        return replace(
            history, checkpoints=tuple((step, self._shortened(frozen, known)) for step, frozen in history.checkpoints)
        )

    def _shortened(self, frozen: bytes, known: dict[bytes, int]) -> bytes | int:
        number = self._numbers.get(frozen, known.get(frozen))
        if number is None:
            self._numbers[frozen] = self._sent
            self._sent += 1
            return frozen
        self._numbers[frozen] = number
        return number


class Receiver:
    """The receiving end: restores what the `Sender` shortened."""

    def __init__(self):
        self._checkpoints: dict[int, bytes] = {}
        self._received, self._corpus = 0, None

    def snapshot(self, sent: Snapshot) -> Snapshot:
        before, self._checkpoints = self._checkpoints, {}
        history = self._history(sent.history, before)
        previous = sent.previous and self._history(sent.previous, before)
        self._corpus = sent.corpus or self._corpus
        return replace(sent, history=history, previous=previous, corpus=self._corpus)

    def saved(self, sent: SavedRun) -> SavedRun:
        return replace(sent, history=self._history(sent.history, self._checkpoints))

    def _history(self, history: History, known: dict[int, bytes]) -> History:
        return replace(
            history, checkpoints=tuple((step, self._restored(short, known)) for step, short in history.checkpoints)
        )

    def _restored(self, short: bytes | int, known: dict[int, bytes]) -> bytes:
        if isinstance(short, bytes):
            number, self._received = self._received, self._received + 1
        else:
            number, short = short, self._checkpoints[short] if short in self._checkpoints else known[short]
        self._checkpoints[number] = short
        return short
