"""core/plots/words.py: what the browser is told of a run on words."""

import base64
import json
import math

import numpy as np
import pytest
import torch

from core.analysis.geometry import MANY, project
from core.analysis.timeline import Timeline
from core.config import Config
from core.data.corpus import WORD, Corpus
from core.data.dataset import Dataset
from core.data.parts import PARTS, part_of
from core.data.sentences import read_text
from core.engine.model import Parameters
from core.engine.probe import next_all
from core.plots import words
from core.plots.panels import Question
from core.serving.training import untrained

STORY = "The cat sat. A dog ran, and the cat ran too! Why did Tom's dog run?\n" * 60
SMALL = Config(n_embd=4, n_hidden=6, optimiser="Adagrad", tied=True, init="frequency", batch_size=32, steps=60)


@pytest.fixture(scope="module")
def snapshot():
    return untrained(SMALL, Dataset.of_corpus(read_text(STORY, "story", 500).corpus, 3))


def test_places_come_back_from_16_bits():
    points = torch.randn(2000, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * 3
    data, scale = words.packed(points, (0.5, -1.0))
    numbers = np.frombuffer(base64.b64decode(data), "<i2").reshape(-1, 2)
    back = np.array([0.5, -1.0]) + scale * numbers / 32767
    assert len(data) < 11_000 and np.abs(back - points.numpy()).max() <= scale / 32767 / 2 * 1.01


def test_of_17_000_words_the_browser_gets_the_most_frequent_5_000_in_27_kilobytes():
    many = Corpus("many", tuple(f"w{i} w{i + 1} ." for i in range(1, 16_998)), level=WORD, most=17_000)
    told = words.moment(Timeline().update(untrained(SMALL.with_(n_hidden=2), Dataset.of_corpus(many, 3))))
    assert len(many.vocabulary) == 17_000 and len(base64.b64decode(told["packed"])) == 4 * 5_000
    assert len(json.dumps(told)) < 28_000


def test_points_that_are_all_in_one_place_can_be_packed():
    assert words.packed(torch.zeros(3, 2), (0.0, 0.0)) == (base64.b64encode(bytes(12)).decode(), 1.0)


def test_a_moment_has_the_places_of_all_words(snapshot):
    frame = Timeline().update(snapshot)
    told = words.moment(frame)
    numbers = np.frombuffer(base64.b64decode(told["packed"]), "<i2").reshape(-1, 2)
    assert len(numbers) == len(snapshot.vocabulary) and told["step"] == 0
    x, y, half = told["window"]
    back = np.array([x, y]) + told["scale"] * numbers / 32767
    assert np.abs(back - frame.seen.points.numpy()).max() < 1e-3 * half


def test_the_likeliest_words_come_first(snapshot):
    network, vocabulary = snapshot.parameters(), snapshot.vocabulary
    (told,) = words.answers(
        Parameters.stacked([network]), vocabulary, snapshot.corpus.known, Question(1, 1.0, "the cat", "")
    )
    P = next_all(Parameters.stacked([network]), vocabulary.context("the cat", 3))[0]
    assert told["next"][0] == [vocabulary.itos[int(P.argmax())], round(float(P.max()), 5)]
    shares = [p for _, p in told["next"]]
    assert len(shares) == words.NEXT and shares == sorted(shares, reverse=True)


def test_a_sentence_that_is_in_the_data_is_marked(snapshot):
    units, vocabulary = snapshot.corpus.units, snapshot.vocabulary
    network, question = snapshot.parameters(), Question(1, 1.0, "", "")
    (told,) = words.answers(Parameters.stacked([network]), vocabulary, frozenset(units), question)
    (all_known,) = words.answers(
        Parameters.stacked([network]),
        vocabulary,
        frozenset(" ".join(vocabulary.symbols(text)) for text, _ in told["words"]),
        question,
    )
    assert [known for _, known in all_known["words"]] == [1] * words.SENTENCES
    assert all(known == int(" ".join(vocabulary.symbols(text)) in units) for text, known in told["words"])


def test_neighbours_are_those_of_all_dimensions_and_the_picture_is_compared():
    C = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3], [9, 9, 9]])
    assert words.near(C, C[:, :2], 0) == {"nearest": [1, 2, 3, 4], "in_picture": 4}
    many = torch.randn(50, 6, generator=torch.Generator().manual_seed(2))
    told = words.near(many, many[:, :2], 7)
    brute = sorted((i for i in range(50) if i != 7), key=lambda i: float((many[i] - many[7]).norm()))[: words.NEAREST]
    flat = sorted((i for i in range(50) if i != 7), key=lambda i: float((many[i] - many[7])[:2].norm()))
    assert told == {"nearest": brute, "in_picture": len({*brute} & {*flat[: words.NEAREST]})}


def test_of_many_words_each_counts_one_by_the_root_of_its_rank():
    C = torch.randn(MANY + 50, 5, generator=torch.Generator().manual_seed(3)) * torch.tensor([5.0, 3, 1, 1, 1])
    C[:4] *= 9.0  # the most frequent words are far out
    seen, weights = project(C), [1 / math.sqrt(rank) for rank in range(1, len(C) + 1)]
    away = C.double().numpy() - np.average(C.double().numpy(), axis=0, weights=weights)
    few = np.linalg.svd(away * np.sqrt(weights)[:, None], full_matrices=False)[2][:2]
    assert np.allclose(np.abs(seen.basis.numpy() @ few.T), np.eye(2), atol=1e-6)
    assert seen.points.mean(0).tolist() == pytest.approx([0, 0], abs=1e-9) and min(seen.explained) > 0.1


def test_each_word_has_a_part_of_speech_and_each_part_a_colour():
    told = words.described(Corpus("story", ("the cat ran quickly in March .",), level=WORD).vocabulary)
    kinds = dict(zip(told["words"], told["parts"]))
    assert {"the": "det", "cat": "noun", "ran": "verb", "in": "prep", ".": "other"}.items() <= kinds.items()
    assert [part for part, *_ in told["legend"]] == [part for part in PARTS if part in kinds.values()]
    assert part_of("The") == "det" and part_of("zzzz") == "other" and {*words.COLOURS} == {*PARTS}


def test_the_symbol_of_unknown_words_is_never_written_though_it_can_come_next(snapshot):
    network, vocabulary = snapshot.parameters(), snapshot.vocabulary
    network.flat.zero_()
    network.b2[vocabulary.unknown] = 50.0
    (told,) = words.answers(Parameters.stacked([network]), vocabulary, frozenset(), Question(1, 1.0, "the cat", ""))
    assert told["next"][0] == ["<unk>", 1.0]
    assert all(sentence and "<unk>" not in sentence for sentence, _ in told["words"])
