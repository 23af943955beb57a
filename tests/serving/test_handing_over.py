"""What a client hands over to be kept: how often, in which state, and that it goes on from there."""

from itertools import pairwise

import pytest

from core.config import Config
from core.engine.run import Run
from core.engine.snapshot import TRAINING
from core.serving.training import KEEP, TICK, Training, untrained
from tests.support.runs import EXPLODES, assert_same
from tests.support.waiting import AdvancingClock, FakeClock

SMALL = Config(n_hidden=8, steps=1_000_000)
CHANGES = [(3, "learning_rate", 0.5), (40, "batch_size", 64)]


@pytest.fixture
def make(few, ready):
    """make(...) -> a Training on few names; `kept` collects what it hands over."""

    def make(config: Config = SMALL, speed: str = "slow", clock=None) -> Training:
        kept = []
        first = untrained(config, few(config.block_size), speed)
        training = Training(first, ready, clock or AdvancingClock(), kept.append)
        training.kept = kept
        return training

    return make


def tick(training: Training) -> None:
    training.tick(lambda: False)


def test_a_run_without_a_step_is_never_handed_over(make):
    training = make()
    training.pause()
    training.set(learning_rate=0.2)
    training.reset(SMALL.with_(seed=7))
    training.undo()
    training.rebuild(SMALL, CHANGES, 0)
    training.fork(0)
    assert training.kept == []


def test_a_run_in_training_is_handed_over_every_few_seconds_without_its_test_loss(make):
    clock = FakeClock()
    training, times = make(clock=clock), []
    training.start()
    while clock.now < 1000 + 10 * KEEP:
        tick(training)
        times += [clock.now] * (len(training.kept) - len(times))
        clock.now += TICK
    assert len(training.kept) == pytest.approx(10, abs=1)
    assert all(KEEP <= b - a < KEEP + 3 * TICK for a, b in pairwise(times))
    steps = [run.step for run in training.kept]
    assert steps == sorted(set(steps)) and {(run.test, run.training) for run in training.kept} == {(None, True)}
    assert {run.id for run in training.kept} == {training.run.id}


@pytest.mark.parametrize("rest", ["pause", "step", "halt", "reset", "finish", "fail"])
def test_whatever_brings_it_to_rest_it_is_handed_over_once_as_it_stands(make, few, rest):
    config = {"finish": SMALL.with_(steps=50), "fail": EXPLODES}.get(rest, SMALL)
    training = make(config, speed="x100")
    training.start()
    if rest in ("finish", "fail"):
        while training.state == TRAINING:
            tick(training)
    else:
        tick(training)
        getattr(training, rest)(*[None] * (rest == "halt"))
    run = training._earlier[-1] if rest == "reset" else training.run
    (last,) = training.kept
    assert (last.step, last.id, last.frozen, last.failure) == (run.step, run.id, run.parameters.freeze(), run.failure)
    assert (run.failure is not None) == (rest == "fail")
    assert last.training == (rest == "halt"), "only a halt is nobody's wish, and so an interruption"
    assert last.test == (None if rest == "halt" else run.evaluate("test"))
    training.pause()
    assert len(training.kept) == 1  # it has not gone on


def test_what_is_handed_over_goes_on_where_it_was(make, few):
    clock = FakeClock()
    training = make(speed="x100", clock=clock)
    training.rebuild(SMALL, CHANGES, 0)
    training.start()
    while len(training.kept) < 3:
        tick(training)
        clock.now += TICK
    for one in training.kept:
        run = Run.resume(one.history, few(3), one.step, one.frozen)
        run.plan = [change for change in CHANGES if change[0] >= one.step]
        run.advance(10)
        whole = Run(SMALL, few(3), CHANGES)
        whole.advance(one.step + 10)
        assert_same(run, whole)
        assert one.config == run.config and one.parameters().freeze() == one.frozen
