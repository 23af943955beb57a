"""The Explore page: controls, and one fragment that looks at the run while it trains."""

import streamlit as st

from core import panels
from core.config import KNOB, SPEEDS
from core.data import DataError
from core.plots.letters import letters_figure, letters_note
from core.plots.loss import loss_figure, shown_baselines
from core.snapshot import FINISHED, READY, RECORDED, STOPPED, TRAINING, Snapshot
from core.status import sentence
from core.ui import components, session, sidebar

MOVING, RESTING = 0.2, 1.0  # seconds between two looks
LONGEST_NAME = 24


def page() -> None:
    session.begin()
    session.show_config()
    components.load()
    sidebar.draw()
    shown = session.snapshot()
    controls = st.container(key="controls", horizontal=True, vertical_alignment="center", gap="small")
    with controls:
        _controls(shown)
        readout = st.container(key="readout", width="stretch")
        readout.empty()
    line = st.container(key="status", horizontal=True, vertical_alignment="center", gap="small")
    with line:
        status = st.container(key="status_line", width="stretch")
        status.empty()
        _offers(shown)
    moving = shown.state in (TRAINING, RECORDED)
    st.fragment(_live, run_every=MOVING if moving else RESTING, key="live")(shown.state, shown.number, readout, status)


def _controls(shown: Snapshot) -> None:
    training = shown.state == TRAINING
    st.button(
        "Pause" if training else "Train",
        icon=":material/pause:" if training else ":material/play_arrow:",
        key="train",
        type="primary",
        on_click=session.train_or_pause,
        disabled=shown.state in (FINISHED, STOPPED),
        help="Start or pause",
    )
    st.button("Step", key="step", on_click=session.step, help="Make exactly one step, then rest.",
              disabled=shown.state == STOPPED)  # fmt: skip
    st.button("Reset", key="reset", on_click=session.reset, help="Back to step 0 with the same first weights.")
    st.button("New seed", key="new_seed", on_click=session.new_seed, help="A new run from other first weights.")
    st.segmented_control(
        "Speed",
        list(SPEEDS),
        key="speed",
        required=True,
        format_func=lambda name: name.replace("x", "×") if name[1:].isdigit() else name,
        label_visibility="collapsed",
        on_change=session.change_speed,
        help="How many steps a second: slow shows single steps, auto begins slowly and grows.",
    )


def _offers(shown: Snapshot) -> None:
    """What one might want next, beside the sentence that says how things are."""
    if shown.state == RECORDED:
        st.button("Back to your run", key="end_replay", on_click=session.end_replay)
        return
    goal = min(KNOB["steps"].high, 2 * max(shown.config.steps, shown.step))
    if shown.state == FINISHED and goal > shown.step:
        st.button(f"Go on to {goal:,}", key="more_steps", on_click=session.more_steps, args=(goal,))
    if shown.previous:
        step = shown.previous.evaluations[-1][0]
        st.button("Undo", key="undo", on_click=session.undo, help=f"Bring back the run before, near step {step:,}.")
    if shown.state == READY and not shown.previous:
        st.button(
            "Watch a recorded run",
            key="replay",
            icon=":material/replay:",
            on_click=session.start_replay,
            help="Ten seconds of a real run of 50,000 steps, recorded with the command line.",
        )


def _live(state: str, number: int, readout, status) -> None:
    """Look at the run and show it. When its state has changed, the whole page is due."""
    session.begin()
    shown = session.snapshot()
    if (shown.state, shown.number) != (state, number):
        st.rerun()
    with readout:
        components.view("readout", **panels.readout(shown))
    with status:
        text, tone = sentence(shown, session.baselines())
        components.view("status", text=text, tone=tone)
    left, right = st.columns([1.62, 1], gap="small")
    parameters, known = shown.parameters(), session.dataset(shown.config.block_size)
    with left, st.container(key="letters", border=True):
        view = st.session_state.scene.look(shown)
        characters, note = list(shown.vocabulary.itos), letters_note(view)
        components.view("letters", figure=letters_figure(view), characters=characters, note=note)
    with right:
        with st.container(key="loss", border=True, gap=None):
            _loss(shown)
        with st.container(key="names", border=True, gap=None):
            temperature = st.session_state.temperature
            names = panels.names(parameters, shown.vocabulary, known.known, shown.config.seed, temperature)
            components.view("names", **names)
            st.slider("Temperature", 0.2, 2.0, step=0.1, key="temperature",
                      help="Below 1 the network plays safe, above 1 it dares more.")  # fmt: skip
        with st.container(key="bars", border=True, gap=None):
            _next(shown, parameters)
        with st.container(key="spelling", border=True, gap=None):
            _spelling(shown, parameters, known)


def _loss(shown: Snapshot) -> None:
    losses = shown_baselines(session.baselines().dev, st.session_state.four_gram)
    log_steps = not st.session_state.linear
    figure = loss_figure(shown.config, shown.step, shown.history, losses, shown.previous, log_steps)
    components.view("loss", figure=figure)
    with st.container(key="loss_options", horizontal=True, gap="small"):
        st.toggle("Linear", key="linear", help="Steps as they are instead of log10(step + 1).")
        st.toggle("4-gram", key="four_gram", help="Also draw the count model that sees three characters.")


def _next(shown: Snapshot, parameters) -> None:
    context = st.session_state.context[:LONGEST_NAME].strip().lower()
    bigram, problem = session.baselines().models["bigram"], None
    try:
        data = panels.next_bars(parameters, shown.vocabulary, bigram, context)
    except DataError as error:
        data, problem = panels.next_bars(parameters, shown.vocabulary, bigram, ""), str(error)
    components.view("bars", **data, problem=problem)
    st.text_input(
        "Context", key="context", max_chars=LONGEST_NAME, label_visibility="collapsed",
        placeholder="(start)", help="What comes before; leave it empty for the start of a name.",
    )  # fmt: skip


def _spell(parameters, known, name: str) -> dict:
    try:
        return panels.spelling(parameters, known, name) if name else {}
    except DataError as error:
        return {"problem": str(error)}


def _spelling(shown: Snapshot, parameters, known) -> None:
    name = st.session_state.name[:LONGEST_NAME].strip().lower()
    components.view("spelling", **session.at_most_once_a_second(shown, name, lambda: _spell(parameters, known, name)))
    st.text_input(
        "Name", key="name", max_chars=LONGEST_NAME, label_visibility="collapsed", placeholder="type a name",
        help="Any name in letters that the data has.",
    )  # fmt: skip


page()
