"""The vocabulary of a run on words: the most frequent ones of a text, one symbol for all others, one for the start."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from core.config import MOST_WORDS
from core.data.text import ENDS, tokens
from core.data.vocabulary import Vocabulary

SPACED = re.compile(r" (?=[.,!?;:](?: |$)|'s(?: |$))")  # the spaces that text does not have before punctuation
START, UNKNOWN = "<s>", "<unk>"  # no token has a "<"


@dataclass(frozen=True)
class Words(Vocabulary):
    """Symbol 0 fills a context before the first word and is never predicted; symbol 1 is any word not in the list.

    The others are the most frequent words, the most frequent first, ties in the order of their spelling. A sentence
    ends with one of . ! ? and has no other end.
    """

    unknown: int | None = 1

    @classmethod
    def of(cls, sentences: Iterable[str], most: int | None = None) -> "Words":
        """sentences: tokens separated by single spaces. most: symbols, including the two that are not words."""
        often = Counter(token for sentence in sentences for token in sentence.split(" "))
        ranked = sorted(often, key=lambda token: (-often[token], token))
        return cls((START, UNKNOWN, *islice(ranked, (most or MOST_WORDS) - 2)))

    def symbols(self, text: str) -> list[str]:
        """The tokens of typed text (core/data/text.py)."""
        return tokens(text)

    def decode(self, ids: Sequence[int]) -> str:
        return SPACED.sub("", " ".join(self.itos[i] for i in ids))

    def label(self, i: int) -> str:
        return self.itos[i]

    def clean_input(self, text: str, most: int) -> str:
        """The last `most` tokens of typed text, each in the case that the vocabulary has."""
        cases = lambda token: (token, token.lower(), token.capitalize())
        return " ".join(next((s for s in cases(token) if s in self.stoi), token) for token in tokens(text)[-most:])

    @cached_property
    def ends(self) -> frozenset[int]:
        """What ends a sentence: . ! ? and, if a network should ever predict it, the start of another."""
        return frozenset((self.start, *(self.stoi[token] for token in ENDS if token in self.stoi)))

    def until_end(self, ids: Sequence[int]) -> Sequence[int]:
        """The first sentence in `ids`, its . ! or ? included."""
        end = next((place for place, i in enumerate(ids) if i in self.ends), len(ids))
        return ids[: end + (end < len(ids) and ids[end] != self.start)]
