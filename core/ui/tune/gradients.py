"""The panel of Tune that checks the gradients of the visitor's run."""

import streamlit as st

from core.analysis import gradient_check
from core.ui import components, session
from core.ui.tune import tuning


def draw() -> None:
    session.one_thread()
    components.view("gradients", {"check": check}, checked=checked())


def check() -> None:
    """Compare the gradients of the run at this step with finite differences of its loss."""
    shown = tuning.own()
    rows = gradient_check.check(shown.parameters(), session.dataset(shown).train)
    label = shown.vocabulary.label
    place = lambda row: [label(row.place[0]), *map(str, row.place[1:])] if row.name == "C" else map(str, row.place)
    st.session_state.gradients = shown.number, {
        "step": shown.step,
        "rows": [
            [f"{row.name}[{', '.join(place(row))}]", *(f"{x:.9f}" for x in (row.by_hand, row.by_differences)),
             f"{row.apart:.0e}"]
            for row in rows
        ],
    }  # fmt: skip


def checked() -> dict | None:
    """What was found of this run, if it was asked."""
    number, found = st.session_state.get("gradients") or (None, None)
    return found if number == tuning.own().number else None
