"""The library: every run with at least one step, and its words, saved on disk so that they survive a restart.

Methods do not raise on disk errors. While the disk cannot be used, runs are kept in memory and `problem` says
so; the next save that succeeds on disk writes them too.
"""

import os
import pathlib
import re
import sqlite3
import time
from collections.abc import Callable, Iterable

import platformdirs

from core.config import Config
from core.data.corpus import Corpus
from core.engine.experiment import Past, live_changes, shared_steps
from core.engine.history import Change
from core.engine.saved import SavedRun
from core.keeping.store import Row, Store
from core.messages import mark, tr

VARIABLE = "LETTERSPACE_LIBRARY"  # environment variable: a path, or "off" for nothing on disk
LEFT_OUT = mark("{n} of the runs in the library cannot be read any more and are left out.")
NOT_USED = mark(
    "The library {path} cannot be used now ({reason}). Until it can, runs are kept in memory and are lost when the "
    "server stops."
)
NOT_KEPT = mark("A run or its words cannot be kept or read any more ({reason}).")
PREFIX = "[0-9a-f]{12,64}"  # the beginning of a digest, long enough to identify a word list


def default_path() -> pathlib.Path | None:
    """The library's file: $LETTERSPACE_LIBRARY, or a file in the user's data directory; None if it is "off"."""
    given = os.environ.get(VARIABLE, "").strip()
    if given.lower() == "off":
        return None
    if given:
        return pathlib.Path(given).expanduser()
    return pathlib.Path(platformdirs.user_data_dir("letterspace", appauthor=False)) / "library.sqlite"


class Library:
    """Runs by id; thread-safe, and several processes can use one file. path: None keeps runs in memory only."""

    def __init__(self, path: pathlib.Path | None, clock: Callable[[], float] = time.time):
        self.path = path
        self._memory = Store(None, clock)
        self._disk = None if path is None else Store(path, clock)
        self._trouble: tuple[str, dict] | None = None  # a message and its values
        self.runs()  # opens the file, so that `problem` is known at once

    @property
    def problem(self) -> str | None:
        """One sentence: what is wrong with the library and what happens now; None if nothing is wrong."""
        unreadable = sum(store.unreadable for store in self._stores())
        left_out = (LEFT_OUT, {"n": unreadable}) if unreadable else None
        said = self._trouble or (self._disk and self._disk.notice) or left_out
        if not said:
            return None
        message, values = said
        return tr(message, **{name: tr(value) if isinstance(value, str) else value for name, value in values.items()})

    def save(self, saved: SavedRun, visitor: str = "") -> None:
        """Save this run, or its new steps. Does nothing if the visitor's runs have all of it, or if it was deleted.

        visitor: a hash of the visitor's token; "" if unknown. A run of another visitor is never written to, even if
        it is the same experiment: it would be shown to each of them with steps that only the other made.
        """
        self._keep(Store.save, saved, visitor)

    def runs(self) -> list[Row]:
        """All runs that are not deleted, the newest first."""
        rows = {row.id: row for store in self._stores() for row in self._try(store.rows) or []}
        return sorted(rows.values(), key=lambda row: row.created, reverse=True)

    def own(self, visitor: str) -> set[str]:
        """The ids of this visitor's runs: nobody else trained a step of them."""
        return set().union(*(self._try(store.own, visitor) or () for store in self._stores()))

    def load(self, id: str) -> SavedRun | None:
        """The run with this id; None if there is none or it cannot be read (`problem` then says so)."""
        found = (self._try(store.load, id) for store in reversed(self._stores()))
        return next((saved for saved in found if saved), None)

    def past_of(
        self,
        config: Config,
        changes: Iterable[Change],
        digest: str,
        step: int,
        paths: Iterable[tuple[int, str]],
        most: int | None = None,
    ) -> SavedRun | None:
        """The longest part, up to `step`, that a saved run has in common with an experiment, as a new run at rest.

        It has the experiment's config, and its changes up to there; continuing with the other changes gives
        exactly the experiment's run. paths: of the experiment's history. most: words of its
        vocabulary, at word level. None if no saved run has a part in common.
        """
        aim, paths = Past("", "", step, live_changes(changes)), list(paths)
        shared = [
            (shared_steps(aim, Past("", "", row.step, live_changes(row.changes))), row.id)
            for row in self.runs()
            if (row.digest, row.most, row.paths, row.config.with_(steps=config.steps)) == (digest, most, paths, config)
        ]
        until, id = max(shared, default=(0, ""))
        saved = self.load(id) if until else None
        return saved and saved.cut(until, config, [change for change in changes if change[0] < until])

    def interrupted(self, visitor: str) -> Row | None:
        """The visitor's last run in training, if it was still training when it was last saved; never another visitor's.

        It has the config, changes and step that were saved last. It must be opened like a link, by `past_of`,
        because its row can be of a longer run. It is offered for a week, or until it comes to rest,
        another run trains, or `settle` is called. If two servers share the file, both offer it; if it is
        continued on both, the library has one run, with the steps of the faster server.
        """
        found = (self._try(store.interrupted, visitor) for store in reversed(self._stores()))
        return next((row for row in found if row), None)

    def settle(self, visitor: str) -> None:
        """Do not offer the interrupted run to this visitor any more."""
        self._everywhere(Store.settle, visitor)

    def keep_words(self, words: Corpus) -> None:
        """Save a word list, for at least a day and as long as the library has a run that learned from it.

        If the same words are saved again, the newer name and groups are kept.
        """
        self._keep(Store.keep_words, words)

    def words(self, digest: str) -> Corpus | None:
        """The saved list whose digest begins with these (at least 12) hex digits; None unless exactly one does."""
        if not re.fullmatch(PREFIX, digest, re.ASCII):
            return None
        found = (self._try(store.words, digest) for store in reversed(self._stores()))
        return next((words for words in found if words), None)

    def rename(self, id: str, name: str) -> None:
        """Rename a run; an empty name restores the default name."""
        self._everywhere(Store.rename, id, name)

    def delete(self, id: str) -> None:
        """Mark a run as deleted; `undelete` restores it for a day."""
        self._everywhere(Store.delete, id)

    def undelete(self, id: str) -> None:
        self._everywhere(Store.undelete, id)

    def close(self) -> None:
        for store in self._stores():
            store.close()

    def _stores(self) -> list[Store]:
        """Disk first, memory last: runs in memory are newer, because the disk could not be written then."""
        return [store for store in (self._disk, self._memory) if store]

    def _everywhere(self, do: Callable, *values) -> None:
        for store in self._stores():
            self._try(do, store, *values)

    def _keep(self, do: Callable, *values) -> None:
        """Save on disk, or in memory if the disk cannot be used."""
        if not (self._disk and self._try(self._to_disk, do, *values)):
            self._try(do, self._memory, *values)

    def _to_disk(self, do: Callable, *values) -> bool:
        for row in self._memory.rows():
            if waiting := self._try(self._memory.waiting, row.id):
                self._disk.save(*waiting)
            self._memory.forget(row.id)
        for digest in self._memory.word_lists():
            if waiting := self._try(self._memory.words, digest):
                self._disk.keep_words(waiting)
            self._memory.forget_words(digest)
        do(self._disk, *values)
        self._trouble = None
        return True

    def _try(self, do: Callable, *values):
        """The result of `do`; None if it fails, with a sentence in `problem`."""
        try:
            return do(*values)
        except (sqlite3.Error, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            self._trouble = NOT_USED, {"path": self.path, "reason": str(reason)}
        except ValueError as error:
            self._trouble = NOT_KEPT, {"reason": str(error).rstrip(".")}
        return None
