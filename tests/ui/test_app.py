"""The page's controls, in the words that stand on them (streamlit.testing)."""

import time

import pytest

from core.analysis.status import not_learning
from core.config import ADAGRAD, KNOB, KNOBS, PRESETS, SPEEDS, Config, parameter_counts
from core.data.groups import VOWELS
from core.engine.snapshot import FINISHED, PAUSED, READY, TRAINING
from tests.support.visitor import Visitor

COLD = {
    "block_size": 5, "n_embd": 10, "n_hidden": 200, "seed": 7, "init": "lecture", "optimiser": ADAGRAD, "tied": True,
    "direct": True,
}  # fmt: skip
LIVE = {
    "learning_rate": 0.03,
    "batch_size": 1024,
    "steps": 100_000,
    "schedule": "cosine",
    "decay_at": 200_000,
    "weight_decay": 1e-4,
}


@pytest.fixture
def visit():
    """visit() opens the page anew; every client is stopped at the end."""
    visitors = []

    def visit() -> Visitor:
        visitors.append(Visitor())
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.client.stop()


@pytest.fixture
def visitor(visit) -> Visitor:
    return visit()


def train(visitor: Visitor, speed: str = "max") -> None:
    """Train, and wait until the page shows that it does."""
    visitor.set("Speed", speed)
    visitor.press("Train")
    visitor.until(lambda: visitor.step > 0)


# ---------------------------------------------------------------- before anything is pressed


def test_the_page_shows_the_untrained_network_with_its_true_loss_and_offers_a_recorded_run(visitor):
    assert visitor.step == 0 and visitor.snapshot.state == READY
    assert visitor.head["train"] == round(visitor.snapshot.history.evaluations[0][1], 7)
    assert visitor.status.startswith("Not trained yet")
    assert visitor.buttons() == ["Train", "Step", "Reset", "New seed", "Watch a recorded run", "Big screen"]


def test_every_knob_has_a_control_with_its_label_its_help_and_its_default(visitor):
    for knob in KNOBS:
        control = visitor.control(knob.label)
        assert (control.key, control.help, control.value) == (knob.name, knob.help, knob.default)


def test_every_knob_is_tried_below():
    assert COLD.keys() | LIVE.keys() == KNOB.keys()
    assert all(KNOB[name].live for name in LIVE) and not any(KNOB[name].live for name in COLD)


# ---------------------------------------------------------------- knobs


@pytest.mark.parametrize("name", COLD)
def test_a_knob_that_needs_new_weights_starts_a_new_run_at_step_0(visitor, name):
    visitor.press("Step", "Step")
    before = visitor.snapshot
    visitor.set(KNOB[name].label, COLD[name])
    after, expected = visitor.snapshot, Config().with_(**{name: COLD[name]})
    assert (after.number, after.step, after.state) == (before.number + 1, 0, READY)
    assert after.config == expected
    assert after.frozen != before.frozen
    assert visitor.step == 0
    assert visitor.parameters == sum(parameter_counts(expected, 27).values())
    assert visitor.told["loss"]["data"][0]["x"], "the old loss stays as a ghost"


def test_a_knob_that_needs_new_weights_goes_on_training_if_the_old_run_was(visitor):
    train(visitor, "auto")
    visitor.set("Hidden units", 200)
    assert visitor.snapshot.state == TRAINING and visitor.snapshot.number == 2
    visitor.until(lambda: visitor.step > 0)
    assert "Pause" in visitor.buttons()


@pytest.mark.parametrize("name", LIVE)
def test_a_live_knob_changes_the_run_in_training_and_starts_no_other(visitor, name):
    train(visitor, "auto")
    before = visitor.snapshot
    visitor.set(KNOB[name].label, LIVE[name])
    after = visitor.snapshot
    assert getattr(after.config, name) == LIVE[name]
    assert after.number == before.number and after.step >= before.step and after.state == TRAINING
    visitor.until(lambda: visitor.step > after.step)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_sets_every_knob(visitor, name):
    visitor.set("Hidden units", 50)
    assert visitor.control("Start from").value is None
    visitor.set("Start from", name)
    assert visitor.snapshot.config == PRESETS[name]
    assert {k.name: visitor.control(k.label).value for k in KNOBS} == PRESETS[name].to_dict()
    assert visitor.control("Start from").value == name
    assert visitor.parameters == sum(parameter_counts(PRESETS[name], 27).values())


# ---------------------------------------------------------------- training


