"""What one session holds: its visitor, what the browser was told of their run, the widgets' values.

Widgets hold values under the knobs' names (see `key`); they travel to the client as Config
and come back as Snapshots. A visitor may have several sessions, one for each tab; visitors
share nothing but data that never changes, the pool and the library on disk. The callbacks of
the controls are in core/ui/actions.py.
"""

import math
import time
import weakref
from collections.abc import Callable

import streamlit as st
import torch

from core.analysis.timeline import Axes
from core.config import PRESETS, Config
from core.counting.ngrams import Baselines
from core.data import gallery
from core.data.dataset import Dataset
from core.data.wordlist import WordList
from core.engine.snapshot import TRAINING, Snapshot
from core.keeping import link
from core.keeping.library import Library
from core.plots.feed import Broadcast
from core.plots.panels import Question
from core.serving.client import Client
from core.serving.jobs import Jobs
from core.serving.training import check_work
from core.serving.visitors import COOKIE, name_of
from core.ui import components, server, typed

DEFAULTS = {"temperature": 1.0, "linear": False, "four_gram": False}
PACES = (2, 0.2), (5, 0.5), (math.inf, 1.0)  # up to so many runs in training for each host: seconds between two looks
PRESENCE = 20.0  # seconds between two renewals by a page that does not look by itself
PATIENCE = 20.0  # seconds that a page waits for a run on other words
OWN_LISTS = 5  # of a visitor, to choose from; the oldest go first


def library() -> Library:
    return st.session_state.visitor.library


def one_thread() -> None:
    """Call first in every script run and every fragment: the setting is per thread, and each has its own."""
    torch.set_num_threads(1)


def begin() -> None:
    """Call first on every page: make the session's objects, and open the run that the URL asks for.

    Streamlit forgets what a widget held when another page is shown; what is set again stays.
    """
    one_thread()
    state = st.session_state
    if "visitor" not in state:
        state.broadcast, state.replaying, state.made, state.first_values = Broadcast(), None, {}, {}
        state.cursor, state.notes, state.background, state.brought_back = None, [], weakref.WeakSet(), None
        state.refused_link = None, None  # and the number of the run that was shown then
        state.visitor, known = server.visitors().find(st.context.cookies.get(COOKIE))
        state.interrupted = None if known else library().interrupted(name_of(state.visitor.token))
        asked, notes = link.parse(st.query_params.to_dict())
        state.present = asked.present
        _open(asked, notes, known)
    shown = snapshot()
    state.update({name: state.get(name, default) for name, default in (DEFAULTS | typed.at_first(shown)).items()})
    state.wording = {"noun": shown.words.noun, "V": len(shown.vocabulary)}


def show_config() -> None:
    """Before the knobs are drawn: whatever became of a change, they show the config of the run."""
    shown = client().snapshot
    preset = next((name for name, preset in PRESETS.items() if preset == shown.config), None)
    other = {"preset": preset, "speed": shown.speed, "words": shown.words.digest}
    for name, value in {**shown.config.to_dict(), **other}.items():
        _set(name, value)


def key(name: str) -> str:
    """The key of the widget that has this knob, or "preset", now."""
    made = st.session_state.made.get(name, 0)
    return f"{name} {made}" if made else name


def first_value(name: str):
    """What the widget that has this knob was made with: the same on every run of the page, so that a browser whose
    connection was cut shows that and nothing else when it comes to draw the widget."""
    return st.session_state.first_values[name]


def _set(name: str, value) -> None:
    """Have the widget hold this value: if it does not, by way of another widget in its place.

    Never by assigning to the widget's key. The browser would be told the value on every run of the page, also by a
    run that began before a person chose another one: their choice would be taken back, and reported as a new one.
    """
    state = st.session_state
    if name in state.first_values and (key(name) not in state or state[key(name)] != value):
        state.made[name] = state.made.get(name, 0) + 1
        state.first_values[name] = value
    state.first_values.setdefault(name, value)


def client() -> Client:
    return st.session_state.visitor.client


def broadcast() -> Broadcast:
    return st.session_state.broadcast


def here() -> None:
    """The visitor is looking: the leases of all that works for them are renewed."""
    client().touch()
    for jobs in st.session_state.background:
        jobs.renew()


def pace() -> float:
    """Seconds between two looks at a run that trains: longer, in a few strides, while many do.

    Twenty pages that look five times a second take more than a core away from their runs.
    """
    load = server.pool().load()
    return next(seconds for most, seconds in PACES if load <= most)


def stay() -> None:
    """Draw nothing, on every page: while it is open, its visitor is looking, whatever else the page does.

    The browser is told the visitor's token, for its cookie; it must not stand in a link.
    """
    components.view("visitor", cookie=COOKIE, token=st.session_state.visitor.token)
    st.fragment(here, run_every=PRESENCE, key="here")()


def wait_for(jobs: Jobs) -> None:
    """These are to go on for as long as the visitor is on any page."""
    st.session_state.background.add(jobs)


