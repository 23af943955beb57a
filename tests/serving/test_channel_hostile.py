"""The live line, by Starlette's TestClient: who may speak on it, and what is not taken from them."""

import pytest
from starlette.websockets import WebSocketDisconnect

from core.serving import incoming
from core.serving.channel import WRONG
from core.serving.incoming import BURST, LONGEST, Allowance, parsed, same_origin
from tests.support.numbers_page import ORIGIN, TOKEN, Counter, line
from tests.support.waiting import FakeClock

# ---------------------------------------------------------------- who may speak


@pytest.mark.parametrize(
    ("token", "origin"),
    [
        (None, ORIGIN), ("u" * 32, ORIGIN), (TOKEN, None), (TOKEN, "http://elsewhere.example"), (TOKEN, "null"),
        (TOKEN, "http://testserver.elsewhere.example"), (TOKEN, "http://testserver:81"), (TOKEN, "http://[testserver"),
    ],
)  # fmt: skip
def test_who_has_not_the_cookie_of_the_page_or_comes_from_elsewhere_is_refused(browser, page, token, origin):
    with pytest.raises(WebSocketDisconnect), line(browser, page.key, token, origin):
        pass
    assert page.looks == 0


def test_nobody_knows_a_page_without_its_key_or_after_it_was_closed(browser, pages):
    page = Counter()
    pages.add(page)
    key = page.key
    assert len(key) == 32
    del page
    for wrong in ("", "x" * 32, key):
        with pytest.raises(WebSocketDisconnect), line(browser, wrong):
            pass


def test_a_page_that_was_opened_without_a_cookie_needs_only_its_key(browser, pages):
    page = Counter(token=None)
    pages.add(page)
    with line(browser, page.key, token=None) as socket:
        socket.send_json({"hello": 0})
        assert socket.receive_json()["number"] == 0


def test_a_page_whose_cookie_is_gone_is_found_by_another_key_and_no_longer_by_the_old_one(browser, pages, page):
    old = page.key
    pages.change_key(page)
    assert len(page.key) == 32 and page.key != old
    for token in (TOKEN, None):
        with pytest.raises(WebSocketDisconnect), line(browser, old, token):
            pass
        with line(browser, page.key, token) as socket:
            socket.send_json({"hello": 0})
            assert socket.receive_json()["number"] == 0


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [("https://a.example", "a.example", True), ("http://A.example:8501", "a.example:8501", True),
     ("https://a.example", "b.example", False), (None, "a.example", False), ("https://a.example", None, False),
     ("a.example", "a.example", False), ("https://u@a.example", "a.example", False)],
)  # fmt: skip
def test_the_same_origin_is_the_one_with_the_same_host(origin, host, same):
    assert same_origin(origin, host) is same


# ---------------------------------------------------------------- what comes in


@pytest.mark.parametrize(
    "said",
    ["", "no JSON", "[]", "7", "null", "{}", '{"cursor":1,"hello":0}', '{"train":1}', '{"ack":1}', '{"ack":-1}',
     '{"ack":true}', '{"ack":0.0}', '{"ack":null}', "[" * LONGEST, '{"cursor":"' + "x" * LONGEST + '"}'],
)  # fmt: skip
def test_who_says_what_is_not_allowed_is_cut_off(browser, page, said):
    with line(browser, page.key) as socket:
        socket.send_text(said)
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_json()
        assert ended.value.code == WRONG


def test_bytes_are_not_allowed_either(browser, page):
    with line(browser, page.key) as socket:
        socket.send_bytes(b'{"hello":0}')
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()


def test_who_talks_too_much_is_cut_off(browser, page):
    with line(browser, page.key) as socket:
        with pytest.raises(WebSocketDisconnect) as ended:
            for _ in range(50 * int(BURST)):
                socket.send_json({"cursor": 1})
            socket.receive_json()
        assert ended.value.code == WRONG
    assert len(page.heard) < 2 * BURST + incoming.RATE * 30


def test_an_allowance_is_a_rate_and_a_burst():
    clock = FakeClock()
    allowance = Allowance(clock)
    assert all(allowance.take() for _ in range(int(BURST))) and not allowance.take()
    clock.now += 10 / incoming.RATE
    assert sum(allowance.take() for _ in range(50)) in (9, 10)


@pytest.mark.parametrize("text", ['{"a":NaN}', '{"a":1e999}', '{"a":' + "[" * 2000 + "]" * 2000 + "}"])
def test_numbers_and_nesting_that_no_browser_sends_are_harmless(text):
    said = parsed(text)
    assert said is None or said[0] == "a"
