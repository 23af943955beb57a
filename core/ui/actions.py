"""Callbacks of Streamlit's controls, named after their labels; those of the bar are in core/ui/explore/commands.py."""

from collections.abc import Callable
from urllib.parse import parse_qsl

import streamlit as st

from core.config import FEWEST_WORDS, MOST_WORDS, PRESET_WORDS, PRESETS, WORD_PRESETS
from core.data.corpus import WORD
from core.data.plain import is_whole
from core.keeping import link, runfile
from core.messages import tr
from core.ui import components, lesson, server
from core.ui.explore import commands
from core.ui.explore.knobs import presets
from core.ui.session import (
    begin_on,
    bring_back,
    client,
    key,
    library,
    list_with,
    live,
    visit,
    visitor_name,
    with_vocabulary,
)  # fmt: skip

# ---------------------------------------------------------------- knobs


def on_change(name: str, act: Callable, *args) -> dict:
    """Arguments of the widget of a knob, "preset" or "words": `act(*args)` when a person changes it."""
    return {"key": key(name), "on_change": _changed, "args": (name, key(name), act, *args)}


def _changed(name: str, drawn_under: str, act: Callable, *args) -> None:
    """Ignore events of a widget that has been replaced, as the browser may still send its old value, and of one that
    the lesson keeps as it is."""
    if drawn_under == key(name) and not lesson.fixed(name):
        act(*args)


def choose_preset() -> None:
    name = st.session_state[key("preset")]
    if name is not None:
        live().to_own_run()
        corpus = client().snapshot.corpus
        of_words = lambda: corpus if corpus.level == WORD else server.english()
        if name in PRESET_WORDS:
            begin_on(WORD_PRESETS[name], with_vocabulary(of_words(), PRESET_WORDS[name]))
        elif name in presets(corpus):
            client().reset(presets(corpus)[name])
        elif name in WORD_PRESETS:
            begin_on(WORD_PRESETS[name], of_words())
        elif name in PRESETS:
            begin_on(PRESETS[name], server.names())


def change_cold(name: str) -> None:
    """Start a new run for a knob that needs new weights."""
    commands.change(live(), **{name: st.session_state[key(name)]})


def change_vocabulary() -> None:
    """A new run on the same text with another number of words; it trains if the old run was training."""
    shown, most = client().snapshot, st.session_state[key("vocabulary")]
    if shown.corpus.level != WORD or not is_whole(most, FEWEST_WORDS, MOST_WORDS):
        return
    live().to_own_run()
    begin_on(shown.config, with_vocabulary(shown.corpus, most))


def change_live(name: str) -> None:
    live().to_own_run()
    client().set(**{name: st.session_state[key(name)]})


# ---------------------------------------------------------------- buttons


def go_on() -> None:
    """Continue the run that was training when the server stopped, or when the visitor's lease ended."""
    state = st.session_state
    if state.interrupted:
        live().to_own_run()
        if client().snapshot.id == state.brought_back or bring_back():
            client().start()
        else:
            problem = client().snapshot.problem
            live().notes = [problem or tr("This run cannot be opened now; its words may not be on this server.")]
            return
        state.interrupted = None


def leave_it() -> None:
    """Do not offer the interrupted run again; it stays in the library."""
    st.session_state.interrupted = None
    library().settle(visitor_name())


def load_run() -> None:
    """Open an uploaded run file, paused at its last step; a note says why if it is not valid."""
    file = st.session_state.upload
    if file is None:
        return
    try:
        saved = runfile.from_bytes(file.getvalue())
    except runfile.RunFileError as error:
        live().notes = [str(error)]
        return
    live().to_own_run()
    before = client().snapshot.number
    shown = client().resume(saved, words=list_with(saved.digest, saved.most))
    live().notes = [shown.problem] if shown.number == before and shown.problem else []


def dismiss_notes() -> None:
    live().notes = []


# ---------------------------------------------------------------- events of the page's JavaScript


def go_back() -> None:
    """Open the run of the URL after a "back" or "forward" in the browser's history."""
    query = components.received("time", "visit")
    if isinstance(query, str):
        visit(*link.parse(dict(parse_qsl(query[: link.MAX_LINK + 1], keep_blank_values=True))))


def redraw() -> None:
    """The controls show another state of the run than the live line: nothing to do but draw the page."""


def renew_line() -> None:
    """The live line was refused, as by a browser whose cookie was deleted meanwhile."""
    server.pages().change_key(live())


HANDLERS = {"visit": go_back, "redraw": redraw, "refused": renew_line}
