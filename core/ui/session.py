"""What one visitor's session holds: a Trainer, what the browser was told of its run, the widgets' values.

Widgets hold values under the knobs' names (see `key`); they travel to the trainer as Config
and come back as Snapshots. Nothing here is shared between visitors except data that never changes
and the library. The callbacks of the controls are in core/ui/actions.py.
"""

import time
import weakref
from collections.abc import Callable

import streamlit as st
import torch

from core import link, replay
from core.broadcast import Broadcast
from core.config import KNOBS, PRESETS, Config
from core.data import Dataset, load_words
from core.history import History
from core.jobs import Jobs
from core.library import Library, default_path
from core.ngrams import Baselines
from core.panels import Question
from core.snapshot import TRAINING, Snapshot
from core.timeline import Axes
from core.trainer import Trainer

DEFAULTS = {"speed": "auto", "temperature": 1.0, "linear": False, "four_gram": False, "context": "em", "name": "emma"}
PRESENCE = 20.0  # seconds between two renewals by a page that does not look by itself
CONTEXT_OF_COUNTS = 3  # the longest count model needs three characters before the next


@st.cache_resource(max_entries=16, show_spinner=False)
def dataset(block_size: int) -> Dataset:
    return Dataset.of(load_words(), block_size)


@st.cache_resource(show_spinner=False)
def baselines() -> Baselines:
    return Baselines.of(dataset(CONTEXT_OF_COUNTS))


@st.cache_resource(show_spinner=False)
def recording() -> Snapshot:
    return replay.recorded(History.load(replay.RECORDING), dataset(CONTEXT_OF_COUNTS).vocabulary)


@st.cache_resource(show_spinner=False)
def _shared_library() -> Library | None:
    """The library on disk, for all visitors of this server; None if the disk is switched off."""
    path = default_path()
    return Library(path) if path else None


def library() -> Library:
    return st.session_state.library


def one_thread() -> None:
    """Call first in every script run and every fragment: the setting is per thread, and each has its own."""
    torch.set_num_threads(1)


def begin() -> None:
    """Call first on every page: make the session's objects, and open the run that the URL asks for.

    Streamlit forgets what a widget held when another page is shown; what is set again stays.
    """
    one_thread()
    state = st.session_state
    if "trainer" not in state:
        state.broadcast, state.replaying, state.made = Broadcast(), None, {}
        state.cursor, state.notes, state.background = None, [], weakref.WeakSet()
        state.library = _shared_library() or Library(None)
        state.trainer = Trainer(Config(), dataset, keep=state.library.save)
        asked, notes = link.parse(st.query_params.to_dict())
        state.present = asked.present
        if asked != link.Link(present=asked.present) or notes:
            visit(asked, notes)
    state.update({name: state.get(name, default) for name, default in DEFAULTS.items()})


def show_config() -> None:
    """Before the knobs are drawn: whatever became of a change, they show the config of the run."""
    shown = trainer().snapshot.config
    preset = next((name for name, preset in PRESETS.items() if preset == shown), None)
    for name, value in {**shown.to_dict(), "preset": preset}.items():
        if st.session_state.get(key(name)) != value:
            _set(name, value)


def key(name: str) -> str:
    """The key of the widget that has this knob, or "preset", now."""
    made = st.session_state.made.get(name, 0)
    return f"{name} {made}" if made else name


def _set(name: str, value) -> None:
    """Have the widget say something that nobody chose in it: by way of another widget in its place.

    Until the browser has heard, it goes on to send what the old one said; under the same key
    that would look like a person's choice, and start a new run.
    """
    if key(name) in st.session_state:
        st.session_state.made[name] = st.session_state.made.get(name, 0) + 1
    st.session_state[key(name)] = value


def trainer() -> Trainer:
    return st.session_state.trainer


def broadcast() -> Broadcast:
    return st.session_state.broadcast


def here() -> None:
    """The visitor is looking: the leases of all that works for them are renewed."""
    trainer().touch()
    for jobs in st.session_state.background:
        jobs.renew()


def stay() -> None:
    """Draw nothing, on every page: while it is open, its visitor is looking, whatever else the page does."""
    st.fragment(here, run_every=PRESENCE, key="here")()


def wait_for(jobs: Jobs) -> None:
    """These are to go on for as long as the visitor is on any page."""
    st.session_state.background.add(jobs)


def snapshot() -> Snapshot:
    """What the page shows now: the live run, or the recorded one."""
    here()
    return trainer().snapshot if st.session_state.replaying is None else recording()


def newest() -> Callable[[], Snapshot]:
    """Gives the live run's snapshot from any thread, where there is no session to ask."""
    mine = trainer()
    return lambda: mine.snapshot


def words(shown: Snapshot) -> Dataset:
    """What the run learns from."""
    return dataset(shown.config.block_size)


def config() -> Config:
    """The config that the knobs say."""
    return Config(**{knob.name: st.session_state[key(knob.name)] for knob in KNOBS})


def axes(shown: Snapshot) -> Axes:
    """What is drawn of the embedding: a choice that its dimensions do not have falls back on all of them."""
    chosen = st.session_state.get("axes") or ()
    return chosen if all(i < shown.config.n_embd for i in chosen) else ()


def question(shown: Snapshot, context: str, name: str) -> Question:
    return Question(shown.config.seed, st.session_state.temperature, context, name)


def at_most_once_a_second(shown: Snapshot, name: str, work: Callable[[], int]) -> int:
    """`work()`, or what it said last for this name in this run, if that is not a second old and training goes on.

    A name's percentile asks about every dev name: up to a tenth of a second for the largest networks.
    """
    question, now = (shown.number, name), time.monotonic()
    asked, step, since, answer = st.session_state.get("placed", (None, -1, 0.0, 0))
    if asked != question or (step != shown.step and (shown.state != TRAINING or now - since > 1)):
        answer = work()
        st.session_state.placed = (question, shown.step, now, answer)
    return answer


# ---------------------------------------------------------------- links


def address(shown: Snapshot) -> str:
    """The experiment as the query of a URL, without the step that is shown; "" if no link can hold it."""
    learned, changes = words(shown), (*shown.history.changes, *shown.plan)
    if len(changes) > link.MAX_CHANGES:
        return ""
    return link.encode(link.Link(Config(**shown.history.config), changes, learned.name, learned.digest))


def visit(asked: link.Link, notes: list[str]) -> None:
    """Open the run of a link at its step: trained again, on from what the library has of it."""
    state, ours = st.session_state, dataset(asked.config.block_size)
    other = link.data_note(asked, ours.name, ours.digest)
    state.notes = [*notes, *([other] if other else [])]
    state.replaying = state.cursor = None
    step = asked.step or 0
    past = library().past_of(asked.config, asked.changes, ours.digest, step)
    if past is None:
        trainer().rebuild(asked.config, asked.changes, step)
    else:
        trainer().resume(past, step, [change for change in asked.changes if change[0] >= past.step])
