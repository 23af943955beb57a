"""core/analysis/finder.py and core/analysis/updates.py: the sweep against the code that trains, short runs,
what they say.
"""

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.finder import (
    EXPLODES,
    EXPONENTS,
    GOOD,
    RUNS,
    SWEEP_STEPS,
    TOO_HIGH,
    TOO_LOW,
    Findings,
    Sweep,
    Trial,
    candidates,
    finder_jobs,
    finder_sentence,
    smoothed,
)
from core.analysis.updates import Updates
from core.config import FULL, Config
from core.engine.history import History
from core.engine.job import Progress
from core.engine.model import forward, initialise
from core.engine.run import Run

SMALL = Config(n_hidden=20)
KINDS = [
    SMALL,
    SMALL.with_(batch_size=FULL),
    SMALL.with_(weight_decay=0.01, direct=True, init="lecture", batch_size=5),
    SMALL.with_(n_hidden=0, direct=True, block_size=1),
]


# ---------------------------------------------------------------- one step, taken apart


@pytest.mark.parametrize("config", KINDS, ids=range(len(KINDS)))
def test_a_step_taken_apart_is_the_step_that_a_run_makes(config, few):
    run = Run(config, few(config.block_size))
    for step in (0, 1, 2, 7):
        run.advance(step - run.step)
        before = run.parameters.clone()
        loss, update = Updates(before, config, run.dataset).loss_and_update(step, config.learning_rate)
        run.advance(1)
        assert torch.allclose(before.flat + update.flat, run.parameters.flat, atol=1e-6)
        assert run.history.losses[step][:2] == (step, pytest.approx(loss, rel=1e-6))


def test_a_step_taken_apart_is_what_autograd_says(few):
    config, data = SMALL.with_(weight_decay=0.01, direct=True), few(3)
    parameters = initialise(config, len(data.vocabulary))
    _, update = Updates(parameters, config.with_(batch_size=FULL), data).loss_and_update(0, 0.5)
    flat = parameters.flat.clone().requires_grad_()
    twin = type(parameters)(parameters.shape, flat)
    loss = -forward(twin, data.train.X).log_probabilities.gather(1, data.train.Y.unsqueeze(1)).mean()
    loss = loss + 0.005 * sum((w**2).sum() for name, w in twin.named().items() if not name.startswith("b"))
    loss.backward()
    assert torch.allclose(update.flat, -0.5 * flat.grad, atol=1e-6)


# ---------------------------------------------------------------- the sweep


def test_the_sweep_is_a_run_whose_rate_changes_in_every_step(few):
    rates = [10 ** (-3 + 3 * t / 39) for t in range(40)]
    run = Run(SMALL, few(3), [(t, "learning_rate", rate) for t, rate in enumerate(rates)])
    run.advance(40)
    sweep = Sweep(SMALL.with_(learning_rate=7.0, schedule="cosine"), few(3), -3, 0, 40)
    for n in (1, 5, 50):
        sweep.advance(n)
    assert sweep.step == 40 and sweep.failure is None
    for ours, theirs in zip(sweep.history.losses, run.history.losses, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-4)
    assert sweep.history.losses[0][2] == 0.001 and sweep.history.losses[-1][2] == 1.0


def test_a_sweep_whose_loss_is_no_longer_a_number_ends_there_and_says_at_which_rate(few):
    config = SMALL.with_(weight_decay=1.0)
    sweep = Sweep(config, few(3), 2, 2, 2_000)  # each step multiplies the weights by -99
    sweep.advance(2_000)
    assert sweep.failure == "The loss was no longer a finite number at the rate 1e+02."
    assert sweep.step == len(sweep.history.losses) < 2_000
    assert all(math.isfinite(loss) for _, loss, _, _ in sweep.history.losses)


@given(st.lists(st.floats(0, 9), max_size=60))
def test_the_average_takes_as_many_losses_on_either_side_and_at_the_rims_only_the_loss_itself(losses):
    rows = [(float(i), loss) for i, loss in enumerate(losses)]
    found = smoothed(rows)
    assert [rate for rate, _ in found] == [rate for rate, _ in rows]
    for i, (_, mean) in enumerate(found):
        r = min(i, len(losses) - 1 - i, 20)
        assert mean == pytest.approx(sum(losses[i - r : i + r + 1]) / (2 * r + 1))


# ---------------------------------------------------------------- jobs


def test_the_candidates_are_four_in_each_factor_of_ten_and_all_can_be_set():
    assert candidates(-3, -2) == (0.001, 0.0018, 0.0032, 0.0056, 0.01)
    for low, high in EXPONENTS:
        rates = candidates(low, high)
        assert (rates[0], rates[-1], len(rates)) == (10.0**low, 10.0**high, 4 * (high - low) + 1)
        assert all(SMALL.with_(learning_rate=rate).learning_rate == rate for rate in rates)


