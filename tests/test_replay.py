"""The recorded run: real, in order, and each frame true to its own parameters."""

import dataclasses
import json
import math

import pytest

from core import replay
from core.history import History
from core.model import weighted_loss
from core.snapshot import RECORDED


@pytest.fixture(scope="module")
def recorded() -> History:
    return History.load(replay.RECORDING)


@pytest.fixture(scope="module")
def frames(recorded, datasets):
    return replay.snapshots(recorded, datasets(3).vocabulary)


def test_the_recording_is_of_the_config_it_names_from_beginning_to_end(frames, recorded):
    steps = [frame.step for frame in frames]
    assert steps == sorted(set(steps)) and (steps[0], steps[-1]) == (0, 50_000)
    assert frames[0].config.to_dict() == recorded.config
    assert frames[-1].step == frames[-1].config.steps
    assert all((f.state, f.number, f.problem, f.previous) == (RECORDED, 0, None, None) for f in frames)


def test_a_frame_knows_only_what_was_known_then(frames, recorded):
    for frame in frames:
        past = frame.history
        assert all(step <= frame.step for step, *_ in (*past.losses, *past.evaluations))
        assert frame.exact == past.evaluations[-1]
    assert len(frames[-1].history.evaluations) == len(recorded.evaluations)
    assert len(frames[-1].history.losses) == len(recorded.losses)


def test_exact_losses_are_those_of_the_frames_own_parameters(frames, datasets):
    dataset = datasets(3)
    checked = 0
    for frame in frames:
        if frame.exact[0] == frame.step:
            _, train, dev = frame.exact
            p = frame.parameters()
            assert weighted_loss(p, dataset.train.contexts, dataset.train.counts) == pytest.approx(train, abs=1e-4)
            assert weighted_loss(p, dataset.dev.contexts, dataset.dev.counts) == pytest.approx(dev, abs=1e-4)
            checked += 1
    assert checked >= 10 and frames[0].exact[0] == 0 and frames[-1].exact[0] == 50_000


def test_it_takes_ten_seconds_and_spends_the_first_two_on_early_steps(frames):
    assert replay.SECONDS == 10
    shown = [replay.at(frames, elapsed / 10) for elapsed in range(0, 121)]
    assert [s.step for s in shown] == sorted(s.step for s in shown)
    assert shown[0] is frames[0] and shown[100] is shown[120] is frames[-1]
    assert replay.at(frames, 2.0).step <= 100
    assert len({s.step for s in shown}) >= 50


def test_the_recorded_run_learned_something_and_all_its_numbers_are_finite(frames, baselines):
    assert frames[-1].exact[2] < baselines.dev["bigram"] < frames[0].exact[2]
    assert frames[0].exact[1] == pytest.approx(math.log(27), abs=0.01)
    assert all(frame.parameters().flat.isfinite().all() for frame in frames)


def test_frames_are_frozen_and_plain(frames):
    with pytest.raises(dataclasses.FrozenInstanceError):
        frames[0].step = 1
    assert isinstance(frames[0].frozen, bytes)
    assert json.dumps(frames[3].history.evaluations, allow_nan=False)
