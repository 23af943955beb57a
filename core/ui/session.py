"""What one visitor's session holds: a Trainer, a Scene, the widgets' values. Callbacks of the controls.

Widgets hold values under the knobs' own names; they travel to the trainer as Config and
come back as Snapshots. Nothing here is shared between visitors except data that never changes.
"""

import secrets
import time
from collections.abc import Callable

import streamlit as st
import torch
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import replay
from core.config import KNOBS, PRESETS, Config
from core.data import Dataset, load_words
from core.history import History
from core.ngrams import Baselines
from core.scene import Scene
from core.snapshot import TRAINING, Snapshot
from core.trainer import Trainer

DEFAULTS = {"speed": "auto", "temperature": 1.0, "linear": False, "four_gram": False, "context": "em", "name": "emma"}
CONTEXT_OF_COUNTS = 3  # the longest count model needs three characters before the next


@st.cache_resource(max_entries=16, show_spinner=False)
def dataset(block_size: int) -> Dataset:
    return Dataset.of(load_words(), block_size)


@st.cache_resource(show_spinner=False)
def baselines() -> Baselines:
    return Baselines.of(dataset(CONTEXT_OF_COUNTS))


@st.cache_resource(show_spinner=False)
def recording() -> list[Snapshot]:
    return replay.snapshots(History.load(replay.RECORDING), dataset(CONTEXT_OF_COUNTS).vocabulary)


def begin() -> None:
    """Make the session's objects on its first run."""
    torch.set_num_threads(1)  # per thread, and every script run has its own
    state = st.session_state
    if "trainer" not in state:
        state.scene, state.replay_since, state.shown = Scene(), None, None
        state.trainer = Trainer(Config(), dataset)
        state.update(DEFAULTS)


def show_config() -> None:
    """Before the knobs are drawn: whatever became of a change, they show the config of the run."""
    config = trainer().snapshot.config
    if config != st.session_state.shown:
        _show(config)


def trainer() -> Trainer:
    return st.session_state.trainer


def snapshot() -> Snapshot:
    """What the page shows now: the live run, or the recording while it plays."""
    trainer().touch()
    since = st.session_state.replay_since
    if since is None:
        return trainer().snapshot
    return replay.at(recording(), time.monotonic() - since)


def config() -> Config:
    """The config that the knobs say."""
    return Config(**{knob.name: st.session_state[knob.name] for knob in KNOBS})


def at_most_once_a_second(shown: Snapshot, name: str, work: Callable[[], dict]) -> dict:
    """`work()`, or what it said last for this name in this run, if that is not a second old and training goes on.

    A name's percentile asks about every dev name: up to a tenth of a second for the largest networks.
    """
    question, now = (shown.number, name), time.monotonic()
    asked, step, since, answer = st.session_state.get("spelled", (None, -1, 0.0, {}))
    if asked != question or (step != shown.step and (shown.state != TRAINING or now - since > 1)):
        answer = work()
        st.session_state.spelled = (question, shown.step, now, answer)
    return answer


# ---------------------------------------------------------------- callbacks


def _show(shown: Config) -> None:
    """Set every knob's widget to `shown`; only before the widgets are drawn."""
    st.session_state.shown = shown
    for name, value in shown.to_dict().items():
        st.session_state[name] = value
    st.session_state.preset = next((name for name, preset in PRESETS.items() if preset == shown), None)


def _forget() -> None:
    """The knobs may say something else than the run: have them set anew."""
    st.session_state.shown = None


def _live() -> None:
    st.session_state.replay_since = None


def _echo() -> bool:
    """Whether nobody touched the knob whose callback this is; the widgets then show the run's config again.

    Knobs are outside the fragment, so a person's change always runs the whole script. The
    fragment's own looks carry what the browser's widgets said before `_show` reached them.
    """
    if get_script_run_ctx().fragment_ids_this_run:
        _show(trainer().snapshot.config)
        return True
    return False


def choose_preset() -> None:
    if _echo():
        return
    name = st.session_state.preset
    if name is not None:
        _live()
        trainer().reset(PRESETS[name])
    _forget()


def change_cold() -> None:
    """A knob that needs new weights: the new run starts, and goes on training if the old one was."""
    if _echo():
        return
    _live()
    trainer().reset(config())
    _forget()


def change_live(name: str) -> None:
    if _echo():
        return
    _live()
    trainer().set(**{name: st.session_state[name]})
    _forget()


def change_speed() -> None:
    trainer().speed(st.session_state.speed)


def train_or_pause() -> None:
    playing = st.session_state.replay_since is not None
    _live()
    if trainer().snapshot.state == TRAINING and not playing:
        trainer().pause()
    else:
        trainer().start()


def step() -> None:
    _live()
    trainer().step()


def reset() -> None:
    _live()
    trainer().reset()


def new_seed() -> None:
    _live()
    trainer().reset(config().with_(seed=secrets.randbelow(10_000)))


def undo() -> None:
    _live()
    trainer().undo()


def more_steps(steps: int) -> None:
    trainer().set(steps=steps)
    trainer().start()


def start_replay() -> None:
    st.session_state.replay_since = time.monotonic()


def end_replay() -> None:
    _live()
