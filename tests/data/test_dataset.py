"""core/data/dataset.py: words, characters, examples, splits. Golden numbers: DESIGN.md section 5."""

import hashlib
import random
from collections import Counter

import pytest
import regex
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import MAX_SYMBOLS
from core.data.dataset import NAMES, SPLITS, Dataset, Split, build_dataset, split_words
from core.data.groups import Group
from core.data.shown import Shown
from core.data.vocabulary import DataError, Vocabulary

word_lists = st.lists(st.text("abcéßж' -", min_size=1, max_size=12), min_size=1, max_size=30)
TEN = [f"name{letter}" for letter in "abcdefghij"]


def by_the_lecture(words, block_size, stoi):
    """`build_dataset` of makemore part 2, character by character."""
    X, Y = [], []
    for w in words:
        context = [0] * block_size
        for ch in (*w, "."):
            X.append(context)
            Y.append(stoi[ch])
            context = [*context[1:], stoi[ch]]
    return X, Y


# ---------------------------------------------------------------- golden numbers (DESIGN.md section 5)


def test_the_names_are_the_ones_the_numbers_were_measured_on(words):
    digest = "bd02dfd33179e23ec2dd093cbd4de619834f75d660ef1ae04d3127e7a0110053"
    assert hashlib.sha256(NAMES.read_bytes()).hexdigest() == digest
    assert (len(words), len(set(words)), sum(len(w) + 1 for w in words)) == (32_257, 29_693, 229_804)
    assert words[:5] == ["emma", "olivia", "ava", "isabella", "sophia"]


def test_the_first_five_names_make_the_lectures_32_examples(words):
    split = Split.of(words[:5], 3, Vocabulary.of(words))
    assert split.X.shape == (32, 3) and len(split) == 32
    assert (int(split.X.sum()), int(split.Y.sum())) == (684, 253)
    assert (split.X[13].tolist(), int(split.Y[13])) == ([0, 0, 1], 22)
    expected = "5,13,13,1,0,15,12,9,22,9,1,0,1,22,1,0,9,19,1,2,5,12,12,1,0,19,15,16,8,9,1,0"
    assert split.Y.tolist() == [int(y) for y in expected.split(",")]
    assert len(split.contexts) == 28


def test_emma_makes_five_examples():
    vocabulary = Vocabulary.of(["abcdefghijklmnopqrstuvwxyz"])
    X, Y = build_dataset(["emma"], 3, vocabulary)
    shown = ["".join(vocabulary.itos[i] for i in (*x, y)) for x, y in zip(X.tolist(), Y.tolist())]
    assert shown == ["...e", "..em", ".emm", "emma", "mma."]


@pytest.mark.parametrize(
    ("block_size", "distinct"),
    [(1, 27), (2, 602), (3, 5_702), (4, 22_242), (5, 41_523), (8, 59_220), (10, 59_557)],
)
def test_all_names_have_the_known_number_of_distinct_contexts(words, block_size, distinct):
    assert len(Split.of(words, block_size, Vocabulary.of(words)).contexts) == distinct


def test_the_split_is_the_one_that_the_lectures_lines_make(words):
    """So the lecture's own list, which is not here, is split as there: 182,625 / 22,655 / 22,866 examples."""
    said = list(words)
    random.seed(42)
    random.shuffle(said)
    n1, n2 = int(0.8 * len(said)), int(0.9 * len(said))
    stoi = {s: i + 1 for i, s in enumerate(sorted(set("".join(said))))} | {".": 0}
    dataset = Dataset.of(words, 3)
    for split, part in zip(SPLITS, (said[:n1], said[n1:n2], said[n2:])):
        X, Y = by_the_lecture(part, 3, stoi)
        assert getattr(dataset, split).X.tolist() == X and getattr(dataset, split).Y.tolist() == Y


def test_the_splits_are_the_known_ones(dataset):
    parts = [dataset.train, dataset.dev, dataset.test]
    assert [len(p.words) for p in parts] == [25_805, 3_226, 3_226]
    assert [len(p) for p in parts] == [183_802, 22_949, 23_053]
    assert [p.words[0] for p in parts] == ["anaiza", "karliah", "josiel"]
    assert [int(p.Y.sum()) for p in parts] == [1_698_056, 213_526, 213_071]
    assert [len(p.contexts) for p in parts] == [5_411, 3_037, 2_979]


def test_408_dev_names_also_occur_in_train(dataset):
    train = set(dataset.train.words)
    assert sum(word in train for word in dataset.dev.words) == 408


# ---------------------------------------------------------------- brute force


@pytest.mark.parametrize("block_size", range(1, 17))
def test_examples_are_those_of_the_lectures_loop(words, block_size):
    some, vocabulary = [*words[:150], "a", "a" * 40], Vocabulary.of(words)
    X, Y = build_dataset(some, block_size, vocabulary)
    assert X.dtype == Y.dtype == torch.int64
    assert (X.tolist(), Y.tolist()) == by_the_lecture(some, block_size, vocabulary.stoi)


