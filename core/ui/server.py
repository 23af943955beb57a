"""What all visitors of a server share: datasets, the pool of runs, the list of visitors, the library on disk."""

from collections.abc import Callable
from functools import cache, lru_cache

import streamlit as st

from core.config import Config
from core.counting.ngrams import Baselines
from core.counting.of_words import WordCounts
from core.data import gallery, sentences
from core.data.corpus import WORD, Corpus
from core.data.dataset import Dataset
from core.engine import recorded
from core.engine.history import History
from core.engine.snapshot import Snapshot
from core.keeping.library import Library, default_path
from core.keeping.points import KeptPoints
from core.serving import cluster
from core.serving.background import Background, Failed
from core.serving.boards import Boards
from core.serving.channel import Pages
from core.serving.client import Client
from core.serving.datasets import Shared
from core.serving.hosts import in_process
from core.serving.landscapes import Landscapes
from core.serving.pool import Pool
from core.serving.training import untrained
from core.serving.visitors import Visitor, Visitors, name_of

SHARED = 500_000_000  # bytes of datasets and of the count models made from them
ANSWERED = 2_000_000  # bytes of answers of checkpoints: some 4,600 of them
CONTEXT_OF_COUNTS = 3  # characters of context of the longest count model
# How Streamlit's caches identify a word list.
OF_WORDS = {Corpus: lambda words: words.identity}
# Each look asks for them: Streamlit's cache would make a key of its arguments each time.
_SHARED, _ANSWERED = Shared(SHARED), Shared(ANSWERED, size=len)


def shared() -> Shared:
    """The one owner of all that is made of word lists."""
    return _SHARED


def answered() -> Shared:
    """Answers of checkpoints, for all who have the same run."""
    return _ANSWERED


def dataset(words: Corpus, block_size: int) -> Dataset:
    return shared().dataset(words, block_size)


def counted(words: Corpus) -> Baselines:
    return shared().get((Baselines, words), lambda: Baselines.of(dataset(words, CONTEXT_OF_COUNTS)))


@st.cache_resource(show_spinner=False)
def background() -> Background:
    return Background()


def word_counts(corpus: Corpus, then: Callable[[], None]) -> WordCounts | Failed | None:
    """The count models of a corpus of words; None until they are made, and then `then` is called."""
    key, make = (WordCounts, corpus), lambda: WordCounts.of(corpus)
    made = background().get(key, key, lambda: bool(shared().get(key, make)), then)
    return shared().get(key, make) if made is True else made


@lru_cache(4)
def english(words: int = sentences.DEFAULT_WORDS) -> Corpus:
    """The bundled sentences, with a vocabulary of so many words."""
    return sentences.english_corpus(words)


def is_english(corpus: Corpus) -> bool:
    return corpus.level == WORD and corpus.digest == sentences.DIGEST


def names() -> Corpus:
    """The default word list."""
    return gallery.words("names")


@st.cache_resource(show_spinner=False)
def recording() -> Snapshot:
    return recorded.recorded(History.load(recorded.RECORDING), dataset(names(), CONTEXT_OF_COUNTS))


@st.cache_resource(show_spinner=False)
def _shared_library() -> Library | None:
    """The library on disk; None if LETTERSPACE_LIBRARY is "off"."""
    path = default_path()
    return Library(path) if path else None


@st.cache_resource(show_spinner=False)
def pool() -> Pool:
    pool = Pool(in_process)
    pool.ready()
    cluster.join(pool)
    return pool


@st.cache_resource(show_spinner=False)
def boards() -> Boards:
    path = default_path()
    return Boards(KeptPoints(path) if path else None)


@st.cache_resource(show_spinner=False)
def landscapes() -> Landscapes:
    return Landscapes()


@cache  # app.py asks for it before there is a server
def pages() -> Pages:
    return Pages()


@st.cache_resource(show_spinner=False)
def visitors() -> Visitors:
    return Visitors(_arrive, pool().clock)


def _arrive(token: str) -> Visitor:
    """A new visitor with an untrained default run."""
    library, name = _shared_library() or Library(None), name_of(token)
    first = untrained(Config(), dataset(names(), Config().block_size))
    client = Client(first, pool(), keep=lambda saved: library.save(saved, name))
    return Visitor(token, client, library)
