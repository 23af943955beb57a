"""Runs that are rebuilt, resumed, forked and go on elsewhere: core/serving/training.py, and once by way of a host."""

import dataclasses
import pickle
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import Config, ConfigError
from core.data.dataset import Dataset
from core.data.sentences import read_text
from core.engine.run import Run
from core.engine.snapshot import FINISHED, PAUSED, READY, STOPPED, TRAINING, Snapshot
from core.serving.client import Client, keep_nothing
from core.serving.training import Training, untrained
from tests.support.few_checkpoints import few_checkpoints
from tests.support.runs import EXPLODES, assert_same
from tests.support.runs_kept import saved
from tests.support.story import STORY
from tests.support.waiting import AdvancingClock, eventually

SMALL = Config(n_hidden=8, steps=1_000_000)
CHANGES = [(3, "learning_rate", 0.5), (40, "batch_size", 64), (40, "weight_decay", 0.01)]


@pytest.fixture
def make(few, ready):
    """make(...) -> a Training on few names, which nobody keeps."""

    def make(config: Config = SMALL, speed: str = "slow") -> Training:
        return Training(untrained(config, few(config.block_size), speed), ready, AdvancingClock(), keep_nothing)

    return make


def tick(training: Training, times: int = 1) -> None:
    for _ in range(times):
        training.tick(lambda: False)


def until_rest(training: Training) -> None:
    while training.state == TRAINING:
        tick(training)


def plain(training: Training, few, config: Config = SMALL, plan=()) -> Run:
    """A run advanced to the same step in one go."""
    run = Run(config, few(config.block_size), plan)
    run.advance(training.run.step)
    return run


def unchanged(training: Training) -> Snapshot:
    return dataclasses.replace(training.snapshot(), seconds=0.0)


# ---------------------------------------------------------------- rebuild


@pytest.mark.parametrize("speed", ["slow", "auto", "x100"])
def test_a_rebuilt_run_rests_at_its_goal_at_full_speed_whatever_the_pace(make, few, speed):
    training = make(speed=speed)
    training.rebuild(SMALL, CHANGES, 3_000)
    assert (training.number, training.state, training.snapshot().goal) == (2, TRAINING, 3_000)
    ticks = 0
    while training.state == TRAINING:
        tick(training)
        ticks += 1
    shown = training.snapshot()
    assert ticks < 100  # at the slow pace: 7,500
    assert (shown.state, shown.step, shown.goal, shown.exact[0]) == (PAUSED, 3_000, None, 3_000)
    assert_same(training.run, plain(training, few, plan=CHANGES))
    training.start()
    tick(training)
    assert (training.run.step > 3_010) == (speed != "slow"), "from here on at the pace that was chosen"


def test_a_rebuild_goes_on_to_its_goal_after_a_pause_and_single_steps(make, few):
    training = make()
    training.rebuild(SMALL, CHANGES, 3_000)
    tick(training)
    training.pause()
    at = training.run.step
    assert training.state == PAUSED and 0 < at < 3_000 and training.snapshot().goal == 3_000
    training.step()
    training.start()
    until_rest(training)
    assert (training.run.step, training.state) == (3_000, PAUSED)
    assert_same(training.run, plain(training, few, plan=CHANGES))


def test_a_goal_at_the_end_is_the_end_and_one_beyond_it_is_reached(make):
    for steps, goal in ((300, 300), (300, 350)):
        training = make()
        training.rebuild(SMALL.with_(steps=steps), [], goal)
        until_rest(training)
        assert (training.state, training.run.step) == (FINISHED, goal)


def test_a_rebuild_to_step_0_is_a_run_that_waits_and_then_makes_its_changes(make, few):
    training = make(speed="max")
    training.rebuild(SMALL.with_(steps=100), CHANGES, 0)
    assert (training.state, training.run.step, training.snapshot().goal) == (READY, 0, None)
    training.start()
    until_rest(training)
    assert training.state == FINISHED and training.run.history.changes == CHANGES


def test_whoever_changes_a_run_on_its_way_makes_it_their_own(make):
    training = make()
    training.rebuild(SMALL, [(900_000, "learning_rate", 0.5)], 950_000)
    tick(training)
    with pytest.raises(ConfigError):
        training.set(learning_rate=-1)
    assert training.snapshot().goal == 950_000 and training.run.plan
    at = training.run.step
    training.set(learning_rate=0.2)
    assert training.snapshot().goal is None and training.run.plan == [] and training.state == TRAINING
    assert training.run.history.changes == [(at, "learning_rate", 0.2)]
    tick(training, 3)
    assert training.run.step < at + 10, "at the pace that was chosen, slow"


