"""The symbols of a text: how it is taken apart, and the index of each symbol."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import regex

from core.config import MAX_SYMBOL_LENGTH, MAX_SYMBOLS
from core.data.groups import ROLES, Group, sort_into_groups

BOUNDARY = "."

# A cluster is what a person calls a character (Unicode's UAX 29). Without a JOINING code point each is a cluster.
CLUSTER = regex.compile(r"\X")
JOINING = regex.compile(r"\P{Grapheme_Cluster_Break=Other}")


class DataError(ValueError):
    """A word list that cannot be learned from. The message is one sentence for a person."""


@dataclass(frozen=True)
class Vocabulary:
    """The symbols, "." first, then sorted. `itos[i]` is the symbol with index i, `typed` the groups a person made.

    A symbol is a grapheme cluster, a letter with its marks: mostly one code point. Where there would be
    more than MAX_SYMBOLS of them, code points are the symbols, and a mark is one of its own.
    """

    itos: tuple[str, ...]
    typed: tuple[Group, ...] = ()

    @classmethod
    def of(cls, words: Iterable[str], typed: tuple[Group, ...] = ()) -> "Vocabulary":
        symbols = set().union(*words)
        if JOINING.search("".join(symbols)):
            clusters = set(CLUSTER.findall("\n".join(words))) - {"\n"}
            symbols = clusters if len(clusters) <= MAX_SYMBOLS else symbols
        return cls((BOUNDARY, *sorted(symbols - {BOUNDARY})), typed)

    def __len__(self) -> int:
        return len(self.itos)

    @cached_property
    def stoi(self) -> dict[str, int]:
        return {s: i for i, s in enumerate(self.itos)}

    @cached_property
    def _longest(self) -> int:
        """Code points of the longest symbol."""
        return max(map(len, self.itos))

    def symbols(self, text: str) -> list[str]:
        """`text` taken apart. "".join puts it together again."""
        if self._longest == 1:
            return list(text)
        return [s for cluster in CLUSTER.findall(text) for s in self._parts(cluster)]

    def _parts(self, cluster: str) -> list[str]:
        """A cluster that the data never showed, as the longest symbols that it did; whole, if it is not made of such.

        A network can write such clusters: "." or a letter, and after it a mark that in the data began a word.
        """
        parts, start = [], 0
        while start < len(cluster):
            ends = range(start + self._longest, start, -1)
            part = next((cluster[start:end] for end in ends if cluster[start:end] in self.stoi), None)
            if part is None:
                return [cluster]
            parts.append(part)
            start += len(part)
        return parts

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Each symbol's role, which is its colour: "boundary" or one of `core.data.groups.ROLES`."""
        return ("boundary", *(ROLES[place] for place in self._sorted[1]))

    @cached_property
    def group_names(self) -> dict[str, str]:
        """What each role that occurs is called, in the plural."""
        names, places = self._sorted
        return {"boundary": "start and end"} | {ROLES[place]: names[place] for place in sorted(set(places))}

    @cached_property
    def _sorted(self) -> tuple[tuple[str, ...], list[int]]:
        return sort_into_groups(self.itos[1:], self.typed)

    def encode(self, text: str) -> list[int]:
        """Indices of the symbols; DataError names the first that the data never showed."""
        symbols = self.symbols(text)
        for s in symbols:
            if s not in self.stoi:
                raise DataError(f"“{s}” does not occur in the data, so the network has no embedding for it.")
        return [self.stoi[s] for s in symbols]

    def meant(self, text: str, most: int) -> str:
        """What a person means who types this: at most so many symbols, each in the case in which the data has it.

        A space at the end stays where the data has spaces, as it may be what comes before the next character.
        """
        text = unicodedata.normalize("NFC", text[: most * MAX_SYMBOL_LENGTH])
        end = " " if " " in self.stoi and text[-1:] == " " else ""
        symbols = self.symbols(" ".join(text.split()) + end)[:most]
        return "".join(next((t for t in (s, s.lower(), s.upper()) if t in self.stoi), s) for s in symbols)

    def context(self, text: str, block_size: int) -> list[int]:
        """The last `block_size` indices of `text`, padded on the left with "."."""
        return ([0] * block_size + self.encode(text))[-block_size:]
