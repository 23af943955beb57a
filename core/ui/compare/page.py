"""The Compare page: the library on the left, two to six of its runs side by side on the right."""

from dataclasses import replace

import streamlit as st

from core.analysis.compare import SAMPLES_SEED, Entry, comparable, loss_text, of_words, picture_note, pictures, table
from core.analysis.naming import without_shared
from core.analysis.parting import sentence, unlike
from core.analysis.seeds import MAX_SEEDS
from core.analysis.verdict import headline, seeds_sentence, verdict
from core.data.corpus import CHARACTER, WORD, noun_of
from core.engine.experiment import told_apart
from core.keeping.store import Row
from core.messages import mark, tr
from core.plots.compare import band_figure, losses_figure, map_figure, overlap_figure, parting_figure
from core.ui import components, session
from core.ui.compare import comparison

EXPLORE = "explore/page.py"
LIBRARY_EVERY = 5.0  # seconds between two looks at the library
BATCH_EVERY = 1.0  # seconds between two looks at a batch
MIN_SEEDS = 2
PAIRS = 12


def page() -> None:
    session.begin()
    comparison.begin()
    if st.session_state.leaving:
        st.session_state.leaving = False
        st.switch_page(EXPLORE)
    components.present()
    rows = comparison.runs()
    mine = comparison.entries(comparison.chosen(rows))
    st.session_state.coloured = comparison.coloured(
        [row.id for row in comparison.chosen(rows)], st.session_state.coloured
    )
    with st.container(key="compare"):
        left, right = st.columns([1, 2.3], gap="small")
    with left, st.container(key="library", border=True):
        components.view("library", comparison.HANDLERS, **comparison.listed(rows))
        if not rows:
            st.page_link(EXPLORE, label=tr("Train one on the Explore page"), icon=":material/arrow_forward:")
    with right:
        _compare(mine, bool(rows))
    st.fragment(_heartbeat, run_every=LIBRARY_EVERY, key="heartbeat")(_seen(rows))


def _heartbeat(seen: list) -> None:
    """Keep the visitor's run training, and show what it adds to the library."""
    session.one_thread()
    session.renew_leases()
    if _seen(comparison.runs()) != seen:
        st.rerun()


def _seen(rows: list[Row]) -> list:
    return [(row.id, row.name, row.step) for row in rows]


def _compare(entries: list[Entry], any_runs: bool) -> None:
    if entries:  # what the page says is of these runs, not of the one on Explore
        level = WORD if of_words(entries[:1]) else CHARACTER
        st.session_state.wording = {"noun": noun_of(entries[0].data, level), "V": len(entries[0].itos)}
    if len(entries) < 2:
        empty = tr("Here you can compare runs that you have trained.")
        hint = tr("Choose two to six runs to compare them.") if any_runs else empty
        components.view("verdict", text="", hint=hint)
    else:
        _side_by_side(entries)
    if entries:
        _other_seeds(entries)


def _side_by_side(entries: list[Entry]) -> None:
    names = without_shared([entry.name for entry in entries], told_apart([entry.config for entry in entries]))
    entries = [replace(entry, name=name) for entry, name in zip(entries, names)]
    colours = [_colour(entry) for entry in entries]
    runs = [{"name": entry.name, "colour": colour} for entry, colour in zip(entries, colours)]
    components.view("verdict", headline=headline(entries), text=verdict(entries), hint="")
    with st.container(key="losses", border=True, gap=None):
        note = "" if comparable(entries) else tr("different words: these losses cannot be compared")
        components.view("losses", figure=losses_figure(entries, colours, st.session_state.over == "seconds"), note=note)
        st.segmented_control(
            tr("Over"), [mark("steps"), mark("seconds")], format_func=tr, key="over", required=True,
            persist_state="session",
            label_visibility="collapsed", help=tr("Losses over training steps, or over seconds of training."),
        )  # fmt: skip
    if len(entries) == 2:
        _parting(entries)
    with st.container(key="table", border=True, gap=None):
        components.view("table", runs=runs, **table(entries))
    with st.container(key="maps", border=True, gap=None):
        components.view("maps", maps=_maps(entries, runs))
    with st.container(key="writings", border=True, gap=None):
        written = [run | {"words": entry.words} for run, entry in zip(runs, entries)]
        components.view("writings", runs=written, seed=SAMPLES_SEED)


