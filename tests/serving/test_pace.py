"""The pace of training, by a clock that moves only when told to."""

import pytest

from core.config import Config
from core.serving.client import keep_nothing
from core.serving.training import TICK, Training, untrained
from tests.support.waiting import FakeClock


@pytest.fixture
def training(few, ready):
    """training(speed) -> one of a small network, and its clock."""

    def make(speed: str) -> tuple[Training, FakeClock]:
        clock = FakeClock()
        return Training(
            untrained(Config(n_hidden=8, steps=1_000_000), few(3), speed), ready, clock, keep_nothing
        ), clock

    return make


@pytest.mark.parametrize(("every", "rate"), [(TICK, 400), (0.7, 400), (4.0, 100)])
def test_a_pace_is_kept_and_measured_however_far_apart_the_turns_are(training, every, rate):
    one, clock = training("x100")
    one.start()
    for turn in range(round(40 / every)):
        clock.now += every * (turn > 0)
        one.tick()
    assert one.snapshot().steps_per_second == pytest.approx(rate, rel=0.02)
    assert one.run.step == pytest.approx(40 * rate, rel=0.1), "a second is made up for at most"
    one.pause()
    assert one.snapshot().steps_per_second == 0.0


def test_after_a_rest_no_time_is_made_up_for(training):
    one, clock = training("x10")
    one.step()
    clock.now += 3_600
    one.start()
    one.tick()
    assert one.run.step <= 1 + 1 + 40 * TICK
