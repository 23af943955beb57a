"""What is asked of the network by what stands in Streamlit's inputs, over the live line: core/ui/explore/asking.py."""

import math

import pytest

from core.data.corpus import Corpus
from core.ui import server, typed
from core.ui.explore.asking import TEMPERATURE, parse_question
from tests.support.visitor import Visitor


@pytest.fixture
def visitor():
    visitor = Visitor()
    yield visitor
    visitor.client.stop()


def names() -> Corpus:
    return server.names()


def key(what: str) -> str:
    return typed.key(names(), what)


def test_what_is_typed_is_answered_and_no_script_has_to_run(visitor):
    keys, before = visitor.view("time")["asks"], visitor.told
    assert keys == [TEMPERATURE, key("context"), key("name")]
    assert visitor.live.hear("question", {TEMPERATURE: 0.2, key("context"): "QU", key("name"): " Zoë"})
    told = visitor.told
    assert told["asked"] == before["asked"] + 1 and told["seen"] == before["seen"] == visitor.view("time")["seen"]
    shows = told["question"]
    assert (shows["bars"]["context"], shows["network"]["context"]) == (".qu", [0, 17, 21])
    assert shows["spelling"]["characters"] == [] and "ë" in shows["spelling"]["problem"]
    assert told["head"]["words"] != before["head"]["words"] and "letters" not in told["head"]
    visitor.live.hear("question", {TEMPERATURE: 0.2, key("context"): "qu", key("name"): "zoe"})
    assert len(visitor.head["letters"]) == 4 and visitor.asked("bars")["context"] == ".qu"


def test_a_script_that_runs_before_the_input_is_left_changes_nothing(visitor):
    visitor.live.hear("question", {key("context"): "qu"})
    visitor.look()  # as after a command in another tab; Streamlit does not know yet what stands in the input
    assert visitor.control("Context").value == "em" and visitor.asked("bars")["context"] == ".qu"
    visitor.press("New seed")
    assert visitor.asked("bars")["context"] == ".qu"
    assert visitor.live.broadcast.question.seed == visitor.snapshot.config.seed


@pytest.mark.parametrize("said", [None, 1, "qu", [], ["temperature", 1], {"Temperature": 1.0}, {"context": "a"}, {}])
def test_what_is_no_question_asks_what_the_page_had(visitor, said):
    asked = visitor.told["asked"]
    assert visitor.live.hear("question", said)
    assert visitor.told["asked"] == asked and visitor.asked("bars")["context"] == ".em"


@pytest.mark.parametrize("hot", [None, "1", True, 0, -1, 0.1, 2.1, 10**400, math.nan, math.inf, [1.0]])
def test_a_temperature_is_one_that_the_slider_has(hot):
    assert parse_question({TEMPERATURE: hot}, names()) == {}


def test_every_temperature_of_the_slider_is_taken():
    assert [parse_question({TEMPERATURE: hot}, names()) for hot in (0.2, 1, 2.0)] == [
        {TEMPERATURE: hot} for hot in (0.2, 1.0, 2.0)
    ]


@pytest.mark.parametrize("text", ["\ud800", "\0", "\u202e", "a" * 4000, "e\u0301" * 999, "<b>x</b>", "7", " ", "$x$"])
def test_any_text_is_a_context_and_a_name_or_is_refused_with_a_sentence(visitor, text):
    visitor.live.hear("question", {key("context"): text, key("name"): text})
    shows = visitor.told["question"]
    for panel in (shows["bars"], shows["spelling"]):
        assert panel["problem"] is None or (panel["problem"].endswith(".") and len(panel["problem"]) < 200)
    assert len(shows["bars"]["context"]) == 3 and len(shows["spelling"]["characters"]) <= typed.LONGEST + 1
