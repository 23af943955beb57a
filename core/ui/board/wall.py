"""What an open board is told: every point of its lesson, whenever one is new (core/serving/channel.py)."""

import json

from core import messages
from core.messages import tr
from core.serving.boards import Boards, frontier
from core.serving.channel import Look, Page
from core.serving.commands import Command
from core.ui.explore.commands import NONE_SUCH


class Wall(Page):
    """One board that is open. lesson: digest of its lesson.

    Who knows the key is told, with any cookie or none: a board holds nothing of a visitor's own.
    """

    def __init__(self, lesson: str, boards: Boards, language: str = messages.ENGLISH):
        super().__init__(None, language)
        self.lesson, self._boards = lesson, boards
        boards.watch(lesson, self)

    def first(self) -> str:
        """What a browser that has nothing yet is told, for the page's script to send."""
        return self.look(None, always=True).text

    def parse(self, said: object) -> None:
        """Each message holds all points, so that it does not matter what the reader has."""

    def look(self, have: object, always: bool) -> Look:
        points = tuple(self._boards.points(self.lesson))
        if points == have and not always:
            return Look(None, have)
        told = {
            "points": [[point.parameters, round(point.dev, 4), point.met] for point in points],
            "frontier": [[point.parameters, round(point.dev, 4)] for point in frontier(points)],
        }
        return Look(json.dumps(told, separators=(",", ":")), points)

    def hear(self, name: str, value: object) -> bool:
        return False  # a board asks for nothing

    def carry_out(self, command: Command) -> str:
        return tr(NONE_SUCH)

    def renew(self, pace: float) -> None:
        """No run depends on whether somebody looks."""
