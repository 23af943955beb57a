"""The page "Inside the network" in streamlit.testing: which network it shows, and what its controls and script say."""

import math
import random

import pytest
import torch

from core.config import Config
from core.engine.model import initialise, loss
from core.lessons.backward import MAX_STEPS
from core.lessons.stages import STAGES
from core.lessons.touch import Edit
from core.serving.training import untrained
from core.ui import server
from core.ui.inside import example, silencing, touching
from core.ui.inside.example import PageState
from tests.support.networks import numbers
from tests.support.visitor import Visitor

PAGE = "inside/page.py"
OTHER = {
    "five dimensions and direct connections": {"Embedding dimensions": 5, "Direct connections": True},
    "one character and no hidden units": {"Context length": 1, "Hidden units": 0},
}


class InsideVisitor(Visitor):
    """Somebody who has gone from Explore to this page."""

    def go(self) -> None:
        self.at.switch_page(PAGE)
        self.look()

    @property
    def inside(self) -> PageState:
        return self.at.session_state["inside_state"]

    def open(self, stage: str) -> dict:
        self.inside.open = stage
        self.look()
        assert self.view("inside")["open"] == stage
        return self.view("inside")["stage"]


@pytest.fixture
def visitor():
    visitor = InsideVisitor()
    yield visitor
    visitor.client.stop()


# ---------------------------------------------------------------- which network


def test_it_shows_the_network_of_the_run_at_its_newest_step_and_beside_it_the_untrained(visitor):
    visitor.press(*["Step"] * 3)
    visitor.go()
    assert visitor.inside.moment.step == 3 and visitor.view("inside_moment")["step"] == 3
    assert visitor.inside.moment.parameters().freeze() == visitor.snapshot.frozen
    visitor.control("Network").set_value(example.UNTRAINED).run()
    assert visitor.view("inside_moment")["step"] == 0
    assert visitor.inside.moment.parameters().freeze() == initialise(visitor.snapshot.config, 27).freeze()
    assert visitor.view("touch")["loss"] == f"{visitor.snapshot.history.evaluations[0][2]:.4f}"


def test_it_stands_still_while_the_run_goes_on_and_follows_when_asked(visitor):
    visitor.press("Step")
    visitor.go()
    before = visitor.inside.moment.parameters().freeze()
    visitor.inside.edits = (Edit("swap", 1, 2),)
    visitor.client.step()
    visitor.look()
    assert visitor.inside.moment.parameters().freeze() == before and visitor.inside.edits
    visitor.press("Show the newest step")
    assert visitor.inside.moment.step == 2 and visitor.inside.edits == ()
    assert "Show the newest step" not in visitor.buttons()


def test_it_shows_the_step_at_which_the_time_cursor_of_explore_stands(visitor):
    visitor.press(*["Step"] * 5)
    visitor.live.cursor = 2
    visitor.go()
    assert visitor.inside.moment.step == 2
    assert visitor.inside.moment.parameters().freeze() == visitor.snapshot.at(2).parameters().freeze()
    visitor.at.switch_page("explore/page.py")
    visitor.look()
    visitor.live.cursor = None
    visitor.go()
    assert visitor.inside.moment.step == 5


def test_nothing_that_is_done_here_reaches_the_run(visitor):
    visitor.press("Step")
    before = visitor.snapshot
    visitor.go()
    visitor.inside.edits, visitor.inside.steps = (Edit("move", 1, 0, 2.0, 2.0), Edit("train")), 20
    visitor.open("backward")
    assert visitor.snapshot == before and visitor.view("touch")["loss"] != visitor.view("touch")["was"]


# ---------------------------------------------------------------- the example


def test_a_typed_context_is_followed_with_the_label_that_the_data_has_most_often(visitor):
    visitor.go()
    shown = visitor.view("inside")
    assert (shown["context"], shown["label"], shown["problem"]) == ("emm", "a", None)
    assert math.exp(-float(shown["loss"])) == pytest.approx(float(shown["chance"]), abs=1e-4)
    visitor.set("Context", " QU ")
    shown = visitor.view("inside")
    assert (
        shown["context"] == ".qu" and shown["stage"]["ix"] == [0, 17, 21] and visitor.view("touch")["context"] == ".qu"
    )


