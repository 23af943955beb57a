"""The pictures of a run: one frame for each moment at which C was kept, and one for the current step.

The projection and window of a frame depend on the frame of the moment before it, and on nothing
else. So the picture at a step depends only on the run, not on when somebody looked at it, and is the
same when one goes back to it.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter

import numpy as np
import torch

from core.analysis.geometry import MANY, Projection, follow, neighbours, pair, project, projections
from core.analysis.structure import all_apart
from core.engine.embeddings import SHOWN, Moment
from core.engine.history import History
from core.engine.snapshot import Snapshot

NEAREST = 3
MARGIN = 1.22  # a new window is this many times as wide as the letters
FAR = 2.0  # an outlier is this many times as far from the middle as the NEARBY quantile of all letters
NEARBY = 0.75
NUMBERS = 1_000_000  # of embeddings, or of distances, that are made into frames together
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

    rows: gives C (V, n_embd), the full coordinates; of more than SHOWN words, those. seen: their projection, points
    (V, 2) or (V, 3). checkpoint: the newest one's index among those of the run. nearest: for each
    character the indices of its nearest others in the full space, () if there are more than MANY; exact: (step,
    train loss, dev loss), the newest exact losses at that step. middle: a window without the outliers; `window` if
    there are none.
    apart: whether the first two groups of characters are better separated than chance (core/analysis/structure.py);
    False if that is not known; between checkpoints it is that of the last one.
    """

    step: int
    rows: Callable[[], torch.Tensor]
    seen: Projection
    nearest: tuple[tuple[int, ...], ...]
    window: Window
    exact: tuple[int, float, float]
    middle: Window
    apart: bool = False
    checkpoint: int = 0

    @property
    def C(self) -> torch.Tensor:
        return self.rows()


class Timeline:
    """The frames of one run for one choice of axes."""

    def __init__(self):
        self._what: tuple | None = None
        self.frames: list[Frame] = []

    def update(self, snapshot: Snapshot, axes: Axes = ()) -> Frame:
        """Add a frame for each new moment of `snapshot`; return the frame of the snapshot's own step."""
        if (snapshot.number, axes) != self._what:
            self._what, self.frames = (snapshot.number, axes), []
        missing, most = self._missing(snapshot), at_once(snapshot)
        own = Moment(snapshot.step, 0, snapshot.frozen)  # whole as a checkpoint is, whatever its number
        while len(missing) >= most:
            self.frames += self._made(snapshot, missing[:most], axes)
            missing = missing[most:]
        if (missing or self.frames)[-1].step == own.step:
            if missing:
                self.frames += self._made(snapshot, missing, axes)
            rows = partial(own.C, len(snapshot.vocabulary), snapshot.config.n_embd)
            return replace(self.frames[-1], rows=rows, exact=snapshot.exact)
        *new, head = self._made(snapshot, [*missing, own], axes, own=True)
        self.frames += new
        return head

    def _made(self, snapshot: Snapshot, moments: list[Moment], axes: Axes, own: bool = False) -> list[Frame]:
        """The frames of the next moments. own: the last of them is this very moment, which is not scored: it takes
        `apart` of the one before."""
        C, exact = _stacked(snapshot, moments), [exact_at(snapshot.history, moment.step) for moment in moments]
        scored = C[: len(C) - own]
        apart = all_apart(scored, snapshot.corpus.shown.roles) if len(scored) else []
        if own:
            exact[-1] = snapshot.exact
            apart.append(apart[-1] if apart else self.frames[-1].apart)
        return self._frames(_sources(snapshot, moments), C, exact, axes, apart)

    def _missing(self, snapshot: Snapshot) -> list[Moment]:
        """The moments without a frame. Frames of moments that are not in the history any more are removed: a run that
        failed goes back a few."""
        while self.frames:
            newest, *missing = snapshot.moments(len(self.frames) - 1) or [None]
            frame = self.frames[-1]
            if newest and frame.step == newest.step and frame.exact == exact_at(snapshot.history, frame.step):
                return missing
            self.frames.pop()
        return snapshot.moments()

    def _frames(
        self, sources: Sequence["Source"], C: torch.Tensor, exact: list[tuple], axes: Axes, known: list[bool]
    ) -> list[Frame]:
        """The frames after those there are: where from, embeddings (P, V, n_embd), exact losses, `apart`."""
        last, V = self.frames[-1] if self.frames else None, C.shape[1]
        seen = _seen(C.double(), axes, last and last.seen)
        nearest = neighbours(C, min(NEAREST, V - 1)) if V <= MANY else [[]] * len(C)
        windows = _windows(np.stack([one.points.numpy() for one in seen]), last)
        return [
            Frame(step, rows, view, tuple(map(tuple, near)), window, losses, middle, apart, checkpoint)
            for (step, rows, checkpoint), view, near, (window, middle), losses, apart in zip(
                sources, seen, nearest, windows, exact, known
            )
        ]