def test_train_becomes_pause_while_the_step_grows_and_pause_holds_it(visitor):
    train(visitor, "auto")
    assert visitor.buttons()[0] == "Pause"
    first = visitor.step
    visitor.until(lambda: visitor.step > first)
    visitor.press("Pause")
    assert visitor.buttons()[0] == "Train" and visitor.snapshot.state == PAUSED
    held, frozen = visitor.step, visitor.snapshot.frozen
    for _ in range(5):
        visitor.look()
        assert visitor.step == held and visitor.snapshot.frozen == frozen


def test_step_adds_exactly_one_and_its_losses_are_those_of_that_step(visitor):
    for n in (1, 2, 3):
        visitor.press("Step")
        assert visitor.step == visitor.head["exact_step"] == n


def test_step_while_training_makes_one_more_and_rests(visitor):
    train(visitor, "slow")
    assert "Step" not in visitor.buttons()
    visitor.send("step")  # of another tab, which does not know yet that the run trains
    assert visitor.snapshot.state == PAUSED and visitor.buttons()[0] == "Train"


def test_reset_gives_step_0_and_the_same_first_weights(visitor):
    first, picture = visitor.snapshot.frozen, visitor.head
    visitor.press("Step", "Step")
    assert visitor.snapshot.frozen != first and visitor.head != picture
    visitor.press("Reset")
    assert visitor.step == 0 and visitor.snapshot.frozen == first
    assert visitor.head == picture


def test_new_seed_gives_other_first_weights_and_shows_the_seed(visitor, monkeypatch):
    monkeypatch.setattr("core.ui.explore.commands.secrets.randbelow", lambda n: 1234)
    first = visitor.snapshot.frozen
    visitor.press("New seed")
    assert visitor.step == 0 and visitor.snapshot.frozen != first
    assert visitor.snapshot.config.seed == visitor.control("Seed").value == 1234


def test_undo_brings_the_run_before_back_where_it_was_with_its_knobs(visitor):
    visitor.press("Step", "Step", "Step")
    before = visitor.snapshot
    visitor.set("Hidden units", 200)
    visitor.press("Undo")
    after = visitor.snapshot
    assert visitor.step == 3 and after.frozen == before.frozen and after.config == before.config
    assert visitor.control("Hidden units").value == before.config.n_hidden
    assert visitor.parameters == sum(parameter_counts(before.config, 27).values())
    assert "Undo" not in visitor.buttons()  # what brings the other run back has another name
    visitor.press("Redo")
    assert visitor.step == 0 and visitor.control("Hidden units").value == 200 and "Redo" not in visitor.buttons()


def test_undo_is_offered_only_when_there_is_a_run_to_come_back_to(visitor):
    visitor.set("Hidden units", 200)  # from a run that had not begun
    assert "Undo" not in visitor.buttons()
    visitor.press("Step", "Reset")
    assert "Undo" in visitor.buttons()


def test_slow_is_a_few_steps_a_second_and_max_is_far_more(visitor):
    began = time.monotonic()
    train(visitor, "slow")
    visitor.until(lambda: visitor.step >= 4)
    assert visitor.snapshot.step <= SPEEDS["slow"] * (time.monotonic() - began) + 2
    visitor.set("Speed", "max")
    visitor.until(lambda: visitor.step > 1_000)
    assert visitor.view("bar")["speeds"] == dict(zip(SPEEDS, ["slow", "×10", "×100", "max", "auto"]))


def test_a_run_finishes_at_its_steps_and_offers_to_go_on(visitor):
    visitor.set("Steps", 1_000)
    train(visitor)
    visitor.until(lambda: visitor.snapshot.state == FINISHED and visitor.status.startswith("Finished"))
    assert visitor.step == 1_000 and visitor.status.startswith("Finished 1,000 steps.")
    assert "Train" not in visitor.buttons()
    visitor.press("Train to step 2,000")
    assert visitor.control("Steps").value == 2_000
    visitor.until(lambda: visitor.status.startswith("Finished 2,000 steps."))


def test_too_hot_is_called_not_learning_with_the_likely_cause(visitor):
    visitor.set("Start from", "Too hot")
    train(visitor)
    visitor.until(lambda: visitor.status.startswith("Not learning"))
    assert "learning rate 10 is too high" in visitor.status and visitor.told["status"]["tone"] == "bad"
    assert not_learning(visitor.snapshot.history, 3.3)


# ---------------------------------------------------------------- panels


def test_a_recorded_run_is_offered_only_to_those_who_have_not_begun(visitor):
    visitor.press("Step")
    assert "Watch a recorded run" not in visitor.buttons()
    visitor.press("Reset")
    assert "Watch a recorded run" not in visitor.buttons()


