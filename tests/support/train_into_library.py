"""Trains into a library until it is killed: `python -m tests.support.train_into_library`, for
tests/serving/test_continued.py.

Its first line of input is the path of the library. For each further line, the name of one of `CASES`, it forks a child
that prints its process id, keeps the words, trains as a host does, as the visitor of that name, and prints
the step of each save that returned. Somebody else must kill it. Then "dead" is printed.
"""

import os
import pathlib
import sys
import time
from functools import lru_cache
from typing import NamedTuple

from core.config import FULL, Config
from core.data.corpus import Corpus
from core.data.dataset import Dataset, load_words
from core.data.groups import Group
from core.engine.history import Change
from core.engine.saved import SavedRun
from core.keeping.library import Library
from core.serving import training as module
from core.serving.training import Training, untrained

KEEP = 0.05  # seconds of training between two saves, for many moments at which to be killed
SMALL = Config(n_hidden=20, seed=7, steps=10_000_000)
FEW = Corpus("few", tuple(load_words()[:200]))
SYLLABLES = (
    "กา", "ขี่", "กี่", "ที่", "นี่", "ผู้", "รู้", "ดู", "น้ำ", "ป้า",
    "ก็", "เรือ", "เมือง", "ไก่", "ใหญ่", "สวัสดี", "ม้า", "ปู่",
)  # fmt: skip
THAI = Corpus("Thai", SYLLABLES * 4, (Group("with a mark", ("ขี่", "กี่")),))


class Case(NamedTuple):
    """A run: of what, on which words, with which live changes."""

    config: Config
    words: Corpus = FEW
    changes: tuple[Change, ...] = ()


CASES = {
    "minibatches": Case(SMALL),
    "full batch": Case(SMALL.with_(batch_size=FULL, block_size=2)),
    "schedule": Case(SMALL.with_(schedule="cosine", decay_at=4_000, weight_decay=1e-3, direct=True)),
    "live changes": Case(SMALL, FEW, (
        (40, "learning_rate", 1 / 3), (40, "batch_size", 7), (333, "schedule", "step"), (333, "decay_at", 700),
        (900, "batch_size", 64), (1_500, "weight_decay", 1e-4), (3_001, "learning_rate", 0.05),
    )),
    "words of one's own": Case(SMALL.with_(n_embd=5), THAI),
}  # fmt: skip


def train_for_ever(path: pathlib.Path, name: str) -> None:
    os.write(1, f"{os.getpid()}\n".encode())
    module.KEEP = KEEP
    case, library, datasets = CASES[name], Library(path), lru_cache(Dataset.of_corpus)
    library.keep_words(case.words)

    def keep(saved: SavedRun) -> None:
        library.save(saved, name)
        os.write(1, f"{library.problem or saved.step}\n".encode())

    first = untrained(case.config, datasets(case.words, case.config.block_size), "max")
    training = Training(first, datasets, time.monotonic, keep)
    training.rebuild(case.config, case.changes, case.config.steps)
    while True:
        training.tick()


def main() -> None:
    path = pathlib.Path(sys.stdin.readline().rstrip("\n"))
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            train_for_ever(path, line.strip())
        os.waitpid(child, 0)
        os.write(1, b"dead\n")


if __name__ == "__main__":
    main()
