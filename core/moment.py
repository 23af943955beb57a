"""A run's network at the step that a page shows."""

import bisect
from dataclasses import dataclass

from core.config import Config
from core.data import Vocabulary
from core.model import Parameters
from core.snapshot import Snapshot
from core.timeline import checkpoint


@dataclass(frozen=True)
class Moment:
    """number: of the run, as in Snapshot. config: in force at `step`. parameters: nobody changes them."""

    number: int
    step: int
    config: Config
    vocabulary: Vocabulary
    parameters: Parameters

    @classmethod
    def of(cls, snapshot: Snapshot, cursor: int | None = None) -> "Moment":
        """The newest step, or that of the last checkpoint at or before `cursor`."""
        if cursor is None or cursor >= snapshot.step:
            return cls(snapshot.number, snapshot.step, snapshot.config, snapshot.vocabulary, snapshot.parameters())
        steps = [step for step, _ in snapshot.history.checkpoints]
        index = max(bisect.bisect_right(steps, cursor) - 1, 0)
        config = snapshot.history.until(steps[index]).config_now()
        return cls(snapshot.number, steps[index], config, snapshot.vocabulary, checkpoint(snapshot, index))
