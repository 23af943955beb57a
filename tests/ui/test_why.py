"""What Explore says of why letters move (streamlit.testing)."""

import pytest

from tests.support.visitor import Visitor


@pytest.fixture
def visitor():
    visitor = Visitor(n_hidden="20")
    yield visitor
    visitor.client.stop()


def test_at_rest_every_letter_has_a_pull_and_after_a_single_step_a_sentence_says_what_moved(visitor):
    told = visitor.told["why"]
    assert (told["step"], told["said"], len(told["pull"])) == (0, "", 54)
    for step in (1, 2):  # the page has surely looked at step 1 of the run that goes on
        visitor.press("Step")
        visitor.until(lambda step=step: visitor.told["why"] and visitor.told["why"]["step"] == step)
    said = visitor.told["why"]["said"]
    assert " moved most, by " in said and " of this step's 32 examples" in said
    visitor.look()
    assert visitor.told["why"]["said"] == said
    visitor.press("Train")
    visitor.until(lambda: visitor.step > 4)
    visitor.press("Pause")
    visitor.until(lambda: visitor.told["why"])
    assert visitor.told["why"]["said"] == ""  # more than one step
    visitor.press("Reset")
    visitor.until(lambda: visitor.told["why"] and visitor.told["why"]["step"] == 0)
    assert visitor.told["why"] == told


def test_while_it_trains_nothing_is_said(visitor):
    visitor.client.speed("slow")
    visitor.press("Train")
    visitor.until(lambda: visitor.step > 0)
    assert visitor.told["why"] is None


def test_above_two_dimensions_the_pull_lies_in_the_picture_and_in_space_there_is_none(visitor):
    visitor.set("Embedding dimensions", 3)
    visitor.until(lambda: visitor.told["why"] and len(visitor.head["points"]) == 54)
    assert len(visitor.told["why"]["pull"]) == 54
    visitor.set("What is drawn", (0, 1, 2))
    visitor.until(lambda: visitor.told["why"] is None)
