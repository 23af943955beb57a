"""The same experiment with other seeds: how much of a run's result is chance."""

import statistics
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from core.analysis.compare import Entry
from core.analysis.geometry import neighbours
from core.config import KNOB, Config, ConfigError
from core.engine.experiment import default_name
from core.engine.history import History
from core.engine.job import Progress
from core.engine.model import Parameters, Shape
from core.engine.saved import SavedRun
from core.messages import tr

MAX_SEEDS = 8


def checked_seeds(seeds: Sequence[int]) -> tuple[int, ...]:
    seeds = tuple(map(KNOB["seed"].check, seeds))
    if not 0 < len(seeds) <= MAX_SEEDS or len(set(seeds)) < len(seeds):
        raise ConfigError(tr("Choose one to {most} seeds, no two of them the same.", most=MAX_SEEDS))
    return seeds


# ---------------------------------------------------------------- results over all seeds


def other_seeds(seed: int, n: int) -> tuple[int, ...]:
    """The n seeds after `seed`; after the largest seed comes 0."""
    return tuple((seed + 1 + i) % (KNOB["seed"].high + 1) for i in range(n))


def band(histories: Sequence[History]) -> list[tuple[int, float, float, float]]:
    """(step, lowest, median, highest exact dev loss) at each step at which all the runs were evaluated."""
    curves = [{step: dev for step, _, dev in history.evaluations} for history in histories]
    shared = sorted(set.intersection(*map(set, curves))) if curves else []
    losses = [(step, [curve[step] for curve in curves]) for step in shared]
    return [(step, min(here), statistics.median(here), max(here)) for step, here in losses]


@dataclass(frozen=True)
class Survival:
    """Which characters are neighbours with other seeds too.

    overlap (V,): for each character the share of its k nearest that two seeds have in common, the
    mean over all pairs of seeds. chance: the same for unrelated embeddings, k / (V - 1). pairs:
    (i, j, seeds), i < j: in how many seeds i and j are among each other's k nearest; those in at
    least one seed, most seeds first.
    """

    overlap: tuple[float, ...]
    chance: float
    pairs: tuple[tuple[int, int, int], ...]


def survival(embeddings: Sequence[torch.Tensor], k: int = 3) -> Survival:
    """Compare the embeddings (V, n_embd) of at least two seeds by neighbours in the full space."""
    n, V = len(embeddings), len(embeddings[0])
    k = min(k, V - 1)
    near = torch.zeros(n, V, V, dtype=torch.bool)  # [s, i, j]: with seed s, j is among the k nearest of i
    for mine, C in zip(near, embeddings):
        mine.scatter_(1, torch.tensor(neighbours(C, k)), True)
    seeds = near.sum(0)  # (V, V); j is shared by seeds (seeds - 1) / 2 of the n (n - 1) / 2 pairs of seeds
    overlap = (seeds * (seeds - 1)).sum(1) / (n * (n - 1) * k)
    mutual = (near & near.mT).sum(0).triu()
    pairs = [(i, j, int(mutual[i, j])) for i, j in mutual.nonzero().tolist()]
    return Survival(tuple(overlap.tolist()), k / (V - 1), tuple(sorted(pairs, key=lambda pair: (-pair[2], pair))))


# ---------------------------------------------------------------- runs for the library


@dataclass(frozen=True)
class Reseeds:
    """The results of a run with other seeds.

    entry: the original run. devs: seed -> exact dev loss at the last step. band: see `band`.
    survival: None for fewer than two seeds. failed: seed -> why, one sentence.
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
        shape = Shape.of(entry.start, len(entry.vocabulary))
        embeddings = [
            Parameters.thaw(shape, last_parameters(history)).C[list(entry.shown.ids)] for history in histories
        ]
        return cls(entry, devs, band(histories), survival(embeddings) if len(embeddings) > 1 else None, progress.failed)

    def lasting(self, most: int) -> Sequence[tuple[str, str, int]]:
        """(symbol, symbol, seeds): the pairs that are neighbours in more than half of the seeds; at most `most`."""
        itos = self.entry.shown.symbols
        pairs = self.survival.pairs if self.survival else ()
        return [(itos[i], itos[j], seeds) for i, j, seeds in pairs if 2 * seeds > len(self.devs)][:most]


def last_parameters(history: History) -> bytes:
    return history.parameters_at(len(history.checkpoints) - 1)


def reseeded(original: SavedRun, history: History) -> SavedRun:
    """A SavedRun of `original` with another seed, made from the complete history that a batch computed."""
    step, seconds = history.clock[-1]
    name = original.name or default_name(Config(**original.history.config), original.data, original.most)
    return replace(
        original,
        id=uuid.uuid4().hex,
        history=history,
        step=step,
        seconds=seconds,
        frozen=last_parameters(history),
        exact=history.evaluations[-1],
        test=None,
        failure=None,
        name=f"seed {history.config['seed']} of “{name}”",
        created=0.0,
    )