def test_a_rebuild_of_a_run_that_fails_stops_where_it_failed(make, few):
    training = make()
    training.rebuild(EXPLODES, [], 5_000)
    until_rest(training)
    assert training.state == STOPPED and training.snapshot().goal is None
    assert training.problem == training.run.failure is not None
    run = Run(EXPLODES, few(3))
    run.advance(5_000)
    assert_same(training.run, run)


def test_another_run_in_the_middle_of_a_rebuild_ends_it_and_undo_brings_it_back_at_rest(make, few):
    training = make()
    training.rebuild(SMALL, CHANGES, 900_000)
    tick(training)
    before = training.snapshot()
    training.reset(SMALL.with_(seed=7))
    assert training.snapshot().goal is None and training.state == TRAINING
    training.step()
    training.undo()
    after = training.snapshot()
    assert (after.state, after.step, after.goal, after.frozen) == (PAUSED, before.step, None, before.frozen)
    training.step()  # its plan is still its own
    assert_same(training.run, plain(training, few, plan=CHANGES))


# ---------------------------------------------------------------- resume


@pytest.fixture
def kept(few):
    run = Run(SMALL, few(3), CHANGES)
    run.advance(150)
    return saved(run)


def test_a_run_that_was_kept_rests_where_it_was_under_its_own_name(make, few, kept):
    training = make()
    training.step()
    training.resume(kept, 0, ())
    shown = training.snapshot()
    assert (shown.id, shown.step, shown.state, shown.number) == (kept.id, 150, PAUSED, 2)
    assert shown.frozen == kept.frozen and shown.history == kept.history and shown.config == kept.config
    assert shown.exact == kept.exact and shown.previous is not None
    training.step()
    assert_same(training.run, plain(training, few, plan=CHANGES))
    training.undo()
    assert training.run.step == 1


def test_before_its_step_it_goes_on_and_makes_the_changes_on_the_way(make, few, kept):
    training, later = make(), [(150, "learning_rate", 0.1), (200, "batch_size", 32)]
    training.resume(kept, 400, later)
    assert training.state == TRAINING and training.snapshot().goal == 400
    until_rest(training)
    assert (training.run.step, training.state) == (400, PAUSED)
    assert_same(training.run, plain(training, few, plan=[*CHANGES, *later]))


def test_a_run_that_was_kept_at_its_end_or_failed_is_shown_so(make, few):
    for config, state in ((SMALL.with_(steps=60), FINISHED), (EXPLODES, STOPPED)):
        run = Run(config, few(3))
        run.advance(run.config.steps if state == FINISHED else 5_000)
        training = make()
        training.resume(saved(run), 10_000_000 if state == STOPPED else 0, ())
        assert training.state == state and training.problem == run.failure
        training.start()
        assert training.state == state
        assert_same(training.run, run)


@pytest.mark.parametrize("damage", ["words", "changes", "weights"])
def test_what_cannot_go_on_here_is_refused_in_a_sentence_and_nothing_changes(make, kept, damage):
    broken = {
        "words": {"digest": "0" * 64, "data": "cities"},
        "changes": {"history": dataclasses.replace(kept.history, changes=((2, "batch_size", 0),))},
        "weights": {"frozen": kept.frozen[:-4]},
    }[damage]
    training = make()
    training.step()
    before = unchanged(training)
    with pytest.raises(ConfigError, match=r"\.$"):
        training.resume(dataclasses.replace(kept, **broken), 0, ())
    assert unchanged(training) == before


# ---------------------------------------------------------------- fork


def test_a_fork_rests_at_its_step_under_another_name_with_the_first_run_an_undo_away(make, few):
    training = make(speed="x100")
    training.start()
    tick(training, 5)
    training.pause()
    before, step = training.snapshot(), training.run.history.checkpoints[-3][0]
    training.fork(step)
    shown = training.snapshot()
    assert (shown.step, shown.state, shown.number) == (step, PAUSED, 2) and shown.id != before.id
    assert shown.news.startswith(f"This is a branch from step {step:,}: ") and before.news is None
    assert shown.exact == (step, training.run.evaluate("train"), training.run.evaluate("dev"))
    assert_same(training.run, plain(training, few))
    training.undo()
    assert (training.run.id, training.run.step) == (before.id, before.step)
    assert training.snapshot().news is None
    training.fork(0)
    assert (training.state, training.run.step) == (READY, 0)
    training.step()
    assert training.snapshot().news is None  # it is a run like any other


