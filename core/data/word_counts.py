"""What can be counted in a text of words: how often each word occurs, and what followed one word or two."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.config import FEWEST_WORDS, MOST_WORDS
from core.data.corpus import Corpus
from core.data.dataset import Split, windows
from core.data.vocabulary import Vocabulary

SIZES = (FEWEST_WORDS, 1_000, 2_000, 5_000, 10_000, MOST_WORDS)  # of vocabularies


@dataclass(frozen=True)
class TextFacts:
    """tokens, distinct: how many words and signs the text has, and how many different ones. counts: how often each
    word of the vocabulary occurs in it, in the order of the vocabulary, without the two symbols that are no words.
    unknown: the share of all tokens that are not in the vocabulary, 0 to 1; by_size: the same for vocabularies of other
    sizes, [symbols, share]."""

    tokens: int
    distinct: int
    counts: tuple[int, ...]
    unknown: float
    by_size: tuple[tuple[int, float], ...]

    @classmethod
    def of(cls, corpus: Corpus) -> "TextFacts":
        often = Counter(token for sentence in corpus.units for token in sentence.split(" "))
        ranked = sorted(often.values(), reverse=True)
        share = lambda symbols: 1 - sum(ranked[: symbols - 2]) / often.total()
        counts = tuple(often[word] for word in corpus.vocabulary.itos[2:])
        by_size = tuple((size, share(size)) for size in SIZES if size - 2 < len(ranked))
        return cls(often.total(), len(often), counts, share(len(corpus.vocabulary)), by_size)


# ---------------------------------------------------------------- examples of one sentence


@dataclass(frozen=True)
class WordExample:
    """context, next: indices. times: how often training has this context; followed: how often this word after it."""

    context: tuple[int, ...]
    next: int
    times: int
    followed: int


def examples_of_sentence(
    ids: Sequence[int], block_size: int, train: Split, vocabulary: Vocabulary
) -> list[WordExample]:
    """The examples of a sentence, as a dataset has them, and how often each occurs in the training split."""
    X = windows(train.Y, train.lengths, block_size, vocabulary.start)
    columns, found = X.unbind(1), []
    for i, following in enumerate(ids):
        context = ([vocabulary.start] * block_size + list(ids[:i]))[-block_size:]
        rows = torch.arange(len(X))
        for column, symbol in zip(reversed(columns), reversed(context)):
            rows = rows[column[rows] == symbol]
        found.append(WordExample(tuple(context), following, len(rows), int((train.Y[rows] == following).sum())))
    return found


# ---------------------------------------------------------------- pairs and triples


def followers(train: Split, context: Sequence[int], most: int) -> tuple[list[tuple[int, int]], int]:
    """What followed a context of at most train's block size in training: the `most` frequent words, [word, how often],
    and how often the context occurs."""
    rows = torch.arange(len(train))
    for column, symbol in zip(reversed(train.X.unbind(1)), reversed(context)):
        rows = rows[column[rows] == symbol]
    times = torch.bincount(train.Y[rows], minlength=train.vocabulary_size)
    order = times.argsort(descending=True, stable=True)[:most].tolist()
    return [(i, int(times[i])) for i in order if times[i]], len(rows)


def frequent(train: Split, words: int, most: int, symbols: int = 2) -> list[tuple[tuple[int, ...], int]]:
    """The most frequent sequences of so many words (2 or 3) in training, [indices, how often]: without the first
    `symbols` of the vocabulary, which are no words. train's block size is at least words - 1."""
    V = train.vocabulary_size
    columns = [*train.X[:, train.X.shape[1] - words + 1 :].unbind(1), train.Y]
    keys = torch.zeros(len(train), dtype=torch.int64)
    known = torch.ones(len(train), dtype=torch.bool)
    for column in columns:
        keys, known = keys * V + column, known & (column >= symbols)
    which, times = torch.unique(keys[known], return_counts=True)
    order = times.argsort(descending=True, stable=True)[:most].tolist()
    parts = lambda key: tuple(key // V ** (words - 1 - i) % V for i in range(words))
    return [(parts(int(which[i])), int(times[i])) for i in order]
