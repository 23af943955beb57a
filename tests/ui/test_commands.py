"""The commands of the bar: core/ui/explore/commands.py, over the live line of an open page, with a run in a host."""

import json
import math

import pytest

from core.config import SPEEDS, Config
from core.engine.snapshot import FINISHED, PAUSED, RECORDED, TRAINING
from core.lessons.attempt import Attempt
from core.lessons.lesson import Lesson
from core.serving.commands import Command
from core.ui.explore.commands import COMMANDS, FIXED, NO_FORK, NONE_SUCH, OTHER_RUN, WITH_VALUE
from core.ui.explore.knobs import NO_KNOB, Slider
from core.ui.explore.live import Live
from tests.support.bar import offered
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

PAGE = "a" * 32
KEEPS = {
    "title": "Free", "cards": ["Change the width."], "start": {}, "free": ["n_hidden"], "hide": [], "questions": [],
    "goals": ["step >= 1"],
}  # fmt: skip


@pytest.fixture
def visitor():
    visitor = Visitor()
    yield visitor
    visitor.client.stop()


@pytest.fixture(scope="module")
def one_for_all():
    """One page for all commands that are refused."""
    visitor = Visitor()
    yield visitor
    visitor.client.stop()


@pytest.fixture
def untouched(one_for_all):
    """That page, which is as it was opened before and after each of them."""
    before = one_for_all.snapshot
    assert (before.number, before.step, before.speed, before.config) == (1, 0, "auto", Config())
    yield one_for_all
    assert one_for_all.snapshot == before and one_for_all.live.replaying is None


def send(live: Live, number: int, name: object, value: object = None) -> str:
    return live.carry_out(Command(PAGE, number, name, value))


def test_a_command_needs_no_script_and_the_page_that_is_drawn_stays_as_it_is(visitor):
    drawn, script = visitor.live.seen, visitor.at.session_state["made"]
    assert send(visitor.live, 1, "step") == ""
    assert (visitor.step, visitor.told["bar"]["state"]) == (1, PAUSED)
    assert send(visitor.live, 2, "speed", "slow") == send(visitor.live, 3, "train") == ""
    eventually(lambda: visitor.step > 1)
    assert visitor.told["bar"] | {"speed": "slow", "state": TRAINING} == visitor.told["bar"]
    assert send(visitor.live, 4, "pause") == ""
    assert visitor.told["bar"]["state"] == PAUSED and not visitor.told["training"]
    assert visitor.live.seen == drawn == visitor.view("time")["seen"], "no script has to run again"
    assert visitor.at.session_state["made"] == script


@pytest.mark.parametrize("name", ["reset", "new_seed", "undo"])
def test_a_command_that_makes_another_run_asks_for_the_page_to_be_drawn_again(visitor, name):
    visitor.press("Step", "Reset", "Step")
    drawn = visitor.live.seen
    assert send(visitor.live, 1, name) == ""
    assert visitor.told.keys() == {"seen", "bar"} and visitor.told["seen"] != drawn
    visitor.look()
    assert visitor.step == (1 if name == "undo" else 0) and visitor.view("time")["seen"] == visitor.live.seen


def test_each_number_is_carried_out_once(visitor):
    for number in (1, 1, 2, 2, 1):
        assert send(visitor.live, number, "step") == ""
    assert visitor.snapshot.step == 2


def test_a_tab_that_did_not_send_it_is_told_as_well(visitor):
    other = Live(None, visitor.client)
    other.show(visitor.live._drawn)
    other.ask({})
    before = other.look(other.parse(None), always=True).have
    send(visitor.live, 1, "speed", "x10")
    send(visitor.live, 2, "step")
    bar = json.loads(other.look(before, always=False).text)["bar"]
    assert (bar["speed"], bar["state"]) == ("x10", PAUSED)
    assert send(other, 1, "step") == "", "the same page by another key"
    assert visitor.snapshot.step == 1


