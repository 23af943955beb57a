"""core/engine/history.py: the grid of remembered steps, its bounds, and what is saved."""

import json
import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import KNOB, WORD_PRESETS, Config, ConfigError, parameter_counts
from core.data.corpus import WORD, Corpus
from core.data.dataset import Dataset
from core.engine.history import (
    CHECKPOINTS_PER_DECADE,
    EVALUATIONS_PER_DECADE,
    FALLBACK,
    KERNEL,
    LOSSES_PER_DECADE,
    MAX_CHECKPOINT_BYTES,
    TORCH,
    VERSION,
    History,
    HistoryError,
    _steps,
    checkpoints_between,
    checkpoints_per_decade,
    next_on_grid,
    on_grid,
)
from core.engine.model import Parameters, Shape
from core.engine.run import Run

GRIDS = [LOSSES_PER_DECADE, CHECKPOINTS_PER_DECADE, EVALUATIONS_PER_DECADE, 4.59, 1, 0.5]
grids = st.sampled_from(GRIDS) | st.floats(0.2, 300)


def walk(per_decade: float, last: int) -> list[int]:
    """Every step on the grid up to `last`, by way of next_on_grid."""
    steps = [0]
    while (step := next_on_grid(steps[-1], per_decade)) <= last:
        steps.append(step)
    return steps


# ---------------------------------------------------------------- which steps are kept


@pytest.mark.parametrize("per_decade", GRIDS)
def test_asking_every_step_and_walking_from_one_to_the_next_agree(per_decade):
    assert walk(per_decade, 12_000) == [step for step in range(12_001) if on_grid(step, per_decade)]


@given(st.integers(0, 10_000_000), grids)
def test_the_next_step_on_the_grid_is_on_it_and_none_is_skipped(step, per_decade):
    following = next_on_grid(step, per_decade)
    assert following > step and on_grid(following, per_decade)
    between = range(step + 1, following)
    assert not any(on_grid(s, per_decade) for s in (*between[:500], *between[-500:]))


@pytest.mark.parametrize("per_decade", [LOSSES_PER_DECADE, CHECKPOINTS_PER_DECADE, EVALUATIONS_PER_DECADE])
def test_every_early_step_and_every_power_of_ten_is_kept(per_decade):
    early = int(per_decade / math.log(10))  # from here on a step is narrower than a cell
    kept = walk(per_decade, 10_000_000)
    assert kept[:early] == list(range(early))
    assert {10**e for e in range(8)} <= set(kept)


def test_a_million_steps_leave_at_most_1500_losses_and_300_checkpoints():
    assert 1_000 < len(walk(LOSSES_PER_DECADE, 1_000_000)) < 1_500
    assert 200 < len(walk(CHECKPOINTS_PER_DECADE, 1_000_000)) <= 300
    assert 50 < len(walk(EVALUATIONS_PER_DECADE, 1_000_000)) <= 150


def test_the_grids_of_a_thousand_networks_are_not_all_kept():
    for count in range(1_000):
        checkpoints_between(0, 100, 40_000 + 100 * count)
    assert _steps.cache_info().currsize < 300


def largest(vocabulary_size: int) -> int:
    """Parameters of the largest network that the knobs allow."""
    sizes = {name: KNOB[name].high for name in ("block_size", "n_embd", "n_hidden")}
    return sum(parameter_counts(Config(direct=True, **sizes), vocabulary_size).values())


@pytest.mark.parametrize("parameters", [1, 3_481, 11_897, 30_000, 100_000, largest(27), largest(257)])
def test_all_checkpoints_of_the_longest_run_fit_into_48_megabytes(parameters):
    kept = len(walk(checkpoints_per_decade(parameters), KNOB["steps"].high)) + 1  # and the step where it stops
    assert kept * 4 * parameters <= MAX_CHECKPOINT_BYTES
    assert kept >= 20, "too few to scrub through"


@pytest.mark.parametrize("name", WORD_PRESETS)
@pytest.mark.parametrize("words", [2_000, 17_000])
def test_a_run_on_words_remembers_at_most_48_megabytes(name, words):
    """Of every preset, over the longest run: the sums of squares are counted, too."""
    numbers = len(Parameters(Shape.of(WORD_PRESETS[name], words)).flat)
    kept = 1 + checkpoints_between(0, KNOB["steps"].high, numbers)
    assert kept >= 3 and kept * 4 * numbers <= MAX_CHECKPOINT_BYTES


