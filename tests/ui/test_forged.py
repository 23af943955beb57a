"""core/ui/forged.py: what the log says of values that no widget can have sent."""

import logging
import sys

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.common import WidgetMetadata

from core.config import Config, ConfigError
from core.ui.forged import LOGGER, QUIET, OneLine, install, is_forged
from tests.support.waiting import FakeClock


def record(act) -> logging.LogRecord:
    """What is logged when `act()` raises."""
    try:
        act()
    except Exception:
        return logging.LogRecord(LOGGER, logging.ERROR, "", 0, "Uncaught app execution", (), sys.exc_info())
    raise AssertionError("it raises nothing")


def read(deserializer) -> None:
    """As Streamlit does when a page's script draws the widget."""
    state = SessionState()
    state._new_widget_state.set_widget_from_proto(WidgetState(id="a", string_value="forged\n" * 100))
    metadata = WidgetMetadata("a", deserializer, lambda value: value, "string_value")
    state.register_widget(metadata, None)


def read_before_the_script(kind: str, value: str) -> None:
    """As Streamlit does of a widget that was drawn before, to see whether it has changed."""
    state = SessionState()
    state._set_widget_metadata(WidgetMetadata("a", int, lambda value: value, kind))
    state._new_widget_state.set_widget_from_proto(WidgetState(id="a", **{kind: value}))
    state.on_script_will_rerun(WidgetStates(widgets=[WidgetState(id="a", **{kind: value})]))


def ours(value) -> None:
    Config(n_hidden=-1)


@pytest.fixture
def one_line():
    clock, who = FakeClock(), ["ada"]
    return OneLine(lambda: who[0], clock), clock, who


def test_a_forged_value_is_one_short_line_for_each_visitor_and_minute(one_line):
    rule, clock, who = one_line
    first = record(lambda: read(int))
    assert is_forged(first.exc_info[2]) and rule.filter(first)
    assert first.getMessage().startswith("Visitor ada sent a value that no widget of the page can have (ValueError: ")
    assert first.exc_info is None and "\n" not in first.getMessage() and len(first.getMessage()) < 250
    assert not any(rule.filter(record(lambda: read(int))) for _ in range(50))
    who[0] = "bob"
    assert rule.filter(record(lambda: read(int)))
    clock.now += QUIET + 1
    assert rule.filter(record(lambda: read(int))) and len(rule._said) == 1


@pytest.mark.parametrize(("kind", "value"), [("string_value", "forged"), ("json_value", "{")])
def test_so_is_one_that_is_read_before_the_script_runs(one_line, kind, value):
    found = record(lambda: read_before_the_script(kind, value))
    assert one_line[0].filter(found) and found.exc_info is None


@pytest.mark.parametrize("act", [lambda: ours(1), lambda: read(ours), lambda: 1 / 0])
def test_errors_of_our_own_keep_their_traceback(one_line, act):
    rule, _, _ = one_line
    for _ in range(2):
        found = record(act)
        assert found.exc_info[0] in (ConfigError, ZeroDivisionError)
        assert rule.filter(found) and found.exc_info and found.getMessage() == "Uncaught app execution"


def test_it_is_installed_once():
    logger = logging.getLogger(LOGGER)
    before = [*logger.filters]
    install()
    install()
    added = [known for known in logger.filters if known not in before]
    assert len(added) <= 1 and sum(isinstance(known, OneLine) for known in logger.filters) == 1
    for known in added:
        logger.removeFilter(known)
