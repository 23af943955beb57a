"""core/keeping/library.py: damaged files are set aside, rows that make no sense left out, each with a sentence."""

import math
import pathlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.corpus import Corpus
from core.keeping.library import Library
from tests.support.runs_kept import library_of_two, steps, tables, tiny

WORDS = Corpus("some", tuple(f"word {i}" for i in range(5_000)))
OTHERS = Corpus("others", ("uno", "due"))


@pytest.fixture
def path(tmp_path) -> pathlib.Path:
    return library_of_two(tmp_path)


# ---------------------------------------------------------------- files


def set_aside(library: Library) -> pathlib.Path:
    """Where a damaged file went; the sentence must name it."""
    (aside,) = library.path.parent.glob("*.damaged-*[0-9]")
    assert (
        library.problem
        == f"The library of runs was damaged; it was renamed to {aside}, and a new, empty one was created."
    )
    return aside


def test_a_file_that_is_no_library_is_set_aside_and_a_fresh_one_begun(path):
    path.write_bytes(damaged := b"SQLite is not what this is. " * 99)
    library = Library(path)
    assert set_aside(library).read_bytes() == damaged
    library.save(tiny(3))
    assert steps(Library(path)) == {"run3": 4} and Library(path).problem is None


def test_damage_that_shows_while_it_is_open_is_set_aside_by_the_next_call(path):
    library = Library(path)
    library.close()  # its connection is opened anew by each of two calls below
    path.write_bytes(path.read_bytes()[:8192] + b"\xa5" * (path.stat().st_size - 8192))
    library.save(tiny(3))
    set_aside(library)
    assert steps(library) == {"run3": 4}


def test_the_log_of_a_damaged_file_is_set_aside_with_it_and_who_had_it_open_goes_on_in_the_fresh_one(path):
    had_it = Library(path)
    had_it.save(tiny(1, 9))  # in the log now, not yet in the file
    with path.open("r+b") as file:
        file.write(b"\xa5" * path.stat().st_size)
    library = Library(path)
    aside = set_aside(library)
    assert all(aside.with_name(aside.name + end).exists() for end in ("-wal", "-shm"))
    had_it.save(tiny(1, 12))
    assert steps(library) == {"run1": 12} and had_it.problem is None


@given(st.data())
def test_no_damage_of_any_kind_stops_anything(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "library.sqlite"
    library = Library(path)
    library.save(replace(tiny(1), training=True), "anna")
    library.keep_words(WORDS)
    library.close()
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        at, length = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.sampled_from([1, 16, 4096]))
        raw[at : at + length] = data.draw(st.binary(min_size=1, max_size=16)) * (length // 8 + 1)
    path.write_bytes(raw[: data.draw(st.just(len(raw)) | st.integers(0, len(raw)))])
    library = Library(path)
    for row in library.runs():
        library.load(row.id)
    found, _ = library.words(WORDS.digest), library.interrupted("anna")
    assert found is None or found.units == WORDS.units
    library.save(tiny(2))
    library.keep_words(OTHERS)
    assert steps(library)["run2"] == 4 and library.load("run2") == tiny(2)
    assert library.words(OTHERS.digest) == OTHERS
    library.close()


# ---------------------------------------------------------------- rows


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE runs SET about = '{' WHERE id = 'run1'", "UPDATE runs SET about = '[]' WHERE id = 'run1'",
        "UPDATE runs SET about = replace(about, 'n_hidden', 'hidden') WHERE id = 'run1'",
        "UPDATE runs SET about = x'ff00' WHERE id = 'run1'", "UPDATE runs SET created = 'soon' WHERE id = 'run1'",
        "UPDATE runs SET checkpoints = 'x' WHERE id = 'run1'", "UPDATE runs SET id = '../..' WHERE id = 'run1'",
    ],
)  # fmt: skip
def test_a_row_that_makes_no_sense_is_left_out_with_a_sentence(path, damage):
    with tables(path) as db:
        db.execute(damage)
    library = Library(path)
    assert steps(library) == {"run2": 4}
    assert library.problem == "1 of the runs in the library cannot be read any more and are left out."
    library.save(tiny(2, 9))
    library.save(tiny(3))
    assert steps(library) == {"run2": 9, "run3": 4}


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE runs SET past = '{}'", "UPDATE runs SET past = 'x'", "UPDATE runs SET parameters = x'00'",
        "UPDATE runs SET parameters = 'text'", "UPDATE checkpoints SET parameters = x'0000' WHERE step = 2",
        "DELETE FROM checkpoints WHERE step = 0", "UPDATE checkpoints SET step = 99 WHERE step = 2",
        "UPDATE checkpoints SET step = 'x' WHERE step = 2",
    ],
)  # fmt: skip
def test_a_run_whose_tensors_or_lists_make_no_sense_is_not_loaded_and_a_sentence_says_so(path, damage):
    with tables(path) as db:
        db.execute(damage)
    library = Library(path)
    assert library.load("run1") is None
    assert library.problem.startswith("A run or its words cannot be kept or read any more (")


def test_damaged_changes_do_not_keep_others_of_the_experiment_from_being_saved(path):
    with tables(path) as db:
        db.execute("UPDATE runs SET changes = '[3]' WHERE id = 'run1'")
    library = Library(path)
    library.save(tiny(1, 9))
    assert sorted(row.step for row in library.runs()) == [4, 4, 9] and library.problem is None


@pytest.mark.parametrize("damage", ["'{'", "'[]'", "x'ff00'", "replace(about, 'n_hidden', 'hidden')"])
def test_what_was_interrupted_and_makes_no_sense_is_not_offered(path, damage):
    Library(path).save(replace(tiny(3, 9), training=True), "anna")
    with tables(path) as db:
        db.execute(f"UPDATE interrupted SET about = {damage}")
    library = Library(path)
    assert library.interrupted("anna") is None and library.problem is None
    assert steps(library) == {"run1": 4, "run2": 4, "run3": 9}


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_run_with_a_loss_that_is_not_finite_is_not_kept(path, number):
    run, library = tiny(3), Library(path)
    (step, _, *more), *others = run.history.losses
    library.save(replace(run, history=replace(run.history, losses=((step, number, *more), *others))))
    assert library.problem and "run3" not in steps(Library(path))
