"""core/analysis/fit.py: over-fitting, under-fitting and neither, on curves made for each and on real runs."""

import re

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
    assert found.text.endswith("train and dev are 0.020 nats apart.")


def test_dev_that_rises_while_train_falls_is_overfitting_and_the_sentence_says_since_when():
    rising = lambda step: max(falling(step), 2.35 + step / 40_000)
    found = fit(curves(falling, rising), V)
    assert found.kind == OVER
    rows = averages(curves(falling, rising))
    step, train, lowest = min(rows, key=lambda row: row[2])
    assert f" dev is {rows[-1][2] - lowest:.3f} nats above its lowest, near step {step:,}, while train " in found.text
    assert f" train is {train - rows[-1][1]:.3f} nats below what it was there." in found.text


flat = lambda step: max(2.3, falling(step))
worse = lambda step: 3.4


@pytest.mark.parametrize(
    ("train", "dev", "kind"),
    [
        (falling, lambda s: falling(s) + 0.02, LEARNING),
        (falling, lambda s: falling(s) + 0.2, GAP),
        (falling, lambda s: max(falling(s), 2.35 + s / 40_000), OVER),
        (flat, lambda s: flat(s) + 0.02, UNDER),
        (worse, worse, NOTHING),
    ],
)
def test_a_mean_says_since_which_step_it_is_one_and_is_no_second_loss_beside_that_of_the_last_step(train, dev, kind):
    history = curves(train, dev)
    (_, *means), since = averages(history)[-1], history.evaluations[-6][0]
    found = fit(history, V)
    assert found.kind == kind and f"n average since step {since:,}" in found.text
    numbers = [float(number) for number in re.findall(r"\d+\.\d+", found.text)]
    assert numbers and not any(abs(mean - number) < 0.02 for mean in means for number in numbers)


def test_dev_that_rises_with_train_is_no_overfitting():
    bumpy = lambda step: falling(step) if step < 2_000 else 2.6
    assert fit(curves(bumpy, bumpy), V).kind != OVER


def test_train_well_below_a_dev_that_has_not_risen_is_a_gap():
    found = fit(curves(lambda s: falling(s) - 0.2, falling), V)
    assert found.kind == GAP and " train is 0.200 nats below dev: " in found.text


def test_both_alike_and_stalled_is_underfitting_and_a_count_model_that_does_better_is_named():
    found = fit(curves(flat, lambda s: flat(s) + 0.02), V, ("4-gram", 2.1137))
    assert found.kind == UNDER and " train and dev are 0.020 nats apart, and they hardly fall any more. " in found.text
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
