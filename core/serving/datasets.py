"""What all visitors share and nobody changes: data sets, counts. Made once, and kept as long as it fits in memory."""

from collections.abc import Callable, Hashable, Iterable
from threading import Condition

import torch
from cachetools import LRUCache, cached

from core.data.corpus import Corpus
from core.data.dataset import Dataset


class Shared:
    """Things by their keys, for any thread. While one is made, those who want another wait for nothing.

    most: bytes of the tensors in all that is kept; what was asked for longest ago goes first. A thing that is
    larger than that by itself is kept alone.
    """

    def __init__(self, most: int):
        self._cache = LRUCache(most, getsizeof=lambda made: min(size_of(made), most))
        made = cached(self._cache, key=lambda key, make: key, condition=Condition())
        self._get = made(lambda key, make: make())

    def get(self, key: Hashable, make: Callable[[], object]):
        """What `make()` gave for this key, now or earlier; what it raises is not kept."""
        return self._get(key, make)

    def dataset(self, words: Corpus, block_size: int) -> Dataset:
        return self.get((Dataset, words, block_size), lambda: Dataset.of_corpus(words, block_size))

    @property
    def size(self) -> int:
        """Bytes of the tensors in what is kept."""
        return sum(map(size_of, list(self._cache.values())))


def size_of(thing: object) -> int:
    """Bytes of all the tensors that a thing holds, however deep; memory that two of them share counts once."""
    return sum({t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in _tensors(thing)}.values())


def _tensors(thing: object) -> Iterable[torch.Tensor]:
    if isinstance(thing, torch.Tensor):
        yield thing
    elif isinstance(thing, dict):
        for part in thing.values():
            yield from _tensors(part)
    elif isinstance(thing, (list, tuple)) and not (thing and isinstance(thing[0], str)):  # not word by word
        for part in thing:
            yield from _tensors(part)
    elif hasattr(thing, "__dict__"):
        yield from _tensors(vars(thing))
