"""The Explore page: controls and panels.

What changes during training comes over the live line (core/ui/explore/live.py) and not from here. All panels draw
from what it brought (assets/page/common/time.js), at any step. This script runs again when the controls change.
"""

from contextlib import suppress
from itertools import combinations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analysis.timeline import Axes
from core.config import SPEEDS
from core.data.corpus import WORD
from core.engine.snapshot import Snapshot
from core.messages import mark, one_word, tr
from core.plots.letters import letters_figure, letters_note
from core.ui import actions, components, lesson, server, session, typed
from core.ui.explore import below, caption, network, present, share, sidebar, words
from core.ui.explore.asking import HIGHEST, LOWEST, TEMPERATURE
from core.ui.explore.live import Drawn

SPEED_LABELS = {name: name.replace("x", "×") if name[1:].isdigit() else name for name in SPEEDS}

# by what one of the words is called
BEFORE = {
    "name": mark("The characters before the next one. Leave it empty for the start of a name."),
    "word": mark("The characters before the next one. Leave it empty for the start of a word."),
}
SPELLED = {
    "name": (mark("Name"), mark("type a name"), mark("Any name with characters that occur in the data.")),
    "word": (mark("Word"), mark("type a word"), mark("Any word with characters that occur in the data.")),
}


def page() -> None:
    session.begin()
    seen = session.show_config()  # before anything is drawn: what changes meanwhile is drawn again
    components.present()
    present.draw()
    sidebar.title()
    shown = session.snapshot()
    with st.container(key="controls", horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(key="transport", width="stretch"):
            components.view("bar", speeds={name: one_word("speed", label) for name, label in SPEED_LABELS.items()})
        share.draw(shown)
    _interrupted()
    _notes()
    lesson.draw(shown)
    if shown.corpus.level == WORD:
        words.draw(shown)
        _live(st.container(key="time"), shown, seen)
    else:
        _map_and_panels(shown, seen)
    sidebar.knobs()  # many widgets, which the letters do not wait for


def _map_and_panels(shown: Snapshot, seen: str) -> None:
    left, right = st.columns([1.62, 1], gap="small")
    _live(st.container(key="time"), shown, seen)  # below them, but first: they draw what it brings
    with left, st.container(key="letters", border=True, gap=None):
        if not lesson.attempt():
            network.draw(shown)
        caption.draw()
        with st.container(key="map", gap=None):
            _letters(shown)
    with right:
        _panels(shown)
    if not lesson.hides("below"):
        below.draw()
    with suppress(OSError):  # whoever touches a letter is told then
        server.landscapes().ready()


def _interrupted() -> None:
    """Offer to continue a run that was training when the server stopped or the visitor left."""
    row = st.session_state.interrupted
    if row:
        with st.container(key="interrupted", border=True, horizontal=True, vertical_alignment="center"):
            asked = mark("Your run “{name}” was interrupted at step {step:,}. Continue?")
            st.text(tr(asked, name=row.name, step=row.step), width="stretch")
            st.button(tr("Continue"), key="go_on", icon=":material/play_arrow:", on_click=actions.go_on)
            st.button(tr("Not now"), key="leave_it", on_click=actions.leave_it)


def _notes() -> None:
    """Notes about a link or file that could not be used as it was."""
    notes = session.live().notes
    if notes:
        with st.container(key="notes", border=True, horizontal=True, vertical_alignment="center"):
            st.text(" ".join(map(tr, notes)), width="stretch")
            st.button("OK", key="got_it", on_click=actions.dismiss_notes)


# ---------------------------------------------------------------- panels


def _letters(shown: Snapshot) -> None:
    n_embd, axes = shown.config.n_embd, session.axes(shown)
    figure = letters_figure(shown.corpus.shown, n_embd, shown.number, axes, shown.corpus.noun)
    note = letters_note(n_embd, axes)
    choice = n_embd > 2
    components.view("letters", figure=figure, **shown.corpus.shown.for_script, note=note, choice=choice)
    if choice:
        choices: list[Axes] = [(), *([(0, 1, 2)] if n_embd == 3 else []), *combinations(range(n_embd), 2)]
        st.session_state.axes = axes
        st.selectbox(
            tr("What is drawn"), choices, key="axes", format_func=_axes_name, label_visibility="collapsed",
            help=tr("PCA: the plane in which the letters differ most. Or two raw dimensions of the embedding."),
        )  # fmt: skip


def _axes_name(axes: Axes) -> str:
    if not axes:
        return "PCA"
    return "3-D" if len(axes) == 3 else tr("dim {one}, {other}", one=axes[0] + 1, other=axes[1] + 1)


def _panels(shown: Snapshot) -> None:
    """Loss, names, next characters, the visitor's own name: the parts that do not change in training, and inputs."""
    with st.container(key="loss", border=True, gap=None):
        components.view("loss")
        with st.container(key="loss_options", horizontal=True, gap="small"):
            st.toggle(tr("Linear"), key="linear", help=tr("A linear axis of steps instead of a logarithmic one."))
            st.toggle(tr("4-gram"), key="four_gram", help=tr("Also show the count model that sees three characters."))
    if not lesson.hides("names"):
        _names()
    if not lesson.hides("bars"):
        _bars(shown)
    if not lesson.hides("spelling"):
        _spelling(shown)


def _names() -> None:
    with st.container(key="names", border=True, gap=None):
        components.view("names")
        st.slider(tr("Temperature"), LOWEST, HIGHEST, step=0.1, key=TEMPERATURE, on_change="ignore",
                  help=tr("Below 1: likely characters become more likely. Above 1: rare characters do."))  # fmt: skip


def _bars(shown: Snapshot) -> None:
    with st.container(key="bars", border=True, gap=None):
        components.view("bars")
        with st.container(key="context"):
            st.text_input(
                tr("Context"), key=typed.key(shown.corpus, "context"), label_visibility="collapsed",
                max_chars=typed.most(shown.vocabulary), placeholder=tr("(start)"), on_change="ignore",
                help=tr(BEFORE[shown.corpus.noun]),
            )  # fmt: skip


def _spelling(shown: Snapshot) -> None:
    label, asks, help = SPELLED[shown.corpus.noun]
    with st.container(key="spelling", border=True, gap=None):
        components.view("spelling")
        with st.container(key="name"):
            st.text_input(
                tr(label), key=typed.key(shown.corpus, "name"), label_visibility="collapsed",
                max_chars=typed.most(shown.vocabulary), placeholder=tr(asks), on_change="ignore",
                help=tr(help),
            )  # fmt: skip


def _live(place: DeltaGenerator, shown: Snapshot, seen: str) -> None:
    """The time bar, which holds the page's end of the live line. seen: what the script draws."""
    state, asks = st.session_state, session.ask(shown)
    session.live().show(Drawn(shown.number, session.axes(shown), state.linear, state.four_gram, state.present))
    first = None
    if not state.begun:  # so that nothing has to be asked for before the letters can be drawn
        first, state.begun = session.live().first(), True
    with place:  # whose wrapper pins the bar
        drawn = {"line": session.live().key, "seen": seen, "asks": asks, "knobs": session.sliders()}
        components.view("time", actions.HANDLERS, first=first, **drawn)


page()
