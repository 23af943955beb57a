"""Snapshots and runs between processes, without what the other end has already.

Most of a snapshot (checkpoints, up to 48 MB, losses, words) is that of the one before. Both ends see the same
snapshots in the same order, so each knows what the other holds: of the lists of a history only the rows are sent
that no history of the last snapshot has (core/engine/log.py).
"""

from collections.abc import Callable
from dataclasses import replace

from core.engine.history import PARTS, History
from core.engine.log import joined, news
from core.engine.saved import SavedRun
from core.engine.snapshot import Snapshot


class _End:
    """What both ends of a connection hold: the histories of the last snapshot, and its corpus."""

    def __init__(self):
        self._held: list[History] = []
        self._corpus = None

    def _parts(self, history: History, make: Callable) -> History:
        """The history whose every list is what `make` makes of it and of the same lists of those held."""
        held = {name: [getattr(other, name) for other in self._held] for name in PARTS}
        return replace(history, **{name: make(getattr(history, name), held[name]) for name in PARTS})

    def _keep(self, history: History, sent: History) -> None:
        """Hold a run that was kept in place of the one that it goes on from."""
        number = sent.checkpoints.epoch
        self._held[number : number + 1] = [history]


class Sender(_End):
    """The sending end. What it returns can be read by the `Receiver` at the other end only."""

    def snapshot(self, snapshot: Snapshot) -> Snapshot:
        whole = snapshot.history, snapshot.previous
        history, previous = (past and self._parts(past, news) for past in whole)
        self._held = [past for past in whole if past]
        known, self._corpus = snapshot.corpus == self._corpus, snapshot.corpus
        return replace(snapshot, history=history, previous=previous, corpus=None if known else snapshot.corpus)

    def saved(self, saved: SavedRun) -> SavedRun:
        sent = self._parts(saved.history, news)
        self._keep(saved.history, sent)
        return replace(saved, history=sent)


class Receiver(_End):
    """The receiving end: restores what the `Sender` shortened."""

    def snapshot(self, sent: Snapshot) -> Snapshot:
        history, previous = (past and self._parts(past, joined) for past in (sent.history, sent.previous))
        self._held = [past for past in (history, previous) if past]
        self._corpus = sent.corpus or self._corpus
        return replace(sent, history=history, previous=previous, corpus=self._corpus)

    def saved(self, sent: SavedRun) -> SavedRun:
        history = self._parts(sent.history, joined)
        self._keep(history, sent.history)
        return replace(sent, history=history)
