"""core/trainer.py: the worker's last words, its errors, its readers, its pace and its end."""

import threading
import time

import pytest

from core import trainer as module
from core.config import SPEEDS, Config
from core.run import Run
from core.snapshot import FINISHED, PAUSED, READY, STOPPED, TRAINING
from core.trainer import LEASE, TICK, Trainer
from tests.waiting import FakeClock, eventually

SMALL = Config(n_hidden=8, steps=1_000_000)


@pytest.fixture
def make(few):
    """Trainers on a few names; every one is stopped afterwards."""
    made = []

    def one(config: Config = SMALL, speed: str = "max", **more) -> Trainer:
        made.append(Trainer(config, few, speed, **more))
        return made[-1]

    yield one
    for trainer in made:
        trainer.stop()


def threads() -> set[threading.Thread]:
    return {t for t in threading.enumerate() if t.name == "letterspace-trainer" and t.is_alive()}


def state(trainer: Trainer, wanted: str):
    return eventually(lambda: trainer.snapshot.state == wanted and trainer.snapshot)


def reaches(trainer: Trainer, step: int):
    return eventually(lambda: trainer.snapshot.step >= step and trainer.snapshot)


# ---------------------------------------------------------------- last words


@pytest.mark.parametrize("steps", [1, 2, 5, 57])
def test_the_end_is_shown_however_soon_after_another_snapshot_it_comes(make, steps):
    trainer = make(SMALL.with_(steps=steps))
    trainer.start()  # publishes; the run ends within the same tick
    done = state(trainer, FINISHED)
    assert (done.step, done.exact[0], done.steps_per_second) == (steps, steps, 0)


def test_fewer_steps_than_were_made_finish_a_run_training_or_paused(make):
    trainer = make()
    trainer.start()
    reaches(trainer, 20)
    trainer.set(steps=10)
    state(trainer, FINISHED)
    assert trainer.set(steps=100_000).state == PAUSED
    assert trainer.set(steps=10).state == FINISHED, "or Train would do nothing, and nobody would know why"


# ---------------------------------------------------------------- errors


def break_run(monkeypatch, method: str, after: int) -> None:
    """From its `after`-th call on, a method of Run raises."""
    calls, whole = [], getattr(Run, method)

    def broken(self, *arguments):
        calls.append(arguments)
        if len(calls) > after:
            raise RuntimeError("the roof is on fire")
        return whole(self, *arguments)

    monkeypatch.setattr(Run, method, broken)


@pytest.mark.parametrize(("method", "after"), [("advance", 0), ("advance", 3), ("evaluate", 8)])
def test_an_error_at_any_moment_of_training_is_a_sentence_and_the_worker_lives_on(make, monkeypatch, method, after):
    trainer = make(SMALL.with_(steps=500))
    break_run(monkeypatch, method, after)
    trainer.start()
    shown = state(trainer, STOPPED)
    sentence = "Training stopped on an error (RuntimeError: the roof is on fire). Reset starts a new run."
    assert (shown.problem, shown.steps_per_second) == (sentence, 0)
    monkeypatch.undo()
    assert trainer.reset().state == READY and trainer.step().step == 1


def test_an_error_when_the_run_comes_to_rest_at_its_end_is_a_sentence_too(make, monkeypatch):
    trainer = make(SMALL.with_(steps=30))
    monkeypatch.setattr(trainer._training, "_settle", lambda state: 1 / 0)
    trainer.start()
    assert "ZeroDivisionError" in state(trainer, STOPPED).problem


# ---------------------------------------------------------------- readers and pace


def test_two_readers_see_whole_snapshots_that_only_go_forward(make):
    trainer, trouble, enough = make(), [], threading.Event()
    size = len(trainer.snapshot.frozen)

    def read():
        last = -1
        while not enough.is_set():
            shown = trainer.snapshot
            newest = shown.history.losses[-1][0] if shown.history.losses else -1
            if shown.step < last or newest >= max(shown.step, 1) or len(shown.frozen) != size:
                trouble.append((last, shown.step, newest))
            last = shown.step
            enough.wait(0.0005)

    readers = [threading.Thread(target=read) for _ in range(2)]
    trainer.start()
    for reader in readers:
        reader.start()
    try:
        reaches(trainer, 1_000)
    finally:
        enough.set()
        for reader in readers:
            reader.join(10)
    assert not trouble


def test_at_most_about_ten_snapshots_a_second_are_published(make):
    trainer = make()
    trainer.start()
    began, seen = time.monotonic(), [trainer.snapshot]

    def a_second_is_over():
        if trainer.snapshot is not seen[-1]:
            seen.append(trainer.snapshot)
        return time.monotonic() - began > 1

    eventually(a_second_is_over)
    assert 2 <= len(seen) <= 2 + 1.2 * (time.monotonic() - began) / TICK


@pytest.mark.parametrize(("speed", "step", "seconds"), [("slow", 4, 0.5), ("x10", 24, 0.4), ("auto", 64, 0.5)])
def test_a_slow_speed_does_not_hurry(make, speed, step, seconds):
    trainer, began = make(speed=speed), time.monotonic()
    trainer.start()
    reaches(trainer, step)
    assert time.monotonic() - began > seconds


def test_a_change_of_speed_is_felt_at_once(make):
    trainer = make(speed="slow")
    trainer.start()
    trainer.speed("max")
    reaches(trainer, 500)  # two minutes at the slow speed


# ---------------------------------------------------------------- lease and end


def test_a_paused_trainers_thread_ends_with_its_lease_as_well(make, monkeypatch):
    monkeypatch.setattr(module, "LEASE", 0.4)  # it wakes every eighth of a lease
    clock, before = FakeClock(), threads()
    trainer = make(clock=clock)
    paused = trainer.step()
    clock.now += 1
    eventually(lambda: threads() <= before)
    assert trainer.snapshot is paused


def test_a_run_at_rest_has_no_speed_whatever_put_it_there(make):
    clock = FakeClock()
    trainer = make(speed="x100", clock=clock)
    trainer.start()
    trainer._training.rate = 400.0  # with a clock that stands still it would have measured none
    clock.now += LEASE + 1
    assert state(trainer, PAUSED).steps_per_second == 0


@pytest.mark.parametrize("speed", SPEEDS)
def test_stop_ends_the_thread_at_once_and_leaves_the_run_paused(make, speed):
    before = threads()
    trainer = make(speed=speed)
    trainer.start()
    reaches(trainer, 1)
    began = time.monotonic()
    trainer.stop()
    assert time.monotonic() - began < 0.9 and threads() <= before
    assert (trainer.snapshot.state, trainer.snapshot.steps_per_second) == (PAUSED, 0)


def test_stop_while_paused_does_not_wait_for_the_next_look_at_the_lease(make):
    before = threads()
    trainer = make()
    trainer.step()
    trainer.stop()
    assert threads() <= before
    assert trainer.start().state == TRAINING
