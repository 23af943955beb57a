"""core/lessons/touch.py: what is touched, against doing it by hand and against asking every dev name in turn."""

import json
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import Config
from core.engine.model import initialise, loss
from core.engine.probe import score
from core.lessons.touch import MAX_EDITS, NAMES, STEPS, Edit, Plane, Touch, answer, changed, parse, read, train_on
from tests.support.networks import VOCABULARY, network

letters = st.integers(0, 26)
moves = st.builds(Edit, st.just("move"), letters, st.just(0), st.floats(-3, 3), st.floats(-3, 3))
pairs = st.builds(Edit, st.sampled_from(["swap", "copy"]), letters, letters, st.just(0.0), st.just(0.0))
holds = st.builds(Edit, st.just("hold"), letters, st.just(0), st.just(0.0), st.just(0.0))
edits = st.lists(moves | pairs | holds, max_size=8)


@pytest.fixture(scope="module")
def touch(few):
    """shape -> a Touch of a network of that shape, on few names."""
    return lambda **shape: Touch(network(**shape), few(shape.get("block_size", 3)), 0.1)


# ---------------------------------------------------------------- the picture


@given(st.integers(1, 12), letters, st.floats(-5, 5), st.floats(-5, 5))
def test_a_letter_stands_where_it_was_dragged_and_keeps_what_the_picture_does_not_show(n_embd, letter, x, y):
    C = network(n_embd=n_embd).C
    plane = Plane.of(C)
    moved = C.clone()
    moved[letter] = plane.moved(C[letter], x, y)
    there = plane.points(moved)[letter].tolist()
    assert there == pytest.approx([x, y if n_embd > 1 else 0.0], abs=1e-4)
    hidden = torch.eye(n_embd) - plane.basis.T @ plane.basis  # what lies outside the plane
    torch.testing.assert_close(hidden @ (moved[letter] - C[letter]), torch.zeros(n_embd), atol=1e-5, rtol=0)


@pytest.mark.parametrize("n_embd", [1, 2])
def test_one_or_two_dimensions_are_drawn_as_they_are(n_embd):
    C = network(n_embd=n_embd).C
    assert torch.equal(Plane.of(C).points(C)[:, :n_embd], C)


# ---------------------------------------------------------------- edits


def test_swap_copy_and_hold_do_what_they_say(touch):
    t = touch()
    C = t.start.C.clone()
    swapped = t.after([Edit("swap", 1, 5)]).parameters.C
    assert torch.equal(swapped[1], C[5]) and torch.equal(swapped[5], C[1]) and torch.equal(swapped[2:5], C[2:5])
    copied = t.after([Edit("copy", 1, 5)]).parameters.C
    assert torch.equal(copied[5], C[1]) and torch.equal(copied[1], C[1])
    held = t.after([Edit("hold", 1), Edit("move", 1, 0, 9.0, 9.0), Edit("swap", 1, 2), Edit("copy", 2, 1)])
    assert torch.equal(held.parameters.C, C) and held.held == {1}
    free = t.after([Edit("hold", 1), Edit("hold", 1), Edit("move", 1, 0, 9.0, 8.0)])
    assert free.parameters.C[1].tolist() == pytest.approx([9, 8]) and free.held == frozenset()
    assert torch.equal(t.start.C, C)


@given(edits, edits)
def test_what_comes_of_edits_does_not_depend_on_what_was_done_before(few, one, other):
    parameters = network(n_embd=4)
    t = Touch(parameters, few(3), 0.1)
    before = parameters.freeze()
    t.after(one)
    t.after(other)
    again = t.after(one)
    fresh = Touch(parameters, few(3), 0.1).after(one)
    assert again.parameters.freeze() == fresh.parameters.freeze() and again.held == fresh.held
    assert parameters.freeze() == before and t.after([]).parameters.freeze() == before


@given(edits)
def test_edits_touch_the_embedding_only(few, made):
    t = Touch(network(), few(3), 0.1)
    after = t.after(made).parameters
    for name, tensor in after.named().items():
        assert name == "C" or torch.equal(tensor, t.start.named()[name])


def test_training_lowers_the_loss_and_leaves_held_letters(few):
    parameters, data = initialise(Config(), 27), few(3)
    t = Touch(parameters, data, 0.1)
    trained = t.after([Edit("hold", 1), *[Edit("train")] * 3]).parameters
    assert read(trained, data.dev).loss < read(parameters, data.dev).loss - 0.1
    moved = (trained.C != parameters.C).any(1)
    assert not moved[1] and moved[5] and STEPS == 100
    assert not torch.equal(t.after([Edit("train")]).parameters.flat, t.after([Edit("train")] * 2).parameters.flat)