def test_a_finished_run_is_trained_on_to_the_step_that_is_offered(visitor):
    visitor.set("Steps", 1_000)
    visitor.set("Speed", "max")
    visitor.press("Train")
    visitor.until(lambda: visitor.snapshot.state == FINISHED)
    bar = visitor.told["bar"]
    assert bar["more"] == 2_000 and {"Train", "Pause"} & offered(bar).keys() == set()
    assert send(visitor.live, 1, "more_steps", 2_000) == ""
    eventually(lambda: visitor.snapshot.step > 1_000)
    assert visitor.snapshot.config.steps == 2_000


def test_the_recorded_run_is_shown_and_left(visitor):
    assert visitor.told["bar"]["replay"]
    visitor.press("Watch a recorded run")
    assert visitor.told["bar"]["state"] == RECORDED and "Back to your run" in visitor.buttons()
    visitor.press("Back to your run")
    assert visitor.told["bar"]["replay"] and visitor.snapshot.config == Config()


@pytest.mark.parametrize("name", ["stop", "set", "__init__", "", "to_own_run", None, 7, ["train"], {"train": 1}, True])
def test_what_is_no_command_of_the_bar_is_answered_with_a_sentence(untouched, name):
    assert untouched.answer(name) == NONE_SUCH
    assert untouched.snapshot.step == 0


@pytest.mark.parametrize("value", [None, "fast", "×10", "", 4, True, ["max"], {"max": 1}, "max" * 1000])
def test_a_speed_is_one_of_those_that_there_are(untouched, value):
    before = untouched.snapshot.speed
    assert untouched.answer("speed", value).startswith("The speeds are slow, ")
    assert untouched.snapshot.speed == before in SPEEDS


@pytest.mark.parametrize("value", [None, 0, -5, 10**9, 2.0, "2000", True, [2_000]])
def test_the_step_to_which_a_run_is_trained_is_checked(untouched, value):
    assert untouched.answer("more_steps", value) == "A run can be trained to step 10,000,000 at most."
    assert untouched.snapshot.config == Config() and untouched.snapshot.step == 0


def test_a_branch_goes_on_from_a_step_of_the_run_that_is_shown_once_however_often_it_is_asked_for(visitor):
    visitor.press("Step", "Step")
    number, drawn = visitor.snapshot.number, visitor.live.seen
    for _ in range(2):
        assert send(visitor.live, 1, "fork", [number, 1]) == ""
    assert (visitor.snapshot.number, visitor.snapshot.step) == (number + 1, 1) and visitor.live.seen != drawn
    assert send(visitor.live, 2, "fork", [number, 2]) == OTHER_RUN, "as after another tab has begun another run"
    assert send(visitor.live, 3, "fork", [number + 1, 9]) == "" and "remembers no step 9" in visitor.snapshot.problem
    visitor.press("Undo")
    assert visitor.step == 2


@pytest.mark.parametrize("value", [None, 0, [], [1], [1, 0, 0], [1, -1], ["1", 0], [1, 0.0], [True, 0], [1, 1 << 60]])
def test_what_is_no_step_of_a_run_is_not_branched_from(untouched, value):
    assert untouched.answer("fork", value) == NO_FORK
    assert untouched.snapshot.number == 1


def test_a_live_knob_needs_no_script_where_it_was_moved_and_is_drawn_again_in_every_other_tab(visitor):
    visitor.set("Learning rate", 0.3)  # the run has no preset's settings any more, which the page shows
    drawn, (key, stops) = visitor.live.seen, visitor.view("time")["knobs"]["learning_rate"]
    other = Live(None, visitor.client)
    assert send(visitor.live, 1, "knob", ["learning_rate", 1.0, key]) == "" and 1.0 in stops
    assert send(visitor.live, 1, "knob", ["learning_rate", 0.1, key]) == ""
    assert visitor.snapshot.config.learning_rate == 1.0 and visitor.live.seen == drawn == visitor.view("time")["seen"]
    other.sliders = {"learning_rate": Slider(key, (0.3,))}
    before = other.seen
    other.sliders = {"learning_rate": Slider(key, (1.0,))}
    assert other.seen != before, "the tab that shows another value has something to draw"
    visitor.control("Learning rate").set_value(1.0)
    visitor.look()
    assert visitor.view("time")["knobs"]["learning_rate"][0] == key, "the slider that was moved is the same one"


