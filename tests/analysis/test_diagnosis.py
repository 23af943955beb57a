"""core/analysis/diagnosis.py: measured against independent computations; alarms on cases made for them, and on
healthy runs.
"""

import dataclasses
import math
import time

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.diagnosis import Activity, Examination, alarms, config_at, dead_units, sample_evenly, spaced
from core.config import FULL, PRESETS, Config
from core.data.dataset import Dataset, Examples
from core.engine.history import CHECKPOINTS_PER_DECADE, History, next_on_grid
from core.engine.model import Parameters, Shape, forward, initialise
from core.engine.run import Run
from core.engine.snapshot import Snapshot
from core.serving.client import keep_nothing
from core.serving.training import Training, untrained

SMALL = Config(n_hidden=20)


@pytest.fixture(scope="module")
def train(datasets, ready):
    """train(config) -> a Training on all names."""
    return lambda config: Training(untrained(config, datasets(config.block_size)), ready, time.monotonic, keep_nothing)


@pytest.fixture(scope="module")
def train_few(few, ready):
    return lambda config: Training(untrained(config, few(config.block_size)), ready, time.monotonic, keep_nothing)


def advanced(training: Training, step: int) -> Snapshot:
    training.run.advance(step - training.run.step)
    return training.snapshot()


def examined(snapshot: Snapshot, dataset: Dataset) -> Examination:
    examination = Examination()
    assert examination.update(snapshot, dataset)
    return examination


# ---------------------------------------------------------------- what is measured


