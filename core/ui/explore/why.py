"""Why letters move, for a run that rests at its newest step: the pull on each, and a sentence after a single step."""

import torch

from core.analysis.pull import pulls, step_sentence
from core.analysis.timeline import Axes, Frame
from core.data.dataset import Dataset
from core.engine.snapshot import RECORDED, TRAINING, Snapshot
from core.plots.landscape import directions

DIGITS = 5


class Why:
    """What a page was last told; computed once for each step at which it rests."""

    def __init__(self):
        self._at: tuple | None = None
        self._told: dict | None = None
        self._before: Snapshot | None = None

    def look(self, shown: Snapshot, frame: Frame, axes: Axes, dataset: Dataset) -> dict | None:
        """step; pull: of each letter in the picture's plane, row by row ([] if unknown); said: a sentence or "".

        None while the run trains, for the recorded run, and in space.
        """
        if shown.state in (TRAINING, RECORDED) or len(axes) == 3:
            self._at = None
            return None
        at = shown.number, shown.step, axes
        if at != self._at:
            same = self._at is not None and self._at[:2] == at[:2]
            said = self._told["said"] if same else self._sentence(shown, dataset)
            self._at, self._told = at, {"step": shown.step, "pull": _pull(shown, frame, axes, dataset), "said": said}
            self._before = shown
        return self._told

    def _sentence(self, shown: Snapshot, dataset: Dataset) -> str:
        before = self._before
        if before is None or (before.number, before.step + 1) != (shown.number, shown.step):
            return ""
        return step_sentence(before.parameters(), shown.parameters().C, before.step, shown.config, dataset)


def _pull(shown: Snapshot, frame: Frame, axes: Axes, dataset: Dataset) -> list[float]:
    pull = pulls(shown.parameters(), dataset)
    if pull is None or not pull.isfinite().all():
        return []
    plane = pull.double() @ torch.tensor(directions(frame, axes), dtype=torch.float64).T
    if plane.shape[1] == 1:
        plane = torch.cat([plane, torch.zeros_like(plane)], 1)
    return [round(x, DIGITS) for x in plane.flatten().tolist()]
