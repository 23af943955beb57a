"""core/keeping/library.py and core/keeping/wordlists.py: the words of a run are there as long as it is, to the
letter or not at all.
"""

import dataclasses
import hashlib
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import MAX_BYTES, Config
from core.data.corpus import Corpus
from core.data.dataset import Dataset
from core.data.groups import Group
from core.data.reading import read
from core.data.vocabulary import DataError
from core.engine.run import Run
from core.keeping import wordlists
from core.keeping.library import Library
from core.keeping.runfile import from_bytes, to_bytes
from tests.support.runs_kept import forged, saved, tables
from tests.support.waiting import FakeClock

WORDS = Corpus(
    "Suomi", ("yö", "työ", "talo", "työ", "shālôm", "नमस्ते", "<b>", "a b"),
    (Group("front vowels", ("y", "ö")), Group("back vowels", ("a", "o", "u"))),
)  # fmt: skip
OTHERS = Corpus("others", ("uno", "due"))
DAY = 86_400


def run_on(words: Corpus):
    return forged(Config(n_hidden=2, block_size=1), 4, digest=words.digest, data=words.name)


# ---------------------------------------------------------------- there and back


def test_words_come_back_by_their_digest_or_the_beginning_of_it(library):
    library.keep_words(WORDS)
    library.keep_words(OTHERS)
    for length in (64, 40, 12):
        assert library.words(WORDS.digest[:length]) == WORDS
        assert library.words(OTHERS.digest[:length]) == OTHERS


def test_words_are_there_after_a_restart(tmp_path):
    library = Library(tmp_path / "library.sqlite")
    library.keep_words(WORDS)
    library.close()
    assert Library(library.path).words(WORDS.digest) == WORDS


symbols = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\n"), min_size=1, max_size=8)


@given(st.lists(symbols, min_size=1, max_size=20), st.lists(st.lists(symbols, max_size=4), max_size=5))
def test_any_words_come_back_to_the_letter(words, groups):
    words = Corpus("mine", tuple(words), tuple(Group(f"group {i}", tuple(group)) for i, group in enumerate(groups)))
    library = Library(None)
    library.keep_words(words)
    assert library.words(words.digest) == words and library.problem is None
    assert words.digest == hashlib.sha256("".join(f"{word}\n" for word in words.units).encode()).hexdigest()


joining = "\u0301\u0323\u200d\u200f\u00ad\u0e31\u0e35\u0e48\U0001f3fd\U00011f00ıİß\u2028"
signs = st.characters() | st.sampled_from(joining)


@given(st.lists(st.text(signs, max_size=5), min_size=12, max_size=30), st.booleans())
def test_whatever_can_be_read_can_be_kept_and_a_run_on_it_too(lines, fold):
    try:
        words = read("\n".join([*lines, *"abcdefghij"]), "mine", fold).corpus
    except DataError:
        return
    run = Run(Config(block_size=1, n_embd=1, n_hidden=0, direct=True), Dataset.of_corpus(words, 1))
    run.advance(1)
    library = Library(None)
    library.keep_words(words)
    library.save(kept := saved(run, created=1.0))
    assert library.words(words.digest[:12]) == words and library.load(run.id) == kept and library.problem is None
    assert from_bytes(to_bytes(kept)) == kept


@pytest.mark.parametrize(
    "asked", ["", "0" * 64, WORDS.digest[:11], WORDS.digest.upper(), WORDS.digest + "0", "%" * 12, "_" * 64, "names",
              WORDS.digest[:12] + "\n", WORDS.digest[:11] + "٣", "' OR 1 = 1 --"],
)  # fmt: skip
def test_what_is_no_digest_of_a_list_finds_nothing(library, asked):
    library.keep_words(WORDS)
    assert library.words(asked) is None


def test_the_newest_name_and_groups_of_the_same_words_are_kept(library):
    library.keep_words(WORDS)
    library.keep_words(renamed := dataclasses.replace(WORDS, name="Finnish", groups=()))
    assert library.words(WORDS.digest) == renamed
    library.keep_words(dataclasses.replace(WORDS, name=" a\x00\u202e\n" + "x" * 99))
    assert library.words(WORDS.digest).name == "a " + "x" * 78


def test_a_beginning_that_two_lists_share_means_neither(tmp_path):
    library = Library(tmp_path / "library.sqlite")
    library.keep_words(WORDS)
    twin = WORDS.digest[:12] + "0" * 52  # one that anybody can make, given a few hours
    with tables(library.path) as db:
        db.execute(f"INSERT INTO words SELECT '{twin}', name, groups, kept, size, words FROM words")
    assert library.words(WORDS.digest[:12]) is None and library.words(WORDS.digest[:13]) == WORDS


# ---------------------------------------------------------------- how long


