"""core/data/word_examples.py against sets of strings and the lecture's own examples."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import gallery
from core.data.dataset import Dataset, Split
from core.data.vocabulary import DataError, Vocabulary
from core.data.word_examples import UnseenContext, examples_of, group_shares, growth, letter_counts

word_lists = st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=12)


def contexts_of(words, length):
    """Every context of `length` characters, with repetitions, from the padded strings."""
    return [("." * length + word)[i : i + length] for word in words for i in range(len(word) + 1)]


# ---------------------------------------------------------------- windows


def test_the_windows_of_emma_are_the_lectures(dataset):
    seen = [(w.context, w.next) for w in examples_of(dataset.vocabulary, "emma", 3)]
    assert seen == [("...", "e"), ("..e", "m"), (".em", "m"), ("emm", "a"), ("mma", ".")]


def test_x_and_y_of_the_first_five_names_are_the_lectures(dataset, words):
    every = [w for word in words[:5] for w in examples_of(dataset.vocabulary, word, 3)]  # DESIGN.md section 5
    assert len(every) == 32
    assert (sum(sum(w.X) for w in every), sum(w.Y for w in every)) == (684, 253)
    assert (every[13].X, every[13].Y) == ((0, 0, 1), 22)


@given(st.text("abc", max_size=8), st.integers(1, 10))
def test_windows_slide_over_the_padded_word(word, block_size):
    seen = examples_of(Vocabulary.of(["abc"]), word, block_size)
    assert [w.context for w in seen] == contexts_of([word], block_size)
    assert "".join(w.next for w in seen) == word + "."


@pytest.mark.parametrize(("word", "said"), [("e.m", "“.” marks"), ("émma", "“é” does not occur")])
def test_what_cannot_be_a_word_is_said_in_a_sentence(dataset, word, said):
    with pytest.raises(DataError, match=said):
        examples_of(dataset.vocabulary, word, 3)


# ---------------------------------------------------------------- growth


@given(word_lists, word_lists, st.integers(1, 6))
def test_growth_is_what_sets_of_strings_say(train, dev, block_size):
    vocabulary = Vocabulary.of([*train, *dev])
    parts = (Split.of(words, block_size, vocabulary) for words in (train, dev))
    for length, found in enumerate(growth(*parts, vocabulary), start=1):
        ours, theirs = set(contexts_of(train, length)), Counter(contexts_of(dev, length))
        assert found.length == length and found.possible == len(vocabulary) ** length
        assert (found.train, found.dev, found.examples) == (len(ours), len(theirs), sum(theirs.values()))
        new = {context: n for context, n in theirs.items() if context not in ours}
        assert (found.unseen, found.unseen_examples) == (len(new), sum(new.values()))
        words = [one.word for one in found.such_as]
        assert bool(words) == bool(new) and len(set(words)) == len(words)
        for one in found.such_as:
            assert new[one.context] == one.times and one.context in contexts_of([one.word], length)
        assert not new or found.such_as[0].times == max(new.values())


@pytest.mark.parametrize(
    ("length", "train", "dev"),
    [(3, 5_411, 3_037), (1, 27, 27)],  # DESIGN.md section 5
)
def test_so_many_contexts_the_names_have(datasets, length, train, dev):
    parts = datasets(5)
    found = growth(parts.train, parts.dev, parts.vocabulary)[length - 1]
    assert (found.possible, found.train, found.dev, found.examples) == (27**length, train, dev, 22_949)


def test_four_pairs_of_the_dev_names_never_stand_before_anything_in_training(datasets):
    parts = datasets(5)
    found = growth(parts.train, parts.dev, parts.vocabulary)[1]
    assert found.such_as[0] == UnseenContext("fk", 2, "rifka")
    assert {one.context for one in found.such_as} == {"fk", "pc", "zg", "gv"}


@given(word_lists)
def test_letters_are_counted_as_they_are_to_be_predicted(words):
    vocabulary = Vocabulary.of([*words, "abc"])
    counts = letter_counts(Split.of(words, 2, vocabulary))
    assert dict(zip(vocabulary.itos, counts)) == {c: "".join(f"{w}." for w in words).count(c) for c in ".abc"}


def test_what_is_to_be_predicted_is_half_consonants(dataset):
    shares = group_shares(dataset.train, dataset.corpus.shown.roles)
    letters = "".join(dataset.train.words)
    n = len(letters) + len(dataset.train.words)
    vowels = sum(letters.count(c) for c in "aeiou") / n
    ends = len(dataset.train.words) / n
    assert shares == pytest.approx({"vowel": vowels, "boundary": ends, "consonant": 1 - vowels - ends}, abs=1e-12)


def test_of_a_list_with_groups_of_its_own_each_that_occurs_has_its_share():
    dataset = Dataset.of_corpus(gallery.words("turkmen"), 3)
    shares = group_shares(dataset.train, dataset.corpus.shown.roles)
    front, back = (
        sum(word.count(s) for word in dataset.train.words for s in group.symbols) for group in dataset.corpus.groups[:2]
    )
    assert shares.keys() == dataset.corpus.shown.names.keys() and sum(shares.values()) == pytest.approx(1)
    assert (shares["vowel"], shares["consonant"]) == (front / len(dataset.train), back / len(dataset.train))
