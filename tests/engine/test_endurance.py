"""Long runs and slow failures: what a run keeps stays bounded, and where it fails does not depend on who asked."""

import math
import pickle

import pytest

from core.config import Config
from core.engine.run import Run
from tests.support.runs import FAIL_SLOWLY

# The embeddings grow by a factor of about |1 - rate * decay| a step, so it takes hundreds of steps until a
# number overflows: far beyond the steps at which every single one is remembered.


def failed(config: Config, dataset, slice_: int, changed_at: int | None = None) -> Run:
    run = Run(config, dataset)
    while run.failure is None and run.step < 5_000:
        if changed_at is not None and run.step == changed_at:
            run.set(learning_rate=2.06)
            changed_at = None
        until = changed_at - run.step if changed_at is not None and changed_at > run.step else slice_
        run.advance(min(slice_, until))
    return run


@pytest.mark.parametrize("case", FAIL_SLOWLY)
def test_a_slow_explosion_ends_at_the_same_step_and_bits_however_the_run_was_sliced(few, case):
    whole = failed(FAIL_SLOWLY[case], few(3), 5_000)
    assert whole.failure and whole.step > 40
    assert all(step <= whole.step for step, *_ in whole.history.checkpoints + whole.history.losses)
    for slice_ in (1, 333):
        run = failed(FAIL_SLOWLY[case], few(3), slice_)
        assert (run.step, run.failure, run.history) == (whole.step, whole.failure, whole.history)
        assert run.parameters.freeze() == whole.parameters.freeze()


def test_a_slow_explosion_after_a_live_change_does_not_depend_on_slices_either(few):
    config = FAIL_SLOWLY["in the minibatch loss"]
    whole = failed(config, few(3), 5_000, changed_at=501)
    assert whole.failure and whole.step > 501
    for slice_ in (1, 13):
        run = failed(config, few(3), slice_, changed_at=501)
        assert (run.step, run.failure, run.history) == (whole.step, whole.failure, whole.history)


def test_twenty_thousand_steps_leave_a_bounded_history_of_finite_numbers(few):
    config = Config(block_size=1, n_embd=1, n_hidden=2, batch_size=8)
    run, sizes = Run(config, few(1)), {}
    for step in (2_000, 20_000):
        run.advance(step - run.step)
        sizes[step] = len(pickle.dumps(run.history))
    # a factor of ten in steps adds one decade to each grid: 280, 20 and 50 (history.py), give or take an end
    parts = run.history.losses, run.history.evaluations, run.history.checkpoints
    assert [sum(row[0] > 2_000 for row in part) for part in parts] == pytest.approx([280, 20, 50], abs=2)
    assert sizes[20_000] < 2 * sizes[2_000]
    assert all(math.isfinite(x) for part in parts[:2] for row in part for x in row)