Source = tuple[int, Callable[[], torch.Tensor], int]  # of a frame: its step, rows and checkpoint


def _stacked(snapshot: Snapshot, moments: list[Moment]) -> torch.Tensor:
    """C of the symbols that pictures show at these moments: (P, V, n_embd)."""
    if all(moment.checkpoint is not None for moment in moments):
        return snapshot.embeddings([moment.kept for moment in moments])[:, :SHOWN]
    return torch.stack([moment.C(len(snapshot.vocabulary), snapshot.config.n_embd) for moment in moments])


def _sources(snapshot: Snapshot, moments: list[Moment]) -> list[Source]:
    V, n_embd, kept = len(snapshot.vocabulary), snapshot.config.n_embd, snapshot.history.checkpoints
    whole = lambda step: bisect_right(kept, step, key=itemgetter(0)) - 1
    return [(moment.step, partial(moment.C, V, n_embd), whole(moment.step)) for moment in moments]


def at_once(snapshot: Snapshot) -> int:
    """How many frames are made together."""
    V = len(snapshot.vocabulary)
    return max(1, NUMBERS // (V * max(snapshot.config.n_embd, V if V <= MANY else 0)))


def exact_at(history: History, step: int) -> tuple[int, float, float]:
    """(step, train, dev): the newest exact losses at a step."""
    rows = history.evaluations
    return rows[bisect_right(rows, step, key=itemgetter(0)) - 1]


def _seen(embeddings: torch.Tensor, axes: Axes, last: Projection | None) -> list[Projection]:
    """How P embeddings (P, V, n_embd), float64, are seen after `last`."""
    if axes:
        return [pair(C, *axes) for C in embeddings]
    if embeddings.shape[2] == 2:
        return projections(embeddings, embeddings, last and last.points)
    seen = []
    for C in embeddings:
        last = project(C) if last is None else follow(C, last)
        seen.append(last)
    return seen


def inliers(points: torch.Tensor) -> torch.Tensor:
    """(V,) bool: which points (V, k) are not far out (FAR), measured from the median along each axis."""
    return torch.from_numpy(_near(points.numpy()[None])[0])


def _near(points: np.ndarray) -> np.ndarray:
    """The same of each of P pictures, (P, V, k) -> (P, V)."""
    V = points.shape[1]
    distance = np.abs(points - np.sort(points, 1)[:, [(V - 1) // 2]]).max(2)
    low, share = divmod(NEARBY * (V - 1), 1)
    ordered = np.sort(distance, 1)[:, int(low) :]
    quantile = ordered[:, :1] + share * (ordered[:, 1:2] - ordered[:, :1]) if share else ordered[:, :1]
    return distance <= FAR * quantile


def _windows(points: np.ndarray, last: Frame | None) -> Iterator[tuple[Window, Window]]:
    """The window and the middle of each of P pictures (P, V, k), after the last frame."""
    near = _near(points)[..., None]
    spans = zip(points.min(1).tolist(), points.max(1).tolist())
    inner = np.where(near, points, np.inf).min(1).tolist(), np.where(near, points, -np.inf).max(1).tolist()
    window, middle = (last.window, last.middle) if last else (None, None)
    for span, inside, whole in zip(spans, zip(*inner), near.all((1, 2))):
        window = _steady(*span, window)
        middle = window if whole else _steady(*inside, middle)
        yield window, middle


def steady_window(points: torch.Tensor, previous: Window | None) -> Window:
    """The previous window if the letters fit in it and fill it (FILLED), else a new one with a margin around them."""
    return _steady(points.min(0).values.tolist(), points.max(0).values.tolist(), previous)


def _steady(low: list[float], high: list[float], previous: Window | None) -> Window:
    """The same for letters that reach from `low` to `high` along each axis."""
    if previous is not None:
        reach = max(max(top - at, at - bottom) for bottom, top, at in zip(low, high, previous.centre))
        if FILLED[0] <= reach / previous.half <= FILLED[1]:
            return previous
    half = max(max(top - bottom for bottom, top in zip(low, high)) / 2, 1e-3)
    return Window(tuple((bottom + top) / 2 for bottom, top in zip(low, high)), half * MARGIN)
