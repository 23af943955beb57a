"""The state and the actions of the page "Inside the network": which network, which example, which choices.

The state is in the Streamlit session. Values from the page's JavaScript are checked here.
"""

import random
from dataclasses import dataclass, field

import streamlit as st

from core.data.dataset import Dataset
from core.data.plain import is_whole
from core.data.vocabulary import DataError
from core.engine.model import forward
from core.engine.snapshot import Snapshot
from core.lessons import backward, layers, memory, mistakes, stages
from core.lessons.stages import STAGES, ForwardPass
from core.lessons.touch import Edit
from core.messages import mark
from core.ui import components, server, session, typed

RUN, UNTRAINED = mark("This run"), mark("Untrained")
FIRST = 5  # the table of indices has the examples of this many words, as in the lecture
TOGETHER = 32  # examples in one batch


@dataclass
class PageState:
    """The state of the page.

    moment: the network that is shown; cursor: its step as the time cursor of Explore; open: the open stage;
    label: the chosen next character, None for the most frequent one; unit: the chosen hidden unit; steps: taken
    on a copy of the network; race: ratio of the times of two look-ups; edits: changes to a copy of the embedding;
    chosen: the letter whose landscape is drawn; at: index of the unseen context; silenced: hidden units that the
    edited network does not have, oldest first.
    """

    moment: Snapshot
    cursor: int | None = None
    context: str = ""
    open: str = STAGES[0]
    label: str | None = None
    unit: int = 0
    steps: int = 0
    race: float | None = None
    base: int = 0  # incremented with each new moment, so that edits of an earlier one are not applied to it
    edits: tuple[Edit, ...] = ()
    silenced: tuple[int, ...] = ()
    chosen: int | None = None
    at: int = 0
    made: dict = field(default_factory=dict)  # expensive objects that belong to this moment


def page_state() -> PageState:
    return st.session_state.inside_state


def begin() -> None:
    """Show the step that Explore shows if the page was just opened or the run is new; otherwise the same as before."""
    state, shown = st.session_state, session.snapshot()
    arrived = "network" not in state  # Streamlit deletes the widget values of a page when another is opened
    if "inside_state" not in state:
        moment = shown.at(session.live().cursor)
        state.inside_state = PageState(moment, session.live().cursor, typed.text(moment, "example"))
    elif arrived or state.inside_state.moment.number != shown.number:
        look_at(session.live().cursor)
    if arrived:
        state.network = RUN


def bring(context: str, stage: str | None = None) -> None:
    """Called by another page: show this context, and open this one of STAGES, when Inside is opened."""
    begin()
    it = page_state()
    _set_context(context)
    it.label, it.steps = None, 0
    it.open = stage or it.open


def look_at(cursor: int | None) -> None:
    """Show the network at another step; edits and steps on the copy of the network before are dropped."""
    it, shown = page_state(), session.snapshot()
    untrained, words = st.session_state.get("network") == UNTRAINED, it.moment.corpus
    it.moment, it.cursor = shown.at(0 if untrained else cursor), cursor
    if it.moment.corpus.digest != words.digest:
        it.context, it.label = typed.text(it.moment, "example"), None
    it.steps, it.edits, it.silenced, it.race, it.made, it.base = 0, (), (), None, {}, it.base + 1
    it.unit = min(it.unit, max(it.moment.config.n_hidden - 1, 0))


def dataset() -> Dataset:
    """The dataset from which the shown network learned."""
    moment = page_state().moment
    return server.dataset(moment.corpus, moment.config.block_size)


def example() -> tuple[ForwardPass, str | None]:
    """The chosen example, and None; or the start of a word, and a sentence why the chosen context is not possible."""
    it = page_state()
    vocabulary, problem = it.moment.vocabulary, None
    try:
        vocabulary.encode(it.context)
    except DataError as error:
        problem = str(error)
    context = "" if problem else it.context
    label = it.label if it.label in vocabulary.stoi else None
    label = label or stages.usual_label(dataset().train, vocabulary, context)
    return ForwardPass.of(it.moment.parameters(), it.moment.corpus, context, label), problem


