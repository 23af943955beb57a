"""core/counting/interpolated.py against plain Python."""

import math
import random
from collections import Counter

import pytest

from core.counting.interpolated import InterpolatedTrigram
from core.data.brown import prepared


@pytest.fixture(scope="module")
def data():
    draw = random.Random(5)
    tokens = [draw.choice("abcab" if i % 3 else "dcba") for i in range(600)]
    return prepared(tokens, 3, 400, 100)


@pytest.fixture(scope="module")
def model(data):
    return InterpolatedTrigram.fit(data.train, data.dev)


def test_it_is_the_weighted_sum_of_relative_frequencies(data, model):
    V, examples = len(data.vocabulary), [(*x[1:], y) for x, y in zip(data.train.X.tolist(), data.train.Y.tolist())]
    counts = [Counter(row[-n:] for row in examples) for n in (1, 2, 3)]
    before = [Counter(row[-n:-1] for row in examples) for n in (1, 2, 3)]
    said = iter(model.pair_probabilities(data.test).tolist())
    test = data.test
    for row, next in zip(test.pairs.row.tolist(), test.pairs.next.tolist()):
        u, v = test.contexts[row].tolist()[1:]
        often = before[2][u, v]
        weights = model.weights[max(0, math.ceil(math.log(400 / (1 + often))))].tolist()
        words = (next,), (v, next), (u, v, next)
        shares = [c[w] / b[w[:-1]] if b[w[:-1]] else 0.0 for c, b, w in zip(counts, before, words)]
        expected = sum(a * p for a, p in zip(weights, [1 / V, *shares]))
        assert next_of(said) == pytest.approx(expected)


def next_of(said):
    return next(said)


def test_weights_sum_to_one_and_em_has_not_made_validation_worse(data, model):
    assert model.weights.sum(1).tolist() == pytest.approx([1] * len(model.weights))
    even = InterpolatedTrigram(**vars(model) | {"weights": model.weights * 0 + 0.25})
    assert model.loss(data.dev) < even.loss(data.dev)
    assert model.loss(data.dev) == pytest.approx(
        -sum(map(math.log, model.pair_probabilities(data.dev)[data.dev.pair].tolist())) / 100
    )
