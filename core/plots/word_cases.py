"""What the browser draws of core/analysis/word_cases.py. Pure data."""

from core.analysis.word_cases import Case, Duel, SeenContext, Tally
from core.data.vocabulary import Vocabulary


def described(found: Duel, vocabulary: Vocabulary) -> dict:
    """all, unseen: [examples, in how many counting is ahead, the mean losses of the network and of counting]."""
    return {
        "all": _tally(found.all),
        "unseen": _tally(found.unseen),
        "total": found.total,
        "cases": [_case(case, vocabulary) for case in found.cases],
    }


def nearest(found: tuple[SeenContext, ...], vocabulary: Vocabulary) -> list[list]:
    """[the words of the context, how often it occurs, [[next word, how often], ...]] of each."""
    label, start = vocabulary.label, vocabulary.start
    named = lambda rows: [[label(i), times] for i, times in rows]
    words = lambda context: [label(i) for i in context if i != start]
    return [[words(seen.context), seen.times, named(seen.followers)] for seen in found]


def _tally(tally: Tally) -> list:
    losses = [round(loss, 4) if tally.examples else None for loss in (tally.network, tally.counting)]
    return [tally.examples, tally.counting_ahead, *losses]


def _case(case: Case, vocabulary: Vocabulary) -> dict:
    context = [i for i in case.context if i != vocabulary.start]
    return {
        "before": list(case.before),
        "sees": len(context),
        "next": vocabulary.label(case.next),
        "network": round(case.network, 5),
        "counting": round(case.counting, 7),
        "nearest": nearest(case.nearest, vocabulary),
    }
