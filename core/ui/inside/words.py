"""The page "Inside the network" for a run on words: one example from typed words to the guess, and its hidden units."""

import random

import streamlit as st

from core.analysis.silence import WORK, silencing_costs
from core.data.dataset import Examples
from core.data.plain import is_whole
from core.engine.snapshot import Snapshot
from core.lessons import word_pass
from core.lessons.lines import heat
from core.lessons.word_pass import WordPass
from core.messages import mark, tr
from core.serving.background import Failed
from core.ui import components, server, session, typed
from core.ui.inside.example import dataset, page_state

LOOK = 0.5  # seconds between two looks at what is made in the background
FEWEST = 500  # dev examples, so that the mean change of their loss says something
TRIES = 100  # at an example without a word that the vocabulary lacks
NO_UNITS = mark("This network has no hidden units: there is nothing to silence.")
TOO_LARGE = mark("Over dev examples it is not shown: {n} of them take over two seconds with a network of this size.")


def ask_for_next() -> None:
    st.text_input(
        tr("Next word"), key=_next_key(), label_visibility="collapsed", width=150, max_chars=typed.MOST_OF_WORDS,
        placeholder=tr("next word"), help=tr("The word that follows. Empty: the one that followed most often in "
        "training."),
    )  # fmt: skip


def draw() -> None:
    st.fragment(_example)()
    units = _dev_costs()
    st.fragment(_units, run_every=LOOK if units is None else None, key="units_look")(units is None)


# ---------------------------------------------------------------- the example


def _chosen() -> tuple[WordPass, str]:
    """The example, and in a sentence where its next word is from."""
    it, follows = page_state(), typed.text(page_state().moment, "follows").split(" ")[0]
    vocabulary, train = it.moment.vocabulary, dataset().train
    X = vocabulary.context(it.context, it.moment.config.block_size)
    key = ("usual", tuple(X))
    if key not in it.made:
        it.made[key] = word_pass.usual_next(train, train.X.new_tensor([X]))
    usual = it.made[key]
    y = vocabulary.stoi.get(follows, vocabulary.unknown) if follows else usual
    shown = WordPass.of(it.moment.parameters(), vocabulary, it.context, y)
    label = vocabulary.label(shown.y)
    if follows:
        lacks = tr("“{word}” is not in the vocabulary: it is {label}, as all such words.", word=follows, label=label)
        return shown, "" if follows == label else lacks
    if usual is None:
        return shown, tr(
            "Training never showed this context; “{label}” is what the network finds likeliest.", label=label
        )
    return shown, tr("“{label}” followed most often in training. Type another next word above.", label=label)


def _example() -> None:
    session.one_thread()
    it, (shown, about) = page_state(), _chosen()
    seen = it.context.split(" ")[-it.moment.config.block_size :] if it.context else []
    components.view(
        "inside_words",
        indices=word_pass.indices(shown, seen),
        lookup=word_pass.lookup(shown),
        hidden=word_pass.hidden(shown),
        softmax=word_pass.softmax(shown),
        about=about,
        moved=word_pass.moved_rows(shown),
    )


# ---------------------------------------------------------------- its hidden units


def _dev_costs():
    """Each unit's cost over dev examples and how many these are; None until they are made, False if not affordable."""
    moment = page_state().moment
    H, V = moment.config.n_hidden, len(moment.vocabulary)
    examples = WORK // max(1, H * V)
    if not H or examples < FEWEST:
        return False
    key = ("word units", moment.id, moment.step)
    return server.background().get("word units", key, lambda: _costs(moment, int(examples)), lambda: None)


def _costs(moment: Snapshot, most: int):
    data = server.dataset(moment.corpus, moment.config.block_size)
    some = data.watched("dev")
    few = Examples.uncounted(some.X[:most], some.Y[:most], some.vocabulary_size)
    return silencing_costs(moment.parameters(), few), len(few)


def _units(waits: bool) -> None:
    session.one_thread()
    it, found = page_state(), _dev_costs()
    if (found is None) != waits:
        st.rerun()
    if not it.moment.config.n_hidden:
        components.view("inside_units", problem=tr(NO_UNITS))
        return
    shown, _ = _chosen()
    here = word_pass.silenced(shown)
    known = found is not None and found is not False and not isinstance(found, Failed)
    note = tr("Over dev examples: being worked out …") if found is None else tr(TOO_LARGE, n=FEWEST)
    if isinstance(found, Failed):
        note = tr("Over dev examples it could not be worked out ({why}).", why=found.why)
    components.view(
        "inside_units",
        {"unit": choose_unit},
        problem=None,
        here=heat(here[None]),
        here_most=word_pass.most(here),
        dev=heat(found[0][None]) if known else None,
        dev_most=word_pass.most(found[0]) if known else [],
        examples=found[1] if known else 0,
        note="" if known else note,
        one=word_pass.responses(shown, dataset().train, it.unit),
    )


# ---------------------------------------------------------------- what a person does


def _next_key() -> str:
    return typed.key(page_state().moment.corpus, "follows")


def choose_at_random() -> None:
    """Show a random example of the training split whose words are all in the vocabulary."""
    it, train = page_state(), dataset().train
    vocabulary = it.moment.vocabulary
    for _ in range(TRIES):
        i = random.randrange(len(train))
        context, following = train.X[i].tolist(), int(train.Y[i])
        if vocabulary.unknown not in (*context, following):
            break
    words = " ".join(vocabulary.itos[k] for k in context if k not in (vocabulary.start, vocabulary.unknown))
    it.context = st.session_state[typed.key(it.moment.corpus, "example")] = words
    st.session_state[_next_key()] = "" if following == vocabulary.unknown else vocabulary.itos[following]


def choose_unit() -> None:
    unit, it = components.received("inside_units", "unit"), page_state()
    if is_whole(unit, 0, it.moment.config.n_hidden - 1):
        it.unit = unit