def test_a_run_on_17_000_words_keeps_as_much_as_was_counted():
    text = Corpus("many", tuple(f"w{i} w{i + 1} ." for i in range(1, 16_998)), level=WORD, most=17_000)
    run = Run(WORD_PRESETS["Words"].with_(batch_size=4, n_hidden=5), Dataset.of_corpus(text, 3))
    run.advance(2)
    assert len(run.dataset.vocabulary) == 17_000 and run.step == 2
    sizes = [len(frozen) for _, frozen in run.history.checkpoints]
    assert len(sizes) == 2, "steps 0 and 1; about one in each factor of ten follows"
    assert {*sizes} == {4 * len(run.parameters.flat)} and sum(sizes) <= MAX_CHECKPOINT_BYTES


@pytest.mark.parametrize("parameters", [3_000_000, 3_000_001, 10_000_000, 1_000_000_000])
def test_of_a_network_however_large_the_first_two_and_the_last_parameters_are_kept(parameters):
    per_decade = checkpoints_per_decade(parameters)
    assert walk(per_decade, KNOB["steps"].high) == [0, 1, KNOB["steps"].high]
    assert checkpoints_between(0, KNOB["steps"].high, parameters) == 2 == checkpoints_between(0, 777, parameters)


def test_the_lectures_networks_keep_all_their_checkpoints():
    for parameters in (3_481, 10_281, 11_897):
        assert checkpoints_per_decade(parameters) == CHECKPOINTS_PER_DECADE


@given(st.integers(0, 3_000), st.integers(0, 3_000), st.sampled_from([1, 3_481, 11_897, largest(27), largest(257)]))
def test_checkpoints_between_two_steps_are_those_on_the_grid_and_the_end(step, end, parameters):
    per_decade = checkpoints_per_decade(parameters)
    between = [s for s in range(step + 1, end + 1) if on_grid(s, per_decade) or s == end]
    assert checkpoints_between(step, end, parameters) == len(between)


def test_a_run_of_ten_million_steps_has_as_many_checkpoints_as_a_walk_over_its_grid():
    kept = walk(CHECKPOINTS_PER_DECADE, 10_000_000)
    assert checkpoints_between(0, 10_000_000, 3_481) == len(kept) - 1 > 200


# ---------------------------------------------------------------- what is kept, and saved


@pytest.fixture
def history() -> History:
    history = History(Config().to_dict())
    for step in range(10):
        history.checkpoints.append((step, bytes([step, 255, 0, 128])))
        history.losses.append((step, 3.3 - step / 10, 0.1, 32))
    history.evaluations.append((0, 3.3, 3.31))
    history.changes.append((5, "batch_size", "full"))
    return history


@given(st.lists(st.binary(max_size=64), min_size=1))
def test_a_checkpoint_comes_back_byte_by_byte(frozen):
    history = History({}, checkpoints=list(enumerate(frozen)))
    back = History.from_dict(json.loads(json.dumps(history.to_dict())))
    assert back == history and [back.parameters_at(i) for i in range(len(frozen))] == frozen


def test_what_was_frozen_does_not_change_when_the_run_goes_on(history):
    frozen = history.freeze()
    before = frozen.to_json()
    history.losses.append((10, 1.0, 0.1, 32))
    history.evaluations.clear()
    history.checkpoints.append((10, b"more"))
    history.changes.append((10, "learning_rate", 1.0))
    history.config["seed"] = 7
    assert frozen.to_json() == before
    assert all(isinstance(part, tuple) for part in (frozen.losses, frozen.evaluations, frozen.checkpoints))


def test_a_history_is_plain_json_and_comes_back_equal(history, tmp_path):
    path = tmp_path / "run.json"
    path.write_text(history.to_json())
    loaded = History.load(path)
    assert loaded == history and loaded.to_json() == history.to_json()
    assert history.freeze().to_json() == history.to_json() and history.to_json().isascii()
    assert Config(**loaded.config) == Config()


def test_a_loss_that_is_not_a_number_is_never_saved(history):
    history.losses.append((10, math.nan, 0.1, 32))
    with pytest.raises(ValueError):
        history.to_json()


