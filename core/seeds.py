"""The same experiment again with other seeds: what of a run is chance."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import torch

from core.config import KNOB, Config, ConfigError
from core.geometry import neighbours
from core.history import Change, History
from core.jobs import TURNS, Job, Jobs, Progress
from core.turns import Turns
from core.words import WordList

MAX_SEEDS = 8


class Batch(Jobs):
    """One experiment with up to eight seeds, training in other processes; see `Jobs`.

    config: at step 0; its seed does not matter. changes: (step, knob, value), live ones.
    steps: how far each run goes, at least 1. words: what they learn from. ConfigError, in one
    sentence, for what cannot be.
    """

    def __init__(
        self,
        config: Config,
        changes: Iterable[Change],
        steps: int,
        seeds: Sequence[int],
        words: WordList,
        turns: Turns = TURNS,
    ):
        self._seeds, changes = _checked(seeds), tuple(changes)
        super().__init__([Job(f"seed {s}", config.with_(seed=s), changes, steps) for s in self._seeds], words, turns)

    def poll(self) -> Progress:
        """How far it is now, at once; `done` and `failed` are by seed."""
        progress = super().poll()
        done, failed = ({self._seeds[i]: what for i, what in part.items()} for part in (progress.done, progress.failed))
        return replace(progress, done=done, failed=failed, broke=frozenset(self._seeds[i] for i in progress.broke))


def _checked(seeds: Sequence[int]) -> tuple[int, ...]:
    seeds = tuple(map(KNOB["seed"].check, seeds))
    if not 0 < len(seeds) <= MAX_SEEDS or len(set(seeds)) < len(seeds):
        raise ConfigError(f"Choose one to {MAX_SEEDS} seeds, no two of them the same.")
    return seeds


# ---------------------------------------------------------------- what the seeds say together


def other_seeds(seed: int, n: int) -> tuple[int, ...]:
    """n seeds, all different and none of them `seed`: those that follow it, the least after the greatest."""
    return tuple((seed + 1 + i) % (KNOB["seed"].high + 1) for i in range(n))


def band(histories: Sequence[History]) -> list[tuple[int, float, float, float]]:
    """(step, lowest, median, highest exact dev loss) at each step at which all the runs were evaluated."""
    curves = [{step: dev for step, _, dev in history.evaluations} for history in histories]
    shared = sorted(set.intersection(*map(set, curves))) if curves else []
    losses = [(step, [curve[step] for curve in curves]) for step in shared]
    return [(step, min(here), statistics.median(here), max(here)) for step, here in losses]


@dataclass(frozen=True)
class Survival:
    """Which neighbourhoods of an embedding survive another seed.

    overlap (V,): for each character the share of its k nearest that two seeds have in common,
    the mean over all pairs of seeds. chance: what unrelated embeddings would have, k / (V - 1).
    pairs: (i, j, seeds), i < j, the number of seeds in which i and j are among each other's k
    nearest; those in at least one seed, the most lasting first.
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
