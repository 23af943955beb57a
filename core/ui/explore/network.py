"""The strip over the map: one example on its way through the network; each part opens its stage on Inside."""

import streamlit as st

from core.engine.snapshot import Snapshot
from core.lessons.stages import STAGES
from core.ui import components, session, typed
from core.ui.inside import example


def draw(shown: Snapshot, context: str, asked: int) -> None:
    """context: its characters are in the data; asked: the number of the question that is answered for it."""
    if st.session_state.pop("inside", False):
        st.switch_page("inside/page.py")
    config, vocabulary = shown.config, shown.vocabulary
    components.view(
        "network",
        {"inside": _open_inside},
        **shown.corpus.shown.for_script,
        context=vocabulary.context(context, config.block_size),
        n_hidden=config.n_hidden,
        n_embd=config.n_embd,
        asked=asked,
    )


def _open_inside() -> None:
    stage, shown = components.received("network", "inside"), session.snapshot()
    if stage in STAGES:
        context = typed.text(shown, "context")
        known = all(symbol in shown.vocabulary.stoi for symbol in shown.vocabulary.symbols(context))
        example.bring(context if known else "", stage)
        st.session_state.inside = True
