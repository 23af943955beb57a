"""core/lessons/layers.py: sums, tanh, softmax: against sums in plain Python and every context asked in turn."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.engine.model import forward
from core.lessons import layers
from core.lessons.layers import (
    MAX_CONTEXTS,
    MIN_OCCURRENCES,
    SATURATED,
    hidden,
    inputs,
    responses,
    shifted,
    softmax,
    tanh,
)
from core.lessons.stages import ForwardPass
from tests.support.networks import CORPUS, examples, network, numbers


def example(**shape) -> ForwardPass:
    return ForwardPass.of(network(**shape), CORPUS, "emm", "a")


@given(examples())
def test_each_sum_is_what_adding_by_hand_gives(shown):
    stage = hidden(shown)
    x, W1, b1, z = (numbers(stage[name]).tolist() for name in ("x", "W1", "b1", "z"))
    by_hand = [math.fsum([b1[j], *(x[0][k] * W1[k][j] for k in range(len(W1)))]) for j in range(len(b1))]
    assert z[0] == pytest.approx(by_hand, abs=1e-4)
    assert len(inputs(shown)) == len(x[0])


def test_numbers_of_x_are_named_by_character_and_dimension():
    assert inputs(example()) == ["e · 1", "e · 2", "m · 1", "m · 2", "m · 1", "m · 2"]


def test_saturated_units_are_those_beyond_the_threshold():
    parameters = network(n_hidden=60)
    parameters.flat.mul_(4)
    shown = ForwardPass.of(parameters, CORPUS, "emm", "a")
    h = numbers(tanh(shown)["h"])[0].tolist()
    found = [j for j, value in enumerate(h) if abs(value) > SATURATED]
    assert 0 < len(found) < 60 and tanh(shown)["saturated"] == found
    assert tanh(shown)["said"].startswith(f"{len(found)} of 60 units")


def test_a_network_without_hidden_units_says_so():
    shown = example(n_hidden=0, direct=True)
    assert "no hidden units" in hidden(shown)["said"] and "no hidden units" in tanh(shown)["said"]
    assert [label for label, _ in softmax(shown)["parts"]][:3] == ["h @ W2", "b2", "x @ Wd"]


@given(examples())
def test_the_parts_of_the_logits_add_up(shown):
    parts = {label: numbers(tensor) for label, tensor in softmax(shown)["parts"]}
    total = sum(parts[label] for label in ("h @ W2", "h @ W2 @ C.T", "b2", "x @ Wd") if label in parts)
    torch.testing.assert_close(total.view(1, -1), parts["logits"])
    assert ("x @ Wd" in parts) == shown.parameters.shape.direct
    chances = parts["exp(logits)"] / parts["exp(logits)"].sum()
    torch.testing.assert_close(chances, parts["probabilities"])


# ---------------------------------------------------------------- what a unit answers to


@pytest.mark.parametrize("unit", [0, 17, 99])
def test_a_unit_alone_is_what_it_is_among_the_others(few, unit):
    shown, train = example(), few(3).train
    among = forward(shown.parameters, train.contexts).h[:, unit]
    torch.testing.assert_close(forward(shown.parameters.only([unit]), train.contexts).h[:, 0], among)


def test_its_contexts_are_the_extremes_of_those_that_occur_often(dataset):
    shown, unit = example(), 3
    answers = responses(shown, dataset.train, unit)
    occurs, highest = {}, {}
    z = forward(shown.parameters, dataset.train.contexts).preactivation[:, unit].tolist()
    for context, times, value in zip(dataset.train.contexts.tolist(), dataset.train.times.tolist(), z):
        written = "".join(dataset.vocabulary.itos[i] for i in context)
        occurs[written] = int(times)
        if times >= MIN_OCCURRENCES:
            highest[written] = value
    order = sorted(highest, key=highest.get)
    assert {context for context, _, _ in answers["low"]} == set(order[:MAX_CONTEXTS])
    assert {context for context, _, _ in answers["high"]} == set(order[-MAX_CONTEXTS:])
    for context, h, times in answers["high"] + answers["low"]:
        assert float(h) == pytest.approx(math.tanh(highest[context]), abs=1e-4) and times == occurs[context]
    every = forward(shown.parameters, dataset.train.X).h[:, unit].abs() > SATURATED
    assert answers["saturated"] == f"{100 * float(every.double().mean()):.1f} %"


# ---------------------------------------------------------------- a constant added to every logit


@given(st.lists(st.floats(-8, 8, width=32), min_size=2, max_size=30), st.sampled_from([-10, 0, 10]))
def test_a_small_constant_changes_nothing(values, constant):
    logits, Y = torch.tensor([values]), torch.tensor([0])
    moved = shifted(logits, Y, constant)
    exact = math.log(math.fsum(math.exp(v - values[0]) for v in values))
    assert float(moved["loss"]) == pytest.approx(exact, rel=2e-3, abs=1e-4)
    assert float(moved["naive"]) == pytest.approx(exact, rel=2e-3, abs=1e-4)


def test_a_hundred_breaks_counts_and_a_division_but_not_cross_entropy():
    table = {row["constant"]: row for row in softmax(example())["added"]}
    assert table[100]["largest"] == "inf" and table[100]["naive"] == "nan"
    assert len({row["loss"] for row in table.values()}) == 1
    assert table[-10]["naive"] == table[0]["naive"] == table[10]["naive"] == table[0]["loss"]
    assert tuple(table) == layers.ADDED