def test_a_fork_from_between_two_checkpoints_first_trains_to_its_step_with_the_changes_that_were_made(monkeypatch):
    few_checkpoints(monkeypatch)
    config = Config(n_embd=4, n_hidden=6, optimiser="Adagrad", tied=True, init="frequency", steps=200)
    data = Dataset.of_corpus(read_text(STORY, "story", 500).corpus, 3)
    training = Training(untrained(config, data), lambda corpus, size: data, AdvancingClock(), keep_nothing)
    for step in (40, 60):
        training.run.advance(step - training.run.step)
        training.set(learning_rate=step / 1000)
    training.run.advance(20)
    step, whole = 55, training.run
    assert step in dict(whole.history.embeddings) and max(at for at, _ in whole.history.checkpoints if at <= 55) == 32
    training.fork(step)
    assert (training.run.step, training.state) == (32, TRAINING)
    until_rest(training)
    expected = Run(config, data, [(40, "learning_rate", 0.04)])
    expected.advance(step)
    assert_same(training.run, expected)
    assert (training.state, training.snapshot().goal, training.run.plan) == (PAUSED, None, [])


@pytest.mark.parametrize("step", [-1, 23, 10_000_000])
def test_a_step_that_nobody_remembers_cannot_be_forked_from(make, step):
    training = make()
    training.step()
    before = unchanged(training)
    with pytest.raises(ConfigError, match=f"no step {step:,} to go on from"):
        training.fork(step)
    assert unchanged(training) == before


# ---------------------------------------------------------------- going on elsewhere

COMMANDS = st.one_of(
    st.sampled_from([("start", {}), ("pause", {}), ("step", {}), ("tick", {}), ("move", {}), ("fork", {"step": 1})]),
    st.sampled_from([0.05, 0.3]).map(lambda rate: ("set", {"learning_rate": rate})),
    st.sampled_from([32, 7]).map(lambda size: ("set", {"batch_size": size})),
    st.integers(0, 60).map(lambda step: ("rebuild", {"config": SMALL, "changes": CHANGES, "step": step})),
)


@given(commands=st.lists(COMMANDS, max_size=15), speed=st.sampled_from(["slow", "x100"]))
def test_wherever_a_snapshot_was_sent_the_run_goes_on_to_the_last_bit(few, ready, commands, speed):
    training = Training(untrained(SMALL, few(3), speed), ready, AdvancingClock(), keep_nothing)
    for name, values in commands:
        if name == "move":
            before = training.snapshot()
            training = Training(pickle.loads(pickle.dumps(before)), ready, AdvancingClock(), keep_nothing)
            after = dataclasses.replace(training.snapshot(), steps_per_second=before.steps_per_second)
            assert dataclasses.replace(after, seconds=0.0) == dataclasses.replace(before, seconds=0.0, previous=None)
        else:
            with suppress(ConfigError):  # there may be no step 1 to fork from
                getattr(training, name)(**values)
    shown = training.snapshot()
    run = Run(SMALL, few(3), [*shown.history.changes, *shown.plan])
    run.advance(shown.step)
    assert (run.parameters.freeze(), run.config) == (shown.frozen, shown.config)
    assert run.history.freeze().losses == shown.history.losses
    assert run.history.freeze().checkpoints == shown.history.checkpoints


# ---------------------------------------------------------------- by way of a host


def test_a_client_rebuilds_resumes_and_forks_and_says_what_it_cannot(pool, few, kept):
    one = Client(untrained(SMALL, few(3), "slow"), pool)
    one.rebuild(SMALL, CHANGES, 2_000)
    rested = eventually(lambda: one.snapshot.state == PAUSED and one.snapshot)
    assert rested.step == 2_000 and list(rested.history.changes) == CHANGES
    assert one.fork(100).step == 100
    assert one.resume(kept, 151).number == 4
    assert eventually(lambda: one.snapshot.state == PAUSED and one.snapshot).step == 151
    before = one.snapshot
    for refused in (one.fork(-1), one.resume(dataclasses.replace(kept, digest="0" * 64))):
        assert refused.problem.endswith(".")
        assert dataclasses.replace(refused, problem=None) == before
