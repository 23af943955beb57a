"""Somebody at a browser whom nothing should keep from their run; for tests/bench/faults.py."""

import asyncio
import time
from itertools import pairwise

from core.serving.pool import UNATTENDED
from tests.support.tab import Lost, Tab

NO_END = 10_000_000  # steps: no run is over before the bench is
FIRST_SEED = 1_000  # a link to the default seed does not name it
WITHIN = 120.0  # seconds for a server to come up, and for a run to be seen training


class Person:
    """Somebody with a browser: one tab in use, a cookie, and what they saw of their run."""

    def __init__(self, address: str, number: int):
        self._query = f"seed={FIRST_SEED + number}&steps={NO_END}"
        self.tab = Tab(address, query=self._query)
        self.others: list[Tab] = []
        self.seen: list[tuple[float, int]] = []  # (moment, step), since the run was last begun or continued
        self.experiment = ""
        self.watching: asyncio.Task | None = None

    async def begin(self) -> None:
        """Open the page and train."""
        await self.back()
        try:
            await self.tab.until(lambda: self.tab.told["address"].startswith(self._query), WITHIN)
        except AssertionError:
            told = self.tab.told
            problem = f"{told['address']} instead of {self._query}: {told['status']['text']}"
            raise Lost(f"The link was not opened within {WITHIN:.0f} s; {problem}") from None
        self.experiment = self.tab.told["address"]
        await self.tab.set("Speed", "max")
        await self.train()

    async def train(self) -> None:
        """See to it that it trains; what is seen of the run begins with the last look that found it where it was.

        A lease of a few seconds may run out while a busy machine draws the page: then they press Train again.
        """
        await self.tab.until(lambda: self.tab.told["goal"] is None, WITHIN)  # a rebuilt run comes to rest there
        start, end = self.tab.step, time.monotonic() + WITHIN
        self.seen = [(time.monotonic(), start)]
        if not self.tab.training:
            await self.tab.press("Continue" if "Continue" in self.tab.buttons() else "Train")
        while not (self.tab.training and self.tab.step > start):
            status = self.tab.told["status"]["text"]
            if time.monotonic() > end:
                raise Lost(f"It should train, and nothing moved for {WITHIN:.0f} s: {status}")
            if status == UNATTENDED and not self.tab.training:
                await self.tab.press("Train")
            self.seen = [(time.monotonic(), start)]
            await self.tab.look()

    async def start_over(self) -> None:
        """As one who has lost their run and opens its link again."""
        await self.close()
        self.tab, self.others = Tab(self.tab.address, query=self._query, cookies=self.tab.cookies), []
        await self.begin()

    async def find(self, at_least: int, patience: float = 0.0) -> None:
        """See the run at this step or later; Lost if the page still shows something else after so many seconds."""
        end = time.monotonic() + patience
        while problem := self.problem(at_least):
            if time.monotonic() > end or self.tab.problems:
                raise Lost(problem)
            await asyncio.sleep(0.1)
            await self.tab.look()

    async def see_moving(self) -> None:
        """See it train, without having done anything; Lost if it does not."""
        step, end = self.tab.step, time.monotonic() + WITHIN
        while not (self.tab.training and self.tab.step > step):
            if time.monotonic() > end or not self.tab.training:
                raise Lost(f"it does not train: {self.tab.told['status']['text']}")
            await asyncio.sleep(0.1)
            await self.tab.look()

    async def watch(self, seconds: float) -> None:
        """Look again and again, as fast as the page does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await self.tab.look()
            self.seen.append((time.monotonic(), self.tab.step))
            await asyncio.sleep(min(0.1, max(0.0, end - time.monotonic())))

    async def back(self) -> None:
        """Connect until there is an answer, as a browser does, and the whole page is there.

        A run of the page that the fault has broken off may answer in place of the new one.
        """
        end = time.monotonic() + WITHIN
        while True:
            try:
                await self.tab.open()
                break
            except Lost:
                if time.monotonic() > end:
                    raise
                await asyncio.sleep(0.2)
        while not self.tab.has("time") and time.monotonic() < end:
            await self.tab.run()

    def reload(self) -> Tab:
        """The page is asked for anew; the tab it was in."""
        old = self.tab
        self.tab = Tab(old.address, query=old.url, cookies=old.cookies)
        return old

    def problem(self, at_least: int) -> str:
        """What is wrong with what the page shows now; "" if it shows the run, at this step or later."""
        if self.tab.problems:
            return f"the page failed: {self.tab.problems[0]}"
        if self.tab.told["address"] != self.experiment:
            return f"another experiment: {self.tab.told['address']} instead of {self.experiment}"
        if self.tab.step < at_least:
            return f"step {self.tab.step:,} instead of {at_least:,} or later"
        return ""

    def moment_of(self, step: int) -> float:
        """When the run was last at that step; between two looks, as if it had trained evenly."""
        for (before, first), (after, last) in reversed(list(pairwise(self.seen))):
            if first <= step < last:
                return before + (after - before) * (step - first) / (last - first)
        return self.seen[0][0] if step < self.seen[0][1] else self.seen[-1][0]

    async def close(self) -> None:
        for tab in (self.tab, *self.others):
            await tab.close()
