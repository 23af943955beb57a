"""The library's runs, in SQLite.

The fields and the history of a run are JSON, its parameters are safetensors bytes (never pickle), and each
checkpoint or embedding is a row of its own, so that a save during training writes only new ones. The words are in
core/keeping/wordlists.py.
"""

import json
import pathlib
import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import orjson

from core.config import Config
from core.data.corpus import Corpus
from core.engine.experiment import Past, default_name, identity, live_changes, row_for
from core.engine.history import Change
from core.engine.saved import SavedRun
from core.keeping import wordlists
from core.keeping.database import Database
from core.keeping.runfile import checked, pack, unpack
from core.keeping.runtext import Rows, about, check_about, clean_name, past, restore
from core.messages import language, tr

MAX_RUNS = 200
MAX_BYTES = 1_000_000_000  # of all runs; the lecture's 2-D network takes 2.8 million in 50,000 steps
MAX_BYTES_IN_MEMORY = 40_000_000  # the same for a library in memory (on a public server, one per visitor)
DAY = 86_400.0  # seconds during which a deleted run can be restored
WEEK = 7 * DAY  # seconds during which an interrupted run is offered to its visitor
PASTS = """
SELECT id, writer, step, changes, deleted FROM runs LEFT JOIN owners ON run = id
WHERE experiment = ? AND ifnull(visitor, '')
"""
NEXT_TO_GO = """
SELECT id FROM runs LEFT JOIN owners ON run = id WHERE id != ?
ORDER BY deleted IS NULL, id IN (SELECT run FROM interrupted), name != '',
visitor IS NULL DESC, (SELECT COUNT(*) FROM owners AS all_owners WHERE all_owners.visitor = owners.visitor) DESC,
created, runs.rowid LIMIT 1
"""
WRITE = """
INSERT INTO runs
(id, writer, experiment, step, changes, name, created, size, checkpoints, about, past, parameters, digest)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET writer = excluded.writer,
step = excluded.step, changes = excluded.changes, size = excluded.size, checkpoints = excluded.checkpoints,
about = excluded.about, past = excluded.past, parameters = excluded.parameters
"""


@dataclass(frozen=True)
class Row:
    """A run in a list, without its history. config: at step 0. checkpoints: their number. The rest as in SavedRun.

    paths: of its history. writer: the id of the run that wrote it last, which can have gone on from another's.
    """

    id: str
    writer: str
    name: str
    created: float
    step: int
    seconds: float
    config: Config
    changes: tuple[Change, ...]
    exact: tuple[int, float, float]
    test: float | None
    data: str
    digest: str
    failure: str | None
    paths: list[tuple[int, str]]
    most: int | None
    checkpoints: int


# ---------------------------------------------------------------- the tables


