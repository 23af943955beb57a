"""The library's tables, in SQLite.

What is short and the long lists are JSON, parameters are safetensors bytes (never pickle), and
each checkpoint is a row of its own, so that a save during training writes only what is new.
"""

import json
import os
import pathlib
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from queue import SimpleQueue

from core.config import Config
from core.experiment import Past, default_name, identity, live_changes, place
from core.history import Change
from core.runfile import about, check_about, clean_name, pack, past, restore, unpack
from core.saved import SavedRun

MAX_RUNS = 200
MAX_BYTES = 1_000_000_000  # of all runs; the lecture's 2-D network takes 2.8 million in 50,000 steps
MAX_BYTES_IN_MEMORY = 100_000_000  # on a public server, each visitor's
PATIENCE = 2.0  # seconds to wait for another process that writes
DAY = 86_400.0  # a deleted run can be brought back for so long
APPLICATION, VERSION = 0x4C545350, 1
SCHEMA = """
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
"""
WRITE = """
INSERT INTO runs (id, writer, experiment, step, changes, name, created, size, checkpoints, about, past, parameters)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET writer = excluded.writer,
step = excluded.step, changes = excluded.changes, size = excluded.size, checkpoints = excluded.checkpoints,
about = excluded.about, past = excluded.past, parameters = excluded.parameters
"""


class Damaged(sqlite3.DatabaseError):
    """SQLite's own check found the file inconsistent."""


@dataclass(frozen=True)
class Row:
    """A run as lists show it. config: at step 0. checkpoints: how many there are. The rest as in SavedRun."""

    id: str
    name: str
    created: float
    step: int
    seconds: float
    config: Config
    changes: tuple[Change, ...]
    losses: tuple[int, float, float]
    test: float | None
    data: str
    digest: str
    failure: str | None
    checkpoints: int


# ---------------------------------------------------------------- the tables