def test_the_jobs_are_the_sweep_and_short_runs_the_configs_own_seed_first():
    config = SMALL.with_(seed=2**31 - 1, batch_size=64)
    first, *runs = finder_jobs(config, -3, 0, 500)
    assert (first.sweep, first.steps, first.config) == ((-3, 0), SWEEP_STEPS, config)
    assert len(runs) == RUNS * 13 and {job.steps for job in runs} == {500}
    assert [job.config.learning_rate for job in runs] == list(candidates(-3, 0)) * RUNS
    assert [seed for seed, _ in itertools.groupby(job.config.seed for job in runs)] == [2**31 - 1, 0, 1]
    assert {job.config.with_(seed=0, learning_rate=0.1) for job in runs} == {config.with_(seed=0, learning_rate=0.1)}


# ---------------------------------------------------------------- what they say


def progress(jobs, loss) -> Progress:
    """As if every run had gone from a loss of 3 to loss(rate, seed); None for one that broke down."""
    done, failed = {}, {}
    for i, job in enumerate(jobs[1:], start=1):
        end = loss(job.config.learning_rate, job.config.seed)
        if end is None:
            failed[i] = "Stopped."
        else:
            done[i] = History(job.config.to_dict(), evaluations=((0, 3.0, 3.0), (500, end, end)))
    return Progress(done, failed, 1.0, frozenset(failed))


def bowl(rate: float, seed: int) -> float | None:
    """Least at 0.1, above the start at the lowest and beyond 0.5, broken down at 1."""
    if rate == 1.0:
        return None
    return 3.5 if rate > 0.5 or rate == 0.001 else 2.5 + 0.2 * math.log10(rate / 0.1) ** 2 + 0.1 * (rate > 0.2)


def test_the_valley_is_found_and_every_rate_named():
    jobs = finder_jobs(SMALL, -3, 0, 500)
    found = Findings.of(jobs, progress(jobs, bowl))
    assert found.best.rate == 0.1 and found.start == 3.0 and len(found.trials) == 13
    assert {trial.rate: found.judge(trial) for trial in found.trials} == {
        0.001: TOO_LOW, 0.0018: TOO_LOW, 0.0032: TOO_LOW, 0.0056: TOO_LOW, 0.01: TOO_LOW, 0.018: TOO_LOW,
        0.032: GOOD, 0.056: GOOD, 0.1: GOOD, 0.18: GOOD, 0.32: TOO_HIGH, 0.56: EXPLODES, 1.0: EXPLODES,
    }  # fmt: skip
    said = "Best: 0.1, a loss of 2.500 after 500 steps, from 3.00."
    assert finder_sentence(found, SMALL, -3, 0, 500) == f"{said} Already your setting."
    assert (
        finder_sentence(found, SMALL.with_(learning_rate=0.01), -3, 0, 500)
        == f"{said} Yours, 0.01, reached 2.700: too low."
    )
    assert finder_sentence(found, SMALL.with_(learning_rate=1.0), -3, 0, 500) == f"{said} Yours, 1, exploded: explodes."
    assert finder_sentence(found, SMALL.with_(learning_rate=0.5), -3, 0, 500) == said


def test_no_rate_of_a_range_in_which_every_loss_rises_is_called_good():
    jobs = finder_jobs(SMALL, -3, 0, 500)
    found = Findings.of(jobs, progress(jobs, lambda rate, seed: 3.1 + rate))
    assert {found.judge(trial) for trial in found.trials} == {EXPLODES}


def test_a_best_rate_at_the_rim_asks_for_a_wider_range():
    jobs = finder_jobs(SMALL, -3, 0, 500)
    found = Findings.of(jobs, progress(jobs, lambda rate, seed: 2 + rate))
    assert finder_sentence(found, SMALL.with_(learning_rate=5), -3, 0, 500).endswith(
        "It is at the edge of the range: widen the range."
    )


def test_of_several_runs_the_median_counts_and_one_that_broke_is_the_worst():
    assert Trial(0.1, (), (2.0, 9.0, 3.0), 0).loss == 3.0
    assert Trial(0.1, (), (2.0, 3.0), 1).loss == 3.0
    assert Trial(0.1, (), (2.0,), 1).loss == Trial(0.1, (), (2.0,), 2).loss == math.inf


def test_what_is_known_grows_and_a_process_that_was_lost_does_not_count_as_exploding():
    jobs = finder_jobs(SMALL, -3, 0, 500)
    nothing = Findings.of(jobs, Progress({}, {}, 0.0))
    assert (nothing.trials, nothing.best, nothing.start, nothing.swept) == ((), None, None, ())
    assert finder_sentence(nothing, SMALL, -3, 0, 500) == ""
    lost = Findings.of(jobs, Progress({}, {3: "The process of rate 0.0032 ended too early."}, 0.1))
    assert lost.trials == ()
    every = progress(jobs, bowl)
    one = Findings.of(jobs, Progress({5: every.done[5]}, {}, 0.1))
    assert [(trial.rate, trial.losses) for trial in one.trials] == [(0.01, (pytest.approx(2.7),))]


def test_when_every_rate_breaks_down_all_explode_and_none_is_best():
    jobs = finder_jobs(SMALL, -3, 0, 500)
    found = Findings.of(jobs, progress(jobs, lambda rate, seed: None))
    assert found.best is None and {found.judge(trial) for trial in found.trials} == {EXPLODES}
