"""core/serving/visitors.py: who is known by a token, who is forgotten, and what is no token at all."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.keeping.library import Library
from core.serving import visitors as module
from core.serving.pool import LEASE
from core.serving.visitors import REMEMBERED, TOKEN, Visitor, Visitors, name_of
from tests.support.waiting import FakeClock


class Idle:
    """A make_client that only knows when somebody looked last."""

    def __init__(self, clock: FakeClock):
        self._clock = clock
        self.renew_lease()

    def renew_lease(self) -> None:
        self.leased_until = self._clock() + LEASE


class House:
    """Visitors by a clock that moves only when told to."""

    def __init__(self):
        self.clock, self.made = FakeClock(), []
        self.visitors = Visitors(self._make, self.clock)

    def _make(self, token: str) -> Visitor:
        self.made.append(token)
        return Visitor(token, Idle(self.clock), Library(None))

    def find(self, token: object = None) -> tuple[Visitor, bool]:
        return self.visitors.find(token)


@pytest.fixture
def house() -> House:
    return House()


def tokens(count: int) -> list[str]:
    return [f"{i:032}" for i in range(count)]


# ---------------------------------------------------------------- tokens


def test_a_new_visitor_gets_a_token_that_nobody_can_guess_and_is_known_by_it(house):
    one, known = house.find()
    other, _ = house.find()
    assert not known and one is not other and one.token != other.token
    assert TOKEN.fullmatch(one.token) and len(set(one.token)) > 8
    assert house.find(one.token) == (one, True) and house.find(other.token) == (other, True)
    assert len(house.visitors) == 2


def test_a_token_that_is_not_known_any_more_is_kept(house):
    (token,) = tokens(1)
    visitor, known = house.find(token)
    assert (visitor.token, known) == (token, False), "the library may know of a run that was interrupted"


JUNK = [
    None, b"0" * 32, 0, 1.5, [], {}, ("0" * 32,), "", "0" * 31, "0" * 33, "0" * 32 + "\n", " " + "0" * 31, "é" * 32,
    "٣" * 32, "０" * 32, "../" * 10 + "ab", "'; DROP TABLE runs; --".ljust(32, "-"), "<" * 32, "\0" * 32, "a" * 10**7,
]  # fmt: skip


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_what_is_no_token_gets_a_new_one(house, junk):
    visitor, known = house.find(junk)
    assert not known and visitor.token != junk and TOKEN.fullmatch(visitor.token)
    assert house.find(junk)[0] is not visitor


@given(junk=st.text(max_size=40) | st.text("0aZ_-", min_size=32, max_size=32))
def test_a_token_is_32_plain_characters_and_nothing_else_is(junk):
    visitor, _ = House().find(junk)
    plain = len(junk) == 32 and junk.isascii() and junk.replace("_", "a").replace("-", "a").isalnum()
    assert (visitor.token == junk) == plain


def test_the_name_on_disk_says_nothing_of_the_token_and_is_always_the_same():
    one, other = tokens(2)
    assert name_of(one) == name_of(one) != name_of(other)
    assert len(name_of(one)) == 32 and one not in name_of(one)


# ---------------------------------------------------------------- memory


def test_a_visitor_is_remembered_for_a_while_after_the_last_look_and_then_forgotten(house):
    visitor, _ = house.find()
    house.clock.now += LEASE + REMEMBERED - 1
    assert house.find(visitor.token) == (visitor, True)  # which is a look
    house.clock.now += LEASE + REMEMBERED - 1
    assert house.find(visitor.token) == (visitor, True)
    house.clock.now += LEASE + REMEMBERED + 1
    again, known = house.find(visitor.token)
    assert again is not visitor and not known and len(house.visitors) == 1


def test_never_more_than_so_many_and_who_looked_last_longest_ago_goes_first(house, monkeypatch):
    monkeypatch.setattr(module, "MAX_VISITORS", 3)
    a, b, c, d, e = tokens(5)
    for token in (a, b, c):
        house.find(token)
        house.clock.now += 1
    house.find(a)  # b is now the longest away
    for token, there in ((d, {a, c, d}), (e, {a, d, e})):
        house.clock.now += 1
        house.find(token)
        assert house.visitors._known.keys() == there
    assert house.made == [a, b, c, d, e]


def test_who_is_known_turns_nobody_out_not_even_themselves_though_the_house_is_full(house, monkeypatch):
    monkeypatch.setattr(module, "MAX_VISITORS", 3)
    for token in tokens(3):
        house.find(token)
        house.clock.now += 1
    assert [house.find(token)[1] for token in tokens(3)] == [True] * 3


@given(looks=st.lists(st.tuples(st.integers(0, 9), st.sampled_from([0, 1, LEASE, REMEMBERED])), max_size=40))
def test_as_a_plain_list_of_who_looked_when_would_have_it(looks):
    """Oracle: sorted by their last looks, the newest of them that are not too old."""
    house, seen, most = House(), {}, 4
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_VISITORS", most)
        for number, wait in looks:
            house.clock.now += 1 + wait  # no two looks at the same moment
            token = tokens(10)[number]
            seen = {who: at for who, at in seen.items() if at + LEASE + REMEMBERED >= house.clock.now}
            _, known = house.find(token)
            assert known == (token in seen)
            seen.pop(token, None)
            seen[token] = house.clock.now  # the last one in the dict is the newest
            seen = dict(list(seen.items())[-most:])
            assert len(house.visitors) <= most


# ---------------------------------------------------------------- threads


def test_two_tabs_that_open_at_once_are_one_visitor(house):
    (token,), found, together = tokens(1), [], threading.Barrier(16)

    def open_tab() -> None:
        together.wait(10)
        found.append(house.find(token))

    tabs = [threading.Thread(target=open_tab) for _ in range(16)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join(10)
    assert len({id(visitor) for visitor, _ in found}) == 1 and house.made == [token]
    assert sorted(known for _, known in found) == [False] + [True] * 15
