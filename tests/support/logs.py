"""What a reader of a list does that is told bit by bit: assets/page/common/log.js in Python."""

from core.engine.log import NOTHING, Have


class Copy:
    """A list as one reader has it. have: what they say of it."""

    def __init__(self):
        self.have, self.rows = NOTHING, []

    def take(self, new) -> list:
        """The whole list with what is new: a `News`, or its three parts after JSON."""
        epoch, start, rows = new
        known = self.rows if epoch == self.have.epoch else []
        assert start <= len(known), "some are missing"
        self.rows = [*known[:start], *rows]
        self.have = Have(epoch, len(self.rows))
        return self.rows