class Store:
    """The tables, in one file or in memory. Methods raise sqlite3.Error, OSError or (bad data) ValueError.

    Safe for threads: they take turns at one connection, which waits in a queue. Safe for
    processes: SQLite sees to it. The file is opened by the first call, and again when it was
    replaced; a damaged one is set aside, and `notice` says so.
    """

    def __init__(self, path: pathlib.Path | None, clock: Callable[[], float]):
        self.notice: str | None = None
        self.unreadable = 0  # rows that made no sense when `rows` was last called
        self._path, self._clock, self._file = path, clock, None
        self._idle: SimpleQueue[sqlite3.Connection | None] = SimpleQueue()
        self._idle.put(None)

    def save(self, saved: SavedRun) -> None:
        experiment, changes = identity(saved.history, saved.digest), live_changes(saved.history.changes)
        run = Past(saved.id, saved.id, saved.step, changes)
        with self._transaction("IMMEDIATE") as db:
            found = db.execute("SELECT id, writer, step, changes, deleted FROM runs WHERE experiment = ?", [experiment])
            id = place(run, [row for row in map(_past, found) if row], saved.failure is not None)
            if id == "":
                taken = db.execute("SELECT 1 FROM runs WHERE id = ?", [run.id]).fetchone()
                id = uuid.uuid4().hex if taken else run.id
            if id is not None:
                self._write(db, id, experiment, run, saved)
                self._make_room(db, id)

    def rows(self) -> list[Row]:
        """The newest first, without those deleted."""
        query = "SELECT id, name, created, checkpoints, about FROM runs WHERE deleted IS NULL"
        with self._transaction() as db:
            found = db.execute(f"{query} ORDER BY created DESC, rowid DESC").fetchall()
        rows = [_row(*row) for row in found]
        self.unreadable = rows.count(None)
        return [row for row in rows if row]

    def load(self, id: str) -> SavedRun | None:
        with self._transaction() as db:
            query = "SELECT id, name, created, about, past, parameters FROM runs WHERE id = ? AND deleted IS NULL"
            row = db.execute(query, [id]).fetchone()
            kept = db.execute("SELECT step, parameters FROM checkpoints WHERE run = ? ORDER BY step", [id]).fetchall()
        if row is None:
            return None
        fields = _fields(*row[:4])
        checkpoints = [(step, unpack(fields, parameters)) for step, parameters in kept]
        return restore(fields, json.loads(row[4]), unpack(fields, row[5]), checkpoints)

    def rename(self, id: str, name: str) -> None:
        self._execute("UPDATE runs SET name = ? WHERE id = ?", clean_name(name), id)

    def delete(self, id: str) -> None:
        self._execute("UPDATE runs SET deleted = ? WHERE id = ?", self._clock(), id)

    def undelete(self, id: str) -> None:
        self._execute("UPDATE runs SET deleted = NULL WHERE id = ?", id)

    def forget(self, id: str) -> None:
        """Delete for good."""
        self._execute("DELETE FROM runs WHERE id = ?", id)

    def close(self) -> None:
        db = self._idle.get()
        if db is not None:
            db.close()
        self._idle.put(None)

    # ------------------------------------------------------------ writing

    def _execute(self, statement: str, *values) -> None:
        with self._transaction("IMMEDIATE") as db:
            db.execute(statement, values)

    def _write(self, db: sqlite3.Connection, id: str, experiment: str, run: Past, saved: SavedRun) -> None:
        """Insert or update one row and its checkpoints; its name and date stay."""
        if db.execute("SELECT writer FROM runs WHERE id = ?", [id]).fetchone() != (run.writer,):
            db.execute("DELETE FROM checkpoints WHERE run = ?", [id])  # another run's; equal only on equal machines
        there = {step for (step,) in db.execute("SELECT step FROM checkpoints WHERE run = ?", [id])}
        steps = {step: index for index, (step, _) in enumerate(saved.history.checkpoints)}
        short, long = (json.dumps(part(saved), allow_nan=False) for part in (about, past))
        parameters, created = pack(saved, saved.frozen), saved.created or self._clock()
        size = len(short) + len(long) + len(parameters) * (1 + len(steps))
        what = run.step, json.dumps(run.changes), clean_name(saved.name), created, size, len(steps)
        db.execute(WRITE, (id, run.writer, experiment, *what, short, long, parameters))
        new = ((id, step, pack(saved, saved.history.parameters_at(steps[step]))) for step in steps.keys() - there)
        db.executemany("INSERT INTO checkpoints VALUES (?, ?, ?)", new)
        gone = ((id, step) for step in there - steps.keys())
        db.executemany("DELETE FROM checkpoints WHERE run = ? AND step = ?", gone)

    def _make_room(self, db: sqlite3.Connection, id: str) -> None:
        """Let go of what was deleted a day ago; then of the oldest, those with a name last, but never of `id`."""
        most = MAX_BYTES if self._path else MAX_BYTES_IN_MEMORY
        db.execute("DELETE FROM runs WHERE deleted < ?", [self._clock() - DAY])
        count, size = db.execute("SELECT COUNT(*), TOTAL(size) FROM runs").fetchone()
        order = "SELECT id, size FROM runs WHERE id != ? ORDER BY deleted IS NULL, name != '', created, rowid"
        for other, its_size in db.execute(order, [id]).fetchall():
            if count <= MAX_RUNS and size <= most:
                return
            db.execute("DELETE FROM runs WHERE id = ?", [other])
            count, size = count - 1, size - its_size

    # ------------------------------------------------------------ the file

    @contextmanager
    def _transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        db = self._idle.get()
        try:
            if db is not None and self._file != self._inode():  # it was replaced or deleted
                db.close()
                db = None
            if db is None:
                db = self._open()
            with db:
                db.execute(f"BEGIN {kind}")
                yield db
        except sqlite3.DatabaseError as error:
            if db is not None and _is_damage(error):
                db.close()
                db = None  # the next call opens it again, and so checks it and sets it aside
            raise
        finally:
            self._idle.put(db)

    def _inode(self) -> int | None:
        try:
            return None if self._path is None else os.stat(self._path).st_ino
        except FileNotFoundError:
            return None

    def _open(self) -> sqlite3.Connection:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            db = self._connect()
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            self._set_aside()
            db = self._connect()
        self._file = self._inode()
        return db

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path or ":memory:", PATIENCE, isolation_level=None, check_same_thread=False)
        db.text_factory = lambda raw: raw.decode("utf-8", "replace")  # a row that makes no sense is only a row
        try:
            self._prepare(db)
        except BaseException:
            db.close()
            raise
        return db

    def _prepare(self, db: sqlite3.Connection) -> None:
        """Check the file, and make the tables if it is new."""
        (tables,) = db.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        if tables and db.execute("PRAGMA application_id").fetchone() != (APPLICATION,):
            raise OSError("it is a database of another program")
        if db.execute("PRAGMA user_version").fetchone()[0] > VERSION:
            raise OSError("it was written by a newer Letterspace")
        if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise Damaged("it is damaged")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")  # with WAL a crash loses nothing; a power cut the last saves
        db.execute("PRAGMA foreign_keys = ON")
        marks = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
        if not tables:
            db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} {marks} COMMIT;")

    def _set_aside(self) -> None:
        aside = self._path.with_name(f"{self._path.name}.damaged-{datetime.now():%Y%m%d-%H%M%S-%f}")
        os.replace(self._path, aside)
        for end in ("-wal", "-shm"):
            if (part := self._path.with_name(self._path.name + end)).exists():
                os.replace(part, aside.with_name(aside.name + end))
        self.notice = f"The library of runs was damaged; it was set aside as {aside}, and an empty one begun."


def _is_damage(error: sqlite3.Error) -> bool:
    codes = sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB
    return isinstance(error, Damaged) or getattr(error, "sqlite_errorcode", 0) & 0xFF in codes


# ---------------------------------------------------------------- rows back


def _past(row: tuple) -> Past | None:
    """A row that makes no sense is left alone: None."""
    id, writer, step, text, deleted = row
    try:
        changes = tuple((int(at), name, new) for at, name, new in json.loads(text))
        return Past(id, writer, int(step), changes, deleted is not None)
    except (ValueError, TypeError):
        return None


def _fields(id: str, name: str, created: float, text: str) -> dict:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("not a run")
    return check_about(value | {"id": id, "name": name, "created": created})


@lru_cache(2 * MAX_RUNS)  # pure, and lists ask for the same rows again and again
def _row(id: str, name: str, created: float, checkpoints: int, text: str) -> Row | None:
    try:
        fields = _fields(id, name, created, text)
        fields |= {"name": name or default_name(fields["start"]), "config": fields["start"]}
        names = Row.__dataclass_fields__.keys() - {"checkpoints"}
        return Row(**{name: fields[name] for name in names}, checkpoints=int(checkpoints))
    except (ValueError, TypeError):
        return None
