"""A server is killed while it trains: what goes on afterwards is, to the last bit, what would never have stopped."""

import os
import pathlib
import random
import signal
import time
from collections.abc import Iterator
from functools import lru_cache

import pytest

from core.data.dataset import Dataset
from core.engine.run import Run
from core.engine.snapshot import PAUSED, TRAINING
from core.keeping.library import Library
from core.serving.training import Training, untrained
from tests.support.processes import Piped, piped
from tests.support.train_into_library import CASES

FURTHER = 300  # steps after the death of the first process, and of the second
TRIALS = 2


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> pathlib.Path:
    return tmp_path_factory.mktemp("continued") / "library.sqlite"


@pytest.fixture(scope="module")
def server(path) -> Iterator[Piped]:
    with piped("tests.support.train_into_library") as process:
        process.tell.write(f"{path}\n".encode())
        yield process


def killed(server: Piped, name: str, trial: int) -> int:
    """Let a child train and kill it at some moment; the last step that it had said was saved."""
    chance, said = random.Random(f"{name} {trial}"), 0
    server.tell.write(f"{name}\n".encode())
    child, left = int(server.said.readline()), chance.randint(2, 12)
    while (line := server.said.readline()) != b"dead\n":
        said, left = int(line), left - 1  # a problem would be no number
        if left == 0:
            time.sleep(chance.uniform(0, 0.05))
            os.kill(child, signal.SIGKILL)
    return said


def continued(library: Library, name: str) -> Run:
    """What a new server makes of it: the interrupted run as a link is opened, on the words of the library."""
    row = library.interrupted(name)
    words, datasets = library.words(row.digest[:12]), lru_cache(Dataset.of_corpus)
    assert words == CASES[name].words and row.data == words.name
    past = library.past_of(row.config, row.changes, row.digest, row.step, row.paths)
    first = untrained(row.config, datasets(words, row.config.block_size))
    training = Training(first, datasets, time.monotonic, library.save)
    to_come = [change for change in CASES[name].changes if change[0] >= past.step]
    training.resume(past, row.step + FURTHER, to_come, words)
    while training.state == TRAINING:
        training.tick()
    assert (training.state, training.run.step) == (PAUSED, row.step + FURTHER)
    return training.run


def test_one_of_the_lists_has_symbols_of_several_code_points():
    assert max(map(len, Dataset.of_corpus(CASES["words of one's own"].words, 1).vocabulary.itos)) == 3


@pytest.mark.parametrize("name", CASES)
def test_a_run_goes_on_after_a_kill_as_if_it_had_never_stopped(server, path, name):
    case = CASES[name]
    for trial in range(TRIALS):
        said = killed(server, name, trial)
        library = Library(path)
        assert library.interrupted(name).step >= said > 0, "progress that had been saved is lost"
        run = continued(library, name)
        whole = Run(case.config, Dataset.of_corpus(case.words, case.config.block_size), case.changes)
        whole.advance(run.step)
        assert run.parameters.freeze() == whole.parameters.freeze()
        assert run.history == whole.history
        assert [run.evaluate(split) for split in ("train", "dev", "test")] == [
            whole.evaluate(split) for split in ("train", "dev", "test")
        ]
        kept = library.past_of(case.config, run.history.changes, run.dataset.digest, run.step, run.history.paths)
        assert (kept.step, kept.frozen) == (run.step, whole.parameters.freeze())
        assert library.problem is None
        library.settle(name)
        assert library.interrupted(name) is None
        for row in library.runs():  # the next trial's is to be kept as if it were the first
            library.delete(row.id)
        library.close()