@given(word_lists, st.integers(1, 16))
def test_contexts_and_their_counts_are_those_of_a_counter(words, block_size):
    vocabulary = Vocabulary.of(words)
    split = Split.of(words, block_size, vocabulary)
    X, Y = by_the_lecture(words, block_size, vocabulary.stoi)
    assert (split.X.tolist(), split.Y.tolist()) == (X, Y)
    counter = Counter((tuple(x), y) for x, y in zip(X, Y))
    assert split.contexts.tolist() == [list(c) for c in sorted({c for c, _ in counter})]
    where = {tuple(c): m for m, c in enumerate(split.contexts.tolist())}
    expected = sorted((where[c], y, n) for (c, y), n in counter.items())
    assert [tuple(pair) for pair in zip(*(part.tolist() for part in split.pairs))] == expected
    assert torch.equal(split.contexts[split.which], split.X) and torch.equal(split.pairs.next[split.pair], split.Y)
    assert split.times.tolist() == [sum(n for (d, _), n in counter.items() if d == c) for c in where]
    followed = [split.followers(m).tolist() for m in range(len(where))]
    assert followed == [[counter[c, y] for y in range(len(vocabulary))] for c in where]


@given(word_lists, st.integers(1, 4), st.integers(1, 50))
def test_pieces_are_all_contexts_and_their_pairs_in_order(words, block_size, rows):
    split = Split.of(words, block_size, Vocabulary.of(words))
    pieces = list(split.pieces(rows))
    assert all(0 < len(contexts) <= rows for contexts, _ in pieces)
    assert torch.equal(torch.cat([contexts for contexts, _ in pieces]), split.contexts)
    for part in ("next", "times"):
        assert torch.equal(torch.cat([getattr(pairs, part) for _, pairs in pieces]), getattr(split.pairs, part))
    firsts = range(0, len(split.contexts), rows)
    assert torch.equal(torch.cat([pairs.row + first for first, (_, pairs) in zip(firsts, pieces)]), split.pairs.row)


def test_contexts_of_all_names_are_those_of_a_counter(dataset):
    for split in (dataset.train, dataset.dev, dataset.test):
        counter = Counter(zip(map(tuple, split.X.tolist()), split.Y.tolist()))
        rows, columns, times = split.pairs
        seen = zip(map(tuple, split.contexts[rows].tolist()), columns.tolist())
        assert dict(zip(seen, times.tolist())) == counter


@pytest.mark.parametrize("block_size", [0, -1, 17])
def test_a_context_length_out_of_range_is_refused(block_size):
    with pytest.raises(DataError, match="between 1 and 16"):
        build_dataset(["emma"], block_size, Vocabulary.of(["emma"]))


# ---------------------------------------------------------------- vocabulary and splits


@given(word_lists)
def test_the_vocabulary_encodes_and_decodes_what_it_was_made_of(words):
    vocabulary = Vocabulary.of(words)
    assert vocabulary.itos[0] == "." and list(vocabulary.itos[1:]) == sorted(set("".join(words)))
    assert [vocabulary.stoi[s] for s in vocabulary.itos] == list(range(len(vocabulary)))
    for word in words:
        assert "".join(vocabulary.itos[i] for i in vocabulary.encode(word)) == word
        assert vocabulary.context(word, 4) == ([0] * 4 + vocabulary.encode(word))[-4:]


def test_the_vocabulary_names_a_character_it_never_saw():
    with pytest.raises(DataError, match=r"^“é” does not occur in the data.*\.$"):
        Vocabulary.of(["emma"]).encode("mémé")


def test_characters_are_grouped_by_what_they_are_without_their_accents():
    shown = Shown.of(Vocabulary.of(["aéÎöuybñ"]))
    groups = dict(zip(shown.symbols, shown.roles))
    assert groups.pop(".") == "boundary"
    assert {s for s, group in groups.items() if group == "vowel"} == set("aéÎöu")
    assert {s for s, group in groups.items() if group == "consonant"} == set("ybñ")


# ---------------------------------------------------------------- symbols of several code points

CLUSTERS = [
    "a",
    "x\u0302",
    "x",
    "\u0302",
    "\u05e9\u05b8\u05c1",
    "\u0915\u094d",
    "\u0937",
    "\U0001f1e6",
    "\u0d4e",
    "e\u0323\u0302",
]
mixed = st.lists(st.lists(st.sampled_from(CLUSTERS), min_size=1, max_size=6).map("".join), min_size=1, max_size=12)


def clusters(text: str) -> list[str]:
    return regex.findall(r"\X", text)


