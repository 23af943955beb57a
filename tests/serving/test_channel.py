"""The live line, by Starlette's TestClient: what is told, in what order, and what a slow reader gets."""

import threading

import pytest
from starlette.websockets import WebSocketDisconnect

from core.serving import channel
from core.serving.channel import REPLACED, Look, Pace
from tests.support.numbers_page import Counter, line
from tests.support.waiting import eventually

# ---------------------------------------------------------------- what is told


def test_a_hello_is_answered_at_once_and_says_what_the_reader_had(browser, page):
    page.number = 7
    with line(browser, page.key) as socket:
        for n, have in enumerate([3, "nonsense"], 1):
            socket.send_json({"hello": have})
            assert socket.receive_json() == {"n": n, "hello": True, "number": 7, "have": 3 if n == 1 else 0}


def test_nothing_is_told_before_the_browser_says_what_it_has(browser, page):
    with line(browser, page.key) as socket:
        page.set(1)
        socket.send_json({"cursor": 5})
        eventually(lambda: page.heard)
        assert page.looks == 0
        socket.send_json({"hello": 0})
        assert socket.receive_json()["number"] == 1


def test_what_is_new_is_pushed_in_order_each_after_what_the_reader_had_before(browser, page):
    with line(browser, page.key) as socket:
        socket.send_json({"hello": 0})
        last = socket.receive_json()
        for number in range(1, 20):
            socket.send_json({"ack": last["n"]})
            page.set(number)
            told = socket.receive_json()
            assert (told["n"], told["hello"], told["number"], told["have"]) == (number + 1, False, number, number - 1)
            last = told


def test_a_reader_that_lags_gets_the_newest_and_nothing_in_between(browser, page):
    with line(browser, page.key) as socket:
        socket.send_json({"hello": 0})
        first = socket.receive_json()
        for number in range(1, 500):
            page.set(number, urgent=True)
        socket.send_json({"cursor": 1})  # heard after all that
        eventually(lambda: page.heard)
        assert page.looks == 1, "nothing is worked out for a reader who has not read"
        socket.send_json({"ack": first["n"]})
        assert socket.receive_json()["number"] == 499


def test_nothing_is_sent_if_nothing_is_new(browser, page):
    with line(browser, page.key) as socket:
        socket.send_json({"hello": 0})
        socket.send_json({"ack": socket.receive_json()["n"]})
        page.wake(urgent=True)
        eventually(lambda: page.looks == 2)
        page.set(1)
        assert socket.receive_json()["number"] == 1


def test_the_next_look_waits_its_time_but_not_if_it_is_urgent(browser, page, monkeypatch):
    monkeypatch.setattr(channel, "FASTEST", 3600.0)
    monkeypatch.setattr(channel, "SLOWEST", 3600.0)
    with line(browser, page.key) as socket:
        socket.send_json({"hello": 0})
        socket.send_json({"ack": socket.receive_json()["n"]})
        page.set(1)
        socket.send_json({"cursor": 1})
        eventually(lambda: page.heard)
        assert page.looks == 1
        page.set(2, urgent=True)
        assert socket.receive_json()["number"] == 2


def test_after_an_urgent_look_the_next_one_comes_sooner_and_the_one_after_it_waits_again(browser, page, monkeypatch):
    monkeypatch.setattr(channel, "FASTEST", 3600.0)
    monkeypatch.setattr(channel, "SLOWEST", 3600.0)
    monkeypatch.setattr(channel, "SOONER", 0.0)
    with line(browser, page.key) as socket:
        socket.send_json({"hello": 0})
        for number, urgent in ((1, True), (2, False)):
            socket.send_json({"ack": socket.receive_json()["n"]})
            page.set(number, urgent)
        last = socket.receive_json()
        assert last["number"] == 2
        socket.send_json({"ack": last["n"]})
        page.set(3)
        socket.send_json({"cursor": 1})
        eventually(lambda: page.heard)
        assert page.looks == 3


def test_what_is_not_ready_yet_is_looked_for_again(browser, page, monkeypatch):
    answers = iter([Look('{"number":1}', 1, 0.01), Look(None, 1, 0.01), Look(None, 1, 0.01), Look('{"number":2}', 2)])
    monkeypatch.setattr(page, "look", lambda have, always: next(answers))
    with line(browser, page.key) as socket:
        socket.send_json({"hello": 0})
        socket.send_json({"ack": socket.receive_json()["n"]})
        assert socket.receive_json()["number"] == 2


def test_a_line_on_which_nothing_happens_says_that_it_is_still_there(browser, page):
    with line(browser, page.key) as socket:
        socket.send_json({"still": True})
        assert socket.receive_json() == {"still": True} and page.looks == 0


def test_an_open_line_renews_the_lease_of_its_page(browser, page, pages):
    with line(browser, page.key) as socket:
        socket.send_json({"hello": 0})
        socket.receive_json()
        assert page.paces and pages.pace.readers == 1
    eventually(lambda: pages.pace.readers == 0)


def test_looks_are_shared_out_by_what_they_cost():
    pace = Pace()
    pace.readers = 1
    assert pace.seconds == channel.FASTEST
    for _ in range(200):
        pace.took(0.02)
    pace.readers = 20
    assert pace.seconds == pytest.approx(20 * 0.02 / channel.SHARE, rel=0.01)
    pace.readers = 1000
    assert pace.seconds == channel.SLOWEST


def test_two_tabs_are_told_each_what_it_shows(browser, pages):
    one, other = Counter(), Counter()
    pages.add(one)
    pages.add(other)
    one.number, other.number = 1, 2
    with line(browser, one.key) as first, line(browser, other.key) as second:
        for socket, number in ((first, 1), (second, 2)):
            socket.send_json({"hello": 0})
            assert socket.receive_json()["number"] == number
        assert pages.pace.readers == 2


def test_of_two_lines_of_one_page_the_newer_one_stays(browser, page):
    with line(browser, page.key) as old:
        old.send_json({"hello": 0})
        old.receive_json()
        with line(browser, page.key) as new:
            with pytest.raises(WebSocketDisconnect) as ended:
                old.receive_json()
            assert ended.value.code == REPLACED
            new.send_json({"hello": 0})
            socket_told = new.receive_json()
            new.send_json({"ack": socket_told["n"]})
            page.set(5)
            assert new.receive_json()["number"] == 5


def test_a_look_that_fails_ends_its_line_and_no_other(browser, pages, page, monkeypatch):
    broken = Counter()
    pages.add(broken)
    monkeypatch.setattr(broken, "look", lambda have, always: 1 / 0)
    with pytest.raises(ZeroDivisionError), line(browser, broken.key) as socket:
        socket.send_json({"hello": 0})
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()
    with line(browser, page.key) as socket:
        socket.send_json({"hello": 0})
        assert socket.receive_json()["number"] == 0


def test_waking_a_page_that_nobody_reads_any_more_is_harmless(browser, page):
    with line(browser, page.key) as socket:
        socket.send_json({"hello": 0})
        socket.receive_json()
    page.set(1)
    assert page.looks == 1


def test_many_threads_wake_a_page_and_the_newest_is_told(browser, page):
    with line(browser, page.key) as socket:
        socket.send_json({"hello": 0})
        told = socket.receive_json()
        threads = [threading.Thread(target=lambda: [page.wake() for _ in range(200)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        page.set(9)
        socket.send_json({"ack": told["n"]})
        assert socket.receive_json()["number"] == 9
