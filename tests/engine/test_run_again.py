"""A run made again: by its plan, resumed or forked, it goes on to the last bit as if it had never stopped."""

import dataclasses
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import FULL, KNOBS, Config, ConfigError
from core.engine.history import History
from core.engine.run import Run
from tests.support.runs import FAIL_SLOWLY, assert_same
from tests.support.runs_kept import saved

SMALL = Config(n_hidden=12, steps=2_000)
LAST = 160
VALUES = {
    "learning_rate": st.sampled_from([0.03, 0.5]),
    "batch_size": st.sampled_from([1, 64, FULL]),
    "weight_decay": st.sampled_from([0.0, 0.01]),
    "schedule": st.sampled_from(["constant", "step", "cosine"]),
    "decay_at": st.sampled_from([50, 100]),
    "steps": st.sampled_from([77, 2_000]),
}
CONFIGS = st.builds(
    SMALL.with_,
    batch_size=st.sampled_from([1, 32, FULL]),
    schedule=st.sampled_from(["constant", "step", "cosine"]),
    decay_at=st.just(90),
    direct=st.booleans(),
    weight_decay=st.sampled_from([0.0, 0.01]),
    n_embd=st.sampled_from([1, 3]),
)
CHANGE = st.sampled_from(list(VALUES)).flatmap(
    lambda name: st.tuples(st.integers(0, LAST), st.just(name), VALUES[name])
)
PLANS = st.lists(CHANGE, max_size=4).map(lambda plan: sorted(plan, key=lambda change: change[0]))
SLICES = st.lists(st.integers(1, 60), min_size=1, max_size=5)

SMALL = Config(n_hidden=12, steps=2_000)


def by_hand(config: Config, dataset, plan, until: int) -> Run:
    """The run of somebody who makes each change at its step."""
    run = Run(config, dataset)
    for step, name, value in plan:
        if step > until:
            break
        run.advance(step - run.step)
        run.set(**{name: value})
    run.advance(until - run.step)
    return run


def sliced(run: Run, slices, until: int) -> Run:
    for n in slices:
        run.advance(min(n, until - run.step))
    run.advance(until - run.step)
    return run


def assert_goes_on_as(run: Run, other: Run) -> None:
    """The same, but for the clock and the name."""
    assert_same(run, other)
    assert all(run.evaluate(split) == other.evaluate(split) for split in ("train", "dev", "test"))


def test_every_live_knob_is_planned_here():
    assert VALUES.keys() == {knob.name for knob in KNOBS if knob.live}


# ---------------------------------------------------------------- a plan


@settings(max_examples=30)
@given(config=CONFIGS, plan=PLANS, slices=SLICES)
def test_a_plan_makes_the_run_of_the_same_changes_by_hand_however_it_is_sliced(few, config, plan, slices):
    planned = sliced(Run(config, few(3), plan), slices, LAST)
    assert planned.plan == []
    assert_goes_on_as(planned, by_hand(config, few(3), plan, LAST))


def test_changes_are_made_on_arrival_and_those_beyond_still_to_come(few):
    plan = [(0, "learning_rate", 0.5), (10, "batch_size", 64), (10, "learning_rate", 0.2), (11, "steps", 99)]
    run = Run(SMALL, few(3), plan)
    assert run.config == SMALL and run.plan == plan
    run.advance(10)
    assert run.history.changes == plan[:3] and run.plan == plan[3:]
    assert [row[2:] for row in run.history.losses] == [(0.5, 32)] * 10
    run.advance(1)
    assert run.history.losses[-1][2:] == (0.2, 64) and run.plan == []


def test_the_changes_that_a_history_recorded_are_a_plan_that_repeats_it(few):
    run = by_hand(SMALL, few(3), [(3, "learning_rate", 0.5), (3, "learning_rate", 0.1), (40, "batch_size", FULL)], 60)
    again = Run(Config(**run.history.config), few(3), run.history.changes)
    again.advance(60)
    assert_goes_on_as(again, run)


def test_a_plan_that_cannot_be_is_refused_when_its_step_comes(few):
    run = Run(SMALL, few(3), [(5, "n_hidden", 5)])
    with pytest.raises(ConfigError, match="cannot change while a run goes on"):
        run.advance(10)


# ---------------------------------------------------------------- resume


