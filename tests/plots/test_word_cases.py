"""core/plots/word_cases.py: real cases as data for the page."""

import math

from core.analysis.word_cases import Case, Duel, SeenContext, Tally
from core.data.words import Words
from core.plots import word_cases

VOCABULARY = Words.of(["the cat ran .", "the dog ran ."])
THE, CAT, RAN = (VOCABULARY.stoi[word] for word in ("the", "cat", "ran"))


def test_indices_become_words_and_the_start_is_left_out():
    nearest = (SeenContext((0, THE), 7, ((CAT, 5), (RAN, 2))),)
    case = Case(("the",), (0, THE), CAT, 0.25, 0.0000123456, nearest)
    told = word_cases.described(Duel(Tally(3, 2, 1.5, 1.25), Tally(0, 0, math.nan, math.nan), 9, (case,)), VOCABULARY)
    assert told["all"] == [3, 2, 1.5, 1.25] and told["unseen"] == [0, 0, None, None] and told["total"] == 9
    assert told["cases"] == [
        {
            "before": ["the"], "sees": 1, "next": "cat", "network": 0.25, "counting": 1.23e-05,
            "nearest": [[["the"], 7, [["cat", 5], ["ran", 2]]]],
        }
    ]  # fmt: skip
