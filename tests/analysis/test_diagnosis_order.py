"""core/analysis/diagnosis.py: what is examined first, and that several alarms do not contradict one another."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.diagnosis import Examination, alarms, coarse_first, spaced
from core.config import Config
from core.serving.client import keep_nothing
from core.serving.training import Training, untrained


@pytest.fixture
def train(few, ready):
    """train(config) -> a Training on a few names."""
    return lambda config: Training(untrained(config, few(config.block_size)), ready, time.monotonic, keep_nothing)


@given(st.integers(1, 200))
def test_the_first_and_the_last_are_examined_first_and_then_those_between_in_ever_smaller_steps(n):
    order = coarse_first(n)
    assert sorted(order) == list(range(n)) and order[:2] == [0, n - 1][:n]
    widest = [max(b - a for a, b in pairwise(sorted(order[:k]))) for k in range(2, n + 1)]
    assert all(gap <= max(1, 4 * n / k) for k, gap in enumerate(widest, 2))


def test_however_little_time_there_is_charts_reach_over_all_of_a_run(train, few):
    training, examination = train(Config(n_hidden=20)), Examination()
    training.run.advance(300)
    snapshot = training.snapshot()
    assert not examination.update(snapshot, few(3), 0)
    steps = [step for step, _ in snapshot.history.checkpoints]
    assert [checkup.step for checkup in examination.checkups] == [0, steps[spaced(steps)[-1]]]
    assert examination.due == len(spaced(steps))


@pytest.mark.parametrize(("rate", "later"), [(10.0, 10.0), (10.0, 1e-5), (3.0, 1.0), (1e-5, 100.0)])
@pytest.mark.parametrize("advised", [False, True])
def test_of_several_alarms_only_one_says_which_rate_to_try(train, few, rate, later, advised):
    training, examination, said = train(Config(learning_rate=rate, n_hidden=20)), Examination(), 0
    for step in (0, 150, 160, 400):
        training.run.advance(step - training.run.step)
        if step == 150:
            training.run.set(learning_rate=later)
        snapshot = training.snapshot()
        examination.update(snapshot, few(3))
        texts = [alarm.text for alarm in alarms(examination.checkups, snapshot.history, 27, advised)]
        advice = [text for text in texts if re.search(r"try [\d.]|start (a new|again)|lower rate", text)]
        assert len(advice) <= (not advised), advice
        said += len(texts)
    assert said > 0
