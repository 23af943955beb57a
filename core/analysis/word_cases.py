"""“A dog was running in a ...”: where a network gives the true next word more than counting does, and how often.

The paper's argument is that a context never seen in training is near others that were, because the embeddings of
its words are. Here are real cases of it, from the test split, and the contexts nearest to each. Nearest is measured;
that the network predicts as it does because of them is not.
"""

import math
from dataclasses import dataclass

import torch

from core.counting.contexts import NONE, Contexts
from core.counting.kneser_ney import KneserNey
from core.data.dataset import Dataset, Examples, Split, windows
from core.engine.model import Parameters, pair_log_probabilities

MOST_LOGITS = 160_000_000  # of the network, in all: with 2,000 words 80,000 examples
CASES = 20
CLEAR = 0.05  # what the network gives to the true word of a case, at least
NEAREST = 5  # contexts
FOLLOWERS = 3  # words


@dataclass(frozen=True)
class SeenContext:
    """A context of training: its words, how often it occurs, and its most frequent next words, each with how often."""

    context: tuple[int, ...]
    times: int
    followers: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Case:
    """An example of a test sentence. before: all words before `next`; the network sees `context`, the last of them.

    network, counting: what each gives to `next`. nearest: of the training contexts, the nearest first.
    """

    before: tuple[str, ...]
    context: tuple[int, ...]
    next: int
    network: float
    counting: float
    nearest: tuple[SeenContext, ...]


@dataclass(frozen=True)
class Tally:
    """Of some examples: how many; in how many counting gives the true word more than the network; both mean losses."""

    examples: int
    counting_ahead: int
    network: float
    counting: float

    @classmethod
    def of(cls, network: torch.Tensor, counting: torch.Tensor) -> "Tally":
        """network, counting (N,): log P of the true words."""
        if not len(network):
            return cls(0, 0, math.nan, math.nan)
        return cls(len(network), int((counting > network).sum()), -float(network.mean()), -float(counting.mean()))


@dataclass(frozen=True)
class Duel:
    """all, unseen: of the examples looked at, and of those of them whose context training never showed. total: how many
    test examples there are; if more than were looked at, those were drawn at random, the same for every network.
    """

    all: Tally
    unseen: Tally
    total: int
    cases: tuple[Case, ...]


def duel(network: Parameters, data: Dataset, counting: KneserNey, most: int | None = None) -> Duel:
    """Compare a network, trained on `data`, with a count model of the same split, on the test split.

    data: of the network's block size. most: examples that are looked at; None: as many as MOST_LOGITS allows.
    The cases are unseen contexts without unknown words to which the network gives the true word at least CLEAR and
    more than the count model does, those with the largest quotient first, one for each next word.
    """
    V, n = len(data.vocabulary), data.block_size
    Y, lengths = data.test.Y, data.test.lengths
    X = windows(Y, lengths, max(n, counting.order - 1), data.vocabulary.start)
    picks = _sample(len(Y), most or MOST_LOGITS // V)
    picked = Examples.counted(X[picks], Y[picks], V)
    ours = pair_log_probabilities(network, picked).double()[picked.pair]
    theirs = counting.pair_probabilities(picked).log()[picked.pair]
    seen = _contexts(data.train, counting, n).ids(X[picks])[n] != NONE
    tallies = Tally.of(ours, theirs), Tally.of(ours[~seen], theirs[~seen])
    unknown = data.vocabulary.unknown
    fit = ~seen & (ours > theirs) & (ours >= math.log(CLEAR)) & (Y[picks] != unknown)
    fit &= (X[picks, -n:] != unknown).all(1)
    order = fit.nonzero()[:, 0][(theirs - ours)[fit].argsort(stable=True)].tolist()
    first = {int(Y[picks[i]]): i for i in reversed(order)}  # the best of each next word
    chosen = [i for i in order if first[int(Y[picks[i]])] == i][:CASES]
    cases = (_case(network, data, X, Y, lengths, int(picks[i]), ours[i].exp(), theirs[i].exp()) for i in chosen)
    return Duel(*tallies, len(Y), tuple(cases))


def _contexts(train: Split, counting: KneserNey, n: int) -> Contexts:
    """The contexts of `train` of n words and shorter: those that were counted, if they are long enough."""
    return counting.contexts if counting.contexts and n < counting.order else Contexts.of(train, n)


def _sample(total: int, most: int) -> torch.Tensor:
    """Which of `total` examples: all, or `most` of them, sorted."""
    if total <= most:
        return torch.arange(total)
    return torch.randperm(total, generator=torch.Generator().manual_seed(0))[:most].sort().values


def _case(network: Parameters, data: Dataset, X, Y, lengths, i: int, ours, theirs) -> Case:
    ends = lengths.cumsum(0)
    sentence = int(torch.searchsorted(ends, i, right=True))
    place = i - int(ends[sentence] - lengths[sentence])
    before = tuple(data.test.words[sentence].split(" ")[:place])
    context = tuple(X[i, -data.block_size :].tolist())
    nearest = nearest_contexts(network.C, data.train, context)
    return Case(before, context, int(Y[i]), float(ours), float(theirs), nearest)


def nearest_contexts(C: torch.Tensor, train: Split, context: tuple[int, ...], k: int = NEAREST) -> tuple:
    """The k contexts of `train` nearest to this one, which is left out: SeenContext, the nearest first.

    The distance of two contexts is that of what the network gets of them, block_size * n_embd numbers. C (V, n_embd).
    """
    far = torch.zeros(len(train.contexts))
    for column, i in zip(train.contexts.unbind(1), context):
        far += (C - C[i]).square().sum(1)[column]
    far[(train.contexts == torch.tensor(context)).all(1)] = torch.inf
    rows = far.topk(min(k, len(far)), largest=False)
    found = zip(rows.values.tolist(), rows.indices.tolist())
    return tuple(_seen(train, row) for distance, row in found if distance < math.inf)


def seen_context(train: Split, context: tuple[int, ...]) -> SeenContext | None:
    """This context, if training showed it."""
    rows = (train.contexts == torch.tensor(context)).all(1).nonzero()[:, 0].tolist()
    return _seen(train, rows[0]) if rows else None


def _seen(train: Split, row: int) -> SeenContext:
    counts = train.followers(row)
    best = counts.topk(min(FOLLOWERS, int((counts > 0).sum())))
    followers = zip(best.indices.tolist(), map(int, best.values.tolist()))
    return SeenContext(tuple(train.contexts[row].tolist()), int(counts.sum()), tuple(followers))
