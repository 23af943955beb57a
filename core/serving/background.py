"""Things that take seconds and that nobody waits for: made one after another in a thread of this process.

Of each topic only the newest request counts; one that was not begun when the next comes is dropped.
"""

import logging
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import torch

from core.data.plain import plain

KEPT = 64  # results

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failed:
    """In place of a result that could not be made. why: the error, short, for people. False in a condition."""

    why: str

    def __bool__(self) -> bool:
        return False


class Background:
    """For any thread."""

    def __init__(self):
        self._some = threading.Condition()
        self._made: dict[Hashable, object] = {}
        self._asked: dict[Hashable, tuple[Hashable, Callable[[], object], Callable[[], None]]] = {}
        self._doing: Hashable = None
        self._thread: threading.Thread | None = None

    def get(self, topic: Hashable, key: Hashable, make: Callable[[], object], then: Callable[[], None]):
        """What `make()` gave for this key; None as long as there is nothing, and `then()` is called when there is.

        What it raises is logged, and the result is a `Failed`.
        """
        with self._some:
            if key in self._made:
                return self._made[key]
            if key != self._doing:
                self._asked[topic] = key, make, then
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="background", daemon=True)
                self._thread.start()
            self._some.notify()
        return None

    def _work(self) -> None:
        torch.set_num_threads(1)  # per thread
        while True:
            with self._some:
                while not self._asked:
                    self._some.wait()
                topic = next(iter(self._asked))
                self._doing, make, then = self._asked.pop(topic)
            try:
                with torch.inference_mode():
                    made = make()
            except Exception as error:
                log.exception("background work failed")
                made = Failed(": ".join(filter(None, (type(error).__name__, plain(str(error))))))
            with self._some:
                self._made[self._doing] = made
                self._doing = None
                while len(self._made) > KEPT:
                    del self._made[next(iter(self._made))]
            then()
