"""A question that tests/support/tab.py has asked the server."""

import asyncio
from dataclasses import dataclass, field


@dataclass
class Question:
    """A run of the page that was asked for: of a fragment, or of the WHOLE, at a time when so many had begun.

    by_itself: nobody did anything, so that it is answered once there is something new to see, whatever comes after
    it. answer: the seconds that it took, None if the connection was cut.
    """

    fragment: str
    by_itself: bool
    begun: int
    asked: float
    answer: asyncio.Future = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def settle(self, seconds: float | None) -> None:
        if not self.answer.done():  # nobody waits any more
            self.answer.set_result(seconds)
