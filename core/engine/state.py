"""A run at one step: what `Snapshot` (in memory) and `SavedRun` (on disk, in files) both are."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch

from core.config import Config, parameter_counts
from core.engine.embeddings import Moment
from core.engine.history import History
from core.engine.model import Parameters, Shape


@dataclass(frozen=True, kw_only=True)
class RunState:
    """All that is needed to show a run, or to go on from it. Frozen: it may cross threads and processes.

    id: of the Run, and of its row in the library. history: up to `step`. frozen: the parameters at `step`, as
    `Parameters.freeze` gives them. exact: (step, train loss, dev loss), the newest exact losses, nats per symbol.
    seconds: of training until now. failure: why the run cannot go on, one sentence, or None.
    """

    id: str
    history: History
    step: int
    frozen: bytes
    exact: tuple[int, float, float]
    seconds: float = 0.0
    failure: str | None = None

    @cached_property
    def config(self) -> Config:
        """The config after all live changes."""
        return self.history.config_now()

    @property
    def vocabulary_size(self) -> int:
        raise NotImplementedError

    @property
    def parameter_count(self) -> int:
        return sum(parameter_counts(self.config, self.vocabulary_size).values())

    @property
    def shape(self) -> Shape:
        """Of its parameters."""
        return Shape.of(self.config, self.vocabulary_size)

    def parameters(self) -> Parameters:
        """A fresh copy of the parameters at `step`."""
        return self._thawed(self.frozen)

    def checkpoint(self, index: int) -> Parameters:
        """A fresh copy of the parameters of checkpoint `index` of its history."""
        return self._thawed(self.history.parameters_at(index))

    def stacked(self, networks: Sequence[bytes]) -> Parameters:
        """F networks of this run, frozen, as `Parameters.stacked` puts them together."""
        return Parameters.thaw_all(self.shape, networks)

    def embeddings(self, networks: Sequence[bytes]) -> torch.Tensor:
        """C alone of P networks of this run, frozen: (P, V, n_embd), a copy."""
        return Parameters.embeddings(self.shape, networks)

    def moments(self, first: int = 0) -> list[Moment]:
        """Every step of its past at which C is known, in order: its checkpoints, and embeddings between them.

        From number `first` on, as a look at a run asks for the newest only.
        """
        history = self.history
        if not history.embeddings:
            return [Moment(step, first + i, frozen) for i, (step, frozen) in enumerate(history.checkpoints[first:])]
        whole = [Moment(step, i, frozen) for i, (step, frozen) in enumerate(history.checkpoints)]
        known = {step for step, _ in history.checkpoints}
        packed = [Moment(step, None, packed) for step, packed in history.embeddings if step not in known]
        return sorted(whole + packed, key=lambda moment: moment.step)[first:]

    def _thawed(self, frozen: bytes) -> Parameters:
        return Parameters.thaw(self.shape, frozen)
