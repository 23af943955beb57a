"""The library: every run that has taken a step and the words it learned from, kept through a restart of the server.

Nothing here raises into training. While the disk cannot be used, runs live in memory and
`problem` says so; the first save that reaches the disk again takes them along.
"""

import os
import pathlib
import re
import sqlite3
import time
from collections.abc import Callable, Iterable

import platformdirs

from core.config import Config
from core.data.wordlist import WordList
from core.engine.experiment import Past, live_changes, shared_steps
from core.engine.history import Change
from core.engine.saved import SavedRun
from core.keeping.store import Row, Store

VARIABLE = "LETTERSPACE_LIBRARY"  # a path, or "off": nothing on the disk
PREFIX = "[0-9a-f]{12,64}"  # of a digest: so much of it tells which word list is meant


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

    def save(self, saved: SavedRun, visitor: str = "") -> None:
        """Keep this run, or how far it has come; nothing if the library knows it all, or it was deleted.

        visitor: whose it is, as a hash; "" if nobody knows. See `interrupted`.
        """
        self._keep(Store.save, saved, visitor)

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

    def interrupted(self, visitor: str) -> Row | None:
        """The newest run that this visitor ever had in training, if it was so when it was last kept; never another's.

        Its config, changes and step are the visitor's. To go on with it is to open it as a link
        is opened: by way of `past_of`, as others may have gone on from there. It is offered for
        a week, or until it comes to rest, another is in training, or somebody calls `settle`. Of
        two servers with one file the one that did not train it offers it too; gone on with in
        both, it is still one run in the library, as far as the quicker one has come.
        """
        found = (self._try(store.interrupted, visitor) for store in reversed(self._stores()))
        return next((row for row in found if row), None)

    def settle(self, visitor: str) -> None:
        """What was interrupted is no longer offered to this visitor."""
        self._everywhere(Store.settle, visitor)

    def keep_words(self, words: WordList) -> None:
        """Keep a word list for as long as a run in the library learned from it, at least for a day.

        Of the same words the newest name and groups are kept.
        """
        self._keep(Store.keep_words, words)

    def words(self, digest: str) -> WordList | None:
        """The kept list with this digest, or at least the first 12 hex digits of it; None unless there is just one."""
        if not re.fullmatch(PREFIX, digest, re.ASCII):
            return None
        found = (self._try(store.words, digest) for store in reversed(self._stores()))
        return next((words for words in found if words), None)

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

    def _keep(self, do: Callable, *values) -> None:
        """On the disk, or in memory while that cannot be used."""
        if not (self._disk and self._try(self._to_disk, do, *values)):
            self._try(do, self._memory, *values)

    def _to_disk(self, do: Callable, *values) -> bool:
        for row in self._memory.rows():
            if waiting := self._try(self._memory.load, row.id):
                self._disk.save(waiting)
            self._memory.forget(row.id)
        for digest in self._memory.word_lists():
            if waiting := self._try(self._memory.words, digest):
                self._disk.keep_words(waiting)
            self._memory.forget_words(digest)
        do(self._disk, *values)
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
            self._trouble = f"A run or its words cannot be kept or read any more ({str(error).rstrip('.')})."
        return None
