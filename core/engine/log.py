"""Lists that grow at their end, on the way from a run to whoever looks at it: only rows that are new are sent.

There is one form for the whole way, `News`: from a host to the server (core/serving/wire.py), where the sender knows
what the reader has, and from the server to browsers (core/plots/feed.py, core/plots/loss_feed.py;
assets/page/common/log.js), which say it, as messages to them may be left out.
"""

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from core.data.plain import is_whole

LARGEST = 1 << 53  # of the whole numbers that JavaScript has


class Have(NamedTuple):
    """What a reader has of a list: so many rows of this epoch."""

    epoch: int = 0
    count: int = 0


NOTHING = Have()


def parse_have(said: object, lists: int) -> tuple[Have, ...]:
    """What a reader says that it has of each of so many lists; nothing of any if it says anything else."""
    pair = lambda one: isinstance(one, list) and len(one) == 2 and all(is_whole(n, 0, LARGEST) for n in one)
    valid = isinstance(said, list) and len(said) == lists and all(map(pair, said))
    return tuple(Have(*one) for one in said) if valid else (NOTHING,) * lists


class News(NamedTuple):
    """A list for a reader who has a part of it: its rows from number `start` on.

    The rows before are the first ones of a list that the reader has: `epoch` says of which one.
    """

    epoch: int
    start: int
    rows: Sequence


class Log:
    """A list whose readers say how much of it they have.

    epoch: another number whenever the list begins anew. The first one is drawn at random, so that nobody who has a
    list of another page, or of this server before it was started again, seems to have a part of this one.
    """

    def __init__(self):
        self.epoch, self.rows = secrets.randbits(40), []

    @property
    def have(self) -> Have:
        """What a reader has who has everything."""
        return Have(self.epoch, len(self.rows))

    def restart(self) -> None:
        """Rows that were sent are no longer true."""
        self.epoch, self.rows = self.epoch + 1, []

    def since(self, have: Have) -> News:
        """What is new to who has so much."""
        start = min(have.count, len(self.rows)) if have.epoch == self.epoch else 0
        return News(self.epoch, start, self.rows[start:])


def news(rows: tuple, held: Sequence[tuple]) -> News:
    """What is new to who holds these lists, beside the one of them that has most of the first rows.

    The epoch is the number of that list, len(held) if there is none.
    """
    start, number = max(((_common(rows, other), -i) for i, other in enumerate(held)), default=(0, 0))
    return News(-number if start else len(held), start, rows[start:])


def joined(new: News, held: Sequence[tuple]) -> tuple:
    """The whole list again, for who holds these."""
    return held[new.epoch][: new.start] + new.rows if new.start else new.rows


def _common(rows: tuple, others: tuple) -> int:
    """How many of the first rows are the same."""
    n = min(len(rows), len(others))
    if rows[:n] == others[:n]:
        return n
    return next((i for i in range(n) if rows[i] != others[i]), n)
