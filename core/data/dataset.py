"""Words -> examples -> splits, and the distinct contexts of each split.

The examples are those of the lecture (makemore part 2, `build_dataset`): every
character of a word, and the "." after it, is predicted from the `block_size`
characters before, padded with ".".
"""

import pathlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import NamedTuple

import numpy as np
import torch

from core.data.corpus import WORD, Corpus
from core.data.groups import Group
from core.data.packed import Packed, pack
from core.data.vocabulary import DataError, Vocabulary
from core.data.words import Words
from core.messages import tr

SPLIT_SEED = 42  # fixed, so that losses of runs with different seeds can be compared
SPLITS = ("train", "dev", "test")
LARGEST = torch.iinfo(torch.int64).max
WATCHED = 3_000  # examples of a split of words whose loss is watched while training, at most
WATCHED_LOGITS = 25_500_000  # of them in all: half as many examples with 17,000 words
NAMES = pathlib.Path(__file__).parent.parent.parent / "assets" / "names.txt"


def load_words(path: pathlib.Path = NAMES) -> list[str]:
    """The words of a file that is known to be valid, one word per line, in order.

    Files from users are read and checked by core/data/reading.py.
    """
    return path.read_text(encoding="utf-8").splitlines()


# ---------------------------------------------------------------- examples


def build_dataset(words: list[str], block_size: int, vocabulary: Vocabulary) -> tuple[torch.Tensor, torch.Tensor]:
    """All examples of `words`: X (N, block_size) and Y (N,), int64, in the lecture's order.

    block_size 1 to 16. N is the number of characters plus one "." per word.
    """
    if not 1 <= block_size <= 16:
        raise DataError(tr("The context length must be between 1 and 16, not {block_size}.", block_size=block_size))
    text = "".join(f"{word}\n" for word in words)  # separated by line ends, which no cluster crosses
    stoi = vocabulary.stoi | {"\n": vocabulary.stop}
    Y = torch.tensor([stoi[s] for s in vocabulary.symbols(text)], dtype=torch.int64)
    return windows(Y, _lengths(Y, vocabulary), block_size, vocabulary.start), Y


