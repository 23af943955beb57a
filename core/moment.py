"""A run's network at the step that a page shows."""

import bisect
from dataclasses import dataclass

from core.config import Config
from core.data import Vocabulary
from core.model import Parameters
from core.snapshot import Snapshot
from core.timeline import checkpoint
from core.words import WordList


@dataclass(frozen=True)
class Moment:
    """number, words: of the run, as in Snapshot. config: in force at `step`. parameters: nobody changes them."""

    number: int
    step: int
    config: Config
    words: WordList
    vocabulary: Vocabulary
    parameters: Parameters

    @classmethod
    def of(cls, snapshot: Snapshot, cursor: int | None = None) -> "Moment":
        """The newest step, or that of the last checkpoint at or before `cursor`."""
        if cursor is None or cursor >= snapshot.step:
            step, config, parameters = snapshot.step, snapshot.config, snapshot.parameters()
            return cls(snapshot.number, step, config, snapshot.words, snapshot.vocabulary, parameters)
        steps = [step for step, _ in snapshot.history.checkpoints]
        index = max(bisect.bisect_right(steps, cursor) - 1, 0)
        config = snapshot.history.until(steps[index]).config_now()
        parameters = checkpoint(snapshot, index)
        return cls(snapshot.number, steps[index], config, snapshot.words, snapshot.vocabulary, parameters)
