"""The numbers of the Data page: count models and counts, cached per word list; those of the run, cached per step."""

from collections.abc import Callable

import streamlit as st
import torch

from core.analysis.compare import summary
from core.counting.bigram import bigram_counts, network_after
from core.counting.kneser_ney import KneserNey
from core.counting.mixture import Mix, mix
from core.counting.ngrams import CountModel
from core.counting.standings import KEPT, LONGEST, RUN, Standing, count_models, count_standings
from core.data.corpus import Corpus
from core.data.word_examples import Growth, growth
from core.engine.model import loss
from core.engine.snapshot import TRAINING, Snapshot
from core.keeping.store import Row
from core.messages import mark, tr
from core.ui import server, session

LONGEST_CONTEXT = 8  # characters: the longest context of a network
MAX_SYMBOLS_SHOWN = 48  # characters in one picture of pairs
KEPT_SHOWN = 5  # runs of the library in the table


def _shared(what: str, words: Corpus, make: Callable):
    """`make()`, cached per word list for all visitors."""
    with st.spinner(tr("Counting …")):
        return server.shared().get((what, words), make)


def models(words: Corpus) -> dict[str, CountModel | KneserNey]:
    return _shared("models", words, lambda: count_models(server.dataset(words, LONGEST).train))


def counted(words: Corpus) -> list[Standing]:
    return _shared("counted", words, lambda: count_standings(models(words), server.dataset(words, LONGEST)))


def lengths(words: Corpus) -> list[Growth]:
    def make() -> list[Growth]:
        longest = server.dataset(words, LONGEST_CONTEXT)
        return growth(longest.train, longest.dev, longest.vocabulary)

    return _shared("lengths", words, make)


def bigrams(words: Corpus) -> tuple[torch.Tensor, torch.Tensor]:
    """`bigram_counts` of train and of dev."""
    splits = server.dataset(words, LONGEST)
    return _shared("bigrams", words, lambda: (bigram_counts(splits.train), bigram_counts(splits.dev)))


def frequent(words: Corpus) -> torch.Tensor:
    """Indices of the MAX_SYMBOLS_SHOWN most frequent characters, sorted."""
    often = bigrams(words)[0].sum(1)
    return often.topk(min(MAX_SYMBOLS_SHOWN, len(often))).indices.sort().values


def among(P: torch.Tensor, shown: torch.Tensor) -> torch.Tensor:
    """Rows and columns of these characters."""
    return P[shown][:, shown]


def own(shown: Snapshot) -> Standing:
    """The visitor's run with its newest exact losses; the test loss only if it is at rest."""
    step, train, dev = shown.exact
    config, changes = shown.config, shown.history.changes
    return Standing(mark("Your run"), RUN, summary(config, changes), config.block_size, train, dev, _test(shown), step)


def _test(shown: Snapshot) -> float | None:
    if shown.state == TRAINING or shown.exact[0] != shown.step:
        return None
    test = session.dataset(shown).test
    return once("data_test", (shown.id, shown.step), lambda: loss(shown.parameters(), test))


def after_letters(shown: Snapshot) -> torch.Tensor:
    """The network's average P(next) after each character: (V, V)."""
    train = session.dataset(shown).train
    return once("data_after", (shown.id, shown.step), lambda: network_after(shown.parameters(), train))


def mixed(shown: Snapshot, model: str) -> Mix:
    """The run's network and a count model, on splits whose contexts are long enough for both."""
    splits = server.dataset(shown.corpus, LONGEST)
    if splits.block_size < shown.config.block_size:
        splits = session.dataset(shown)
    make = lambda: mix(shown.parameters(), models(shown.corpus)[model], splits.dev, splits.test)
    return once("data_mix", (shown.id, shown.step, model), make)


def once(name: str, at: tuple, make: Callable):
    """`make()`, or its last result if `at` is the same as then: computed once for a run at rest."""
    known = st.session_state.get(name)
    if known is None or known[0] != at:
        known = st.session_state[name] = at, make()
    return known[1]


def kept(shown: Snapshot) -> tuple[list[Standing], int]:
    """The library's best other runs on these words, and how many more there are."""
    kept = [row for row in session.library().runs() if shown.id not in (row.id, row.writer)]
    rows = [row for row in kept if row.digest == shown.corpus.digest]
    best = sorted(rows, key=lambda row: row.exact[2])[:KEPT_SHOWN]
    return [_standing(row) for row in best], len(rows) - len(best)


def _standing(row: Row) -> Standing:
    step, train, dev = row.exact
    about = summary(row.config, row.changes)
    return Standing(row.name, KEPT, about, row.config.block_size, train, dev, row.test, step)
