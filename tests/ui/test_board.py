"""An open board over the live line: what it is told and when, and that nothing can be said on it."""

import gc
import weakref

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from core.serving.boards import POINTS, Boards, Point
from core.serving.channel import WRONG, Pages
from core.ui.board.wall import Wall
from core.ui.explore.commands import NONE_SUCH
from tests.support.numbers_page import PATH, TOKEN, line

GOOD, BETTER, LARGE = Point(421, 2.5, False), Point(421, 2.4, True), Point(3_481, 2.3, True)


@pytest.fixture
def boards():
    return Boards()


@pytest.fixture
def pages():
    return Pages()


@pytest.fixture
def wall(boards, pages):
    wall = Wall("ours", boards)
    pages.add(wall)
    return wall


@pytest.fixture
def browser(pages):
    with TestClient(Starlette(routes=[pages.route(PATH)])) as client:
        yield client


def points(told: dict) -> list:
    return told["points"]


@pytest.mark.parametrize("token", [None, TOKEN], ids=["without a cookie", "with a cookie"])
def test_whoever_has_the_board_open_is_told_each_answer_when_it_is_handed_in(browser, boards, wall, token):
    boards.add("ours", "ann", GOOD)
    with line(browser, wall.key, token) as socket:
        socket.send_json({"hello": None})
        told = socket.receive_json()
        assert (told["hello"], points(told), told["frontier"]) == (True, [[421, 2.5, False]], [[421, 2.5]])
        for visitor, point in (("bob", LARGE), ("ann", BETTER)):
            socket.send_json({"ack": told["n"]})
            boards.add("ours", visitor, point)
            told = socket.receive_json()
        assert points(told) == [[3_481, 2.3, True], [421, 2.4, True]]
        assert told["frontier"] == [[421, 2.4], [3_481, 2.3]]


def test_nothing_is_told_of_what_has_not_changed_or_belongs_to_another_board(browser, boards, wall):
    with line(browser, wall.key) as socket:
        socket.send_json({"hello": None})
        socket.send_json({"ack": socket.receive_json()["n"]})
        boards.add("another", "ann", GOOD)
        wall.wake(urgent=True)
        boards.add("ours", "ann", LARGE)
        told = socket.receive_json()
        assert (told["n"], points(told)) == (2, [[3_481, 2.3, True]])
    assert wall.look((LARGE,), always=False).text is None


def test_a_class_that_hands_in_at_once_is_told_to_a_slow_reader_in_one_message_that_is_bounded(browser, boards, wall):
    with line(browser, wall.key) as socket:
        socket.send_json({"hello": None})
        first = socket.receive_json()
        for student in range(POINTS + 50):
            boards.add("ours", str(student), Point(10**9 + student, 12345.6789, False))
        socket.send_json({"ack": first["n"]})
        text = socket.receive_text()
        assert text.count("12345.6789") == POINTS + 1 and len(text) < 40 * POINTS


def test_two_boards_of_one_lesson_are_both_told(browser, boards, wall, pages):
    other = Wall("ours", boards)
    pages.add(other)
    with line(browser, wall.key) as one, line(browser, other.key) as two:
        for socket in (one, two):
            socket.send_json({"hello": None})
            socket.send_json({"ack": socket.receive_json()["n"]})
        boards.add("ours", "ann", GOOD)
        assert points(one.receive_json()) == points(two.receive_json()) == [[421, 2.5, False]]


SAID = [
    '{"cursor": 3}', '{"points": [[1, 0.0, true]]}', '{"add": "ours"}', '{"ack": 99}', '{"ack": -1}', "[]", "null",
    '{"do": 1}', '{"hello": ' + "[" * 3_000 + "}", '{"a": 1, "b": 2}', "x" * 5_000, '{"hello": 1' + "0" * 5_000 + "}",
]  # fmt: skip


@pytest.mark.parametrize("said", SAID, ids=range(len(SAID)))
def test_what_a_board_does_not_ask_closes_its_line_and_changes_nothing(browser, boards, wall, said):
    boards.add("ours", "ann", GOOD)
    with line(browser, wall.key) as socket:
        socket.send_text(said)
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_json()
        assert ended.value.code == WRONG
    assert boards.points("ours") == [GOOD]


@pytest.mark.parametrize("have", [7, "x", [], {"points": []}, [[1, 2, True]] * 50, None, True])
def test_whatever_a_browser_says_that_it_has_it_is_told_everything(browser, boards, wall, have):
    boards.add("ours", "ann", GOOD)
    with line(browser, wall.key) as socket:
        socket.send_json({"hello": have})
        assert points(socket.receive_json()) == [[421, 2.5, False]]


def test_a_command_is_answered_with_a_sentence(browser, wall):
    with line(browser, wall.key) as socket:
        socket.send_json({"do": ["a" * 32, 1, "train", None]})
        assert socket.receive_json() == {"did": 1, "problem": NONE_SUCH}


def test_a_page_of_another_site_or_with_an_unknown_key_gets_no_line(browser, wall):
    for key, origin in ((wall.key, "http://elsewhere"), (wall.key, None), ("x" * 32, "http://testserver")):
        with pytest.raises(WebSocketDisconnect), line(browser, key, origin=origin):
            pass


def test_a_board_that_was_left_is_forgotten(boards):
    wall = Wall("ours", boards)
    known = weakref.ref(wall)
    del wall
    gc.collect()
    assert known() is None
    boards.add("ours", "ann", GOOD)
