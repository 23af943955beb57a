"""The state of one session: its visitor, what was sent to the browser, and the values of the widgets.

Widgets have the names of the knobs as keys (see `key`). Their values go to the client as a Config, and
come back as Snapshots. A visitor can have several sessions, one for each tab. Visitors share only
immutable data, the pool and the library on disk. The callbacks of the controls are in core/ui/actions.py.
"""

import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st
import torch

from core.analysis.timeline import Axes
from core.config import DEFAULT_WORDS, KNOB, KNOBS, MOST_WORDS, Config
from core.counting.ngrams import Baselines
from core.data import gallery, sentences
from core.data.corpus import WORD, Corpus
from core.data.dataset import Dataset
from core.engine.paths import possible
from core.engine.snapshot import Snapshot
from core.keeping import link
from core.keeping.library import Library
from core.serving.client import Client
from core.serving.jobs import Jobs
from core.serving.training import check_work
from core.serving.visitors import COOKIE, name_of
from core.ui import language, server, typed
from core.ui.explore import asking
from core.ui.explore.asking import TEMPERATURE, USUAL
from core.ui.explore.knobs import Slider, changes_over_the_line, preset_of, stops
from core.ui.explore.live import Live

DEFAULTS = {TEMPERATURE: USUAL, "linear": False, "four_gram": False}
RENEWAL = 20.0  # seconds between two renewals of the leases, on a page that does not refresh otherwise
PATIENCE = 20.0  # seconds that a page waits for a run on other words
OWN_LISTS = 5  # how many word lists of a visitor are kept to choose from; the oldest is removed first


def library() -> Library:
    return st.session_state.visitor.library


def visitor_name() -> str:
    """What this session's visitor is called in the library."""
    return name_of(st.session_state.visitor.token)


def one_thread() -> None:
    """Call first in every run of a page or fragment: each has its own thread, and torch's setting is per thread."""
    torch.set_num_threads(1)


def begin() -> None:
    """Call first on every page: create the session's objects, and open the run of the URL.

    Streamlit can break off a run of the page wherever it uses the session's state; the next one does what is left.
    Streamlit deletes the value of a widget when another page is shown, unless the value is set again.
    """
    one_thread()
    state = st.session_state
    if "visitor" not in state:
        token = st.context.cookies.get(COOKIE)
        visitor, known = server.visitors().find(token)
        state.live, state.made, state.first_values = Live(token, visitor.client, language.of_page()), {}, {}
        state.live.attempt = partial(getattr, visitor, "attempt")
        server.pages().add(state.live)
        state.background, state.brought_back, state.begun = weakref.WeakSet(), None, False
        state.interrupted = None if known else visitor.library.interrupted(name_of(visitor.token))
        asked, notes = link.parse(st.query_params.to_dict())
        state.present, state.to_open = asked.present, (asked, notes, known)
        state.visitor = visitor
    if state.to_open:
        _open(*state.to_open)
        state.to_open = None
    shown = snapshot()
    state.update({name: state.get(name, default) for name, default in (DEFAULTS | typed.at_first(shown)).items()})
    state.wording = {"noun": shown.corpus.noun, "V": len(shown.vocabulary)}


def show_config() -> str:
    """Make every knob's widget show the run's config; call before the knobs are drawn. What is drawn: `Live.seen`."""
    shown = client().snapshot
    other = {"preset": preset_of(shown), "words": shown.corpus.digest}
    if shown.corpus.level == WORD:
        other["vocabulary"] = shown.corpus.most or MOST_WORDS
    for name, value in {**shown.config.to_dict(), **other}.items():
        _set(name, value)
    over_line = (knob.name for knob in KNOBS if changes_over_the_line(knob))
    live().sliders = {name: Slider(key(name), (getattr(shown.config, name),)) for name in over_line}
    return live().seen_of(shown)


def sliders() -> dict[str, tuple[str, list]]:
    """Of each live knob that changes over the live line, the key and the stops of its slider."""
    return {name: (key(name), stops(KNOB[name], first_value(name))) for name in live().sliders}


def key(name: str) -> str:
    """The current widget key of a knob, or of "preset" or "words"."""
    made = st.session_state.made.get(name, 0)
    return f"{name} {made}" if made else name


