"""Text inputs for a word or its beginning. Each word list has its own inputs, which first show its first word."""

import streamlit as st

from core.data.corpus import WORD, Corpus
from core.data.vocabulary import Vocabulary
from core.engine.snapshot import Snapshot

LONGEST = 24  # symbols
MOST_OF_WORDS = 200  # characters of an input at word level
# symbols of the first word, or sentence, that each input shows at first
INPUTS = {"context": 2, "name": LONGEST, "data_word": LONGEST, "example": 3, "follows": 0}


def key(words: Corpus, what: str) -> str:
    """The key of the input for one of INPUTS."""
    return f"{what} {words.digest[:12]}"


def at_first(shown: Snapshot) -> dict[str, str]:
    """The first value of each input, by its key."""
    return {key(shown.corpus, what): first_word(shown, n) for what, n in INPUTS.items()}


def first_word(shown: Snapshot, n: int = LONGEST) -> str:
    between = " " if shown.corpus.level == WORD else ""
    return between.join(shown.vocabulary.symbols(shown.corpus.units[0])[:n])


def text(shown: Snapshot, what: str) -> str:
    """The text of an input, in the case of the data (`Vocabulary.clean_input`)."""
    return cleaned(shown, what, st.session_state.get(key(shown.corpus, what)))


def cleaned(shown: Snapshot, what: str, typed: str | None) -> str:
    """What was typed into an input, in the case of the data; None: nothing yet, as for words that are new."""
    known = first_word(shown, INPUTS[what]) if typed is None else typed
    return shown.vocabulary.clean_input(known[:MOST_OF_WORDS] if shown.corpus.level == WORD else known, LONGEST)


def most(vocabulary: Vocabulary) -> int:
    """The maximum length of an input, in code points."""
    return LONGEST * max(map(len, vocabulary.itos))
