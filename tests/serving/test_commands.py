"""Commands over the live line, by Starlette's TestClient: each is carried out once and in order, or refused."""

import threading

import pytest
from starlette.websockets import WebSocketDisconnect

from core.serving.channel import TOO_MANY, WAITING, WRONG
from core.serving.commands import HIGHEST, REMEMBERED, Command, Ledger, command_of
from tests.support.numbers_page import Counter, line
from tests.support.waiting import eventually

TAB, OTHER = "a" * 32, "b" * 32


def order(socket, number: int, name: str = "step", value=None, tab: str = TAB) -> None:
    socket.send_json({"do": [tab, number, name, value]})


def done(socket, number: int, problem: str = "") -> None:
    assert socket.receive_json() == {"did": number, "problem": problem}


# ---------------------------------------------------------------- once, and in order


def test_a_command_is_carried_out_and_answered_before_anybody_says_hello(browser, page):
    with line(browser, page.key) as socket:
        order(socket, 1, "speed", "max")
        done(socket, 1)
    assert page.carried_out == [("speed", "max")]


def test_a_command_that_arrives_again_is_answered_again_and_not_carried_out_again(browser, page):
    with line(browser, page.key) as socket:
        for number in (1, 1, 2, 1, 2):
            order(socket, number, f"step {number}")
            done(socket, number)
    with line(browser, page.key) as again:  # the line broke: what was not answered is sent once more
        for number in (2, 3):
            order(again, number, f"step {number}")
            done(again, number)
    assert [name for name, _ in page.carried_out] == ["step 1", "step 2", "step 3"]


def test_a_command_that_was_being_carried_out_when_the_line_broke_is_not_begun_again_and_the_next_one_waits(
    browser, page
):
    page.gate.clear()
    with line(browser, page.key) as socket:
        order(socket, 1, "first")
        eventually(lambda: page.begun == ["first"])
        with line(browser, page.key) as again:
            order(again, 1, "first")
            order(again, 2, "second")
            assert page.begun == ["first"]
            page.gate.set()
            done(again, 1)
            done(again, 2)
    assert page.begun == ["first", "second"] == [name for name, _ in page.carried_out]


def test_commands_are_carried_out_in_the_order_in_which_they_came(browser, page):
    with line(browser, page.key) as socket:
        for number in range(1, WAITING + 1):
            order(socket, number, str(number))
        for number in range(1, WAITING + 1):
            done(socket, number)
    assert [name for name, _ in page.carried_out] == [str(number) for number in range(1, WAITING + 1)]


def test_two_tabs_have_numbers_of_their_own(browser, pages, page):
    other = Counter(ledger=page.ledger)
    pages.add(other)
    with line(browser, page.key) as one, line(browser, other.key) as two:
        order(one, 1, "one")
        done(one, 1)
        order(two, 1, "two", tab=OTHER)
        done(two, 1)
    assert (page.carried_out, other.carried_out) == ([("one", None)], [("two", None)])


def test_a_page_that_the_server_knows_by_another_key_now_has_the_same_numbers(browser, pages, page):
    with line(browser, page.key) as socket:
        order(socket, 1)
        done(socket, 1)
    other = Counter(ledger=page.ledger)  # of the same visitor: Streamlit's session began anew
    pages.add(other)
    with line(browser, other.key) as socket:
        order(socket, 1)
        done(socket, 1)
    assert other.carried_out == []


def test_a_look_is_pushed_while_a_command_waits(browser, page):
    page.gate.clear()
    with line(browser, page.key) as socket:
        order(socket, 1)
        eventually(lambda: page.begun)
        socket.send_json({"hello": 0})
        assert socket.receive_json()["number"] == 0
        page.gate.set()
        done(socket, 1)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "said",
    [None, 1, "step", [], [TAB, 1, "step"], [TAB, 1, "step", None, None], [TAB, 0, "step", None],
     [TAB, -1, "step", None], [TAB, True, "step", None], [TAB, 1.0, "step", None], [TAB, "1", "step", None],
     [TAB, HIGHEST + 1, "step", None], ["a", 1, "step", None], ["A" * 32, 1, "step", None],
     ["é" * 32, 1, "step", None], [None, 1, "step", None], {"page": TAB}],
)  # fmt: skip
def test_what_is_no_command_ends_the_line(browser, page, said):
    assert command_of(said) is None
    with line(browser, page.key) as socket:
        socket.send_json({"do": said})
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_json()
        assert ended.value.code == WRONG
    assert page.carried_out == []


def test_who_has_not_the_cookie_or_comes_from_elsewhere_gives_no_command(browser, page):
    for token, origin in ((None, "http://testserver"), (page.token, "http://elsewhere.example"), (page.token, None)):
        with pytest.raises(WebSocketDisconnect), line(browser, page.key, token, origin) as socket:
            order(socket, 1)
    assert page.carried_out == []


def test_what_is_too_much_at_once_is_refused_with_a_sentence_and_the_rest_is_carried_out(browser, page):
    page.gate.clear()
    with line(browser, page.key) as socket:
        order(socket, 1, "1")
        eventually(lambda: page.begun == ["1"])
        for number in range(2, WAITING + 3):
            order(socket, number, str(number))
        done(socket, WAITING + 2, TOO_MANY)
        page.gate.set()
        for number in range(1, WAITING + 2):
            done(socket, number)
    assert len(page.carried_out) == WAITING + 1


def test_a_command_that_is_not_possible_is_answered_with_a_sentence(browser, page):
    with line(browser, page.key) as socket:
        order(socket, 1, "nonsense")
        done(socket, 1, "No nonsense.")


# ---------------------------------------------------------------- the ledger


def test_the_pages_of_one_visitor_that_are_remembered_are_bounded():
    ledger, pages = Ledger(), [f"{i:032x}" for i in range(REMEMBERED + 1)]
    for page in pages:
        assert ledger.carry_out(Command(page, 5, "", None), lambda: "new") == "new"
    assert ledger.carry_out(Command(pages[-1], 5, "", None), lambda: "again") == ""
    assert ledger.carry_out(Command(pages[0], 5, "", None), lambda: "forgotten") == "forgotten"


def test_one_command_is_carried_out_at_a_time():
    ledger, at_once, most = Ledger(), [], []

    def act() -> str:
        at_once.append(1)
        most.append(len(at_once))
        at_once.pop()
        return ""

    threads = [
        threading.Thread(target=ledger.carry_out, args=(Command(TAB, number, "", None), act)) for number in range(1, 20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
