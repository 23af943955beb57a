"""Word lists made ready for training, kept as long as they fit: the largest takes a hundred times what names do."""

import threading
from collections import OrderedDict

from core.data.dataset import Dataset
from core.data.wordlist import WordList


class Prepared:
    """Makes a Dataset of (words, block size), or gives the one it has. For any thread.

    most: bytes of all that it keeps, beside the newest; what was asked for longest ago goes first.
    """

    def __init__(self, most: int):
        self._most = most
        self._kept: OrderedDict[tuple[WordList, int], Dataset] = OrderedDict()
        self._lock = threading.Lock()  # also while one is made: twenty visitors who come at once need one

    def __call__(self, words: WordList, block_size: int) -> Dataset:
        key = words, block_size
        with self._lock:
            if key not in self._kept:
                self._kept[key] = Dataset.of_list(words, block_size)
                while len(self._kept) > 1 and sum(one.size for one in self._kept.values()) > self._most:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]