def first_value(name: str):
    """The value with which the current widget of this knob was created.

    It stays the same on every run of the page: a browser that lost its connection draws the widget with it.
    """
    return st.session_state.first_values[name]


def _set(name: str, value) -> None:
    """Set the value of a widget from code: if it has another value, a new widget with a new key replaces it.

    Never by assigning to the key of the widget: the browser would receive the value on every run of the page,
    also from a run that began before the user chose another value. The choice would be undone, and reported
    as a new one. And until the browser knows the new value it sends the old one, which under the same key
    would look like a choice of the user.
    """
    state = st.session_state
    if name in state.first_values and (key(name) not in state or state[key(name)] != value):
        state.made[name] = state.made.get(name, 0) + 1
        state.first_values[name] = value
    state.first_values.setdefault(name, value)


def client() -> Client:
    return st.session_state.visitor.client


def live() -> Live:
    return st.session_state.live


def renew_leases() -> None:
    """The visitor has a page open: renew the leases of their client and of their background jobs."""
    client().renew_lease()
    for jobs in st.session_state.background:
        jobs.renew()


def keep_alive() -> None:
    """Renew the visitor's leases as long as the page is open. Call on every page; draws nothing."""
    st.fragment(renew_leases, run_every=RENEWAL, key="here")()


def wait_for(jobs: Jobs) -> None:
    """Keep these jobs running as long as the visitor has any page open."""
    st.session_state.background.add(jobs)


def snapshot() -> Snapshot:
    """The snapshot to show: of the visitor's run, or of the recorded run."""
    renew_leases()
    return live().snapshot


def newest() -> Callable[[], Snapshot]:
    """A function that returns the newest snapshot of the visitor's run from any thread, also without a session."""
    mine = client()
    return lambda: mine.snapshot


def dataset(shown: Snapshot) -> Dataset:
    """The words that a run learns from, made ready for its block size."""
    return server.dataset(shown.corpus, shown.config.block_size)


def baselines(shown: Snapshot) -> Baselines:
    """The count models of the run's words, and their losses."""
    return server.counted(shown.corpus)


def axes(shown: Snapshot) -> Axes:
    """The chosen axes of the embedding; () (a projection of all dimensions) if the run does not have them."""
    chosen = st.session_state.get("axes") or ()
    return chosen if all(i < shown.config.n_embd for i in chosen) else ()


def ask(shown: Snapshot) -> list[str]:
    """Ask of the run what stands in the page's inputs; their keys."""
    live().ask(_typed(shown))
    return asking.keys(shown.corpus)


def asked(shown: Snapshot) -> asking.Values:
    """What stands in those inputs, as the browser said it or else as the script knows it."""
    return _typed(shown) | live().browsers


def keep_what_was_typed() -> None:
    """Call on a page without those inputs: they show what the browser last said of them when they are drawn again."""
    st.session_state.update(live().browsers)


def _typed(shown: Snapshot) -> asking.Values:
    return {key: st.session_state[key] for key in asking.keys(shown.corpus) if key in st.session_state}


# ---------------------------------------------------------------- words


def lists() -> list[Corpus]:
    """The word lists that this visitor can choose: the gallery, their own lists, and that of their run."""
    bundled = {words.digest: words for words in (gallery.words(listing.key) for listing in gallery.GALLERY)}
    own = [*st.session_state.visitor.lists, client().snapshot.corpus]
    return [*bundled.values(), *{words.digest: words for words in own if words.digest not in bundled}.values()]


def use(words: Corpus) -> None:
    """Start a new run on these words with the same config; ConfigError if the config is too large for them.

    If the config was the gallery's suggestion for the words before, the new run has its suggestion for these.
    """
    before = client().snapshot
    untouched = before.corpus.level != words.level or before.config == gallery.suggested(before.corpus)
    config = gallery.suggested(words) if untouched else before.config
    if words.level != WORD:  # the pages need this dataset as well
        check_work(config, server.dataset(words, config.block_size))
    if all(words != other for other in lists()):
        mine = st.session_state.visitor.lists
        mine[:] = [*mine, words][-OWN_LISTS:]
        library().keep_words(words)
    begin_on(config, words)


