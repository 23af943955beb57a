"""The sidebar: presets, words and all knobs, drawn from the table in core/config.py."""

import html

import streamlit as st

from core.config import KNOBS, PRESETS, WORD_PRESETS, Knob
from core.data.corpus import WORD
from core.messages import tr
from core.plots import panels
from core.ui import actions, lesson, session
from core.ui.data import words
from core.ui.explore.commands import FIXED
from core.ui.explore.knobs import changes_over_the_line, stops

SIZES = 500, 1_000, 2_000, 5_000, 10_000, 17_000  # of a vocabulary of words


def title() -> None:
    said = html.escape(tr("Watch a neural language model learn the alphabet"))
    with st.sidebar:
        st.html(f"<div class='ls-brand'><h1>Letterspace</h1><p>{said}</p></div>")


def knobs() -> None:
    with st.sidebar:
        if not lesson.attempt():
            _presets()
        _section(tr("Model"), tr("changing it starts a new run"))
        _words()
        if session.client().snapshot.corpus.level == WORD:
            _vocabulary()
        _draw(knob for knob in KNOBS if not knob.more and not knob.live)
        _section(tr("Training"), tr("can change while training"))
        _draw(knob for knob in KNOBS if not knob.more and knob.live)
        with st.expander(tr("More")):
            _draw(knob for knob in KNOBS if knob.more)
        sizes = panels.sizes(session.client().snapshot)
        layers = "".join(f"<li><b>{name}</b> {count:,}</li>" for name, count in sizes.items())
        total = tr("{count:,} parameters", count=sum(sizes.values()))
        st.html(f"<div class='ls-sizes'><b>{total}</b><ul>{layers}</ul></div>")


def _section(name: str, note: str) -> None:
    st.html(f"<p class='ls-section'>{html.escape(name)} <span>{html.escape(note)}</span></p>")


def _presets() -> None:
    st.pills(
        tr("Start from"),
        [*PRESETS, *WORD_PRESETS],
        default=session.first_value("preset"),
        format_func=tr,
        help=tr("Interesting settings. Choosing one starts a new run; Undo restores the previous run."),
        **actions.on_change("preset", actions.choose_preset),
    )


def _words() -> None:
    called = words.titles(session.lists())
    options, first = list(called), session.first_value("words")
    with st.container(key="words_choice", gap=None):
        st.selectbox(
            tr("Words"), options, options.index(first) if first in options else 0, format_func=called.get,
            help=tr("The words to learn from. Changing them starts a new run; Undo restores the previous run."),
            disabled=lesson.fixed("words"),
            **actions.on_change("words", words.change),
        )  # fmt: skip
        with st.container(key="own_link", width="content"):
            st.page_link("data/page.py", label=tr("Use your own words"))


def _vocabulary() -> None:
    value = session.first_value("vocabulary")
    st.select_slider(
        tr("Vocabulary"), sorted({*SIZES, value}), value, format_func="{:,}".format,
        help=tr(
            "How many words have a place of their own, the most frequent ones; all others are one symbol, <unk>. "
            "Losses with another vocabulary cannot be compared. Changing it starts a new run."
        ),
        **actions.on_change("vocabulary", actions.change_vocabulary),
    )  # fmt: skip


def _draw(knobs) -> None:
    for knob in knobs:
        _widget(knob)


def _widget(knob: Knob) -> None:
    value = session.first_value(knob.name)
    act = actions.change_live if knob.live else actions.change_cold
    kept = lesson.fixed(knob.name)
    on_change = actions.on_change(knob.name, act, knob.name)
    if changes_over_the_line(knob):
        on_change = {"key": session.key(knob.name), "on_change": "ignore"}
    how = {"help": tr(FIXED) if kept else _help(knob), "disabled": kept, **on_change}
    label = tr(knob.label)
    if knob.kind is bool:
        st.toggle(label, value, **how)
    elif knob.options:
        st.selectbox(label, knob.options, knob.options.index(value), format_func=knob.value_text, **how)
    elif knob.name == "seed":
        st.number_input(label, knob.low, knob.high, value, step=1, **how)
    else:
        st.select_slider(label, stops(knob, value), value, format_func=knob.value_text, **how)
        if knob.name == "decay_at" and session.client().snapshot.config.schedule == "constant":
            st.caption(tr("Ignored while the schedule is constant."))


def _help(knob: Knob) -> str:
    """What a knob does, at the level of the run."""
    of_words = session.client().snapshot.corpus.level == WORD
    return tr((knob.of_words if of_words else "") or knob.help)
