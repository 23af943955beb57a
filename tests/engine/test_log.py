"""core/engine/log.py: whatever a reader has, with what is new they have the list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.engine.log import LARGEST, NOTHING, Have, Log, joined, news, parse_have
from tests.support.logs import Copy

ROWS = st.lists(st.integers(0, 2), max_size=6).map(tuple)


@given(rows=ROWS, held=st.lists(ROWS, max_size=3))
def test_what_is_joined_is_the_list_and_no_row_is_sent_that_somebody_has_at_the_beginning(rows, held):
    new = news(rows, held)
    assert joined(new, held) == rows
    common = max((n for other in held for n in range(len(rows) + 1) if rows[:n] == other[:n]), default=0)
    assert new.start == common and len(new.rows) == len(rows) - common
    assert new.epoch < len(held) if common else new.epoch == len(held)


@given(moves=st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 1), st.booleans()), max_size=20))
def test_readers_who_miss_messages_have_the_list_with_the_next_one_they_get(moves):
    log, readers, made = Log(), [Copy(), Copy()], 0
    for grown, anew, number, arrives in moves:
        if anew:
            log.restart()
        for _ in range(grown):
            log.rows.append(made := made + 1)
        new = log.since(readers[number].have)
        if arrives:
            assert readers[number].take(new) == log.rows and readers[number].have == log.have
            assert log.since(log.have).rows == []


def test_nobody_who_has_another_list_seems_to_have_a_part_of_this_one():
    one, other = Log(), Log()
    one.rows, other.rows = [1, 2, 3], [4, 5, 6, 7]
    assert one.epoch != other.epoch, "by chance once in 10 ** 12"
    assert other.since(one.have) == (other.epoch, 0, [4, 5, 6, 7])


def test_who_says_to_have_more_than_there_is_gets_what_comes_after():
    log = Log()
    log.rows = [1, 2]
    assert log.since(Have(log.epoch, 10**9)) == (log.epoch, 2, [])


SAID = [
    None, 7, "1111", [], [[1, 1]], [[1, 1]] * 3, [1, 1], [[1, 1], [1]], [[1, 1], [1, -1]], [[1, 1], [1, 1.0]],
    [[1, 1], [1, True]], [{}] * 2, [[1, 1], [1, LARGEST + 1]], [[1, 1], "11"], [[1, 1], None],
]  # fmt: skip


@pytest.mark.parametrize("said", SAID)
def test_what_is_no_position_is_taken_for_nothing(said):
    assert parse_have(said, 2) == (NOTHING, NOTHING)
    assert parse_have([[1, 2], [3, LARGEST]], 2) == (Have(1, 2), Have(3, LARGEST))
