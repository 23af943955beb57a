"""The big screen: map, loss and one sentence, half as large again, for a projector; and the way out."""

import streamlit as st

from core.messages import tr

# The root's size is that of all that is measured in rem; --ls-scale is read by assets/page/common/figure.js.
STYLE = """
:root { --ls-bar: 0rem; --ls-scale: 1.5; font-size: 24px !important; }
[data-testid="stHeader"], .st-key-pages, .st-key-names, .st-key-bars, .st-key-spelling, .st-key-loss_options,
.ls-view-network, .st-key-below, .st-key-controls > :not(:first-child), .ls-speeds, .ls-menu-box,
.ls-press:not(.ls-press-strong), .ls-help, .ls-rate, .ls-note, .modebar {
  display: none !important;
}
.ls-saying { min-height: 2.5rem !important; }
[data-testid="stMain"]:has(.ls-press-more_steps:not([hidden])) .ls-press-train { visibility: hidden; }
.ls-press-more_steps { position: fixed; top: 0.55rem; left: 1.25rem; z-index: 110; }
.ls-saying .ls-status { font-size: 1rem !important; line-height: 1.2 !important; }
.st-key-present { position: fixed !important; top: 0.35rem; right: 1.25rem; width: auto !important; z-index: 110; }
.st-key-present button { font-size: 0.7rem; padding: 0.1rem 0.5rem; min-height: 1.4rem; }
.ls-readout { padding-right: 9.2rem; }
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] { gap: 0.3rem !important; }
.st-key-controls, .ls-transport { margin-top: -1.6rem; }
.ls-letters { height: calc(100vh - 15.5rem) !important; }
.ls-loss { height: calc(100vh - 9rem) !important; }
.ls-wordmap { height: calc(100vh - 17.6rem) !important; }
.ls-wordsaid, .ls-truth, .ls-source { display: none; }
.ls-wordkeys, .ls-wordkeys select { font-size: 0.66rem !important; line-height: 1rem; }
@media (max-width: 640px) {
  .st-key-present, .ls-press-more_steps { position: static !important; }
  .st-key-controls, .ls-transport { margin-top: 0; }
  .ls-readout { padding-right: 0; }
}
.ls-land-says p { font-size: 0.8rem !important; }
"""


def draw() -> None:
    """Nothing unless the link, or the visitor, asked for the big screen. Call once in every run of Explore."""
    if st.session_state.present:
        st.html(f"<style>{STYLE}</style>")
        with st.container(key="present"):
            st.button(tr("Leave the big screen"), key="leave_present", on_click=_set, args=(False,))


def button() -> None:
    st.button(
        tr("Big screen"), key="enter_present", icon=":material/present_to_all:", on_click=_set, args=(True,),
        width="stretch", help=tr("Map, loss and one sentence, half as large again, for a projector."),
    )  # fmt: skip


def _set(on: bool) -> None:
    st.session_state.present = on
