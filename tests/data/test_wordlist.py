"""core/data/wordlist.py: a word list as one thing."""

import dataclasses
import hashlib
import pickle

import pytest

from core.data.dataset import NAMES, load_words
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


def test_a_list_crosses_processes_and_never_changes():
    words = WordList("one", ("emma", "zoë"), (Group("vowels", ("a", "e")),))
    assert pickle.loads(pickle.dumps(words)) == words and hash(words) == hash(pickle.loads(pickle.dumps(words)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        words.name = "other"
