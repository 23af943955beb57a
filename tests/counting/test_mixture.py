"""core/counting/mixture.py against every example on its own, and what convexity promises."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import Config
from core.counting.kneser_ney import KneserNey
from core.counting.mixture import POINTS, Mix, gained, mix
from core.counting.ngrams import CountModel
from core.engine.model import forward, initialise, loss
from core.engine.run import Run


@pytest.fixture(scope="module")
def trained(few):
    run = Run(Config(), few(3))
    run.advance(300)
    return run.parameters


def test_a_mix_is_the_mean_over_all_examples(few, trained):
    data, model = few(5), CountModel.fit(few(5).train, 3, 0.15)
    found = mix(trained, model, data.dev, data.test)
    p = forward(trained, data.dev.X[:, -3:]).log_probabilities.exp().double()
    q = model.probabilities(data.dev.X)
    rows = torch.arange(len(data.dev))
    for i in (0, 1, 37, 50, 100):
        w = i / 100
        by_example = -(w * p + (1 - w) * q)[rows, data.dev.Y].log().mean()
        assert found.losses[i] == pytest.approx(float(by_example), abs=1e-7)
    assert found.half == found.losses[50] and len(found.losses) == POINTS


def test_the_ends_are_the_two_alone(few, trained):
    data, model = few(5), KneserNey.fit(few(5).train, 5)
    found = mix(trained, model, data.dev, data.test)
    assert found.losses[0] == pytest.approx(model.loss(data.dev), abs=1e-12)
    network = loss(trained, few(3).dev)
    assert found.losses[-1] == pytest.approx(network, abs=1e-7)


@given(st.integers(1, 6), st.floats(0.01, 2), st.integers(0, 300))
def test_the_best_weight_has_the_least_loss(few, order, k, steps):
    data, run = few(5), Run(Config(), few(3))
    run.advance(steps)
    found = mix(run.parameters, CountModel.fit(data.train, order, k), data.dev, data.test)
    assert found.least <= min(found.losses) + 1e-12
    nearest = min(range(POINTS), key=lambda i: found.losses[i])
    assert abs(found.best - nearest / (POINTS - 1)) <= 1 / (POINTS - 1)
    middle = found.losses[1:-1]
    assert all(2 * m <= a + b + 1e-12 for a, m, b in zip(found.losses, middle, found.losses[2:]))  # convex


def test_test_is_judged_with_the_weight_that_dev_chose(few, trained):
    data, model = few(5), CountModel.fit(few(5).train, 3, 0.15)
    found = mix(trained, model, data.dev, data.test)
    turned = mix(trained, model, data.test, data.test)
    assert found.test >= turned.least and found.best != turned.best


def test_an_untrained_network_has_no_say(datasets):
    data = datasets(5)
    found = mix(initialise(Config(init="lecture"), 27), KneserNey.fit(data.train, 6), data.dev, data.test)
    assert found.best < 0.01 and found.least == pytest.approx(1.9826, abs=1e-3)


def test_what_mixing_brings_is_said_in_the_numbers_of_the_mix():
    mixed = Mix((2.3, *(2.25,) * (POINTS - 2), 2.4), 0.3125, 2.2144, 2.2009)
    assert gained(mixed) == (
        "The loss is lowest with a weight of 31.2 % for the network: 2.2144 on dev, 0.0856 below the better of the two "
        "alone, and 2.2009 on test. With equal weights, as in the paper: 2.2500 on dev."
    )


def test_without_a_finite_loss_there_is_nothing_to_say():
    assert gained(Mix((float("nan"),) * POINTS, 0.5, float("nan"), float("nan"))).startswith("The network gives no")
