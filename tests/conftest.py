"""Data that is expensive to make and never changes, made once for all tests."""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache

import pytest
import torch
from hypothesis import settings

from core.config import Config
from core.counting.ngrams import Baselines
from core.data.corpus import Corpus
from core.data.dataset import Dataset, load_words
from core.engine.kernel import objects
from core.keeping.library import VARIABLE
from core.serving.client import Client
from core.serving.hosts import in_process, in_thread
from core.serving.pool import Pool
from core.serving.training import untrained
from tests.support.clients import SMALL
from tests.support.processes import piped
from tests.support.scheduling import ByNeed
from tests.support.scripts import Scripts
from tests.support.waiting import eventually

if "PYTEST_XDIST_WORKER" not in os.environ:  # else it is that of the process which started this one
    os.environ[objects.VARIABLE] = tempfile.mkdtemp(prefix="letterspace-kernels-")  # for this session's processes
    atexit.register(shutil.rmtree, os.environ[objects.VARIABLE], ignore_errors=True)
os.environ[VARIABLE] = "off"  # no test, and no app that one serves, touches the library of whoever runs them

torch.set_num_threads(1)  # as the engine does; per process


# The same examples in every run: a failure here is one that anybody can repeat.
settings.register_profile("engine", deadline=None, max_examples=25, derandomize=True, database=None)
settings.load_profile("engine")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return ByNeed(config, log)


def pytest_collection_finish(session):
    """What the tests have imported stays. Hosts in threads, and sessions, collect garbage each time that one ends, and
    would look at all of it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def words() -> list[str]:
    """All names of assets/names.txt."""
    return load_words()


@pytest.fixture(scope="session")
def small(words) -> Corpus:
    """200 names only: quick to evaluate."""
    return Corpus("few", tuple(words[:200]))


@pytest.fixture(scope="session")
def ready():
    """(word list, block size) -> its Dataset, made once."""
    return cache(Dataset.of_corpus)


@pytest.fixture(scope="session")
def datasets(words, ready):
    """block size -> the names' Dataset, made once."""
    names = Corpus("names", tuple(words))
    return cache(lambda block_size: ready(names, block_size))


@pytest.fixture(scope="session")
def dataset(datasets) -> Dataset:
    """The names at block size 3."""
    return datasets(3)


@pytest.fixture(scope="session")
def few(small, ready):
    """block size -> a Dataset of 200 names only."""
    return cache(lambda block_size: ready(small, block_size))


@pytest.fixture(scope="session")
def baselines(dataset) -> Baselines:
    return Baselines.of(dataset)


@pytest.fixture(scope="session")
def scripts() -> Iterator[Scripts]:
    """A process that runs exported scripts."""
    with piped("tests.support.scripts") as process:
        yield Scripts(process)


@pytest.fixture(scope="module", params=[in_thread, in_process], ids=["thread", "process"])
def pool(request, few) -> Iterator[Pool]:
    """One host of each kind, ready for commands: what is asked of one is asked of the other."""
    pool = Pool(request.param, hosts=1)
    first = Client(untrained(Config(n_hidden=1), few(3)), pool)
    first.step()
    eventually(lambda: first.snapshot.step == 1, 60)  # a process imports torch first
    first.stop()
    yield pool
    pool.stop()


@pytest.fixture
def make_client(pool, few):
    """Makes clients, whose places are given back in the end."""
    made = []

    def make(config: Config = SMALL, speed: str = "auto", **more) -> Client:
        made.append(Client(untrained(config, few(config.block_size), speed), pool, **more))
        return made[-1]

    yield make
    for one in made:
        one.stop()
        assert one.link is None or one.link.closing.is_set()
