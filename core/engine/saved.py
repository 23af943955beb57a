"""A run as it is kept on disk, sent to a friend or compared."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace

from core.config import Config
from core.data.dataset import Dataset
from core.engine.history import Change
from core.engine.snapshot import TRAINING, Snapshot
from core.engine.state import RunState


@dataclass(frozen=True, kw_only=True)
class SavedRun(RunState):
    """Everything that showing, comparing, continuing and forking a run needs.

    itos: the vocabulary; data and digest: which word list it was. most: at word level, how many words the vocabulary
    has at most; None: its symbols are characters. test: the exact test loss at `step` once the
    run rests. name: what a person called it, or "". created: seconds since 1970. training: whether it was in
    training at this moment; not part of the run, and so of no comparison and no file.
    """

    itos: tuple[str, ...]
    data: str
    digest: str
    test: float | None = None
    name: str = ""
    created: float = 0.0
    training: bool = field(default=False, compare=False)
    most: int | None = None

    @classmethod
    def of(cls, snapshot: Snapshot, dataset: Dataset, test: float | None = None) -> "SavedRun":
        """The run of a snapshot, which learns from `dataset`."""
        run = {f.name: getattr(snapshot, f.name) for f in fields(RunState)}
        return cls(
            **run, itos=dataset.vocabulary.itos, data=dataset.name, digest=dataset.digest, test=test,
            training=snapshot.state == TRAINING, most=dataset.corpus.most,
        )  # fmt: skip

    def cut(self, step: int, config: Config, changes: Iterable[Change]) -> "SavedRun":
        """Another run with this one's past until its end or newest checkpoint at or before `step`.

        config (at step 0), changes: of the other run; they may differ from this one's in `steps` only.
        """
        ends = [(at, self.history.parameters_at(i)) for i, (at, _) in enumerate(self.history.checkpoints) if at <= step]
        at, frozen = (self.step, self.frozen) if self.step <= step else ends[-1]
        past = self.history.until(at)
        history = replace(past, config=config.to_dict(), changes=[row for row in changes if row[0] < at]).freeze()
        exact, seconds = history.evaluations[-1], history.clock[-1][1] if history.clock else 0.0
        return replace(
            self, id=uuid.uuid4().hex, history=history, step=at, frozen=frozen, exact=exact, seconds=seconds,
            test=None, failure=None, name="", created=0.0, training=False,
        )  # fmt: skip

    @property
    def vocabulary_size(self) -> int:
        return len(self.itos)

    @property
    def text(self) -> tuple[str, int | None]:
        """What it learned from: runs whose texts are equal have the same examples, and losses that can be compared."""
        return self.digest, self.most
