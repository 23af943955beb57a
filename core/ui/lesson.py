"""A lesson that a visitor has open: it sets the scene once, and then says what may be changed, and what is asked.

The attempt is the visitor's, not the session's: a reload or a second tab finds it again.
"""

import streamlit as st

from core.config import Config, ConfigError
from core.data.corpus import CHARACTER
from core.data.plain import is_whole, plain
from core.engine.snapshot import Snapshot
from core.keeping import link
from core.keeping.points import Point
from core.keeping.proof import Claim
from core.lessons import bundled
from core.lessons.attempt import Attempt
from core.lessons.lesson import Lesson
from core.lessons.predict import LOSS
from core.messages import mark, tr
from core.ui import components, server, session

# While a loss that the page would show is to be predicted. A rule of the page goes when the lesson does.
HIDE_LOSSES = """<style>
.ls-train b, .ls-dev b, .st-key-caption, .st-key-loss > * {{ visibility: hidden !important; }}
.st-key-loss_options * {{ visibility: hidden !important; }}
.st-key-loss::before {{ content: "{says}"; }}
</style>"""
SHOWN_LATER = mark("The losses are shown once you have predicted.")


def attempt() -> Attempt | None:
    return st.session_state.visitor.attempt


def hides(what: str) -> bool:
    """Whether the lesson leaves out this page or panel."""
    return bool(attempt()) and what in attempt().lesson.hide


def fixed(name: str) -> bool:
    """Whether the lesson keeps this knob, "words", "vocabulary", "preset" or "speed" as it is."""
    return session.live().keeps(name)


# ---------------------------------------------------------------- opening and closing


def of_url() -> None:
    """In a new session: open the lesson of the URL, unless the visitor has it open already."""
    text = "" if "lesson_asked" in st.session_state else st.query_params.get("lesson", "")
    st.session_state.lesson_asked = True
    if not text:
        return
    try:
        lesson = bundled.asked(text)
    except ConfigError as error:
        session.live().notes = [*session.live().notes, str(error)]
        return
    mine = attempt()
    if mine and mine.lesson == lesson:
        return
    alone = link.parse(st.query_params.to_dict())[0] == link.Link()  # else the URL has a run of this lesson
    open_lesson(lesson) if alone else _take(lesson)


def open_lesson(lesson: Lesson) -> None:
    """Start the lesson's run; the one before can be had back by Undo."""
    words = session.list_with(lesson.words) if lesson.words else server.names()
    if words is None or words.level != CHARACTER:
        gone = tr("The lesson’s words ({words}) are not on this server.", words=plain(lesson.words))
        session.live().notes = [*session.live().notes, gone]
        return
    _take(lesson)
    session.live().to_own_run()
    session.begin_on(lesson.start, words)


def _take(lesson: Lesson) -> None:
    st.session_state.visitor.attempt = Attempt(lesson)


def close() -> None:
    st.session_state.visitor.attempt = None


# ---------------------------------------------------------------- the strip over the page


def draw(shown: Snapshot) -> None:
    mine = attempt()
    if not mine:
        return
    lesson, texts, vocabulary = mine.lesson, bundled.translated(mine.lesson), shown.vocabulary
    waiting = mine.open_questions(vocabulary, shown.config.n_embd)
    if any(lesson.questions[i].ask == LOSS and lesson.questions[i].step <= shown.step for i in waiting):
        st.html(HIDE_LOSSES.format(says=tr(SHOWN_LATER)))
    components.view(
        "lesson",
        {"predict": predict, "leave": close, "begin": again, "handin": hand_in},
        title=texts.title,
        cards=texts.cards,
        hints=texts.hints,
        goals=[goal.text for goal in lesson.goals],
        questions=[
            {
                "ask": one.ask,
                "text": one.text,
                "why": texts.questions[i].why,
                "letter": one.letter,
                "said": _said(mine, i, shown),
            }
            for i, one in enumerate(lesson.questions)
        ],
        waiting=waiting[:1],
        letters=[vocabulary.label(i) for i in range(len(vocabulary))],
        problem=st.session_state.pop("lesson_problem", ""),
        answer=mine.answer,
        board=f"board?lesson={bundled.named(lesson)}",
    )


def _said(mine: Attempt, index: int, shown: Snapshot):
    said = mine.said.get(index)
    if isinstance(said, int) and said < len(shown.vocabulary):
        return shown.vocabulary.label(said)
    return said if not isinstance(said, float) else f"{said:.2f}"


def predict() -> None:
    said, mine, shown = components.received("lesson", "predict"), attempt(), session.client().snapshot
    if not mine or not isinstance(said, dict) or not is_whole(said.get("index"), 0, len(mine.lesson.questions) - 1):
        return
    try:
        mine.predict(said["index"], said.get("value"), shown.vocabulary)
    except ConfigError as error:
        st.session_state.lesson_problem = str(error)


def again() -> None:
    """Back to the lesson's start, with the predictions that were made."""
    mine = attempt()
    if mine:
        open_lesson(mine.lesson)
        st.session_state.visitor.attempt = Attempt(mine.lesson, dict(mine.said))


def hand_in() -> None:
    """The run's link with its losses and a proof, for the visitor to copy; and a point on the lesson's board."""
    mine, shown = attempt(), session.client().snapshot
    if not mine:
        return
    try:
        claim = Claim.of(shown, shown.corpus.name, shown.corpus.digest)
    except ConfigError as error:
        st.session_state.lesson_problem = str(error)
        return
    page = (st.context.url or "").partition("?")[0].rstrip("/") + "/"
    mine.answer = claim.written(page)
    met = all(mine.look(shown, session.live().frames()[1], shown.vocabulary)["met"])
    kept = not mine.lesson.changed(Config(**shown.history.config), shown.history.changes, shown.corpus.digest)
    point = Point(shown.parameter_count, shown.exact[2], met and kept)
    server.boards().add(mine.lesson.digest, session.visitor_name(), point)
