"""core/serving/datasets.py: each list is made ready once, and the oldest goes when they no longer fit."""

from core.data.wordlist import WordList
from core.serving.datasets import Prepared


def of(letter: str) -> WordList:
    return WordList(letter, tuple(letter * n for n in range(1, 12)))


def test_the_same_words_are_made_ready_once_for_each_context_length():
    prepared = Prepared(10_000_000)
    one = prepared(of("a"), 3)
    assert prepared(of("a"), 3) is one and prepared(of("a"), 2) is not one and prepared(of("b"), 3) is not one
    assert one.size > sum(part.X.nbytes for part in (one.train, one.dev, one.test))


def test_what_was_asked_for_longest_ago_goes_and_the_newest_stays_however_large():
    size = Prepared(0)(of("a"), 3).size
    prepared = Prepared(2 * size)
    first, second = prepared(of("a"), 3), prepared(of("b"), 3)
    assert prepared(of("a"), 3) is first
    third = prepared(of("c"), 3)
    assert prepared(of("a"), 3) is first and prepared(of("c"), 3) is third
    assert prepared(of("b"), 3) is not second
    nothing = Prepared(0)
    assert nothing(of("a"), 3) is nothing(of("a"), 3)