def test_training_is_gradient_descent_by_autograd(few):
    parameters, train = network(), few(3).train
    ours, theirs = parameters.clone(), parameters.clone()
    train_on(ours, frozenset({0}), train, 0.05, 7)
    picks = torch.randint(len(train), (STEPS, 32), generator=torch.Generator().manual_seed(7))
    tensors = {name: tensor.clone().requires_grad_() for name, tensor in theirs.named().items()}
    for batch in picks:
        h = torch.tanh(tensors["C"][train.X[batch]].flatten(1) @ tensors["W1"] + tensors["b1"])
        loss = torch.nn.functional.cross_entropy(h @ tensors["W2"] + tensors["b2"], train.Y[batch])
        for tensor, gradient in zip(tensors.values(), torch.autograd.grad(loss, list(tensors.values()))):
            with torch.no_grad():
                held = parameters.C[0].clone()
                tensor -= 0.05 * gradient
                tensors["C"][0] = held
    for name, tensor in ours.named().items():
        torch.testing.assert_close(tensor, tensors[name].detach(), rtol=1e-3, atol=1e-4)


def test_training_that_explodes_is_as_if_it_had_not_been(few):
    t = Touch(network(), few(3), 3e38)
    assert t.after([Edit("train")]).parameters.freeze() == t.start.freeze()


# ---------------------------------------------------------------- what a page says


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)


@given(json_like)
def test_whatever_a_page_says_becomes_edits_that_can_be_made(few, said):
    for edit in parse(said, 27):
        Touch(network(), few(3), 0.1).after([edit])


@given(edits)
def test_edits_come_through_as_they_were_made(made):
    assert parse(json.loads(json.dumps([list(edit) for edit in made])), 27) == tuple(made)


@pytest.mark.parametrize(
    "row",
    [
        ["move", 27, 0, 0, 0], ["move", -1, 0, 0, 0], ["move", True, 0, 0, 0], ["move", 1.0, 0, 0, 0],
        ["move", 1, 0, math.nan, 0], ["move", 1, 0, math.inf, 0], ["move", 1, 0, 1e5, 0], ["move", 1, 0, "1", 0],
        ["move", 1, 0, 0], ["burn", 1, 0, 0, 0], [["move"], 1, 0, 0, 0], "move", None, {},
    ],
)  # fmt: skip
def test_what_cannot_be_an_edit_is_left_out(row):
    assert parse([row, ["swap", 1, 2, 0, 0]], 27) == (Edit("swap", 1, 2),)


def test_no_more_edits_are_taken_than_fit():
    assert len(parse([["swap", 1, 2, 0, 0]] * 1000, 27)) == MAX_EDITS


# ---------------------------------------------------------------- what comes of it


@given(st.integers(0, 1000), st.booleans())
def test_reading_is_the_exact_loss_and_every_word_as_scored_alone(few, seed, direct):
    parameters, dev = network(seed=seed, direct=direct), few(3).dev
    seen = read(parameters, dev)
    assert seen.loss == pytest.approx(loss(parameters, dev), abs=1e-9)
    for i, word in enumerate(dev.words[:8]):
        one = score(parameters, few(3).vocabulary, word)
        assert float(seen.words[i]) == pytest.approx(sum(math.log(p) for _, p in one.letters), abs=1e-4)


def test_words_that_gained_and_lost_most_come_first_each_once(dataset):
    dev = dataset.dev
    before, after = read(network(), dev), read(network(seed=2), dev)
    found = changed(before, after, dev)
    gains = {word: gain for word, gain in zip(dev.words, (after.words - before.words).tolist())}
    best = sorted(gains, key=gains.get, reverse=True)
    assert [word for word, _ in found["likelier"]] == best[:NAMES]
    assert [word for word, _ in found["less"]] == best[: -NAMES - 1 : -1]
    for word, factor in found["likelier"]:
        assert float(factor) == pytest.approx(math.exp(gains[word]), rel=6e-3)
    nothing = changed(before, before, dev)
    assert nothing == {"likelier": [], "less": []}


@pytest.mark.parametrize("shape", [{}, {"n_embd": 1, "n_hidden": 0, "direct": True}, {"n_embd": 5, "direct": True}])
def test_the_answer_is_plain_data_of_the_touched_network(few, shape):
    t, dev = Touch(network(**shape), few(3), 0.1), few(3).dev
    before = read(t.start, dev)
    X = torch.tensor([VOCABULARY.context("em", 3)])
    said = answer(t, [Edit("move", 5, 0, 1.0, 0.5), Edit("hold", 2)], X, before, dev)
    json.dumps(said, allow_nan=False)
    now = t.after([Edit("move", 5, 0, 1.0, 0.5), Edit("hold", 2)]).parameters
    assert said["loss"] == f"{loss(now, dev):.4f}" and said["held"] == [2]
    assert float(said["change"]) == pytest.approx(float(said["loss"]) - float(said["was"]), abs=2e-4)
    assert sum(said["next"]) == pytest.approx(1, abs=1e-3) and said["next"] != said["next_was"]
    assert said["points"][5] != said["start"][5] and said["points"][6] == said["start"][6]
    untouched = answer(t, [], X, before, dev)
    assert untouched["change"] == "+0.0000" and untouched["next"] == untouched["next_was"]
