"""core/serving/background.py: what is made while nobody waits."""

import logging
import threading

from core.serving.background import KEPT, Background, Failed
from tests.support.waiting import eventually


def test_what_was_made_is_there_later_and_the_asker_is_told():
    background, told = Background(), threading.Event()
    assert background.get("sum", 1, lambda: 41 + 1, told.set) is None
    assert told.wait(30)
    assert background.get("sum", 1, lambda: 1 / 0, told.set) == 42


def test_of_a_topic_only_the_newest_request_is_made():
    background, begun, go, made, told = Background(), threading.Event(), threading.Event(), [], threading.Event()

    def first():
        begun.set()
        assert go.wait(30)
        made.append("first")

    background.get("other", 0, first, lambda: None)
    assert begun.wait(30)
    for n in (1, 2, 3):
        background.get("topic", n, lambda n=n: made.append(n) or n, told.set)
    go.set()
    assert told.wait(30)
    assert made == ["first", 3] and background.get("topic", 3, lambda: 0, told.set) == 3


def test_what_fails_says_why_and_the_next_is_made(caplog):
    background, told = Background(), threading.Event()
    with caplog.at_level(logging.CRITICAL):
        background.get("a", 1, lambda: 1 / 0, told.set)
        assert told.wait(30)
    assert background.get("a", 1, lambda: 5, told.set) == Failed("ZeroDivisionError: division by zero")
    assert not background.get("a", 1, lambda: 5, told.set)
    told.clear()
    background.get("a", 2, lambda: 5, told.set)
    assert told.wait(30) and background.get("a", 2, lambda: 6, told.set) == 5


def test_it_keeps_only_so_much():
    background = Background()
    for n in range(KEPT + 5):
        background.get(n, n, lambda n=n: n, lambda: None)
    eventually(lambda: background.get("last", "last", lambda: True, lambda: None))
    assert len(background._made) == KEPT
