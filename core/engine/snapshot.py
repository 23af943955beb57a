"""What a run looks like at one moment: frozen and copied, so it may cross threads and processes."""

import bisect
from dataclasses import dataclass, replace

from core.data.corpus import WORD, Corpus
from core.data.vocabulary import Vocabulary
from core.engine.history import Change, History
from core.engine.state import RunState

READY, TRAINING, PAUSED, FINISHED, STOPPED = "ready", "training", "paused", "finished", "stopped"
RECORDED = "recorded"  # the state of a snapshot that core/engine/recorded.py made


@dataclass(frozen=True, kw_only=True)
class Snapshot(RunState):
    """A visitor's run as the pages show it.

    number: counts the client's runs, so that a page sees that this is another one. corpus: what it learns from.
    state: READY ... STOPPED, or RECORDED. problem: a sentence or None. news: what the last command did, in a sentence,
    until the run goes on; or None. previous: the history of the run that was shown before, once it had taken a step;
    alike: whether it learned from the same words. undo, redo: steps of the runs that these commands bring back, None
    if there is none. goal: the step to which a run is being
    rebuilt at full speed, or None. plan: live changes of a link that are still to come. speed: one of
    `core.config.SPEEDS`.
    """

    number: int
    corpus: Corpus
    state: str
    steps_per_second: float = 0.0
    problem: str | None = None
    news: str | None = None
    previous: History | None = None
    alike: bool = True
    undo: int | None = None
    redo: int | None = None
    goal: int | None = None
    plan: tuple[Change, ...] = ()
    speed: str = "auto"

    @property
    def vocabulary(self) -> Vocabulary:
        return self.corpus.vocabulary

    @property
    def vocabulary_size(self) -> int:
        return len(self.vocabulary)

    @property
    def measured(self) -> History:
        """The history with the exact losses of this very step as its newest, where they are known and of one kind.

        At word level the others are means over a sample, so they stay alone.
        """
        evaluations = self.history.evaluations
        if self.exact[0] <= evaluations[-1][0] or self.corpus.level == WORD:
            return self.history
        return replace(self.history, evaluations=(*evaluations, self.exact))

    def at(self, cursor: int | None) -> "Snapshot":
        """The run as it was at its last checkpoint at or before step `cursor`; as it is for None or a later step."""
        if cursor is None or cursor >= self.step:
            return self
        steps = [step for step, _ in self.history.checkpoints]
        index = max(bisect.bisect_right(steps, cursor) - 1, 0)
        past = self.history.until(steps[index]).freeze()
        frozen, exact = self.history.parameters_at(index), past.evaluations[-1]
        return replace(self, history=past, step=steps[index], frozen=frozen, exact=exact)
