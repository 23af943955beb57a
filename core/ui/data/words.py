"""The words on the page: which lists there are to choose from, and what the visitor brings, read before it is learned.

What was brought is kept in the session as it came, so that it can be read again with another choice of case,
column or colours. Everything that the browser says is checked here.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.config import MAX_BYTES, MAX_SYMBOLS, MAX_WORD_LENGTH, MAX_WORDS, MIN_WORDS, ConfigError
from core.data import gallery, reading
from core.data.reading import Reading
from core.data.vocabulary import DataError, Vocabulary
from core.data.wordlist import Group, WordList
from core.engine.snapshot import Snapshot
from core.ui import components, session

LIMITS = (
    f"Plain text with one word per line, or a table as CSV; UTF-8, at most {MAX_BYTES / 1e6:g} MB and {MAX_WORDS:,} "
    f"words of up to {MAX_WORD_LENGTH} characters, {MAX_SYMBOLS} different characters in all; at least {MIN_WORDS} "
    "different words. They stay on this server; whoever has the link of a run can open it, and its words, here."
)
TYPES = "txt", "csv", "tsv"
MEGABYTES = math.ceil(MAX_BYTES / 1e6)
PASTE_HEIGHT, GROUPS_HEIGHT = 96, 68  # pixels
PASTED = "your words"
EXAMPLES = 5  # words of a list that its card shows
FEWER = 3000  # characters of typed colour groups that are looked at


@dataclass
class Brought:
    """raw: what came, None if nothing did. columns: of a table; first_choice: the likely one of them.
    reading: of a list that can be learned from.

    problem: one sentence, if the last thing that was asked cannot be done. number: counts what came, so that
    the choice of a column is not taken for another table's. vocabulary: as it will be.
    """

    raw: bytes | str | None = None
    name: str = ""
    columns: Sequence[str] = ()
    first_choice: int = 0
    reading: Reading | None = None
    problem: str | None = None
    number: int = 0
    vocabulary: Vocabulary | None = None


def brought() -> Brought:
    if "brought" not in st.session_state:
        st.session_state.brought = Brought()
    return st.session_state.brought


# ---------------------------------------------------------------- lists to choose from


def titles(lists: Sequence[WordList]) -> dict[str, str]:
    """Digest -> what a list is called, each differently: its name, with how many words or the digest if need be."""
    called = {words.digest: one.title if (one := gallery.listing(words)) else words.name for words in lists}
    for more in (lambda words: f"{len(words.words):,} words", lambda words: words.digest[:6]):
        often = Counter(called.values())
        called |= {
            words.digest: f"{called[words.digest]}, {more(words)}" for words in lists if often[called[words.digest]] > 1
        }
    return called


def card(words: WordList, title: str, current: WordList) -> dict:
    return {
        "digest": words.digest,
        "title": title,
        "why": one.why if (one := gallery.listing(words)) else "",
        "count": len(words.words),
        "examples": words.words[:EXAMPLES],
        "current": words.digest == current.digest,
    }


def change() -> None:
    """The sidebar's choice."""
    _use(st.session_state[session.key("words")])


def choose() -> None:
    """The card that was clicked."""
    _use(components.said("words", "use"))


def _use(digest) -> None:
    words = next((words for words in session.lists() if words.digest == digest), None)
    if words and words != session.client().snapshot.words:
        learn(words)


def learn(words: WordList) -> bool:
    """A new run on these words; False, with a sentence in the panel, if the config of before is too much for them."""
    session.to_own_run()
    before, problem = session.client().snapshot.number, None
    try:
        session.use(words)
    except ConfigError as error:
        problem = str(error)
    st.session_state.refused_words = problem
    return session.client().snapshot.number != before


# ---------------------------------------------------------------- what the visitor brings


def upload() -> None:
    file = st.session_state.own_file
    if file is None:
        st.session_state.brought = Brought(number=brought().number + 1)
    else:
        _take(file.getvalue(), file.name)


def paste() -> None:
    text = st.session_state.own_text
    if text.strip():
        _take(text, PASTED)


def _take(raw: bytes | str, name: str) -> None:
    st.session_state.brought = Brought(
        raw, name, reading.columns(raw), reading.first_choice(raw), number=brought().number + 1
    )
    read()


def column_key() -> str:
    return f"own_column {brought().number}"


