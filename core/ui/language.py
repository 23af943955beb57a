"""The language of a page: what `?lang=` said, or the cookie that keeps it, or English."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import messages
from core.serving.visitors import COOKIE

KEPT = f"{COOKIE}_language"  # the name of the cookie, which the index page sets (core/ui/assets.py)


def of_page() -> str | None:
    """The code of the language of the page whose script runs in this thread; None if there is none."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    state = st.session_state
    if "language" not in state:
        state.language = messages.chosen(st.query_params.get("lang"), st.context.cookies.get(KEPT))
    return state.language


messages.ask_scripts(of_page)
