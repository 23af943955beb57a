"""What the live line tells of real cases and of the typed context, once a run on words rests."""

from collections.abc import Callable

from core.analysis.word_cases import duel, nearest_contexts, seen_context
from core.counting.of_words import BEST, WordCounts
from core.engine.snapshot import TRAINING, Snapshot
from core.plots import word_cases
from core.ui import server


class CaseLook:
    """Of one page. then: called when there is news, in any thread."""

    def __init__(self, then: Callable[[], None]):
        self._then = then

    def message(self, snapshot: Snapshot, counts: WordCounts | None, context: str) -> dict:
        """duel: see core/plots/word_cases.py; own: of the typed context; each None until it is made."""
        if snapshot.state == TRAINING or snapshot.step == 0 or counts is None:
            return {"duel": None, "own": None}
        run, background = (snapshot.id, snapshot.step), server.background()
        duel_of, own_of = lambda: _duel(snapshot, counts), lambda: _own(snapshot, context)
        return {
            "duel": background.get(("duel", id(self)), ("duel", *run), duel_of, self._then) or None,
            "own": background.get(("own", id(self)), ("own", *run, context), own_of, self._then) or None,
        }


def _duel(snapshot: Snapshot, counts: WordCounts) -> dict:
    data = server.dataset(snapshot.corpus, snapshot.config.block_size)
    found = word_cases.described(duel(snapshot.parameters(), data, counts.models[BEST]), snapshot.vocabulary)
    return found | {"step": snapshot.step}


def _own(snapshot: Snapshot, context: str) -> dict:
    """The typed context as the network sees it, what followed it in training, and the nearest ones."""
    vocabulary, train = snapshot.vocabulary, server.dataset(snapshot.corpus, snapshot.config.block_size).train
    ids = tuple(vocabulary.context(context, snapshot.config.block_size))
    seen = seen_context(train, ids)
    return {
        "words": [vocabulary.label(i) for i in ids if i != vocabulary.start],
        "seen": word_cases.nearest((seen,), vocabulary)[0] if seen else None,
        "nearest": word_cases.nearest(nearest_contexts(snapshot.parameters().C, train, ids), vocabulary),
    }