class Store(Database):
    """The tables, in one file or in memory. Methods raise sqlite3.Error, OSError or (bad data) ValueError."""

    def __init__(self, path: pathlib.Path | None, clock: Callable[[], float]):
        super().__init__(path)
        self.unreadable = 0  # rows that could not be read in the last call of `rows`
        self._clock = clock

    def save(self, saved: SavedRun, visitor: str = "") -> None:
        if not self._path:  # with embeddings there would be room for one run on words
            saved = replace(saved, history=replace(saved.history, embeddings=()))
        experiment, changes = identity(saved.history, *saved.text), live_changes(saved.history.changes)
        run = Past(saved.id, saved.id, saved.step, changes)
        with self.transaction("IMMEDIATE") as db:
            own, others = (
                [row for row in map(_past, db.execute(f"{PASTS} {which} ?", [experiment, visitor])) if row]
                for which in ("=", "!=")
            )
            # somebody else's run, which was opened and has taken no step since, is not this visitor's
            opened = any(row._replace(writer=run.id, deleted=False) == run for row in others)
            id = None if opened else row_for(run, own, saved.failure is not None)
            if id == "":
                taken = db.execute("SELECT 1 FROM runs WHERE id = ?", [run.id]).fetchone()
                id = uuid.uuid4().hex if taken else run.id
            if id is not None:
                self._write(db, id, experiment, run, saved)
                if visitor:
                    db.execute("INSERT OR IGNORE INTO owners VALUES (?, ?)", [id, visitor])
                self._make_room(db, id)
            # if nothing was written, another row of the visitor has this run already
            knows = (row.id for row in own if run.is_prefix_of(row) and not row.deleted)
            self._note_interrupted(db, id or next(knows, None), saved, visitor)

    def rows(self) -> list[Row]:
        """The newest first, without those deleted."""
        query = "SELECT id, writer, name, created, checkpoints, about FROM runs WHERE deleted IS NULL"
        with self.transaction() as db:
            found = db.execute(f"{query} ORDER BY created DESC, rowid DESC").fetchall()
        rows = [_row(*row, language()) for row in found]
        self.unreadable = rows.count(None)
        return [row for row in rows if row]

    def load(self, id: str) -> SavedRun | None:
        with self.transaction() as db:
            query = "SELECT id, name, created, about, past, parameters FROM runs WHERE id = ? AND deleted IS NULL"
            row = db.execute(query, [id]).fetchone()
            kept, between = (
                db.execute(f"SELECT step, {what} FROM {table} WHERE run = ? ORDER BY step", [id]).fetchall()
                for table, what in (("checkpoints", "parameters"), ("embeddings", "packed"))
            )
        if row is None:
            return None
        fields = _fields(*row[:4])
        checkpoints = [(step, unpack(fields, parameters)) for step, parameters in kept]
        embeddings = [(step, checked(packed, fields)) for step, packed in between]
        return restore(fields, json.loads(row[4]), unpack(fields, row[5]), checkpoints, embeddings)

    def own(self, visitor: str) -> set[str]:
        """The ids of this visitor's runs, including deleted ones."""
        with self.transaction() as db:
            return {id for (id,) in db.execute("SELECT run FROM owners WHERE visitor = ?", [visitor])}

    def rename(self, id: str, name: str) -> None:
        self._execute("UPDATE runs SET name = ? WHERE id = ?", clean_name(name), id)

    def delete(self, id: str) -> None:
        self._execute("UPDATE runs SET deleted = ? WHERE id = ?", self._clock(), id)

    def undelete(self, id: str) -> None:
        self._execute("UPDATE runs SET deleted = NULL WHERE id = ?", id)

    def forget(self, id: str) -> None:
        """Delete for good."""
        self._execute("DELETE FROM runs WHERE id = ?", id)

    def waiting(self, id: str) -> tuple[SavedRun, str]:
        """A run that is there, as it was given to `save`, and its visitor."""
        visitor = "ifnull((SELECT visitor FROM owners WHERE run = ?), '')"
        training = "EXISTS (SELECT 1 FROM interrupted WHERE run = ?)"
        with self.transaction() as db:
            whose, trains = db.execute(f"SELECT {visitor}, {training}", [id, id]).fetchone()
        return replace(self.load(id), training=bool(trains)), whose

    # ------------------------------------------------------------ interrupted runs

    def interrupted(self, visitor: str) -> Row | None:
        """The visitor's interrupted run, with their config, changes and step; its row may be a longer run."""
        of = "id, interrupted.writer, name, created, checkpoints, interrupted.about"
        query = f"SELECT {of} FROM interrupted JOIN runs ON id = run"
        with self.transaction() as db:
            row = db.execute(f"{query} WHERE visitor = ? AND deleted IS NULL", [visitor]).fetchone()
        return row and _row(*row, language())

    def settle(self, visitor: str) -> None:
        self._execute("DELETE FROM interrupted WHERE visitor = ?", visitor)

    def _note_interrupted(self, db: sqlite3.Connection, id: str | None, saved: SavedRun, visitor: str) -> None:
        """Record what this visitor is training and in which row, or clear it if the run is at rest."""
        if not saved.training:
            db.execute("DELETE FROM interrupted WHERE writer = ? AND visitor = ?", [saved.id, visitor])
        elif visitor and id:
            values = visitor, id, saved.id, self._clock(), json.dumps(about(saved), allow_nan=False)
            db.execute("REPLACE INTO interrupted VALUES (?, ?, ?, ?, ?)", values)

    # ------------------------------------------------------------ words

    def keep_words(self, words: Corpus) -> None:
        with self.transaction("IMMEDIATE") as db:
            wordlists.keep(db, words, self._clock(), in_memory=self._path is None)

    def words(self, prefix: str) -> Corpus | None:
        with self.transaction() as db:
            return wordlists.find(db, prefix)

    def word_lists(self) -> list[str]:
        """Their digests."""
        with self.transaction() as db:
            return [digest for (digest,) in db.execute("SELECT digest FROM words")]

    def forget_words(self, digest: str) -> None:
        self._execute("DELETE FROM words WHERE digest = ?", digest)

    # ------------------------------------------------------------ writing

    def _execute(self, statement: str, *values) -> None:
        with self.transaction("IMMEDIATE") as db:
            db.execute(statement, values)

    def _write(self, db: sqlite3.Connection, id: str, experiment: str, run: Past, saved: SavedRun) -> None:
        """Insert or update one row, its checkpoints and embeddings; an existing name and date are kept."""
        history = saved.history
        if db.execute("SELECT writer FROM runs WHERE id = ?", [id]).fetchone() != (run.writer,):
            # those of another run may have other bits, if another machine made them
            for table in ("checkpoints", "embeddings"):
                db.execute(f"DELETE FROM {table} WHERE run = ?", [id])
        short, long = json.dumps(about(saved), allow_nan=False), _numbers(past(saved))
        parameters, created = pack(saved, saved.frozen), saved.created or self._clock()
        kept = len(history.checkpoints)
        size = len(short) + len(long) + len(parameters) * (1 + kept) + sum(len(C) for _, C in history.embeddings)
        what = run.step, json.dumps(run.changes), clean_name(saved.name), created, size, kept
        db.execute(WRITE, (id, run.writer, experiment, *what, short, long, parameters, saved.digest))
        _keep_rows(db, "checkpoints", id, history.checkpoints, partial(pack, saved))
        _keep_rows(db, "embeddings", id, history.embeddings, bytes)

    def _make_room(self, db: sqlite3.Connection, id: str) -> None:
        """Delete what was marked deleted over a day ago; then, down to MAX_RUNS runs and MAX_BYTES (or
        MAX_BYTES_IN_MEMORY), the oldest run of whoever has most, named and interrupted ones last, never `id`."""
        most = MAX_BYTES if self._path else MAX_BYTES_IN_MEMORY
        db.execute("DELETE FROM runs WHERE deleted < ?", [self._clock() - DAY])
        db.execute("DELETE FROM interrupted WHERE kept < ?", [self._clock() - WEEK])
        while True:
            count, size = db.execute("SELECT COUNT(*), TOTAL(size) FROM runs").fetchone()
            first = db.execute(NEXT_TO_GO, [id]).fetchone()
            if first is None or (count <= MAX_RUNS and size <= most):
                return
            db.execute("DELETE FROM runs WHERE id = ?", first)


