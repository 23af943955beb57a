"""core/keeping/library.py: whose a run is."""

from core.keeping import store
from tests.support.runs_kept import tiny


def test_a_run_belongs_to_every_visitor_who_trained_it_and_to_nobody_else(library):
    library.save(tiny(1), "anna")
    library.save(tiny(1, 2), "ben")  # a part of it, again: nothing new is written
    library.save(tiny(2), "ben")
    library.save(tiny(3))
    owned = {visitor: library.own(visitor) for visitor in ("anna", "ben", "carl", "")}
    assert owned == {"anna": {"run1"}, "ben": {"run1", "run2"}, "carl": set(), "": set()}


def test_it_is_known_of_a_number_of_visitors_only(library, monkeypatch):
    monkeypatch.setattr(store, "MAX_OWNERS", 2)
    for visitor in ("anna", "ben", "carl", "carl"):
        library.save(tiny(), visitor)
    assert [bool(library.own(visitor)) for visitor in ("anna", "ben", "carl")] == [False, True, True]