def read() -> None:
    """Read what came, as is chosen now. If that cannot be done, what was read before stays as it was."""
    it, state = brought(), st.session_state
    if it.raw is None:
        return
    column = state.get(column_key(), it.first_choice)
    known = isinstance(column, int) and 0 <= column < len(it.columns)
    try:
        groups = typed_groups(state.get("own_groups") or "")
        it.reading = reading.read(it.raw, it.name, bool(state.get("own_fold", True)), column if known else None, groups)
        it.vocabulary, it.problem = Vocabulary.of(it.reading.words.words, it.reading.words.groups), None
    except DataError as error:
        it.problem = str(error)


def typed_groups(text: str) -> tuple[Group, ...]:
    """Colour groups, on lines or between slashes; one without a name is called by its characters."""
    if len(text) > FEWER:
        raise DataError("The colour groups are too long; write each character once.")
    parts = [part.strip() for part in re.split(r"[\n/]", text) if part.strip()]
    groups = reading.typed_groups("\n".join(part if ":" in part else f"{part}: {part}" for part in parts))
    often = Counter(s for group in groups for s in group.symbols)
    if twice := next((s for s, times in often.items() if times > 1), None):
        raise DataError(f"“{twice}” is in two colour groups; leave it in one of them.")
    return groups


def train() -> None:
    """Learn from what was read, and go to where it can be watched."""
    it = brought()
    if not it.reading or it.problem:
        return
    if learn(it.reading.words):
        session.client().start()
        st.session_state.watch = True


def report() -> dict:
    """What was read, as the page's script shows it."""
    it = brought()
    found = it.reading
    if not found:
        return {"problem": it.problem, "name": ""}
    groups, names = it.vocabulary.groups, it.vocabulary.group_names
    return {
        "problem": it.problem,
        "name": found.words.name,
        "words": len(found.words.words),
        "distinct": found.distinct,
        "symbols": len(found.symbols),
        "longest": [found.longest, found.length],
        "groups": [
            {"role": role, "name": name, "characters": [s for s, r in zip(it.vocabulary.itos, groups) if r == role]}
            for role, name in names.items()
            if role != "boundary"
        ],
        "first": found.first,
        "said": found.notes,
        "dropped": [list(dropped) for dropped in found.dropped],
    }


# ---------------------------------------------------------------- the panel


def draw(shown: Snapshot) -> None:
    """The lists to choose from; below them what the visitor brings."""
    lists = session.lists()
    called = titles(lists)
    with st.container(key="word_lists", border=True):
        cards = [card(words, called[words.digest], shown.words) for words in lists]
        components.view("words", {"use": choose}, lists=cards, limits=LIMITS,
                        problem=st.session_state.get("refused_words"))  # fmt: skip
        left, right = st.columns(2, gap="small")
        with left:
            st.file_uploader("A file of yours", type=list(TYPES), key="own_file", on_change=upload,
                             max_upload_size=MEGABYTES)  # fmt: skip
        with right:
            st.text_area("Or paste them", key="own_text", on_change=paste, height=PASTE_HEIGHT,
                         placeholder="one word per line", persist_state="session")  # fmt: skip
        if brought().raw is not None:
            _draw_brought(shown)


def _draw_brought(shown: Snapshot) -> None:
    """How it is read, what was read, and the button that learns from it."""
    it = brought()
    with st.container(key="own_options", horizontal=True, vertical_alignment="bottom", gap="medium"):
        if it.columns:
            called = {-1: "whole lines"} | {n: f"{n + 1}. {label}" for n, label in enumerate(it.columns)}
            st.selectbox(
                "Column", list(called), it.first_choice + 1, key=column_key(), format_func=called.get,
                on_change=read, width=220, help="Which column of the table holds the words.",
            )  # fmt: skip
        st.text_area(
            "Colour groups", key="own_groups", on_change=read, height=GROUPS_HEIGHT, width=360,
            placeholder="front vowels: äöy / back vowels: aou", persist_state="session",
            help="Left empty, they are made from the alphabet. Up to five groups, on lines of their own or between "
            "slashes, with or without a name and a colon; whatever is in none of them is one more.",
        )  # fmt: skip
        st.toggle("Small letters only", True, key="own_fold", on_change=read, persist_state="session",
                  help="Capitals become small letters; off, A and a are two characters.")  # fmt: skip
    components.view("own", **report())
    if it.reading and not it.problem:
        if it.reading.words == shown.words:
            st.text("Your run learns from these words.")
        else:
            st.button("Train on these words", key="own_train", type="primary", on_click=train,
                      icon=":material/play_arrow:")  # fmt: skip
