"""What all visitors share and nobody changes: datasets, counts. Made once, and kept while there is memory for it."""

from collections.abc import Callable, Hashable, Iterable
from threading import Condition

import torch
from cachetools import LRUCache, cached

from core.data.corpus import Corpus
from core.data.dataset import Dataset, Examples


class Shared:
    """Objects by their keys, for any thread. While one is made, threads that want another do not wait.

    most: bytes of all that is kept (`size_of`); the least recently used goes first. An object that is larger
    than that by itself is kept alone. size: of an object, in what `most` counts.
    """

    def __init__(self, most: int, size: Callable[[object], int] | None = None):
        self._cache = LRUCache(most, getsizeof=lambda made: min((size or size_of)(made), most))
        made = cached(self._cache, key=lambda key, make: key, condition=Condition())
        self._get = made(lambda key, make: make())

    def get(self, key: Hashable, make: Callable[[], object]):
        """The result of `make()` for this key, now or earlier; exceptions are not kept."""
        return self._get(key, make)

    def dataset(self, words: Corpus, block_size: int) -> Dataset:
        return self.get((Dataset, words, block_size), lambda: Dataset.of_corpus(words, block_size))

    @property
    def size(self) -> int:
        """Bytes of what is kept."""
        return sum(map(size_of, list(self._cache.values())))


def size_of(thing: object) -> int:
    """Bytes of all the tensors that an object holds, however deep, and of what its Examples will make of them.

    Memory that two tensors share counts once.
    """
    parts = list(_parts(thing))
    storages = [part.untyped_storage() for part in parts if isinstance(part, torch.Tensor)]
    later = sum(part.made_later for part in parts if isinstance(part, Examples))
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values()) + later


def _parts(thing: object) -> Iterable[torch.Tensor | Examples]:
    if isinstance(thing, torch.Tensor | Examples):
        yield thing
    if isinstance(thing, torch.Tensor):
        return
    if isinstance(thing, dict):
        for part in thing.values():
            yield from _parts(part)
    elif isinstance(thing, (list, tuple)) and not (thing and isinstance(thing[0], str)):  # not word by word
        for part in thing:
            yield from _parts(part)
    elif hasattr(thing, "__dict__"):
        yield from _parts(vars(thing))
