"""A word list: what a run learns from, under a name, with groups that colour its characters.

Standard library only, plain and frozen: it crosses threads and processes.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Group:
    """Characters that share a colour. name: in the plural, as a legend says it ("front vowels")."""

    name: str
    symbols: tuple[str, ...]


@dataclass(frozen=True)
class WordList:
    """Words in their order, with repetitions: a name given twice is learned from twice.

    name: what people call it, harmless and short. words: NFC, checked (core/data/reading.py).
    groups: at most five, what is in none of them is the last group; (): made from the alphabet.
    """

    name: str
    words: tuple[str, ...]
    groups: tuple[Group, ...] = ()

    def __hash__(self) -> int:
        return hash(self.digest)  # not anew over thousands of words each time

    @cached_property
    def digest(self) -> str:
        """sha256 of the words, one a line, as hex: for a plain word list that of its file."""
        return hashlib.sha256("".join(f"{word}\n" for word in self.words).encode()).hexdigest()

    @property
    def noun(self) -> str:
        """What the pages call one of them."""
        return "name" if "name" in self.name.lower() else "word"
