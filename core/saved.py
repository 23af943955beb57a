"""A run as it is kept on disk, sent to a friend or compared: frozen and copied, so it may cross threads."""

from dataclasses import dataclass

from core.config import Config
from core.history import History
from core.model import Parameters, Shape


@dataclass(frozen=True)
class SavedRun:
    """Everything that showing, comparing, continuing and forking a run needs.

    id: of the Run. history: frozen, up to `step`. parameters: at `step`, as `Parameters.freeze`
    gives them. losses: (step, train, dev), the newest exact ones. test: the exact test loss at
    `step` once the run rests. itos: the vocabulary; data and digest: which word list it was.
    name: what a person called it, or "". created: seconds since 1970.
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

    @property
    def config(self) -> Config:
        """The config after all live changes."""
        return self.history.config_now()

    def parameters(self) -> Parameters:
        """A fresh copy of the parameters at `step`."""
        return Parameters.thaw(Shape.of(self.config, len(self.itos)), self.frozen)