@given(mixed, st.integers(1, 5))
def test_a_letter_with_its_marks_is_one_symbol(words, block_size):
    vocabulary = Vocabulary.of(words)
    assert set(vocabulary.itos[1:]) == {s for word in words for s in clusters(word)}
    assert [vocabulary.symbols(word) for word in words] == [clusters(word) for word in words]
    split = Split.of(words, block_size, vocabulary)
    assert split.lengths.tolist() == [len(clusters(word)) + 1 for word in words]
    assert (split.X.tolist(), split.Y.tolist()) == by_the_lecture(
        [clusters(word) for word in words], block_size, vocabulary.stoi
    )


def test_what_people_call_a_character_is_one():
    assert Vocabulary.of(["שָׁלוֹם", "नमस्ते"]).itos == (".", "ו\u05b9", "ל", "ם", "ש\u05b8\u05c1", "न", "म", "स्ते")


@given(mixed, st.data())
def test_whatever_a_network_writes_can_be_read_again(words, data):
    vocabulary = Vocabulary.of(words)
    written = "".join(data.draw(st.lists(st.sampled_from(vocabulary.itos))))
    assert "".join(vocabulary.symbols(written)) == written
    assert "".join(vocabulary.itos[i] for i in vocabulary.encode(written)) == written


def test_where_there_would_be_too_many_symbols_a_mark_is_one_of_its_own():
    letters, marks = [chr(0x5D0 + i) for i in range(20)], [chr(0x5B0 + i) for i in range(13)]
    words = [letter + mark for letter in letters for mark in marks]  # 260 clusters of 33 code points
    assert Vocabulary.of(words).itos == (".", *sorted(letters + marks))
    assert len(Vocabulary.of(words[:MAX_SYMBOLS])) == MAX_SYMBOLS + 1


def test_a_cluster_that_never_occurred_is_named_whole():
    with pytest.raises(DataError, match=r"^“x\u0302” does not occur"):
        Vocabulary.of(["x\u0303", "x"]).encode("xx\u0302")


# ---------------------------------------------------------------- colour groups


def by_group(shown: Shown) -> dict[str, str]:
    """What each group is called -> its symbols."""
    groups = dict.fromkeys(shown.names, "")
    for s, group in zip(shown.symbols, shown.roles):
        groups[group] += s
    return {name: groups[role] for role, name in shown.names.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aéÎöuyæøœıbñßw", {"vowels": "aÎæéöøıœu", "consonants": "bñßwy"}),
        ("o'neill-β 2", {"vowels": "eio", "consonants": "lnβ", "other signs": " '-2"}),
        ("йёжиконьъїєўу", {"vowels": "ёєїиоу", "consonants": "йжкнў", "other signs": "ьъ"}),
        ("όψηΐςλύἄ", {"vowels": "ἄΐηόύ", "consonants": "λςψ"}),
        ("שלום", {"letters": "ולםש"}),
        ("कमल ५ा", {"letters": "कमल", "digits": "५ा", "signs": " "}),
        ("あー々1・", {"letters": "あー々", "digits": "1", "signs": "・"}),
    ],
)
def test_symbols_are_grouped_as_their_alphabet_allows(text, expected):
    grouped = by_group(Shown.of(Vocabulary.of([text])))
    assert grouped.pop("start and end") == "."
    assert {name: set(symbols) for name, symbols in grouped.items()} == {n: set(s) for n, s in expected.items()}


def test_groups_that_were_typed_come_first_and_what_is_in_none_of_them_last():
    typed = Group("front vowels", ("ä", "ö", "y")), Group("back vowels", ("a", "o", "u")), Group("rare", ("q",))
    shown = Dataset.of([*TEN, "yölautta"], 3, groups=typed).corpus.shown
    assert shown.names == {
        "boundary": "start and end", "vowel": "front vowels", "consonant": "back vowels", "fourth": "others"
    }  # fmt: skip
    assert by_group(shown)["front vowels"] == "yö" and by_group(shown)["back vowels"] == "au"


@given(mixed)
def test_every_symbol_has_a_group_with_a_name(words):
    shown = Shown.of(Vocabulary.of(words))
    assert len(shown.roles) == len(shown) and set(shown.roles) == set(shown.names)


@given(st.lists(st.text("abc", min_size=1), min_size=10, max_size=300))
def test_a_split_keeps_every_word_once_and_does_not_touch_the_list(words):
    before = list(words)
    train, dev, test = split_words(words)
    assert words == before and sorted(train + dev + test) == sorted(words)
    assert (len(train), len(train + dev)) == (int(0.8 * len(words)), int(0.9 * len(words)))
    assert dev and test and split_words(words) == (train, dev, test)


def test_a_dataset_of_the_fewest_words_has_examples_in_every_split():
    dataset = Dataset.of(TEN, 8)
    assert all(len(getattr(dataset, split)) for split in SPLITS)
    assert dataset.known == set(TEN) and len(dataset.vocabulary) == len(set("".join(TEN))) + 1
