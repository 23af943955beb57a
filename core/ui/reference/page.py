"""The Reference page: the glossary, a calculator for the paper's network, the paper's results, references."""

from dataclasses import asdict

import streamlit as st

from core.config import WORD_PRESETS, ConfigError
from core.data.corpus import WORD
from core.engine.model import Shape
from core.keeping import link
from core.lessons.glossary import TERMS, WORKS, Term
from core.lessons.paper import CORPORA, SOURCE, paper_sentence, ranked
from core.lessons.papermodel import INPUTS, KNOWN, LAYERS, entered, layers, sentences, shape
from core.lessons.tour import PAGES
from core.messages import tr
from core.plots.guide import track
from core.ui import components, server, session
from core.ui.start import tour

LECTURES = next(iter(KNOWN))


def page() -> None:
    session.begin()
    components.present()
    with st.container(key="glossary", border=True):
        terms = [asdict(term) | _translated(term, "name", "place", "text") | _page(term) for term in TERMS]
        note = tour.note(session.client().snapshot.corpus)
        components.view("glossary", {"to": tour.to_term}, terms=terms, about=note)
    with st.container(key="papermodel", border=True):
        components.view("papermodel_head")
        st.fragment(_calculator, key="calculator")()
    left, right = st.columns(2, gap="small")
    for place, name, kind in zip((left, right), CORPORA, ("results", "results_more")):
        with place, st.container(key=kind, border=True):
            components.view(kind, source=tr(SOURCE), **_corpus(name))
    with right, st.container(key="reading", border=True):
        components.view("reading", works=[asdict(work) | _translated(work, "used") for work in WORKS])


def _translated(thing, *names: str) -> dict[str, str]:
    return {name: tr(getattr(thing, name)) for name in names}


def _page(term: Term) -> dict[str, str]:
    return {"to": term.page, "page": tr(PAGES[term.page])}


# ---------------------------------------------------------------- the calculator


def _calculator() -> None:
    session.one_thread()
    state = st.session_state
    if state.pop("watch", False):
        st.switch_page("explore/page.py")
    for name, knob in INPUTS.items():
        state.setdefault(f"paper_{name}", knob.default)
    with st.container(key="paper_inputs", horizontal=True, vertical_alignment="bottom", gap="small"):
        for name, knob in INPUTS.items():
            if knob.kind is bool:
                st.toggle(tr(knob.label), key=f"paper_{name}", help=tr(knob.help), persist_state="session")
            else:
                st.number_input(
                    tr(knob.label), min_value=knob.low, max_value=knob.high, step=1, key=f"paper_{name}",
                    help=tr(knob.help),
                    width=175, persist_state="session",
                )  # fmt: skip
    with st.container(key="paper_known", horizontal=True, gap="small"):
        for name in KNOWN:
            st.button(tr(name), key=f"known_{name}", on_click=_take, args=(name,))
        st.button(
            tr("Train it on words"), key="paper_train", type="primary", on_click=_train,
            help=tr("On English sentences, with the other settings of the preset “Bengio 2003”. A new run; Undo "
            "restores "
            "this one."),
        )  # fmt: skip
    problem, size = state.pop("paper_problem", None), KNOWN[LECTURES]
    try:
        size = shape(**{name: state[f"paper_{name}"] for name in INPUTS})
    except ConfigError as error:
        problem = str(error)
    shown = session.client().snapshot
    yours = tr("Yours, of words") if shown.corpus.level == WORD else tr("Yours, of characters")
    ours = Shape.of(shown.config, len(shown.vocabulary))
    components.view("papermodel", models=[_model(tr("The paper’s, of words"), size), _model(yours, ours)],
                    problem=problem)  # fmt: skip


def _take(name: str) -> None:
    for field, value in entered(KNOWN[name]).items():
        st.session_state[f"paper_{field}"] = value


def _train() -> None:
    """A new run with the network of the calculator, shown on Explore; a sentence if it cannot be trained here."""
    state = st.session_state
    try:
        most = link.VOCABULARY.check(state.paper_vocabulary_size)
        given = {name: state[f"paper_{name}"] for name in INPUTS if name != "vocabulary_size"}
        config = WORD_PRESETS["Bengio 2003"].with_(**given)
    except ConfigError as error:
        state.paper_problem = tr("It cannot be trained here. {error}", error=error)
        return
    session.live().to_own_run()
    session.begin_on(config, server.english(most))
    shown = session.client().snapshot
    if shown.config == config and shown.corpus.most == most:
        session.client().start()
        state.watch = True
    else:
        state.paper_problem = tr(shown.problem) if shown.problem else tr("The run did not begin; please try again.")


def _model(title: str, size: Shape) -> dict:
    found = layers(size)
    return {
        "title": title,
        "said": sentences(size),
        "rows": [
            {
                "name": layer.name,
                "about": tr(LAYERS[layer.name]),
                "shape": " × ".join(f"{n:,}" for n in layer.shape),
                "counts": [f"{layer.parameters:,}", f"{layer.multiplications:,}"],
                "shares": [round(100 * layer.parameter_share, 3), round(100 * layer.multiplication_share, 3)],
            }
            for layer in found
        ],
        "totals": [f"{sum(n):,}" for n in zip(*((layer.parameters, layer.multiplications) for layer in found))],
    }


# ---------------------------------------------------------------- the paper's results


def _corpus(name: str) -> dict:
    lines = ranked(name)
    return {
        "name": name,
        "words": f"{CORPORA[name]:,}",
        "said": paper_sentence(name),
        "lines": [
            {
                "model": line.model,
                "about": line.about,
                "network": line.is_network,
                "ppl": [line.valid, line.test],
                "train": line.train,
            }
            for line in lines
        ],
        **track(lines),
    }


page()
