"""The pictures of a run: one frame for each checkpoint, and one for the current step.

The projection and window of a frame depend on the frame of the checkpoint before it, and on nothing
else. So the picture at a step depends only on the run, not on when somebody looked at it, and is the
same when one goes back to it.
"""

from dataclasses import dataclass, replace

import torch

from core.analysis.geometry import MANY, Projection, follow, neighbours, pair, project
from core.analysis.structure import apart
from core.engine.history import History
from core.engine.snapshot import Snapshot

NEAREST = 3
MARGIN = 1.22  # a new window is this many times as wide as the letters
FAR = 2.0  # an outlier is this many times as far from the middle as the NEARBY quantile of all letters
NEARBY = 0.75
FILLED = (0.6, 0.93)  # a new window is made if the farthest letter is outside this share of the window

Axes = tuple[int, ...]  # () for the projection of `geometry.project`, else raw dimensions: two, or three in space


@dataclass(frozen=True)
class Window:
    """The part of the plane (or space) that is shown, a square (or cube): its centre, and half of its side."""

    centre: tuple[float, ...]
    half: float


@dataclass(frozen=True)
class Frame:
    """The picture of the embedding at one step.

    C (V, n_embd): the full coordinates; seen: their projection, points (V, 2) or (V, 3); nearest: for each
    character the indices of its nearest others in the full space, [] if there are more than MANY; exact: (step,
    train loss, dev loss), the newest exact losses at that step. middle: a window without the outliers; `window` if
    there are none.
    apart: whether the first two groups of characters are better separated than chance (core/analysis/structure.py);
    False if that is not known; between checkpoints it is that of the last one.
    """

    step: int
    C: torch.Tensor
    seen: Projection
    nearest: list[list[int]]
    window: Window
    exact: tuple[int, float, float]
    middle: Window
    apart: bool = False


class Timeline:
    """The frames of one run for one choice of axes."""

    def __init__(self):
        self._what: tuple | None = None
        self.frames: list[Frame] = []

    def update(self, snapshot: Snapshot, axes: Axes = ()) -> Frame:
        """Add a frame for each new checkpoint of `snapshot`; return the frame of the snapshot's own step."""
        if (snapshot.number, axes) != self._what:
            self._what, self.frames = (snapshot.number, axes), []
        self._forget_undone(snapshot.history)
        for index in range(len(self.frames), len(snapshot.history.checkpoints)):
            step, exact = snapshot.history.checkpoints[index][0], exact_until(snapshot.history, index)
            C = snapshot.checkpoint(index).C
            self.frames.append(replace(self._frame(step, C, exact, axes), apart=apart(C, snapshot.corpus.shown.roles)))
        last, C = self.frames[-1], snapshot.parameters().C
        return replace(self._frame(snapshot.step, C, snapshot.exact, axes), apart=last.apart)

    def _forget_undone(self, history: History) -> None:
        """Remove frames of checkpoints that are not in the history any more: a run that failed goes back a few."""
        while self.frames and not self._is_current(len(self.frames) - 1, history):
            self.frames.pop()

    def _is_current(self, index: int, history: History) -> bool:
        if index >= len(history.checkpoints):
            return False
        frame, step = self.frames[index], history.checkpoints[index][0]
        return frame.step == step and frame.exact == exact_until(history, index)

    def _frame(self, step: int, C: torch.Tensor, exact: tuple[int, float, float], axes: Axes) -> Frame:
        last = self.frames[-1] if self.frames else None
        if last is not None and last.step == step:
            return Frame(step, C, last.seen, last.nearest, last.window, exact, last.middle)
        seen = _seen(C, axes, last and last.seen)
        window = steady_window(seen.points, last and last.window)
        near = inliers(seen.points)
        middle = window if near.all() else steady_window(seen.points[near], last and last.middle)
        nearest = neighbours(C, min(NEAREST, len(C) - 1)) if len(C) <= MANY else []
        return Frame(step, C, seen, nearest, window, exact, middle)


def exact_until(history: History, index: int) -> tuple[int, float, float]:
    """(step, train, dev): the newest exact losses at checkpoint `index`."""
    step = history.checkpoints[index][0]
    return next(row for row in reversed(history.evaluations) if row[0] <= step)


def _seen(C: torch.Tensor, axes: Axes, last: Projection | None) -> Projection:
    if axes:
        return pair(C, *axes)
    return project(C) if last is None else follow(C, last)


def inliers(points: torch.Tensor) -> torch.Tensor:
    """(V,) bool: which points (V, k) are not far out (FAR), measured from the median along each axis."""
    distance = (points - points.median(0).values).abs().amax(1)
    return distance <= FAR * distance.quantile(NEARBY)


def steady_window(points: torch.Tensor, previous: Window | None) -> Window:
    """The previous window if the letters fit in it and fill it (FILLED), else a new one with a margin around them."""
    low, high = points.min(0).values, points.max(0).values
    centre, half = ((low + high) / 2).tolist(), max(float((high - low).max()) / 2, 1e-3)
    if previous is not None:
        reach = float((points - points.new_tensor(previous.centre)).abs().max())
        if FILLED[0] <= reach / previous.half <= FILLED[1]:
            return previous
    return Window(tuple(centre), half * MARGIN)
