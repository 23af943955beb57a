"""core/counting/standings.py: every count model with its exact losses, and who beats whom."""

import math
from dataclasses import replace

import pytest

from core.counting.ngrams import COUNT_MODELS, UNIFORM
from core.counting.standings import (
    COUNTS,
    KEPT,
    RUN,
    Standing,
    count_models,
    count_standings,
    perplexity,
    ranked,
    standings_sentence,
)


@pytest.fixture(scope="module")
def counts(datasets):
    return count_standings(count_models(datasets(5).train), datasets(5))


def run(dev, step=5_000, reads=3):
    return Standing("Your run", RUN, "", reads, dev - 0.05, dev, None, step)


def test_the_models_that_explore_knows_have_the_same_losses_here(counts, baselines):
    here = {line.name: (line.train, line.dev, line.test) for line in counts}
    for name in (UNIFORM, *COUNT_MODELS):
        known = baselines.train[name], baselines.dev[name], baselines.test[name]
        assert here[name] == pytest.approx(known, abs=1e-9)


def test_the_order_of_the_table_is_by_dev_loss_and_longer_is_not_better_without_smoothing(counts):
    names = [line.name for line in ranked(counts)]
    assert names == [
        "Kneser-Ney 6", "Kneser-Ney 5", "Kneser-Ney 4", "4-gram", "5-gram", "Kneser-Ney 3", "trigram", "6-gram",
        "Kneser-Ney 2", "bigram", "unigram", "uniform",
    ]  # fmt: skip
    assert {line.kind for line in counts} == {COUNTS}
    reads = {line.name: line.reads for line in counts}
    assert (reads["uniform"], reads["unigram"], reads["6-gram"], reads["Kneser-Ney 4"]) == (0, 0, 5, 3)


def test_a_run_that_failed_stands_last(counts):
    lost = replace(run(math.inf), name="lost")
    assert ranked([lost, *counts])[-1] is lost
    assert ranked([replace(lost, dev=math.nan), *counts])[-1].name == "lost"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            run(3.3110, step=0),
            "Counting is better: Kneser-Ney 6 reaches 1.9826 on dev. Your run has 3.3110 after 0 steps, no better than "
            "the uniform guess. With at most 3 characters of context, Kneser-Ney 4 reaches 2.0673.",
        ),
        (
            run(2.3355, step=20_000),
            "Counting is better: Kneser-Ney 6 reaches 1.9826 on dev. Your run has 2.3355 after 20,000 steps: it beats "
            "the bigram (2.4716), not the trigram (2.2393). With at most 3 characters of context, "
            "Kneser-Ney 4 reaches 2.0673.",
        ),
        (
            run(2.9, step=1, reads=1),
            "Counting is better: Kneser-Ney 6 reaches 1.9826 on dev. Your run has 2.9000 after 1 step: it beats the "
            "uniform guess (3.2958), not the unigram (2.8267). With at most 1 character of context, "
            "Kneser-Ney 2 reaches 2.4715.",
        ),
        (
            run(2.05, step=90_000),
            "Counting is better: Kneser-Ney 6 reaches 1.9826 on dev. Your run has 2.0500 after 90,000 steps and beats "
            "the 4-gram (2.1137). No count model with at most 3 characters of context does better.",
        ),
        (
            run(1.97, step=200_000, reads=8),
            "The network is better: your run has 1.9700 after 200,000 steps; the best count model, Kneser-Ney 6, "
            "reaches 1.9826.",
        ),
    ],
)
def test_the_sentence_says_who_beats_whom(counts, line, said):
    assert standings_sentence(counts, line) == said


def test_the_best_of_the_librarys_runs_is_named_if_it_is_better(counts):
    mine = run(2.3355, step=20_000)
    better = replace(run(2.1725, step=200_000), name="seed 7", kind=KEPT)
    worse = replace(better, name="seed 8", dev=2.5)
    alone = standings_sentence(counts, mine)
    assert standings_sentence(counts, mine, [worse]) == alone
    assert (
        standings_sentence(counts, mine, [worse, better])
        == f"{alone} In the library, “seed 7” has the lowest dev loss: 2.1725."
    )
    best = replace(better, dev=1.9)
    assert standings_sentence(counts, mine, [best]).startswith(
        "The network is better: “seed 7” of the library has 1.9000 after 200,000 steps; the best count model, "
        "Kneser-Ney 6, reaches 1.9826. Your run has 2.3355 after 20,000 steps: it beats the bigram"
    )


def test_the_uniform_guess_is_as_hard_as_a_choice_of_all_characters(counts):
    uniform = next(line for line in counts if line.name == UNIFORM)
    assert perplexity(uniform.dev) == pytest.approx(27)
    assert perplexity(1e6) == math.inf
