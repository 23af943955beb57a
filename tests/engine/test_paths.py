"""core/engine/paths.py: which way a run's numbers are made, what it says of it, and how near the ways are."""

import logging
import math

import pytest

from core.config import FULL, Config
from core.engine.history import FALLBACK, KERNEL, PATHS, TORCH
from core.engine.kernel import check
from core.engine.model import initialise
from core.engine.paths import describe, possible
from core.engine.run import Run

CASES = {
    "the default": Config(),
    "the paper's": Config(block_size=4, n_embd=30, n_hidden=50, direct=True, weight_decay=1e-4, learning_rate=0.05),
    "large minibatches": Config(n_embd=10, batch_size=300, init="lecture", learning_rate=0.02),
    "no hidden units": Config(n_hidden=0, direct=True),
    "full batch": Config(batch_size=FULL),
    "a schedule": Config(schedule="cosine", decay_at=300, seed=7),
}
HOT = {
    "far too hot": Config(learning_rate=30, n_embd=10, direct=True),
    "in the exact loss": Config(learning_rate=2.05, n_hidden=0, direct=True, weight_decay=1.0),
    "with single examples": Config(learning_rate=2.1, n_hidden=3, direct=True, weight_decay=1.0, batch_size=1),
}


@pytest.fixture
def without(monkeypatch):
    """A machine without the kernel."""
    monkeypatch.setattr(check, "_fault", lambda: "not usable here (ImportError: no llvmlite)")


def test_the_kernel_is_taken_where_it_can_be(few):
    assert Run(Config(n_hidden=5), few(3)).history.paths == [(0, KERNEL)]
    assert [possible(path) for path in (None, *PATHS)] == [KERNEL, KERNEL, FALLBACK, TORCH]


def test_without_it_the_path_beside_is_taken_and_says_why(without):
    assert [possible(path) for path in (None, *PATHS)] == [FALLBACK, FALLBACK, FALLBACK, TORCH]
    assert describe(FALLBACK) == "Numbers by torch (torch 1): the kernel is not usable here (ImportError: no llvmlite)."


def test_it_can_be_switched_off(monkeypatch, few):
    monkeypatch.setenv(check.VARIABLE, "torch")
    assert Run(Config(n_hidden=5), few(3)).history.paths == [(0, FALLBACK)]
    assert "switched off by LETTERSPACE_ENGINE=torch" in describe(FALLBACK)


@pytest.mark.parametrize("fault", [ImportError("no llvmlite"), RuntimeError("no such target"), "other numbers"])
def test_a_kernel_that_fails_its_self_check_is_not_used_and_that_is_logged_once(monkeypatch, caplog, fault):
    def fingerprint():
        if isinstance(fault, Exception):
            raise fault
        return "other bits"

    monkeypatch.setattr(check, "fingerprint", fingerprint)
    check._fault.cache_clear()
    try:
        with caplog.at_level(logging.WARNING):
            assert not check.available() and not check.available()
        assert len(caplog.messages) == 1 and str(fault) in caplog.messages[0]
        assert "torch makes the steps" in caplog.messages[0]
    finally:
        check._fault.cache_clear()


@pytest.mark.parametrize("case", CASES)
def test_torch_beside_the_kernel_begins_with_the_same_and_stays_near(case, few):
    config, data = CASES[case], few(CASES[case].block_size)
    ours, theirs = (Run(config, data, path=path) for path in (KERNEL, FALLBACK))
    assert ours.parameters.freeze() == theirs.parameters.freeze() == initialise(config, len(data.vocabulary)).freeze()
    for run in (ours, theirs):
        run.advance(300)
    for one, other in zip(ours.history.losses, theirs.history.losses):
        assert (one[0], *one[2:]) == (other[0], *other[2:])
        assert one[1] == pytest.approx(other[1], rel=2e-5)
    for one, other in zip(ours.history.evaluations, theirs.history.evaluations):
        assert one == pytest.approx(other, rel=2e-5)
    first = ours.history.losses[0][1], theirs.history.losses[0][1]
    assert first[0] == pytest.approx(first[1], rel=1e-6)


@pytest.mark.parametrize("case", HOT)
def test_a_run_that_explodes_stops_at_the_same_step_with_the_same_sentence(case, few):
    runs = [Run(HOT[case], few(3), path=path) for path in (KERNEL, FALLBACK)]
    for run in runs:
        run.advance(1_000)
    assert runs[0].failure and 10 < runs[0].step < 100
    assert (runs[0].step, runs[0].failure) == (runs[1].step, runs[1].failure)
    assert all(math.isfinite(x) for row in runs[0].history.evaluations for x in row)


def test_a_run_that_goes_on_elsewhere_says_from_where_on(monkeypatch, few):
    run = Run(Config(n_hidden=5), few(3))
    run.advance(20)
    monkeypatch.setattr(check, "_fault", lambda: "not usable here")
    elsewhere = Run.resume(run.history.freeze(), few(3), 20, run.parameters.freeze())
    assert elsewhere.history.paths == [(0, KERNEL), (20, FALLBACK)]
    elsewhere.advance(20)
    at = next(step for step, _ in elsewhere.history.checkpoints if step > 20)
    assert elsewhere.fork(at).history.paths == [(0, KERNEL), (20, FALLBACK)]
    monkeypatch.undo()
    assert elsewhere.fork(10).history.paths == [(0, KERNEL)]
    assert Run.resume(elsewhere.history, few(3), 40, elsewhere.parameters.freeze()).history.path == FALLBACK


@pytest.mark.parametrize("path", PATHS)
def test_a_run_goes_on_by_the_path_it_took_with_the_bits_it_would_have_had(path, few):
    config = Config(n_hidden=20, batch_size=16)
    whole, half = (Run(config, few(3), path=path) for _ in range(2))
    whole.advance(100), half.advance(50)
    resumed = Run.resume(half.history.freeze(), few(3), 50, half.parameters.freeze())
    resumed.advance(50)
    assert resumed.parameters.freeze() == whole.parameters.freeze()
    assert resumed.history == whole.history


def test_only_the_oldest_path_draws_first_weights_by_torch(few):
    drawn = {path: Run(Config(), few(3), path=path).parameters.freeze() for path in PATHS}
    assert drawn[KERNEL] == drawn[FALLBACK] != drawn[TORCH]
    lecture = {Run(Config(init="lecture"), few(3), path=path).parameters.freeze() for path in PATHS}
    assert len(lecture) == 1