def test_words_that_no_run_learned_from_go_after_a_day(tmp_path):
    library = Library(tmp_path / "library.sqlite", clock := FakeClock())
    library.keep_words(WORDS)
    library.keep_words(OTHERS)
    library.save(run_on(OTHERS))
    clock.now += DAY - 1
    library.keep_words(Corpus("new", ("a",)))
    assert library.words(WORDS.digest) == WORDS
    clock.now += 2
    library.keep_words(Corpus("newer", ("b",)))
    assert library.words(WORDS.digest) is None and library.words(OTHERS.digest) == OTHERS
    library.delete("run1")
    clock.now += DAY - 1
    library.keep_words(Corpus("newer", ("b",)))
    assert library.words(OTHERS.digest) == OTHERS, "its run can still be brought back"


def random_list(seed: int) -> Corpus:
    """10,000 letters that do not pack well."""
    letters = random.Random(seed).choices("abcdefghijklmnopqrstuvwxyz", k=10_000)
    return Corpus(f"list {seed}", ("".join(letters),))


def test_of_too_many_the_oldest_go_first_those_of_a_run_last_and_never_the_one_that_is_kept(library, monkeypatch):
    lists = [random_list(seed) for seed in range(5)]
    each = max(len(zlib.compress("\n".join(words.units).encode())) for words in lists)
    for limit in ("MAX_BYTES_OF_ALL", "MAX_BYTES_OF_ALL_IN_MEMORY"):
        monkeypatch.setattr(wordlists, limit, 3 * each)
    for words in lists[:3]:
        library.keep_words(words)
        if words is lists[0]:
            library.save(run_on(words))
    for words, there in ((lists[3], {0, 2, 3}), (lists[4], {0, 3, 4})):
        library.keep_words(words)
        assert {i for i, one in enumerate(lists) if library.words(one.digest)} == there
    for limit in ("MAX_BYTES_OF_ALL", "MAX_BYTES_OF_ALL_IN_MEMORY"):
        monkeypatch.setattr(wordlists, limit, 1)
    library.keep_words(lists[2])
    assert [i for i, one in enumerate(lists) if library.words(one.digest)] == [2]


def test_a_list_that_no_upload_can_have_been_is_not_kept():
    library = Library(None)
    library.keep_words(huge := Corpus("huge", ("a" * (8 * MAX_BYTES + 1),)))
    assert library.words(huge.digest) is None
    assert library.problem == (
        "A run or its words cannot be kept or read any more (the word list has more than 16 MB)."
    )


# ---------------------------------------------------------------- damage, full disks


def bomb() -> str:
    """Packed zeros, longer than any list, as SQL."""
    return f"x'{zlib.compress(bytes(wordlists.MAX_BYTES_OF_ONE + 1)).hex()}'"


@pytest.mark.parametrize(
    "damage",
    [
        "words = x'00'", "words = x''", "words = 'text'", "words = 3", f"words = {bomb()}",
        f"words = x'{zlib.compress(b'other words').hex()}'", f"words = x'{zlib.compress(bytes([0xFF])).hex()}'",
        "groups = ''", "groups = '{}'", "groups = '[3]'", "groups = '[[\"a\"]]'", "groups = '[[1, [\"a\"]]]'",
        "groups = '[[\"a\", [1]]]'", "groups = x'ff'", "groups = '[[\"a\", 3]]'",
        "groups = '[[\"1\",[]],[\"2\",[]],[\"3\",[]],[\"4\",[]],[\"5\",[]],[\"6\",[]]]'",
        "digest = replace(digest, substr(digest, 60), 'f0f0f')",
    ],
)  # fmt: skip
def test_words_that_are_damaged_are_none_with_a_sentence_and_can_be_kept_again(tmp_path, damage):
    library = Library(tmp_path / "library.sqlite")
    library.keep_words(OTHERS)
    with tables(library.path) as db:
        db.execute(f"UPDATE words SET {damage}")
    library.keep_words(WORDS)
    assert library.problem is None
    assert library.words(OTHERS.digest[:12]) is None
    assert library.problem == "A run or its words cannot be kept or read any more (the word list is damaged)."
    assert library.words(WORDS.digest) == WORDS
    library.keep_words(OTHERS)
    assert library.words(OTHERS.digest) == OTHERS and library.problem is None


def test_words_wait_in_memory_while_the_disk_cannot_be_used_and_go_there_with_the_next_run(tmp_path):
    place = tmp_path / "place"
    place.write_text("not a directory")
    library = Library(place / "library.sqlite")
    library.keep_words(WORDS)
    assert library.words(WORDS.digest[:12]) == WORDS and "kept in memory" in library.problem
    place.unlink()
    library.save(run_on(WORDS))
    assert library.problem is None and library.words(WORDS.digest) == WORDS
    library.close()
    assert Library(library.path).words(WORDS.digest) == WORDS
