"""Inputs that take a word or the beginning of one. Each word list has its own, with its first word at first."""

import streamlit as st

from core.data.vocabulary import Vocabulary
from core.data.wordlist import WordList
from core.engine.snapshot import Moment, Snapshot

LONGEST = 24  # symbols
INPUTS = {"context": 2, "name": LONGEST, "data_word": LONGEST, "example": 3}  # how much of the first word, at first


def key(words: WordList, what: str) -> str:
    """The key of the input for one of INPUTS."""
    return f"{what} {words.digest[:12]}"


def at_first(shown: Snapshot) -> dict[str, str]:
    """What the inputs hold before anybody types, by their keys."""
    return {key(shown.words, what): first_word(shown, n) for what, n in INPUTS.items()}


def first_word(shown: Snapshot, n: int = LONGEST) -> str:
    return "".join(shown.vocabulary.symbols(shown.words.words[0])[:n])


def text(shown: Snapshot | Moment, what: str) -> str:
    """What an input holds, as these words would have it."""
    said = st.session_state.get(key(shown.words, what))  # None: the run has become another since the page began
    return shown.vocabulary.meant(first_word(shown, INPUTS[what]) if said is None else said, LONGEST)


def most(vocabulary: Vocabulary) -> int:
    """Code points that an input takes."""
    return LONGEST * max(map(len, vocabulary.itos))
