"""Values of widgets that no widget of the page can have sent: one line in the log for each visitor and minute.

Streamlit raises such an error where it reads the value, and logs all of its traceback each time.
"""

import logging
import pathlib
import time
from collections.abc import Callable
from types import TracebackType

import streamlit as st

from core.serving.visitors import COOKIE, name_of

QUIET = 60.0  # seconds between two lines about one visitor
LOGGER = "streamlit.error_util"  # which logs whatever a page's script raises
OURS = str(pathlib.Path(__file__).parent.parent)
STREAMLIT = str(pathlib.Path(st.__file__).parent)
# Functions of Streamlit's that read such a value, before the script runs or in it.
READING = ("register_widget", "get_serialized", "deserialize", "unpack_widget_state_value", "_widget_changed",
           "_compact_state")  # fmt: skip
LONGEST = 120  # characters of the error


def install() -> None:
    """From now on, once for a process."""
    logger = logging.getLogger(LOGGER)
    if not any(isinstance(known, OneLine) for known in logger.filters):
        logger.addFilter(OneLine(visitor))


def visitor() -> str:
    """Who runs this script: says nothing about the cookie. "unknown" outside of a session."""
    return name_of(st.context.cookies.get(COOKIE, ""))[:8] if st.context.cookies else "unknown"


def is_forged(traceback: TracebackType | None) -> bool:
    """Whether Streamlit failed while it read the value of a widget; not if code of ours that it called did."""
    reading = False
    while traceback:
        code = traceback.tb_frame.f_code
        if code.co_filename.startswith(OURS):
            reading = False
        elif code.co_filename.startswith(STREAMLIT) and code.co_name in READING:
            reading = True
        traceback = traceback.tb_next
    return reading


class OneLine(logging.Filter):
    """Shortens what is logged of forged values. who: tells the visitor. clock: monotonic."""

    def __init__(self, who: Callable[[], str], clock: Callable[[], float] = time.monotonic):
        super().__init__()
        self._who, self._clock = who, clock
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info and record.exc_info[1]
        if not error or not is_forged(error.__traceback__):
            return True
        who, now = self._who(), self._clock()
        # Without a lock: of two threads at the same moment both may write a line.
        said = {name: at for name, at in self._said.items() if now - at < QUIET}
        self._said = {who: now} | said
        if who in said:
            return False
        what = ascii(str(error))[:LONGEST]
        record.msg = f"Visitor {who} sent a value that no widget of the page can have ({type(error).__name__}: {what})"
        record.args, record.exc_info, record.exc_text = (), None, None
        return True
