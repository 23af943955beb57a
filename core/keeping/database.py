"""The library's file: an SQLite database that is opened, checked, migrated, and renamed if it is damaged."""

import os
import pathlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from queue import SimpleQueue

from core.messages import mark

TIMEOUT = 2.0  # seconds to wait for another process that writes
APPLICATION, VERSION = 0x4C545350, 7
SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, writer TEXT NOT NULL, experiment TEXT NOT NULL, step INTEGER NOT NULL, changes TEXT NOT NULL,
    name TEXT NOT NULL, created REAL NOT NULL, deleted REAL, size INTEGER NOT NULL, checkpoints INTEGER NOT NULL,
    about TEXT NOT NULL, past TEXT NOT NULL, parameters BLOB NOT NULL, digest TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS experiments ON runs (experiment);
CREATE TABLE IF NOT EXISTS checkpoints (
    run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, step INTEGER NOT NULL, parameters BLOB NOT NULL,
    PRIMARY KEY (run, step)
);
CREATE TABLE IF NOT EXISTS embeddings (
    run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, step INTEGER NOT NULL, packed BLOB NOT NULL,
    PRIMARY KEY (run, step)
);
CREATE TABLE IF NOT EXISTS interrupted (
    visitor TEXT PRIMARY KEY, run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, writer TEXT NOT NULL,
    kept REAL NOT NULL, about TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS owners (
    run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, visitor TEXT NOT NULL, PRIMARY KEY (run, visitor)
);
CREATE INDEX IF NOT EXISTS owned ON owners (visitor);
CREATE TABLE IF NOT EXISTS words (
    digest TEXT PRIMARY KEY, name TEXT NOT NULL, groups TEXT NOT NULL, kept REAL NOT NULL, size INTEGER NOT NULL,
    words BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS texts (digest TEXT PRIMARY KEY REFERENCES words ON DELETE CASCADE);
CREATE TABLE IF NOT EXISTS answers (
    lesson TEXT NOT NULL, visitor TEXT NOT NULL, parameters INTEGER NOT NULL, dev REAL NOT NULL, met INTEGER NOT NULL,
    kept REAL NOT NULL, PRIMARY KEY (lesson, visitor)
)
"""
# until version 6 visitors shared the run of one experiment, so that it was unknown who had trained which of its steps
SHARED = "DELETE FROM owners WHERE run IN (SELECT run FROM owners GROUP BY run HAVING COUNT(*) > 1)"
# version 5 had no answers
# version 4 had no embeddings
# version 3 had no texts: all its words are lists
# version 2 had no owners: its runs belong to nobody
FROM_1 = (  # version 1 had no word lists, no interrupted runs, and no column for the digest
    "ALTER TABLE runs ADD COLUMN digest TEXT NOT NULL DEFAULT ''",
    "UPDATE runs SET digest = CASE WHEN typeof(about) = 'text' AND json_valid(about) "
    "THEN coalesce(json_extract(about, '$.digest'), '') ELSE '' END",
)


class Damaged(sqlite3.DatabaseError):
    """SQLite's own check found the file inconsistent."""


DAMAGED = mark("The library of runs was damaged; it was renamed to {aside}, and a new, empty one was created.")


class Database:
    """A database in a file, or in memory (path None). `transaction` raises sqlite3.Error or OSError.

    Thread-safe: threads share one connection, which waits in a queue while it is not used (a lock could not
    hand it over). Several processes can use the file (SQLite's locks). The file is opened by the first call,
    and again if it was replaced. A damaged file is renamed, and `notice` says so:
    a message and its values.
    """

    def __init__(self, path: pathlib.Path | None):
        self.notice: tuple[str, dict] | None = None
        self._path, self._file = path, None
        self._idle: SimpleQueue[sqlite3.Connection | None] = SimpleQueue()
        self._idle.put(None)

    @contextmanager
    def transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        """A connection within a transaction, which is committed at the end, or rolled back on an exception."""
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
                db = None  # the next call opens the file again, which checks it and renames it if damaged
            raise
        finally:
            self._idle.put(db)

    def close(self) -> None:
        db = self._idle.get()
        if db is not None:
            db.close()
        self._idle.put(None)

    # ------------------------------------------------------------ opening

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
        db = sqlite3.connect(self._path or ":memory:", TIMEOUT, isolation_level=None, check_same_thread=False)
        db.text_factory = lambda raw: raw.decode("utf-8", "replace")  # invalid text must not break the other rows
        try:
            _prepare(db)
        except BaseException:
            db.close()
            raise
        return db

    def _set_aside(self) -> None:
        aside = self._path.with_name(f"{self._path.name}.damaged-{datetime.now():%Y%m%d-%H%M%S-%f}")
        os.replace(self._path, aside)
        for end in ("-wal", "-shm"):
            if (part := self._path.with_name(self._path.name + end)).exists():
                os.replace(part, aside.with_name(aside.name + end))
        self.notice = DAMAGED, {"aside": aside}


def _prepare(db: sqlite3.Connection) -> None:
    """Check the file; create the tables if it is new, or migrate an older version."""
    (tables,) = db.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    if tables and db.execute("PRAGMA application_id").fetchone() != (APPLICATION,):
        raise OSError(mark("it is a database of another program"))
    if tables and _version(db) > VERSION:
        raise OSError(mark("it was written by a newer Letterspace"))
    if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise Damaged(mark("it is damaged"))
    db.execute("PRAGMA journal_mode = WAL")
    # with WAL, a crash loses nothing, and a power failure only the last saves
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA foreign_keys = ON")
    if not tables or _version(db) < VERSION:
        with db:
            db.execute("BEGIN IMMEDIATE")
            _bring_up_to_date(db)


def _bring_up_to_date(db: sqlite3.Connection) -> None:
    """Create missing tables and columns; does nothing if another process has just done it."""
    for statement in SCHEMA.split(";"):
        db.execute(statement)
    if db.execute("SELECT COUNT(*) FROM pragma_table_info('runs') WHERE name = 'digest'").fetchone() == (0,):
        for statement in FROM_1:
            db.execute(statement)
    db.execute(SHARED)
    db.execute(f"PRAGMA application_id = {APPLICATION}")
    db.execute(f"PRAGMA user_version = {VERSION}")


def _version(db: sqlite3.Connection) -> int:
    return db.execute("PRAGMA user_version").fetchone()[0]


def _is_damage(error: sqlite3.Error) -> bool:
    codes = sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB
    return isinstance(error, Damaged) or getattr(error, "sqlite_errorcode", 0) & 0xFF in codes
