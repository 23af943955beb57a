"""A word list: what a run learns from, under a name, with groups that colour its characters.

Frozen: it crosses threads and processes.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from core.data.groups import Group
from core.data.vocabulary import Vocabulary


@dataclass(frozen=True, eq=False)
class WordList:
    """Words in their order, with repetitions: a name given twice is learned from twice.

    name: what people call it, harmless and short. words: NFC, checked (core/data/reading.py).
    groups: at most five, what is in none of them is the last group; (): made from the alphabet.
    Equal are lists of one name, digest and groups: thousands of words are never compared.
    """

    name: str
    words: tuple[str, ...]
    groups: tuple[Group, ...] = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WordList):
            return NotImplemented
        return self is other or (self.name, self.digest, self.groups) == (other.name, other.digest, other.groups)

    def __hash__(self) -> int:
        return hash((self.name, self.digest))

    def __getstate__(self) -> dict:
        """Without the vocabulary, which each process makes for itself."""
        return {name: value for name, value in vars(self).items() if name != "vocabulary"}

    @cached_property
    def digest(self) -> str:
        """sha256 of the words, one a line, as hex: for a plain word list that of its file."""
        return hashlib.sha256("".join(f"{word}\n" for word in self.words).encode()).hexdigest()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The symbols of the words, made once."""
        return Vocabulary.of(self.words, self.groups)

    @property
    def noun(self) -> str:
        """What the pages call one of them."""
        return "name" if "name" in self.name.lower() else "word"
