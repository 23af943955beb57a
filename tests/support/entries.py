"""Runs as a comparison sees them, made up for its tests."""

from dataclasses import replace

import torch

from core.analysis.compare import Entry
from core.config import Config
from core.engine.history import History
from core.engine.model import initialise

ITOS = (".", *"abcdefghijklmnopqrstuvwxyz")


DEFAULT = Config()


def entry(name: str, dev: float, step: int = 50_000, config: Config = DEFAULT, changes=(), **more) -> Entry:
    """A run that ended so, as far as a comparison sees. C: its embedding; parameter_count: without a C that fits."""
    evaluations = more.pop("evaluations", ((0, 3.3, 3.3), (step, dev - 0.02, dev)))
    history = History(config.to_dict(), (), evaluations, (), changes, more.pop("clock", ((0, 0.0), (step, 4.0))))
    parameters = initialise(config, len(more.get("itos", ITOS)))
    parameters.C.copy_(more.pop("C", parameters.C))
    frozen = bytes(4 * more.pop("parameter_count")) if "parameter_count" in more else parameters.freeze()
    fields = {
        "id": name, "name": name, "history": history, "step": step, "seconds": 4.0, "frozen": frozen,
        "exact": (step, dev - 0.02, dev), "test": dev + 0.01, "data": "names", "digest": "d", "itos": ITOS,
        "words": (("ann", True),),
    }  # fmt: skip
    return Entry(**fields | more)


def moved(run: Entry, C: torch.Tensor) -> Entry:
    """The same run with another embedding."""
    parameters = run.parameters()
    parameters.C.copy_(C)
    return replace(run, frozen=parameters.freeze())
