"""The Tune page: the internal state of the run, and experiments that help to choose its hyperparameters."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analysis.compare import loss_text, summary
from core.analysis.finder import EXPONENTS, Findings
from core.analysis.repair import expected
from core.config import KNOB
from core.engine.snapshot import FINISHED, STOPPED, TRAINING, Snapshot
from core.messages import mark, tr
from core.plots.loss import loss_figure
from core.plots.tune import activity_figure, curves_figure, finder_figure, norms_figure, ratios_figure
from core.ui import components, session
from core.ui.explore import commands
from core.ui.tune import gradients, tuning

MOVING, SOON, RESTING = 1.0, 0.3, 5.0  # seconds between two looks at a run: in training, not all examined, at rest
OF_WORDS = mark("One sweep and one short run per rate, with your settings and initial weights, in the background.")
OF_CHARACTERS = mark(
    "One sweep and three short runs per rate, with your settings and initial weights, in the background."
)
WATCH = 0.5  # and at an experiment


def page() -> None:
    session.begin()
    tuning.begin()
    components.present()
    shown = tuning.own()
    pace = _pace(shown, tuning.examined(shown))
    with st.container(key="tune_run", border=True, gap=None):
        st.fragment(_run, run_every=pace, key="run_look")(shown.state, shown.number, pace)
    left, right = st.columns([1.25, 1], gap="small")  # in rows of their own, so that none leaves the other a gap
    with left, _card("finder"):
        components.view("finder_head")
        st.fragment(_rates, run_every=WATCH if tuning.running("rates") else None, key="rates_look")(tuning.busy())
    with right, _card("sizes"):
        components.view("sizes_head")
        st.fragment(_sizes, run_every=WATCH if tuning.running("sizes") else None, key="sizes_look")(tuning.busy())
    left, right = st.columns([1.25, 1], gap="small")
    with left, _card("repairs"):
        _initial_weights(shown)
    with right, _card("gradients"):
        st.fragment(gradients.draw, key="gradients_look")()


def _card(key: str) -> DeltaGenerator:
    """As high as the one beside it."""
    return st.container(key=key, border=True, gap="small", height="stretch")


# ---------------------------------------------------------------- how the run is doing


def _pace(shown: Snapshot, examined: bool) -> float:
    return MOVING if shown.state == TRAINING else RESTING if examined else SOON


def _run(state: str, number: int, pace: float) -> None:
    session.one_thread()
    shown = tuning.own()
    complete = tuning.examined(shown)
    if (shown.state, shown.number, _pace(shown, complete)) != (state, number, pace):
        st.rerun()
    examination = st.session_state.examination
    checkups, last = examination.checkups, max(shown.step, shown.config.steps)
    fitted, counted = tuning.train_and_dev(shown)
    step, train, dev = shown.exact
    with st.container(key="tune_acts", horizontal=True, gap="small"):
        st.button(
            tr("Pause") if shown.state == TRAINING else tr("Train"), key="tune_train", args=[session.live()],
            on_click=commands.pause if shown.state == TRAINING else commands.train,
            type="primary", disabled=shown.state in (STOPPED, FINISHED), help=tr("Train or pause your run."),
        )  # fmt: skip
        st.button(tr("Reset"), key="tune_reset", on_click=commands.reset, args=[session.live()],
                  help=tr("Back to step 0 with the same initial weights, and the current learning rate."))  # fmt: skip
    texts, remedy = tuning.problems(shown)
    components.view(
        "tune_run",
        {"mend": tuning.mend_run},
        about=summary(shown.config, shown.history.changes),
        step=f"{shown.step:,}",
        losses=tr("train {train}, dev {dev}", train=loss_text(train), dev=loss_text(dev))
        + ("" if step == shown.step else tr(" at step {step:,}", step=step)),
        alarms=texts,
        mend=remedy and tr(remedy.label),
        examined=""
        if complete
        else tr("{n} of {all} checkpoints examined so far.", n=len(checkups), all=examination.due),
        fit=[fitted.kind, fitted.text],
        activity=activity_figure(checkups, shown.config.n_hidden, last),
        ratios=ratios_figure(checkups, last),
        norms=norms_figure(checkups, last),
        loss=loss_figure(shown.config, shown.step, shown.measured, counted),
    )


# ---------------------------------------------------------------- learning rate


def _rates(busy: bool) -> None:
    session.one_thread()
    search, shown = tuning.current("rates"), tuning.own()
    tuning.keep("tune_range", tuning.steps_key(shown, "tune_steps"))
    if tuning.busy() != busy:
        st.rerun()
    with st.container(key="finder_ask", horizontal=True, vertical_alignment="bottom", gap="small"):
        _ask_for_rates(search, shown, busy)
    if search is None:
        if not tuning.too_large(shown):
            components.view("finder", found=None)
        return
    found = Findings.of(search.jobs, search.progress)
    components.view(
        "finder",
        {"rate": tuning.use_rate},
        found={
            "figure": finder_figure(found, shown.config.learning_rate, search.low, search.high),
            "curves": curves_figure(found, search.steps),
            "best": found.best and found.best.rate,
            "text": tuning.rates_text(search, found),
            "whose": tuning.whose(search.config, shown),
            "own": shown.config.learning_rate,
            "took": st.session_state.took,
            "running": search.running,
        },
    )


def _ask_for_rates(search: tuning.Search | None, shown: Snapshot, busy: bool) -> None:
    if search and search.running:
        _progress(search, "rates")
        return
    if too_large := tuning.too_large(shown):
        st.text(too_large)
        return
    of_words = tuning.of_words(shown)
    st.selectbox(
        tr("Rates"), EXPONENTS, key="tune_range", disabled=busy, width=150,
        format_func=lambda span: tr("{low:g} to {high:g}", low=10.0 ** span[0], high=10.0 ** span[1]),
        help=tr("The lecture tries 0.001 to 1. Choose a wider range if the best rate is at its edge."),
    )  # fmt: skip
    st.select_slider(
        tr("Steps of each run"), tuning.STEPS[: 3 if of_words else 5], key=tuning.steps_key(shown, "tune_steps"),
        disabled=busy, format_func="{:,}".format,
        help=tr("With longer runs, lower rates become better. They take more time."),
    )  # fmt: skip
    st.button(
        tr("Find a learning rate"), key="find_rate", on_click=tuning.find_rate, disabled=busy,
        help=tr(OF_WORDS if of_words else OF_CHARACTERS),
    )  # fmt: skip


def _progress(search: tuning.Search, name: str) -> None:
    over = len(search.progress.done) + len(search.progress.failed)
    text = tr("{n} of {all} runs done", n=over, all=len(search.jobs))
    st.progress(search.progress.share, text=f"{text}, {search.left}" if search.left else text)
    st.button(tr("Cancel"), key=f"cancel_{name}", on_click=tuning.cancel, args=(name,))


# ---------------------------------------------------------------- size


def _sizes(busy: bool) -> None:
    session.one_thread()
    search, shown = tuning.current("sizes"), tuning.own()
    of_words, key = tuning.of_words(shown), tuning.steps_key(shown, "tune_size_steps")
    tuning.keep(key)
    if tuning.busy() != busy:
        st.rerun()
    with st.container(key="sizes_ask", horizontal=True, vertical_alignment="bottom", gap="small"):
        if search and search.running:
            _progress(search, "sizes")
        elif too_large := tuning.too_large(shown):
            st.text(too_large)
        else:
            st.select_slider(
                tr("Steps of each size"), tuning.STEPS[:4] if of_words else tuning.STEPS[3:], key=key, disabled=busy,
                format_func="{:,}".format, help=tr("Large networks need more steps to become better than small ones."),
            )  # fmt: skip
            st.button(
                tr("Try sizes"), key="find_size", on_click=tuning.find_size, disabled=busy,
                help=tr("A run of each size with your run's other settings, in the background."),
            )  # fmt: skip
    if search is None and tuning.too_large(shown):
        return
    own = [shown.config.n_hidden, shown.config.n_embd]
    found = search and {"whose": tuning.whose(search.config, shown, size=False), **tuning.grid(search, shown)}
    components.view("sizes", {"size": tuning.use_size}, found=found, own=own)


# ---------------------------------------------------------------- initial weights


def _initial_weights(shown: Snapshot) -> None:
    config = shown.config
    rows = tuning.repair_rows(
        shown.corpus,
        config.block_size,
        config.n_embd,
        config.n_hidden,
        config.seed,
        config.direct,
        config.tied,
    )
    init = KNOB["init"].value_text
    components.view(
        "repairs",
        {"scaled": tuning.use_scaled},
        expected=f"{expected(len(shown.vocabulary)):.3f}",
        characters=len(shown.vocabulary),
        rows=[row | {"why": tr(row["why"])} for row in rows],
        init=init(config.init),
        first=f"{shown.history.evaluations[0][1]:.3f}",
        usual=init(tuning.usual_init(shown)),
    )


page()
