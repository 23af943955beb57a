"""The loss figure for a browser that has an earlier one: only what is new of it.

A figure is its form (axes, labels, colours), which rarely changes, the points of its curves, which only become more,
and the newest losses. assets/page/common/losses.js puts them together again.
"""

from core.engine.log import NOTHING, Have, Log
from core.engine.snapshot import Snapshot
from core.plots.curves import CURVES, Curves
from core.plots.loss import loss_form

NEWEST = -2  # the trace of the newest losses
NOW = ("x", "y", "textposition")  # of the newest losses
LISTS = 1 + len(CURVES)  # the form, which is a list with one row, and the curves
NO_LOSSES = (NOTHING,) * LISTS


class LossFeed:
    """The loss figures of one page, one after the other. Not for several threads at once."""

    def __init__(self):
        self._curves, self._form, self._of = Curves(), Log(), None
        self._now: dict = {}

    @property
    def _lists(self) -> tuple[Log, ...]:
        return self._form, *self._curves.logs

    @property
    def made(self) -> tuple[Have, ...]:
        """What a reader has who has everything."""
        return tuple(log.have for log in self._lists)

    def look(
        self, shown: Snapshot, baselines: dict[str, float], log_steps: bool, have: tuple[Have, ...] = NO_LOSSES
    ) -> dict:
        """The message for a reader who has so much of the `LISTS`: what is new of them, and now the newest losses.

        A point is (x, y, step). baselines: as `loss_figure` takes them.
        """
        self._see(shown, baselines, log_steps)
        form, *curves = (log.since(known) for log, known in zip(self._lists, have))
        return {"form": form, "curves": curves, "now": self._now}

    def _see(self, shown: Snapshot, baselines: dict[str, float], log_steps: bool) -> None:
        of = shown, baselines, log_steps
        if self._of and self._of[0] is shown and self._of[1:] == of[1:]:
            return
        before = shown.previous if shown.alike else None  # losses on other words say nothing beside these
        form = loss_form(shown.config, shown.step, shown.measured, baselines, before, log_steps, self._curves)
        newest, self._of = form["data"][NEWEST], of
        self._now = {name: newest.pop(name) for name in NOW}
        if [form] != self._form.rows:
            self._form.restart()
            self._form.rows.append(form)
