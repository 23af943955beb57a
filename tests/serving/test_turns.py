"""core/serving/turns.py: who comes when, by members that hold as many places as they are given."""

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.serving.turns import AWAY, Turns
from tests.support.waiting import FakeClock


class Visitor:
    """Wants so many places; asked: how many it is to give up, which it does when the test says so."""

    def __init__(self, turns: Turns, wanted: int = 1):
        self.turns, self.wanted, self.has, self.asked = turns, wanted, 0, 0

    def held(self) -> int:
        return self.has

    def wants(self) -> bool:
        return self.wanted > 0

    def take(self) -> None:
        self.has, self.wanted = self.has + 1, self.wanted - 1

    def give_up(self, n: int) -> None:
        self.asked = n

    def ask(self) -> int:
        return self.turns.ask(self)

    def finish(self) -> None:
        self.has -= 1

    def move_to_back(self) -> None:
        self.has, self.wanted, self.asked = self.has - 1, self.wanted + 1, 0
        self.turns.move_to_back(self)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_whoever_comes_first_gets_what_there_is_and_the_others_stand_in_line(clock):
    turns = Turns(2, clock)
    _, two, three, four = visitors = [Visitor(turns) for _ in range(4)]
    assert [each.ask() for each in visitors] == [0, 0, 1, 2]
    assert [each.has for each in visitors] == [1, 1, 0, 0]
    two.finish()
    assert four.ask() == 2 and four.has == 0, "the third comes first"
    assert three.ask() == 0 and four.ask() == 1 and three.has == 1


def test_a_second_place_comes_after_everybodys_first(clock):
    turns = Turns(2, clock)
    greedy, late, later = Visitor(turns, 3), Visitor(turns), Visitor(turns)
    assert greedy.ask() == 0 and greedy.has == 2
    assert late.ask() == 1 and later.ask() == 2
    greedy.finish()
    assert greedy.ask() == 0 and greedy.has == 1
    assert late.ask() == 0 and late.has == 1


def test_who_holds_places_is_asked_for_as_many_as_others_lack(clock):
    turns = Turns(3, clock)
    greedy, late = Visitor(turns, 3), Visitor(turns)
    assert greedy.ask() == 0 and greedy.asked == 0
    assert late.ask() == 1 and late.asked == 0
    greedy.ask()
    assert (greedy.has, greedy.asked) == (3, 1)
    greedy.move_to_back()
    assert greedy.ask() == 0 and (greedy.has, greedy.asked) == (2, 0), "there is a free one for the other"
    assert late.ask() == 0 and late.has == 1
    greedy.ask()
    assert (greedy.has, greedy.asked) == (2, 0), "nobody lacks anything any more"


def test_whoever_stands_back_does_not_come_before_those_they_stood_back_for(clock):
    turns = Turns(1, clock)
    first, second = Visitor(turns, 2), Visitor(turns)
    assert (first.ask(), second.ask()) == (0, 1)
    first.ask()
    assert first.asked == 1
    first.move_to_back()
    assert first.ask() == 2 and first.has == 0
    assert second.ask() == 0 and second.has == 1


def test_who_is_silent_for_long_is_passed_over_until_they_ask_again(clock):
    turns = Turns(1, clock)
    first, silent, last = [Visitor(turns) for _ in range(3)]
    assert [each.ask() for each in (first, silent, last)] == [0, 1, 2]
    first.finish()
    clock.now += AWAY - 1
    assert last.ask() == 2 and last.has == 0
    clock.now += 1
    assert last.ask() == 0 and last.has == 1
    assert silent.ask() == 1


def test_who_is_gone_is_not_waited_for(clock):
    turns = Turns(1, clock)
    first, gone, last = [Visitor(turns) for _ in range(3)]
    assert [each.ask() for each in (first, gone, last)] == [0, 1, 2]
    del gone
    gc.collect()
    assert last.ask() == 1
    del first
    gc.collect()
    assert last.ask() == 0 and last.has == 1


@given(st.integers(1, 4), st.lists(st.integers(1, 3), min_size=1, max_size=6), st.data())
def test_never_more_than_the_places_and_everybody_is_done_at_last(places, wanted, data):
    turns = Turns(places, FakeClock())
    visitors = [Visitor(turns, n) for n in wanted]
    for which in data.draw(st.lists(st.integers(0, len(visitors) - 1), max_size=40)):
        visitor = visitors[which]
        visitor.ask()
        assert sum(each.has for each in visitors) <= places
        if visitor.asked:
            visitor.move_to_back()
        elif visitor.has and data.draw(st.booleans()):
            visitor.finish()
    while left := sum(each.has + each.wanted for each in visitors):
        for each in visitors:
            each.ask()
            each.has = 0  # it is done with what it got
        assert sum(each.has + each.wanted for each in visitors) < left
