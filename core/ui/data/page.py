"""The Data page: count models and their losses, the examples of the words, and the lecture before this one."""

import streamlit as st
import torch

from core.counting import standings
from core.counting.bigram import RATES, descend, following
from core.counting.mixture import POINTS, gained
from core.counting.standings import Standing, ranked, standings_sentence
from core.data.corpus import WORD
from core.data.vocabulary import BOUNDARY, DataError
from core.data.word_examples import examples_of, group_shares, letter_counts
from core.engine.snapshot import TRAINING, Snapshot
from core.messages import mark, tr
from core.plots import GROUPS
from core.plots.data import descent_figure, growth_figure, matrix, mix_figure, shades, track
from core.ui import components, session, typed
from core.ui.data import counting, text, word_page, words
from core.ui.inside import example

EXAMPLES, CONTEXTS, PAIRS, DESCENT, MIX = (
    mark("Examples"), mark("Contexts"), mark("Bigrams"), mark("Gradient descent"), mark("Mix"),
)  # fmt: skip
ENDS = {"name": mark("ends of names"), "word": mark("ends of words"), "sentence": mark("ends of sentences")}
MOVING, RESTING = 2.0, 5.0  # seconds between two looks at the run
FIRST = 5  # words for which X and Y are shown, as in the lecture
PAPERS_MODEL = "trigram"  # what Bengio et al. mixed their network with
BIGRAM = "bigram"


def page() -> None:
    session.begin()
    components.present()
    if session.client().snapshot.corpus.level == WORD:
        word_page.page()
        return
    if st.session_state.pop("watch", False):
        st.switch_page("explore/page.py")
    shown = _look()
    every = MOVING if shown.state == TRAINING else RESTING
    st.fragment(_words, key="words_look")(_seen(shown))
    st.fragment(_standings, run_every=every, key="standings_look")(_seen(shown))
    st.fragment(_tabs, key="data_tabs")(every)
    text.draw()


def _look() -> Snapshot:
    """The newest snapshot of the visitor's run; renews its lease."""
    session.begin()
    session.renew_leases()
    shown = session.client().snapshot
    if shown.corpus.level == WORD:  # chosen in another tab: the whole page shows something else
        st.rerun()
    return shown


def _seen(shown: Snapshot) -> tuple:
    """The state that the whole page depends on: if it changes, the page runs again."""
    return shown.number, shown.state, st.session_state.get("watch", False)


# ---------------------------------------------------------------- which words


def _words(seen: tuple) -> None:
    words.draw(_look())
    if _seen(session.client().snapshot) != seen:
        st.rerun()


# ---------------------------------------------------------------- who predicts best


def _standings(seen: tuple) -> None:
    shown = _look()
    mine, (kept, more) = counting.own(shown), counting.kept(shown)
    lines = ranked([*counting.counted(shown.corpus), mine, *kept])
    with st.container(key="standings", border=True):
        components.view(
            "standings",
            said=standings_sentence(counting.counted(shown.corpus), mine, kept),
            lines=[_line(line) for line in lines],
            more=more,
            **track(lines),
        )
    if _seen(shown) != seen:
        st.rerun()


def _line(line: Standing) -> dict:
    losses = line.train, line.dev, line.test
    return {
        "name": tr(line.name) if line.kind != standings.KEPT else line.name,
        "kind": line.kind,
        "about": _about(line),
        "reads": line.reads,
        "nats": [_number(loss, 4) for loss in losses],
        "perplexity": [_number(loss if loss is None else standings.perplexity(loss), 2) for loss in losses],
    }


def _about(line: Standing) -> str:
    if line.step is None:
        return standings.about_counting(line.name)
    steps = tr("1 step") if line.step == 1 else tr("{step:,} steps", step=line.step)
    return f"{steps} · {line.about}"


def _number(value: float | None, digits: int) -> str:
    if value is None:
        return "–"
    return f"{value:.{digits}f}" if value < 1e4 else f"{value:.1e}"


# ---------------------------------------------------------------- below the fold: only the open tab is drawn


def _tabs(every: float) -> None:
    panels = {EXAMPLES: _examples, CONTEXTS: _contexts, PAIRS: _pairs, DESCENT: _descent, MIX: _mix}
    for tab, panel in zip(st.tabs(list(map(tr, panels)), key="data_tab", on_change="rerun"), panels.values()):
        if tab.open:
            with tab:
                panel(_look(), every)


def _examples(shown: Snapshot, every: float) -> None:
    train = session.dataset(shown).train
    left, right = st.columns(2, gap="small")
    with left, st.container(key="windows", border=True):
        with st.container(key="data_word"):
            st.text_input(tr("Word"), key=typed.key(shown.corpus, "data_word"), label_visibility="collapsed",
                          max_chars=typed.most(shown.vocabulary), placeholder=tr("type a word"))  # fmt: skip
        word = typed.text(shown, "data_word")
        shows = st.empty()
        block_size = st.slider(tr("Context length"), 1, 10, shown.config.block_size, key="data_block",
                               persist_state="session", help=tr("Characters of context in each example."))  # fmt: skip
        with shows:
            components.view(
                "windows", **shown.corpus.shown.for_script, block=block_size, **_windows(shown, word, block_size)
            )
    with right, st.container(key="alphabet", border=True):
        counts = letter_counts(train)
        components.view("alphabet", **shown.corpus.shown.for_script, counts=counts, shares=_shares(shown))
    with st.container(key="firstfive", border=True):
        length, words = shown.config.block_size, shown.corpus.units[:FIRST]
        first = [{"word": word, **_windows(shown, word, length)} for word in words]
        components.view("firstfive", **shown.corpus.shown.for_script, words=first, block=length)


