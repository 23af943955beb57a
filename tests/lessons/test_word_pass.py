"""One example of words through the network, against the network itself and against silencing unit by unit."""

import base64

import pytest
import torch

from core.config import WORD_PRESETS
from core.data.dataset import Dataset
from core.data.sentences import read_text
from core.engine.model import forward, initial_weights
from core.lessons import word_pass
from core.lessons.word_pass import WordPass

STORY = "The cat sat. A dog ran, and the cat ran too! Why did Tom's dog run?\n" * 60


@pytest.fixture(scope="module")
def data() -> Dataset:
    return Dataset.of_corpus(read_text(STORY, "story", 500).corpus, 3)


@pytest.fixture(params=["Words", "Bengio 2003"])
def network(request, data):
    """With tied and with untied output weights, large enough that the guess is not even."""
    parameters = initial_weights(WORD_PRESETS[request.param].with_(n_embd=5, n_hidden=70), data.train)
    parameters.weights.mul_(6)
    return parameters


@pytest.fixture
def example(network, data) -> WordPass:
    return WordPass.of(network, data.vocabulary, "and the cat", data.vocabulary.stoi["ran"])


def numbers(heat: dict) -> torch.Tensor:
    return torch.frombuffer(bytearray(base64.b64decode(heat["numbers"])), dtype=torch.float32).view(heat["shape"])


def test_every_part_shows_the_numbers_of_the_pass(example, data, network):
    ix = [data.vocabulary.stoi[word] for word in ("and", "the", "cat")]
    shown = word_pass.indices(example, ["and", "the", "cat"])
    assert (shown["words"], shown["ix"], shown["unknown"]) == (["and", "the", "cat"], ix, [])
    assert torch.equal(numbers(word_pass.lookup(example)["rows"]), network.C[ix])
    seen = forward(network, torch.tensor([ix]))
    shown = word_pass.hidden(example)
    assert torch.equal(numbers(shown["h"]), seen.h) and torch.equal(numbers(shown["z"]), seen.preactivation)
    assert shown["saturated"] == sum(abs(value) > 0.97 for value in seen.h[0].tolist())


def test_the_likeliest_words_and_the_sum_of_the_others_are_all_of_the_probability(example, data, network, monkeypatch):
    monkeypatch.setattr(word_pass, "TOP", 4)
    shown, P = word_pass.softmax(example), forward(network, example.X).log_probabilities[0].exp()
    assert [p for _, _, p in shown["top"]] == pytest.approx(sorted(P.tolist(), reverse=True)[:4], rel=1e-5)
    number, rest = shown["rest"]
    assert number == len(data.vocabulary) - 4
    assert rest + sum(p for _, _, p in shown["top"]) == pytest.approx(1, abs=1e-12) and shown["total"] == "1.000000"
    word, _, chance, rank, loss = shown["label"]
    assert word == "ran" and chance == pytest.approx(float(P[example.y]), rel=1e-5)
    assert rank == 1 + sum(p > float(P[example.y]) for p in P.tolist())
    assert float(loss) == pytest.approx(-float(P[example.y].log()), abs=1e-4)


def test_silencing_a_unit_costs_what_the_network_without_it_loses(example, network):
    costs = word_pass.silenced(example)
    loss = lambda p: -float(forward(p, example.X).log_probabilities[0, example.y])
    for unit in (0, 33, 69):
        without = network.only([i for i in range(70) if i != unit], direct=True)
        assert float(costs[unit]) == pytest.approx(loss(without) - loss(network), abs=2e-5)
    (first, text), *_ = word_pass.most(costs)
    assert first == int(costs.argmax()) and text.startswith("+")


def test_the_usual_next_word_and_the_contexts_of_a_unit_are_those_of_training(example, data):
    assert data.vocabulary.itos[word_pass.usual_next(data.train, example.X)] == "ran"
    assert word_pass.usual_next(data.train, torch.full((1, 3), len(data.vocabulary) - 1)) is None
    shown, contexts = word_pass.responses(example, data.train, 3), data.train.contexts
    h = forward(example.parameters, contexts).h[:, 3]
    best = " ".join(data.vocabulary.itos[i] for i in contexts[int(h.argmax())].tolist() if i) or "(start)"
    assert shown["high"][0] == [best, f"{float(h.max()):.3f}"] and shown["among"] == len(contexts)


def test_words_that_the_vocabulary_lacks_and_rows_that_move_are_said(network, data):
    shown = WordPass.of(network, data.vocabulary, "the zebra ran", None)
    assert word_pass.indices(shown, ["the", "zebra", "ran"])["unknown"] == ["zebra"] and shown.words[1] == "<unk>"
    assert shown.y == int(shown.chances.argmax()), "without a next word: the likeliest"
    moved = word_pass.moved_rows(shown)
    V = len(data.vocabulary)
    assert (f"moves all {V} rows of C" if network.shape.tied else f"moves 3 of the {V} rows of C") in moved


def test_a_network_that_broke_down_has_numbers_for_json(example):
    example.parameters.b2.fill_(torch.nan)
    shown = word_pass.softmax(WordPass.of(example.parameters, example.vocabulary, "the cat", 5))
    assert all(p == 0 for _, _, p in shown["top"]) and shown["label"][4] == "nan"
