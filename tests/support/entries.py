"""Runs as a comparison sees them, made up for its tests."""

import torch

from core.analysis.compare import Entry
from core.config import Config
from core.data.vocabulary import Vocabulary

ITOS = (".", *"abcdefghijklmnopqrstuvwxyz")


def entry(name: str, dev: float, step: int = 50_000, config: Config = Config(), **more) -> Entry:  # noqa: B008
    """A run that ended so, as far as a comparison sees."""
    C = torch.randn(27, config.n_embd, generator=torch.Generator().manual_seed(config.seed))
    fields = {
        "id": name, "name": name, "config": config, "changes": (), "step": step, "seconds": 4.0,
        "losses": (step, dev - 0.02, dev), "test": dev + 0.01, "failure": None, "data": "names", "digest": "d",
        "vocabulary": Vocabulary(ITOS), "parameter_count": 3481, "C": C,
        "evaluations": ((0, 3.3, 3.3), (step, dev - 0.02, dev)), "clock": {0: 0.0, step: 4.0},
        "words": (("ann", True),),
    }  # fmt: skip
    return Entry(**fields | more)
