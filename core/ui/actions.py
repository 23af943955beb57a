"""What the controls of the page do: callbacks, in the words that stand on the buttons."""

import secrets
import time
from collections.abc import Callable
from urllib.parse import parse_qsl

import streamlit as st

from core.config import PRESETS, ConfigError
from core.data.plain import is_whole
from core.keeping import link, runfile
from core.serving.visitors import name_of
from core.ui import components
from core.ui.session import bring_back, broadcast, client, key, library, list_with, to_own_run, visit

# ---------------------------------------------------------------- knobs


def on_change(name: str, act: Callable, *args) -> dict:
    """Arguments of the widget of a knob, "preset", "speed" or "words": `act(*args)` when a person changes it."""
    return {"key": key(name), "on_change": _changed, "args": (name, key(name), act, *args)}


def _changed(name: str, drawn_under: str, act: Callable, *args) -> None:
    """Not for a widget that another has replaced since: its browser may send the old value after that."""
    if drawn_under == key(name):
        act(*args)


def choose_preset() -> None:
    name = st.session_state[key("preset")]
    if name is not None:
        to_own_run()
        client().reset(PRESETS[name])


def change_cold(name: str) -> None:
    """A knob that needs new weights: the new run starts, and goes on training if the old one was.

    The newest config with this one value changed: what the other widgets of this tab show may be older
    than what was set in another tab.
    """
    _reset(**{name: st.session_state[key(name)]})


def _reset(**values) -> None:
    to_own_run()
    try:
        client().reset(client().snapshot.config.with_(**values))
    except ConfigError as error:  # no widget says that; somebody else did
        st.session_state.notes = [str(error)]


def change_live(name: str) -> None:
    to_own_run()
    client().set(**{name: st.session_state[key(name)]})


def change_speed() -> None:
    client().speed(st.session_state[key("speed")])


# ---------------------------------------------------------------- buttons


def train() -> None:
    to_own_run()
    client().start()


def pause() -> None:
    to_own_run()
    client().pause()


def step() -> None:
    to_own_run()
    client().step()


def reset() -> None:
    to_own_run()
    client().reset()


def new_seed() -> None:
    _reset(seed=secrets.randbelow(10_000))


def undo() -> None:
    to_own_run()
    client().undo()


def more_steps(steps: int) -> None:
    client().set(steps=steps)
    client().start()


def go_on() -> None:
    """On with the run that was in training when the server stopped, or when nobody looked any more."""
    state = st.session_state
    if state.interrupted:
        to_own_run()
        if client().snapshot.id == state.brought_back or bring_back():
            client().start()
        else:
            state.notes = [client().snapshot.problem or "That run cannot be opened now; its words may not be here."]
            return
        state.interrupted = None


def leave_it() -> None:
    """It stays in the library, and nobody is asked again."""
    st.session_state.interrupted = None
    library().settle(name_of(st.session_state.visitor.token))


def start_replay() -> None:
    st.session_state.replaying = time.monotonic()


def end_replay() -> None:
    to_own_run()


def load_run() -> None:
    """A run that was downloaded here goes on where it was, at rest; anything else is refused in a sentence."""
    file = st.session_state.upload
    if file is None:
        return
    try:
        saved = runfile.from_bytes(file.getvalue())
    except runfile.RunFileError as error:
        st.session_state.notes = [str(error)]
        return
    to_own_run()
    before = client().snapshot.number
    shown = client().resume(saved, words=list_with(saved.digest))
    st.session_state.notes = [shown.problem] if shown.number == before and shown.problem else []


def dismiss_notes() -> None:
    st.session_state.notes = []


# ---------------------------------------------------------------- what the page's script says


def fork() -> None:
    """Go on from the step at which the time cursor stands, as another run."""
    at = _step(components.said("time", "fork"))
    if at is not None:
        to_own_run()
        client().fork(at)


def move_cursor() -> None:
    st.session_state.cursor = _step(components.said("time", "cursor"))


def go_back() -> None:
    """Somebody went back in the browser's history: open what the URL says now."""
    said = components.said("time", "visit")
    if isinstance(said, str):
        visit(*link.parse(dict(parse_qsl(said[: link.MAX_LINK + 1], keep_blank_values=True))))


def send_everything() -> None:
    broadcast().send_everything()


HEARD = {"fork": fork, "cursor": move_cursor, "visit": go_back, "missing": send_everything}


def _step(said) -> int | None:
    """A step, as far as anything that a page says can be one."""
    return said if is_whole(said, 0) else None
