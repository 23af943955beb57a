"""core/engine/kernel: steps and losses in machine code against autograd in float64, and against Workspace."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine.gradients import Workspace, places
from core.engine.kernel.kernel import Kernel
from core.engine.kernel.layout import SLICE
from core.engine.model import Parameters, Shape, forward, loss
from tests.support.kernels import case, cases, descend, drawn, one_hot, singles

RATES, DECAYS = st.sampled_from([1 / 64, 64.0]), st.sampled_from([0.0, 0.125])  # exact in float32
BATCHES = st.one_of(st.integers(1, 70), st.sampled_from([128, 300]))


def close(found: Parameters, wanted: Parameters, moved: float) -> None:
    """The same but for the rounding of float32: of the weights themselves, and of how far they moved."""
    limit = 1e-5 * moved + 6e-7 * wanted.flat.abs()  # C is added to once for each row that shows a symbol
    difference = (found.flat.double() - wanted.flat).abs()
    assert bool((difference <= limit).all()), f"{float((difference - limit).max()):.1e} too far"


@given(cases(), BATCHES, RATES, DECAYS)
def test_a_step_is_autograds(case, rows, rate, decay):
    keep = 1 - rate * decay
    picks = drawn(case, 1, rows)
    wanted = case.double()
    logp = torch.log_softmax(forward(wanted, case.X[picks[0]]).logits, 1).gather(1, case.Y[picks[0]][:, None])[:, 0]
    moved = descend(wanted, case.X[picks[0]], one_hot(case, picks[0]), rate, keep)
    found = Kernel(case.parameters).steps(case.train, case.train.records[picks.numpy()], singles(rate), singles(keep))
    close(case.parameters, wanted, moved)
    np.testing.assert_allclose(found[0], logp.numpy(), atol=2e-6, rtol=1e-6)


@given(cases(), RATES, DECAYS)
def test_a_step_on_the_whole_split_is_autograds(case, rate, decay):
    keep, wanted = 1 - rate * decay, case.double()
    before = loss(wanted, case.examples)
    moved = descend(wanted, case.examples.contexts, case.weights, rate, keep)
    found = Kernel(case.parameters).whole_step(case.train, rate, keep)
    close(case.parameters, wanted, moved)
    assert found == pytest.approx(before, abs=1e-6)


@given(cases(symbols=256))
def test_the_exact_loss_is_the_one_of_float64(case):
    before = case.parameters.freeze()
    assert Kernel(case.parameters).loss(case.train) == pytest.approx(loss(case.double(), case.examples), abs=1e-6)
    assert case.parameters.freeze() == before


LARGE = {
    "the largest alphabet": (Shape(256, 8, 3, 20, False), 600),
    "the largest network": (Shape(27, 8, 32, 500, True), 64),
    "the largest minibatch": (Shape(27, 3, 10, 200, False), 4096),
    "direct connections, and more rows than tables": (Shape(27, 4, 30, 50, True), 256),
    "thousands of words": (Shape(2 * SLICE + 700, 3, 12, 40, False), 50),
    "thousands of words, direct": (Shape(2 * SLICE + 1, 2, 9, 33, True), 50),
    "words in whole slices": (Shape(3 * SLICE, 1, 8, 8, False), 9),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_ones_too(name):
    shape, rows = LARGE[name]
    one = case(shape, 1_000, symbols=40, spread=0.2)
    picks, wanted = drawn(one, 1, rows), one.double()
    moved = descend(wanted, one.X[picks[0]], one_hot(one, picks[0]), 0.5, 0.875)
    kernel = Kernel(one.parameters)
    kernel.steps(one.train, one.train.records[picks.numpy()], singles(0.5), singles(0.875))
    close(one.parameters, wanted, moved)
    wanted = one.double()
    moved = descend(wanted, one.examples.contexts, one.weights, 0.5, 0.875)
    kernel.whole_step(one.train, 0.5, 0.875)
    close(one.parameters, wanted, moved)


@pytest.mark.parametrize("rows", [32, 256])
@pytest.mark.parametrize("shape", [Shape(27, 3, 2, 100, False), Shape(27, 3, 10, 200, True)])
def test_a_hundred_steps_stay_beside_float64(shape, rows):
    one = case(shape, 2_000, symbols=9, spread=0.1)
    picks, wanted = drawn(one, 100, rows), one.double()
    for step in picks:
        descend(wanted, one.X[step], one_hot(one, step), 0.1, 1.0)
    ones = np.ones(100, np.float32)
    Kernel(one.parameters).steps(one.train, one.train.records[picks.numpy()], ones * np.float32(0.1), ones)
    relative = float((one.parameters.flat.double() - wanted.flat).norm() / wanted.flat.norm())
    assert relative < 3e-6


@pytest.mark.parametrize("shape", [Shape(27, 3, 2, 100, False), Shape(27, 3, 10, 200, True), Shape(27, 3, 10, 0, True)])
def test_it_goes_where_workspace_goes(shape):
    one = case(shape, 2_000, symbols=9, spread=0.1)
    other, rows, picks = one.parameters.clone(), 32, drawn(one, 200, 32)
    theirs = Workspace(other, rows).train(places(one.X[picks], shape.n_embd), one.Y[picks], [0.1] * 200)
    ones = np.ones(200, np.float32)
    logp = Kernel(one.parameters).steps(one.train, one.train.records[picks.numpy()], ones * np.float32(0.1), ones)
    np.testing.assert_allclose(logp.mean(1), theirs.mean(1).numpy(), rtol=2e-6)
    assert Kernel(one.parameters).loss(one.train) == pytest.approx(loss(other, one.examples), abs=1e-6)


# ---------------------------------------------------------------- the same bits


@settings(max_examples=10)
@given(cases(), BATCHES, st.lists(st.integers(1, 12), min_size=1, max_size=4))
def test_the_same_bits_however_steps_are_sliced(case, rows, slices):
    steps = sum(slices)
    records = case.train.records[drawn(case, steps, rows).numpy()]
    rates, keeps = np.linspace(0.3, 0.1, steps, dtype=np.float32), np.full(steps, 0.999, np.float32)
    other = case.parameters.clone()
    logp = Kernel(case.parameters).steps(case.train, records, rates, keeps)
    sliced, begin, kernel = [], 0, Kernel(other)
    for n in slices:
        part = slice(begin, begin + n)
        sliced.append(kernel.steps(case.train, records[part], rates[part], keeps[part]))
        kernel.loss(case.train)  # between two slices somebody may look
        begin += n
    assert np.array_equal(np.concatenate(sliced), logp)
    assert other.freeze() == case.parameters.freeze()


# ---------------------------------------------------------------- what is not finite


@pytest.mark.parametrize("name", ["C", "W1", "b1", "W2", "b2", "Wd"])
def test_what_is_not_a_number_is_not_hidden(name):
    one = case(Shape(27, 3, 4, 10, True), 100)
    one.parameters.named()[name].fill_(math.nan)
    kernel = Kernel(one.parameters)
    assert math.isnan(kernel.loss(one.train))
    picks = drawn(one, 1, 100)
    logp = kernel.steps(one.train, one.train.records[picks.numpy()], singles(0.1), singles(1.0))
    assert np.isnan(logp).all()
    assert not bool(one.parameters.flat.isfinite().all())


@pytest.mark.parametrize("rows", [5, 100])  # with tables and without
def test_logits_that_overflow_make_no_finite_loss(rows):
    one = case(Shape(27, 3, 4, 10, True), 100)
    one.parameters.Wd.fill_(3e38)
    one.parameters.C.fill_(1.0)
    kernel, before = Kernel(one.parameters), one.parameters.clone()
    assert not math.isfinite(kernel.loss(one.train))
    logp = kernel.steps(one.train, one.train.records[drawn(one, 1, rows).numpy()], singles(0.1), singles(1.0))
    assert not np.isfinite(logp).any()
    assert not math.isfinite(loss(before, one.examples))  # nor does torch


def test_a_kernel_that_saw_infinity_is_as_good_as_new():
    one, other = (case(Shape(27, 3, 4, 10, True), 100) for _ in range(2))
    records = one.train.records[drawn(one, 3, 50).numpy()]
    rates, keeps = singles(0.1, 0.1, 0.1), singles(1, 1, 1)
    start, kernel = one.parameters.flat.clone(), Kernel(one.parameters)
    one.parameters.flat.fill_(math.nan)
    kernel.steps(one.train, records, rates, keeps)
    kernel.whole_step(one.train, 0.1, 1.0)
    one.parameters.flat.copy_(start)
    kernel.steps(one.train, records, rates, keeps)
    Kernel(other.parameters).steps(other.train, records, rates, keeps)
    assert one.parameters.freeze() == other.parameters.freeze()
