"""Counts of a text of words, against counting by hand."""

from collections import Counter

import pytest

from core.data.dataset import Dataset
from core.data.sentences import read_text
from core.data.word_counts import TextFacts, examples_of_sentence, followers, frequent

STORY = "The cat sat. A dog ran, and the cat ran too! Why did Tom's dog run?\n" * 60


@pytest.fixture(scope="module")
def data() -> Dataset:
    return Dataset.of_corpus(read_text(STORY, "story", 500).corpus, 3)


def sequences(data: Dataset, n: int, start: bool = False) -> Counter:
    """All sequences of n words in the training sentences; with the places before the sentence, if `start`."""
    rows = [[*["<s>"] * (start * (n - 1)), *sentence.split(" ")] for sentence in data.train.words]
    return Counter(tuple(row[i : i + n]) for row in rows for i in range(len(row) - n + 1))


def test_the_facts_of_a_text_are_those_of_its_tokens(data):
    often = Counter(token for sentence in data.corpus.units for token in sentence.split(" "))
    found = TextFacts.of(data.corpus)
    assert (found.tokens, found.distinct) == (often.total(), len(often)) and found.unknown == 0
    assert found.counts == tuple(often[word] for word in data.vocabulary.itos[2:])
    assert list(found.counts) == sorted(found.counts, reverse=True) and found.by_size == ()


def test_the_share_of_unknown_words_is_what_a_vocabulary_of_that_size_leaves_out():
    text = " ".join(f"w{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(676) for _ in range(1 + (i < 400))) + "."
    corpus = read_text(text, "many", 500).corpus
    found = TextFacts.of(corpus)
    kept = sum(found.counts)
    assert len(found.counts) == 498 and found.unknown == pytest.approx(1 - kept / found.tokens)
    assert found.by_size == ((500, pytest.approx(found.unknown)),), "larger vocabularies have room for all"


@pytest.mark.parametrize("block_size", [1, 2, 5])
def test_the_examples_of_a_sentence_are_counted_in_training(data, block_size):
    words = ["and", "the", "cat", "ran"]
    rows = examples_of_sentence([data.vocabulary.stoi[w] for w in words], block_size, data.train, data.vocabulary)
    padded, itos = ["<s>"] * block_size + words, data.vocabulary.itos
    whole = sequences(data, block_size + 1, start=True)
    for i, row in enumerate(rows):
        context = tuple(padded[i : i + block_size])
        assert tuple(itos[k] for k in row.context) == context and itos[row.next] == words[i]
        assert row.followed == whole[(*context, words[i])]
        assert row.times == sum(times for known, times in whole.items() if known[:-1] == context)
    assert (rows[1].times == 0) == (block_size > 1), "no sentence begins with “and”"


def test_what_followed_and_what_is_most_frequent(data):
    stoi, itos, pairs = data.vocabulary.stoi, data.vocabulary.itos, sequences(data, 2)
    found, total = followers(data.train, [stoi["cat"]], 10)
    assert {itos[i]: times for i, times in found} == {b: n for (a, b), n in pairs.items() if a == "cat"}
    assert total == sum(times for _, times in found)
    found, total = followers(data.train, [stoi["and"], stoi["the"], stoi["cat"]], 1)
    assert found == [(stoi["ran"], total)] and total == pairs["and", "the"]
    assert followers(data.train, [stoi["sat"], stoi["sat"]], 10) == ([], 0)
    for words in (2, 3):
        found = frequent(data.train, words, 4)
        known = sequences(data, words)
        assert [times for _, times in found] == [times for _, times in known.most_common(4)]
        assert all(known[tuple(itos[i] for i in ids)] == times for ids, times in found)
