"""The loss figure told bit by bit is the figure told whole, whatever happens between two looks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.plots.loss_feed import NO_LOSSES, HaveLosses, parse_have_losses
from tests.support.loss_figures import LossReader, Story

MOVES = st.one_of(
    st.tuples(st.just("advance"), st.integers(1, 90)),
    st.tuples(st.sampled_from(["rest", "undo", "turn"])),
    st.tuples(st.just("change"), st.sampled_from([0.05, 0.2])),
    st.tuples(st.just("reset"), st.integers(1, 3)),
    st.tuples(st.just("count"), st.sampled_from(["trigram", "4-gram"])),
)
# Which of two readers looks, whether it gets the answer, whether it comes with nothing.
LOOKS = st.lists(
    st.tuples(st.lists(MOVES, max_size=3), st.integers(0, 1), st.booleans(), st.booleans()), min_size=1, max_size=14
)


@settings(max_examples=60, deadline=None)
@given(LOOKS)
def test_a_figure_told_bit_by_bit_is_the_figure_told_whole(few, looks):
    story, readers = Story(few(3)), [LossReader(), LossReader()]
    for moves, number, arrives, anew in looks:
        for name, *values in moves:
            getattr(story, name)(*values)
        if anew:
            readers[number] = LossReader()
        told = story.told(readers[number].have)
        if arrives:
            assert readers[number].receive(told) == story.whole()
            assert readers[number].have == story.feed.made


def test_while_a_run_trains_only_points_that_are_new_are_told(few):
    story, reader = Story(few(3)), LossReader()
    reader.receive(story.told(NO_LOSSES))
    story.advance(300)
    reader.receive(story.told(reader.have))
    points = reader.have.points
    story.advance(40)
    told = story.told(reader.have)
    assert "figure" not in told and told["from"] == [*points]
    new = [part["customdata"] for part in told["points"]]
    assert new[1] and all(step >= 300 for steps in new for step in steps) and max(map(len, new)) < 40
    again = story.told(HaveLosses(*story.feed.made))
    assert "figure" not in again and not any(part["x"] for part in again["points"])


@pytest.mark.parametrize("said", [None, [], [1, 2], [1] * 7, [1, 2, 3, 4, 5, -1], [1, 2, 3, 4, 5, 0.5], "123456"])
def test_who_says_nonsense_of_what_it_has_is_told_all(said, few):
    story = Story(few(3))
    story.advance(20)
    told = story.told(parse_have_losses(said))
    assert parse_have_losses(said) == NO_LOSSES and LossReader().receive(told) == story.whole()


def test_who_says_that_it_has_more_than_there_is_is_told_the_rest_of_nothing(few):
    story = Story(few(3))
    story.told(NO_LOSSES)
    told = story.told(story.feed.made._replace(dev=1 << 50))
    assert told["from"][-1] == story.feed.made.dev and told["points"][-1]["x"] == []
