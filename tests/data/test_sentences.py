"""core/data/sentences.py, core/data/words.py and the examples of sentences, against counting and slicing by hand."""

import hashlib
import lzma
import math
from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import MAX_TEXT_BYTES, MAX_TOKENS, MIN_TOKENS, Config
from core.data.corpus import WORD, Corpus
from core.data.dataset import Dataset, build_sentences, split_sentences, watched_at_most
from core.data.sentences import ENGLISH, english, read_text, read_text_file
from core.data.text import tokens
from core.data.vocabulary import DataError
from core.data.words import START, UNKNOWN, Words
from core.engine.model import initialise, loss, mean_loss
from core.engine.probe import sample
from core.engine.run import Run

STORY = "The cat sat. A dog ran, and the cat ran too! Why did Tom's dog run?\n" * 60
SMALL = Config(n_embd=4, n_hidden=6, optimiser="Adagrad", tied=True, init="frequency", batch_size=32, steps=60)
some = st.lists(
    st.lists(st.sampled_from(["a", "b", "Tom", "'s", ",", "."]), min_size=1, max_size=7).map(" ".join), min_size=1
)


# ---------------------------------------------------------------- reading


def test_a_text_is_read_and_told():
    reading = read_text(STORY, "story.txt")
    assert (reading.tokens, reading.distinct, reading.kept, reading.unknown) == (60 * 21, 17, 17, 0.0)
    assert set(reading.corpus.units) == {
        "the cat sat .",
        "A dog ran , and the cat ran too !",
        "Why did Tom 's dog run ?",
    }
    assert reading.corpus.units == tuple(
        sorted(reading.corpus.units, key=lambda unit: hashlib.sha256(unit.encode()).digest())
    )


def test_a_word_that_is_too_long_is_left_out_and_told():
    reading = read_text(STORY + "x" * 70 + " ran.\n", "story.txt")
    assert reading.notes == ("Words of more than 64 characters were left out (1).",)
    assert "ran ." in reading.corpus.units and reading.distinct == 17


def test_words_beyond_the_vocabulary_are_a_share_of_the_text():
    rare = " ".join(
        f"word{'abcdefghij'[i % 10]}{'abcdefghij'[i // 10 % 10]}{'abcdefghij'[i // 100]}" for i in range(600)
    )
    reading = read_text(STORY + rare, "story.txt", words=500)
    often = Counter(token for unit in reading.corpus.units for token in unit.split())
    most = sorted(often, key=lambda token: (-often[token], token))[:498]
    assert reading.kept == 498 and reading.corpus.vocabulary.itos == (START, UNKNOWN, *most)
    assert reading.unknown == pytest.approx(1 - sum(often[token] for token in most) / sum(often.values()))


