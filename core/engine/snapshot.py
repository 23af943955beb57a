"""What a run looks like at one moment: frozen and copied, so it may cross threads and processes."""

import bisect
from dataclasses import dataclass

from core.config import Config
from core.data.vocabulary import Vocabulary
from core.data.wordlist import WordList
from core.engine.history import Change, History
from core.engine.model import Parameters, Shape

READY, TRAINING, PAUSED, FINISHED, STOPPED = "ready", "training", "paused", "finished", "stopped"
RECORDED = "recorded"  # the state of a snapshot that core/engine/recorded.py made


@dataclass(frozen=True)
class Snapshot:
    """One moment of a run. Nothing in it changes.

    number: counts the client's runs, so that a page sees that this is another one.
    exact: (step, train loss, dev loss), the newest exact losses. problem: a sentence or None.
    previous: the history of the run before, once it had taken a step. id: the run's name, as in
    the library. goal: the step to which a run is being rebuilt at full speed, or None. seconds:
    of training until now. failure: why the run cannot go on, one sentence, or None. plan: live
    changes that a link said and that are still to come. words: what it learns from. speed: the
    pace at which it trains.
    """

    number: int
    id: str
    config: Config
    words: WordList
    state: str
    step: int
    exact: tuple[int, float, float]
    steps_per_second: float
    frozen: bytes
    history: History
    problem: str | None = None
    previous: History | None = None
    goal: int | None = None
    seconds: float = 0.0
    failure: str | None = None
    plan: tuple[Change, ...] = ()
    speed: str = "auto"

    @property
    def vocabulary(self) -> Vocabulary:
        return self.words.vocabulary

    @property
    def parameter_count(self) -> int:
        return len(self.frozen) // 4  # float32

    def parameters(self) -> Parameters:
        """A fresh copy of the parameters at this step."""
        return Parameters.thaw(Shape.of(self.config, len(self.vocabulary)), self.frozen)

    def checkpoint(self, index: int) -> Parameters:
        """A fresh copy of the parameters of checkpoint `index` of its history."""
        shape = Shape.of(self.config, len(self.vocabulary))
        return Parameters.thaw(shape, self.history.parameters_at(index))


@dataclass(frozen=True)
class Moment:
    """number, words: of the run, as in Snapshot. config: in force at `step`. parameters: nobody changes them."""

    number: int
    step: int
    config: Config
    words: WordList
    parameters: Parameters

    @property
    def vocabulary(self) -> Vocabulary:
        return self.words.vocabulary

    @classmethod
    def of(cls, snapshot: Snapshot, cursor: int | None = None) -> "Moment":
        """The newest step, or that of the last checkpoint at or before `cursor`."""
        if cursor is None or cursor >= snapshot.step:
            step, config, parameters = snapshot.step, snapshot.config, snapshot.parameters()
            return cls(snapshot.number, step, config, snapshot.words, parameters)
        steps = [step for step, _ in snapshot.history.checkpoints]
        index = max(bisect.bisect_right(steps, cursor) - 1, 0)
        config = snapshot.history.until(steps[index]).config_now()
        parameters = snapshot.checkpoint(index)
        return cls(snapshot.number, steps[index], config, snapshot.words, parameters)