@given(st.integers(0, 12))
def test_what_was_known_on_arrival_at_a_step_is_all_before_and_no_change_made_there(step):
    history = History(Config().to_dict())
    for at in range(10):
        history.checkpoints.append((at, bytes([at])))
        history.losses.append((at, 3.0, 0.1, 32))  # of the update that leads from `at` to `at + 1`
        history.evaluations.append((at, 3.0, 3.1))
        history.changes.append((at, "learning_rate", 0.1 + at))
        history.clock.append((at, at / 2))
    until, before = history.until(step), history.to_json()
    last = min(step, 9)
    for part in ("evaluations", "checkpoints", "clock"):
        assert [at for at, *_ in getattr(until, part)] == list(range(last + 1))
    for part in ("losses", "changes"):
        assert [at for at, *_ in getattr(until, part)] == list(range(min(step, 10)))
    until.losses.append((99, 1.0, 0.1, 32))  # fresh lists
    until.config["seed"] = 7
    assert history.to_json() == before
    assert history.freeze().until(step) == history.until(step)


def test_the_config_now_is_the_first_one_after_all_changes():
    history = History(Config(seed=7).to_dict())
    assert history.config_now() == Config(seed=7)
    history.changes += [(0, "steps", 99), (3, "batch_size", "full"), (5, "steps", 100)]
    assert history.config_now() == Config(seed=7, batch_size="full", steps=100)
    history.changes.append((6, "batch_size", 5_000))
    with pytest.raises(ConfigError):
        history.config_now()


def test_the_clock_is_no_part_of_a_comparison():
    assert History({}, clock=[(0, 1.0)]) == History({}, clock=[(0, 2.0)]) != History({}, losses=[(0, 1.0, 0.1, 1)])


@given(st.integers(1, 60), st.integers(2, 70))
def test_thinning_keeps_the_first_and_the_last_and_spaces_the_others_evenly(n, keep):
    history = History({})
    for step in range(n):
        history.checkpoints.append((step, bytes([step])))
    steps = [step for step, _ in history.thinned(keep).checkpoints]
    assert len(steps) == min(n, keep) and (steps[0], steps[-1]) == (0, n - 1) and len(history.checkpoints) == n
    gaps = {b - a for a, b in pairwise(steps)}
    assert max(gaps, default=0) - min(gaps, default=0) <= 1


def test_thinning_keeps_all_the_rest(history):
    thin = history.thinned(3)
    assert len(thin.checkpoints) == 3
    for part in ("config", "losses", "evaluations", "changes", "paths"):
        assert getattr(thin, part) == getattr(history, part)


def test_a_file_of_version_2_took_torchs_path(tmp_path):
    old = json.loads(History({}, paths=[(0, KERNEL)]).to_json()) | {"version": 2}
    del old["paths"]
    (tmp_path / "run.json").write_text(json.dumps(old))
    assert History.load(tmp_path / "run.json").paths == [(0, TORCH)]


def test_a_path_is_kept_and_cut_where_the_history_is(tmp_path):
    history = History({}, paths=[(0, KERNEL), (30, FALLBACK)])
    (tmp_path / "run.json").write_text(history.to_json())
    assert History.load(tmp_path / "run.json").paths == history.paths
    assert (history.path, history.until(30).path, history.until(29).path) == (FALLBACK, FALLBACK, KERNEL)
    assert history.freeze().paths == tuple(history.paths)
    assert history != History({}, paths=[(0, KERNEL)])


BAD = {
    "nothing": b"",
    "not JSON": b"emma\nolivia\n",
    "binary": b"\xff\xfe\0\x01",
    "a list": b"[]",
    "a number": b"3",
    "another object": b'{"name": "emma"}',
    "no checkpoints": json.dumps({"version": 2, "config": {}, "losses": [], "evaluations": []}).encode(),
    "losses that are no rows": b'{"version": 2, "losses": [1, 2], "evaluations": [], "checkpoints": [], "changes": []}',
    "a checkpoint that is no base64": b'{"version": 2, "config": {}, "losses": [], "evaluations": [], "checkpoints": '
    b'[[0, "?"]], "changes": [], "clock": []}',
    "a later version": History({}).to_json().replace(f'"version": {VERSION}', '"version": 99').encode(),
    "version 3 without paths": History({}).to_json().replace('"paths"', '"roads"').encode(),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_is_no_saved_history_is_refused_by_name(case, tmp_path):
    path = tmp_path / "run.json"
    path.write_bytes(BAD[case])
    with pytest.raises(HistoryError, match=r"^run\.json (is not a saved history|was saved by version 99).*\.$"):
        History.load(path)


def test_a_file_that_is_missing_is_refused_by_name(tmp_path):
    with pytest.raises(HistoryError, match=r"^run\.json is not a saved history .*\.$"):
        History.load(tmp_path / "run.json")
