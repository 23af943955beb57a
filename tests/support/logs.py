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


class FeedReader:
    """The frames and answers of a page, as core/plots/feed.py tells them. have: what it says that it has."""

    def __init__(self):
        self._frames, self._answers = Copy(), Copy()

    def take(self, told: dict) -> None:
        self._frames.take(told["frames"])
        self._answers.take(told["answers"])

    @property
    def frames(self) -> list[dict]:
        return self._frames.rows

    @property
    def answers(self) -> list[dict]:
        return self._answers.rows

    @property
    def have(self) -> tuple[Have, ...]:
        return self._frames.have, self._answers.have