def _colour(entry: Entry) -> str:
    return st.session_state.coloured.get(entry.id, "ink")


def _parting(entries: list[Entry]) -> None:
    """Where the two part, and how far they are from one another since."""
    found = comparison.parting_of(entries)
    figure = parting_figure(found.distances) if found and found.step is not None else None
    unknown = tr("They cannot be compared number by number: their words are not on this server now.")
    text = sentence(found, entries[0].labels) if found else unlike(*entries) or unknown
    with st.container(key="parting", border=True, gap=None):
        components.view("parting", text=text, figure=figure)


def _maps(entries: list[Entry], runs: list[dict]) -> list[dict]:
    found = pictures(entries)
    notes = [picture_note(entry, picture, picture is found[0]) for entry, picture in zip(entries, found)]
    figures = [map_figure(entry, picture) for entry, picture in zip(entries, found)]
    parts = zip(entries, runs, figures, notes)
    shown = lambda entry: {"characters": list(entry.shown.symbols), "words": entry.most is not None}
    return [run | {"figure": figure, "note": note} | shown(entry) for entry, run, figure, note in parts]


# ---------------------------------------------------------------- other seeds


def _other_seeds(entries: list[Entry]) -> None:
    with st.container(key="reseed", border=True):
        components.view("reseed")
        running = st.session_state.reseeding
        _ask_for_seeds(entries, bool(running))
        if running:
            st.fragment(_progress, run_every=BATCH_EVERY, key="watch")()
        elif st.session_state.reseeds:
            _reseeds(entries)


def _ask_for_seeds(entries: list[Entry], running: bool) -> None:
    ids = [entry.id for entry in entries]
    with st.container(key="ask_seeds", horizontal=True, vertical_alignment="bottom", gap="small"):
        at = st.selectbox(tr("Run"), range(len(ids)), format_func=lambda i: entries[i].name, disabled=running)
        n = st.select_slider(
            tr("Seeds"), range(MIN_SEEDS, MAX_SEEDS + 1), key="seeds", persist_state="session", disabled=running
        )
        entry = entries[at]
        ours = session.list_with(*entry.text) is not None
        st.button(
            tr("Train {n} seeds, {about}", n=n, about=comparison.about(comparison.seconds_for(entry, n))),
            key="reseed_start",
            on_click=comparison.reseed,
            args=(entry, n),
            disabled=running or not ours,
            help=tr("The same settings and changes with other initial weights and minibatches, in the background.")
            if ours
            else tr("This run learned from words that are not on this server now."),
        )


def _progress() -> None:
    session.one_thread()
    progress, running = comparison.poll(), st.session_state.reseeding
    if progress is None or running is None:
        st.rerun()
    done, n = len(progress.done), len(running.seeds)
    text = comparison.in_line(progress) or tr("{n} of {all} seeds done", n=done, all=n)
    with st.container(key="reseeding", horizontal=True, vertical_alignment="center", gap="small"):
        st.progress(progress.share, text=text)
        st.button(tr("Cancel"), key="reseed_cancel", on_click=comparison.cancel)


def _reseeds(entries: list[Entry]) -> None:
    reseeds = st.session_state.reseeds
    entry, survival = reseeds.entry, reseeds.survival
    colour = _colour(entry)
    components.view(
        "reseeds",
        text=seeds_sentence(reseeds),
        name=entry.name,
        colour=colour,
        own=loss_text(entry.dev),
        band=band_figure(entry, reseeds.band, colour),
        devs=[[seed, loss_text(dev)] for seed, dev in reseeds.devs.items()],
        failed=list(map(tr, reseeds.failed.values())),
        overlap=overlap_figure(entry, survival) if survival else None,
        pairs=reseeds.lasting(PAIRS),
        seeds=len(reseeds.devs),
    )


page()
