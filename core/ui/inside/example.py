"""What a visitor of "Inside" has on the table: the moment that is looked at, the example, and what was pressed.

All of it lives in the visitor's session. What the page's script says is checked here.
"""

import random
from dataclasses import dataclass, field

import streamlit as st

from core.data.dataset import Dataset
from core.data.plain import is_whole
from core.data.vocabulary import DataError
from core.engine.model import forward
from core.engine.snapshot import Moment
from core.lessons import backward, layers, memory, mistakes, stages
from core.lessons.stages import STAGES, Example
from core.lessons.touch import Edit
from core.ui import components, server, session, typed

RUN, UNTRAINED = "This run", "Untrained"
FIRST = 5  # words whose examples fill the table of indices, as in the lecture
TOGETHER = 32  # examples that are looked up at once


@dataclass
class Desk:
    """moment: what is looked at; open: the stage; label: the chosen one, or None for the usual; unit: the hidden
    one that was asked about; steps: taken on the copy; race: the ratio that was timed; at: the unseen context."""

    moment: Moment
    cursor: int | None = None
    context: str = ""
    open: str = STAGES[0]
    label: str | None = None
    unit: int = 0
    steps: int = 0
    race: float | None = None
    base: int = 0  # counts moments, so that what was done to another is not done to this one
    edits: tuple[Edit, ...] = ()
    at: int = 0
    made: dict = field(default_factory=dict)  # what is expensive and belongs to this moment


def desk() -> Desk:
    return st.session_state.desk


def begin() -> None:
    """Look at what Explore shows, when somebody comes here or the run is another; else at the same as before."""
    state, shown = st.session_state, session.snapshot()
    arrived = "network" not in state  # Streamlit forgets the widgets of a page that is left
    if "desk" not in state:
        moment = Moment.of(shown, state.cursor)
        state.desk = Desk(moment, state.cursor, typed.text(moment, "example"))
    elif arrived or state.desk.moment.number != shown.number:
        look_at(state.cursor)
    if arrived:
        state.network = RUN


def bring(context: str) -> None:
    """From another page: have this context on the table when Inside is opened."""
    begin()
    it = desk()
    _have(context)
    it.label, it.steps = None, 0


def look_at(cursor: int | None) -> None:
    """Another moment: what was done to the network of before is over."""
    it, shown = desk(), session.snapshot()
    untrained, words = st.session_state.get("network") == UNTRAINED, it.moment.words
    it.moment, it.cursor = Moment.of(shown, 0 if untrained else cursor), cursor
    if it.moment.words.digest != words.digest:
        it.context, it.label = typed.text(it.moment, "example"), None
    it.steps, it.edits, it.race, it.made, it.base = 0, (), None, {}, it.base + 1
    it.unit = min(it.unit, max(it.moment.config.n_hidden - 1, 0))


def dataset() -> Dataset:
    """What the network that is looked at learned from."""
    moment = desk().moment
    return server.dataset(moment.words, moment.config.block_size)


def example() -> tuple[Example, str | None]:
    """The example that was asked for, and a sentence if it cannot be: then the beginning of a word instead."""
    it = desk()
    vocabulary, problem = it.moment.vocabulary, None
    try:
        vocabulary.encode(it.context)
    except DataError as error:
        problem = str(error)
    context = "" if problem else it.context
    label = it.label if it.label in vocabulary.stoi else None
    label = label or stages.usual_label(dataset().train, vocabulary, context)
    return Example.of(it.moment.parameters, vocabulary, context, label), problem


# ---------------------------------------------------------------- the open stage


def stage(shown: Example) -> dict:
    return BUILD[desk().open](shown)


def _lookup(shown: Example) -> dict:
    it, C = desk(), shown.parameters.C
    if it.race is None:
        it.race = stages.race(C, dataset().train.X[:TOGETHER])
    pressed = mistakes.of_lookup(shown.parameters, int(shown.X[0, 0]))
    return stages.lookup(shown) | {"race": f"{it.race:.1f}", "mistakes": pressed}


def _batch(shown: Example) -> dict:
    return stages.batch(shown, desk().moment.words.words[:FIRST])


def _emb(shown: Example):
    """C[X] of some examples, to be laid in rows."""
    return forward(shown.parameters, dataset().train.X[:TOGETHER]).emb


def _concatenation(shown: Example) -> dict:
    ways = memory.concatenations(shown.parameters, _emb(shown))
    return stages.concatenation(shown) | {
        "ways": ways, "layouts": memory.layouts(), "mistakes": mistakes.of_concatenation(shown.parameters),
    }  # fmt: skip


def _hidden(shown: Example) -> dict:
    return layers.hidden(shown) | {"mistakes": mistakes.of_hidden(shown.parameters, _emb(shown))}


def _tanh(shown: Example) -> dict:
    it = desk()
    answers = None
    if it.moment.config.n_hidden:
        answers = layers.responses(shown, dataset().train, it.unit)
    return layers.tanh(shown) | {"answers": answers}


def _backward(shown: Example) -> dict:
    it = desk()
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
    """Of the input that holds the context."""
    return typed.key(desk().moment.words, "example")


def _have(context: str) -> None:
    desk().context = st.session_state[context_key()] = context


def change_context() -> None:
    it = desk()
    it.context, it.label, it.steps = typed.text(it.moment, "example"), None, 0


def let_the_data_choose() -> None:
    """Any example of the training split."""
    it = desk()
    train, itos = dataset().train, it.moment.vocabulary.itos
    i = random.randrange(len(train))
    _have("".join(itos[k] for k in train.X[i] if k))
    it.label, it.steps = itos[int(train.Y[i])], 0


def change_network() -> None:
    look_at(desk().cursor)


def newest() -> None:
    look_at(None)


def open_stage() -> None:
    said = components.said("inside", "open")
    if said in STAGES:
        desk().open = said


def choose_label() -> None:
    said = components.said("inside", "label")
    if isinstance(said, str) and said in desk().moment.vocabulary.stoi:
        desk().label, desk().steps = said, 0


def choose_unit() -> None:
    said = _whole(components.said("inside", "unit"))
    if said is not None and said < desk().moment.config.n_hidden:
        desk().unit = said


def step_here() -> None:
    """Steps on the copy: so many more, or 0 to put everything back."""
    said, it = _whole(components.said("inside", "steps")), desk()
    if said is not None:
        it.steps = min(it.steps + said, backward.MAX_STEPS) if said else 0


def time_again() -> None:
    desk().race = None


HEARD = {
    "open": open_stage, "label": choose_label, "unit": choose_unit, "steps": step_here, "race": time_again,
}  # fmt: skip


def _whole(said) -> int | None:
    """A number that counts something, as far as anything that a page says can be one."""
    return said if is_whole(said, 0) else None