def build_sentences(
    sentences: Sequence[str], block_size: int, vocabulary: Words
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """All examples of sentences of words, in their order: X (N, block_size), Y (N,), and lengths (sentences,), int64.

    Every word of a sentence is predicted, its . ! or ? among them, and nothing after it.
    """
    lengths = _whole_numbers(sentence.count(" ") + 1 for sentence in sentences)
    words = " ".join(sentences).split(" ") if sentences else ()
    Y = _whole_numbers(map(vocabulary.stoi.get, words, repeat(vocabulary.unknown)))
    return windows(Y, lengths, block_size, vocabulary.start), Y, lengths


def _whole_numbers(numbers: Iterable[int]) -> torch.Tensor:
    return torch.from_numpy(np.fromiter(numbers, np.int64))


def windows(Y: torch.Tensor, lengths: torch.Tensor, block_size: int, start: int) -> torch.Tensor:
    """What comes before each of Y (N,) in its unit, padded with `start`: (N, block_size)."""
    place = torch.arange(len(Y)) - torch.repeat_interleave(lengths.cumsum(0) - lengths, lengths)  # within the unit
    X = torch.empty(len(Y), block_size, dtype=torch.int64)
    for back in range(1, block_size + 1):
        seen = place >= back  # the symbol `back` places earlier belongs to the same unit
        X[:, block_size - back] = torch.where(seen, Y.roll(back), start)
    return X


def _lengths(Y: torch.Tensor, vocabulary: Vocabulary) -> torch.Tensor:
    """How many examples each word has (words,): every word ends in the one "." it has."""
    return (vocabulary.stop == Y).nonzero().flatten().diff(prepend=torch.tensor([-1]))


def _keys(columns: Iterable[torch.Tensor], V: int) -> torch.Tensor:
    """A key for each row, (N,) int64: keys sort as rows do, and key % V is the row's number in the last column.

    columns: (N,) int64 each, of numbers from 0 to V - 1.
    """
    key, below = torch.zeros((), dtype=torch.int64), 1
    for column in columns:
        if below > LARGEST // V:  # key * V could overflow: the rank of a key is smaller, and sorts in the same way
            different, key = torch.unique(key, return_inverse=True)
            below = len(different)
        key, below = key * V + column, below * V
    return key


class Pairs(NamedTuple):
    """The different (context, next) that occur, sorted: row of the context, next symbol (int64) and how often it
    follows (float64); (pairs,) each."""

    row: torch.Tensor
    next: torch.Tensor
    times: torch.Tensor


@dataclass(frozen=True)
class Examples:
    """What is to be predicted from what.

    X (N, block_size), Y (N,): every example. contexts (M, block_size): the distinct rows of X, sorted.
    pairs: each distinct (context, next) and how often. pair (N,): which of them each example is.
    A sum over the examples of anything that depends on (context, next) is a sum over the pairs:
    exact, and for block size 3 some sixty times quicker.
    """

    vocabulary_size: int
    X: torch.Tensor
    Y: torch.Tensor
    contexts: torch.Tensor
    pairs: Pairs
    pair: torch.Tensor

    @classmethod
    def counted(cls, X: torch.Tensor, Y: torch.Tensor, vocabulary_size: int) -> "Examples":
        keys = _keys((*X.unbind(1), Y), vocabulary_size)
        keys, pair, times = torch.unique(keys, return_inverse=True, return_counts=True)
        different, row = torch.unique_consecutive(keys // vocabulary_size, return_inverse=True)
        contexts = torch.empty(len(different), X.shape[1], dtype=torch.int64)
        contexts[row[pair]] = X
        return cls(vocabulary_size, X, Y, contexts, Pairs(row, keys % vocabulary_size, times.double()), pair)

    @classmethod
    def uncounted(cls, X: torch.Tensor, Y: torch.Tensor, vocabulary_size: int) -> "Examples":
        """Each example has a context and a pair of its own: quicker to make, for a few examples."""
        each = torch.arange(len(X))
        return cls(vocabulary_size, X, Y, X, Pairs(each, Y, torch.ones(len(X), dtype=torch.float64)), each)

    def __len__(self) -> int:
        return len(self.Y)

    @property
    def which(self) -> torch.Tensor:
        """The context of each example (N,): X == contexts[which]."""
        return self.pairs.row[self.pair]

    @cached_property
    def times(self) -> torch.Tensor:
        """How often each context occurs: (M,) float64."""
        return torch.zeros(len(self.contexts), dtype=torch.float64).index_add_(0, self.pairs.row, self.pairs.times)

    @cached_property
    def packed(self) -> Packed:
        """The same for machine code (core/engine/kernel)."""
        return pack(self.contexts, self.pairs, self.which, self.Y)

    @property
    def made_later(self) -> int:
        """Bytes of `times` and `packed`, which are not made before somebody asks for them."""
        M, block_size = self.contexts.shape
        times = 0 if "times" in vars(self) else 8 * M
        return times + Packed.size(M, block_size, len(self.pairs.row), len(self))

    def followers(self, row: int) -> torch.Tensor:
        """How often each symbol follows one of the contexts: (V,) float64."""
        first, last = torch.searchsorted(self.pairs.row, torch.tensor([row, row + 1])).tolist()
        counts = torch.zeros(self.vocabulary_size, dtype=torch.float64)
        return counts.index_add_(0, self.pairs.next[first:last], self.pairs.times[first:last])

    def piece(self, first: int, rows: int) -> tuple[torch.Tensor, Pairs]:
        """At most so many contexts, from number `first` on, and their pairs, whose rows are those of the piece."""
        begin, end = torch.searchsorted(self.pairs.row, torch.tensor([first, first + rows])).tolist()
        row, next, times = (part[begin:end] for part in self.pairs)
        return self.contexts[first : first + rows], Pairs(row - first, next, times)

    def pieces(self, rows: int) -> Iterator[tuple[torch.Tensor, Pairs]]:
        """All contexts, at most so many at a time."""
        return (self.piece(first, rows) for first in range(0, len(self.contexts), rows))


@dataclass(frozen=True)
class Split(Examples):
    """One part of the data: the examples of its words, which are in shuffled order.

    lengths (words,), int64: how many examples each word has, its symbols and its end.
    """

    words: tuple[str, ...]
    lengths: torch.Tensor

    @classmethod
    def of(cls, words: list[str], block_size: int, vocabulary: Vocabulary) -> "Split":
        if isinstance(vocabulary, Words):
            X, Y, lengths = build_sentences(words, block_size, vocabulary)
        else:
            X, Y = build_dataset(words, block_size, vocabulary)
            lengths = _lengths(Y, vocabulary)
        return cls(**vars(Examples.counted(X, Y, len(vocabulary))), words=tuple(words), lengths=lengths)


@dataclass(frozen=True)
class Dataset:
    """A corpus made ready for one block size: vocabulary and the three splits. Never changed.

    corpus: the text, as it was read. name and digest are its own.
    """

    corpus: Corpus
    vocabulary: Vocabulary
    block_size: int
    train: Split
    dev: Split
    test: Split
    known: frozenset[str]  # every word of the list, to tell new samples from old

    @classmethod
    def of(cls, words: list[str], block_size: int, name: str = "names", groups: tuple[Group, ...] = ()) -> "Dataset":
        return cls.of_corpus(Corpus(name, tuple(words), groups), block_size)

    @classmethod
    def of_corpus(cls, corpus: Corpus, block_size: int) -> "Dataset":
        vocabulary = corpus.vocabulary
        split = split_sentences if corpus.level == WORD else split_words
        parts = (Split.of(part, block_size, vocabulary) for part in split(corpus.units))
        return cls(corpus, vocabulary, block_size, *parts, known=corpus.known)

    def watched(self, split: str) -> Examples:
        """The examples whose loss is recorded while training: at character level the split itself.

        At word level, where contexts rarely repeat, some of its examples (`watched_at_most`), always the same ones.
        """
        part, most = getattr(self, split), watched_at_most(len(self.vocabulary))
        if self.corpus.level != WORD or len(part) <= most:
            return part
        picks = torch.randint(len(part), (most,), generator=torch.Generator().manual_seed(SPLIT_SEED))
        return Examples.uncounted(part.X[picks], part.Y[picks], part.vocabulary_size)

    def watched_contexts(self) -> int:
        """How many contexts one look at the losses of train and dev goes through."""
        if self.corpus.level == WORD:
            most = watched_at_most(len(self.vocabulary))
            return min(len(self.train), most) + min(len(self.dev), most)
        return len(self.train.contexts) + len(self.dev.contexts)

    @property
    def name(self) -> str:
        return self.corpus.name

    @property
    def digest(self) -> str:
        return self.corpus.digest


def watched_at_most(vocabulary_size: int) -> int:
    """How many examples of a split of words are watched."""
    return min(WATCHED, WATCHED_LOGITS // vocabulary_size)


def split_words(words: list[str]) -> tuple[list[str], list[str], list[str]]:
    """80/10/10 by word, after a shuffle with Python's generator seeded 42: the lecture's split."""
    words = list(words)
    random.Random(SPLIT_SEED).shuffle(words)
    first, second = int(0.8 * len(words)), int(0.9 * len(words))
    return words[:first], words[first:second], words[second:]


def split_sentences(sentences: Sequence[str]) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """90/5/5 in their order, which is that of a hash (core/data/sentences.py)."""
    first, second = int(0.9 * len(sentences)), int(0.95 * len(sentences))
    return sentences[:first], sentences[first:second], sentences[second:]
