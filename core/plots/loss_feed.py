"""The loss figure for a browser that has an earlier one: only what is new of it.

A figure is its form (axes, labels, colours), which rarely changes, the points of its curves, which only become more,
and the newest losses. assets/page/common/losses.js puts them together again.
"""

from typing import NamedTuple

from core.data.plain import is_whole
from core.engine.snapshot import Snapshot
from core.plots.loss import Curves, loss_figure

GROWING = 4  # so many of the first traces are curves
NEWEST = -2  # the trace of the newest losses
POINTS = ("x", "y", "customdata")  # of a curve, what is not its form
NOW = ("x", "y", "textposition")  # of the newest losses


class HaveLosses(NamedTuple):
    """What a reader has: the form with this number, and so many points of each of these curves."""

    form: int = 0
    curves: int = 0
    before: int = 0
    minibatch: int = 0
    train: int = 0
    dev: int = 0

    @property
    def points(self) -> tuple[int, ...]:
        return self[-GROWING:]


NO_LOSSES = HaveLosses()


def parse_have_losses(said: object) -> HaveLosses:
    """What a reader says that it has, which can be anything; nothing if it is no such thing."""
    valid = isinstance(said, list) and len(said) == len(NO_LOSSES) and all(is_whole(part, 0, 1 << 53) for part in said)
    return HaveLosses(*said) if valid else NO_LOSSES


class LossFeed:
    """The loss figures of one page, one after the other. Not for several threads at once."""

    def __init__(self):
        self._curves, self._of, self._form, self._number = Curves(), None, None, 0
        self._points: list[dict] = []
        self._now: dict = {}

    @property
    def made(self) -> HaveLosses:
        """What a reader has who has everything."""
        return HaveLosses(self._number, self._curves.made, *(len(points["x"]) for points in self._points))

    def look(self, shown: Snapshot, baselines: dict[str, float], log_steps: bool, have: HaveLosses = NO_LOSSES) -> dict:
        """The message for a reader who has so much: its form and curves say what it belongs to; points are those of
        each curve from number `from` on, now the newest losses; figure is the form, if the reader has another.

        baselines: as `loss_figure` takes them.
        """
        self._see(shown, baselines, log_steps)
        known = have.points if have.curves == self._curves.made else (0,) * GROWING
        first = [min(n, len(points["x"])) for n, points in zip(known, self._points)]
        message = {
            "form": self._number,
            "curves": self._curves.made,
            "from": first,
            "points": [{name: values[n:] for name, values in part.items()} for n, part in zip(first, self._points)],
            "now": self._now,
        }
        return message if have.form == self._number else message | {"figure": self._form}

    def _see(self, shown: Snapshot, baselines: dict[str, float], log_steps: bool) -> None:
        of = shown, baselines, log_steps
        if self._of and self._of[0] is shown and self._of[1:] == of[1:]:
            return
        before = shown.previous if shown.alike else None  # losses on other words say nothing beside these
        figure = loss_figure(shown.config, shown.step, shown.measured, baselines, before, log_steps, self._curves)
        traces = figure["data"]
        self._of, self._points = of, [_taken(trace, POINTS) for trace in traces[:GROWING]]
        self._now = _taken(traces[NEWEST], NOW)
        if figure != self._form:
            self._form, self._number = figure, self._number + 1


def _taken(trace: dict, names: tuple[str, ...]) -> dict:
    """These parts of a trace, which has them no more."""
    return {name: trace.pop(name) for name in names}
