"""core/keeping/library.py: what is kept is there again, once, and nothing the library meets stops a client."""

import dataclasses
import pathlib
import sqlite3

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import Config
from core.engine.history import TORCH
from core.engine.run import Run
from core.engine.saved import SavedRun
from core.keeping import store
from core.keeping.library import VARIABLE, Library, default_path
from tests.support.runs_kept import forged, saved
from tests.support.waiting import FakeClock

TINY = Config(n_hidden=2, block_size=1)
HOT = (6, "learning_rate", 0.3)
DAY = 86_400


def tiny(seed: int = 1, step: int = 4, changes=(), **more) -> SavedRun:
    return forged(TINY.with_(seed=seed), step, changes, **more)


def same(one: SavedRun, other: SavedRun) -> bool:
    return one == other and one.history.clock == other.history.clock  # == leaves the clock out


def table(library: Library, query: str) -> list[tuple]:
    """What another program sees in the file."""
    db = sqlite3.connect(library.path)
    try:
        return db.execute(query).fetchall()
    finally:
        db.close()


@pytest.fixture
def path(tmp_path) -> pathlib.Path:
    return tmp_path / "data" / "library.sqlite"


@pytest.fixture(params=["disk", "memory"])
def library(request, path):
    library = Library(path if request.param == "disk" else None)
    yield library
    assert library.problem is None
    library.close()


# ---------------------------------------------------------------- keeping


def test_a_run_comes_back_to_the_bit_and_goes_on_from_there(library, few):
    run = Run(Config(n_hidden=5), few(3))
    run.advance(30)
    run.set(learning_rate=0.5)
    run.advance(10)
    library.save(kept := saved(run, test=run.evaluate("test"), created=1.7e9))
    back = library.load(run.id)
    assert same(back, kept)
    twin = Run.resume(back.history, few(3), back.step, back.frozen)
    for each in (run, twin):
        each.advance(20)
    assert torch.equal(twin.parameters.flat, run.parameters.flat)


def test_a_run_is_there_after_a_restart(path):
    for step in (4, 9, 30):
        library = Library(path)
        library.save(tiny(step=step))
        library.close()
    library = Library(path)
    assert same(library.load("run1"), tiny(step=30))
    assert library.problem is None


def test_rows_tell_of_runs_without_their_parameters_the_newest_first(library):
    library.save(tiny(1, 8, [HOT], test=2.5))
    library.save(tiny(2, name="mine", failure="Too hot.", exact=(3, 2.25, 2.5)))
    second, first = library.runs()
    assert dataclasses.asdict(first) == {
        "id": "run1", "writer": "run1", "name": "2-D · 2 hidden · seed 1 · context 1", "created": 1.7e9 + 1, "step": 8,
        "seconds": 1.0,
        "config": TINY.with_(seed=1).to_dict(), "changes": (HOT,), "exact": (8, 3 / 9, 3.1 / 9), "test": 2.5,
        "data": "names", "digest": tiny().digest, "failure": None, "paths": [(0, TORCH)], "most": None,
        "checkpoints": 5,
    }  # fmt: skip
    assert (second.id, second.name, second.failure, second.exact) == ("run2", "mine", "Too hot.", (3, 2.25, 2.5))


def test_a_run_without_a_date_gets_todays():
    library = Library(None, clock := FakeClock())
    library.save(tiny(created=0.0))
    clock.now += 50
    library.save(tiny(step=9, created=0.0))
    assert library.load("run1").created == library.runs()[0].created == 1000.0


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 12)), min_size=1, max_size=12))
def test_the_furthest_state_of_each_run_is_kept_whatever_the_order(saves):
    library, furthest = Library(None), {}
    for seed, step in saves:
        furthest[seed] = max(step, furthest.get(seed, 0))
        library.save(tiny(seed, step))
        assert {row.id: row.step for row in library.runs()} == {f"run{s}": step for s, step in furthest.items()}
    for seed, step in furthest.items():
        assert same(library.load(f"run{seed}"), tiny(seed, step))
    assert library.problem is None