@pytest.mark.parametrize("key", ["learning_rate", "learning_rate 9", ""])
def test_a_slider_that_was_replaced_or_shows_a_preset_that_is_left_is_drawn_again(visitor, key):
    drawn = visitor.live.seen
    assert send(visitor.live, 1, "knob", ["learning_rate", 0.03, key]) == ""
    assert visitor.snapshot.config.learning_rate == 0.03 and visitor.live.seen != drawn
    visitor.look()
    assert visitor.control("Learning rate").value == 0.03 and visitor.control("Start from").value is None


def test_a_value_that_the_host_refuses_is_said_and_the_slider_shows_the_old_one_again(visitor):
    visitor.set("Hidden units", 500)
    visitor.set("Context length", 8)
    visitor.set("Embedding dimensions", 32)
    visitor.set("Batch size", "full")
    assert "billion multiplications" in visitor.status
    assert visitor.snapshot.config.batch_size == visitor.control("Batch size").value == 32


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, NO_KNOB), ("learning_rate", NO_KNOB), (["learning_rate", 0.3], NO_KNOB), (["seed", 1, "seed"], NO_KNOB),
     (["n_hidden", 10, "n_hidden"], NO_KNOB), (["", 1, ""], NO_KNOB), ([["learning_rate"], 1, ""], NO_KNOB),
     (["learning_rate", 0.3, None], NO_KNOB), (["learning_rate", None, ""], NO_KNOB),
     (["learning_rate", [0.3], ""], NO_KNOB), (["learning_rate", 10**300, ""], NO_KNOB),
     (["learning_rate", math.nan, ""], NO_KNOB), (["learning_rate", math.inf, ""], NO_KNOB),
     (["learning_rate", "x" * 4000, ""], NO_KNOB), (["learning_rate", True, ""], NO_KNOB),
     (["learning_rate", "0.3", ""], "Learning rate must be a number"), (["learning_rate", -1, ""], "Learning rate"),
     (["batch_size", "Full", ""], "Batch size must be a number"), (["batch_size", 2.5, ""], "must be a whole number"),
     (["schedule", "never", ""], "Schedule must be one of constant")],
)  # fmt: skip
def test_what_is_no_value_of_a_live_knob_is_answered_with_a_sentence(untouched, value, said):
    answer = untouched.answer("knob", value)
    assert said in answer and answer.endswith(".") and len(answer) < 150
    assert untouched.snapshot.config == Config()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_without_a_value_takes_none(untouched, name):
    assert name not in WITH_VALUE and untouched.answer(name, "value") == NONE_SUCH
    assert untouched.snapshot.number == 1 and untouched.live.replaying is None


def test_a_lesson_can_keep_the_speed_the_seed_and_the_number_of_steps_as_they_are(visitor):
    visitor.at.session_state["visitor"].attempt = Attempt(Lesson.of(KEEPS))
    assert visitor.told["bar"]["fixed"] == ["speed", "seed"] and not visitor.told["bar"]["waits"]
    assert visitor.answer("speed", "max") == FIXED and visitor.snapshot.speed == "auto"
    assert visitor.answer("more_steps", 60_000) == FIXED and visitor.snapshot.config.steps == Config().steps
    assert visitor.answer("knob", ["learning_rate", 0.3, ""]) == FIXED and visitor.snapshot.config == Config()
    assert visitor.answer("new_seed") == FIXED and visitor.snapshot.config.seed == Config().seed
    assert visitor.answer("step") == "" and visitor.step == 1
