"""The one table of knobs, and what a Config accepts."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.config import FULL, KNOB, KNOBS, PRESETS, SPEEDS, Config, ConfigError, parameter_counts

NUMBERS = [knob for knob in KNOBS if knob.kind in (int, float)]
CHOICES = [knob for knob in KNOBS if knob.options or knob.kind is bool]
NAN, INF = math.nan, math.inf


def named(knob):
    return knob.name


def test_every_field_is_a_knob_with_a_label_a_help_and_its_default():
    assert [knob.name for knob in KNOBS] == list(Config.__dataclass_fields__)
    assert len({knob.label for knob in KNOBS}) == len(KNOBS)
    for knob in KNOBS:
        assert knob.label and knob.help.endswith(".")
        assert knob.default == getattr(Config(), knob.name)
        assert knob.check(knob.default) == knob.default


def test_the_labels_the_issue_asks_for_are_exactly_these():
    always = ["Context length", "Embedding dimensions", "Hidden units", "Learning rate", "Batch size"]
    more = ["Seed", "Steps", "Schedule", "Decay after", "Weight decay", "Initialisation", "Direct connections"]
    assert [knob.label for knob in KNOBS if not knob.more] == always
    assert {knob.label for knob in KNOBS if knob.more} == set(more)


def test_only_knobs_that_need_no_new_weights_are_live():
    live = {knob.name for knob in KNOBS if knob.live}
    assert live == {"learning_rate", "batch_size", "steps", "schedule", "decay_at", "weight_decay"}


@pytest.mark.parametrize("knob", NUMBERS, ids=named)
def test_every_stop_of_a_slider_is_valid_and_in_order(knob):
    numbers = [stop for stop in knob.stops if stop != FULL]
    assert numbers == sorted(set(numbers))
    assert [knob.check(stop) for stop in knob.stops] == list(knob.stops)
    assert knob.default in knob.stops or knob.name == "seed"


@pytest.mark.parametrize("knob", NUMBERS, ids=named)
def test_the_ends_of_a_range_are_valid_and_what_lies_beyond_is_not(knob):
    assert knob.check(knob.low) == knob.low and knob.check(knob.high) == knob.high
    for beyond in (knob.low - 1, knob.high + 1, -(10**400), 10**400):
        with pytest.raises(ConfigError, match=f"^{knob.label} must be between .*\\.$"):
            knob.check(beyond)


@pytest.mark.parametrize("knob", NUMBERS, ids=named)
@pytest.mark.parametrize("bad", [NAN, INF, -INF, True, False, None, "3", "", [3], 1j, b"3"], ids=repr)
def test_a_number_is_never_nan_infinite_a_bool_or_a_text(knob, bad):
    with pytest.raises(ConfigError, match=f"^{knob.label} must be a number, not .*\\.$"):
        knob.check(bad)


@pytest.mark.parametrize("knob", CHOICES, ids=named)
@pytest.mark.parametrize("bad", [NAN, 1, 0, None, "", "constant ", "True", "SCALED", 1.0], ids=repr)
def test_a_choice_is_one_of_its_options_and_nothing_that_only_equals_one(knob, bad):
    with pytest.raises(ConfigError, match=f"^{knob.label} must be one of .*\\.$"):
        knob.check(bad)


anything = st.one_of(
    st.floats(), st.integers(), st.booleans(), st.text(max_size=8), st.none(), st.sampled_from([FULL, "scaled", "step"])
)


@given(st.sampled_from(KNOBS), anything)
@example(KNOB["learning_rate"], 1e-7)
@example(KNOB["batch_size"], 4097)
@example(KNOB["n_hidden"], 10.5)
def test_whatever_is_accepted_is_finite_in_range_and_of_the_knobs_type(knob, value):
    try:
        kept = getattr(Config(**{knob.name: value}), knob.name)
    except ConfigError as error:
        assert str(error).startswith(knob.label) and str(error).endswith(".") and "\n" not in str(error).strip()
        return
    if knob.name == "batch_size" and kept == FULL:
        return
    assert type(kept) is knob.kind
    assert kept == value
    if knob.options:
        assert kept in knob.options
    elif knob.kind is not bool:
        assert math.isfinite(kept) and knob.low <= kept <= knob.high


def test_a_whole_number_may_be_written_as_a_float_but_a_fraction_may_not():
    config = Config(n_hidden=50.0, learning_rate=1)
    assert type(config.n_hidden) is int and type(config.learning_rate) is float
    with pytest.raises(ConfigError, match=r"^Hidden units must be a whole number, not 50\.5\.$"):
        Config(n_hidden=50.5)


def test_full_is_a_batch_size_and_nothing_else():
    assert Config(batch_size=FULL).batch_size == FULL
    for knob in NUMBERS:
        if knob.name != "batch_size":
            with pytest.raises(ConfigError):
                knob.check(FULL)


def test_a_config_is_frozen_hashable_and_equal_by_value():
    assert Config(seed=7) == Config(seed=7) and hash(Config(seed=7)) == hash(Config(seed=7))
    assert Config(seed=7) != Config(seed=8)
    with pytest.raises(AttributeError):
        Config().seed = 7


def test_with_changes_what_is_named_and_refuses_what_does_not_exist():
    assert Config().with_(seed=7) == Config(seed=7)
    with pytest.raises(ConfigError, match=r"^There is no hyperparameter called 'n_hiden'\.$"):
        Config().with_(n_hiden=7)
    with pytest.raises(ConfigError):
        Config().with_(learning_rate=NAN)


@pytest.mark.parametrize("config", PRESETS.values(), ids=PRESETS.keys())
def test_a_preset_survives_the_trip_through_a_dict(config):
    assert Config(**config.to_dict()) == config


def test_the_presets_are_those_the_issue_names():
    wanted = ["Lecture 2-D", "Wide 2-D", "10-D to 2.17", "Too hot", "Paper's direct connections"]
    assert list(PRESETS) == wanted
    ten = PRESETS["10-D to 2.17"]
    assert (ten.n_embd, ten.n_hidden, ten.init, ten.decay_at, ten.steps) == (10, 200, "lecture", 100_000, 200_000)
    assert PRESETS["Too hot"].learning_rate == 10 and PRESETS["Paper's direct connections"].direct
    assert list(SPEEDS) == ["slow", "x10", "x100", "max", "auto"]


@pytest.mark.parametrize(
    ("n_embd", "n_hidden", "count"),
    [(2, 100, 3_481), (2, 300, 10_281), (10, 200, 11_897)],  # DESIGN.md section 5
)
def test_the_parameters_are_as_many_as_counted_by_hand(n_embd, n_hidden, count):
    assert sum(parameter_counts(Config(n_embd=n_embd, n_hidden=n_hidden), 27).values()) == count


def test_the_word_models_parameters_are_as_many_as_counted_by_hand():
    # DESIGN.md section 5: V = 17,000, 30 dimensions, 100 hidden, block size 3
    assert sum(parameter_counts(Config(n_embd=30, n_hidden=100), 17_000).values()) == 2_236_100


# ---------------------------------------------------------------- learning rate


def test_a_constant_rate_stays():
    config = Config(learning_rate=0.3, decay_at=1_000)
    assert {config.learning_rate_at(step) for step in (0, 999, 1_000, 10**7)} == {0.3}


def test_the_step_schedule_is_the_lectures_a_tenth_from_its_step_on():
    config = Config(learning_rate=0.1, schedule="step", decay_at=100_000)
    assert [config.learning_rate_at(step) for step in (0, 99_999)] == [0.1, 0.1]
    assert [config.learning_rate_at(step) for step in (100_000, 10**7)] == pytest.approx([0.01, 0.01], rel=1e-15)


def test_the_cosine_glides_from_the_rate_to_a_tenth_and_stays_there():
    config = Config(learning_rate=1.0, schedule="cosine", decay_at=1_000)
    rates = [config.learning_rate_at(step) for step in range(1_001)]
    assert rates == sorted(rates, reverse=True) and len(set(rates)) == 1_001
    assert [rates[0], rates[500], rates[1_000]] == pytest.approx([1.0, 0.55, 0.1])
    assert rates[250] == pytest.approx(0.1 + 0.9 * (1 + math.sqrt(0.5)) / 2)
    assert config.learning_rate_at(10**7) == rates[-1]
