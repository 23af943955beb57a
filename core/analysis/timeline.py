"""A run over time as pictures: one frame for each checkpoint, and one for this very moment.

Each frame's projection and window follow from the frame before, along the checkpoints only:
so the picture at a step is a function of the run, not of who looked when, and the same on the
way there and on the way back.
"""

from dataclasses import dataclass

import torch

from core.analysis.geometry import Projection, follow, neighbours, pair, project
from core.engine.history import History
from core.engine.snapshot import Snapshot

NEAREST = 3
MARGIN = 1.22  # the window is this much wider than the letters when it is drawn anew
FILLED = (0.6, 0.93)  # and drawn anew when the farthest letter is nearer or farther than this share of it

Axes = tuple[int, ...]  # () for the projection of `geometry.project`, else raw dimensions: two, or three in space


@dataclass(frozen=True)
class Window:
    """A square (or cubic) part of the picture: centre (one number an axis) and half its side."""

    centre: tuple[float, ...]
    half: float


@dataclass(frozen=True)
class Frame:
    """The embedding at one step, ready to be drawn.

    seen: its projection, points (V, 2) or (V, 3); C (V, n_embd) the full coordinates; nearest:
    for each character the indices of its nearest others in the full space; exact: (step, train
    loss, dev loss), the newest exact losses then.
    """

    step: int
    C: torch.Tensor
    seen: Projection
    nearest: list[list[int]]
    window: Window
    exact: tuple[int, float, float]


class Timeline:
    """The frames of one run seen along one choice of axes."""

    def __init__(self):
        self._what: tuple | None = None
        self.frames: list[Frame] = []

    def update(self, snapshot: Snapshot, axes: Axes = ()) -> Frame:
        """Add the frames of checkpoints that are new in `snapshot`; the frame of its own step."""
        if (snapshot.number, axes) != self._what:
            self._what, self.frames = (snapshot.number, axes), []
        self._forget_undone(snapshot.history)
        for index in range(len(self.frames), len(snapshot.history.checkpoints)):
            step, exact = snapshot.history.checkpoints[index][0], exact_until(snapshot.history, index)
            self.frames.append(self._frame(step, snapshot.checkpoint(index).C, exact, axes))
        return self._frame(snapshot.step, snapshot.parameters().C, snapshot.exact, axes)

    def _forget_undone(self, history: History) -> None:
        """A run that failed went back to a step before some of its checkpoints, and knows its exact losses there."""
        while self.frames and not self._stands(len(self.frames) - 1, history):
            self.frames.pop()

    def _stands(self, index: int, history: History) -> bool:
        if index >= len(history.checkpoints):
            return False
        frame, step = self.frames[index], history.checkpoints[index][0]
        return frame.step == step and frame.exact == exact_until(history, index)

    def _frame(self, step: int, C: torch.Tensor, exact: tuple[int, float, float], axes: Axes) -> Frame:
        last = self.frames[-1] if self.frames else None
        if last is not None and last.step == step:
            return Frame(step, C, last.seen, last.nearest, last.window, exact)
        seen = _seen(C, axes, last and last.seen)
        window = steady_window(seen.points, last and last.window)
        return Frame(step, C, seen, neighbours(C, min(NEAREST, len(C) - 1)), window, exact)


def exact_until(history: History, index: int) -> tuple[int, float, float]:
    """The newest exact losses on arrival at checkpoint `index`."""
    step = history.checkpoints[index][0]
    return next(row for row in reversed(history.evaluations) if row[0] <= step)


def _seen(C: torch.Tensor, axes: Axes, last: Projection | None) -> Projection:
    if axes:
        return pair(C, *axes)
    return project(C) if last is None else follow(C, last)


def steady_window(points: torch.Tensor, previous: Window | None) -> Window:
    """The previous window as long as the letters are in it and fill it; else one with room around them."""
    low, high = points.min(0).values, points.max(0).values
    centre, half = ((low + high) / 2).tolist(), max(float((high - low).max()) / 2, 1e-3)
    if previous is not None:
        reach = float((points - points.new_tensor(previous.centre)).abs().max())
        if FILLED[0] <= reach / previous.half <= FILLED[1]:
            return previous
    return Window(tuple(centre), half * MARGIN)
