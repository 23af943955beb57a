"""Commands that a page sends over the live line: each is carried out once, however often it arrives.

A page numbers its commands and, when a line that broke is back, sends those again that were not answered.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from core.data.plain import is_whole

PAGE = re.compile("[0-9a-f]{32}", re.ASCII)  # a page's name for itself
HIGHEST = 1 << 31  # number of a command
REMEMBERED = 64  # pages of one visitor whose last command is known


class Command(NamedTuple):
    """page: which sends it. number: higher than that of its command before. name, value: anything."""

    page: str
    number: int
    name: object
    value: object


def command_of(said: object) -> Command | None:
    """What a browser said, [page, number, name, value]; None if it is no such thing."""
    if not isinstance(said, list) or len(said) != 4:
        return None
    page, number = said[:2]
    valid = isinstance(page, str) and PAGE.fullmatch(page) and is_whole(number, 1, HIGHEST)
    return Command(*said) if valid else None


class Ledger:
    """The commands that pages of one visitor have sent, for any thread."""

    def __init__(self):
        self._last: OrderedDict[str, int] = OrderedDict()  # page -> number of its last command
        self._turn = threading.Lock()

    def carry_out(self, command: Command, act: Callable[[], str]) -> str:
        """Call `act` and return what it does, unless this command was carried out before: then "".

        One at a time. Not again if it raises.
        """
        with self._turn:
            if command.number <= self._last.get(command.page, 0):
                return ""
            self._last[command.page] = command.number
            self._last.move_to_end(command.page)
            while len(self._last) > REMEMBERED:
                self._last.popitem(last=False)
            return act()
