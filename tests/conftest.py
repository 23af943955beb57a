"""What all tests share: one thread, one reading of the names, and Hypothesis without chance or clock."""

import functools

import pytest
import torch
from hypothesis import HealthCheck, settings

from core.data import Dataset, load_words
from core.ngrams import Baselines

torch.set_num_threads(1)  # as in the trainer: at these sizes two threads are many times slower

settings.register_profile(
    "letterspace",
    deadline=None,
    derandomize=True,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("letterspace")


@pytest.fixture(scope="session")
def words() -> list[str]:
    """Every name of assets/names.txt, in the file's order."""
    return load_words()


@pytest.fixture(scope="session")
def datasets(words):
    """block_size -> Dataset of all the names, each made once."""
    return functools.cache(lambda block_size: Dataset.of(words, block_size))


@pytest.fixture(scope="session")
def dataset(datasets) -> Dataset:
    """All the names at block size 3."""
    return datasets(3)


@pytest.fixture(scope="session")
def baselines(dataset) -> Baselines:
    return Baselines.of(dataset)
