"""core/config.py: what a run may be, and what it says to everything else."""

import dataclasses
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import DECAYED, FULL, KNOB, KNOBS, PRESETS, Config, ConfigError, parameter_counts
from tests.support.configs import configs

NUMBERS = [knob.name for knob in KNOBS if knob.kind in (int, float)]
WHOLE = [knob.name for knob in KNOBS if knob.kind is int]
CHOICES = [knob.name for knob in KNOBS if knob.kind not in (int, float)]
WRONG_TYPES = [None, "", "7", "NaN", b"3", [], [3], {}, (3,), 3 + 0j, object()]


def refusal(name: str, value) -> str:
    """The one sentence with which Config refuses a value."""
    with pytest.raises(ConfigError) as caught:
        Config(**{name: value})
    said = str(caught.value)
    assert said.startswith(KNOB[name].label) and said.endswith(".")
    assert "\n" not in said and ". " not in said, "more than one sentence"
    return said


# ---------------------------------------------------------------- the table


def test_every_knob_has_a_label_and_a_sentence_of_help():
    for knob in KNOBS:
        assert knob.label and knob.label[0].isupper(), knob.name
        assert len(knob.help) > 20 and knob.help.endswith("."), knob.name
    assert len({knob.label for knob in KNOBS}) == len(KNOBS)
    assert [knob.name for knob in KNOBS] == [f.name for f in dataclasses.fields(Config)]


def test_every_default_and_every_stop_of_a_slider_is_allowed():
    for knob in KNOBS:
        for value in (knob.default, *knob.stops, *knob.options):
            assert knob.check(value) == value, knob.name
        if knob.kind in (int, float):
            assert knob.low <= knob.default <= knob.high
            assert knob.default in knob.stops or not knob.stops, f"the slider of {knob.name} cannot show its default"
            numbers = [stop for stop in knob.stops if stop != FULL]
            assert numbers == sorted(set(numbers))


def test_the_labels_are_exactly_those_the_page_was_asked_for():
    first = ["Context length", "Embedding dimensions", "Hidden units", "Learning rate", "Batch size"]
    more = {
        "Seed", "Steps", "Schedule", "Decay after", "Weight decay", "Initialisation", "Direct connections",
        "Optimiser", "Tied output weights",
    }  # fmt: skip
    assert [knob.label for knob in KNOBS if not knob.more] == first
    assert {knob.label for knob in KNOBS if knob.more} == more


def test_what_shapes_a_run_is_cold_and_what_steers_it_is_live():
    cold = {knob.name for knob in KNOBS if not knob.live}
    assert cold == {"block_size", "n_embd", "n_hidden", "seed", "init", "direct", "optimiser", "tied"}


def test_presets_are_valid_different_and_named():
    assert len(set(PRESETS.values())) == len(PRESETS)
    for name, preset in PRESETS.items():
        assert name.strip() and Config(**preset.to_dict()) == preset
    assert next(iter(PRESETS.values())) == Config(), "the first preset is the default run"


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf], ids=str)
@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_is_not_finite_is_refused(name, value):
    assert "must be a number" in refusal(name, value)


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("name", NUMBERS)
def test_a_bool_is_not_taken_for_a_number(name, value):
    assert "must be a number" in refusal(name, value)


@pytest.mark.parametrize("name", [knob.name for knob in KNOBS])
def test_a_value_of_a_wrong_type_is_refused(name):
    for value in WRONG_TYPES:
        refusal(name, value)


@pytest.mark.parametrize("name", CHOICES)
def test_only_the_options_of_a_choice_are_allowed(name):
    for value in (0, 1, 1.0, "Scaled", "cosine ", "true", math.nan):
        assert "must be one of" in refusal(name, value)


