"""A run again with other seeds: what the library keeps of each, and what they say together. Pure."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.compare import Entry
from core.config import Config
from core.experiment import default_name
from core.history import History
from core.jobs import Progress
from core.model import Parameters, Shape
from core.saved import SavedRun
from core.seeds import Survival, band, survival


@dataclass(frozen=True)
class Reseeds:
    """What became of a run with other seeds.

    entry: the run itself. devs: seed -> exact dev loss at its last step. band: as core/seeds.py
    gives it. survival: None of fewer than two seeds. failed: seed -> why, one sentence.
    """

    entry: Entry
    devs: dict[int, float]
    band: list[tuple[int, float, float, float]]
    survival: Survival | None
    failed: dict[int, str]

    @classmethod
    def of(cls, entry: Entry, progress: Progress) -> "Reseeds":
        histories = list(progress.done.values())
        devs = {seed: history.evaluations[-1][2] for seed, history in progress.done.items()}
        shape = Shape.of(entry.config, len(entry.vocabulary))
        embeddings = [Parameters.thaw(shape, last_parameters(history)).C for history in histories]
        return cls(entry, devs, band(histories), survival(embeddings) if len(embeddings) > 1 else None, progress.failed)

    def lasting(self, most: int) -> Sequence[tuple[str, str, int]]:
        """The pairs of characters that are neighbours in the most seeds, in at least two: (one, other, seeds)."""
        itos = self.entry.vocabulary.itos
        pairs = self.survival.pairs if self.survival else ()
        return [(itos[i], itos[j], seeds) for i, j, seeds in pairs if seeds > 1][:most]


def last_parameters(history: History) -> bytes:
    return history.parameters_at(len(history.checkpoints) - 1)


def reseeded(original: SavedRun, history: History) -> SavedRun:
    """A run of `original` with another seed, whose complete history came out of a batch, as the library keeps it."""
    step, seconds = history.clock[-1]
    name = original.name or default_name(Config(**original.history.config))
    return replace(
        original,
        id=uuid.uuid4().hex,
        history=history,
        step=step,
        seconds=seconds,
        frozen=last_parameters(history),
        losses=history.evaluations[-1],
        test=None,
        failure=None,
        name=f"seed {history.config['seed']} of “{name}”",
        created=0.0,
    )
