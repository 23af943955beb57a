"""core/lessons/stages.py: what each stage shows is what its line of code gives, and what an independent pass gives."""

import json

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from core.data.vocabulary import DataError
from core.lessons import layers, stages
from core.lessons.backward import backward
from core.lessons.lines import by, heat
from core.lessons.stages import STAGES, ForwardPass, race, strip, usual_label
from core.lessons.touch import Edit, Touch, answer, read
from core.lessons.unseen import Unseen, answers, rival
from tests.support.networks import CORPUS, examples, execute, names, network, numbers
from tests.support.waiting import FakeClock

FIRST = ["emma", "olivia", "ava", "isabella", "sophia"]


def example(context: str = "emm", label: str = "a", **shape) -> ForwardPass:
    return ForwardPass.of(network(**shape), CORPUS, context, label)


# ---------------------------------------------------------------- the example


def test_emma_is_followed_as_the_lecture_has_it():
    shown = example("em", "m")
    assert shown.X.tolist() == [[0, 5, 13]] and shown.Y.tolist() == [13] and shown.context == ".em"
    assert stages.indices(shown)["ix"] == [0, 5, 13] and stages.indices(shown)["code"].endswith("'.em']")


@given(examples())
def test_its_loss_is_cross_entropy_of_torchs_own_layers(shown):
    p = shown.parameters
    x = F.embedding(shown.X, p.C).reshape(1, -1)
    logits = F.linear(torch.tanh(F.linear(x, p.W1.T, p.b1)), p.outputs.T, p.b2)
    if p.Wd is not None:
        logits = logits + F.linear(x, p.Wd.T)
    assert shown.loss == pytest.approx(float(F.cross_entropy(logits, shown.Y)), rel=1e-4, abs=1e-5)


def test_a_character_that_the_data_lacks_is_refused_in_a_sentence():
    with pytest.raises(DataError, match="“é” does not occur"):
        example("é")


def test_the_usual_label_is_what_the_words_themselves_have_most_often(few):
    words, vocabulary = few(3).train.words, few(3).vocabulary
    for context in ("", "e", "em", "mar"):
        follows = [c for w in words for i, c in enumerate(f"{w}.") if (f"...{w}"[i : i + 3]) == f"...{context}"[-3:]]
        assert follows.count(usual_label(few(3).train, vocabulary, context)) == max(map(follows.count, follows))
    assert usual_label(few(3).train, vocabulary, "zzz") == "."


# ---------------------------------------------------------------- stages and their lines


@given(examples())
def test_every_line_run_in_order_gives_the_numbers_that_its_stage_shows(shown):
    scope = execute(stages.indices(shown)["code"], names(shown))
    assert scope["ix"] == shown.X[0].tolist() == stages.indices(shown)["ix"]

    lookup = stages.lookup(shown)
    rows = eval(lookup["code"].partition("#")[0], scope)
    assert torch.equal(rows, numbers(lookup["rows"])) and lookup["equal"]
    product = eval(lookup["code"].partition("same as")[2], scope)
    assert torch.equal(product, rows) and torch.equal(numbers(lookup["product"]), rows)
    assert numbers(lookup["hot"]).sum(1).tolist() == [1] * len(rows)

    scope = execute(stages.concatenation(shown)["code"], scope)
    assert torch.equal(scope["x"], numbers(stages.concatenation(shown)["x"]))
    scope = execute(layers.hidden(shown)["code"], scope)
    torch.testing.assert_close(scope["z"], numbers(layers.hidden(shown)["z"]))
    scope = execute(layers.tanh(shown)["code"], scope)
    torch.testing.assert_close(scope["h"], numbers(layers.tanh(shown)["h"]))
    scope, guess = execute(layers.softmax(shown)["code"], scope), layers.softmax(shown)
    shows = {label: numbers(tensor) for label, tensor in guess["parts"]}
    torch.testing.assert_close(scope["logits"], shows["logits"])
    torch.testing.assert_close(torch.softmax(scope["logits"], 1), shows["probabilities"])
    assert float(guess["loss"]) == pytest.approx(float(scope["loss"]), abs=1e-4)


def test_the_shapes_are_those_of_the_numbers():
    shown = example()
    for stage in (layers.hidden(shown), layers.tanh(shown)):
        assert stage["shape"] == "1 × 100"
    assert [small["stage"] for small in strip(shown)] == list(STAGES)
    assert [small["shape"] for small in strip(shown)] == [
        "3", "3 × 2", "32 × 3 × 2", "1 × 6", "1 × 100", "1 × 100", "1 × 27", "3,481 gradients",
    ]  # fmt: skip
    assert numbers(strip(shown)[-1]["heat"]).sum() == pytest.approx(0, abs=1e-6)  # probabilities less one-hot


