"""The language of a page: what `?lang=` said, or the cookie that keeps it, or English."""

import weakref
from contextvars import ContextVar

import streamlit as st
from starlette.requests import HTTPConnection
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import messages
from core.serving.visitors import COOKIE

KEPT = f"{COOKIE}_language"  # the name of the cookie, which the index page sets (core/ui/assets.py)
# The run of a script for which the language was found, and the language: it is asked for hundreds of times in a run.
_of_run: ContextVar[tuple] = ContextVar("of_run", default=(lambda: None, None))


def of_page() -> str | None:
    """The code of the language of the page whose script runs in this thread; None if there is none."""
    run = get_script_run_ctx(suppress_warning=True)
    if run is None:
        return None
    known, language = _of_run.get()
    if known() is not run:
        state = st.session_state
        if "language" not in state:
            state.language = messages.chosen(st.query_params.get("lang"), st.context.cookies.get(KEPT))
        language = state.language
        _of_run.set((weakref.ref(run), language))
    return language


def asked_by(request: HTTPConnection) -> str:
    """The code of the language in which whoever asks wants the page."""
    return messages.chosen(request.query_params.get("lang"), request.cookies.get(KEPT))


def draw() -> None:
    """A link to the same page in each other language, at the end of the pages' names.

    assets/page/common/language.js keeps what else the URL says. In a narrow window only two letters are drawn.
    """
    for code, name in messages.LANGUAGES.items():
        if code != of_page():
            with st.container(width="content"):
                st.html(
                    f'<a class="ls-language" href="?lang={code}" hreflang="{code}" lang="{code}">'
                    f"{name[:2]}<span>{name[2:]}</span></a>"
                )


messages.ask_scripts(of_page)
