"""core/data/corpus.py: a text as one thing."""

import dataclasses
import gc
import hashlib
import pickle
import weakref

import pytest

from core.data.corpus import Corpus
from core.data.dataset import NAMES, Split, build_dataset, load_words
from core.data.groups import Group
from core.data.shown import Shown
from core.data.vocabulary import DataError, Vocabulary


def test_the_digest_of_a_plain_list_is_that_of_its_file():
    words = Corpus("names", tuple(load_words()))
    assert words.digest == hashlib.sha256(NAMES.read_bytes()).hexdigest()


def test_the_digest_is_of_the_words_in_their_order_and_of_nothing_else():
    words = Corpus("one", ("emma", "zoë"))
    assert words.digest == hashlib.sha256("emma\nzoë\n".encode()).hexdigest()
    assert words.digest == Corpus("other", words.units, (Group("vowels", ("a", "e")),)).digest
    others = ("zoë", "emma"), ("emma", "zoë", "zoë"), ("emmazoë",), ("emma",), ()
    assert len({words.digest, *(Corpus("one", other).digest for other in others)}) == 6


class Words(tuple):
    """Words that must not be compared."""

    __hash__ = None

    def __eq__(self, other):
        raise AssertionError("the words themselves were compared")


def test_equal_are_lists_of_one_name_digest_and_groups_and_the_words_are_not_looked_at():
    one, same, other = (Corpus("one", Words(words)) for words in (["emma", "zoë"], ["emma", "zoë"], ["zoë", "emma"]))
    assert one == same and hash(one) == hash(same) and {one: 1}[same] == 1
    assert one != other and one != Corpus("two", one.units) and one != "one"
    assert one != Corpus("one", one.units, (Group("vowels", ("a", "e")),))


def test_the_vocabulary_is_made_once_and_by_each_process_for_itself():
    words = Corpus("one", ("emma", "zoë"), (Group("vowels", ("a", "e")),))
    assert len(words.digest) == 64
    before = pickle.dumps(words)
    assert words.vocabulary is Corpus("another name", words.units).vocabulary == Vocabulary.of(words.units)
    assert words.shown.names["vowel"] == "vowels"
    assert len(pickle.dumps(words)) == len(before) and pickle.loads(pickle.dumps(words)).vocabulary == words.vocabulary


def test_a_list_crosses_processes_and_never_changes():
    words = Corpus("one", ("emma", "zoë"), (Group("vowels", ("a", "e")),))
    assert pickle.loads(pickle.dumps(words)) == words and hash(words) == hash(pickle.loads(pickle.dumps(words)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        words.name = "other"


def test_a_list_that_comes_from_another_process_again_and_again_is_in_memory_once_and_not_for_ever():
    words = Corpus("one", ("emma", "zoë"))
    sent = pickle.dumps(words)
    assert pickle.loads(sent) is words
    del words
    one, other = pickle.loads(sent), pickle.loads(sent)
    assert one is other and pickle.loads(pickle.dumps(Corpus("two", one.units))) is not one
    known = weakref.ref(one)
    del one, other
    gc.collect()
    assert known() is None and pickle.loads(sent).units == ("emma", "zoë")


def test_text_becomes_indices_and_comes_back_and_only_a_vocabulary_with_an_unknown_takes_any_text():
    vocabulary = Vocabulary((".", "a", "b"))
    assert vocabulary.encode("abba") == [1, 2, 2, 1] and vocabulary.decode([1, 2, 2, 1]) == "abba"
    with pytest.raises(DataError, match="“c” does not occur"):
        vocabulary.encode("abc")
    assert dataclasses.replace(vocabulary, unknown=2).encode("abc") == [1, 2, 2]


def test_contexts_are_filled_with_the_start_and_words_end_with_the_stop():
    vocabulary = Vocabulary(("<", "a", "b", ">"), start=0, stop=3)
    X, Y = build_dataset(["ab", "b"], 2, vocabulary)
    assert X.tolist() == [[0, 0], [0, 1], [1, 2], [0, 0], [0, 2]] and Y.tolist() == [1, 2, 3, 2, 3]
    assert Split.of(["ab", "b"], 2, vocabulary).lengths.tolist() == [3, 2]
    assert vocabulary.context("a", 3) == [0, 0, 1]


def test_a_picture_can_show_some_of_the_symbols():
    shown = Shown.of(Vocabulary((".", " ", "a", "b")), (Group("first", ("a",)),), ids=(0, 1, 3))
    assert (shown.symbols, shown.labels) == ((".", " ", "b"), (".", "␣", "b"))
    assert shown.roles == ("boundary", "consonant", "consonant")
    assert shown.names == {"boundary": "start and end", "consonant": "others"}
    assert shown.for_script == {"characters": [".", " ", "b"], "groups": list(shown.roles)}
