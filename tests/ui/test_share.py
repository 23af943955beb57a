"""What the Share menu gives away."""

import itertools
import json
import re
from dataclasses import replace

import pytest

from core.config import Config
from core.data.dataset import Dataset
from core.data.parts import chosen
from core.data.sentences import read_text
from core.engine.run import Run
from core.keeping.proof import Claim, check
from core.serving.training import untrained
from core.ui.explore.share import _animation, _answer, _card


def test_an_answer_is_a_link_that_can_be_checked_and_a_sentence_while_the_run_trains(few):
    dataset = few(3)
    snapshot = untrained(Config(n_hidden=20), dataset)
    text = _answer(snapshot, dataset, "http://127.0.0.1:8501/")
    assert text.startswith("http://127.0.0.1:8501/?n_hidden=20&data=few.")
    assert check(Claim.read(text.strip()), dataset).true
    training = replace(snapshot, step=7)  # its exact losses are those of step 0
    assert _answer(training, dataset, "") == "The run is in training. Pause it, so that its exact losses are known.\n"


def test_the_card_has_five_words_that_the_network_made_up_and_the_link_of_this_step(few):
    dataset = few(3)
    snapshot = untrained(Config(n_hidden=20), dataset)
    picture = _card(snapshot, dataset, "http://127.0.0.1:8501/", "n_hidden=20&data=few.0")
    said = re.findall(r">([^<>]*)</text>", picture)
    first = said.index(f"{dataset.corpus.noun.capitalize()}s it made up") + 1
    words = said[first : first + 5]
    assert len({*words}) == 5 and not {*words} & dataset.known
    assert "http://127.0.0.1:8501/?n_hidden=20&amp;data=few.0" in said
    assert "http" not in "".join(re.findall(r">([^<>]*)</text>", _card(snapshot, dataset, "http://127.0.0.1/", "")))


@pytest.fixture
def on_words():
    """A run on words that has learned a little."""
    story = read_text("The cat sat. A dog ran, and the cat ran too! Why did Tom's dog run?\n" * 60, "story", 500).corpus
    config = Config(n_embd=4, n_hidden=6, optimiser="Adagrad", tied=True, init="frequency", batch_size=32)
    dataset = Dataset.of_corpus(story, 3)
    run = Run(config, dataset)
    run.advance(20)
    now = {"step": run.step, "history": run.history.freeze(), "frozen": run.parameters.freeze()}
    return replace(untrained(config, dataset), **now), dataset


def test_the_card_of_a_run_on_words_shows_words_apart_and_sentences(on_words):
    snapshot, dataset = on_words
    picture = _card(snapshot, dataset, "http://127.0.0.1:8501/", "data=story.0")
    said = re.findall(r">([^<>]*)</text>", picture)
    assert "Sentences it made up" in said and "Nobody told it what a noun or a verb is." in said
    assert picture.count("<circle") == len(chosen(dataset.vocabulary)) == 17 and "cat" in said
    assert "&lt;unk&gt;" not in picture
    label = r'<text x="([\d.]+)" y="([\d.]+)" font-size="16" font-weight="600"[^>]*>([^<]*)<'
    placed = [(float(x), float(y), 4.25 * len(word) - 0.1) for x, y, word in re.findall(label, picture)]
    assert placed and all(
        abs(a[0] - b[0]) >= a[2] + b[2] or abs(a[1] - b[1]) > 16.8 for a, b in itertools.combinations(placed, 2)
    ), "no word covers another"


def test_the_animation_of_a_run_on_words_has_words_and_sentences(on_words):
    snapshot, dataset = on_words
    page = _animation(snapshot, dataset, {})
    data = json.loads(re.search(r'<script id="data" type="application/json">(.*?)</script>', page)[1])
    assert data["words"] and data["letters"] == list(chosen(dataset.vocabulary).labels)
    assert [frame["step"] for frame in data["frames"]] == [step for step, _ in snapshot.history.checkpoints]
    assert {len(frame["points"]) for frame in data["frames"]} == {2 * len(data["letters"])}
    assert (
        "Where each word sits" in page
        and "Sentences it writes" in page
        and "character" not in page.split("<script")[0].split("</style>")[1]
    )
    assert set(data["groups"]) <= {group for group, _ in data["keys"]}
