"""The same experiment again with other seeds: what of a run is chance.

A `Batch` trains in worker processes (core/worker.py), one for each core, each with a share
of the seeds. There is no thread on this side: whoever waits polls. Nothing outlives it: a
worker's output goes to a file without a name, and a worker ends within a moment when the
other end of its standard input is closed, however this process came to its end. POSIX only.
"""

import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch

from core.config import KNOB, Config, ConfigError
from core.data import NAMES
from core.geometry import neighbours
from core.history import PARTS, History

MAX_SEEDS = 8
NICE = 10  # lower in priority than this process by so much: the page and its own training come first
HOUSE = pathlib.Path(__file__).parent.parent


@dataclass(frozen=True)
class Progress:
    """How far a batch is.

    done: seed -> its complete History, in the order of the seeds. failed: seed -> why it has
    none, one sentence. share: of all the steps, 0 to 1; exactly 1 once every seed is in one of the two.
    """

    done: dict[int, History]
    failed: dict[int, str]
    share: float


class Batch:
    """One experiment with up to eight seeds, training in other processes from now on.

    config: at step 0; its seed does not matter. changes: (step, knob, value), live ones.
    steps: how far each run goes, at least 1. words_path: the word list. ConfigError, in one
    sentence, for what cannot be. To be polled by one thread at a time.
    """

    def __init__(
        self,
        config: Config,
        changes: Iterable[tuple],
        steps: int,
        seeds: Sequence[int],
        words_path: str | pathlib.Path = NAMES,
    ):
        self._seeds, self._steps = _checked(seeds), KNOB["steps"].check(steps)
        job = {
            "config": config.to_dict(),
            "changes": sorted(map(_checked_change, changes), key=lambda change: change[0]),
            "steps": self._steps,
            "words": str(pathlib.Path(words_path).resolve()),
        }
        self._done, self._failed, self._at = {}, {}, dict.fromkeys(self._seeds, 0)
        self._workers: list[_Worker] = []
        self._end = weakref.finalize(self, _end, self._workers)  # at the latest with the interpreter
        at_once = min(len(self._seeds), os.cpu_count() or 1)
        for i in range(at_once):
            self._start(job | {"seeds": self._seeds[i::at_once]})

    def poll(self) -> Progress:
        """How far it is now, at once."""
        for worker in list(self._workers):
            status = worker.process.poll()  # before reading, so that nothing it wrote is missed
            for message in worker.messages():
                self._take(**message)
            if status is not None:
                self._workers.remove(worker)
                worker.end()
                self._give_up(worker.seeds, status)
        done = {seed: self._done[seed] for seed in self._seeds if seed in self._done}
        steps = sum(self._steps if seed in self._failed else self._at[seed] for seed in self._seeds)
        return Progress(done, dict(self._failed), steps / (self._steps * len(self._seeds)))

    def cancel(self) -> None:
        """End it now: all its processes are gone when this returns. What was done stays to be polled."""
        self._end()

    def _start(self, job: dict) -> None:
        try:
            self._workers.append(_Worker(job))
        except OSError as error:  # no more processes, or no room for a file
            said = f"could not be started ({error.strerror}); try again later."
            self._failed |= {seed: f"The process of seed {seed} {said}" for seed in job["seeds"]}

    def _take(self, seed: int, step: int = 0, history: dict | None = None, error: str | None = None) -> None:
        if history:
            parts = {name: [tuple(row) for row in history[name]] for name in PARTS}
            self._done[seed] = History(history["config"], **parts).freeze()
        elif error:
            self._failed[seed] = error
        self._at[seed] = self._steps if history else max(self._at[seed], min(step, self._steps - 1))

    def _give_up(self, seeds: Sequence[int], status: int) -> None:
        for seed in set(seeds) - self._done.keys() - self._failed.keys():
            self._failed[seed] = f"The process of seed {seed} ended too early (status {status}); start it again."


class _Worker:
    """One process, and the file without a name that it writes to."""

    def __init__(self, job: dict):
        self.seeds, self._read = job["seeds"], 0
        with contextlib.ExitStack() as unless_started:
            self._output = unless_started.enter_context(tempfile.TemporaryFile())
            self.process = subprocess.Popen(
                [sys.executable, "-m", "core.worker"],
                cwd=HOUSE,
                stdin=subprocess.PIPE,
                stdout=self._output,
                start_new_session=True,  # Ctrl-C is for the server; this ends with it
            )
            unless_started.pop_all()
        mine = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, self.process.pid, mine + NICE)
        with contextlib.suppress(BrokenPipeError):  # it ended already, and `poll` will say so
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.flush()

    def messages(self) -> list[dict]:
        """What it wrote since the last time. The offset they share is the worker's, so this reads at its own."""
        file = self._output.fileno()
        raw = os.pread(file, os.fstat(file).st_size - self._read, self._read)
        whole = raw[: raw.rfind(b"\n") + 1]
        self._read += len(whole)
        return [json.loads(line) for line in whole.splitlines()]

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self._output.close()


def _end(workers: list[_Worker]) -> None:
    while workers:
        workers.pop().end()


def _checked(seeds: Sequence[int]) -> tuple[int, ...]:
    seeds = tuple(map(KNOB["seed"].check, seeds))
    if not 0 < len(seeds) <= MAX_SEEDS or len(set(seeds)) < len(seeds):
        raise ConfigError(f"Choose one to {MAX_SEEDS} seeds, no two of them the same.")
    return seeds


def _checked_change(change: tuple) -> tuple:
    step, name, value = change
    if name not in KNOB or not KNOB[name].live:
        raise ConfigError(f"{name!r} cannot change while a run goes on.")
    return step, name, KNOB[name].check(value)


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
