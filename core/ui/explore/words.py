"""The panels of Explore for a run on words: a map of thousands of points, sentences, what comes next, neighbours."""

import streamlit as st

from core.config import PRESET_WORDS, WORD_PRESETS
from core.data.sentences import SOURCE
from core.data.vocabulary import Vocabulary
from core.engine.snapshot import Snapshot
from core.messages import language as speaking
from core.messages import mark, tr
from core.plots import words
from core.ui import components, server, typed
from core.ui.explore import caption
from core.ui.explore.asking import HIGHEST, LOWEST, TEMPERATURE

SLOW = mark(
    "Slow: 76 steps/s of 32 examples were measured on one core of its own without a page, so once through the text "
    "takes ten minutes; on a busy machine with a page open it was 4 to 14 steps/s."
)


def draw(shown: Snapshot) -> None:
    left, right = st.columns([1.62, 1], gap="small")
    with left, st.container(key="letters", border=True):
        caption.draw()
        components.view(
            "wordmap",
            note=_note(shown),
            source=source(shown),
            flat=shown.config.n_embd <= 2,
            **described(shown.vocabulary, speaking()),
        )
    with right:
        _panels(shown)
    with st.container(key="cases", border=True):
        components.view("wordcases")
    with st.container(key="together", border=True):
        components.view("together")


@st.cache_data(show_spinner=False, max_entries=8, hash_funcs={Vocabulary: lambda vocabulary: vocabulary.itos})
def described(vocabulary: Vocabulary, language: str) -> dict:
    return words.described(vocabulary)


def source(shown: Snapshot) -> str:
    """Where a text is from; "" for a visitor's own. And what to expect of a preset with a large vocabulary."""
    large = any(shown.corpus.most == most and shown.config == WORD_PRESETS[name] for name, most in PRESET_WORDS.items())
    return " ".join(filter(None, [tr(SOURCE) if server.is_english(shown.corpus) else "", tr(SLOW) if large else ""]))


def _note(shown: Snapshot) -> str:
    n_embd, V = shown.config.n_embd, len(shown.vocabulary)
    if n_embd <= 2:
        each = tr("two learned numbers each") if n_embd == 2 else tr("one learned number each")
    else:
        each = tr("{n} dimensions", n=n_embd)
    return each if V <= words.SHOWN else tr("the {n:,} most frequent words; {each}", n=words.SHOWN, each=each)


def _panels(shown: Snapshot) -> None:
    with st.container(key="loss", border=True, gap=None):
        components.view("loss")
        with st.container(key="loss_options", horizontal=True, gap="small"):
            st.toggle(tr("Linear"), key="linear", help=tr("A linear axis of steps instead of a logarithmic one."))
    with st.container(key="names", border=True, gap=None):
        components.view("sentences")
        st.slider(tr("Temperature"), LOWEST, HIGHEST, step=0.1, key=TEMPERATURE, on_change="ignore",
                  help=tr("Below 1: likely words become more likely. Above 1: rare words do."))  # fmt: skip
    with st.container(key="bars", border=True, gap=None):
        components.view("nextwords")
        with st.container(key="context"):
            st.text_input(
                tr("Context"), key=typed.key(shown.corpus, "context"), label_visibility="collapsed",
                max_chars=typed.MOST_OF_WORDS, placeholder=tr("(start of a sentence)"), on_change="ignore",
                help=tr(
                    "Words before the next one; the network sees only the last few. Leave it empty for the start."
                ),
            )  # fmt: skip
    with st.container(key="spelling", border=True, gap=None):
        components.view("nearwords")
