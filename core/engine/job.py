"""A run to be trained in another process, as plain data, and the progress of a list of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.config import KNOB, Config
from core.engine.history import Change, History
from core.engine.moves import checked_change
from core.messages import packed


@dataclass(frozen=True)
class Job:
    """One run: `config` with live `changes`, (step, knob, value), until `steps`, at least 1.

    name: what a sentence calls it. sweep: None, or two exponents of ten: the learning rate then
    goes evenly in its logarithm from one to the other, a step at each, and the history holds
    the minibatch loss of every step and nothing else (`core.analysis.finder.sweep`).
    """

    name: str
    config: Config
    changes: Sequence[Change] = ()
    steps: int = 1
    sweep: tuple[float, float] | None = None

    def checked(self) -> dict:
        """As a worker reads it; ConfigError, in one sentence, for what cannot be."""
        return {
            "name": packed(self.name),
            "config": self.config.to_dict(),
            "changes": sorted(map(_checked_change, self.changes), key=lambda change: change[0]),
            "steps": KNOB["steps"].check(self.steps),
            "sweep": self.sweep,
        }


@dataclass(frozen=True)
class Progress:
    """How far the jobs are.

    done: job -> its complete History, in the order of the list. failed: job -> why it has none,
    one sentence. share: of all the steps, 0 to 1; exactly 1 once every job is in one of the two.
    broke: those of `failed` whose loss was no longer a finite number. waiting: 0 if it has a
    process or needs none any more; else its position in the queue for a core, 1 for the next.
    Keys are indices into the list of jobs.
    """

    done: dict[int, History]
    failed: dict[int, str]
    share: float
    broke: frozenset[int] = field(default=frozenset(), compare=False)
    waiting: int = 0


def _checked_change(change: Change) -> Change:
    step, name, value = change
    return step, name, checked_change(name, value)
