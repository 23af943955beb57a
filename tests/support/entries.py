"""Invented runs for tests of comparisons."""

from dataclasses import dataclass, replace

import torch

from core.analysis.compare import Entry
from core.config import Config
from core.engine.history import History
from core.engine.model import initialise

ITOS = (".", *"abcdefghijklmnopqrstuvwxyz")


DEFAULT = Config()


@dataclass(frozen=True, kw_only=True)
class Sized(Entry):
    """A run with any number of parameters."""

    parameter_count: int = 0


def entry(name: str, dev: float, step: int = 50_000, config: Config = DEFAULT, changes=(), **more) -> Entry:
    """A run that ended with this dev loss. C: its embedding; parameter_count: need not fit the config."""
    evaluations = more.pop("evaluations", ((0, 3.3, 3.3), (step, dev - 0.02, dev)))
    history = History(config.to_dict(), (), evaluations, (), changes, more.pop("clock", ((0, 0.0), (step, 4.0))))
    parameters = initialise(config, len(more.get("itos", ITOS)))
    parameters.C.copy_(more.pop("C", parameters.C))
    fields = {
        "id": name, "name": name, "history": history, "step": step, "seconds": 4.0, "frozen": parameters.freeze(),
        "exact": (step, dev - 0.02, dev), "test": dev + 0.01, "data": "names", "digest": "d", "itos": ITOS,
        "words": (("ann", True),),
    }  # fmt: skip
    return (Sized if "parameter_count" in more else Entry)(**fields | more)


def moved(run: Entry, C: torch.Tensor) -> Entry:
    """The same run with another embedding."""
    parameters = run.parameters()
    parameters.C.copy_(C)
    return replace(run, frozen=parameters.freeze())
