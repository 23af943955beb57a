"""The library: every run that has taken a step, kept through a restart of the server.

Nothing here raises into a trainer. While the disk cannot be used, runs live in memory and
`problem` says so; the first save that reaches the disk again takes them along.
"""

import os
import pathlib
import sqlite3
import time
from collections.abc import Callable, Iterable

import platformdirs

from core.config import Config
from core.experiment import Past, live_changes, shared_steps
from core.history import Change
from core.saved import SavedRun
from core.store import Row, Store

VARIABLE = "LETTERSPACE_LIBRARY"  # a path, or "off": nothing on the disk


def default_path() -> pathlib.Path | None:
    """Where the library lies: $LETTERSPACE_LIBRARY, else the user's data directory; None if it says "off"."""
    given = os.environ.get(VARIABLE, "").strip()
    if given.lower() == "off":
        return None
    if given:
        return pathlib.Path(given).expanduser()
    return pathlib.Path(platformdirs.user_data_dir("letterspace", appauthor=False)) / "library.sqlite"


class Library:
    """Runs by id, for any thread of any number of processes. path: None keeps them in memory only."""

    def __init__(self, path: pathlib.Path | None, clock: Callable[[], float] = time.time):
        self.path = path
        self._memory = Store(None, clock)
        self._disk = None if path is None else Store(path, clock)
        self._trouble: str | None = None
        self.runs()  # opens the file, so that what is wrong with it is known at once

    @property
    def problem(self) -> str | None:
        """One sentence: what went wrong with the disk and what happens now; None when all is well."""
        unreadable = sum(store.unreadable for store in self._stores())
        left_out = f"{unreadable} of the runs in the library cannot be read any more and are left out."
        return self._trouble or (self._disk and self._disk.notice) or (left_out if unreadable else None)

    def save(self, saved: SavedRun) -> None:
        """Keep this run, or how far it has come; nothing if the library knows it all, or it was deleted."""
        if not (self._disk and self._try(self._to_disk, saved)):
            self._try(self._memory.save, saved)

    def runs(self) -> list[Row]:
        """All that are not deleted, the newest first."""
        rows = {row.id: row for store in self._stores() for row in self._try(store.rows) or []}
        return sorted(rows.values(), key=lambda row: row.created, reverse=True)

    def load(self, id: str) -> SavedRun | None:
        """None if there is none, or it cannot be read any more (`problem` then says so)."""
        found = (self._try(store.load, id) for store in reversed(self._stores()))
        return next((saved for saved in found if saved), None)

    def past_of(self, config: Config, changes: Iterable[Change], digest: str, step: int) -> SavedRun | None:
        """How far a kept run went through the same as an experiment on its way to `step`: at rest there, as a new run.

        It has the experiment's config and those of its changes that were made before; to go on
        with the others is the very same run. None if no kept run has any of it.
        """
        aim = Past("", "", step, live_changes(changes))
        shared = [
            (shared_steps(aim, Past("", "", row.step, live_changes(row.changes))), row.id)
            for row in self.runs()
            if row.digest == digest and row.config.with_(steps=config.steps) == config
        ]
        until, id = max(shared, default=(0, ""))
        saved = self.load(id) if until else None
        return saved and saved.cut(until, config, [change for change in changes if change[0] < until])

    def rename(self, id: str, name: str) -> None:
        """An empty name brings the default one back."""
        self._everywhere(Store.rename, id, name)

    def delete(self, id: str) -> None:
        """It can be brought back with `undelete` for a day."""
        self._everywhere(Store.delete, id)

    def undelete(self, id: str) -> None:
        self._everywhere(Store.undelete, id)

    def close(self) -> None:
        for store in self._stores():
            store.close()

    def _stores(self) -> list[Store]:
        """Those in memory last: they know better, because the disk could not be written then."""
        return [store for store in (self._disk, self._memory) if store]

    def _everywhere(self, do: Callable, *values) -> None:
        for store in self._stores():
            self._try(do, store, *values)

    def _to_disk(self, saved: SavedRun) -> bool:
        self._disk.save(saved)
        for row in self._memory.rows():
            if waiting := self._try(self._memory.load, row.id):
                self._disk.save(waiting)
            self._memory.forget(row.id)
        self._trouble = None
        return True

    def _try(self, do: Callable, *values):
        """What `do` returns; None, and a sentence in `problem`, if it fails."""
        try:
            return do(*values)
        except (sqlite3.Error, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            self._trouble = (
                f"The library {self.path} cannot be used now ({reason}); until it can, runs are kept in memory, "
                "and lost when the server stops."
            )
        except ValueError as error:
            self._trouble = f"A run cannot be kept or read any more ({str(error).rstrip('.')})."
        return None
