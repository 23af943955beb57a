"""core/keeping/database.py: files of an older version are brought up to date, and keep what they hold."""

import pathlib
import threading

import pytest

from core.keeping.library import Library
from tests.support.runs_kept import library_of_two, steps, tables, tiny

# What version 1 made of an empty file, to the letter.
VERSION_1 = """
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, writer TEXT NOT NULL, experiment TEXT NOT NULL, step INTEGER NOT NULL, changes TEXT NOT NULL,
    name TEXT NOT NULL, created REAL NOT NULL, deleted REAL, size INTEGER NOT NULL, checkpoints INTEGER NOT NULL,
    about TEXT NOT NULL, past TEXT NOT NULL, parameters BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS experiments ON runs (experiment);
CREATE TABLE IF NOT EXISTS checkpoints (
    run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, step INTEGER NOT NULL, parameters BLOB NOT NULL,
    PRIMARY KEY (run, step)
);
PRAGMA application_id = 1280594768; PRAGMA user_version = 1; PRAGMA journal_mode = WAL;
"""
COLUMNS = "id, writer, experiment, step, changes, name, created, deleted, size, checkpoints, about, past, parameters"


@pytest.fixture
def old(tmp_path) -> pathlib.Path:
    """A library of version 1 that holds two runs."""
    path = tmp_path / "old.sqlite"
    with tables(path) as db:
        db.executescript(VERSION_1)
        db.execute("ATTACH ? AS new", [str(library_of_two(tmp_path))])
        db.execute(f"INSERT INTO runs SELECT {COLUMNS} FROM new.runs")
        db.execute("INSERT INTO checkpoints SELECT * FROM new.checkpoints")
    return path


def version(path: pathlib.Path) -> tuple[int, set[str]]:
    with tables(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        digests = {digest for (digest,) in db.execute("SELECT digest FROM runs")}
        return db.execute("PRAGMA user_version").fetchone()[0], digests


def test_an_older_library_opens_and_keeps_its_runs(old):
    for _ in range(2):
        library = Library(old)
        assert steps(library) == {"run1": 4, "run2": 4} and library.problem is None
        assert library.load("run1") == tiny(1) and library.load("run2") == tiny(2)
        library.close()
        assert version(old) == (7, {tiny().digest})
    library = Library(old)
    library.save(tiny(1, 9))
    library.save(tiny(3), "somebody")
    assert steps(library) == {"run1": 9, "run2": 4, "run3": 4} and library.problem is None


def test_a_library_that_did_not_know_whose_a_run_is_learns_it(tmp_path):
    path = library_of_two(tmp_path)
    with tables(path) as db:
        db.execute("DROP TABLE owners")
        db.execute("PRAGMA user_version = 2")
    library = Library(path)
    assert library.own("anna") == set() and steps(library) == {"run1": 4, "run2": 4}
    library.save(tiny(3), "anna")
    assert library.own("anna") == {"run3"} and library.problem is None


@pytest.mark.parametrize("about", ["'{'", "'[]'", "'{\"digest\": {}}'", "x'ff00'", "3"])
def test_a_row_of_it_that_makes_no_sense_stops_nothing(old, about):
    with tables(old) as db:
        db.execute(f"UPDATE runs SET about = {about} WHERE id = 'run1'")
    library = Library(old)
    assert steps(library) == {"run2": 4} and library.load("run2") == tiny(2)
    assert library.problem == "1 of the runs in the library cannot be read any more and are left out."


def test_two_servers_may_open_it_at_once(old):
    libraries, together = [], threading.Barrier(4)

    def open_it() -> None:
        together.wait()
        libraries.append(Library(old))

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [library.problem for library in libraries] == [None] * 4
    assert [steps(library) for library in libraries] == [{"run1": 4, "run2": 4}] * 4
    assert version(old) == (7, {tiny().digest})


def test_an_older_server_that_has_it_open_goes_on_writing(old):
    with tables(old) as theirs:
        assert theirs.execute("SELECT COUNT(*) FROM runs").fetchone() == (2,)
        library = Library(old)
        values = theirs.execute(f"SELECT {COLUMNS} FROM runs WHERE id = 'run1'").fetchone()
        theirs.execute(f"INSERT INTO runs ({COLUMNS}) VALUES ({', '.join('?' * 13)})", ["run9", *values[1:]])
    assert steps(library) == {"run1": 4, "run2": 4, "run9": 4} and library.problem is None