# A few words less than the limit; with the full stops that their sentences get, a few more than it.
MANY = ("I " + "a " * 28 + "\n") * (MAX_TOKENS // 30 + 1)
REFUSED = {
    "too short": ("The cat sat. " * 20, f"has 80 words and signs, but {MIN_TOKENS:,} are needed; use a longer text."),
    "nothing": ("", "has 0 words and signs, but"),
    "only signs": ("?! ... --\n" * 9000, "has 0 words and signs, but"),
    "too many bytes": (b"a" * (MAX_TEXT_BYTES + 1), "is larger than 6 MB; use a part of it."),
    "too many tokens": (MANY, f"the limit is {MAX_TOKENS:,}, so use a part of it."),
    "a picture": (b"\x89PNG" + bytes(5000), "is a picture"),
    "zero bytes": (b"a\0b" * 5000, "zero bytes"),
    "not UTF-8": (b"\xff\xfe\xff" * 5001, "UTF-"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_text_that_cannot_be_used_is_refused_in_a_sentence(case):
    raw, said = REFUSED[case]
    with pytest.raises(DataError) as error:
        read_text(raw, "text.txt")
    assert said in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("words", [0, 499, 17_001, -5])
def test_a_vocabulary_has_limits(words):
    with pytest.raises(DataError, match="between 500 and 17,000 words"):
        read_text(STORY, "story.txt", words)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DataError, match=r"^“no\.txt” cannot be read: No such file"):
        read_text_file(tmp_path / "no.txt")
    (tmp_path / "story.txt").write_text(STORY)
    assert read_text_file(tmp_path / "story.txt").corpus == read_text(STORY, "story.txt").corpus


def test_the_sentences_that_come_with_it_are_those_that_were_built():
    """The unpacked text is pinned, as xz may pack differently. Figures: shared/data/README.md."""
    text = lzma.decompress(ENGLISH.read_bytes())
    assert hashlib.sha256(text).hexdigest() == "11c28365dd9c8da826211a82d6f5b025a6a6a9faf0f96be6629c731595d6d782"
    reading = english()
    assert (len(reading.corpus.units), reading.tokens, reading.kept) == (177_388, 1_603_492, 1_998)
    assert reading.corpus.digest == hashlib.sha256(text).hexdigest()
    assert 0.09 < reading.unknown < 0.1 and "Tatoeba" in reading.notes[0]


# ---------------------------------------------------------------- vocabulary and examples


def corpus(units, most=None) -> Corpus:
    return Corpus("text", tuple(units), level=WORD, most=most)


@given(some, st.integers(1, 5))
def test_examples_are_every_word_and_what_comes_before_it_in_its_sentence(units, block_size):
    vocabulary = Words.of(units)
    X, Y, lengths = build_sentences(units, block_size, vocabulary)
    expected = []
    for unit in units:
        padded = [START] * block_size + unit.split(" ")
        expected += [(padded[i : i + block_size], padded[i + block_size]) for i in range(len(unit.split(" ")))]
    itos = vocabulary.itos
    assert [([itos[i] for i in x], itos[y]) for x, y in zip(X.tolist(), Y.tolist())] == expected
    assert lengths.tolist() == [len(unit.split(" ")) for unit in units]


@given(some)
def test_words_that_are_not_in_the_vocabulary_are_the_unknown(units):
    vocabulary = Words.of(units, most=4)
    assert len(vocabulary) <= 4
    _, Y, _ = build_sentences([*units, "zebra ."], 2, vocabulary)
    for token, y in zip(" ".join([*units, "zebra ."]).split(" "), Y.tolist()):
        assert y == vocabulary.stoi.get(token, 1)


def test_typed_text_becomes_the_words_of_the_vocabulary():
    vocabulary = read_text(STORY, "story.txt").corpus.vocabulary
    said = vocabulary.clean_input("yesterday THE Cat's tom", 3)
    assert said.split(" ") == ["cat", "'s", "Tom"]
    ids = vocabulary.context("why, the zebra", 3)
    assert [vocabulary.itos[i] for i in ids] == [",", "the", UNKNOWN]
    assert vocabulary.context("", 3) == [0, 0, 0]


@given(some)
def test_text_that_is_decoded_can_be_encoded_again(units):
    vocabulary = Words.of(["a b Tom 's , ."])
    for unit in units:
        ids = [vocabulary.stoi[token] for token in unit.split(" ")]
        if ids[0] > 1 and tokens(unit) == unit.split(" "):
            assert vocabulary.encode(vocabulary.decode(ids)) == ids


def test_corpora_with_other_sizes_of_vocabulary_are_others():
    one, other = corpus(["a b a ."], 4), corpus(["a b a ."], 5)
    assert one != other and len(one.vocabulary) == 4 and len(other.vocabulary) == 5
    assert one.digest == other.digest and one == corpus(["a b a ."], 4)


def test_the_split_is_by_the_order_of_the_sentences():
    train, dev, test = split_sentences(tuple(range(1000)))
    assert (train[0], len(train), dev[0], len(dev), test[0], len(test)) == (0, 900, 900, 50, 950, 50)


# ---------------------------------------------------------------- a run on them


@pytest.fixture(scope="module")
def data() -> Dataset:
    return Dataset.of_corpus(read_text(STORY, "story.txt").corpus, 3)


def test_a_run_learns_words_and_writes_sentences(data):
    run = Run(SMALL, data)
    first = run.evaluate("dev")
    run.advance(60)
    assert run.evaluate("dev") < first - 1
    written = sample(run.parameters, data.vocabulary, 30, 1)
    assert START not in " ".join(written)
    assert all(text.count(".") + text.count("!") + text.count("?") <= 1 for text in written)
    assert len({text[-1] for text in written} & set(".!?")) >= 2


def test_what_is_watched_while_training_is_a_fixed_sample(data, monkeypatch):
    assert data.watched("train") is data.train
    monkeypatch.setattr("core.data.dataset.WATCHED", 100)
    assert watched_at_most(2_000) == 100 and watched_at_most(17_000) == 100
    monkeypatch.setattr("core.data.dataset.WATCHED_LOGITS", 17_000 * 40)
    assert watched_at_most(17_000) == 40 and watched_at_most(2_000) == 100
    some, again = data.watched("train"), data.watched("train")
    assert len(some) == 100 and torch.equal(some.X, again.X) and torch.equal(some.Y, again.Y)
    run = Run(SMALL, data)
    assert run.history.evaluations[0][1] == pytest.approx(loss(run.parameters, some), abs=1e-12)


def test_a_sample_has_a_mean_and_a_standard_error(data):
    network = initialise(SMALL, len(data.vocabulary), counts=torch.ones(len(data.vocabulary)))
    mean, error = mean_loss(network, data.train)
    assert mean == pytest.approx(loss(network, data.train), abs=1e-6)
    nats = torch.cat([torch.full((int(n),), float(x)) for n, x in zip(data.train.pairs.times, _nats(network, data))])
    assert error == pytest.approx(float(nats.std()) / math.sqrt(len(nats)), rel=1e-4)


def _nats(network, data):
    from core.engine.model import pair_log_probabilities

    return -pair_log_probabilities(network, data.train)
