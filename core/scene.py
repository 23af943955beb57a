"""What a watcher's eye keeps between snapshots: where letters were, which way the picture is turned, its frame."""

from collections import deque
from dataclasses import dataclass

import torch

from core.geometry import Projection, follow, neighbours, project
from core.snapshot import Snapshot

TRAIL = 14  # positions behind each letter, always as many, so that a trail can glide
NEAREST = 3
MARGIN = 1.22  # the frame is this much wider than the letters when it is drawn anew
FILLED = (0.6, 0.93)  # and drawn anew when the farthest letter is nearer or farther than this share of it


@dataclass(frozen=True)
class Window:
    """A square part of the plane: centre and half its side."""

    x: float
    y: float
    half: float


@dataclass(frozen=True)
class View:
    """The embedding at one snapshot, ready to be drawn.

    points (V, 2); trails: TRAIL + 1 arrays (V, 2), oldest first, the last being `points`;
    C (V, n_embd) the full coordinates; nearest: for each character the indices of its
    nearest others in the full space; explained: variance shown by each axis.
    """

    snapshot: Snapshot
    points: torch.Tensor
    trails: tuple[torch.Tensor, ...]
    C: torch.Tensor
    nearest: list[list[int]]
    explained: tuple[float, float]
    window: Window


class Scene:
    """Follows one run. `look` returns the view of a snapshot; the same snapshot gives the same view."""

    def __init__(self):
        self._view: View | None = None
        self._seen: Projection | None = None
        self._trail: deque = deque(maxlen=TRAIL + 1)

    def look(self, snapshot: Snapshot) -> View:
        last = self._view
        if last is not None and last.snapshot.number == snapshot.number and last.snapshot.step == snapshot.step:
            return last
        goes_on = last is not None and last.snapshot.number == snapshot.number and snapshot.step > last.snapshot.step
        C = snapshot.parameters().C
        seen = follow(C, self._seen) if goes_on else project(C)
        self._seen = seen
        if not goes_on:
            self._trail.extend([seen.points] * (TRAIL + 1))
        self._trail.append(seen.points)
        window = steady_window(seen.points, last.window if goes_on else None)
        nearest = neighbours(C, min(NEAREST, len(C) - 1))
        self._view = View(snapshot, seen.points, tuple(self._trail), C, nearest, seen.explained, window)
        return self._view


def steady_window(points: torch.Tensor, previous: Window | None) -> Window:
    """The previous window as long as the letters are in it and fill it; else one with room around them."""
    low, high = points.min(0).values, points.max(0).values
    (x, y), half = ((low + high) / 2).tolist(), max(float((high - low).max()) / 2, 1e-3)
    if previous is not None:
        reach = float((points - torch.tensor([previous.x, previous.y])).abs().max())
        if FILLED[0] <= reach / previous.half <= FILLED[1]:
            return previous
    return Window(x, y, half * MARGIN)
