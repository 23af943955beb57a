"""core/keeping/library.py on disks that are full, locked or read-only, with many at once, and in processes
that are killed.
"""

import os
import pathlib
import random
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.config import Config
from core.data.corpus import Corpus
from core.keeping import database
from core.keeping.library import Library
from tests.support.processes import Piped, piped
from tests.support.runs_kept import forged, library_of_two, steps, tables, tiny
from tests.support.write_until_killed import run_of

IN_MEMORY = "runs are kept in memory and are lost when the server stops"
TRIALS = 50


@pytest.fixture
def path(tmp_path) -> pathlib.Path:
    return library_of_two(tmp_path)


# ---------------------------------------------------------------- many at once


def test_threads_and_processes_share_one_library(path):
    libraries = [Library(path), Library(path)]  # two connections are what two processes have

    def train(seed: int) -> None:
        for step in range(1, 13):
            libraries[seed % 2].save(tiny(seed, step))
            libraries[(seed + 1) % 2].runs()

    threads = [threading.Thread(target=train, args=[seed]) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for library in libraries:
        assert {row.id: row.step for row in library.runs()} == {f"run{seed}": 12 for seed in range(6)}
        assert all(library.load(f"run{seed}") == tiny(seed, 12) for seed in range(6))
        assert library.problem is None
        library.close()


def test_libraries_in_memory_know_nothing_of_each_other():
    one, other = Library(None), Library(None)
    one.save(tiny())
    assert len(one.runs()) == 1 and other.runs() == []


# ---------------------------------------------------------------- killed


@pytest.fixture
def writer(tmp_path) -> Iterator[Piped]:
    with piped("tests.support.write_until_killed") as process:
        process.tell.write(f"{tmp_path / 'library.sqlite'}\n".encode())
        yield process


def killed_in_the_midst(writer: Piped, trial: int) -> dict[str, int]:
    """Let a child write and die, and tell what it had said was saved: run -> step.

    By turns: killed at some moment, or by the kernel as one of its writes makes a file too long.
    """
    chance = random.Random(trial)
    longest = int(10 ** chance.uniform(4.8, 6.4)) if trial % 2 else 0
    writer.tell.write(f"{trial} {longest}\n".encode())
    child, said, left = int(writer.said.readline()), {}, chance.randint(1, 12)
    while (line := writer.said.readline().decode()) != "dead\n":
        run, step = line.split()  # a problem would have more words
        said[run] = int(step)
        left -= 1
        if left == 0 and not longest:
            time.sleep(chance.uniform(0, 0.02))
            os.kill(child, signal.SIGKILL)
    return said


def test_nothing_that_was_saved_is_lost_when_the_process_is_killed(writer, tmp_path):
    path, said = tmp_path / "library.sqlite", {}
    for trial in range(TRIALS):
        said |= killed_in_the_midst(writer, trial)
        with tables(path) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        library = Library(path)
        there = steps(library)
        assert {run: step for run, step in said.items() if there.get(run, -1) < step} == {}
        newest = library.runs()[0]
        assert library.load(newest.id) == run_of(newest.config.seed, newest.step), "a save is whole or not at all"
        assert library.problem is None
        library.close()
    assert len(said) >= TRIALS


# ---------------------------------------------------------------- full


@pytest.fixture
def small_disk(tmp_path):
    """A directory on a file system of one megabyte."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(library: Library) -> int:
    """Save ever more runs until the library has a problem; how many."""
    for count in range(1, 400):
        library.save(forged(Config(seed=count), 20))
        if library.problem:
            return count
    raise AssertionError("the disk was never full")


def test_on_a_full_disk_nothing_is_lost_and_later_runs_go_there_when_there_is_room(small_disk):
    ballast, library = small_disk / "ballast", Library(small_disk / "library.sqlite")
    ballast.write_bytes(bytes(300_000))
    count = fill(library)
    assert IN_MEMORY in library.problem and "full" in library.problem
    everything = {f"run{i}": 20 for i in range(1, count + 1)}
    assert count > 1 and steps(library) == everything
    assert library.load(f"run{count}") == forged(Config(seed=count), 20)
    library.save(forged(Config(seed=count), 22))
    assert steps(library) == everything | {f"run{count}": 22}
    ballast.unlink()
    library.save(forged(Config(seed=count + 1), 4))
    assert library.problem is None
    library.close()
    again = Library(library.path)
    assert steps(again) == everything | {f"run{count}": 22, f"run{count + 1}": 4}
    again.close()


def test_words_that_found_the_disk_full_go_there_when_there_is_room_and_what_is_in_training_is_known(small_disk):
    ballast, library = small_disk / "ballast", Library(small_disk / "library.sqlite")
    ballast.write_bytes(bytes(300_000))
    fill(library)
    words = Corpus("long", tuple(random.Random(1).randbytes(9).hex() for _ in range(60_000)))  # 0.6 MB packed
    library.keep_words(words)
    library.save(replace(forged(Config(seed=900), 20), training=True), "anna")
    assert "full" in library.problem
    assert library.words(words.digest) == words and library.interrupted("anna").id == "run900"
    ballast.unlink()
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    library.save(replace(forged(Config(seed=900), 22), training=True), "anna")
    assert library.problem is None
    library.close()
    again = Library(library.path)
    assert again.words(words.digest) == words and again.interrupted("anna").step == 22
    again.close()


def test_a_file_that_may_not_grow_is_a_full_disk_too(tmp_path):
    library = Library(tmp_path / "library.sqlite")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, hard))
    try:
        count = fill(library)
        assert IN_MEMORY in library.problem
        assert count > 1 and len(steps(library)) == count
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    library.save(tiny(900))
    assert library.problem is None
    library.close()
    assert steps(Library(library.path)) == {f"run{i}": 20 for i in range(1, count + 1)} | {"run900": 4}


# ---------------------------------------------------------------- not writable, locked, gone


def test_where_nothing_can_be_written_runs_are_kept_in_memory(tmp_path):
    (tmp_path / "file").write_text("not a directory")
    for path in (tmp_path / "file" / "library.sqlite", pathlib.Path("/proc/letterspace/library.sqlite"), tmp_path):
        library = Library(path)
        assert str(path) in library.problem and IN_MEMORY in library.problem
        library.save(tiny())
        library.save(tiny(step=9))
        library.rename("run1", "mine")
        assert [(row.name, row.step) for row in library.runs()] == [("mine", 9)]
        library.delete("run1")
        assert library.runs() == []
        library.undelete("run1")
        assert library.load("run1").step == 9 and IN_MEMORY in library.problem


def test_a_disk_that_has_become_read_only_is_written_again_when_it_is_not(small_disk):
    library = Library(small_disk / "library.sqlite")
    library.save(tiny(1))
    library.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    library = Library(library.path)
    words = Corpus("some", ("uno", "due"))
    library.save(replace(tiny(2), training=True), "anna")
    library.keep_words(words)
    assert IN_MEMORY in library.problem
    assert steps(library)["run2"] == 4 and library.words(words.digest) == words
    assert library.interrupted("anna").id == "run2"
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    library.save(tiny(3))
    assert library.problem is None and steps(library) == {"run1": 4, "run2": 4, "run3": 4}
    library.close()
    library = Library(library.path)
    assert steps(library) == {"run1": 4, "run2": 4, "run3": 4} and library.words(words.digest) == words
    library.close()


def test_a_locked_library_is_read_and_written_again_when_it_is_free(path, monkeypatch):
    monkeypatch.setattr(database, "TIMEOUT", 0.01)
    library = Library(path)
    library.rename("run1", "before")
    with tables(path) as other:
        other.execute("BEGIN IMMEDIATE")
        library.save(tiny(1, 9))
        library.save(tiny(3))
        assert "locked" in library.problem and IN_MEMORY in library.problem
        assert steps(library) == {"run1": 9, "run2": 4, "run3": 4} and library.load("run1").step == 9
    library.save(tiny(2, 5))
    assert library.problem is None
    assert steps(Library(path)) == {"run1": 9, "run2": 5, "run3": 4}
    library.save(tiny(3, 20))
    assert steps(library)["run3"] == 20
    assert Library(path).load("run1").name == "before"


def test_a_library_that_somebody_deletes_is_begun_anew(path):
    library = Library(path)
    path.unlink()
    library.save(tiny(3))
    assert steps(Library(path)) == {"run3": 4} and library.problem is None


def test_another_programs_database_is_left_alone(tmp_path):
    path = tmp_path / "photos.db"
    with tables(path) as db:
        db.execute("CREATE TABLE runs (photo)")
    before = path.read_bytes()
    library = Library(path)
    library.save(tiny())
    assert "database of another program" in library.problem and steps(library) == {"run1": 4}
    assert path.read_bytes() == before


def test_a_newer_letterspaces_library_is_left_alone(path):
    with tables(path) as db:
        db.execute("PRAGMA user_version = 99")
    library = Library(path)
    library.save(tiny(3))
    assert "newer Letterspace" in library.problem and steps(library) == {"run3": 4}
