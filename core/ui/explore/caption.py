"""The map's caption: one sentence about the run, and what may come next (assets/page/explore/bar.js)."""

import streamlit as st

from core.ui import components


def draw() -> None:
    with st.container(key="caption"):
        components.view("status")
