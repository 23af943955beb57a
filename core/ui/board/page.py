"""The board of a lesson, for a projector: `/board?lesson=...`. Points of those who handed in, and a QR code to join.

The points come over the live line (core/ui/board/wall.py): this script runs once.
"""

import segno
import streamlit as st

from core.config import ConfigError
from core.lessons import bundled
from core.lessons.lesson import Lesson
from core.messages import tr
from core.ui import components, language, server
from core.ui.board.wall import Wall

LONGEST_CODE = 700  # characters of a link in a QR code that can be read from a wall


def page() -> None:
    st.session_state.setdefault("wording", {"noun": "name", "V": 27})
    try:
        lesson = bundled.asked(st.query_params.get("lesson", ""))
    except ConfigError as error:
        st.info(f"{error} {tr('The address of a board ends in ?lesson=, as the lesson’s own does.')}")
        return
    base = (st.context.url or "").partition("?")[0].rstrip("/").removesuffix("/board")
    link = f"{base}/?lesson={bundled.named(lesson)}"
    wall = _wall(lesson)
    components.view(
        "board",
        {"refused": _refused},
        title=bundled.translated(lesson).title,
        goals=[goal.text for goal in lesson.goals],
        link=link,
        code=_code(link),
        line=wall.key,
        first=wall.first(),
    )


def _wall(lesson: Lesson) -> Wall:
    """This session's, which lives as long as the session does."""
    wall = st.session_state.get("wall")
    if wall is None or wall.lesson != lesson.digest:
        wall = st.session_state.wall = Wall(lesson.digest, server.boards(), language.of_page())
        server.pages().add(wall)
    return wall


def _refused() -> None:
    """The board's key is no longer known, as when the server has begun anew: this script runs, and gives another."""


def _code(link: str) -> str | None:
    """A QR code as a data URI, or None if the link is too long to be read from a wall."""
    return segno.make(link, error="m").svg_data_uri(border=2) if len(link) <= LONGEST_CODE else None


page()
