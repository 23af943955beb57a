"""The loss figure told bit by bit is the figure told whole, whatever happens between two looks."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine.log import Have
from core.plots.loss_feed import NO_LOSSES
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
    had = reader.have
    story.advance(40)
    told = story.told(reader.have)
    assert told["form"] == [*had[0], []] and [new[:2] for new in told["curves"]] == [[*one] for one in had[1:]]
    new = [[step for _, _, step in rows] for _, _, rows in told["curves"]]
    assert new[1] and all(step >= 300 for steps in new for step in steps) and max(map(len, new)) < 40
    again = story.told(story.feed.made)
    assert not any(rows for _, _, rows in (again["form"], *again["curves"]))


def test_who_says_that_it_has_more_than_there_is_is_told_the_rest_of_nothing(few):
    story = Story(few(3))
    story.told(NO_LOSSES)
    *others, dev = story.feed.made
    told = story.told((*others, Have(dev.epoch, 1 << 50)))
    assert told["curves"][-1] == [*dev, []]