# ---------------------------------------------------------------- the open stage


def stage(shown: ForwardPass) -> dict:
    return BUILD[page_state().open](shown)


def _lookup(shown: ForwardPass) -> dict:
    it, C = page_state(), shown.parameters.C
    if it.race is None:
        it.race = stages.race(C, dataset().train.X[:TOGETHER])
    pressed = mistakes.of_lookup(shown.parameters, int(shown.X[0, 0]))
    return stages.lookup(shown) | {"race": f"{it.race:.1f}", "mistakes": pressed}


def _batch(shown: ForwardPass) -> dict:
    return stages.batch(shown, page_state().moment.corpus.units[:FIRST])


def _emb(shown: ForwardPass):
    """C[X] of the first TOGETHER examples: (TOGETHER, block_size, n_embd)."""
    return forward(shown.parameters, dataset().train.X[:TOGETHER]).emb


def _concatenation(shown: ForwardPass) -> dict:
    ways = memory.concatenations(shown.parameters, _emb(shown))
    return stages.concatenation(shown) | {
        "ways": ways, "layouts": memory.layouts(), "mistakes": mistakes.of_concatenation(shown.parameters),
    }  # fmt: skip


def _hidden(shown: ForwardPass) -> dict:
    return layers.hidden(shown) | {"mistakes": mistakes.of_hidden(shown.parameters, _emb(shown))}


def _tanh(shown: ForwardPass) -> dict:
    it = page_state()
    answers = None
    if it.moment.config.n_hidden:
        answers = layers.responses(shown, dataset().train, it.unit)
    return layers.tanh(shown) | {"answers": answers}


def _backward(shown: ForwardPass) -> dict:
    it = page_state()
    config, rate = it.moment.config, it.moment.config.learning_rate_at(it.moment.step)
    return backward.backward(shown, dataset().dev, it.steps, rate, config.weight_decay)


BUILD = {
    "indices": stages.indices,
    "lookup": _lookup,
    "batch": _batch,
    "concatenation": _concatenation,
    "hidden": _hidden,
    "tanh": _tanh,
    "softmax": layers.softmax,
    "backward": _backward,
}


# ---------------------------------------------------------------- what a person does


def context_key() -> str:
    """The key of the text input for the context."""
    return typed.key(page_state().moment.corpus, "example")


def _set_context(context: str) -> None:
    page_state().context = st.session_state[context_key()] = context


def change_context() -> None:
    it = page_state()
    it.context, it.label, it.steps = typed.text(it.moment, "example"), None, 0


def choose_at_random() -> None:
    """Show a random example of the training split."""
    it = page_state()
    train, itos = dataset().train, it.moment.vocabulary.itos
    i = random.randrange(len(train))
    _set_context("".join(itos[k] for k in train.X[i] if k))
    it.label, it.steps = itos[int(train.Y[i])], 0


def change_network() -> None:
    look_at(page_state().cursor)


def newest() -> None:
    look_at(None)


def open_stage() -> None:
    name = components.received("inside", "open")
    if name in STAGES:
        page_state().open = name


def choose_label() -> None:
    label = components.received("inside", "label")
    if isinstance(label, str) and label in page_state().moment.vocabulary.stoi:
        page_state().label, page_state().steps = label, 0


def choose_unit() -> None:
    unit = _count(components.received("inside", "unit"))
    if unit is not None and unit < page_state().moment.config.n_hidden:
        page_state().unit = unit


def step_here() -> None:
    """More steps on the copy; 0 restores the network of the run."""
    more, it = _count(components.received("inside", "steps")), page_state()
    if more is not None:
        it.steps = min(it.steps + more, backward.MAX_STEPS) if more else 0


def time_again() -> None:
    page_state().race = None


HANDLERS = {
    "open": open_stage, "label": choose_label, "unit": choose_unit, "steps": step_here, "race": time_again,
}  # fmt: skip


def _count(value) -> int | None:
    """`value`, which can be anything, if it is an int of at least 0; else None."""
    return value if is_whole(value, 0) else None
