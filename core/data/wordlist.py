"""A word list: the words that a run learns from, its name, and the groups that decide the colours of characters.

Immutable, because it is passed between threads and processes.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from core.data.groups import Group
from core.data.vocabulary import Vocabulary


@dataclass(frozen=True, eq=False)
class WordList:
    """Words in the order of the file. Repeated words are kept: they are examples twice.

    name: for people; short, and safe to put into a sentence (core/data/plain.py). words: in Unicode
    form NFC, checked (core/data/reading.py). groups: at most `MAX_GROUPS`; characters in none of them
    form one more group; (): groups come from the alphabet.
    Two lists are equal if name, digest and groups are; the words themselves are not compared.
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
        """sha256 of the words, one per line, in hex: equal to the sha256 of a file that holds just these lines."""
        return hashlib.sha256("".join(f"{word}\n" for word in self.words).encode()).hexdigest()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The symbols of the words, made once."""
        return Vocabulary.of(self.words, self.groups)

    @property
    def noun(self) -> str:
        """What the pages call one item of the list: "name" or "word"."""
        return "name" if "name" in self.name.lower() else "word"
