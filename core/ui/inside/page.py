"""The page "Inside the network": one example through every stage, beside it letters to move and units to silence.

All panels show the network at one fixed step of the visitor's run, while the run may continue to train.
"""

import streamlit as st

from core.data.corpus import WORD
from core.data.vocabulary import BOUNDARY
from core.engine.snapshot import RECORDED, TRAINING
from core.lessons.stages import STAGES, strip
from core.messages import mark, tr
from core.ui import components, session, typed
from core.ui.inside import example, silencing, touching, words

OF_WORDS = mark("The words that the network sees; only the last few count. Leave it empty for the start.")
OF_CHARACTERS = mark("The characters that the network sees; only the last few count. Leave it empty for the start.")
RANDOM = {
    "name": mark("A random example from the training names: a context and what follows it."),
    "word": mark("A random example from the training words: a context and what follows it."),
    "sentence": mark("A random example from the training sentences: a context and what follows it."),
}
HEARTBEAT = 2.0  # seconds between two looks at the run's step


def page() -> None:
    session.begin()
    example.begin()
    components.present()
    corpus = example.page_state().moment.corpus
    of_words = corpus.level == WORD
    with st.container(key="inside_head", horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(key="inside_title", width="content"):
            components.view("inside_title")
        with st.container(key="inside_moment", width="stretch"):
            st.fragment(_moment, run_every=HEARTBEAT)()
        st.text_input(
            tr("Context"), key=example.context_key(), label_visibility="collapsed", width=220 if of_words else 130,
            max_chars=typed.MOST_OF_WORDS if of_words else typed.most(corpus.vocabulary),
            placeholder=tr("(start)"), on_change=example.change_context,
            help=tr(OF_WORDS if of_words else OF_CHARACTERS),
        )  # fmt: skip
        if of_words:
            words.ask_for_next()
        st.button(
            tr("Random example"), key="choose",
            on_click=words.choose_at_random if of_words else example.choose_at_random,
            help=tr(RANDOM[corpus.noun]),
        )  # fmt: skip
        st.segmented_control(
            tr("Network"), [example.RUN, example.UNTRAINED], key="network", required=True, label_visibility="collapsed",
            format_func=tr,
            on_change=example.change_network, help=tr("The network of your run, or the same before its first step."),
        )  # fmt: skip
    with st.container(key="inside_body"):
        if of_words:
            words.draw()
        else:
            st.fragment(_stages)()
            st.fragment(_copy)()


def _moment() -> None:
    """Which step is shown, and a button to show the newest one. Renews the visitor's lease."""
    session.one_thread()
    shown, it = session.snapshot(), example.page_state()
    if it.moment.number != shown.number:
        st.rerun()
    behind = st.session_state.network == example.RUN and it.moment.step != shown.step
    with st.container(key="moment_line", horizontal=True, vertical_alignment="center", gap="small"):
        components.view(
            "inside_moment",
            step=it.moment.step,
            recorded=shown.state == RECORDED,
            training=shown.state == TRAINING,
            now=shown.step if behind else None,
            about=[it.moment.config.n_embd, it.moment.config.n_hidden, it.moment.config.block_size],
        )
        if behind and st.button(tr("Show the newest step"), key="newest"):
            example.newest()
            st.rerun()


def _stages() -> None:
    session.one_thread()
    shown, problem = example.example()
    components.view(
        "inside",
        example.HANDLERS,
        stages=list(STAGES),
        strip=strip(shown),
        open=example.page_state().open,
        stage=example.stage(shown),
        context=shown.context,
        label=shown.vocabulary.itos[int(shown.Y)],
        chance=f"{float(shown.probabilities[0, shown.Y]):.4f}",
        loss=f"{shown.loss:.4f}",
        **shown.shown.for_script,
        boundary=BOUNDARY,
        problem=problem,
    )


def _copy() -> None:
    """What happens on a copy of the network: letters are dragged, and hidden units are silenced."""
    session.one_thread()
    shown, _ = example.example()
    with st.container(key="inside_touch"):
        components.view("touch", {"edits": touching.edit, "chosen": touching.choose}, **touching.map_data(shown))
    with st.container(key="inside_copy"):
        components.view("silence", {"silenced": silencing.silence}, **silencing.silence_data(shown))
        components.view("unseen", {"at": touching.step_through}, **touching.unseen_data())


page()
