"""core/keeping/library.py: whose a run is."""

import dataclasses

from core.keeping import store
from core.keeping.library import Library
from tests.support.runs_kept import steps, tables, tiny


def own(library, visitor: str) -> list[int]:
    """How far this visitor's runs are, by their steps."""
    return sorted(steps(library)[id] for id in library.own(visitor))


def test_nobody_is_shown_a_step_of_somebody_elses_run_as_their_own(library):
    library.save(tiny(1, 40), "anna")
    library.save(dataclasses.replace(tiny(1, 8), id="ben1"), "ben")  # the same experiment, not as far
    assert [own(library, visitor) for visitor in ("anna", "ben", "carl", "")] == [[40], [8], [], []]
    library.save(dataclasses.replace(tiny(1, 60), id="ben1"), "ben")  # and further
    library.save(dataclasses.replace(tiny(1, 12), id="ben2"), "ben")  # once more from the beginning
    assert [own(library, visitor) for visitor in ("anna", "ben")] == [[40], [60]]
    assert library.load("run1") == tiny(1, 40) and library.load("ben1").step == 60


def test_a_run_of_another_that_was_only_opened_is_not_ones_own_until_it_goes_on(library):
    library.save(tiny(1, 40), "anna")
    library.save(tiny(1, 40), "ben")
    library.save(dataclasses.replace(tiny(1, 4), id="carl1"), "carl")
    library.save(tiny(1, 40), "carl")  # who trained its beginning before
    assert [own(library, visitor) for visitor in ("anna", "ben", "carl")] == [[40], [], [4]]
    for step in (44, 50):
        library.save(tiny(1, step), "ben")
    library.save(tiny(1, 46), "anna")
    assert [own(library, visitor) for visitor in ("anna", "ben")] == [[46], [50]]
    assert [row.writer for row in library.runs() if row.id in library.own("ben")] == ["run1"], "what he went on from"


def test_a_run_of_nobody_is_nobodys_after_somebody_trained_the_same(library):
    library.save(tiny(1, 40))
    library.save(dataclasses.replace(tiny(1, 8), id="ben1"), "ben")
    assert steps(library) == {"run1": 40, "ben1": 8} and library.own("ben") == {"ben1"}


def test_a_run_stays_its_visitors_while_the_disk_cannot_be_used(tmp_path):
    library = Library(tmp_path / "library.sqlite")
    library.save(tiny(1, 4), "anna")
    library._memory.save(tiny(1, 20), "anna")  # as if the disk had been full
    library._memory.save(dataclasses.replace(tiny(1, 30), id="ben1"), "ben")
    library.save(tiny(2), "carl")
    assert [own(library, visitor) for visitor in ("anna", "ben", "carl")] == [[20], [30], [4]]


def test_of_too_many_runs_the_oldest_of_whoever_has_most_goes_first(library, monkeypatch):
    monkeypatch.setattr(store, "MAX_RUNS", 4)
    library.save(tiny(1), "anna")
    for seed in (2, 3, 4, 5, 6):
        library.save(tiny(seed), "ben")
    library.save(tiny(7), "carl")
    owned = {visitor: sorted(library.own(visitor)) for visitor in ("anna", "ben", "carl")}
    assert owned == {"anna": ["run1"], "ben": ["run5", "run6"], "carl": ["run7"]}


def test_of_a_run_that_visitors_shared_in_an_older_library_nobody_knows_any_more_whose_it_is(tmp_path):
    library = Library(tmp_path / "library.sqlite")
    library.save(tiny(1), "anna")
    library.save(tiny(2), "anna")
    library.close()
    with tables(library.path) as db:
        db.execute("INSERT INTO owners VALUES ('run1', 'ben')")
        db.execute("PRAGMA user_version = 6")
    assert [own(Library(library.path), visitor) for visitor in ("anna", "ben")] == [[4], []]
    assert steps(library) == {"run1": 4, "run2": 4}