@pytest.mark.parametrize("typed", ["7", "<b>x</b>", "$é$"])
def test_what_the_data_never_showed_is_refused_in_a_sentence(visitor, typed):
    visitor.go()
    visitor.set("Context", typed)
    shown = visitor.view("inside")
    assert "does not occur" in shown["problem"] and shown["context"] == "..."


def test_the_data_can_choose_and_does_so_from_its_own_examples(visitor, dataset):
    visitor.go()
    random.seed(5)
    visitor.press("Random example")
    shown = visitor.view("inside")
    X, Y = [shown["characters"].index(s) for s in shown["context"]], shown["characters"].index(shown["label"])
    seen = (dataset.train.X.new_tensor(X) == dataset.train.X).all(1)
    assert Y in dataset.train.Y[seen]
    assert visitor.control("Context").value == shown["context"].lstrip(".")


def test_every_stage_opens_with_its_shape_its_code_and_its_sentence(visitor):
    visitor.go()
    for stage in STAGES:
        shown = visitor.open(stage)
        assert shown["title"] and shown["shape"] and shown["code"] and shown["said"].endswith(".")
    assert [small["stage"] for small in visitor.view("inside")["strip"]] == list(STAGES)


@pytest.mark.parametrize("shape", OTHER)
def test_every_stage_opens_for_networks_of_other_shapes(visitor, shape):
    for label, value in OTHER[shape].items():
        visitor.set(label, value)
    visitor.go()
    for stage in STAGES:
        visitor.open(stage)
    assert visitor.view("unseen")["total"] == (0 if "Context length" in OTHER[shape] else 155)


def test_mistakes_are_shown_with_what_pytorch_says(visitor):
    visitor.go()
    said = [one["message"] for one in visitor.open("lookup")["mistakes"]]
    assert [message.split(":")[0] for message in said] == ["TypeError", "RuntimeError"]
    assert len(visitor.open("concatenation")["mistakes"]) == len(visitor.open("hidden")["mistakes"]) == 2


def test_steps_on_the_copy_lower_the_loss_of_the_example(visitor):
    visitor.go()
    before = visitor.open("backward")["tried"]
    visitor.inside.steps = 5
    after = visitor.open("backward")["tried"]
    assert before["after"] == before["before"] == after["before"] and len(before["dev"]) == 1
    assert after["losses"] == sorted(after["losses"], reverse=True) and len(after["losses"]) == 6
    assert numbers(visitor.view("inside")["strip"][-1]["heat"]).shape == (1, 27)


# ---------------------------------------------------------------- units that are silenced


def test_every_unit_has_its_price_and_a_copy_without_one_answers_with_the_loss_it_costs(visitor):
    visitor.press("Step")
    visitor.go()
    units = visitor.view("silence")["units"]
    costs = [cost for _, cost in units]
    assert sorted(unit for unit, _ in units) == list(range(100)) and costs == sorted(costs, reverse=True)
    unit, cost = units[0]
    whole = visitor.view("touch")
    visitor.inside.silenced = (unit,)
    visitor.inside.unit = unit
    visitor.look()
    without, one = visitor.view("touch"), visitor.view("silence")["one"]
    assert without["silenced"] == visitor.view("silence")["silenced"] == [unit] and without["was"] == whole["loss"]
    assert float(without["loss"]) - float(without["was"]) == pytest.approx(cost * silencing.UNIT, abs=1.2e-4)
    assert without["next"] != whole["next"] and without["points"] == whole["points"]
    weights = visitor.inside.moment.parameters().W2[unit]
    assert (
        one["unit"] == unit and one["raises"][0] == int(weights.argmax()) and one["lowers"][0] == int(weights.argmin())
    )
    visitor.inside.edits = (Edit("train"),)
    visitor.look()
    assert float(visitor.view("touch")["loss"]) != float(without["loss"])  # the rest can learn
    visitor.inside.silenced = visitor.inside.edits = ()
    visitor.look()
    assert visitor.view("touch")["loss"] == whole["loss"]


