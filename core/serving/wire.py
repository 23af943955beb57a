"""Snapshots and runs between processes, without what the other end has already.

Most of a snapshot (checkpoints, up to 48 MB, losses, words) is that of the one before. Both ends see the same
snapshots in the same order, so each knows what the other holds: of a history only the rows after those that one
of the last snapshot's histories has, too, are sent.
"""

from dataclasses import dataclass, replace

from core.engine.history import PARTS, History
from core.engine.saved import SavedRun
from core.engine.snapshot import Snapshot

CHECKPOINTS = PARTS.index("checkpoints")


@dataclass(frozen=True)
class Rest:
    """A history without the first rows of each of its PARTS: so many are those of history number `known`."""

    rows: History
    starts: tuple[int, ...]
    known: int


class Sender:
    """The sending end. What it returns can be read by the `Receiver` at the other end only."""

    def __init__(self):
        self._known: list[History] = []  # what the other end holds: of the last snapshot
        self._corpus = None

    def snapshot(self, snapshot: Snapshot) -> Snapshot:
        history, previous = (past and self._rest(past) for past in (snapshot.history, snapshot.previous))
        self._known = [past for past in (snapshot.history, snapshot.previous) if past]
        known, self._corpus = snapshot.corpus == self._corpus, snapshot.corpus
        return replace(snapshot, history=history, previous=previous, corpus=None if known else snapshot.corpus)

    def saved(self, saved: SavedRun) -> SavedRun:
        rest = self._rest(saved.history)
        self._known[rest.known : rest.known + 1] = [saved.history]
        return replace(saved, history=rest)

    def _rest(self, history: History) -> Rest:
        """What the other end lacks: beside the history it holds that has most checkpoints of this one."""
        parts = [getattr(history, name) for name in PARTS]
        starts, known = (0,) * len(PARTS), len(self._known)
        for number, other in enumerate(self._known):
            common = tuple(_common(part, getattr(other, name)) for name, part in zip(PARTS, parts))
            if common[CHECKPOINTS] > starts[CHECKPOINTS]:
                starts, known = common, number
        rows = (part[start:] for part, start in zip(parts, starts))
        return Rest(replace(history, **dict(zip(PARTS, rows))), starts, known)


class Receiver:
    """The receiving end: restores what the `Sender` shortened."""

    def __init__(self):
        self._known: list[History] = []
        self._corpus = None

    def snapshot(self, sent: Snapshot) -> Snapshot:
        history, previous = (rest and self._whole(rest) for rest in (sent.history, sent.previous))
        self._known = [past for past in (history, previous) if past]
        self._corpus = sent.corpus or self._corpus
        return replace(sent, history=history, previous=previous, corpus=self._corpus)

    def saved(self, sent: SavedRun) -> SavedRun:
        history, known = self._whole(sent.history), sent.history.known
        self._known[known : known + 1] = [history]
        return replace(sent, history=history)

    def _whole(self, rest: Rest) -> History:
        if rest.known == len(self._known):
            return rest.rows
        of, rows = self._known[rest.known], rest.rows
        whole = {name: getattr(of, name)[:start] + getattr(rows, name) for name, start in zip(PARTS, rest.starts)}
        return replace(rows, **whole)


def _common(rows: tuple, others: tuple) -> int:
    """How many of the first rows are the same."""
    n = min(len(rows), len(others))
    if rows[:n] == others[:n]:
        return n
    return next((i for i in range(n) if rows[i] != others[i]), n)
