"""The tour: one card that is shown over any page; it opens and closes only when the user asks for it.

Completed cards are remembered for the session. The card is drawn by assets/page/start/tour.js.
"""

import math
from dataclasses import dataclass, field

import streamlit as st

from core.data.corpus import CHARACTER, WORD, Corpus
from core.data.plain import is_whole
from core.engine.snapshot import Snapshot
from core.lessons.tour import CARDS, COMPARE, CONTEXTS, EXPLORE, ITS_WORD, PAGES, TEMPERATURE, Card, Facts, done
from core.messages import tr
from core.ui import components, server, session, typed

CHECK_EVERY = 1.0  # seconds between two checks whether the card's action was done
BIGRAM = "bigram"
# panel of a card -> CSS selectors; the first one that matches an element is highlighted
# The class of a knob begins with its name: it gets a number each time its widget is replaced (session.key).
PANELS = {
    "standings": [".st-key-standings"],
    "contexts": [".st-key-growth", ".st-key-data_tab [role=tablist]"],
    "windows": [".st-key-windows", ".st-key-data_tab [role=tablist]"],
    "lookup": ["[data-k='stage lookup']"],
    "softmax": [".st-key-view_inside .ls-labels"],
    "train": [".ls-press-train"],
    "finder": [".st-key-finder"],
    "loss": [".st-key-loss"],
    "n_hidden": ["[class*=st-key-n_hidden]"],
    "time": [".ls-time"],
    "preset": ["[class*=st-key-preset]"],
    "library": [".st-key-library"],
    "names": [".st-key-names"],
    "wordmap": [".ls-wordmap-canvas", "[class*=st-key-preset]"],
    "cases": [".st-key-bars", "[class*=st-key-preset]"],
}


@dataclass
class Tour:
    """at: index of the card; done: indices of completed cards; going: the page to open next, or None."""

    at: int = 0
    open: bool = False
    begun: bool = False
    done: set[int] = field(default_factory=set)
    going: str | None = None

    @property
    def card(self) -> Card:
        return CARDS[self.at]


def tour() -> Tour:
    if "tour" not in st.session_state:
        st.session_state.tour = Tour()
    return st.session_state.tour


def draw(page: str) -> None:
    """Draw the button that opens the tour, and its card. page: the current page, a key of PAGES."""
    session.begin()
    it = tour()
    if it.going is not None:
        to, it.going = it.going, None
        if to != page:
            st.switch_page(f"{to or 'explore'}/page.py")
    looks = it.open and it.at not in it.done
    with st.container(key="tour", width="content"):
        st.fragment(_card, run_every=CHECK_EVERY if looks else None, key="tour_look")(page, (it.open, it.at, looks))


def _card(page: str, before: tuple) -> None:
    session.one_thread()
    it = tour()
    if it.open and it.at not in it.done and done(it.card, _facts(page)):
        it.done.add(it.at)
    if it.going is not None or (it.open, it.at, it.open and it.at not in it.done) != before:
        st.rerun()
    card = it.card
    components.view(
        "tour",
        HANDLERS,
        open=it.open,
        begun=it.begun,
        at=it.at,
        title=tr(card.title),
        text=tr(card.text),
        action=tr(card.action),
        note="" if card.of_words else note(session.client().snapshot.corpus),
        done=[i in it.done for i in range(len(CARDS))],
        page=tr(PAGES[card.page]),
        here=card.page == page,
        panel=PANELS[card.panel],
    )


def note(words: Corpus) -> str:
    """A sentence for the tour and the glossary if the run learns from other words than the default list, else ""."""
    return "" if words.digest == server.names().digest else tr("The numbers here are for the list of names.")


def _facts(page: str) -> Facts:
    """The current state of the visitor's run and of the pages."""
    state, shown = st.session_state, session.client().snapshot
    inside, asked, context = state.get("inside_state"), session.asked(shown), typed.key(shown.corpus, "context")
    return Facts(
        page=page,
        bigram=session.baselines(shown).dev[BIGRAM] if shown.corpus.level == CHARACTER else -math.inf,
        tab=CONTEXTS if state.get("data_tab") == tr(CONTEXTS) else "",
        word=_word(shown),
        stage=inside.open if inside else "",
        labelled=inside is not None and inside.label is not None,
        step=shown.step,
        dev=shown.exact[2],
        n_embd=shown.config.n_embd,
        n_hidden=shown.config.n_hidden,
        searched=state.get("rates") is not None,
        cursor=session.live().cursor,
        compared=len(state.get("entries") or ()) if page == COMPARE else 0,
        temperature=asked.get("temperature", TEMPERATURE) if page == EXPLORE else TEMPERATURE,
        of_words=shown.corpus.level == WORD,
        touched=bool(session.live().words.asked[1]),
        asked=typed.cleaned(shown, "context", asked.get(context)) != typed.first_word(shown, typed.INPUTS["context"]),
    )


def _word(shown: Snapshot) -> str:
    """The word typed on the Data page; ITS_WORD if it was not changed."""
    word = typed.text(shown, "data_word")
    return ITS_WORD if word == typed.first_word(shown) else word


# ---------------------------------------------------------------- what a person does


def open_at(at: int) -> None:
    it = tour()
    it.at, it.open, it.begun = min(max(at, 0), len(CARDS) - 1), True, True


def resume() -> None:
    open_at(tour().at)


def close() -> None:
    tour().open = False


def forward() -> None:
    """The next card; after the last one the card closes."""
    it = tour()
    if it.at + 1 == len(CARDS):
        close()
    else:
        open_at(it.at + 1)


def back() -> None:
    open_at(tour().at - 1)


def go() -> None:
    """Open the page of the card."""
    it = tour()
    it.going = it.card.page


def start_over() -> None:
    st.session_state.tour = Tour(open=True, begun=True)


def jump() -> None:
    """Open the card that was chosen in the list of “Start here”."""
    index = components.received("cards", "jump")
    if is_whole(index):
        open_at(index)


def to_term() -> None:
    """Open the page on which the chosen term of the glossary occurs."""
    page = components.received("glossary", "to")
    if isinstance(page, str) and page in PAGES:
        tour().going = page


HANDLERS = {"open": resume, "close": close, "forward": forward, "back": back, "go": go}
