"""The recorded run: real, from beginning to end, each checkpoint true to its own parameters."""

import dataclasses
import json
import math

import pytest

from core.analysis.timeline import Timeline
from core.config import Config
from core.engine.history import History
from core.engine.model import loss
from core.engine.recorded import RECORDING
from core.engine.recorded import recorded as snapshot_of
from core.engine.snapshot import RECORDED, Snapshot


@pytest.fixture(scope="module")
def recorded() -> History:
    return History.load(RECORDING)


@pytest.fixture(scope="module")
def shown(recorded, datasets) -> Snapshot:
    return snapshot_of(recorded, datasets(3))


@pytest.fixture(scope="module")
def frames(shown):
    timeline = Timeline()
    timeline.update(shown)
    return timeline.frames


def test_the_recording_is_of_the_config_it_names_from_beginning_to_end(shown, recorded):
    steps = [step for step, _ in shown.history.checkpoints]
    assert steps == sorted(set(steps)) and (steps[0], steps[-1]) == (0, 50_000)
    assert shown.config == Config(**recorded.config) and shown.history == recorded.freeze()
    assert shown.step == shown.exact[0] == shown.config.steps == 50_000
    assert (shown.state, shown.number, shown.problem, shown.previous) == (RECORDED, 0, None, None)


def test_exact_losses_are_those_of_the_checkpoints_own_parameters(shown, frames, datasets):
    dataset, checked = datasets(3), 0
    for index, frame in enumerate(frames):
        if frame.exact[0] == frame.step:
            _, train, dev = frame.exact
            p = shown.checkpoint(index)
            assert loss(p, dataset.train) == pytest.approx(train, abs=1e-4)
            assert loss(p, dataset.dev) == pytest.approx(dev, abs=1e-4)
            checked += 1
    assert checked >= 10 and frames[0].exact[0] == 0 and frames[-1].exact[0] == 50_000


def test_its_first_steps_are_kept_densely_and_later_ones_thinned(frames):
    steps = [frame.step for frame in frames]
    assert sum(step <= 100 for step in steps) >= 15
    assert 50 <= len(steps) <= 100  # at the page's pace, a frame in 110 ms: about ten seconds


def test_the_recorded_run_learned_something_and_all_its_numbers_are_finite(shown, recorded, frames, baselines):
    assert frames[-1].exact[2] < baselines.dev["bigram"] < frames[0].exact[2]
    assert frames[0].exact[1] == pytest.approx(math.log(27), abs=0.01)
    assert all(shown.checkpoint(i).flat.isfinite().all() for i in range(len(frames)))


def test_it_is_frozen_and_plain(shown):
    with pytest.raises(dataclasses.FrozenInstanceError):
        shown.step = 1
    assert shown.frozen == shown.history.parameters_at(-1)
    assert json.dumps(shown.history.evaluations, allow_nan=False)
