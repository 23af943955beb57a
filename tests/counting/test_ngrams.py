"""core/counting/ngrams.py against DESIGN.md section 5 and against counting with dicts."""

import math
from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.counting.ngrams import COUNT_MODELS, UNIFORM, Baselines, CountModel
from core.data.dataset import Dataset, Split
from core.data.vocabulary import Vocabulary

word_lists = st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=12)


def loss_by_dicts(train, other, order, k, V):
    """Add-k smoothing, one example at a time."""
    follows, totals = Counter(), Counter()
    for word in train:
        padded = "." * (order - 1) + word + "."
        for i in range(order - 1, len(padded)):
            context = padded[i - order + 1 : i]
            follows[context, padded[i]] += 1
            totals[context] += 1
    total, n = 0.0, 0
    for word in other:
        padded = "." * (order - 1) + word + "."
        for i in range(order - 1, len(padded)):
            context = padded[i - order + 1 : i]
            total -= math.log((follows[context, padded[i]] + k) / (totals[context] + k * V))
            n += 1
    return total / n


@pytest.mark.parametrize(
    ("name", "train", "dev", "test"),
    [  # DESIGN.md section 5: the names of assets/names.txt, random.Random(42).shuffle, 80/10/10
        ("uniform", 3.295836866, 3.295836866, 3.295836866),
        ("unigram", 2.822350, 2.826731, 2.823648),
        ("bigram", 2.453258, 2.471552, 2.456533),
        ("trigram", 2.188250, 2.239299, 2.225528),
        ("4-gram", 1.918363, 2.113709, 2.108184),
    ],
)
def test_count_models_have_the_known_losses(baselines, name, train, dev, test):
    losses = baselines.train[name], baselines.dev[name], baselines.test[name]
    assert losses == pytest.approx((train, dev, test), abs=1e-6)


def test_every_split_has_a_loss_for_every_count_model_and_for_the_uniform_guess(baselines):
    for losses in (baselines.train, baselines.dev, baselines.test):
        assert list(losses) == [UNIFORM, *COUNT_MODELS]
        assert losses[UNIFORM] == pytest.approx(math.log(27), abs=1e-12)


def test_count_models_do_not_depend_on_the_block_size_they_are_read_at(datasets, baselines):
    other = Baselines.of(datasets(5))
    assert other.dev == pytest.approx(baselines.dev, abs=1e-9)


@given(word_lists, word_lists, st.integers(1, 4), st.floats(0.01, 2))
def test_a_count_models_loss_is_that_of_counting_with_dicts(train, other, order, k):
    vocabulary = Vocabulary.of([*train, *other])
    seen, unseen = (Split.of(words, 3, vocabulary) for words in (train, other))
    model = CountModel.fit(seen, order, k)
    for words, split in ((train, seen), (other, unseen)):
        expected = loss_by_dicts(train, words, order, k, len(vocabulary))
        assert model.loss(split) == pytest.approx(expected, abs=1e-12)


@given(word_lists, word_lists, st.integers(1, 4), st.floats(0.01, 2))
def test_chances_are_the_probabilities_of_the_pairs_that_occur(train, other, order, k):
    vocabulary = Vocabulary.of([*train, *other])
    seen, unseen = (Split.of(words, 3, vocabulary) for words in (train, other))
    row, next, _ = unseen.pairs
    model = CountModel.fit(seen, order, k)
    assert torch.allclose(model.pair_probabilities(unseen), model.probabilities(unseen.contexts)[row, next], rtol=1e-12)


@given(word_lists, st.integers(1, 4), st.floats(0.01, 2))
def test_probabilities_are_positive_and_sum_to_one(train, order, k):
    split = Split.of(train, 3, Vocabulary.of([*train, "abc"]))
    every = torch.cartesian_prod(*[torch.arange(4)] * 3)
    P = CountModel.fit(split, order, k).probabilities(every)
    assert P.dtype == torch.float64 and P.shape == (64, 4)
    assert (P > 0).all() and torch.allclose(P.sum(1), torch.ones(64, dtype=torch.float64), atol=1e-12)


def test_a_context_that_was_never_seen_is_followed_by_anything_alike(dataset, baselines):
    X = torch.tensor([dataset.vocabulary.context("qxz", 3)])
    assert baselines.models["4-gram"].probabilities(X)[0].tolist() == pytest.approx([1 / 27] * 27)


def test_a_count_model_can_be_asked_about_longer_contexts_than_it_reads(dataset, baselines):
    short, long = (torch.tensor([dataset.vocabulary.context("emm", n)]) for n in (3, 8))
    for model in baselines.models.values():
        assert torch.equal(model.probabilities(short), model.probabilities(long))


def test_count_models_of_a_small_list_are_finite_on_every_split():
    words = [a + b for a in "xyz" for b in "ab"] * 3
    baselines = Baselines.of(Dataset.of(words, 3))
    losses = [*baselines.train.values(), *baselines.dev.values(), *baselines.test.values()]
    assert all(math.isfinite(loss) and loss > 0 for loss in losses)