def snapshot() -> Snapshot:
    """What the page shows now: the live run, or the recorded one."""
    here()
    return client().snapshot if st.session_state.replaying is None else server.recording()


def newest() -> Callable[[], Snapshot]:
    """Gives the live run's snapshot from any thread, where there is no session to ask."""
    mine = client()
    return lambda: mine.snapshot


def words(shown: Snapshot, block_size: int | None = None) -> Dataset:
    """What the run learns from; for another context length than its own, if one is given."""
    return server.dataset(shown.words, block_size or shown.config.block_size)


def baselines(shown: Snapshot) -> Baselines:
    """How well counting does on the words of the run."""
    return server.counted(shown.words)


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


# ---------------------------------------------------------------- words


def lists() -> list[WordList]:
    """What this visitor can choose from: the gallery, their own, and what their run learns from."""
    bundled = {words.digest: words for words in (gallery.words(one.key) for one in gallery.GALLERY)}
    own = [*st.session_state.visitor.lists, client().snapshot.words]
    return [*bundled.values(), *{words.digest: words for words in own if words.digest not in bundled}.values()]


def use(words: WordList) -> None:
    """Start a new run on these words, with the config of before; ConfigError if that is too much for them.

    Where that was what the gallery suggests for the words of before, with what it suggests for these.
    """
    before = client().snapshot
    untouched = before.config == gallery.suggested(before.words)
    config = gallery.suggested(words) if untouched else before.config
    check_work(config, server.dataset(words, config.block_size))  # the pages will need it, too
    if all(words != other for other in lists()):
        mine = st.session_state.visitor.lists
        mine[:] = [*mine, words][-OWN_LISTS:]
        library().keep_words(words)
    client().reset(config, words)
    until = time.monotonic() + PATIENCE  # thousands of words are quick; the largest lists take seconds
    while client().snapshot.number == before.number and time.monotonic() < until:
        time.sleep(0.05)


def list_with(digest: str) -> WordList | None:
    """The word list whose sha256 begins so, if it is here: a link is all it takes."""
    return next((words for words in lists() if words.digest.startswith(digest)), None) or library().words(digest)


# ---------------------------------------------------------------- links


def address(shown: Snapshot) -> str:
    """The experiment as the query of a URL, without the step that is shown; "" if no link can hold it."""
    refused, number = st.session_state.refused_link
    if number == shown.number:
        return link.encode(refused)
    changes = (*shown.history.changes, *shown.plan)
    if len(changes) > link.MAX_CHANGES:
        return ""
    return link.encode(link.Link(Config(**shown.history.config), changes, shown.words.name, shown.words.digest))


def _open(asked: link.Link, notes: list[str], known: bool) -> None:
    """In a new session: what the URL asks for; what is there already, or was interrupted, if that is the same."""
    shown, row = client().snapshot, st.session_state.interrupted
    start, changes = Config(**shown.history.config), (*shown.history.changes, *shown.plan)
    nothing = not notes and asked == link.Link(present=asked.present)
    same = nothing or _same(asked, start, changes, shown.words.digest)
    if row and (same or _same(asked, row.config, row.changes, row.digest)):
        bring_back()
    elif not (nothing or (known and same)):
        visit(asked, notes)


def _same(asked: link.Link, config: Config, changes: tuple, digest: str) -> bool:
    words = asked.digest or server.names().digest
    return (asked.config, asked.changes) == (config, changes) and digest.startswith(words)


def bring_back() -> bool:
    """The interrupted run, at rest where it was; whether that could be done."""
    row, words = st.session_state.interrupted, list_with(st.session_state.interrupted.digest)
    if words is None or not _go_through(row.config, row.changes, row.step, words):
        return False
    st.session_state.brought_back = client().snapshot.id
    return True


def _go_through(config: Config, changes: tuple, step: int, words: WordList) -> bool:
    """Open the run of an experiment at a step, on from what the library has of it; whether it was let in."""
    before, past = client().snapshot.number, library().past_of(config, changes, words.digest, step)
    if past is None:
        shown = client().rebuild(config, changes, step, words)
    else:
        shown = client().resume(past, step, [change for change in changes if change[0] >= past.step], words)
    return shown.number != before


def to_own_run() -> None:
    """What is shown is the visitor's run as it is now."""
    st.session_state.replaying = st.session_state.cursor = None
    st.session_state.notes = []


def visit(asked: link.Link, notes: list[str]) -> None:
    """Open the run of a link at its step: trained again, on from what the library has of it."""
    state = st.session_state
    ours = list_with(asked.digest) if asked.digest else server.names()
    other = None if ours else link.data_note(asked, server.names().name, server.names().digest)
    ours = ours or server.names()
    to_own_run()
    state.notes = [*notes, *([other] if other else [])]
    if _go_through(asked.config, asked.changes, asked.step or 0, ours):
        return
    state.refused_link = asked, client().snapshot.number  # the address stays, for another try
    if client().snapshot.problem:
        state.notes.append(client().snapshot.problem)
