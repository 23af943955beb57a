"""The symbols of a text: how text becomes indices of symbols, and indices become text."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import regex

from core.config import MAX_SYMBOL_LENGTH, MAX_SYMBOLS
from core.messages import tr

BOUNDARY = "."

# A grapheme cluster is what a person calls a character (Unicode UAX 29). If a text has no JOINING code point, each
# code point is a cluster.
CLUSTER = regex.compile(r"\X")
JOINING = regex.compile(r"\P{Grapheme_Cluster_Break=Other}")


class DataError(ValueError):
    """Words or text that cannot be used. The message is one sentence that a page or the command line can show."""


@dataclass(frozen=True)
class Vocabulary:
    """The symbols of a corpus. At character level "." comes first, then the others, sorted.

    itos[i]: the symbol with index i. start: the index that fills a context before the first symbol; stop: the
    one that ends a unit, "." is both. unknown: the index that stands for all that is not in the vocabulary; None:
    such text is refused.
    A symbol is a grapheme cluster (a letter with its marks), which is mostly one code point. If there would be
    more than MAX_SYMBOLS clusters, the symbols are code points, and each mark is a symbol.
    """

    itos: tuple[str, ...]
    start: int = 0
    stop: int = 0
    unknown: int | None = None

    @classmethod
    def of(cls, words: Iterable[str]) -> "Vocabulary":
        """The characters of some words."""
        symbols = set().union(*words)
        if JOINING.search("".join(symbols)):
            clusters = set(CLUSTER.findall("\n".join(words))) - {"\n"}
            symbols = clusters if len(clusters) <= MAX_SYMBOLS else symbols
        return cls((BOUNDARY, *sorted(symbols - {BOUNDARY})))

    def __len__(self) -> int:
        return len(self.itos)

    @cached_property
    def stoi(self) -> dict[str, int]:
        return {s: i for i, s in enumerate(self.itos)}

    @cached_property
    def _longest(self) -> int:
        """The number of code points in the longest symbol."""
        return max(map(len, self.itos))

    def symbols(self, text: str) -> list[str]:
        """`text` divided into symbols; "".join of them is `text`."""
        if self._longest == 1:
            return list(text)
        return [s for cluster in CLUSTER.findall(text) for s in self._parts(cluster)]

    def _parts(self, cluster: str) -> list[str]:
        """A cluster, divided into the longest symbols that are in the vocabulary; undivided if that is not possible.

        A network can generate a cluster that is not in the data: a letter followed by a mark that, in the data, is
        only at the start of words.
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

    def encode(self, text: str) -> list[int]:
        """Indices of the symbols; DataError names the first one that is not in the vocabulary."""
        found = [(self.stoi.get(s, self.unknown), s) for s in self.symbols(text)]
        for i, s in found:
            if i is None:
                raise DataError(
                    tr("“{symbol}” does not occur in the data, so the network has no embedding for it.", symbol=s)
                )
        return [i for i, _ in found]

    def decode(self, ids: Sequence[int]) -> str:
        """The text that the symbols with these indices make."""
        return "".join(map(self.itos.__getitem__, ids))

    @property
    def ends(self) -> frozenset[int]:
        """The indices that end a unit."""
        return frozenset((self.stop,))

    def until_end(self, ids: Sequence[int]) -> Sequence[int]:
        """The symbols of the first unit in `ids`, without `stop`."""
        return ids[: ids.index(self.stop)] if self.stop in ids else ids

    def label(self, i: int) -> str:
        """Symbol i made visible: white space as ␣, a combining mark on a dotted circle.

        For display only; `glyph` in assets/page/common/dom.js is the same.
        """
        symbol = self.itos[i]
        if symbol.isspace():
            return "␣"
        return f"◌{symbol}" if unicodedata.category(symbol[0])[0] == "M" else symbol

    def clean_input(self, text: str, most: int) -> str:
        """Typed text, normalised: at most `most` symbols, each in the case that occurs in the data.

        A space at the end is kept if the data has spaces, because the next character may follow it.
        """
        text = unicodedata.normalize("NFC", text[: most * MAX_SYMBOL_LENGTH])
        end = " " if " " in self.stoi and text[-1:] == " " else ""
        symbols = self.symbols(" ".join(text.split()) + end)[:most]
        return "".join(next((t for t in (s, s.lower(), s.upper()) if t in self.stoi), s) for s in symbols)

    def context(self, text: str, block_size: int) -> list[int]:
        """The last `block_size` indices of `text`, padded on the left with `start`."""
        return ([self.start] * block_size + self.encode(text))[-block_size:]
