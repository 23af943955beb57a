"""Loss figures that are told bit by bit, and what assets/page/common/losses.js makes of them, in Python."""

import dataclasses
import json

from core.config import Config
from core.data.dataset import Dataset
from core.engine.log import Have
from core.engine.run import Run
from core.engine.snapshot import PAUSED, TRAINING, Snapshot
from core.plots.curves import CURVES, POINT
from core.plots.loss import loss_figure
from core.plots.loss_feed import NEWEST, LossFeed
from tests.support.logs import Copy
from tests.support.snapshots import shot

SMALL = Config(n_hidden=8, steps=600)
COUNTED = {"uniform": 3.2958, "unigram": 2.8267, "bigram": 2.4716}


class LossReader:
    """have: what it says that it has."""

    def __init__(self):
        self._form, self._curves = Copy(), [Copy() for _ in CURVES]

    @property
    def have(self) -> tuple[Have, ...]:
        return tuple(copy.have for copy in (self._form, *self._curves))

    def receive(self, said: dict) -> dict:
        """The whole figure. said: as a `LossFeed` tells it."""
        (form,) = self._form.take(said["form"])
        drawn = [copy.take(new) for copy, new in zip(self._curves, said["curves"])]
        parts = [{name: [point[k] for point in points] for k, name in enumerate(POINT)} for points in drawn]
        data = [{**trace, **part} for trace, part in zip(form["data"], parts)] + form["data"][len(CURVES) :]
        data[NEWEST] = {**data[NEWEST], **said["now"]}
        return {**form, "data": data}


class Story:
    """A run that is looked at, and what can happen to it."""

    def __init__(self, dataset: Dataset):
        self.dataset, self.number, self.state = dataset, 1, TRAINING
        self.run, self.before, self.log_steps, self.counted = Run(SMALL, dataset), None, True, COUNTED
        self.feed = LossFeed()

    @property
    def shown(self) -> Snapshot:
        exact = (self.run.step, *self.run.losses()) if self.state == PAUSED else self.run.history.evaluations[-1]
        previous = self.before and self.before.history.freeze()
        return dataclasses.replace(shot(self.run, self.number, self.state), exact=exact, previous=previous)

    def advance(self, steps: int) -> None:
        self.state = TRAINING
        self.run.advance(min(steps, SMALL.steps - self.run.step))

    def rest(self) -> None:
        self.state = PAUSED

    def change(self, rate: float) -> None:
        self.run.set(learning_rate=rate)

    def reset(self, seed: int) -> None:
        self.number, self.before, self.run = self.number + 1, self.run, Run(SMALL.with_(seed=seed), self.dataset)

    def undo(self) -> None:
        if self.before:
            self.number, self.before, self.run, self.state = self.number + 1, self.run, self.before, PAUSED

    def turn(self) -> None:
        self.log_steps = not self.log_steps

    def count(self, name: str) -> None:
        self.counted = {**COUNTED, name: 2.2}

    def told(self, have: tuple[Have, ...]) -> dict:
        return through_json(self.feed.look(self.shown, self.counted, self.log_steps, have))

    def whole(self) -> dict:
        """Made from nothing."""
        shown = self.shown
        return through_json(
            loss_figure(shown.config, shown.step, shown.measured, self.counted, shown.previous, self.log_steps)
        )


def through_json(value):
    return json.loads(json.dumps(value, allow_nan=False))
