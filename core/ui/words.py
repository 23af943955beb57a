"""What the pages that are about characters show instead while a run learns words."""

import streamlit as st

from core.config import Config
from core.ui import components, server, session

INSTEAD = {
    "tune": "This page trains many short runs on characters to find good settings. Your run learns {V:,} words, where "
    "each of them would take minutes; Explore has its losses beside those of counting.",
}  # fmt: skip


def instead(page: str) -> None:
    session.begin()
    components.present()
    if st.session_state.pop("watch", False):
        st.switch_page("explore/page.py")
    corpus = session.client().snapshot.corpus
    with st.container(key="instead", border=True):
        facts = {"name": corpus.name, "sentences": len(corpus.units), "V": len(corpus.vocabulary)}
        st.text(INSTEAD[page].format(**facts))
        with st.container(horizontal=True):
            st.page_link("explore/page.py", label="Back to your words")
            st.button(
                "Train on names instead", key="names_again", on_click=_names, help="A new run; Undo restores this one.",
            )  # fmt: skip


def _names() -> None:
    session.live().to_own_run()
    session.begin_on(Config(), server.names())