def _numbers(past: dict) -> str:
    """Thousands of numbers as JSON, in a tenth of the time that `json` takes; ValueError if one is not finite."""
    text = orjson.dumps(past).decode()
    if "null" in text:
        raise ValueError(tr("one of its losses is not a finite number"))
    return text


def _keep_rows(db: sqlite3.Connection, table: str, id: str, rows: Rows, written: Callable[[bytes], bytes]) -> None:
    """Make the table hold exactly these rows of the run; what is there already is not written again."""
    there = {step for (step,) in db.execute(f"SELECT step FROM {table} WHERE run = ?", [id])}
    steps = {step for step, _ in rows}
    new = ((id, step, written(kept)) for step, kept in rows if step not in there)
    db.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", new)
    db.executemany(f"DELETE FROM {table} WHERE run = ? AND step = ?", ((id, step) for step in there - steps))


# ---------------------------------------------------------------- reading rows


def _past(row: tuple) -> Past | None:
    """A row as a Past; None if it cannot be read (it is then left as it is)."""
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
def _row(id: str, writer: str, name: str, created: float, checkpoints: int, text: str, language: str) -> Row | None:
    """language: of the name that is made up for a run without one."""
    try:
        fields = _fields(id, name, created, text)
        fields |= {
            "name": name or default_name(fields["start"], fields["data"], fields["most"]),
            "config": fields["start"],
            "writer": writer,
        }
        names = Row.__dataclass_fields__.keys() - {"checkpoints"}
        return Row(**{name: fields[name] for name in names}, checkpoints=int(checkpoints))
    except (ValueError, TypeError):
        return None