def test_a_save_during_training_writes_only_the_checkpoints_that_are_new(path):
    library = Library(path)
    query = "SELECT rowid, step, parameters FROM checkpoints"
    library.save(tiny(step=40))
    before = table(library, query)
    library.save(tiny(step=60))
    after = table(library, query)
    assert set(before) <= set(after) and len(before) == 21 and len(after) == 31


def test_a_run_that_failed_takes_back_the_checkpoints_after_its_last_finite_step(library):
    library.save(tiny(step=20))
    library.save(tiny(step=15, failure="Stopped after step 15."))
    assert same(library.load("run1"), tiny(step=15, failure="Stopped after step 15."))


def test_what_is_not_there_is_none_and_naming_or_deleting_it_does_nothing(library):
    library.rename("nobody", "x")
    library.delete("nobody")
    library.undelete("nobody")
    assert library.load("nobody") is None and library.runs() == []


# ---------------------------------------------------------------- names, deleting


def test_a_name_is_kept_while_the_run_goes_on_and_an_empty_one_brings_the_default_back(library):
    library.save(tiny())
    library.rename("run1", " My\x00 \u202e run\n" + "x" * 99)
    library.save(tiny(step=9))
    assert library.runs()[0].name == library.load("run1").name == "My run " + "x" * 73
    library.rename("run1", " \n")
    assert library.runs()[0].name == "2-D · 2 hidden · seed 1 · context 1" and library.load("run1").name == ""


def test_a_deleted_run_stays_so_while_it_goes_on_and_comes_back_with_undelete(library):
    library.save(tiny())
    library.delete("run1")
    library.save(tiny(step=9))
    assert library.runs() == [] and library.load("run1") is None
    library.undelete("run1")
    assert same(library.load("run1"), tiny())
    library.save(tiny(step=9))
    assert library.runs()[0].step == 9


def test_a_deleted_run_can_be_made_anew(library):
    library.save(tiny())
    library.delete("run1")
    library.save(tiny(step=2, id="again"))
    assert [row.id for row in library.runs()] == ["again"]


def test_a_deleted_run_is_gone_for_good_after_a_day(path):
    library = Library(path, clock := FakeClock())
    library.save(tiny(1))
    library.delete("run1")
    clock.now += DAY - 1
    library.save(tiny(2))
    assert table(library, "SELECT COUNT(*) FROM runs") == [(2,)]
    clock.now += 2
    library.save(tiny(3))
    assert table(library, "SELECT DISTINCT run FROM checkpoints ORDER BY run") == [("run2",), ("run3",)]
    assert table(library, "SELECT id FROM runs ORDER BY id") == [("run2",), ("run3",)]


# ---------------------------------------------------------------- the same experiment, once


def test_the_same_run_again_adds_nothing_until_it_is_further_and_keeps_id_name_and_date(library):
    library.save(tiny(step=10, created=5.0, name="mine"))
    library.save(tiny(step=6, id="again"))
    assert library.load("again") is None and library.runs()[0].step == 10
    library.save(further := tiny(step=12, id="again"))
    (row,) = library.runs()
    assert (row.id, row.name, row.created, row.step) == ("run1", "mine", 5.0, 12)
    assert same(library.load("run1"), dataclasses.replace(further, id="run1", name="mine", created=5.0))


def test_what_another_machine_made_of_the_same_experiment_is_taken_whole(library):
    library.save(tiny())
    theirs = tiny(step=8, id="theirs")
    checkpoints = tuple(zip((0, 2, 4, 6, 8), (at for _, at in reversed(theirs.history.checkpoints))))
    theirs = dataclasses.replace(theirs, history=dataclasses.replace(theirs.history, checkpoints=checkpoints))
    library.save(theirs)
    assert library.load("run1").history.checkpoints == checkpoints


def test_a_run_that_is_changed_on_the_way_goes_on_in_its_row_and_the_unchanged_one_is_another(library):
    library.save(tiny(step=6))
    library.save(tiny(step=8, changes=[HOT]))
    library.save(tiny(step=8, id="again"))
    assert {row.id: row.changes for row in library.runs()} == {"run1": (HOT,), "again": ()}


