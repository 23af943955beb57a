"""A run as it is kept on disk, sent to a friend or compared: frozen and copied, so it may cross threads."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from core.config import Config
from core.data.dataset import Dataset
from core.engine.history import Change, History
from core.engine.model import Parameters, Shape
from core.engine.snapshot import TRAINING, Snapshot


@dataclass(frozen=True)
class SavedRun:
    """Everything that showing, comparing, continuing and forking a run needs.

    id: of the Run. history: frozen, up to `step`. parameters: at `step`, as `Parameters.freeze`
    gives them. losses: (step, train, dev), the newest exact ones. test: the exact test loss at
    `step` once the run rests. itos: the vocabulary; data and digest: which word list it was.
    name: what a person called it, or "". created: seconds since 1970. training: whether it was in
    training at this moment; not part of the run, and so of no comparison and no file.
    """

    id: str
    history: History
    step: int
    seconds: float
    frozen: bytes
    losses: tuple[int, float, float]
    test: float | None
    itos: tuple[str, ...]
    data: str
    digest: str
    failure: str | None = None
    name: str = ""
    created: float = 0.0
    training: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, snapshot: Snapshot, dataset: Dataset, test: float | None = None) -> "SavedRun":
        """The run of a snapshot, which learns from `dataset`."""
        return cls(
            snapshot.id, snapshot.history, snapshot.step, snapshot.seconds, snapshot.frozen, snapshot.exact, test,
            dataset.vocabulary.itos, dataset.name, dataset.digest, snapshot.failure,
            training=snapshot.state == TRAINING,
        )  # fmt: skip

    def cut(self, step: int, config: Config, changes: Iterable[Change]) -> "SavedRun":
        """Another run with this one's past until its end or newest checkpoint at or before `step`.

        config, changes: what the other says led there (`config` at step 0); they may differ in `steps` only.
        """
        ends = [(at, self.history.parameters_at(i)) for i, (at, _) in enumerate(self.history.checkpoints) if at <= step]
        at, frozen = (self.step, self.frozen) if self.step <= step else ends[-1]
        past = self.history.until(at)
        history = replace(past, config=config.to_dict(), changes=[row for row in changes if row[0] < at]).freeze()
        losses, seconds = history.evaluations[-1], history.clock[-1][1] if history.clock else 0.0
        return replace(
            self, id=uuid.uuid4().hex, history=history, step=at, frozen=frozen, losses=losses, seconds=seconds,
            test=None, failure=None, name="", created=0.0, training=False,
        )  # fmt: skip

    @property
    def config(self) -> Config:
        """The config after all live changes."""
        return self.history.config_now()

    def parameters(self) -> Parameters:
        """A fresh copy of the parameters at `step`."""
        return Parameters.thaw(Shape.of(self.config, len(self.itos)), self.frozen)
