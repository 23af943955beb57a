"""core/analysis/fit.py: over-fitting, under-fitting and neither, on curves made for each and on real runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.fit import (
    APART,
    EARLY,
    GAP,
    LEARNING,
    NOTHING,
    OVER,
    ROSE,
    TOO_EARLY,
    UNDER,
    averages,
    comparable,
    fit,
)
from core.config import Config
from core.engine.history import EVALUATIONS_PER_DECADE, History, next_on_grid
from core.engine.run import Run

V = 27


def curves(train, dev, last: int = 20_000) -> History:
    """A history whose exact losses are functions of the step."""
    steps = [0]
    while steps[-1] < last:
        steps.append(next_on_grid(steps[-1], EVALUATIONS_PER_DECADE))
    return History({}, evaluations=[(step, train(step), dev(step)) for step in steps])


falling = lambda step: 2 + 1.3 / (1 + step / 300) ** 0.5


def test_both_falling_together_is_neither():
    found = fit(curves(falling, lambda s: falling(s) + 0.02), V)
    assert found.kind == LEARNING
    assert found.text.startswith("Neither overfitting nor underfitting so far: train 2.1")


def test_dev_that_rises_while_train_falls_is_overfitting_and_the_sentence_says_since_when():
    rising = lambda step: max(falling(step), 2.35 + step / 40_000)
    found = fit(curves(falling, rising), V)
    assert found.kind == OVER
    assert found.text.startswith("Overfitting: dev was lowest near step ")
    lowest = min(averages(curves(falling, rising)), key=lambda row: row[2])
    assert f"near step {lowest[0]:,} ({lowest[2]:.3f})" in found.text


@pytest.mark.parametrize("gap", [0.02, 0.2])
def test_a_mean_says_since_which_step_it_is_one(gap):
    history = curves(falling, lambda step: falling(step) + gap)
    (_, train, dev), since = averages(history)[-1], history.evaluations[-6][0]
    assert f"train {train:.3f}, dev {dev:.3f} on average since step {since:,}" in fit(history, V).text
    worse = curves(lambda s: 3.4, lambda s: 3.4)
    since = worse.evaluations[-6][0]
    assert f"the train loss, 3.40 on average since step {since:,}, is" in fit(worse, V).text


def test_dev_that_rises_with_train_is_no_overfitting():
    bumpy = lambda step: falling(step) if step < 2_000 else 2.6
    assert fit(curves(bumpy, bumpy), V).kind != OVER


def test_train_well_below_a_dev_that_has_not_risen_is_a_gap():
    found = fit(curves(lambda s: falling(s) - 0.2, falling), V)
    assert found.kind == GAP and found.text.startswith("Train is 0.200 nats below dev (train ")


def test_both_alike_and_stalled_is_underfitting_and_a_count_model_that_does_better_is_named():
    flat = lambda step: max(2.3, falling(step))
    found = fit(curves(flat, lambda s: flat(s) + 0.02), V, ("4-gram", 2.1137))
    assert found.kind == UNDER and found.text.startswith("Underfitting: train 2.300, dev 2.320 on average since step ")
    assert found.text.endswith(" The 4-gram, which only counts, has 2.114.")
    beaten = fit(curves(flat, lambda s: flat(s) + 0.02), V, ("bigram", 2.4715))
    assert beaten.kind == UNDER and "bigram" not in beaten.text


def test_before_anything_is_known_nothing_is_said():
    assert fit(curves(falling, falling, 0), V).kind == TOO_EARLY
    assert fit(curves(falling, falling, EARLY // 2), V).kind == TOO_EARLY
    assert fit(curves(lambda s: 3.4, lambda s: 3.4), V).kind == NOTHING


@given(st.floats(0, 2 * ROSE), st.floats(0, 2 * APART))
def test_overfitting_begins_where_dev_has_risen_by_more_than_the_threshold(rise, gap):
    dev = lambda step: falling(step) + gap if step < 10_000 else falling(10_000) + gap + rise
    rows = averages(curves(falling, dev))
    expected = rows[-1][2] > min(row[2] for row in rows) + ROSE
    assert (fit(curves(falling, dev), V).kind == OVER) == expected


@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), max_size=20))
def test_averages_are_those_of_six_evaluations_called_by_the_last_without_step_0(losses):
    history = History({}, evaluations=[(i, train, dev) for i, (train, dev) in enumerate(losses)])
    found = averages(history)
    assert [step for step, _, _ in found] == list(range(6, len(losses)))
    for step, train, dev in found:
        six = losses[step - 5 : step + 1]
        assert train == pytest.approx(sum(t for t, _ in six) / 6) and dev == pytest.approx(sum(d for _, d in six) / 6)


def test_a_count_model_may_see_no_more_characters_than_the_network(baselines):
    named = {block_size: comparable(baselines.dev, block_size)[0] for block_size in range(1, 9)}
    assert named == {1: "bigram", 2: "trigram", **dict.fromkeys(range(3, 9), "4-gram")}
    assert comparable(baselines.dev, 3)[1] == pytest.approx(2.113709, abs=1e-6)  # DESIGN, section 5


def test_a_network_that_learns_few_names_by_heart_overfits(few):
    run = Run(Config(n_embd=10, n_hidden=100), few(3))
    run.advance(5_000)
    assert fit(run.history, len(few(3).vocabulary)).kind == OVER
    train, dev = run.history.evaluations[-1][1:]
    assert train < 1 and dev > 3


def test_a_network_of_few_units_underfits_many_names(dataset):
    run = Run(Config(n_hidden=3), dataset)
    run.advance(40_000)
    assert fit(run.history, V).kind == UNDER