def test_watch_a_recorded_run_then_back_to_your_run(visitor):
    own = visitor.snapshot
    visitor.press("Watch a recorded run")
    visitor.until(lambda: visitor.step > 0)
    assert visitor.status.startswith("A recorded run of ")
    assert visitor.buttons() == ["Train", "Step", "Reset", "New seed", "Back to your run", "Big screen"]
    visitor.press("Back to your run")
    assert visitor.step == 0 and visitor.status.startswith("Not trained yet")
    assert visitor.snapshot.number == own.number and visitor.snapshot.frozen == own.frozen


def test_names_are_a_dozen_and_follow_the_temperature(visitor):
    drawn = {}
    for temperature in (0.2, 1.0, 2.0):
        visitor.set("Temperature", temperature)
        drawn[temperature] = visitor.head["words"]
        assert len(drawn[temperature]) == 12
    assert drawn[0.2] != drawn[1.0] != drawn[2.0]


def test_what_comes_next_follows_the_context(visitor):
    data, first = visitor.asked("bars"), visitor.head["next"]
    assert data["context"] == ".em" and len(data["characters"]) == 27 and data["problem"] is None
    assert sum(first) == pytest.approx(1, abs=1e-2) and sum(data["bigram"]) == pytest.approx(1, abs=1e-2)
    assert {s for s, group in zip(data["characters"], data["groups"]) if group == "vowel"} == VOWELS
    asked = visitor.told["asked"]
    visitor.set("Context", "QU")
    assert visitor.asked("bars")["context"] == ".qu" and visitor.head["next"] != first
    assert visitor.asked("network")["context"] == [0, 17, 21] and visitor.told["asked"] == asked + 1


@pytest.mark.parametrize("typed", ["7", "a b", "<a href>", "é", "$x$", "😀"])
def test_unknown_characters_give_a_sentence_and_no_exception(visitor, typed):
    visitor.set("Context", typed)
    visitor.set("Name", typed)
    for problem in (visitor.asked("bars")["problem"], visitor.asked("spelling")["problem"]):
        assert problem.endswith(".") and "does not occur" in problem
    visitor.set("Context", "em")
    assert visitor.asked("bars")["problem"] is None


def test_ones_own_name_is_spelled_letter_by_letter_with_its_loss(visitor):
    visitor.set("Name", " Olivia ")
    data = visitor.asked("spelling")
    assert data == {**data, "characters": [*"olivia."], "known": True, "problem": None}
    assert len(visitor.head["letters"]) == 7 and visitor.head["loss"] > 0
    visitor.set("Name", "")
    assert visitor.asked("spelling")["characters"] == []
    assert "letters" not in visitor.head


def test_linear_and_4_gram_change_the_loss_chart(visitor):
    before = visitor.told["loss"]["layout"]
    visitor.set("Linear", True)
    assert visitor.told["loss"]["layout"]["xaxis"]["title"]["text"] == "step"
    visitor.set("4-gram", True)
    after = visitor.told["loss"]["layout"]
    assert len(after["shapes"]) == len(before["shapes"]) + 1
    assert any(note["text"].startswith("4-gram ") for note in after["annotations"])


def test_above_two_dimensions_raw_ones_can_be_chosen_and_three_in_space(visitor):
    letters = lambda: visitor.view("letters")["figure"]["layout"]["meta"]
    for n_embd, choice, width in ((3, (0, 1, 2), 3), (3, (0, 2), 2), (10, (3, 8), 2)):
        visitor.set("Embedding dimensions", n_embd)
        first, epoch = visitor.told["frames"][0]["points"], visitor.told["epoch"]
        visitor.set("What is drawn", choice)
        assert visitor.told["epoch"] == epoch + 1 and visitor.told["frames"][0]["points"] != first
        C = visitor.snapshot.parameters().C[:, list(choice)]
        assert visitor.head["points"] == pytest.approx(C.flatten().tolist(), abs=1e-4)
        assert letters()["space"] == (width == 3) and len(visitor.head["window"]) == width + 1
        visitor.set("What is drawn", ())
    visitor.set("What is drawn", (3, 8))
    visitor.set("Embedding dimensions", 2)
    assert len(visitor.head["points"]) == 54 and not letters()["space"]


def test_two_visitors_have_separate_runs(visit):
    one, other = visit(), visit()
    assert one.client is not other.client
    train(one, "slow")
    other.set("Hidden units", 50)
    assert one.snapshot.config.n_hidden == 100 and one.snapshot.state == TRAINING
    assert other.step == 0 and other.snapshot.state == READY


def test_a_tab_that_is_behind_changes_one_knob_and_undoes_nothing(visitor):
    elsewhere = visitor.snapshot.config.with_(n_hidden=200, learning_rate=0.03)
    visitor.client.reset(elsewhere)  # in another tab; this one still shows the knobs of before
    visitor.set("Embedding dimensions", 10)
    assert visitor.snapshot.config == elsewhere.with_(n_embd=10)