def begin_on(config: Config, words: Corpus) -> None:
    """A new run on other words, and wait until it is there."""
    before = client().snapshot
    client().reset(config, words)
    until = time.monotonic() + PATIENCE  # thousands of words are quick; the largest lists take seconds
    same = lambda shown: (shown.number, shown.problem) == (before.number, before.problem)
    while same(client().snapshot) and time.monotonic() < until:
        time.sleep(0.05)


def list_with(digest: str, most: int | None = None) -> Corpus | None:
    """The corpus whose sha256 begins with `digest` (a link has the first digits), or None if it is not here.

    most: at word level, how many words its vocabulary has; None for the default.
    """
    if sentences.DIGEST.startswith(digest):
        return server.english(most or DEFAULT_WORDS)
    found = next((words for words in lists() if words.digest.startswith(digest)), None) or library().words(digest)
    return with_vocabulary(found, most or DEFAULT_WORDS) if found and found.level == WORD else found


def with_vocabulary(corpus: Corpus, most: int) -> Corpus:
    """The same text with another number of words."""
    if corpus.most == most:
        return corpus
    return server.english(most) if server.is_english(corpus) else replace(corpus, most=most)


# ---------------------------------------------------------------- links


def _open(asked: link.Link, notes: list[str], known: bool) -> None:
    """In a new session, open the run of the URL; not if the visitor's run or interrupted run is the same."""
    shown, row = client().snapshot, st.session_state.interrupted
    start, changes = Config(**shown.history.config), (*shown.history.changes, *shown.plan)
    nothing = not notes and asked == link.Link(present=asked.present)
    same = nothing or _same(asked, start, changes, shown.corpus.digest, shown.history.paths)
    if shown.corpus.level == WORD and (asked.vocabulary or DEFAULT_WORDS) != shown.corpus.most:
        same = nothing
    of_row = row and row.most in (None, asked.vocabulary or DEFAULT_WORDS)
    if row and (same or (of_row and _same(asked, row.config, row.changes, row.digest, row.paths))):
        bring_back()
    elif not (nothing or (known and same)):
        visit(asked, notes)


def _same(asked: link.Link, config: Config, changes: tuple, digest: str, paths: Sequence[tuple[int, str]]) -> bool:
    words, path = asked.digest or server.names().digest, paths[0][1]
    said = asked.config, asked.changes, asked.path or path
    return said == (config, changes, path) and digest.startswith(words)


def bring_back() -> bool:
    """Open the interrupted run, paused at its last step. Return whether that was possible."""
    row = st.session_state.interrupted
    words = list_with(row.digest, row.most)
    if words is None or not _open_experiment(row.config, row.changes, row.step, words, row.paths):
        return False
    st.session_state.brought_back = client().snapshot.id
    return True


def _open_experiment(
    config: Config, changes: tuple, step: int, words: Corpus, paths: Sequence[tuple[int, str]]
) -> bool:
    """Open the run of an experiment at `step`, starting from what the library has of it. paths: of its history.

    Return whether the client accepted it.
    """
    before = client().snapshot.number
    past = library().past_of(config, changes, words.digest, step, paths, words.most)
    if past is None:
        shown = client().rebuild(config, changes, step, words, paths[0][1])
    else:
        shown = client().resume(past, step, [change for change in changes if change[0] >= past.step], words)
    return shown.number != before


def visit(asked: link.Link, notes: list[str]) -> None:
    """Open the run of a link at its step. What the library does not have of it is trained again."""
    ours = list_with(asked.digest, asked.vocabulary) if asked.digest else server.names()
    other = None if ours else link.data_note(asked, server.names().name, server.names().digest)
    ours = ours or server.names()
    live().to_own_run()
    path = possible(asked.path)
    live().notes = [*notes, *filter(None, (other, link.path_note(asked, path)))]
    if _open_experiment(asked.config, asked.changes, asked.step or 0, ours, [(0, path)]):
        return
    live().refused = asked, client().snapshot.number  # keep the URL, so that reloading tries again
    live().notes = [*live().notes, *filter(None, [client().snapshot.problem])]
