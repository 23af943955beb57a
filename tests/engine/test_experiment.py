"""core/engine/experiment.py: what counts as one experiment, and that no run's progress is ever written over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import KNOB, KNOBS, PRESETS, WORD_PRESETS, Config
from core.engine.experiment import (
    ADDED_LATER,
    NAME_PARTS,
    Past,
    default_name,
    identity,
    live_changes,
    row_for,
    shared_steps,
    told_apart,
)
from core.engine.history import History
from core.messages import speaking

HOT, COLD = (500, "learning_rate", 0.3), (900, "learning_rate", 0.01)


def row(id: str, step: int, *changes, writer: str = "", deleted: bool = False) -> Past:
    return Past(id, writer or id, step, changes, deleted)


# ---------------------------------------------------------------- names


def test_runs_side_by_side_are_told_apart_by_the_knobs_in_which_they_differ():
    assert told_apart([Config(), Config(learning_rate=10)]) == ["rate 0.1", "rate 10"]
    assert told_apart([Config(direct=True), Config(batch_size=8)]) == ["batch 32 · direct", "batch 8 · not direct"]
    assert told_apart([Config(seed=1), Config(seed=2)]) == ["", ""]


def test_a_default_name_is_in_the_visitors_language():
    config = Config(schedule="step", init="lecture", direct=True)
    with speaking("de"):
        named = default_name(config)
    assert named == "2-D · 100 verborgen · Seed 42 · Verlauf Stufe · Initialisierung Vorlesung · direkt"


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (Config(), "2-D · 100 hidden · seed 42"),
        (Config(learning_rate=0.3, steps=9), "2-D · 100 hidden · seed 42 · rate 0.3"),
        (PRESETS["10-D to 2.17"], "10-D · 200 hidden · seed 42 · step schedule · lecture init"),
        (PRESETS["Paper's direct connections"],
         "30-D · 50 hidden · seed 42 · context 4 · weight decay 0.0001 · direct"),
        (Config(batch_size="full", schedule="cosine", decay_at=2_000),
         "2-D · 100 hidden · seed 42 · batch full · cosine schedule · decay after 2,000"),
    ],
)  # fmt: skip
def test_a_default_name_tells_what_differs_from_the_defaults(config, name):
    assert default_name(config) == name == default_name(config, "names")
    assert default_name(config, "russian") == f"{name} · russian"


def test_every_knob_but_where_it_stops_can_be_told_from_the_name():
    assert {*NAME_PARTS, "n_embd", "n_hidden", "seed", "steps"} == {knob.name for knob in KNOBS}


# ---------------------------------------------------------------- identity


def test_runs_of_one_config_and_one_word_list_are_one_experiment_wherever_they_stop():
    first = identity(History(Config().to_dict()), "a")
    assert first == identity(History(Config(steps=7).to_dict(), changes=[(3, "learning_rate", 9.0)]), "a")
    assert first != identity(History(Config().to_dict()), "b")
    others = {identity(History(Config(**{k.name: other(k.name)}).to_dict()), "a") for k in KNOBS if k.name != "steps"}
    assert len(others | {first}) == len(KNOBS)


def other(name: str):
    """A value that is not the default."""
    knob = KNOB[name]
    values = (True,) if knob.kind is bool else (*knob.options, *knob.stops, 7)
    return next(value for value in values if value != knob.default)


def test_knobs_that_came_later_leave_runs_of_before_the_same_experiment():
    before = {name: value for name, value in Config().to_dict().items() if name not in ADDED_LATER}
    assert identity(History(before), "a") == identity(History(Config().to_dict()), "a")
    assert identity(History(before), "a") != identity(History(Config(tied=True).to_dict()), "a")


def test_of_the_live_changes_count_the_last_of_a_knob_at_a_step_and_none_of_steps():
    changes = [(3, "learning_rate", 0.2), (3, "steps", 9), (3, "learning_rate", 0.3), (5, "learning_rate", 0.2)]
    made = live_changes(changes)
    assert made == ((3, "learning_rate", 0.3), (5, "learning_rate", 0.2))


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ((), (), 800), ((HOT,), (HOT,), 800), ((HOT,), (), 500), ((HOT,), ((500, "learning_rate", 0.2),), 500),
        ((HOT, COLD), (HOT,), 800), ((HOT,), ((100, "batch_size", 8), HOT), 100),
    ],
)  # fmt: skip
def test_two_runs_went_through_the_same_until_the_first_change_that_only_one_has(one, other, shared):
    assert shared_steps(row("a", 1_000, *one), row("b", 800, *other)) == shared
    assert shared_steps(row("b", 800, *other), row("a", 1_000, *one)) == shared


# ---------------------------------------------------------------- place


def test_a_run_goes_on_in_its_own_row_through_live_changes():
    assert row_for(row("a", 600, HOT), [row("a", 400)]) == "a"
    assert row_for(row("a", 400), [row("a", 400)]) == "a"


def test_reset_and_train_again_adds_nothing_until_it_is_further_and_then_goes_on_in_that_row():
    kept = [row("a", 1_000)]
    assert row_for(row("b", 10), kept) is None
    assert row_for(row("b", 1_000), kept) == "a"
    assert row_for(row("b", 1_001), kept) == "a"


def test_a_link_with_a_change_opened_again_leaves_no_stub_from_before_the_change():
    kept = [row("a", 1_000, HOT)]
    assert row_for(row("b", 490), kept) is None
    assert row_for(row("b", 700, HOT), kept) is None
    assert row_for(row("b", 1_200, HOT), kept) == "a"


def test_a_run_changed_otherwise_is_a_row_of_its_own_and_stays_so():
    kept = [row("a", 1_000)]
    assert row_for(row("b", 600, HOT), kept) == ""
    assert row_for(row("b", 700, HOT), [*kept, row("b", 600, HOT)]) == "b"


def test_a_fork_from_the_last_step_is_new_once_it_has_taken_a_step():
    kept = [row("a", 500)]
    assert row_for(row("b", 500, HOT), kept) is None
    assert row_for(row("b", 501, HOT), kept) == ""


def test_a_run_never_writes_over_what_another_added_to_its_row():
    kept = [row("a", 5_000, writer="b")]
    assert row_for(row("a", 600, HOT), kept) == ""
    assert row_for(row("a", 600), kept) is None
    assert row_for(row("a", 5_001), kept) == "a"
    assert row_for(row("b", 6_000, (5_500, "learning_rate", 0.2)), kept) == "a"


def test_an_older_copy_of_a_run_changes_nothing_and_one_that_went_another_way_is_new():
    kept = [row("a", 1_000, HOT)]
    assert row_for(row("a", 700, HOT), kept) is None
    assert row_for(row("a", 2_000), kept) == ""


def test_a_failed_run_says_so_in_its_row_though_it_stands_a_little_before():
    kept = [row("a", 1_000)]
    assert row_for(row("a", 990), kept, failed=True) == "a"
    assert row_for(row("b", 990), kept, failed=True) is None


def test_a_deleted_run_stays_deleted_while_it_goes_on_and_can_be_made_anew():
    kept = [row("a", 1_000, writer="b", deleted=True)]
    assert row_for(row("a", 2_000), kept) is None
    assert row_for(row("b", 2_000), kept) is None
    assert row_for(row("c", 10), kept) == ""


# (which run, steps it takes before the next save, the rate it is then given or 0 for none)
events = st.tuples(st.sampled_from("abcd"), st.integers(0, 3), st.sampled_from([0, 0, 0, 0.2, 0.3]))


def kept_after(events) -> list[Past]:
    """The rows after runs "a" to "d" took steps and were saved in this order; asserts that nothing saved is lost."""
    runs, rows, seen = {}, {}, []
    for id, steps, rate in events:
        run = runs.get(id, Past(id, id, 0, ()))
        run = runs[id] = run._replace(step=run.step + steps)
        at = row_for(run, list(rows.values()))
        if at is not None:
            at = at or (id if id not in rows else f"{id}'{len(rows)}")
            rows[at] = run._replace(id=at)
        seen.append(run)
        assert all(any(old.is_prefix_of(kept) for kept in rows.values()) for old in seen)
        if rate:
            runs[id] = run._replace(changes=(*run.changes_before(run.step), (run.step, "learning_rate", rate)))
    return list(rows.values())


@given(st.lists(events, max_size=40))
def test_whatever_was_saved_is_in_a_row_for_ever_after(events):
    kept_after(events)


@given(st.lists(events, max_size=40))
def test_runs_made_one_after_another_leave_nothing_twice(events):
    kept = kept_after(sorted(events, key=lambda event: event[0]))
    same = [(a, b) for a in kept for b in kept if a is not b and a.is_prefix_of(b) and a.changes == b.changes]
    assert same == []


def test_a_run_on_words_is_called_by_what_differs_from_the_preset_words():
    usual = WORD_PRESETS["Words"]
    assert default_name(usual, "story", 2_000) == "30-D · 100 hidden · seed 42 · story · 2,000 words"
    other = default_name(usual.with_(tied=False, batch_size=32), "story", 500)
    assert other == "30-D · 100 hidden · seed 42 · batch 32 · not tied · story · 500 words"
