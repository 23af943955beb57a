"""core/serving/datasets.py: things are made once, others do not wait for them, and the oldest go when they no longer
fit.
"""

import threading

import pytest
import torch

from core.config import MAX_BYTES, MAX_SYMBOLS
from core.counting.standings import count_models
from core.data.corpus import Corpus
from core.serving.datasets import Shared, size_of
from tests.support.waiting import eventually


def of(letter: str) -> Corpus:
    return Corpus(letter, tuple(letter * n for n in range(1, 12)))


def test_the_same_words_are_made_ready_once_for_each_context_length():
    shared = Shared(10_000_000)
    one = shared.dataset(of("a"), 3)
    assert shared.dataset(of("a"), 3) is one
    assert shared.dataset(of("a"), 2) is not one and shared.dataset(of("b"), 3) is not one


def test_what_was_asked_for_longest_ago_goes_and_the_newest_stays_however_large():
    size = size_of(Shared(1).dataset(of("a"), 3))
    shared = Shared(2 * size)
    first, second = shared.dataset(of("a"), 3), shared.dataset(of("b"), 3)
    assert shared.dataset(of("a"), 3) is first
    third = shared.dataset(of("c"), 3)
    assert shared.dataset(of("a"), 3) is first and shared.dataset(of("c"), 3) is third
    assert shared.dataset(of("b"), 3) is not second
    small = Shared(1)
    assert small.dataset(of("a"), 3) is small.dataset(of("a"), 3)


def test_while_one_is_made_nobody_waits_who_wants_another():
    shared, begun, free, got = Shared(1_000_000), threading.Event(), threading.Event(), []
    made = []

    def slow():
        made.append(1)
        begun.set()
        assert free.wait(30)
        return "slow"

    shared.get("known", lambda: "known")
    waiting = [threading.Thread(target=lambda: got.append(shared.get("slow", slow))) for _ in range(2)]
    for one in waiting:
        one.start()
    assert begun.wait(10)
    try:
        assert shared.get("known", pytest.fail) == "known" and shared.get("other", lambda: "other") == "other"
        assert not got
    finally:
        free.set()
    eventually(lambda: got == ["slow", "slow"])
    assert made == [1]


def test_what_could_not_be_made_is_tried_again():
    shared = Shared(1_000)
    with pytest.raises(ZeroDivisionError):
        shared.get("key", lambda: 1 / 0)
    assert shared.get("key", lambda: 2) == 2


def test_every_tensor_counts_once():
    one = torch.zeros(100)
    assert size_of({"a": (one, one[:10], [one.view(10, 10)]), "b": torch.zeros(5, dtype=torch.int64)}) == 440
    assert size_of(("words", "words")) == 0


def test_what_examples_make_later_counts_from_the_beginning():
    dataset = Shared(1).dataset(of("a"), 3)
    before, splits = size_of(dataset), (dataset.train, dataset.dev, dataset.test)
    later = sum(split.times.nbytes + sum(array.nbytes for array in split.packed) for split in splits)
    tensors = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in _tensors(splits)}
    assert later > 0 and before == size_of(dataset) == sum(tensors.values()) + later


def _tensors(splits) -> list[torch.Tensor]:
    return [t for s in splits for t in (s.X, s.Y, s.contexts, *s.pairs, s.pair, s.lengths)]


def test_lists_at_every_limit_stay_within_the_bound():
    """The largest file of the largest alphabet, in several context lengths and with its count models."""
    alphabet = [chr(0x4E00 + i) for i in range(MAX_SYMBOLS - 1)]
    many = MAX_BYTES // (3 * 8 + 1)
    words = tuple("".join(alphabet[(7 * i + j * j) % len(alphabet)] for j in range(8)) for i in range(many))
    shared, bound = Shared(150_000_000), 150_000_000
    for block_size in (2, 4, 8):
        dataset = shared.dataset(Corpus("large", words), block_size)
        assert shared.size <= max(bound, size_of(dataset))
    models = shared.get("models", lambda: count_models(shared.dataset(Corpus("large", words), 5).train))
    assert shared.size <= max(bound, size_of(models))
