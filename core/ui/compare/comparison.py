"""The actions of the Compare page: choosing runs, commands of the library, and training with other seeds.

Their state is in the Streamlit session. Values from the page's JavaScript are checked here.
"""

import math
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from core.analysis.compare import MAX_COMPARED, Entry, ago, loss_text, summary
from core.analysis.naming import distinct_names
from core.analysis.parting import Parting, parting
from core.analysis.seeds import Reseeds, other_seeds, reseeded
from core.data.plain import is_whole
from core.engine.job import Progress
from core.engine.saved import SavedRun
from core.keeping.library import Library
from core.keeping.store import Row
from core.messages import tr
from core.plots import RUNS
from core.serving.jobs import Batch
from core.ui import components, server, session

STARTING = 4.0  # seconds until a new process trains
LONGEST = 200  # characters of a new name; the rest is ignored


@dataclass
class Reseeding:
    """A batch in training: original run, seeds, and (kept) the seeds whose runs are in the library already."""

    original: SavedRun
    entry: Entry
    seeds: tuple[int, ...]
    batch: Batch
    kept: set[int]


def begin() -> None:
    """Create the state of the page, on its first run in a session."""
    state = st.session_state
    if "chosen" not in state:
        state.chosen, state.heard, state.gone, state.refused = None, 0, None, None
        state.entries, state.reseeding, state.reseeds, state.parting = {}, None, None, (None, None)
        state.leaving, state.over, state.seeds, state.coloured = False, "steps", 4, {}


# ---------------------------------------------------------------- the choice


def runs() -> list[Row]:
    """The runs of the library, the visitor's own first, the newest first, no two with the same name."""
    rows, own = session.library().runs(), _own()
    rows = [replace(row, name=name) for row, name in zip(rows, distinct_names(rows))]
    return sorted(rows, key=lambda row: row.id not in own)


def _own() -> set[str]:
    return session.library().own(session.visitor_name())


def chosen(rows: Sequence[Row]) -> list[Row]:
    """The runs to compare, in the order in which they were chosen; at first the visitor's `telling` ones."""
    by_id = {row.id: row for row in rows}
    if st.session_state.chosen is None:
        own = _own()
        return telling([row for row in rows if row.id in own])
    return [by_id[id] for id in st.session_state.chosen if id in by_id][:MAX_COMPARED]


def telling(rows: Sequence[Row]) -> list[Row]:
    """Of these runs, the newest first, the best on dev and the newest other one, of those on the words of the newest.

    If no other run learned from these words, the two newest. The older one first.
    """
    alike = [row for row in rows if (row.digest, row.most) == (rows[0].digest, rows[0].most)]  # [] of none
    best = min(alike, key=lambda row: row.exact[2] if math.isfinite(row.exact[2]) else math.inf, default=None)
    others = [row for row in alike if row is not best]
    pair = {best.id, others[0].id} if best and others else {row.id for row in rows[:2]}
    return [row for row in reversed(rows) if row.id in pair]


def entries(rows: Sequence[Row]) -> list[Entry]:
    """An Entry for each run, read once; runs that cannot be read any more are left out."""
    known, found = st.session_state.entries, {}
    for row in rows:
        at = row.id, row.step, row.changes, row.failure
        entry = known.get(at) or _entry(row)
        if entry:
            found[at] = replace(entry, name=row.name)
    st.session_state.entries = found
    return list(found.values())


def _entry(row: Row) -> Entry | None:
    saved = session.library().load(row.id)
    if not saved:
        return None
    words = session.list_with(*saved.text) or server.names()  # without its words, Entry.of leaves out what needs them
    return Entry.of(saved, server.dataset(words, saved.config.block_size))


def parting_of(entries: Sequence[Entry]) -> Parting | None:
    """Where these two part, worked out once; None if they cannot be compared, or their words are not known here."""
    at = tuple((entry.id, entry.step) for entry in entries)
    if st.session_state.parting[0] != at:
        saved = [session.library().load(entry.id) for entry in entries]
        words = session.list_with(*entries[0].text)
        known = words and all(saved)
        dataset = server.dataset(words, entries[0].config.block_size) if known else None
        st.session_state.parting = at, parting(*saved, dataset) if dataset else None
    return st.session_state.parting[1]


