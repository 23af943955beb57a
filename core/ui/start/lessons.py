"""Lessons on “Start here”: those that come with the program, one from a file, and an editor for one's own."""

import streamlit as st

from core.config import KNOB, ConfigError
from core.data.corpus import CHARACTER
from core.keeping.link import DIGITS
from core.lessons import bundled
from core.lessons.goals import NUMBERS
from core.lessons.lesson import FREE, HIDDEN, MAX_JSON, Lesson
from core.lessons.predict import ASKED, LOSS
from core.lessons.tour import EXPLORE
from core.messages import mark, tr
from core.ui import components, lesson, server, session
from core.ui.start import tour

QUESTIONS = 2  # rows of the editor
NO_QUESTION, NOTHING = "", mark("nothing")
SHORT = "learning_rate", "speed"  # what is free at first
GOALS = mark(
    "Of {names}: a loss such as “dev < 2.17”, the first loss as “first within 0.05 of 3.2958”, or “apart < 1000” for "
    "vowels that are better apart than chance before step 1,000."
)


def draw() -> None:
    lessons = [bundled.bundled(key) for key in bundled.KEYS]
    mine = lesson.attempt()
    components.view(
        "lessons",
        {"start": _start},
        lessons=[
            {
                "title": tr(one.title),
                "about": tr(one.cards[0]),
                "goals": [goal.text for goal in one.goals],
                "open": bool(mine) and mine.lesson == one,
            }
            for one in lessons
        ],
    )
    with st.expander(tr("Make a lesson of the run that you have open")):
        _editor()
    with st.expander(tr("Open a lesson from a file")):
        st.file_uploader(
            tr("A lesson that was downloaded here"),
            type=["json"],
            key="lesson_file",
            on_change=_upload,
            max_upload_size=1,
        )
        if st.session_state.get("lesson_refused"):
            st.text(st.session_state.lesson_refused)


def _start() -> None:
    index = components.received("lessons", "start")
    if index in range(len(bundled.KEYS)) and not isinstance(index, bool):
        _open(bundled.bundled(bundled.KEYS[index]))


def _open(one: Lesson) -> None:
    lesson.open_lesson(one)
    tour.tour().going = EXPLORE


def _upload() -> None:
    file = st.session_state.lesson_file
    st.session_state.lesson_refused = ""
    if file is None:
        return
    try:
        _open(Lesson.read(file.getvalue()[: MAX_JSON + 1]))
    except ConfigError as error:
        st.session_state.lesson_refused = str(error)


# ---------------------------------------------------------------- the editor


def _editor() -> None:
    shown = session.client().snapshot
    if shown.corpus.level != CHARACTER:
        st.text(tr("Lessons are about characters. Choose a preset of characters on Explore first."))
        return
    st.caption(tr("It starts from your run’s settings and words, at step 0."))
    with st.form("lesson_editor", border=False):
        st.text_input(tr("Title"), key="made_title", max_chars=80, placeholder=tr("Beat 2.2 with a small network"))
        st.text_area(tr("Cards, with an empty line between two"), key="made_cards", height=120)
        for label, of, chosen, key in (
            (tr("What may be changed"), FREE, SHORT, "made_free"),
            (tr("What is hidden"), HIDDEN, (), "made_hide"),
        ):
            named = lambda name, of=of: tr(of[name])
            st.multiselect(label, of, list(chosen), format_func=named, key=key, placeholder=tr("Choose options"))
        st.text_area(
            tr("Goals, one a line"), key="made_goals", height=80, placeholder="dev < 2.2\nparameters < 12000",
            help=tr(GOALS, names=", ".join(NUMBERS)),
        )  # fmt: skip
        st.text_area(tr("Hints, one a line"), key="made_hints", height=80)
        for row in range(QUESTIONS):
            _question(row)
        st.form_submit_button(tr("Make the lesson"), on_click=_make)
    _made()


def _question(row: int) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.selectbox(
            tr("To be predicted ({n})", n=row + 1), [NO_QUESTION, *ASKED], key=f"made_ask_{row}",
            format_func=lambda ask: tr(ASKED.get(ask, NOTHING)),
        )  # fmt: skip
        st.text_input(tr("Letter"), key=f"made_letter_{row}", max_chars=16, width=90)
        st.number_input(tr("At step"), 0, KNOB["steps"].high, 1_000, key=f"made_step_{row}", width=140)
        st.text_input(tr("Why, shown with the answer"), key=f"made_why_{row}", max_chars=600)


def _make() -> None:
    """The lesson that the form says, or the sentence that says what is wrong with it."""
    state = st.session_state
    try:
        made = _written(state, session.client().snapshot)
        made.link  # noqa: B018 (refused here if it is too long)
    except ConfigError as error:
        state.lesson_made = str(error)
    else:
        state.lesson_made = made


def _written(state, shown) -> Lesson:
    lines = lambda name: [line for line in state[name].splitlines() if line.strip()]
    asked = [row for row in range(QUESTIONS) if state[f"made_ask_{row}"] != NO_QUESTION]
    digest = "" if shown.corpus.digest == server.names().digest else shown.corpus.digest[:DIGITS]
    return Lesson.of(
        {
            "title": state.made_title,
            "cards": [part for part in state.made_cards.split("\n\n") if part.strip()],
            "start": shown.config.to_dict(),
            "words": digest,
            "free": state.made_free,
            "hide": state.made_hide,
            "goals": lines("made_goals"),
            "hints": lines("made_hints"),
            "questions": [_row(state, row) for row in asked],
        }
    )


def _row(state, row: int) -> dict:
    ask = state[f"made_ask_{row}"]
    letter = {} if ask == LOSS else {"letter": state[f"made_letter_{row}"].strip()}
    return {"ask": ask, "step": int(state[f"made_step_{row}"]), "why": state[f"made_why_{row}"].strip(), **letter}


def _made() -> None:
    made = st.session_state.get("lesson_made")
    if isinstance(made, str):
        st.text(made)
    elif made:
        base = (st.context.url or "").partition("?")[0].rstrip("/").removesuffix("/start")
        st.caption(
            tr("The link of “{title}”, for the class, and that of its board, for the projector:", title=made.title)
        )
        st.code(f"{base}/?lesson={made.link}", language=None, wrap_lines=True)
        st.code(f"{base}/board?lesson={made.link}", language=None, wrap_lines=True)
        with st.container(horizontal=True, gap="small"):
            st.download_button(tr("Download"), made.json(2), "lesson.json", key="lesson_download", on_click="ignore")
            st.button(tr("Open it"), key="lesson_open", on_click=_open, args=(made,))
