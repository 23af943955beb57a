"""Running text of the visitor's own on the Data page: paste or upload, a report, then training on its words."""

import streamlit as st

from core.config import DEFAULT_WORDS, MAX_TEXT_BYTES, MAX_TOKENS, MIN_TOKENS, ConfigError
from core.data.corpus import Corpus
from core.data.sentences import SOURCE, TextReading, read_text
from core.data.vocabulary import DataError
from core.messages import mark, tr
from core.ui import server, session

MOST_PASTED = 1_000_000  # characters; a longer text is uploaded
PASTED = mark("your text")
LIMITS = mark(
    "Plain text, one paragraph a line, UTF-8, at most {size:g} MB, and {least:,} to {most:,} words and signs. It is "
    "put into the library with the runs that learn from it."
)


def draw() -> None:
    with st.container(key="running_text", border=True, gap="small"):
        heading, more = tr("Running text"), tr("word by word, as in the paper")
        st.html(f"<p class='ls-section'>{heading} <span>{more}</span></p>")
        limits = tr(LIMITS, size=MAX_TEXT_BYTES / 1e6, least=MIN_TOKENS, most=MAX_TOKENS)
        left, right = st.columns(2, gap="small")
        left.text_area(
            tr("Paste running text"), key="pasted_text", height=96, max_chars=MOST_PASTED, on_change=_paste, help=limits
        )
        right.file_uploader(
            tr("Or upload a text file"), type=["txt"], key="text_file", on_change=_upload,
            max_upload_size=MAX_TEXT_BYTES // 1_000_000,
        )  # fmt: skip
        reading = st.session_state.get("text_reading")
        if reading is not None:
            st.text(reading if isinstance(reading, str) else said(reading))
        with st.container(horizontal=True, vertical_alignment="center"):
            if isinstance(reading, TextReading):
                st.button(tr("Train on this text"), key="train_text", type="primary", on_click=_train)
            st.button(tr("Train on English sentences"), key="train_english", on_click=_train_english, help=tr(SOURCE))


def said(reading: TextReading) -> str:
    """What was read, before training."""
    return " ".join(
        [
            tr(
                "“{name}”: {sentences:,} sentences, {tokens:,} words and signs, {distinct:,} different ones. "
                "The {kept:,} most frequent are kept; {unknown:.1f} % of the text are others, which are one symbol.",
                name=reading.corpus.name,
                sentences=len(reading.corpus.units),
                tokens=reading.tokens,
                distinct=reading.distinct,
                kept=reading.kept,
                unknown=100 * reading.unknown,
            ),
            *reading.notes,
        ]
    )


def _paste() -> None:
    pasted = st.session_state.pasted_text
    st.session_state.text_reading = _read(pasted, tr(PASTED)) if pasted else None


def _upload() -> None:
    file = st.session_state.text_file
    if file is None:  # taken away again
        _paste()
    else:
        st.session_state.text_reading = _read(file.getvalue(), file.name)


def _read(raw: bytes | str, name: str) -> TextReading | str:
    """What was read, or the sentence that says why it cannot be used."""
    try:
        return read_text(raw, name, DEFAULT_WORDS)
    except DataError as error:
        return str(error)


def _train() -> None:
    reading = st.session_state.get("text_reading")
    if isinstance(reading, TextReading):
        _learn(reading.corpus)


def _train_english() -> None:
    _learn(server.english())


def _learn(corpus: Corpus) -> None:
    session.live().to_own_run()
    try:
        session.use(corpus)
    except ConfigError as error:
        st.session_state.text_reading = str(error)
        return
    if session.client().snapshot.corpus == corpus:
        session.client().start()
        st.session_state.watch = True
    else:
        why = session.client().snapshot.problem
        st.session_state.text_reading = tr(why) if why else tr("The run did not begin; please try again.")