def coloured(ids: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """id -> colour, of these runs and of those that had one before and whose colour nobody needs.

    A run keeps its colour as long as it is compared, and gets it back if it is compared again while that is free. The
    others get colours that no run has had yet, or else those of runs that are no longer compared.
    (assets/page/compare/library.js does the same, before the server has answered.)
    """
    kept = {run: known[run] for run in ids if run in known}
    unused = [colour for colour in RUNS if colour not in known.values()]
    free = [*unused, *(colour for colour in RUNS if colour not in unused and colour not in kept.values())]
    new = dict(zip((run for run in ids if run not in kept), free))
    return {run: colour for run, colour in known.items() if colour not in new.values()} | new


def listed(rows: Sequence[Row]) -> dict:
    """The data of the library panel."""
    state, now, own = st.session_state, time.time(), _own()
    mine = [row.id for row in chosen(rows)]
    known = {entry.id: entry for entry in state.entries.values()}
    open_now = session.client().snapshot.id
    current = next((row.id for row in rows if open_now in (row.id, row.writer)), None)  # one's own, if there is one
    runs = [
        {
            "id": row.id,
            "name": row.name,
            "about": summary(row.config, row.changes),
            "facts": f"{_facts(row, known.get(row.id))} · {ago(now - row.created)}",
            "own": row.id in own,
            "failure": row.failure,
            "current": row.id == current,
        }
        for row in rows
    ]
    gone = state.gone and {"name": state.gone[1]}
    choice = {"ids": mine, "heard": state.heard}
    notes = [note for note in (session.library().problem, state.refused) if note]
    return {
        "runs": runs,
        "choice": choice,
        "colours": list(RUNS),
        "coloured": state.coloured,
        "most": MAX_COMPARED,
        "gone": gone,
        "notes": notes,
    }


def _facts(row: Row, entry: Entry | None) -> str:
    """Steps and dev loss: that of the last step if it is known, else with the step that it belongs to.

    entry: what is known of the run if it is being compared.
    """
    step, _, dev = entry.exact if entry and entry.step == row.step else row.exact
    at = "" if step == row.step else tr(" at step {step:,}", step=step)
    steps = tr("1 step") if row.step == 1 else tr("{step:,} steps", step=row.step)
    return f"{steps} · {tr('dev {loss}', loss=loss_text(dev))}{at}"


# ---------------------------------------------------------------- events of the page's JavaScript


def _row(id) -> Row | None:
    """The run with this id, or None; `id` can be anything."""
    return next((row for row in runs() if row.id == id), None)


def _forget_last_action() -> None:
    """Before another action: the last deletion can no longer be undone, and the last message is removed."""
    st.session_state.gone = st.session_state.refused = None


def choose() -> None:
    choice = components.received("library", "choice")
    if not isinstance(choice, dict) or not isinstance(choice.get("ids"), list):
        return
    _forget_last_action()
    there = {row.id for row in session.library().runs()}
    ids = list(dict.fromkeys(id for id in choice["ids"] if isinstance(id, str) and id in there))
    if len(ids) > MAX_COMPARED:
        st.session_state.refused = tr("At most {most} runs can be compared; remove one first.", most=MAX_COMPARED)
    st.session_state.chosen = ids[:MAX_COMPARED]
    heard = choice.get("heard")
    st.session_state.heard = heard if is_whole(heard) else 0


def rename() -> None:
    renamed = components.received("library", "rename")  # [id, name]
    if isinstance(renamed, list) and len(renamed) == 2 and isinstance(renamed[1], str) and _row(renamed[0]):
        _forget_last_action()
        session.library().rename(renamed[0], renamed[1][:LONGEST])


def delete() -> None:
    row = _row(components.received("library", "delete"))
    if row:
        _forget_last_action()
        session.library().delete(row.id)
        st.session_state.gone = row.id, row.name


def undelete() -> None:
    if st.session_state.gone:
        session.library().undelete(st.session_state.gone[0])
    _forget_last_action()


def open_run() -> None:
    """Open a run on the Explore page."""
    state, row = st.session_state, _row(components.received("library", "open"))
    if not row:
        return
    _forget_last_action()
    own = session.client()
    if own.snapshot.id != row.id:
        saved = session.library().load(row.id)
        shown = saved and own.resume(saved, words=session.list_with(*saved.text))
        if not shown or shown.id != row.id:
            why = shown and shown.problem
            state.refused = tr(why) if why else tr("This run cannot be read any more.")
            return
    session.live().to_own_run()
    state.leaving = True


HANDLERS = {"choice": choose, "rename": rename, "delete": delete, "undelete": undelete, "open": open_run}


# ---------------------------------------------------------------- other seeds


def seconds_for(entry: Entry, n: int) -> float:
    """About how long a batch of n seeds takes, in seconds, estimated from the run itself."""
    return STARTING + entry.seconds * math.ceil(n / min(n, os.cpu_count() or 1))


def about(seconds: float) -> str:
    """A roughly known time as text, such as "about 20 seconds"."""
    if seconds < 55:
        return tr("about {n} seconds", n=max(5, 5 * round(seconds / 5)))
    minutes = round(seconds / 60)
    return tr("about {n} minutes", n=minutes) if minutes > 1 else tr("about {n} minute", n=minutes)


def in_line(progress: Progress) -> str:
    """A sentence if the batch waits for a processor core that others use; else ""."""
    before = progress.waiting - 1
    return tr("Waiting for a free processor core; {n} visitors before you", n=before) if progress.waiting else ""


def reseed(entry: Entry, n: int) -> None:
    """Start a batch with n other seeds; cancel the batch before."""
    cancel()
    original = session.library().load(entry.id)
    words = original and session.list_with(*original.text)
    if words:
        seeds = other_seeds(entry.start.seed, n)
        batch = Batch(entry.start, original.history.changes, original.step, seeds, words)
        session.wait_for(batch)
        st.session_state.reseeding = Reseeding(original, entry, seeds, batch, set())
        st.session_state.reseeds = None


def cancel() -> None:
    if st.session_state.reseeding:
        st.session_state.reseeding.batch.cancel()
        st.session_state.reseeding = None


def poll() -> Progress | None:
    """The progress of the batch, or None; saves finished runs to the library. At the end, sets `reseeds`."""
    running: Reseeding | None = st.session_state.reseeding
    if not running:
        return None
    progress = running.batch.poll()
    library: Library = session.library()
    for seed in progress.done.keys() - running.kept:
        library.save(reseeded(running.original, progress.done[seed]), session.visitor_name())
        running.kept.add(seed)
    if progress.share == 1:
        st.session_state.reseeds = Reseeds.of(running.entry, progress)
        st.session_state.reseeding = None
    return progress
