"""core/serving/training.py: what a run may take of everybody's time and memory."""

import dataclasses

import pytest

from core.config import Config, ConfigError
from core.engine.run import Run
from core.engine.snapshot import Snapshot
from core.serving import training as module
from core.serving.client import keep_nothing
from core.serving.training import Training, untrained
from tests.support.waiting import AdvancingClock

SMALL = Config(n_hidden=8, steps=1_000_000)


@pytest.fixture
def make(few, ready):
    """make(...) -> a Training on few names, which nobody keeps."""
    return lambda speed="slow": Training(untrained(SMALL, few(3), speed), ready, AdvancingClock(), keep_nothing)


def unchanged(training: Training) -> Snapshot:
    return dataclasses.replace(training.snapshot(), seconds=0.0)


# ---------------------------------------------------------------- budgets


def test_what_all_others_would_have_to_wait_for_is_refused_in_a_sentence_and_changes_nothing(make, few, monkeypatch):
    training = make()
    before = unchanged(training)
    contexts = len(few(3).train.contexts)
    monkeypatch.setattr(module, "MAX_WORK", 2 * contexts * (6 * 8 + 8 * len(few(3).vocabulary)))  # enough for losses
    with pytest.raises(ConfigError, match=r"Each step of this network would take .* smaller batch"):
        training.set(batch_size="full")
    with pytest.raises(ConfigError, match="exact loss of this network"):
        training.reset(SMALL.with_(n_hidden=100))
    assert unchanged(training) == before
    training.step()


# ---------------------------------------------------------------- what runs that were put aside take


def test_a_run_that_is_put_aside_lets_go_of_what_only_stepping_needs_and_goes_on_to_the_same_bits(make, few):
    training = make(speed="max")
    training.start()
    training.tick()
    training.reset()
    aside = training._earlier[-1]
    assert aside._engine._minibatches is None
    training.undo()
    training.step()
    plain = Run(SMALL, few(3))
    plain.advance(training.run.step)
    assert training.snapshot().frozen == plain.parameters.freeze()


def test_earlier_runs_are_kept_up_to_a_size_and_the_last_one_always(make, monkeypatch):
    training = make()
    for n_hidden in (50, 60, 70):
        training.reset(SMALL.with_(n_hidden=n_hidden))
        training.step()
    sizes = [earlier.history.size for earlier in training._earlier]
    assert sizes and all(sizes)
    monkeypatch.setattr(module, "KEPT_BYTES", 0)
    training.reset(SMALL)
    assert [earlier.config.n_hidden for earlier in training._earlier] == [70]
