"""core/analysis/parting.py: forks and copies of real runs, and what each did with its numbers."""

import random

import pytest
import torch

from core.analysis.parting import parting, sentence, unlike
from core.config import Config
from core.engine.run import Run
from tests.support.runs_kept import saved

SMALL = Config(n_hidden=4)


def trained(dataset, config: Config, steps: int, plan=()) -> Run:
    run = Run(config, dataset, plan)
    run.advance(steps)
    return run


@pytest.fixture(scope="module")
def straight(few):
    return saved(trained(few(3), SMALL, 400))


def test_a_run_that_was_changed_at_a_step_parts_one_step_later_a_hundred_times(few):
    run = trained(few(3), SMALL, 150)
    straight = saved(run)
    for k in random.Random(1).sample(range(149), 100):
        other = run.fork(max(step for step, _ in run.history.checkpoints if step <= k))
        other.plan = [(k, "learning_rate", 0.2)]
        other.advance(150 - other.step)
        found = parting(straight, saved(other), few(3))
        assert (found.same, found.step) == (k, k + 1)
        assert all((apart > 0) == (step > k) for step, apart in found.distances)


def test_the_number_that_differs_most_is_found_and_the_letter_it_belongs_to(few):
    for name, place, letter in (("C", (5, 1), 5), ("W2", (2, 7), 7), ("b2", (9,), 9), ("W1", (1, 1), None)):
        other = Run(SMALL, few(3))
        with torch.inference_mode():
            getattr(other.parameters, name)[place] += 3
        other.advance(1)
        one = saved(trained(few(3), SMALL, 1))
        found = parting(one, saved(other), few(3))
        assert (found.step, found.parameter, found.letter) == (1, name, letter)


def test_runs_that_cannot_be_compared_number_by_number_say_so(few, straight):
    wider = saved(trained(few(3), Config(n_hidden=5), 2))
    assert parting(straight, wider, few(3)) is None and unlike(straight, straight) is None
    assert unlike(straight, wider).endswith("the shapes of their networks differ (Hidden units).")
    other_words = saved(trained(few(3), SMALL, 2), data="other", digest="0" * 64)
    assert parting(straight, other_words, few(3)) is None
    assert unlike(straight, other_words).endswith("they learned from different words.")


def test_what_is_said_is_what_was_found(few, straight):
    symbols = few(3).vocabulary.itos
    same = parting(straight, saved(trained(few(3), SMALL, 300)), few(3))
    assert sentence(same, symbols) == "The same to the last bit as far as both have gone, step 289."  # a checkpoint
    seeds = parting(straight, saved(trained(few(3), SMALL.with_(seed=1), 400)), few(3))
    assert (seeds.same, seeds.step) == (-1, 0)
    assert sentence(seeds, symbols).startswith(f"They differ from the start, most in {seeds.parameter}")
    distance = f"{seeds.distances[-1][1]:.2g}"
    assert f"By step 400 the distance between their weights is {distance} times" in sentence(seeds, symbols)


def test_of_large_networks_that_part_late_an_interval_is_said(few, straight, monkeypatch):
    monkeypatch.setattr("core.analysis.parting.MOST_REPEATED", 100)
    other = saved(trained(few(3), SMALL, 400, [(390, "learning_rate", 0.2)]))
    found = parting(straight, other, few(3))
    assert found.same <= 390 < found.step and found.step > found.same + 1
    assert sentence(found, few(3).vocabulary.itos).startswith(f"They part between steps {found.same} and {found.step}")
