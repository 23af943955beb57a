"""The place of a name among the words of the dev split."""

import time

from core.data.dataset import Dataset
from core.engine.snapshot import TRAINING, Snapshot
from core.plots import panels

PLACED, GROWN = 5.0, 1.2  # in training it is kept for seconds, or until the step grew by a factor


class Placing:
    """Of the name that one page asks for. It takes longer than all else of a look."""

    def __init__(self):
        self._placed = "", -1, -1, 0.0, 0  # name, run, step, time and percentile

    def look(self, name: str, snapshot: Snapshot, dataset: Dataset) -> int | None:
        """As `panels.percentile`; in training that of an earlier step may do."""
        now, (asked, run, step, since, percentile) = time.monotonic(), self._placed
        if not name:
            return None
        recent = now - since < PLACED or step <= snapshot.step < GROWN * step
        good = step == snapshot.step or (snapshot.state == TRAINING and recent)
        if (asked, run) != (name, snapshot.number) or not good:
            percentile = panels.percentile(snapshot.parameters(), dataset, name)
            self._placed = name, snapshot.number, snapshot.step, now, percentile
        return percentile
