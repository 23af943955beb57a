"""core/keeping/library.py: a run that was in training when the server went is offered to its visitor, and to
nobody else.
"""

import dataclasses
import pathlib

import torch

from core.config import Config
from core.engine.run import Run
from core.engine.saved import SavedRun
from core.engine.snapshot import PAUSED, TRAINING
from core.keeping import store
from core.keeping.library import Library
from core.keeping.store import Row
from core.serving.training import untrained
from tests.support.runs_kept import forged, saved, steps
from tests.support.waiting import FakeClock

TINY = Config(n_hidden=2, block_size=1)
HOT = (6, "learning_rate", 0.3)
DAY = 86_400


def training(seed: int = 1, step: int = 4, changes=(), **more) -> SavedRun:
    return forged(TINY.with_(seed=seed), step, changes, training=True, **more)


def at_rest(run: SavedRun) -> SavedRun:
    return dataclasses.replace(run, training=False)


def offered(library: Library, *visitors: str) -> list[tuple[str, int] | None]:
    rows = [library.interrupted(visitor) for visitor in visitors]
    return [row and (row.id, row.step) for row in rows]


def test_a_saved_run_knows_whether_it_was_in_training(few):
    snapshot = untrained(TINY, few(1))
    for state in (TRAINING, PAUSED):
        kept = SavedRun.of(dataclasses.replace(snapshot, state=state), few(1))
        assert kept.training == (state == TRAINING)


def test_only_its_visitor_is_offered_a_run_that_was_in_training_with_all_that_lists_show(library):
    library.save(training(1, 8, [HOT], name="mine"), "anna")
    library.save(at_rest(training(2)), "ben")
    library.save(training(3), "")
    assert offered(library, "anna", "ben", "carl", "") == [("run1", 8), None, None, None]
    assert library.interrupted("anna") == next(row for row in library.runs() if row.id == "run1")


def test_it_is_offered_after_a_restart(tmp_path):
    Library(tmp_path / "library.sqlite").save(training(), "anna")
    assert offered(Library(tmp_path / "library.sqlite"), "anna", "ben") == [("run1", 4), None]


def test_a_run_that_has_come_to_rest_is_not_offered_even_if_it_took_no_further_step(library):
    library.save(training(), "anna")
    library.save(at_rest(training()), "anna")
    assert offered(library, "anna") == [None]
    library.save(training(step=6), "anna")
    library.save(at_rest(training(step=5, failure="Stopped after step 5.")), "anna")
    assert offered(library, "anna") == [None]


def test_what_somebody_else_does_with_the_same_run_does_not_settle_it(library):
    library.save(training(), "anna")
    library.save(at_rest(training(step=6)), "ben")
    assert offered(library, "anna", "ben") == [("run1", 4), None]


def test_of_several_the_newest_is_offered_until_it_is_settled(library):
    library.save(training(1), "anna")
    library.save(training(2), "anna")
    library.save(training(3), "ben")
    library.settle("nobody")
    assert offered(library, "anna", "ben") == [("run2", 4), ("run3", 4)]
    library.settle("anna")
    assert offered(library, "anna", "ben") == [None, ("run3", 4)]
    assert steps(library) == {"run1": 4, "run2": 4, "run3": 4}


def test_a_deleted_run_is_offered_again_with_undelete(library):
    library.save(training(), "anna")
    library.delete("run1")
    assert offered(library, "anna") == [None]
    library.save(training(step=9), "anna")
    assert offered(library, "anna") == [None]
    library.undelete("run1")
    assert offered(library, "anna") == [("run1", 4)]


def test_it_is_offered_for_a_week(tmp_path):
    library = Library(tmp_path / "library.sqlite", clock := FakeClock())
    library.save(training(1), "anna")
    for seed, days, there in ((2, 6.9, ("run1", 4)), (3, 0.2, None)):
        clock.now += days * DAY
        library.save(at_rest(training(seed)))
        assert offered(library, "anna") == [there]


def test_of_too_many_runs_those_that_are_in_training_go_after_the_others(library, monkeypatch):
    monkeypatch.setattr(store, "MAX_RUNS", 3)
    library.save(training(1), "anna")
    for seed in (2, 3, 4):
        library.save(at_rest(training(seed, name="named")))
    assert [row.id for row in library.runs()] == ["run4", "run3", "run1"]
    assert offered(library, "anna") == [("run1", 4)]


# ---------------------------------------------------------------- one experiment, many visitors


def continued(library: Library, row: Row, dataset) -> Run:
    """As a page goes on with it: like with a link."""
    past = library.past_of(row.config, row.changes, row.digest, row.step, row.paths)
    run = Run.resume(past.history, dataset, past.step, past.frozen)
    run.plan = [change for change in row.changes if change[0] >= past.step]
    run.advance(row.step - past.step)
    return run


def test_of_a_class_that_trains_the_same_run_everybody_is_offered_their_own(library, few):
    config, hot = Config(n_hidden=5), (30, "learning_rate", 0.5)
    for visitor, until in (("anna", 30), ("ben", 45), ("carl", 12)):
        run = Run(config, few(3))
        run.advance(until)
        library.save(saved(run, training=True), visitor)
        if visitor == "anna":
            anna = run
    assert sorted(row.step for row in library.runs()) == [12, 30, 45]
    assert [step for _, step in offered(library, "anna", "ben", "carl")] == [30, 45, 12]
    anna.set(learning_rate=0.5)
    anna.advance(30)
    library.save(saved(anna, training=True), "anna")
    assert sorted(row.step for row in library.runs()) == [12, 45, 60]
    for visitor, changes, step in (("anna", [hot], 60), ("ben", [], 45), ("carl", [], 12)):
        row = library.interrupted(visitor)
        went_on, never_stopped = continued(library, row, few(3)), Run(config, few(3), changes)
        never_stopped.advance(step)
        assert torch.equal(went_on.parameters.flat, never_stopped.parameters.flat)
        assert went_on.history.changes == never_stopped.history.changes and row.step == step


# ---------------------------------------------------------------- two servers, bad disks


def test_two_servers_with_one_file_know_of_the_same_interrupted_run_and_keep_one_run(tmp_path):
    path = tmp_path / "library.sqlite"
    first, second = Library(path), Library(path)
    first.save(training(), "anna")
    assert offered(second, "anna") == [("run1", 4)]
    for step, server in ((6, first), (9, second), (8, first)):  # gone on with in both
        server.save(training(step=step), "anna")
    assert steps(first) == steps(second) == {"run1": 9}
    second.save(at_rest(training(step=12)), "anna")
    assert offered(first, "anna") == [None]
    first.save(training(step=10), "anna")
    assert offered(second, "anna") == [("run1", 10)] and steps(second) == {"run1": 12}


def test_where_nothing_can_be_written_it_is_known_while_the_server_lives(tmp_path):
    (tmp_path / "file").write_text("not a directory")
    library = Library(pathlib.Path(tmp_path / "file" / "library.sqlite"))
    library.save(training(), "anna")
    assert offered(library, "anna", "ben") == [("run1", 4), None]
    library.settle("anna")
    assert offered(library, "anna") == [None] and "kept in memory" in library.problem


def test_what_waited_in_memory_for_the_disk_does_not_settle_what_goes_on(tmp_path):
    library = Library(tmp_path / "library.sqlite")
    library.save(training(), "anna")
    library._memory.save(training(step=6), "anna")  # as if the disk had been full
    library.save(training(step=8), "anna")
    assert offered(library, "anna") == [("run1", 8)] and steps(library) == {"run1": 8}
    library.close()
    assert offered(Library(library.path), "anna") == [("run1", 8)]