@given(examples())
def test_all_of_it_is_plain_data(shown):
    parts = stages.indices(shown), stages.lookup(shown), stages.batch(shown, FIRST), stages.concatenation(shown)
    parts += layers.hidden(shown), layers.tanh(shown), layers.softmax(shown)
    for stage in parts:
        assert json.loads(json.dumps(stage, allow_nan=False)) == stage
        assert stage["said"].endswith(".") and stage["help"].endswith(".")
    json.dumps(strip(shown), allow_nan=False)


def test_a_network_about_to_overflow_is_shown_in_plain_data_too(dataset, baselines):
    parameters = network(direct=True)
    parameters.flat.mul_(1e25)
    shown = ForwardPass.of(parameters, CORPUS, "emm", "a")
    assert parameters.flat.isfinite().all() and not shown.seen.logits.isfinite().all()
    unseen, edits = Unseen.of(dataset), [Edit("swap", 1, 2), Edit("train")]
    touch, before = Touch(parameters, dataset, 0.1), read(parameters, dataset.dev)
    for part in (
        strip(shown), stages.lookup(shown), stages.batch(shown, FIRST), stages.concatenation(shown),
        layers.hidden(shown), layers.tanh(shown), layers.responses(shown, dataset.train, 0), layers.softmax(shown),
        backward(shown, dataset.dev, 3, 0.1), answer(touch, edits, shown.X, before, dataset.dev),
        answers(parameters, dataset, unseen, rival(baselines, 3)[1], 0),
    ):  # fmt: skip
        json.dumps(part, allow_nan=False)


# ---------------------------------------------------------------- many at once


def test_the_first_five_names_are_32_examples_and_cell_13_2_is_an_a(words):
    assert words[:5] == FIRST
    shown = stages.batch(example(), FIRST)
    assert shown["shape"] == "32 × 3 × 2" and sum(map(sum, shown["X"])) == 684 and sum(shown["Y"]) == 253
    assert shown["X"][13] == [0, 0, 1]  # DESIGN.md section 5
    emb, C = numbers(shown["emb"]), numbers(shown["table"])
    assert torch.equal(emb[13, 2], C[1])
    assert all(torch.equal(emb[i, j], C[k]) for i, row in enumerate(shown["X"]) for j, k in enumerate(row))


def test_a_list_a_tensor_and_repeats_index_alike():
    shown = stages.batch(example(), FIRST)
    by_list, by_tensor, repeated = (numbers(way["heat"]) for way in shown["ways"])
    C = numbers(shown["table"])
    assert torch.equal(by_list, C[5:8]) and torch.equal(by_tensor, C[5:8])
    assert torch.equal(repeated, torch.stack([C[5], C[6], C[7], C[7], C[7]]))
    assert [way["shape"] for way in shown["ways"]] == ["3 × 2", "3 × 2", "5 × 2"]


def test_the_race_is_the_ratio_of_medians_by_the_clock(monkeypatch):
    clock = FakeClock()
    one_hot = F.one_hot

    def slow(*args, **named):
        clock.now += 3.0
        return one_hot(*args, **named)

    class Table:
        """C whose lookups take a second each, and whose products one."""

        def __len__(self):
            return 27

        def __getitem__(self, X):
            clock.now += 1.0

        def __rmatmul__(self, other):
            clock.now += 1.0

    monkeypatch.setattr(stages.F, "one_hot", slow)
    monkeypatch.setattr(torch.Tensor, "__matmul__", lambda self, other: other.__rmatmul__(self))
    assert race(Table(), torch.tensor([1]), clock) == 4.0


# ---------------------------------------------------------------- numbers on their way to the page


@given(st.lists(st.floats(width=32), max_size=20))
def test_a_heat_map_holds_every_float32_to_the_bit(values):
    tensor = torch.tensor(values, dtype=torch.float32)
    assert torch.equal(numbers(heat(tensor)).view(torch.int32), tensor.view(torch.int32)) or not values


def test_shapes_are_said_as_people_say_them():
    assert by(torch.zeros(32, 3, 2).shape) == "32 × 3 × 2" and by(torch.zeros(()).shape) == "a number"
    assert by(torch.Size([1, 1200])) == "1 × 1,200"