def test_without_hidden_units_there_is_nothing_to_silence(visitor):
    visitor.set("Hidden units", 0)
    visitor.go()
    assert visitor.view("silence")["problem"] == silencing.NO_UNITS


# ---------------------------------------------------------------- what the page's script says


@pytest.fixture
def table(monkeypatch, few):
    """Lets a page say things: said(value) before a callback is called; the PageState that it changes."""
    inside = PageState(untrained(Config(), few(3)))
    monkeypatch.setattr(example, "page_state", lambda: inside)
    monkeypatch.setattr(touching, "page_state", lambda: inside)
    monkeypatch.setattr(silencing, "page_state", lambda: inside)

    def say(value):
        monkeypatch.setattr(example.components, "received", lambda kind, name: value)
        return inside

    return say


HOSTILE = [None, True, -1, 1.5, "x" * 100, [], {}, [["move"]], {"base": 0, "edits": "no"}, math.inf, 10**30, "<b>"]


@pytest.mark.parametrize("said", HOSTILE)
def test_whatever_a_page_says_leaves_a_state_that_can_be_shown(table, said):
    inside = table(said)
    for act in (*example.HANDLERS.values(), touching.edit, touching.choose, touching.step_through, silencing.silence):
        act()
    assert inside.open in STAGES and 0 <= inside.unit < 100 and 0 <= inside.steps <= MAX_STEPS
    assert inside.label is None and inside.edits == () and isinstance(inside.at, int)


def test_what_it_means_is_taken(table):
    table("tanh"), example.open_stage()
    table("z"), example.choose_label()
    table(99), example.choose_unit()
    inside = table({"base": 0, "edits": [["hold", 3, 0, 0, 0]]})
    touching.edit()
    assert (inside.open, inside.label, inside.unit, inside.edits) == ("tanh", "z", 99, (Edit("hold", 3),))
    for said, steps in ((10, 10), (1, 11), (10**9, MAX_STEPS), (0, 0)):
        table(said), example.step_here()
        assert inside.steps == steps


def test_the_landscape_of_the_chosen_letter_is_the_exact_train_loss_of_the_copy_with_it_there(visitor):
    visitor.go()
    visitor.inside.edits, visitor.inside.chosen = (Edit("swap", 1, 2), Edit("move", 5, 0, 0.5, 0.5)), 5
    visitor.look()
    field = visitor.view("touch")["field"]
    x, y, half, _, n = field["grid"]
    it = visitor.inside
    touch, data = it.made["touch"], server.dataset(it.moment.corpus, it.moment.config.block_size)
    copy = touch.after(it.edits).parameters.clone()
    now, last = loss(copy, data.train), n * n - 1
    assert field["letter"] == 5 and field["now"] == pytest.approx(now, abs=2e-5)
    copy.C[5] = torch.tensor([x + half, y + half])  # the last place of the grid is its upper right corner
    assert field["costs"][last] * 1e-5 == pytest.approx(loss(copy, data.train) - now, abs=3e-5)
    known = it.made["field"]
    it.edits = (*it.edits[:-1], Edit("move", 5, 0, -0.5, 0.5))
    visitor.look()
    assert it.made["field"] is known, "where the letter itself is makes no difference"
    it.chosen = None
    visitor.look()
    assert visitor.view("touch")["field"] is None


def test_units_are_silenced_as_a_whole_list_each_once_and_only_those_that_the_network_has(table):
    for units, silenced in ([[5, 3, 5], (5, 3)], [[100], (5, 3)], [["0"], (5, 3)], [[], ()]):
        inside = table({"base": 0, "units": units, "unit": 7})
        silencing.silence()
        assert (inside.silenced, inside.unit) == (silenced, 7)


def test_what_was_done_to_another_network_is_not_done_to_this_one(table):
    inside = table({"base": 7, "edits": [["swap", 1, 2, 0, 0]], "units": [1], "unit": 1})
    touching.edit()
    silencing.silence()
    assert inside.edits == inside.silenced == () and inside.unit == 0
