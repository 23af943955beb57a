"""core/analysis/words.py: the status line of a run on words."""

import math
from dataclasses import replace

import pytest
import torch

from core.analysis.words import perplexity, same_part, sentence
from core.config import Config
from core.counting.of_words import BEST, WordCounts
from core.data.dataset import Dataset
from core.data.sentences import read_text
from core.engine.snapshot import FINISHED, STOPPED
from core.serving.training import untrained

STORY = "The cat sat. A dog ran, and the cat ran too! Why did Tom's dog run?\n" * 60
COUNTED = {BEST: math.log(35), "trigram": math.log(40), "bigram": math.log(60), "unigram": math.log(220)}


@pytest.fixture(scope="module")
def ready():
    config = Config(n_embd=4, n_hidden=6, optimiser="Adagrad", tied=True, init="frequency", batch_size=32, steps=60)
    return untrained(config, Dataset.of_corpus(read_text(STORY, "story", 500).corpus, 3))


def told(ready, loss, counted=COUNTED, exact=None, **more):
    return sentence(replace(ready, step=7, exact=(7, loss, loss), **more), counted, exact)[0]


def test_before_the_first_step_it_guesses_by_frequency(ready):
    text, tone = sentence(ready, None, None)
    assert text.startswith("Not trained yet: it guesses each word as often as it occurs") and tone == "calm"
    assert text.endswith("Counting, to compare …")


def test_a_sample_is_called_one_and_an_exact_loss_is(ready):
    assert told(ready, math.log(80)).startswith("Perplexity 80.0 (about, on 3,000 random dev examples).")
    assert told(ready, math.log(80), exact=math.log(81)).startswith("Perplexity 81.0 (exact, over all dev examples).")


@pytest.mark.parametrize(
    "value, end",
    [
        (80, f"Next to beat: the bigram (60.0); {BEST}, which counts up to 5 words, has 35.0."),
        (50, f"Next to beat: the trigram (40.0); {BEST}, which counts up to 5 words, has 35.0."),
        (37, f"Counting is better: {BEST}, which counts up to 5 words, has 35.0."),
        (30, f"The network is better than counting: {BEST}, which counts up to 5 words, has 35.0."),
    ],
)
def test_it_says_who_is_better(ready, value, end):
    assert told(ready, math.log(value)).endswith(end)


def test_problems_and_ends_are_said(ready):
    assert told(ready, 3.0, state=FINISHED).startswith("Finished 7 steps. Perplexity 20.1")
    assert sentence(replace(ready, state=STOPPED, problem="It stopped."), None, None) == ("It stopped.", "bad")
    assert told(ready, 3.0, goal=20) == "Training the run of your link again: step 7 of 20."


def test_perplexities_are_short():
    assert [perplexity(math.log(x)) for x in (35.04, 2000, 1e9)] == ["35.0", "2,000", "1.0e+09"]
    assert perplexity(1e6) == "inf"


def test_counts_are_those_of_each_model(ready):
    counts = WordCounts.of(ready.corpus)
    assert list(counts.dev) == [BEST, "trigram", "bigram", "unigram"] == list(counts.models)
    assert counts.dev[BEST] < counts.dev["bigram"] < counts.dev["unigram"] < math.log(len(ready.vocabulary))


def test_the_share_of_the_same_part_is_that_of_the_ten_nearest_and_chance_is_that_of_shuffled_parts():
    generator = torch.Generator().manual_seed(1)
    parts = ["other", "other", *(["noun", "verb"] * 60)]
    apart = torch.randn(122, 3, generator=generator) + 20 * torch.tensor([[p == "noun"] for p in parts])
    found = same_part(apart, parts)
    assert found.share == 1.0 and found.low < 0.5 < found.high < 0.6
    mixed = torch.randn(122, 3, generator=generator)
    rows, shares = mixed[2:], []
    for i in range(120):
        near = sorted((j for j in range(120) if j != i), key=lambda j: float((rows[i] - rows[j]).norm()))[:10]
        shares.append(sum(parts[2 + j] == parts[2 + i] for j in near) / 10)
    assert same_part(mixed, parts).share == pytest.approx(sum(shares) / 120)
    assert same_part(mixed, ["other"] * 122) is None, "there is nothing to tell apart"
