"""Saved runs for the tests of keeping: of real runs, and invented ones that need no training."""

import dataclasses
import hashlib
import json
import pathlib
import sqlite3
import struct
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
import safetensors.torch

from core.config import Config
from core.engine.history import History
from core.engine.model import Parameters, Shape
from core.engine.run import Run
from core.engine.saved import SavedRun
from core.keeping.library import Library

ITOS = (".", *"abcdefghijklmnopqrstuvwxyz")


def saved(run: Run, **more) -> SavedRun:
    """The run as it stands."""
    data, exact = run.dataset, (run.step, run.evaluate("train"), run.evaluate("dev"))
    kept = SavedRun(
        id=run.id, history=run.history.freeze(), step=run.step, frozen=run.parameters.freeze(), exact=exact,
        seconds=run.seconds, failure=run.failure, itos=data.vocabulary.itos, data=data.name, digest=data.digest,
        most=data.corpus.most,
    )  # fmt: skip
    return dataclasses.replace(kept, **more)


@lru_cache(64)
def _numbers(seed: int, step: int, count: int) -> bytes:
    return np.random.default_rng([seed, step]).standard_normal(count, np.float32).tobytes()


def forged(config: Config, step: int, changes=(), **more) -> SavedRun:
    """An invented run of `config` at `step`: random numbers, always the same, and checkpoints at even steps."""
    count = len(Parameters(Shape.of(config, len(ITOS))).flat)
    digest = hashlib.sha256(b"names").hexdigest()

    history = History(config.to_dict(), changes=list(changes))
    history.losses += [(at, 3.0 / (1 + at), 0.1, 32) for at in range(step)]
    for at in range(0, step + 1, 2):
        history.evaluations.append((at, 3.0 / (1 + at), 3.1 / (1 + at)))
        history.clock.append((at, at / 8))
        history.checkpoints.append((at, _numbers(config.seed, at, count)))
    run = SavedRun(
        id=f"run{config.seed}", history=history.freeze(), step=step, frozen=_numbers(config.seed, step, count),
        exact=history.evaluations[-1], seconds=step / 8, itos=ITOS, data="names", digest=digest,
        created=1.7e9 + config.seed,
    )  # fmt: skip
    return dataclasses.replace(run, **more)


def opened(raw: bytes) -> tuple[dict, dict]:
    """The JSON and the tensors of a file, to be changed."""
    (length,) = struct.unpack("<Q", raw[:8])
    return json.loads(json.loads(raw[8 : 8 + length])["__metadata__"]["letterspace"]), safetensors.torch.load(raw)


def closed(text: object, tensors: dict) -> bytes:
    return safetensors.torch.save(tensors, {"letterspace": json.dumps(text)})


@contextmanager
def tables(path: pathlib.Path):
    """A library's file, opened directly by sqlite3."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        yield db
    finally:
        db.close()


# ---------------------------------------------------------------- libraries


def tiny(seed: int = 1, step: int = 4) -> SavedRun:
    return forged(Config(n_hidden=2, block_size=1, seed=seed), step)


def steps(library: Library) -> dict[str, int]:
    """How far each run in it is, by id."""
    return {row.id: row.step for row in library.runs()}


def library_of_two(folder: pathlib.Path) -> pathlib.Path:
    """The file of a library that holds two runs."""
    library = Library(folder / "library.sqlite")
    library.save(tiny(1))
    library.save(tiny(2))
    library.close()
    return library.path
