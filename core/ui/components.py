"""The Streamlit component of the pages: `view`, which shows any panel from its data.

The index page loads scripts and styles (core/ui/assets.py). A view sends only data, so it can be called five
times a second.
"""

from collections.abc import Callable, Mapping

import streamlit as st

from core.plots import PALETTE

PRESENT = """
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"] { display: none; }
[data-testid="stMainBlockContainer"] { max-width: none; }
"""

_VIEW_JS = """
export default function (args) {
  const page = (window.letterspace ??= {});
  const view = { ...args, data: args.data[0] };
  if (page.render) return page.render(view);
  (page.waiting ??= new Map()).set(args.parentElement, view);
}
"""


@st.cache_resource
def _component():
    """Registered once per process: registering again would make the browser mount every panel again."""
    return st.components.v2.component(
        "letterspace_view", html="<div class='ls'></div>", js=_VIEW_JS, isolate_styles=False
    )


def present() -> None:
    """Hide the sidebar if the link asked for presenting. Call once in every run of a page, outside fragments."""
    if st.session_state.present:
        st.html(f"<style>{PRESENT}</style>")


def view(kind: str, on: Mapping[str, Callable[[], None]] | None = None, **data) -> None:
    """Show a panel. kind: the name of its renderer in assets/page; at most one view of each kind on a page.

    on: event name -> callback, called when the panel's JavaScript sends a value; `received` returns the value.
    """
    callbacks = {f"on_{name}_change": callback for name, callback in (on or {}).items()}
    common = {"kind": kind, "palette": PALETTE, "wording": st.session_state.wording}
    # In a list: of a dict, Streamlit asks of each value whether it is a table, which takes longer than all the rest.
    _component()(key=f"view_{kind}", data=[common | data], **callbacks)


def received(kind: str, name: str):
    """The value that the panel's JavaScript last sent for this event: any JSON, not checked.

    None if there is none, or if the panel is no longer on the page.
    """
    return st.session_state.get(f"view_{kind}", {}).get(name)
