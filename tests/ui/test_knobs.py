"""Knobs whose value the server changes: what a browser still sends of the ones before (streamlit.testing)."""

import pytest

from core.config import KNOBS
from tests.support.visitor import Visitor


@pytest.fixture
def visitor():
    visitor = Visitor()
    yield visitor
    visitor.client.stop()


def test_what_a_browser_sends_of_a_widget_that_was_replaced_changes_nothing(visitor):
    visitor.press("Step", "Step", "Step", "New seed")
    before = visitor.at._tree.get_widget_states()
    visitor.press("Undo")
    visitor.look()
    late, number = visitor.at._tree.get_widget_states(), visitor.snapshot.number
    drawn = {state.id for state in late.widgets}
    late.widgets.extend(state for state in before.widgets if state.id not in drawn)
    assert len(late.widgets) > len(drawn)
    visitor.at._run(late)
    assert (visitor.snapshot.number, visitor.step) == (number, 3)
    assert visitor.snapshot.config.seed == visitor.control("Seed").value == 42


def test_no_knob_is_told_its_value_again_as_that_would_take_back_what_a_person_has_just_chosen(visitor):
    labels = [*(knob.label for knob in KNOBS), "Start from", "Words"]
    told = lambda: [label for label in labels if visitor.control(label).proto.set_value]
    assert told() == []
    visitor.set("Hidden units", 50)
    visitor.look()
    assert told() == [] and visitor.control("Start from").value is None
    visitor.press("Step", "New seed", "Undo")
    assert told() == [] and visitor.control("Seed").value == 42


def test_knobs_show_the_run_also_after_another_page_was_open(visitor):
    visitor.set("Hidden units", 50)
    visitor.at.switch_page("data/page.py")
    visitor.look()
    visitor.client.reset(visitor.snapshot.config.with_(n_embd=5))
    visitor.at.switch_page("explore/page.py")
    visitor.look()
    shown = {knob.name: visitor.control(knob.label).value for knob in KNOBS}
    assert shown == visitor.snapshot.config.to_dict() and (shown["n_hidden"], shown["n_embd"]) == (50, 5)


def test_the_knob_that_a_constant_schedule_ignores_says_so(visitor):
    said = lambda: [caption.value for caption in visitor.at.caption]
    assert "Ignored while the schedule is constant." in said()
    visitor.set("Schedule", "step")
    assert "Ignored while the schedule is constant." not in said()
