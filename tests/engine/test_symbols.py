"""Symbols of several code points in the whole engine: nothing changes but how they are written.

The oracle: the same words in another spelling, where every symbol is one Latin letter of the same rank.
"""

import random

import pytest
import torch

from core.config import Config
from core.counting.ngrams import Baselines
from core.data.corpus import Corpus
from core.data.dataset import SPLITS, Dataset
from core.data.word_examples import examples_of, growth
from core.engine import probe
from core.engine.model import initialise
from core.engine.run import Run
from core.keeping.export import script
from core.lessons import stages, touch
from core.lessons.unseen import Unseen, answers, rival
from core.plots import panels

MARKED = sorted(["a", "e̩", "n̈", "n", "שָׁ", "וֹ", "ל", "की", "षि", "が́"])
PLAIN = "abcdefghij"
PLAINLY = dict(zip(MARKED, PLAIN))
DRAW = random.Random(1)
SPELLED = [DRAW.choices(MARKED, k=1 + i % 7) for i in range(120)]


def plainly(symbols) -> list[str]:
    return [PLAINLY.get(s, s) for s in symbols]


@pytest.fixture(scope="module")
def marked() -> Dataset:
    return Dataset.of(["".join(word) for word in SPELLED], 3)


@pytest.fixture(scope="module")
def plain() -> Dataset:
    return Dataset.of(["".join(plainly(word)) for word in SPELLED], 3)


@pytest.fixture(scope="module")
def network(marked):
    return initialise(Config(n_embd=4, n_hidden=20, init="lecture"), len(marked.vocabulary))


WORD = SPELLED[6]


def test_the_examples_are_the_same(marked, plain):
    assert list(marked.vocabulary.itos) == [".", *MARKED] and list(plain.vocabulary.itos) == [".", *PLAIN]
    for split in SPLITS:
        one, other = getattr(marked, split), getattr(plain, split)
        assert torch.equal(one.X, other.X) and torch.equal(one.Y, other.Y)
        assert all(map(torch.equal, one.pairs, other.pairs))
        assert one.lengths.tolist() == [len(word) + 1 for word in other.words]


def test_windows_and_contexts_are_the_same(marked, plain):
    word = "".join(WORD), "".join(plainly(WORD))
    both = [examples_of(data.vocabulary, w, 3) for data, w in zip((marked, plain), word)]
    assert [(w.X, w.Y) for w in both[0]] == [(w.X, w.Y) for w in both[1]] and len(both[0]) == len(WORD) + 1
    for one, other in zip(
        growth(marked.train, marked.dev, marked.vocabulary), growth(plain.train, plain.dev, plain.vocabulary)
    ):
        assert (one.train, one.dev, one.unseen_examples) == (other.train, other.dev, other.unseen_examples)
        spelled = [
            ("".join(plainly(marked.vocabulary.symbols(text))) for text in (u.context, u.word)) for u in one.such_as
        ]
        assert [tuple(texts) for texts in spelled] == [(u.context, u.word) for u in other.such_as]


def test_what_networks_say_is_the_same(marked, plain, network):
    name, same = "".join(WORD), "".join(plainly(WORD))
    one, other = probe.score(network, marked.vocabulary, name), probe.score(network, plain.vocabulary, same)
    assert [(PLAINLY.get(s, s), p) for s, p in one.letters] == list(other.letters) and one.loss == other.loss
    assert torch.equal(probe.word_losses(network, marked.dev), probe.word_losses(network, plain.dev))
    assert torch.equal(touch.read(network, marked.dev).words, touch.read(network, plain.dev).words)
    written = probe.sample(network, marked.vocabulary, 50, 1)
    assert ["".join(plainly(marked.vocabulary.symbols(w))) for w in written] == probe.sample(
        network, plain.vocabulary, 50, 1
    )


def test_panels_take_words_apart_as_the_network_does(marked, plain):
    bigram = Baselines.of(marked).models["bigram"]
    told = panels.next_chars(marked.corpus, bigram, 3, "".join(WORD))
    assert (
        told["context"] == "".join(WORD[-3:])
        and told["bigram"] == panels.next_chars(plain.corpus, bigram, 3, "".join(plainly(WORD)))["bigram"]
    )
    assert panels.spelling(marked.vocabulary, marked.known, "".join(WORD))["characters"] == [*WORD, "."]


def test_inside_names_symbols(marked, network):
    shown = stages.ForwardPass.of(network, marked.corpus, "".join(WORD), WORD[0])
    assert shown.symbols == WORD[-3:] and stages.inputs(shown)[::4] == [f"{s} · 1" for s in WORD[-3:]]
    line = stages.indices(shown)["code"]
    found: dict = {"stoi": marked.vocabulary.stoi}
    exec(line, found)
    assert found["ix"] == shown.X[0].tolist() == stages.indices(shown)["ix"]


def test_contexts_never_seen_are_given_by_their_symbols(marked, plain, network):
    unseen = Unseen.of(marked), Unseen.of(plain)
    model = rival(Baselines.of(marked), 3)[1]
    one, other = (answers(network, data, u, model, 0) for data, u in zip((marked, plain), unseen))
    assert plainly(one["context"]) == other["context"] and one["followed"] == other["followed"]
    assert [plainly(near["context"]) for near in one["nearest"]] == [near["context"] for near in other["nearest"]]


def test_the_script_takes_words_apart_as_we_do(marked, scripts, tmp_path):
    config = Config(n_embd=4, n_hidden=10, steps=2)
    run = Run(config, marked)
    run.advance(2)
    text = script(run.history, run.step, marked.name, marked.digest, marked.vocabulary.itos)
    assert text.isascii() and max(map(len, text.splitlines())) <= 120
    (tmp_path / "words.txt").write_text("\n".join(marked.corpus.units), encoding="utf-8")
    printed = scripts.run(text, tmp_path, "words.txt").printed
    for split in SPLITS:
        loss = next(float(line.split()[-1]) for line in printed if line.startswith(f"{split:5} loss"))
        assert loss == pytest.approx(run.evaluate(split), abs=2e-6)
    assert printed[-20:] == probe.sample(run.parameters, marked.vocabulary, 20, config.seed)


def test_a_line_of_code_shows_a_plain_context_as_a_word():
    corpus = Corpus("one", ("emma",))
    network = initialise(Config(), len(corpus.vocabulary))
    shown = stages.ForwardPass.of(network, corpus, "em", "m")
    assert stages.indices(shown)["code"] == "ix = [stoi[s] for s in '.em']"
