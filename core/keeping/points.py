"""What was handed in of lessons, in the library's file: points of a loss and a number of parameters."""

import hashlib
import logging
import pathlib
import sqlite3
import time
from typing import NamedTuple

from core.keeping.database import Database

MOST_ANSWERS = 20_000  # answers; the oldest go first
WRITE = "INSERT OR REPLACE INTO answers (lesson, visitor, parameters, dev, met, kept) VALUES (?, ?, ?, ?, ?, ?)"
READ = "SELECT visitor, parameters, dev, met FROM answers WHERE lesson = ? ORDER BY kept DESC LIMIT ?"
FORGET = "DELETE FROM answers WHERE rowid IN (SELECT rowid FROM answers ORDER BY kept DESC LIMIT -1 OFFSET ?)"

log = logging.getLogger(__name__)


class Point(NamedTuple):
    """One answer. dev: exact loss in nats; met: whether all goals of the lesson are, with what it keeps."""

    parameters: int
    dev: float
    met: bool


def key_of(lesson: str, visitor: str) -> str:
    """What stands for a visitor on one board: it tells neither who it is, nor whether it is on another board too."""
    return hashlib.sha256(f"{lesson} {visitor}".encode()).hexdigest()[:24]


class KeptPoints:
    """For any thread. path: the library's file. While the disk cannot be used the log says so, and nothing is kept."""

    def __init__(self, path: pathlib.Path):
        self._database = Database(path)

    def add(self, lesson: str, key: str, point: Point) -> None:
        try:
            with self._database.transaction("IMMEDIATE") as db:
                db.execute(WRITE, (lesson, key, *point, time.time()))
                db.execute(FORGET, (MOST_ANSWERS,))
        except (sqlite3.Error, OSError) as error:
            log.warning("An answer to a lesson could not be kept (%s).", error)

    def of(self, lesson: str, most: int) -> dict[str, Point]:
        """key -> its answer, the oldest of the newest `most` first."""
        try:
            with self._database.transaction() as db:
                rows = db.execute(READ, (lesson, most)).fetchall()
        except (sqlite3.Error, OSError) as error:
            log.warning("The answers to a lesson could not be read (%s).", error)
            return {}
        return {key: Point(int(parameters), float(dev), bool(met)) for key, parameters, dev, met in reversed(rows)}

    def close(self) -> None:
        self._database.close()