@settings(max_examples=30)
@given(config=CONFIGS, plan=PLANS, stop=st.integers(0, LAST), slices=SLICES)
def test_from_any_step_a_run_goes_on_as_never_having_stopped(few, config, plan, stop, slices):
    whole = by_hand(config, few(3), plan, LAST)
    kept = saved(by_hand(config, few(3), plan, stop))
    run = Run.resume(kept.history, few(3), kept.step, kept.frozen)
    assert run.step == stop and run.config == kept.config and run.history.freeze() == kept.history
    run.plan = [change for change in plan if change[0] > stop]
    assert_goes_on_as(sliced(run, slices, LAST), whole)


@settings(max_examples=20)
@given(config=CONFIGS, plan=PLANS, data=st.data())
def test_from_any_checkpoint_a_fork_goes_on_as_the_run_did_and_leaves_it_alone(few, config, plan, data):
    whole = by_hand(config, few(3), plan, LAST)
    before = dataclasses.replace(whole.history.freeze())
    step = data.draw(st.sampled_from([step for step, _ in whole.history.checkpoints]))
    fork = whole.fork(step)
    assert fork.id != whole.id and fork.step == step
    assert all(at < step for at, *_ in fork.history.changes)
    fork.plan = [change for change in plan if change[0] >= step]
    fork.advance(LAST - step)
    assert_goes_on_as(fork, whole)
    fork.advance(7)
    assert whole.step == LAST and whole.history.freeze() == before


def test_a_fork_that_is_changed_is_the_run_of_somebody_who_changed_it_then(few):
    whole = by_hand(SMALL, few(3), [(5, "learning_rate", 0.5), (80, "batch_size", 64)], LAST)
    step = next(at for at, _ in whole.history.checkpoints if at > 50)
    fork = whole.fork(step)
    fork.set(learning_rate=0.02)
    fork.advance(LAST - step)
    assert_goes_on_as(fork, by_hand(SMALL, few(3), [(5, "learning_rate", 0.5), (step, "learning_rate", 0.02)], LAST))


def test_there_is_no_fork_where_nothing_is_remembered(few):
    run = by_hand(SMALL, few(3), [], LAST)
    missing = next(s for s in range(LAST) if s not in dict(run.history.checkpoints))
    with pytest.raises(ValueError):
        run.fork(missing)


@pytest.mark.parametrize("case", FAIL_SLOWLY)
def test_a_resumed_run_fails_at_the_step_where_it_would_have_failed(few, case):
    whole = Run(FAIL_SLOWLY[case], few(3))
    whole.advance(5_000)
    for back in (1, 2, 3, 20):
        early = Run(FAIL_SLOWLY[case], few(3))
        early.advance(whole.step - back)
        kept = saved(early)
        run = Run.resume(kept.history, few(3), kept.step, kept.frozen)
        run.advance(5_000)
        assert run.failure == whole.failure
        assert_same(run, whole)


@pytest.mark.parametrize("config", [{"n_hidden": -1}, {"learning_rate": math.nan}])
def test_a_past_that_no_run_can_have_is_refused(few, config):
    kept = saved(by_hand(SMALL, few(3), [], 5))
    history = History({**kept.history.config, **config})
    with pytest.raises(ConfigError):
        Run.resume(history, few(3), 5, kept.frozen)
    with pytest.raises(ConfigError):
        Run.resume(dataclasses.replace(kept.history, changes=[(2, "batch_size", 0)]), few(3), 5, kept.frozen)


def test_parameters_of_another_network_are_refused(few):
    kept = saved(by_hand(SMALL, few(3), [], 5))
    for frozen in (kept.frozen[:-4], kept.frozen + bytes(4), b""):
        with pytest.raises(ConfigError, match="do not fit"):
            Run.resume(kept.history, few(3), 5, frozen)


# ---------------------------------------------------------------- the clock


def test_there_is_a_time_for_each_evaluation_and_it_goes_on_after_a_rest(few):
    run = by_hand(SMALL, few(3), [(30, "batch_size", FULL)], 60)
    kept = saved(run)
    again = Run.resume(kept.history, few(3), kept.step, kept.frozen)
    again.advance(100)
    for one in (run, again, run.fork(20)):
        assert [step for step, _ in one.history.clock] == [step for step, *_ in one.history.evaluations]
        seconds = [seconds for _, seconds in one.history.clock]
        assert seconds == sorted(seconds) and seconds[0] == 0 and round(one.seconds, 3) >= seconds[-1]
    assert again.history.clock[: len(run.history.clock)] == run.history.clock
    assert torch.equal(again.fork(0).parameters.flat, Run(SMALL, few(3)).parameters.flat)
