"""Data that is expensive to make and never changes, made once for all tests."""

import os
from functools import cache

import pytest
import torch
from hypothesis import settings

from core.data import Dataset, load_words
from core.library import VARIABLE
from core.ngrams import Baselines

os.environ[VARIABLE] = "off"  # no test, and no app that one serves, touches the library of whoever runs them

torch.set_num_threads(1)  # as the engine does; per process

# The same examples in every run: a failure here is one that anybody can repeat.
settings.register_profile("engine", deadline=None, max_examples=25, derandomize=True, database=None)
settings.load_profile("engine")


@pytest.fixture(scope="session")
def words() -> list[str]:
    """All names of assets/names.txt."""
    return load_words()


@pytest.fixture(scope="session")
def datasets(words):
    """block size -> the names' Dataset, made once."""
    return cache(lambda block_size: Dataset.of(words, block_size))


@pytest.fixture(scope="session")
def dataset(datasets) -> Dataset:
    """The names at block size 3."""
    return datasets(3)


@pytest.fixture(scope="session")
def few(words):
    """block size -> a Dataset of 200 names only: quick to evaluate."""
    return cache(lambda block_size: Dataset.of(words[:200], block_size, "few"))


@pytest.fixture(scope="session")
def baselines(dataset) -> Baselines:
    return Baselines.of(dataset)
