"""The tabs at the bottom of Explore, below the first screen. Only the open tab is drawn."""

import streamlit as st

from core.analysis import structure
from core.analysis.geometry import displacements
from core.engine.snapshot import Snapshot
from core.messages import mark, tr
from core.plots.structure import structure_figure
from core.ui import components, session

FILMSTRIP, STRUCTURE, NEIGHBOURS = mark("Filmstrip"), mark("Structure"), mark("Neighbours")
EVERY = 1.0  # seconds between two looks
MAX_SCORED = 60  # checkpoints that are scored in one look: about one millisecond each


def draw() -> None:
    watched = _watched()
    st.fragment(_tabs, run_every=EVERY if watched else None, key="below")(watched)


def _watched() -> bool:
    """Whether the open tab shows what is worked out here; the filmstrip is drawn by the browser."""
    return st.session_state.get("tab", tr(FILMSTRIP)) != tr(FILMSTRIP)


def _tabs(watched: bool) -> None:
    session.one_thread()
    if _watched() != watched:
        st.rerun()
    shown = session.snapshot()
    names = [tr(name) for name in (FILMSTRIP, STRUCTURE, NEIGHBOURS)]
    for tab, panel in zip(st.tabs(names, key="tab", on_change="rerun"), (_filmstrip, _structure, _neighbours)):
        if tab.open:
            with tab:
                panel(shown)


def _filmstrip(shown: Snapshot) -> None:
    components.view("filmstrip", **shown.corpus.shown.for_script)


def _separations(shown: Snapshot) -> list[tuple[int, structure.Separation | None]]:
    """(step, separation) of each checkpoint scored so far; a new list for another run."""
    kept = st.session_state.get("separations")
    if kept is None or kept[0] != shown.number:
        kept = st.session_state.separations = (shown.number, [])
    return kept[1]


def _structure(shown: Snapshot) -> None:
    shown, frames = session.live().frames()
    scored = _separations(shown)
    del scored[len(frames) :]  # a run that failed goes back to an earlier step
    for frame in frames[len(scored) : len(scored) + MAX_SCORED]:
        scored.append((frame.step, structure.separation(frame.C, shown.corpus.shown.roles)))
    names = shown.corpus.shown.names
    figure = structure_figure(
        [(step, score) for step, score in scored if score], max(shown.step, shown.config.steps), names,
        not st.session_state.linear,
    )  # fmt: skip
    components.view(
        "structure",
        figure=figure,
        said=structure.separation_sentence(scored, names),
        question=structure.question(names),
        compared=[tr(names[role]) for role in structure.compared(names)] or [tr("one group"), tr("another")],
    )


def _neighbours(shown: Snapshot) -> None:
    """Nearest characters at the time cursor, and how far each has moved since then (or since the first step)."""
    shown, frames = session.live().frames()
    cursor = session.live().cursor
    since = next((frame for frame in reversed(frames) if cursor is not None and frame.step <= cursor), frames[0])
    moved = displacements(since.C, shown.parameters().C).tolist()
    components.view(
        "neighbours",
        **shown.corpus.shown.for_script,
        moved=[round(x, 3) for x in moved],
        since=since.step,
    )