def test_the_sample_is_spread_over_the_training_split_and_always_the_same(few, dataset):
    sample = sample_evenly(dataset.train)
    assert sample.X.shape == (2_000, 3) and len(sample.contexts) == 2_000
    picks = [round(i * len(dataset.train) // 2_000) for i in range(2_000)]
    assert torch.equal(sample.X, dataset.train.X[picks])
    assert torch.equal(sample.Y, dataset.train.Y[picks])
    small = sample_evenly(few(3).train)
    assert torch.equal(small.X, few(3).train.X), "fewer than 2,000 examples are all taken"


@given(st.integers(0, 10_000), st.floats(0, 30))
def test_activity_is_what_counting_one_by_one_finds(few, seed, scale):
    data = few(3)
    parameters = initialise(SMALL.with_(seed=seed), len(data.vocabulary))
    parameters.W1.mul_(scale)
    sample = sample_evenly(data.train)
    sample = Examples.uncounted(sample.X[::5], sample.Y[::5], sample.vocabulary_size)  # they are counted in Python
    h = forward(parameters, sample.X).h.flatten().tolist()
    found = Activity.of(parameters, sample)
    assert found.saturated == pytest.approx(sum(abs(x) > 0.97 for x in h) / len(h), abs=1e-9)
    assert found.flat == pytest.approx(sum(abs(x) > 0.99 for x in h) / len(h), abs=1e-9)
    assert sum(found.histogram) == pytest.approx(1, abs=1e-5) and len(found.histogram) == 20
    assert found.histogram[0] == pytest.approx(sum(x < -0.9 for x in h) / len(h), abs=1e-3)


@given(st.integers(0, 10_000), st.floats(0.5, 30), st.floats(0, 30))
def test_a_unit_is_dead_if_it_is_flat_after_every_context(few, seed, scale, bias):
    data = few(3)
    parameters = initialise(SMALL.with_(seed=seed), len(data.vocabulary))
    parameters.W1.mul_(scale)
    parameters.b1[:10].fill_(bias * scale)
    h = forward(parameters, data.train.X).h
    assert dead_units(parameters, sample_evenly(data.train), data.train) == int((h.abs() > 0.99).all(0).sum())


def test_a_unit_that_wakes_after_a_context_outside_the_sample_is_not_dead(few):
    data, parameters = few(3), initialise(SMALL, len(few(3).vocabulary))
    parameters.b1[4] = 40.0
    sample = Examples.uncounted(data.train.X[:1], data.train.Y[:1], len(data.vocabulary))
    parameters.C.zero_()
    assert dead_units(parameters, sample, data.train) == 1
    rare = next(i for i in range(1, len(data.vocabulary)) if i not in sample.X)
    parameters.C[rare], parameters.W1[:, 4] = -20.0, 1.0  # two dimensions: after one such character the sum is 0
    assert dead_units(parameters, sample, data.train) == 0


@pytest.mark.parametrize(
    "config", [SMALL.with_(weight_decay=0.01, batch_size=7), SMALL.with_(batch_size=FULL, direct=True)]
)
def test_gradients_are_autograds_and_updates_those_that_the_run_makes_next(train_few, few, config):
    training = train_few(config.with_(schedule="cosine", decay_at=40))
    snapshot = advanced(training, 11)
    checkups = examined(snapshot, few(3)).checkups
    for checkup, (step, _) in zip(checkups, snapshot.history.checkpoints, strict=True):  # so early, all of them
        run = Run(training.run.config, few(3))
        run.advance(step)
        before = run.parameters.clone()
        sample = sample_evenly(few(3).train)
        flat = before.flat.clone().requires_grad_()
        logp = forward(Parameters(before.shape, flat), sample.X).log_probabilities
        loss = -logp.gather(1, sample.Y.unsqueeze(1)).mean()
        loss.backward()
        expected = {n: float(t.norm()) for n, t in Parameters(before.shape, flat.grad).named().items()}
        assert checkup.step == step and checkup.norms == pytest.approx(expected, rel=1e-3, abs=1e-6)
        run.advance(1)
        for name, tensor in run.parameters.named().items():
            size, moved = float(before.named()[name].norm()), float((tensor - before.named()[name]).norm())
            if size == 0:
                assert name not in checkup.ratios
            else:
                assert checkup.ratios[name] == pytest.approx(math.log10(moved / size), abs=0.02)


def test_a_network_without_hidden_units_has_no_activity_and_nothing_dead(train_few, few):
    checkup = examined(advanced(train_few(SMALL.with_(n_hidden=0, direct=True)), 5), few(3)).checkups[-1]
    assert checkup.activity == Activity(0.0, 0.0, (0.0,) * 20) and checkup.dead == 0
    assert checkup.norms.keys() == {"C", "b2", "Wd"}


def test_numbers_that_are_about_to_overflow_break_nothing(few):
    data = few(3)
    frozen = Parameters(
        Shape.of(SMALL, len(data.vocabulary)), torch.full_like(initialise(SMALL, 27).flat, 1e30)[: _size(data)]
    )
    history = History(SMALL.to_dict(), evaluations=[(0, 3.0, 3.0)])
    history.checkpoints.append((0, frozen.freeze()))
    snapshot = Snapshot(
        id="x", history=history.freeze(), step=0, frozen=frozen.freeze(), exact=(0, 3.0, 3.0),
        number=1, corpus=data.corpus, state="ready",
    )  # fmt: skip
    (checkup,) = examined(snapshot, data).checkups
    assert all(map(math.isfinite, checkup.ratios.values())) and 0 <= checkup.activity.flat <= 1
    alarms([checkup], history, len(data.vocabulary))


def _size(data: Dataset) -> int:
    return len(initialise(SMALL, len(data.vocabulary)).flat)


# ---------------------------------------------------------------- as the run goes on


def test_a_run_that_is_looked_at_now_and_then_is_examined_as_one_that_is_looked_at_once(train_few, few):
    training, slow = train_few(SMALL), Examination()
    for step in (0, 3, 50):
        snapshot = advanced(training, step)
        before = len(slow.checkups)
        complete = slow.update(snapshot, few(3), 0)
        assert len(slow.checkups) == before + 1, "one, however little time there is"
        checkpoints = [step for step, _ in snapshot.history.checkpoints]
        assert complete == (len(slow.checkups) == len(spaced(checkpoints)))
    while not slow.update(snapshot, few(3), 0):
        pass
    assert slow.checkups == examined(snapshot, few(3)).checkups and slow.due == len(slow.checkups)
    assert [checkup.step for checkup in slow.checkups] == [checkpoints[i] for i in spaced(checkpoints)]


@pytest.mark.parametrize("per_decade", [CHECKPOINTS_PER_DECADE, 11.3])
def test_of_many_checkpoints_every_second_is_examined_of_few_all_and_what_is_chosen_stays(per_decade):
    steps = [0]
    while steps[-1] < 1_000_000:
        steps.append(next_on_grid(steps[-1], per_decade))
    kept = [steps[i] for i in spaced(steps)]
    assert kept[:12] == steps[:12] and kept == sorted(set(kept))
    late = [step for step in kept if step >= 1_000]
    assert len(late) == pytest.approx(3 * min(25, per_decade), abs=2)
    for n in range(1, len(steps)):
        assert [steps[i] for i in spaced(steps[:n])] == [step for step in kept if step <= steps[n - 1]]


def test_another_run_is_examined_anew_and_a_run_that_went_back_only_from_there(train_few, few):
    snapshot = advanced(train_few(SMALL), 20)
    examination = examined(snapshot, few(3))
    whole = examination.checkups[:]
    shorter = dataclasses.replace(snapshot, history=snapshot.history.until(10))
    assert examination.update(shorter, few(3)) and examination.checkups == whole[:11]
    other = dataclasses.replace(advanced(train_few(SMALL.with_(seed=7)), 2), number=2)
    assert examination.update(other, few(3))
    assert [checkup.step for checkup in examination.checkups] == [0, 1, 2] and examination.checkups[0] != whole[0]


def test_a_knob_that_is_changed_where_the_run_stands_changes_the_next_update(train_few, few):
    training = train_few(SMALL)
    examination = Examination()
    examination.update(advanced(training, 10), few(3))
    before = examination.checkups[-1]
    training.run.set(learning_rate=1.0, batch_size=16)
    snapshot = training.snapshot()
    examination.update(snapshot, few(3))
    after = examination.checkups[-1]
    assert (after.step, after.norms) == (10, before.norms) and after.ratios["W1"] > before.ratios["W1"] + 0.5
    assert config_at(snapshot.history, 9) == SMALL
    assert config_at(snapshot.history, 10) == SMALL.with_(learning_rate=1.0, batch_size=16)


def test_examining_a_run_changes_nothing_of_it(train_few, few):
    alone, watched, examination = train_few(SMALL), train_few(SMALL), Examination()
    for step in range(0, 60, 3):
        examination.update(advanced(watched, step), few(3), 0.001)
        advanced(alone, step)
    assert watched.run.history.freeze() == alone.run.history.freeze()
    assert watched.run.parameters.freeze() == alone.run.parameters.freeze()


# ---------------------------------------------------------------- alarms


def said(snapshot: Snapshot, dataset: Dataset) -> dict[str, str]:
    checkups = examined(snapshot, dataset).checkups
    return {alarm.name: alarm.text for alarm in alarms(checkups, snapshot.history, len(snapshot.vocabulary))}


def test_plain_randn_begins_saturated_and_confidently_wrong(train, dataset):
    config = PRESETS["10-D to 2.17"]
    found = said(advanced(train(config), 0), dataset)
    assert found == {
        "first_loss": "The first loss was 26.80, but a uniform guess has 3.30: the first guesses were confident "
        "and wrong. Try the scaled initialisation.",
        "initialisation": "66 % of hidden activations were beyond 0.99 at the start: the initial W1 was too large. "
        "Try the scaled initialisation.",
    }
    assert said(advanced(train(config), 1_000), dataset) == found


def test_a_rate_that_is_far_too_high_tears_saturates_kills_and_does_not_learn(train, dataset):
    training = train(PRESETS["Too hot"])
    assert said(advanced(training, 0), dataset) == {}
    found = said(advanced(training, 10), dataset)
    assert found.keys() == {"not_learning", "saturated", "large_updates"}
    assert found["not_learning"].startswith("At step 10 the loss is ")
    assert found["not_learning"].endswith(": the learning rate 10 is too high; try 0.1.")
    assert found["large_updates"].endswith("% of its size; about 0.1 % is usual. The learning rate 10 is too high.")
    assert found["saturated"].startswith("99 % of hidden activations are beyond 0.99, 14 % were at the start:")
    found = said(advanced(training, 300), dataset)
    assert found.keys() >= {"not_learning", "saturated", "dead"}
    units = int(found["dead"].split()[0])
    assert found["dead"].startswith(f"{units} of 100 hidden units are dead") and units > 10
    training.run.set(learning_rate=0.01)  # what was done stays done, and by which rate
    found = said(advanced(training, 310), dataset)
    assert found["saturated"].endswith("A learning rate of 10 is too high.")
    assert "the learning rate 10 is too high; try 0.1" in found["not_learning"]


def test_a_rate_that_is_far_too_low_crawls(train, dataset):
    training = train(Config(learning_rate=0.001))
    assert said(advanced(training, 50), dataset) == {}, "too early to say"
    found = said(advanced(training, 300), dataset)
    assert found.keys() == {"small_updates"}
    assert found["small_updates"].endswith("The learning rate 0.001 is too low; try 0.01.")
    training.run.set(learning_rate=0.1)
    assert said(advanced(training, 500), dataset) == {}


def test_a_rate_that_is_lowered_at_the_end_is_no_alarm(train, dataset):
    training = train(Config())
    advanced(training, 500)
    training.run.set(learning_rate=0.0005)
    assert said(advanced(training, 2_000), dataset) == {}


def test_a_network_that_does_not_see_its_context_is_told_so(train, dataset):
    assert said(advanced(train(Config(n_hidden=0)), 200), dataset).keys() == {"blind"}
    assert said(advanced(train(Config(n_hidden=0, direct=True)), 200), dataset) == {}


@pytest.mark.parametrize("name", ["Lecture 2-D", "Wide 2-D", "Paper's direct connections"])
def test_healthy_runs_raise_no_alarm(train, datasets, name):
    training, examination = train(PRESETS[name]), Examination()
    dataset = datasets(PRESETS[name].block_size)
    for step in (0, 1, 10, 100, 1_000, 4_000):
        snapshot = advanced(training, step)
        examination.update(snapshot, dataset)
        assert alarms(examination.checkups, snapshot.history, 27) == [], f"at step {step}"


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("config", [Config(), Config(block_size=8, n_hidden=50), Config(n_embd=10, batch_size=512)])
def test_scaled_first_weights_raise_no_alarm_whatever_the_seed(train, datasets, config, seed):
    config = config.with_(seed=seed)
    assert said(advanced(train(config), 0), datasets(config.block_size)) == {}
