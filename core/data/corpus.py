"""A corpus: the text that a run learns from, its name, and the groups that decide the colours of its symbols.

Immutable, because it is passed between threads and processes.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakValueDictionary

from core.data.groups import Group
from core.data.shown import Shown
from core.data.vocabulary import Vocabulary
from core.data.words import Words

CHARACTER = "character"  # the level at which each symbol is a character, and each unit a word
WORD = "word"  # the level at which each symbol is a word, and each unit a sentence: its tokens, separated by spaces

_VOCABULARIES: WeakValueDictionary[tuple, Vocabulary] = WeakValueDictionary()  # while a corpus has one
_CORPORA: WeakValueDictionary[tuple, "Corpus"] = WeakValueDictionary()  # those that went to another process, or came


@dataclass(frozen=True, eq=False)
class Corpus:
    """Text in units, in the order of the file. Repeated units are kept: they are examples twice.

    name: for people; short, and safe to put into a sentence (core/data/plain.py). units: words, in Unicode
    form NFC, checked (core/data/reading.py). groups: at most `MAX_GROUPS`; symbols in none of them form one
    more group; (): groups come from the alphabet. level: what a symbol is. most: at word level, how many symbols
    the vocabulary has at most.
    Two corpora are equal if name, level, digest, most and groups are; the units themselves are not compared.
    """

    name: str
    units: tuple[str, ...]
    groups: tuple[Group, ...] = ()
    level: str = CHARACTER
    most: int | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Corpus):
            return NotImplemented
        return self is other or self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity[:4])

    @property
    def identity(self) -> tuple:
        """What equality compares."""
        return self.name, self.level, self.digest, self.most, self.groups

    def __reduce__(self) -> tuple:
        """Sent to another process without what that makes for itself."""
        _CORPORA.setdefault(self.identity, self)
        return _received, (self.name, self.units, self.groups, self.level, self.most, self.digest)

    @cached_property
    def digest(self) -> str:
        """sha256 of the units, one per line, in hex: equal to the sha256 of a file that holds just these lines."""
        return hashlib.sha256("".join(f"{unit}\n" for unit in self.units).encode()).hexdigest()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The symbols of the text, made once for each digest, level and size."""
        key = self.level, self.digest, self.most
        known = _VOCABULARIES.get(key)
        return known or _VOCABULARIES.setdefault(key, self._vocabulary())

    def _vocabulary(self) -> Vocabulary:
        return Words.of(self.units, self.most) if self.level == WORD else Vocabulary.of(self.units)

    @cached_property
    def shown(self) -> Shown:
        """What pictures show of the vocabulary: at character level all of it."""
        return Shown.of(self.vocabulary, self.groups)

    @cached_property
    def known(self) -> frozenset[str]:
        """Every unit, to tell new samples from old."""
        return frozenset(self.units)

    @property
    def noun(self) -> str:
        """What the pages call one unit: "name", "word" or "sentence"."""
        return noun_of(self.name, self.level)


def _received(name: str, units: tuple, groups: tuple, level: str, most: int | None, digest: str) -> Corpus:
    """The corpus that another process sent: the same object each time, or each run would keep megabytes of its own."""
    corpus = Corpus(name, units, groups, level, most)
    vars(corpus)["digest"] = digest  # computed there
    return _CORPORA.setdefault(corpus.identity, corpus)


def noun_of(name: str, level: str) -> str:
    """What the pages call one unit of a corpus of this name."""
    if level == WORD:
        return "sentence"
    return "name" if "name" in name.lower() else "word"
