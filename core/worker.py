"""`python -m core.worker`: some seeds of a batch, in a process of its own. core/seeds.py starts it.

The job comes in as the first line of standard input, one JSON object. What becomes of it goes
out on standard output, one JSON object a line: {"seed", "step"} now and then, and at last
{"seed", "history"}, or {"seed", "error"} with one sentence. Standard input stays open as long
as somebody waits: when it ends, so does this process.
"""

import json
import math
import pathlib
import select
import sys
import time
from dataclasses import asdict

import torch

from core.config import Config, ConfigError
from core.data import DataError, Dataset, load_words
from core.history import History
from core.run import Run

SLICE = 0.2  # seconds between two looks at whether somebody still waits
KEPT_BYTES = 4_000_000  # of the checkpoints of one run, as base64


class Unfinished(Exception):
    """A seed has no result. The message is one sentence for a person."""


def main() -> None:
    torch.set_num_threads(1)
    job = json.loads(sys.stdin.readline())
    data = None
    for seed in job["seeds"]:
        try:
            config = Config(**job["config"]).with_(seed=seed)
            data = data or _dataset(job["words"], config.block_size)
            message = _line(seed, history=asdict(_train(Run(config, data, job["changes"]), job["steps"])))
        except (ConfigError, DataError, Unfinished) as error:
            message = _line(seed, error=str(error))
        except Exception as error:
            said = f"The run with seed {seed} stopped on an error ({type(error).__name__}: {error})."
            message = _line(seed, error=said)
        print(message, flush=True)


def _dataset(words: str, block_size: int) -> Dataset:
    path = pathlib.Path(words)
    return Dataset.of(load_words(path), block_size, path.name)


def _line(seed: int, **what) -> str:
    return json.dumps({"seed": seed, **what}, allow_nan=False)


def _train(run: Run, steps: int) -> History:
    """Go to step `steps`, in slices of about `SLICE` seconds; the process ends if nobody waits any more."""
    n = 1
    while run.step < steps and run.failure is None:
        if select.select([sys.stdin], [], [], 0)[0]:  # nothing more is written there, so this is its end
            sys.exit()
        began = time.monotonic()
        run.advance(min(n, steps - run.step))
        n = max(1, int(n * min(2.0, SLICE / max(1e-6, time.monotonic() - began))))
        print(_line(run.config.seed, step=run.step), flush=True)
    return complete(run)


def complete(run: Run) -> History:
    """The run's history with the exact losses and the parameters of its last step; Unfinished if it failed.

    Of a large network only some checkpoints are kept, the first and the last among them.
    """
    history, step = run.history, run.step
    losses = run.evaluate("train"), run.evaluate("dev")
    if run.failure or not all(map(math.isfinite, losses)):
        raise Unfinished(run.failure or f"The exact loss at step {step:,} is no longer a finite number.")
    if history.evaluations[-1][0] < step:
        history.evaluations.append((step, *losses))
        history.clock.append((step, round(run.seconds, 3)))
    if history.checkpoints[-1][0] < step:
        history.add_checkpoint(step, run.parameters.freeze())
    return history.thinned(max(2, KEPT_BYTES // len(history.checkpoints[0][1])))


if __name__ == "__main__":
    main()
