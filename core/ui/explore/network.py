"""The strip over the map: one example on its way through the network; each part opens its stage on Inside."""

import streamlit as st

from core.engine.snapshot import Snapshot
from core.lessons.stages import STAGES
from core.ui import components, session
from core.ui.inside import example


def draw(shown: Snapshot) -> None:
    if st.session_state.pop("inside", False):
        st.switch_page("inside/page.py")
    config = shown.config
    components.view(
        "network",
        {"inside": _open_inside},
        **shown.corpus.shown.for_script,
        n_hidden=config.n_hidden,
        n_embd=config.n_embd,
    )


def _open_inside() -> None:
    stage = components.received("network", "inside")
    if stage in STAGES:
        example.bring(session.live().broadcast.context, stage)
        st.session_state.inside = True
