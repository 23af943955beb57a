"""The board of a lesson, for a projector: `/board?lesson=...`. Points of those who handed in, and a QR code to join."""

import segno
import streamlit as st

from core.config import ConfigError
from core.lessons import bundled
from core.lessons.lesson import Lesson
from core.messages import tr
from core.serving.boards import frontier
from core.ui import components, server

EVERY = 1.0  # seconds between two looks
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
    st.fragment(_points, run_every=EVERY, key="points")(lesson, link, _code(link))


def _code(link: str) -> str | None:
    """A QR code as a data URI, or None if the link is too long to be read from a wall."""
    return segno.make(link, error="m").svg_data_uri(border=2) if len(link) <= LONGEST_CODE else None


def _points(lesson: Lesson, link: str, code: str | None) -> None:
    points = server.boards().points(lesson.digest)
    components.view(
        "board",
        title=bundled.translated(lesson).title,
        goals=[goal.text for goal in lesson.goals],
        points=[[point.parameters, round(point.dev, 4), point.met] for point in points],
        frontier=[[point.parameters, round(point.dev, 4)] for point in frontier(points)],
        link=link,
        code=code,
    )


page()
