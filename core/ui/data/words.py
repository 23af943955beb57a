"""The word lists on the Data page: choosing a list, and reading a list of the visitor's own before training.

An own list is kept in the session as it was given, so that it can be read again with another case, column or
colour groups. Values from the page's JavaScript are checked here.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.config import MAX_BYTES, MAX_SYMBOLS, MAX_WORD_LENGTH, MAX_WORDS, MIN_WORDS, ConfigError
from core.data import gallery, reading
from core.data.corpus import WORD, Corpus
from core.data.groups import Group
from core.data.reading import Reading
from core.data.sentences import SOURCE
from core.data.vocabulary import DataError
from core.engine.snapshot import Snapshot
from core.messages import mark, tr
from core.ui import components, server, session

LIMITS = mark(
    "Plain text with one word per line, or a table as CSV; UTF-8, at most {size:g} MB and {words:,} words of up to "
    "{length} characters, {symbols} different characters in all; at least {least} different words. They are stored on "
    "this server; anyone with the link of a run can open it and its words here."
)
TYPES = "txt", "csv", "tsv"
MEGABYTES = math.ceil(MAX_BYTES / 1e6)
PASTE_HEIGHT, GROUPS_HEIGHT = 96, 68  # pixels
PASTED = mark("your words")
EXAMPLES = 5  # words of a list on its card
MAX_GROUPS_TEXT = 3000  # characters of typed colour groups


@dataclass
class OwnList:
    """The visitor's own list.

    raw: the file or text, None if there is none. columns: labels, if it is a table; first_choice: index of the
    likely one. reading: the last successful reading. problem: one sentence if the last
    reading failed. number: incremented with each file or text, so that each has its own widget for the column.
    """

    raw: bytes | str | None = None
    name: str = ""
    columns: Sequence[str] = ()
    first_choice: int = 0
    reading: Reading | None = None
    problem: str | None = None
    number: int = 0


def own_list() -> OwnList:
    if "own_list" not in st.session_state:
        st.session_state.own_list = OwnList()
    return st.session_state.own_list


# ---------------------------------------------------------------- lists to choose from


def titles(lists: Sequence[Corpus]) -> dict[str, str]:
    """digest -> title. If two lists have the same name, the number of words or the digest is added."""
    called = {words.digest: tr(entry.title) if (entry := gallery.listing(words)) else words.name for words in lists}
    for more in (_size, lambda words: words.digest[:6]):
        often = Counter(called.values())
        called |= {
            words.digest: f"{called[words.digest]}, {more(words)}" for words in lists if often[called[words.digest]] > 1
        }
    return called


def _size(words: Corpus) -> str:
    n = len(words.units)
    return tr("{n:,} sentences", n=n) if words.level == WORD else tr("{n:,} words", n=n)


def card(words: Corpus, title: str, current: Corpus) -> dict:
    return {
        "digest": words.digest,
        "title": title,
        "why": tr(entry.why) if (entry := gallery.listing(words)) else tr(SOURCE) if server.is_english(words) else "",
        "count": len(words.units),
        "unit": "sentence" if words.level == WORD else "word",
        "examples": words.units[:EXAMPLES],
        "current": words.digest == current.digest,
    }


def _limits() -> str:
    values = {"size": MAX_BYTES / 1e6, "words": MAX_WORDS, "length": MAX_WORD_LENGTH, "symbols": MAX_SYMBOLS}
    return tr(LIMITS, least=MIN_WORDS, **values)


def change() -> None:
    """Use the list that was chosen in the sidebar."""
    _use(st.session_state[session.key("words")])


def choose() -> None:
    """Use the list whose card was clicked."""
    _use(components.received("words", "use"))


def _use(digest) -> None:
    words = next((words for words in session.lists() if words.digest == digest), None)
    if words and words != session.client().snapshot.corpus:
        learn(words)


def learn(words: Corpus) -> bool:
    """Start a new run on these words. If that is not possible, show why in the panel and return False."""
    session.live().to_own_run()
    before, problem = session.client().snapshot.number, None
    try:
        session.use(words)
    except ConfigError as error:
        problem = str(error)
    st.session_state.refused_words = problem
    after = session.client().snapshot.number
    st.session_state.began_here = after if after != before else None
    return after != before


def undo() -> None:
    """Bring the run back that the choice of a list replaced."""
    session.live().to_own_run()
    session.client().undo()


def _replaced(shown: Snapshot) -> str:
    """A sentence on the trained run that a choice on this page replaced, as long as Undo brings it back; or ""."""
    if st.session_state.get("began_here") != shown.number or shown.undo is None:
        return ""
    return tr("A new run on these words has begun. The one before, at step {step:,}, is kept.", step=shown.undo)


# ---------------------------------------------------------------- the visitor's own list


def upload() -> None:
    file = st.session_state.own_file
    if file is None:
        st.session_state.own_list = OwnList(number=own_list().number + 1)
    else:
        _take(file.getvalue(), file.name)


def paste() -> None:
    """Read what is in the field, unless it was read when the field was left."""
    text = st.session_state.own_text
    if text.strip() and text != own_list().raw:
        _take(text, tr(PASTED))


def read_pasted() -> None:
    """As `paste`, or a sentence if the field is empty."""
    paste()
    if not st.session_state.own_text.strip():
        st.session_state.refused_words = tr("Type or paste some words first, one per line.")


def _take(raw: bytes | str, name: str) -> None:
    st.session_state.refused_words = None
    st.session_state.own_list = OwnList(
        raw, name, reading.columns(raw), reading.first_choice(raw), number=own_list().number + 1
    )
    read()


def column_key() -> str:
    return f"own_column {own_list().number}"


def read() -> None:
    """Read the file or text with the current choices. If that fails, the last reading is kept."""
    it, state = own_list(), st.session_state
    if it.raw is None:
        return
    column = state.get(column_key(), it.first_choice)
    known = isinstance(column, int) and 0 <= column < len(it.columns)
    try:
        groups = typed_groups(state.get("own_groups") or "")
        it.reading = reading.read(it.raw, it.name, bool(state.get("own_fold", True)), column if known else None, groups)
        it.problem = None
    except DataError as error:
        it.problem = str(error)


def typed_groups(text: str) -> tuple[Group, ...]:
    """Colour groups, separated by line ends or slashes; a group without a name is named by its characters."""
    if len(text) > MAX_GROUPS_TEXT:
        raise DataError(tr("The colour groups are too long; write each character once."))
    parts = [part.strip() for part in re.split(r"[\n/]", text) if part.strip()]
    groups = reading.typed_groups("\n".join(part if ":" in part else f"{part}: {part}" for part in parts))
    often = Counter(s for group in groups for s in group.symbols)
    if twice := next((s for s, times in often.items() if times > 1), None):
        raise DataError(tr("“{symbol}” is in two colour groups; leave it in one of them.", symbol=twice))
    return groups


def train() -> None:
    """Train on the words that were read, and open the Explore page."""
    it = own_list()
    if not it.reading or it.problem:
        return
    if learn(it.reading.corpus):
        session.client().start()
        st.session_state.watch = True


def report() -> dict:
    """The data of the panel on what was read."""
    it = own_list()
    found = it.reading
    if not found:
        return {"problem": it.problem, "name": ""}
    shown = found.corpus.shown
    return {
        "problem": it.problem,
        "name": found.corpus.name,
        "words": len(found.corpus.units),
        "distinct": found.distinct,
        "symbols": len(found.symbols),
        "longest": [found.longest, found.length],
        "groups": [
            {"role": role, "name": tr(name), "characters": [s for s, r in zip(shown.symbols, shown.roles) if r == role]}
            for role, name in shown.names.items()
            if role != "boundary"
        ],
        "first": found.first,
        "said": found.notes,
        "dropped": [list(dropped) for dropped in found.dropped],
    }


# ---------------------------------------------------------------- the panel


def draw(shown: Snapshot) -> None:
    """The lists to choose from; below them the visitor's own list."""
    lists = session.lists()
    called = titles(lists)
    with st.container(key="word_lists", border=True):
        cards = [card(words, called[words.digest], shown.corpus) for words in lists]
        components.view("words", {"use": choose, "undo": undo}, lists=cards, limits=_limits(),
                        replaced=_replaced(shown), problem=st.session_state.get("refused_words"))  # fmt: skip
        left, right = st.columns(2, gap="small")
        with left:
            st.file_uploader(tr("Your own file"), type=list(TYPES), key="own_file", on_change=upload,
                             max_upload_size=MEGABYTES)  # fmt: skip
        with right:
            st.text_area(tr("Or paste a list"), key="own_text", on_change=paste, height=PASTE_HEIGHT,
                         placeholder=tr("one word per line"), persist_state="session")  # fmt: skip
            st.button(tr("Read these words"), key="own_read", on_click=read_pasted,
                      help=tr("Says what was read; nothing is trained yet."))  # fmt: skip
        if own_list().raw is not None:
            _draw_own_list(shown)


