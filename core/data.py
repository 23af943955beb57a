"""Words -> vocabulary -> examples -> splits, and the distinct contexts of each split.

The examples are those of the lecture (makemore part 2, `build_dataset`): every
character of a word, and the "." after it, is predicted from the `block_size`
characters before, padded with ".".
"""

import pathlib
import random
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import regex
import torch

from core.config import MAX_COUNTS, MAX_SYMBOL_LENGTH, MAX_SYMBOLS
from core.words import Group, WordList

BOUNDARY = "."

# A cluster is what a person calls a character (Unicode's UAX 29). Without a JOINING code point each is a cluster.
CLUSTER = regex.compile(r"\X")
JOINING = regex.compile(r"\P{Grapheme_Cluster_Break=Other}")

# Colour groups. What is a vowel depends on the language: these are letters that mostly are one. Not among
# them: y and w, which are both, and й and ў, a vowel's sign with a mark that makes it none.
ROLES = ("vowel", "consonant", "third", "fourth", "fifth", "sixth")
EUROPEAN = regex.compile(r"(?=\p{L})[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]")
VOWELS = frozenset("aeiou")
FURTHER_VOWELS = frozenset("æœøıəɛɔаеиоуыэюяієәөүұѣαεηιουω")  # their accents do not matter: å, ё, ї, ύ
SHORT = frozenset("йў")
SIGNS = frozenset("ьъ")  # letters that have no sound of their own
SPLIT_SEED = 42  # fixed, so that losses of runs with different seeds can be compared
SPLITS = ("train", "dev", "test")
NAMES = pathlib.Path(__file__).parent.parent / "assets" / "names.txt"


class DataError(ValueError):
    """A word list that cannot be learned from. The message is one sentence for a person."""


def load_words(path: pathlib.Path = NAMES) -> list[str]:
    """The words of a list that was checked before, one a line, in its order. core/reading.py reads what people give."""
    return path.read_text(encoding="utf-8").splitlines()


# ---------------------------------------------------------------- characters


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
        """Each symbol's role, which is its colour: "boundary" or one of ROLES."""
        return ("boundary", *(ROLES[place] for place in self._sorted[1]))

    @cached_property
    def group_names(self) -> dict[str, str]:
        """What each role that occurs is called, in the plural."""
        names, places = self._sorted
        return {"boundary": "start and end"} | {ROLES[place]: names[place] for place in sorted(set(places))}

    @cached_property
    def _sorted(self) -> tuple[tuple[str, ...], list[int]]:
        """The names of the groups, and in which of them each symbol after "." is."""
        symbols = self.itos[1:]
        if self.typed:
            names = (*(group.name for group in self.typed), "others")
            return names, [
                next((n for n, g in enumerate(self.typed) if s in g.symbols), len(names) - 1) for s in symbols
            ]
        letters = [s for s in symbols if s[0].isalpha()]
        if 2 * sum(EUROPEAN.match(s) is not None for s in letters) > len(letters):
            return ("vowels", "consonants", "other signs"), [_sound(s) for s in symbols]
        return ("letters", "marks", "digits", "signs"), ["LMN".find(unicodedata.category(s[0])[0]) % 4 for s in symbols]

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


def _sound(symbol: str) -> int:
    """0 for a vowel, 1 for a consonant, 2 for what is neither, of the Latin, Cyrillic and Greek alphabets."""
    letter = symbol[0].lower()[0]
    if not EUROPEAN.match(letter) or letter in SIGNS:
        return 2
    bare = unicodedata.normalize("NFD", letter)[0]
    return int(bare not in VOWELS | FURTHER_VOWELS or letter in SHORT)


# ---------------------------------------------------------------- examples


def build_dataset(words: list[str], block_size: int, vocabulary: Vocabulary) -> tuple[torch.Tensor, torch.Tensor]:
    """All examples of `words`: X (N, block_size) and Y (N,), int64, in the lecture's order.

    block_size 1 to 16. N is the number of characters plus one "." per word.
    """
    if not 1 <= block_size <= 16:
        raise DataError(f"The context length must be between 1 and 16, not {block_size}.")
    text = "".join(f"{word}\n" for word in words)  # a line end, as no cluster reaches over it
    stoi = vocabulary.stoi | {"\n": 0}
    Y = torch.tensor([stoi[s] for s in vocabulary.symbols(text)], dtype=torch.int64)
    lengths = _lengths(Y)
    place = torch.arange(len(Y)) - torch.repeat_interleave(lengths.cumsum(0) - lengths, lengths)  # within the word
    X = torch.zeros(len(Y), block_size, dtype=torch.int64)
    for back in range(1, block_size + 1):
        seen = place >= back  # the character `back` places earlier belongs to the same word
        X[seen, block_size - back] = Y.roll(back)[seen]
    return X, Y