def test_an_id_that_is_taken_by_a_run_that_went_another_way_is_not_written_over(library):
    library.save(tiny(1))
    library.save(tiny(2, id="run1"))
    first, second = sorted(library.runs(), key=lambda row: row.config.seed)
    assert (first.id, first.config.seed, second.config.seed) == ("run1", 1, 2) and second.id != "run1"
    assert same(library.load("run1"), tiny(1))


@pytest.mark.parametrize(
    ("changes", "until"),
    [
        ([(30, "learning_rate", 0.5)], 60),
        ([(30, "learning_rate", 0.5), (45, "batch_size", 8)], 44),  # the checkpoint before
        ([(30, "learning_rate", 0.5), (70, "batch_size", 8)], 60),
        ([(10, "batch_size", 8)], 10),
        ([], 29),
    ],
)
def test_an_experiment_goes_on_from_what_the_library_has_of_it_to_the_same_bits(library, few, changes, until):
    config = Config(n_hidden=5)
    run = Run(config, few(3), [(30, "learning_rate", 0.5)])
    run.advance(60)
    library.save(saved(run))
    library.save(tiny())
    aim = config.with_(steps=80)
    past = library.past_of(aim, changes, few(3).digest, 80, run.history.paths)
    assert past.step == until and past.id != run.id
    went_on = Run.resume(past.history, few(3), past.step, past.frozen)
    went_on.plan = [change for change in changes if change[0] >= until]
    afresh = Run(aim, few(3), changes)
    for each in (went_on, afresh):
        each.advance(80 - each.step)
    assert torch.equal(went_on.parameters.flat, afresh.parameters.flat)
    assert went_on.history.config == afresh.history.config and went_on.history.changes == afresh.history.changes
    assert library.past_of(aim.with_(seed=1), changes, few(3).digest, 80, run.history.paths) is None
    assert library.past_of(aim, changes, "0" * 64, 80, run.history.paths) is None
    assert library.past_of(aim, changes, few(3).digest, 80, [(0, TORCH)]) is None


# ---------------------------------------------------------------- bounds


def test_of_too_many_runs_the_oldest_without_a_name_go_first(library, monkeypatch):
    monkeypatch.setattr(store, "MAX_RUNS", 3)
    for seed in (1, 2, 3):
        library.save(tiny(seed))
    library.rename("run1", "stays")
    library.save(tiny(4))
    assert [row.id for row in library.runs()] == ["run4", "run3", "run1"]
    library.delete("run4")
    library.save(tiny(5))
    assert [row.id for row in library.runs()] == ["run5", "run3", "run1"]
    library.undelete("run4")
    assert len(library.runs()) == 3, "the deleted one went before any other"


def test_of_too_many_bytes_too_but_never_the_run_that_is_being_saved(library, monkeypatch):
    library.save(tiny(1))
    library.save(tiny(2))
    for limit in ("MAX_BYTES", "MAX_BYTES_IN_MEMORY"):
        monkeypatch.setattr(store, limit, 1)
    library.save(tiny(1, step=9))
    assert [row.id for row in library.runs()] == ["run1"]
    assert same(library.load("run1"), tiny(1, step=9))


def test_the_lectures_network_over_fifty_thousand_steps_takes_less_than_three_million_bytes(path):
    library = Library(path)
    library.save(forged(Config(), 2 * 189))  # so many checkpoints the grid keeps, tests/engine/test_history.py
    library.close()
    assert 2_000_000 < path.stat().st_size < 3_200_000


# ---------------------------------------------------------------- where it lies


def test_the_environment_says_where_it_lies_or_that_there_is_none(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert default_path().name == "library.sqlite" and "letterspace" in default_path().parts
    for off in ("off", " OFF "):
        monkeypatch.setenv(VARIABLE, off)
        assert default_path() is None
    monkeypatch.setenv(VARIABLE, "~/runs.sqlite")
    assert default_path() == pathlib.Path.home() / "runs.sqlite"
