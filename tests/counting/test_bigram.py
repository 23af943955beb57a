"""core/counting/bigram.py against counting by hand, autograd, and the least loss that a bigram can have."""

import math
from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import Config
from core.counting.bigram import MAX_STEPS, RATES, bigram_counts, descend, following, network_after
from core.data.dataset import Split
from core.data.vocabulary import Vocabulary
from core.engine.model import forward, initialise

word_lists = st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def counts(dataset):
    return bigram_counts(dataset.train), bigram_counts(dataset.dev)


@given(word_lists)
def test_counts_are_those_of_pairs_in_the_words(words):
    vocabulary = Vocabulary.of([*words, "abc"])
    pairs = Counter(pair for word in words for pair in zip("." + word, word + "."))
    counts = bigram_counts(Split.of(words, 3, vocabulary))
    assert counts.tolist() == [[pairs[a, b] for b in vocabulary.itos] for a in vocabulary.itos]


@given(word_lists)
def test_what_follows_by_counting_sums_to_one_or_was_never_seen(words):
    counts = bigram_counts(Split.of(words, 1, Vocabulary.of([*words, "abc"])))
    total = following(counts).sum(1)
    assert torch.allclose(total, (counts.sum(1) > 0).double())


def test_a_networks_mean_answer_after_a_letter_is_that_over_every_example(few):
    data = few(3)
    parameters = initialise(Config(init="lecture"), len(data.vocabulary))
    P, X = forward(parameters, data.train.X).log_probabilities.exp(), data.train.X
    after = network_after(parameters, data.train)
    for i in range(len(data.vocabulary)):
        mine = P[X[:, -1] == i].double()
        expected = mine.mean(0) if len(mine) else torch.zeros(len(data.vocabulary), dtype=torch.float64)
        assert torch.allclose(after[i], expected, atol=1e-6)


def test_the_descent_is_the_lectures_loop_with_autograd(counts):
    train, dev = counts
    found = descend(train, dev, target=2.6, rate=50.0)
    W = torch.zeros(27, 27, dtype=torch.float64, requires_grad=True)
    for step in range(found.reached + 1):
        loss = -(torch.log_softmax(W, 1) * train).sum() / train.sum()
        if step in (kept := dict((s, train) for s, train, _ in found.losses)):
            assert kept[step] == pytest.approx(loss.item(), abs=1e-12)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - 50.0 * gradient).detach().requires_grad_()
    assert loss.item() <= 2.6


def test_from_the_uniform_guess_to_what_counting_knows(counts, baselines):
    """The lecture's rate 50 needs 1,735 steps on the names; it then says what the counts say."""
    found = descend(*counts, baselines.train["bigram"], 50.0)
    assert found.losses[0] == pytest.approx((0, math.log(27), math.log(27)))
    assert found.reached == found.losses[-1][0] == 1_735
    assert found.losses[-1][1] <= baselines.train["bigram"] < found.losses[-2][1]
    assert found.losses[-1][2] == pytest.approx(baselines.dev["bigram"], abs=2e-4)
    counted = following(counts[0])
    often = counts[0].sum(1) > 5_000
    assert (found.probabilities[-1] - counted)[often].abs().max() < 0.005


def test_the_hottest_rate_never_arrives_and_the_coolest_not_in_time(counts, baselines):
    for rate in (RATES[0], RATES[2]):
        found = descend(*counts, baselines.train["bigram"], rate)
        assert found.reached is None and found.losses[-1][0] == MAX_STEPS


@given(word_lists, st.floats(0.1, 5))
def test_no_step_of_a_descent_is_better_than_the_counts_themselves(words, rate):
    split = Split.of(words, 2, Vocabulary.of([*words, "abc"]))
    train = bigram_counts(split)
    share = train / train.sum(1, keepdim=True).clamp(min=1)
    least = -float(torch.xlogy(train, share).sum() / train.sum())
    found = descend(train, train, least + 0.3, rate)
    assert all(loss >= least - 1e-12 for _, loss, _ in found.losses)
    assert all(torch.allclose(P.sum(1), torch.ones(4, dtype=torch.float64)) for P in found.probabilities)
    assert len(found.probabilities) == len(found.losses) < 60
