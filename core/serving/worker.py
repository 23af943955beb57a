"""`python -m core.serving.worker FD`: some jobs of a list, in a process of its own. core/serving/jobs.py starts it.

FD is an open file with one JSON object: {"name", "words", "level", "most", "jobs"}. Results are written to standard
output, one JSON object a line: {"job", "step"} while a job runs, then {"job", "history"}, {"job", "result"} of an
answer that is checked, or {"job", "error", "broke"}:
one sentence, and whether the run itself failed. The process that waits keeps standard input open and writes an empty
line from time to time. The worker ends when standard input is closed or silent for `LEASE` seconds; after a line with
"!" it finishes the current job and ends.
"""

import json
import math
import os
import select
import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Protocol

import torch

from core.analysis.finder import Sweep
from core.config import Config, ConfigError
from core.data.corpus import WORD, Corpus
from core.data.dataset import Dataset
from core.engine.history import History
from core.engine.run import Run
from core.keeping import proof
from core.messages import UNKNOWN, mark, packed, speaking, tr, unpacked

SLICE = 0.2  # seconds between two checks whether the result is still wanted
LEASE = 120.0  # seconds of silence after which the result is not wanted any more
KEPT_BYTES = 4_000_000  # of the checkpoints of one run


class Unfinished(Exception):
    """A job has no result. The message is one sentence for a person."""


class Abandoned(Exception):
    """Nobody wants the results any more."""


class Line(Protocol):
    """What a worker reads and writes."""

    def read(self) -> bytes | None:
        """What has come since the last time, without waiting; None once the other end is closed."""

    def write(self, line: str) -> None:
        """OSError if the other end is closed."""


class StandardLine:
    """Standard input and output."""

    def read(self) -> bytes | None:
        if not select.select([sys.stdin], [], [], 0)[0]:
            return b""
        return os.read(sys.stdin.fileno(), 4096) or None

    def write(self, line: str) -> None:
        print(line, flush=True)


class Waiting:
    """Who waits for the results: whether they are still wanted, and whether to end after this job (`asked`)."""

    def __init__(self, line: Line):
        self._line, self._heard, self.asked = line, time.monotonic(), False

    def check(self) -> None:
        """Abandoned if the line has ended, or has been silent for too long."""
        said = self._line.read()
        if said:
            self._heard, self.asked = time.monotonic(), self.asked or b"!" in said
        if said is None or time.monotonic() - self._heard > LEASE:
            raise Abandoned

    def say(self, job: dict, **what) -> None:
        self._line.write(json.dumps({"job": job["job"], **what}, allow_nan=False))


def main() -> None:
    with open(int(sys.argv[1])) as file:
        work = json.load(file)
    work_through(work, StandardLine())


def work_through(work: dict, line: Line) -> None:
    """Do all jobs, one after the other, until nobody waits for them any more."""
    torch.set_num_threads(1)
    with speaking(UNKNOWN):
        _work_through(work, line)


def _work_through(work: dict, line: Line) -> None:
    words = Corpus(work["name"], tuple(work["words"]), level=work["level"], most=work["most"])
    dataset = cache(lambda block_size: Dataset.of_corpus(words, block_size))
    waiting = Waiting(line)
    for job in work["jobs"]:
        try:
            message = _checked(job, dataset, waiting) if "claim" in job else _trained(job, dataset, waiting)
        except Abandoned:
            return
        except (ConfigError, Unfinished) as error:
            message = {"error": packed(error.args[0]), "broke": isinstance(error, Unfinished)}
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            sentence = tr("The run of {name} stopped on an error ({error}).", name=unpacked(job["name"]), error=said)
            message = {"error": packed(sentence)}
        waiting.say(job, **message)
        if waiting.asked:
            return


def _trained(job: dict, dataset: Callable[[int], Dataset], waiting: Waiting) -> dict:
    config = Config(**job["config"])
    data = dataset(config.block_size)
    if job["sweep"]:
        history = _train(job, Sweep(config, data, *job["sweep"], job["steps"]), waiting).history
    else:
        history = complete(_train(job, Run(config, data, job["changes"]), waiting))
    return {"history": history.to_dict()}


def _checked(job: dict, dataset: Callable[[int], Dataset], waiting: Waiting) -> dict:
    """An answer, trained again (core/serving/checking.py). A number that is not finite is None: JSON has none."""
    claim = proof.Claim.read(job["claim"])

    def look(run: Run) -> None:
        waiting.check()
        waiting.say(job, step=run.step)

    found = proof.check(claim, dataset(claim.link.config.block_size), job["longest"], look)
    numbers = {name: value if math.isfinite(value) else None for name, value in found.numbers.items()}
    return {"result": {"true": found.true, "why": found.why, "numbers": numbers}}


def _train(job: dict, run: Run | Sweep, waiting: Waiting) -> Run | Sweep:
    """Go to the job's last step, in slices of about `SLICE` seconds; `Abandoned` if nobody waits for it."""
    n, steps = 1, job["steps"]
    while run.step < steps and run.failure is None:
        waiting.check()
        began = time.monotonic()
        run.advance(min(n, steps - run.step))
        n = max(1, int(n * min(2.0, SLICE / max(1e-6, time.monotonic() - began))))
        waiting.say(job, step=run.step)
    return run


def complete(run: Run) -> History:
    """The run's history with the losses and the parameters of its last step; Unfinished if it failed.

    The losses are exact; at word level, where that takes seconds, of the samples that are watched. Of a large network
    only some checkpoints are kept, the first and the last among them.
    """
    history, step = run.history, run.step
    watched = run.dataset.corpus.level == WORD
    losses = run.losses() if watched else (run.evaluate("train"), run.evaluate("dev"))
    if run.failure or not all(map(math.isfinite, losses)):
        which = mark("The loss at step {step:,} is no longer a finite number.")
        exact = mark("The exact loss at step {step:,} is no longer a finite number.")
        raise Unfinished(run.failure or tr(which if watched else exact, step=step))
    if history.evaluations[-1][0] < step:
        history.evaluations.append((step, *losses))
        history.clock.append((step, round(run.seconds, 3)))
    if history.checkpoints[-1][0] < step:
        history.checkpoints.append((step, run.parameters.freeze()))
    return history.thinned(max(2, KEPT_BYTES // len(history.checkpoints[0][1])))


if __name__ == "__main__":
    main()