def _lengths(Y: torch.Tensor) -> torch.Tensor:
    """How many examples each word has (words,): every word ends in the one "." it has."""
    return (Y == 0).nonzero().flatten().diff(prepend=torch.tensor([-1]))


def _ranks(X: torch.Tensor, V: int) -> torch.Tensor:
    """The rank of each row of X (N, block_size) among the different ones, in their order: (N,)."""
    which = torch.zeros(len(X), dtype=torch.int64)
    for column in X.unbind(1):  # ranks of ever longer prefixes: no key that could overflow
        which = torch.unique(which * V + column, return_inverse=True)[1]
    return which


def distinct_contexts(words: list[str], block_size: int, vocabulary: Vocabulary) -> int:
    """How many different contexts the examples of `words` have."""
    return int(_ranks(build_dataset(words, block_size, vocabulary)[0], len(vocabulary)).max()) + 1


@dataclass(frozen=True)
class Split:
    """One part of the data.

    words: in shuffled order. X (N, block_size), Y (N,): every example.
    contexts (M, block_size): the distinct rows of X, sorted; counts (M, V) float32:
    how often each character followed each of them; `which` (N,): X == contexts[which].
    A sum over the examples of anything that depends on (context, next) is a sum over
    `counts`: exact, and for block size 3 some sixty times quicker.
    """

    words: tuple[str, ...]
    X: torch.Tensor
    Y: torch.Tensor
    contexts: torch.Tensor
    counts: torch.Tensor
    which: torch.Tensor

    @classmethod
    def of(cls, words: list[str], block_size: int, vocabulary: Vocabulary) -> "Split":
        X, Y = build_dataset(words, block_size, vocabulary)
        which, V = _ranks(X, len(vocabulary)), len(vocabulary)
        M = int(which.max()) + 1
        if M * V > MAX_COUNTS:
            raise DataError(
                f"These words have {M:,} different contexts of {block_size} characters, too many to count what comes "
                f"after each in {V} symbols; choose a shorter context length."
            )
        contexts = torch.empty(M, block_size, dtype=torch.int64)
        contexts[which] = X
        counts = torch.zeros(M * V).index_add_(0, which * V + Y, torch.ones(len(Y))).view(M, V)  # exact below 2 ** 24
        return cls(tuple(words), X, Y, contexts, counts, which)

    @cached_property
    def lengths(self) -> torch.Tensor:
        """Examples of each word (words,), int64: its symbols and its end."""
        return _lengths(self.Y)

    @cached_property
    def pairs(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Each (context, next) that occurs: the context's row, the next character, how often (float64); (pairs,) each.

        Most of `counts` is zero: with a large alphabet nearly all of it.
        """
        row, next = self.counts.nonzero(as_tuple=True)
        return row, next, self.counts[row, next].double()

    def __len__(self) -> int:
        return len(self.Y)


@dataclass(frozen=True)
class Dataset:
    """A word list made ready for one block size: vocabulary and the three splits. Never changed.

    words: all of them, as they were read. name and digest are theirs.
    """

    words: WordList
    vocabulary: Vocabulary
    block_size: int
    train: Split
    dev: Split
    test: Split
    known: frozenset[str]  # every word of the list, to tell new samples from old

    @classmethod
    def of(cls, words: list[str], block_size: int, name: str = "names", groups: tuple[Group, ...] = ()) -> "Dataset":
        return cls.of_list(WordList(name, tuple(words), groups), block_size)

    @classmethod
    def of_list(cls, words: WordList, block_size: int) -> "Dataset":
        vocabulary = Vocabulary.of(words.words, words.groups)
        parts = (Split.of(part, block_size, vocabulary) for part in split_words(words.words))
        return cls(words, vocabulary, block_size, *parts, known=frozenset(words.words))

    @property
    def size(self) -> int:
        """Bytes of its tensors."""
        parts = (self.train, self.dev, self.test)
        tensors = (tensor for part in parts for tensor in vars(part).values() if isinstance(tensor, torch.Tensor))
        return sum(tensor.nbytes for tensor in tensors)

    @property
    def name(self) -> str:
        return self.words.name

    @property
    def digest(self) -> str:
        return self.words.digest


def split_words(words: list[str]) -> tuple[list[str], list[str], list[str]]:
    """80/10/10 by word, after a shuffle with Python's generator seeded 42: the lecture's split."""
    words = list(words)
    random.Random(SPLIT_SEED).shuffle(words)
    first, second = int(0.8 * len(words)), int(0.9 * len(words))
    return words[:first], words[first:second], words[second:]