def _draw_own_list(shown: Snapshot) -> None:
    """The choices for reading, a report of what was read, and the button that trains on it."""
    it = own_list()
    with st.container(key="own_options", horizontal=True, vertical_alignment="bottom", gap="medium"):
        if it.columns:
            called = {-1: tr("whole lines")} | {n: f"{n + 1}. {label}" for n, label in enumerate(it.columns)}
            st.selectbox(
                tr("Column"), list(called), it.first_choice + 1, key=column_key(), format_func=called.get,
                on_change=read, width=220, help=tr("The column of the table that contains the words."),
            )  # fmt: skip
        st.text_area(
            tr("Colour groups"), key="own_groups", on_change=read, height=GROUPS_HEIGHT, width=360,
            placeholder=tr("front vowels: äöy / back vowels: aou"), persist_state="session",
            help=tr("Leave it empty to group by the alphabet. Or type up to five groups, separated by line ends or "
            "slashes, each with or without a name and a colon. Other characters form one more group."),
        )  # fmt: skip
        st.toggle(tr("Lower case"), True, key="own_fold", on_change=read, persist_state="session",
                  help=tr("Convert everything to lower case. If off, A and a are two characters."))  # fmt: skip
    components.view("own", **report())
    if it.reading and not it.problem:
        if it.reading.corpus == shown.corpus:
            st.text(tr("Your run learns from these words."))
        else:
            st.button(tr("Train on these words"), key="own_train", type="primary", on_click=train,
                      icon=":material/play_arrow:")  # fmt: skip
