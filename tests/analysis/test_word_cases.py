"""core/analysis/word_cases.py against counting and measuring in plain Python."""

import math
from collections import Counter
from itertools import product

import pytest
import torch

from core.analysis import word_cases
from core.analysis.word_cases import CLEAR, FOLLOWERS, NEAREST, duel, nearest_contexts, seen_context
from core.config import Config
from core.counting.kneser_ney import KneserNey
from core.data.corpus import WORD, Corpus
from core.data.dataset import Dataset
from core.engine.probe import next_all
from core.engine.run import Parameters, Run

SENTENCES = [
    f"{one} {kind} {animal} {verb} {place} ."
    for place, verb, animal, one, kind in product(
        ("here", "away"), ("runs", "sits", "eats"), ("dog", "cat", "cow"), ("a", "the"), ("big", "old", "red", "odd")
    )
]
LAST = [
    f"one {kind} {animal} {verb} there ."
    for kind in ("big", "old")
    for animal in ("dog", "cat")
    for verb in ("runs", "sits")
]


@pytest.fixture(scope="module", params=[2, 6])
def trained(request):
    """A network, its data and a count model; the sentences of the end, which are dev and test, begin otherwise."""
    corpus = Corpus("animals", (*SENTENCES, *LAST), level=WORD, most=500)
    data = Dataset.of_corpus(corpus, request.param)
    run = Run(Config(block_size=request.param, n_embd=4, n_hidden=20, optimiser="Adagrad", learning_rate=0.1), data)
    run.advance(400)
    return run.parameters, data, KneserNey.fit(Dataset.of_corpus(corpus, 4).train, 5)


def windows(sentence: str, data: Dataset, n: int):
    """(words before, context, next) of each word of a sentence."""
    words = sentence.split(" ")
    for place in range(len(words)):
        ids = [data.vocabulary.stoi.get(word, 1) for word in words[: place + 1]]
        yield tuple(words[:place]), tuple(([0] * n + ids[:-1])[-n:]), ids[-1]


def all_windows(sentences, data, n):
    return [window for sentence in sentences for window in windows(sentence, data, n)]


def test_the_duel_is_that_of_every_test_example(trained):
    network, data, counting = trained
    n = data.block_size
    seen = {context for _, context, _ in all_windows(data.train.words, data, n)}
    rows, rest = [], []
    for (before, context, next), (_, longer, _) in zip(
        all_windows(data.test.words, data, n), all_windows(data.test.words, data, 4), strict=True
    ):
        ours = float(next_all(Parameters.stacked([network]), list(context))[0, next])
        theirs = float(counting.probabilities(torch.tensor([longer]))[0, next])
        rows.append((ours, theirs, context in seen))
        if context not in seen and ours > theirs and ours >= CLEAR and 1 not in (*context, next):
            rest.append((ours / theirs, before, context, next))
    found = duel(network, data, counting)
    assert found.total == found.all.examples == len(rows)
    for tally, some in ((found.all, rows), (found.unseen, [row for row in rows if not row[2]])):
        assert tally.examples == len(some) and tally.counting_ahead == sum(b > a for a, b, _ in some)
        assert tally.network == pytest.approx(-sum(math.log(a) for a, _, _ in some) / len(some), abs=1e-5)
        assert tally.counting == pytest.approx(-sum(math.log(b) for _, b, _ in some) / len(some), abs=1e-9)
    best: dict = {}
    for quotient, before, context, next in sorted(rest, key=lambda row: -row[0]):
        best.setdefault(next, (quotient, before, context))
    assert [case.next for case in found.cases] == list(best) and found.cases
    for case in found.cases:
        assert case.network / case.counting == pytest.approx(best[case.next][0], rel=1e-4)
        assert (case.before, case.context) in [(before, context) for _, before, context, _ in rest]
        assert case.nearest == nearest_contexts(network.C, data.train, case.context)


def test_nearest_contexts_and_what_followed_them(trained):
    network, data, _ = trained
    C, n = network.C.tolist(), data.block_size
    examples = all_windows(data.train.words, data, n)
    followers = {context: Counter(next for _, c, next in examples if c == context) for _, context, _ in examples}
    asked = examples[len(examples) // 2][1]
    away = lambda context: sum(math.dist(C[i], C[j]) ** 2 for i, j in zip(context, asked))
    distances = sorted((away(context), context) for context in followers if context != asked)
    found = nearest_contexts(network.C, data.train, asked)
    assert len(found) == NEAREST
    for seen, (distance, _) in zip(found, distances):
        assert away(seen.context) == pytest.approx(distance, abs=1e-5)
        assert seen.times == followers[seen.context].total() and 0 < len(seen.followers) <= FOLLOWERS
        assert [times for _, times in seen.followers] == [t for _, t in followers[seen.context].most_common(FOLLOWERS)]
        assert all(followers[seen.context][next] == times for next, times in seen.followers)
    assert seen_context(data.train, asked).times == followers[asked].total()
    assert seen_context(data.train, (1,) * n) is None


def test_a_sample_is_always_the_same_one_and_says_how_many_there_are(trained, monkeypatch):
    network, data, counting = trained
    assert duel(network, data, counting, 20) == duel(network, data, counting, 20)
    found = duel(network, data, counting, 20)
    assert found.all.examples == 20 < found.total == len(data.test)
    monkeypatch.setattr(word_cases, "MOST_LOGITS", 20 * len(data.vocabulary))
    assert duel(network, data, counting) == found


def test_where_all_was_seen_there_are_no_cases(trained):
    network, data, counting = trained
    again = Dataset(data.corpus, data.vocabulary, data.block_size, data.train, data.dev, data.train, data.known)
    found = duel(network, again, counting)
    assert found.unseen.examples == 0 and found.cases == () and math.isnan(found.unseen.network)
