"""The examples of one word (a window that slides over it), and how the number of contexts grows with their length."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.data.dataset import Split, build_dataset
from core.data.vocabulary import BOUNDARY, DataError, Vocabulary
from core.messages import tr

UNSEEN_SHOWN = 8  # unseen contexts that are listed, each from another word
UNSEEN_CHECKED = 5 * UNSEEN_SHOWN  # more than are listed, because several can come from one word


@dataclass(frozen=True)
class Example:
    """What the network sees and what comes next: as characters (context, next) and as indices (X, Y)."""

    context: str
    next: str
    X: tuple[int, ...]
    Y: int


def examples_of(vocabulary: Vocabulary, word: str, block_size: int) -> list[Example]:
    """The examples of one word, as `build_dataset` makes them; DataError for a character that cannot be in a word."""
    if BOUNDARY in word:
        raise DataError(tr("“.” marks the start and the end of a word, so it cannot be inside one."))
    vocabulary.encode(word)
    X, Y = (part.tolist() for part in build_dataset([word], block_size, vocabulary))
    itos = vocabulary.itos
    return [Example(vocabulary.decode(x), itos[y], tuple(x), y) for x, y in zip(X, Y)]


@dataclass(frozen=True)
class UnseenContext:
    """A context that is in the dev split but not in the training split. times: how often; word: where first."""

    context: str
    times: int
    word: str


@dataclass(frozen=True)
class Growth:
    """How many contexts of one length there are.

    possible: V ** length. train, dev: distinct contexts in each split. unseen: distinct contexts of dev
    that are not in train; unseen_examples: how many of the `examples` of dev have such a context.
    such_as: the most frequent unseen contexts.
    """

    length: int
    possible: int
    train: int
    dev: int
    unseen: int
    unseen_examples: int
    examples: int
    such_as: tuple[UnseenContext, ...]


def growth(train: Split, dev: Split, vocabulary: Vocabulary) -> list[Growth]:
    """For contexts of 1, 2 ... characters, up to the block size of the splits; exact."""
    V, M = len(vocabulary), len(train.contexts)
    both, times = torch.cat([train.contexts, dev.contexts]), dev.times
    first = torch.zeros(len(dev.contexts), dtype=torch.int64)  # the first example that has each context
    first = first.scatter_reduce(0, dev.which, torch.arange(len(dev)), "amin", include_self=False)
    rank, found = torch.zeros(len(both), dtype=torch.int64), []
    for length, column in enumerate(both.flip(1).unbind(1), start=1):
        rank = torch.unique(rank * V + column, return_inverse=True)[1]  # of ever longer ends: no key overflows
        like = torch.zeros(int(rank.max()) + 1, dtype=torch.float64)
        seen = like.index_fill(0, rank[:M], 1.0) > 0
        often = like.index_add(0, rank[M:], times)
        new = ~seen & (often > 0)
        example = like.long().scatter_reduce(0, rank[M:], first, "amin", include_self=False)
        most = sorted(zip(often[new].long().neg().tolist(), example[new].tolist()))[:UNSEEN_CHECKED]
        such_as = _named(dev, vocabulary, length, most)
        occurring = int(seen.sum()), int((often > 0).sum()), int(new.sum()), int(often[new].sum())
        found.append(Growth(length, V**length, *occurring, len(dev), such_as))
    return found


def _named(dev: Split, vocabulary: Vocabulary, length: int, most: list[tuple[int, int]]) -> tuple[UnseenContext, ...]:
    """(minus how often a context comes, index of its first example) -> contexts, one of each word."""
    ends = dev.lengths.cumsum(0)
    by_word: dict[str, UnseenContext] = {}
    for minus_times, example in most:
        word = dev.words[int(torch.searchsorted(ends, example, right=True))]
        context = vocabulary.decode(dev.X[example, -length:].tolist())
        by_word.setdefault(word, UnseenContext(context, -minus_times, word))
    return tuple(by_word.values())[:UNSEEN_SHOWN]


def letter_counts(split: Split) -> list[int]:
    """How often each character is the next one (V,); "." is the next one once per word."""
    return torch.bincount(split.Y, minlength=split.vocabulary_size).tolist()


def group_shares(split: Split, roles: Sequence[str]) -> dict[str, float]:
    """The share of examples whose next character has each role ("boundary": the end of a word); the sum is 1.

    roles: of every character (V,), as in `Shown`.
    """
    counts = letter_counts(split)
    parts = {group: sum(n for n, role in zip(counts, roles) if role == group) for group in set(roles)}
    return {group: n / len(split) for group, n in parts.items()}
