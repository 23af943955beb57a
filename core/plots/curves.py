"""The points of the curves of a loss figure, which mostly become more."""

import math
from collections.abc import Iterable

from core.engine.log import Log
from core.plots import step_place

CURVES = ("before", "minibatch", "train", "dev")  # the first traces of the figure, whose points become more
POINT = ("x", "y", "customdata")  # what the parts of a point, (x, y, step), are in a trace
POINTS = 400  # at most this many points of a curve are sent to the browser


class Points:
    """The points of a curve, (x, y, step), and of those that take its place: `log` has those of the newest."""

    def __init__(self):
        self.log, self._of, self._rows, self._cell = Log(), None, (), -1

    def draw(self, rows: Iterable[tuple], column: int, log_steps: bool, end: float | None = None) -> list[tuple]:
        """The points of `rows`, (step, ...), of which column `column` is drawn if it is finite. Only points of new rows
        are made if all else is as before.

        end: where the axis ends; then at most POINTS points, evenly spaced along it: the first row of each cell.
        """
        rows, of = tuple(rows), (column, log_steps, end)
        if of != self._of or rows[: len(self._rows)] != self._rows:
            self.log.restart()
            self._of, self._rows, self._cell = of, (), -1
        place = step_place(log_steps)
        for row in rows[len(self._rows) :]:
            if math.isfinite(row[column]):
                x = round(place(row[0]), 5)
                cell = self._cell + 1 if end is None else int(x / (end or 1.0) * (POINTS - 1))
                if cell > self._cell:
                    self.log.rows.append((x, round(row[column], 5), row[0]))
                    self._cell = cell
        self._rows = rows
        return self.log.rows


class Curves:
    """The CURVES of one page's figure. They mostly get longer, so each point is made once. For one thread at a time."""

    def __init__(self):
        self._points = {name: Points() for name in CURVES}

    def draw(self, name: str, *how) -> list[tuple]:
        """Of one of CURVES; see `Points.draw`."""
        return self._points[name].draw(*how)

    @property
    def logs(self) -> list[Log]:
        return [points.log for points in self._points.values()]


def with_points(form: dict, curves: Curves) -> dict:
    """The form, completed by the points that were drawn for it."""
    for trace, log in zip(form["data"], curves.logs):
        trace |= {name: [point[k] for point in log.rows] for k, name in enumerate(POINT)}
    return form