@given(st.sampled_from(NUMBERS), st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_taken_exactly_when_it_is_in_range(name, value):
    knob = KNOB[name]
    if knob.low <= value <= knob.high and (knob.kind is float or value == int(value)):
        taken = getattr(Config(**{name: value}), name)
        assert taken == value and type(taken) is knob.kind
    else:
        refusal(name, value)


@pytest.mark.parametrize("name", NUMBERS)
def test_both_ends_of_a_range_are_allowed_and_the_next_number_is_not(name):
    knob = KNOB[name]
    for end, outside in ((knob.low, -math.inf), (knob.high, math.inf)):
        assert getattr(Config(**{name: end}), name) == end
        beyond = end + math.copysign(1, outside) if knob.kind is int else math.nextafter(end, outside)
        assert "must be between" in refusal(name, beyond)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_whole_number_too_large_for_a_float_is_refused_like_any_other(name):
    for value in (10**400, -(10**400)):
        assert "must be between" in refusal(name, value)


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_number_may_be_written_as_a_float_but_not_with_a_fraction(name):
    taken = getattr(Config(**{name: 3.0}), name)
    assert taken == 3 and type(taken) is int
    assert "whole number" in refusal(name, 3.5)


def test_full_is_a_batch_size_and_nothing_else():
    assert Config(batch_size=FULL).batch_size == FULL
    for name in KNOB.keys() - {"batch_size"}:
        refusal(name, FULL)


def test_a_hyperparameter_that_does_not_exist_is_refused_by_name():
    with pytest.raises(ConfigError, match=r"^There is no hyperparameter called 'epochs'\.$"):
        Config().with_(epochs=3)


# ---------------------------------------------------------------- a config


@given(configs)
def test_a_config_survives_json(config):
    saved = config.to_dict()
    assert list(saved) == [knob.name for knob in KNOBS]
    assert Config(**json.loads(json.dumps(saved, allow_nan=False))) == config


def test_a_change_makes_another_config_and_leaves_the_first_as_it_was():
    first = Config()
    assert first.with_(n_hidden=300) == Config(n_hidden=300) and first == Config()
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.n_hidden = 300
    with pytest.raises(ConfigError):
        first.with_(n_hidden=-1)


# ---------------------------------------------------------------- the learning rate's schedules


@given(configs, st.integers(0, 10_000_000))
def test_a_constant_learning_rate_is_the_same_at_every_step(config, step):
    assert config.with_(schedule="constant").learning_rate_at(step) == config.learning_rate


@given(configs, st.integers(0, 200_000), st.integers(0, 40))
def test_the_rates_of_many_steps_are_those_of_each(config, start, n):
    assert config.learning_rates(start, start + n) == [config.learning_rate_at(start + i) for i in range(n)]


def test_the_step_schedule_falls_to_a_tenth_at_its_step_and_stays():
    config = Config(learning_rate=0.1, schedule="step", decay_at=100_000)  # the lecture's
    rates = [config.learning_rate_at(step) for step in (0, 1, 99_999, 100_000, 100_001, 9_999_999)]
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.01, 0.01, 0.01], rel=1e-12)


def test_the_cosine_schedule_glides_from_the_whole_rate_to_a_tenth():
    config = Config(learning_rate=0.2, schedule="cosine", decay_at=1000)
    # 0.1 + 0.9 (1 + cos(pi t)) / 2 at t = 0, 1/4, 1/2, 3/4, 1 and ever after
    root = math.sqrt(0.5)
    expected = [1, 0.55 + 0.45 * root, 0.55, 0.55 - 0.45 * root, 0.1, 0.1, 0.1]
    rates = [config.learning_rate_at(step) for step in (0, 250, 500, 750, 1000, 1001, 10_000_000)]
    assert rates == pytest.approx([0.2 * e for e in expected], rel=1e-12)


def test_the_papers_schedule_divides_by_what_grows_with_the_step_until_a_tenth():
    config = Config(learning_rate=0.9, schedule="paper", decay_at=900)
    rates = [config.learning_rate_at(step) for step in (0, 100, 300, 900, 10_000)]
    assert rates == pytest.approx([0.9, 0.45, 0.225, 0.09, 0.09], rel=1e-12)


@given(configs, st.integers(0, 10_000_000), st.integers(0, 10_000_000))
def test_no_schedule_ever_rises_or_leaves_its_tenth(config, one, other):
    early, late = (config.learning_rate_at(step) for step in sorted((one, other)))
    highest, lowest = config.learning_rate, DECAYED * config.learning_rate
    assert highest * (1 + 1e-12) >= early >= late >= lowest * (1 - 1e-12)


# ---------------------------------------------------------------- sizes


@pytest.mark.parametrize(
    ("n_embd", "n_hidden", "vocabulary_size", "total"),
    [  # DESIGN.md section 5
        (2, 100, 27, 3_481),
        (2, 300, 27, 10_281),
        (10, 200, 27, 11_897),
    ],
)
def test_the_lectures_networks_have_the_known_number_of_parameters(n_embd, n_hidden, vocabulary_size, total):
    config = Config(block_size=3, n_embd=n_embd, n_hidden=n_hidden)
    assert sum(parameter_counts(config, vocabulary_size).values()) == total


def test_a_word_model_with_17000_words_has_two_million_parameters():
    counts = parameter_counts(Config(block_size=3, n_embd=30, n_hidden=100), 17_000)
    assert sum(counts.values()) == 2_236_100  # DESIGN.md section 5
    assert list(counts) == ["C", "W1", "b1", "W2", "b2"]


def test_direct_connections_add_one_matrix_from_embeddings_to_logits():
    config = Config(block_size=4, n_embd=30, n_hidden=50)
    more = parameter_counts(config.with_(direct=True), 27)
    assert more == parameter_counts(config, 27) | {"Wd": 4 * 30 * 27}