def _shares(shown: Snapshot) -> list[str]:
    """The share of each group among the characters to predict, as text; the ends of words last."""
    shares = group_shares(session.dataset(shown).train, shown.corpus.shown.roles)
    called = shown.corpus.shown.names | {"boundary": ENDS[shown.corpus.noun]}
    return [f"{100 * shares[group]:.0f} % {tr(called[group])}" for group in GROUPS if group in called]


def _windows(shown: Snapshot, word: str, block_size: int) -> dict:
    try:
        seen = examples_of(shown.vocabulary, word, block_size)
    except DataError as error:
        return {"windows": [], "problem": str(error)}
    return {"windows": [[w.context, w.next, w.X, w.Y] for w in seen], "problem": None}


def _contexts(shown: Snapshot, every: float) -> None:
    found = counting.lengths(shown.corpus)
    with st.container(key="growth", border=True):
        components.view(
            "growth",
            figure=growth_figure(found, shown.config.block_size),
            block=shown.config.block_size,
            lengths=[
                {
                    "length": one.length,
                    "counts": [f"{n:,}" for n in (one.possible, one.train, one.dev, one.unseen)],
                    "share": f"{100 * one.unseen_examples / one.examples:.2f} %",
                    "such_as": [[unseen.context, unseen.times, unseen.word] for unseen in one.such_as],
                }
                for one in found
            ],
        )


def _pairs(shown: Snapshot, every: float) -> None:
    with st.container(key="pairs", border=True):
        st.fragment(_pairs_now, run_every=every, key="pairs_look")()


def _pairs_now() -> None:
    shown = _look()
    if st.session_state.pop("inside", False):
        st.switch_page("inside/page.py")
    counts, _ = counting.bigrams(shown.corpus)
    those = counting.frequent(shown.corpus)
    some = lambda P: counting.among(P, those)
    components.view(
        "pairs",
        {"inside": _open_inside},
        **{name: [values[i] for i in those] for name, values in shown.corpus.shown.for_script.items()},
        counts=[int(n) for n in some(counts).flatten().tolist()],
        total=int(counts.sum()),
        occurring=int((counts > 0).sum()),
        shades=shades(some(counts)),
        counted=_rounded(some(following(counts))),
        network=_rounded(some(counting.after_letters(shown))),
        step=shown.step,
        block=shown.config.block_size,
    )


def _open_inside() -> None:
    """Open the page "Inside the network" with the clicked character as the context."""
    symbol = components.received("pairs", "inside")
    if symbol in session.client().snapshot.vocabulary.itos:
        example.bring("" if symbol == BOUNDARY else symbol)
        st.session_state.inside = True


def _rounded(P: torch.Tensor) -> list[list[float]]:
    return [[round(p, 4) for p in row] for row in P.tolist()]


# ---------------------------------------------------------------- the lecture before, and the paper's mix


def _descent(shown: Snapshot, every: float) -> None:
    target = next(line.train for line in counting.counted(shown.corpus) if line.name == BIGRAM)
    with st.container(key="descent", border=True):
        components.view("lecture")
        with st.container(key="descent_asked", horizontal=True, vertical_alignment="center", gap="small"):
            rate = st.segmented_control(tr("Learning rate"), RATES, default=RATES[1], key="descent_rate", required=True,
                                        format_func="{:g}".format, persist_state="session",
                                        help=tr("The lecture uses 50. 10 is slow, 100 never settles."))  # fmt: skip
            pressed = st.button(tr("Train this layer"), key="descend", type="primary", icon=":material/play_arrow:")
        train, dev = counting.bigrams(shown.corpus)
        if pressed:
            with st.spinner(tr("Training this layer …")):
                st.session_state.descent = shown.corpus.digest, descend(train, dev, target, rate)
        of, descent = st.session_state.get("descent") or (None, None)
        if of == shown.corpus.digest:
            those = counting.frequent(shown.corpus)
            some = lambda P: matrix(counting.among(P, those), [shown.vocabulary.label(i) for i in those])
            components.view(
                "descent",
                figure=descent_figure(descent),
                losses=[[step, f"{train:.4f}", f"{dev:.4f}"] for step, train, dev in descent.losses],
                frames=[some(P) for P in descent.probabilities],
                counted=some(following(train)),
                rate=descent.rate,
                target=f"{target:.4f}",
                reached=descent.reached,
            )


def _mix(shown: Snapshot, every: float) -> None:
    with st.container(key="mix", border=True):
        names = list(counting.models(shown.corpus))
        usual = names.index(PAPERS_MODEL if PAPERS_MODEL in names else BIGRAM)
        with st.container(key="mix_model"):
            model = st.selectbox(
                tr("Count model"), names, usual, key=typed.key(shown.corpus, "mix_model"), persist_state="session",
                label_visibility="collapsed", format_func=tr, help=tr("The paper mixed its network with an "
                "interpolated trigram."),
            )  # fmt: skip
        st.fragment(_mix_now, run_every=every, key="mix_look")(shown.corpus.digest, model)


def _mix_now(digest: str, model: str) -> None:
    shown = _look()
    if shown.corpus.digest != digest:
        st.rerun()
    mixed = counting.mixed(shown, model)
    components.view(
        "mix",
        figure=mix_figure(mixed, tr(model)),
        losses=[f"{loss:.4f}" for loss in mixed.losses],
        model=tr(model),
        step=shown.step,
        best=round(mixed.best * (POINTS - 1)),
        said=gained(mixed),
    )


page()
