"""core/data/wordlist.py: a word list as one thing."""

import dataclasses
import hashlib
import pickle

import pytest

from core.data.dataset import NAMES, load_words
from core.data.vocabulary import Vocabulary
from core.data.wordlist import Group, WordList


def test_the_digest_of_a_plain_list_is_that_of_its_file():
    words = WordList("names", tuple(load_words()))
    assert words.digest == hashlib.sha256(NAMES.read_bytes()).hexdigest()


def test_the_digest_is_of_the_words_in_their_order_and_of_nothing_else():
    words = WordList("one", ("emma", "zoë"))
    assert words.digest == hashlib.sha256("emma\nzoë\n".encode()).hexdigest()
    assert words.digest == WordList("other", words.words, (Group("vowels", ("a", "e")),)).digest
    others = ("zoë", "emma"), ("emma", "zoë", "zoë"), ("emmazoë",), ("emma",), ()
    assert len({words.digest, *(WordList("one", other).digest for other in others)}) == 6


class Words(tuple):
    """Words that must not be compared."""

    __hash__ = None

    def __eq__(self, other):
        raise AssertionError("the words themselves were compared")


def test_equal_are_lists_of_one_name_digest_and_groups_and_the_words_are_not_looked_at():
    one, same, other = (WordList("one", Words(words)) for words in (["emma", "zoë"], ["emma", "zoë"], ["zoë", "emma"]))
    assert one == same and hash(one) == hash(same) and {one: 1}[same] == 1
    assert one != other and one != WordList("two", one.words) and one != "one"
    assert one != WordList("one", one.words, (Group("vowels", ("a", "e")),))


def test_the_vocabulary_is_made_once_and_by_each_process_for_itself():
    words = WordList("one", ("emma", "zoë"), (Group("vowels", ("a", "e")),))
    before = pickle.dumps(words)
    assert words.vocabulary is words.vocabulary == Vocabulary.of(words.words, words.groups)
    assert len(pickle.dumps(words)) == len(before) and pickle.loads(pickle.dumps(words)).vocabulary == words.vocabulary


def test_a_list_crosses_processes_and_never_changes():
    words = WordList("one", ("emma", "zoë"), (Group("vowels", ("a", "e")),))
    assert pickle.loads(pickle.dumps(words)) == words and hash(words) == hash(pickle.loads(pickle.dumps(words)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        words.name = "other"
