"""Many visitors at once: `python -m tests.bench.load --visitors 20`.

It serves the app itself, and visits it with real websocket sessions (tests/support/tab.py): all open the
page at the same moment, as a class does with a link, press Train at speed max and then look at
their runs once a second; `--as-page` is pushed what the page itself is, and looks at everything it looks at: a look at
the run is then the time between two moments.
Afterwards nobody looks for as long, while the same runs train: what pages cost training, and the server.
The visitors' own processor time comes out of the same machine; the table says how much it was.

Two rows say what a look takes of the server's processor time, without its hosts. The first is all of it while they
looked, divided by their looks: with all else that the server does, such as to receive and save runs, and Streamlit's
own work. The second is a look itself: the same without what the server takes as long while the same runs train and
nobody looks. `--visitors 1 20` is for one visitor and for twenty.
"""

import argparse
import asyncio
import os
import random
import time
from dataclasses import dataclass, field

import psutil

from tests.bench.processes import resident, server, taken
from tests.bench.timing import print_table
from tests.support.app_server import served
from tests.support.live_line import LiveLine
from tests.support.tab import Lost, Tab

NO_END = 10_000_000  # steps: no run is over before the bench is
EVERY = 1.0  # seconds between two looks


@dataclass
class Visit:
    """What one visitor saw. Times in seconds; steps: at the first and the last look."""

    opened: float = 0.0
    pressed: float = 0.0
    looks: list[float] = field(default_factory=list)  # at the run
    others: list[float] = field(default_factory=list)  # below the fold
    answered: int = 0  # looks at the run
    steps: list[int] = field(default_factory=list)
    alone: float = 0.0  # steps a second of the same run afterwards, while nobody looks
    said: str = ""  # by the status line, if Train did not train
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Load:
    """What all of them saw, and the server's part."""

    visits: list[Visit]
    seconds: float
    peak: float  # MB resident, of the server and all below it
    rss: float
    pss: float
    processes: int
    own: float  # processor seconds a second that the visitors took themselves
    served: float  # processor seconds of the server, without its hosts, while they looked
    unwatched: float  # the same a second, while nobody looked

    @property
    def answered(self) -> int:
        """Looks at the run."""
        return sum(visit.answered for visit in self.visits)

    @property
    def look(self) -> float:
        """Processor seconds of the server for a look itself."""
        return (self.served - self.seconds * self.unwatched) / max(1, self.answered)

    @property
    def training(self) -> list[Visit]:
        return [visit for visit in self.visits if len(visit.steps) == 2]

    @property
    def advancing(self) -> int:
        return sum(visit.steps[1] > visit.steps[0] for visit in self.training)

    @property
    def refused(self) -> list[Visit]:
        return [visit for visit in self.visits if visit.said]

    @property
    def errors(self) -> list[str]:
        return [error for visit in self.visits for error in visit.errors]

    @property
    def alone(self) -> float:
        """Steps a second of all those runs together, while nobody looks."""
        return sum(visit.alone for visit in self.training)

    def rates(self) -> list[float]:
        """Steps a second, of each visitor that trains."""
        return sorted((last - first) / self.seconds for first, last in (visit.steps for visit in self.training))


class Visitor:
    """One tab and what was seen in it."""

    def __init__(self, address: str, number: int, speed: str, as_page: bool = False):
        self.tab = Tab(address, query=f"seed={number}&steps={NO_END}")
        self.tab.acknowledges = as_page
        self.visit, self._speed = Visit(), speed

    async def trying(self, doing) -> None:
        """Do it; what goes wrong is one error, and the others go on."""
        try:
            await doing
        except (Lost, LookupError) as error:
            self.visit.errors.append(str(error))
        self.visit.errors += self.tab.problems
        self.tab.problems.clear()

    async def open(self) -> None:
        self.visit.opened = await self.tab.open()

    async def train(self) -> None:
        await self.tab.set("Speed", self._speed)
        self.visit.pressed = await self.tab.press("Train")
        if not self.tab.training:
            self.visit.said = self.tab.told["status"]["text"]

    async def see(self) -> None:
        """One look that counts for the steps, not for the times."""
        await self.tab.look()
        self.visit.steps.append(self.tab.step)

    async def leave(self) -> None:
        """The run goes on, and nobody looks."""
        self._left = self.tab.step, time.monotonic()
        await self.tab.live.close()

    async def come_back(self) -> None:
        step, began = self._left
        self.tab.live = await LiveLine.to(self.tab.address, self.tab.live.key, self.tab.cookies)
        await self.tab.look()
        self.visit.alone = (self.tab.step - step) / (time.monotonic() - began)

    async def sit(self, seconds: float, every: float | None) -> None:
        if every is None:
            before = self.tab.live.pushed
            took = await self.tab.sit(seconds)
            self.visit.answered = self.tab.live.pushed - before
            self.visit.looks = [seconds / max(1, self.visit.answered)]
            self.visit.others = [seconds for looks in took.values() for seconds in looks]
            return
        end = time.monotonic() + seconds
        await asyncio.sleep(random.uniform(0, every))
        while time.monotonic() < end:
            self.visit.looks.append(await self.tab.look())
            self.visit.answered += 1
            await asyncio.sleep(max(0.0, every - self.visit.looks[-1]))


async def load(address: str, visitors: int, seconds: float, every: float | None = EVERY, speed: str = "max") -> Load:
    """Visit the server at `address` by so many at once. every: seconds between two looks, None as the page does."""
    those = [Visitor(address, number, speed, every is None) for number in range(visitors)]
    together = lambda act: asyncio.gather(*(one.trying(act(one)) for one in those if not one.visit.errors))
    process, peak, this = server(address), 0.0, psutil.Process()
    taken_by = lambda one: sum(one.cpu_times()[:2])

    async def watch() -> None:
        nonlocal peak
        while True:
            peak = max(peak, resident(process))
            await asyncio.sleep(1)

    await together(Visitor.open)
    await together(Visitor.train)
    await together(Visitor.see)
    watching, began = asyncio.create_task(watch()), time.monotonic()
    used, served = taken_by(this), taken_by(process)
    await together(lambda one: one.sit(seconds, every))
    used, served = taken_by(this) - used, taken_by(process) - served
    passed = time.monotonic() - began
    await together(Visitor.see)
    watching.cancel()
    end = taken(process)
    await together(Visitor.leave)
    unwatched = taken_by(process)
    await asyncio.sleep(seconds)
    unwatched = (taken_by(process) - unwatched) / seconds
    await together(Visitor.come_back)
    for one in those:
        await one.tab.close()
    visits = [one.visit for one in those]
    memory = max(peak, end.rss), end.rss, end.pss, end.processes
    return Load(visits, passed, *memory, used / passed, served, unwatched)


def milliseconds(seconds: list[float]) -> list[str]:
    """p50, p95, max."""
    ordered = sorted(seconds)
    at = lambda share: f"{1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]:,.0f}"
    return [at(0.5), at(0.95), at(1.0)] if ordered else ["", "", ""]


def rows(seen: Load) -> dict[str, list[str]]:
    looks = [seconds for visit in seen.visits for seconds in visit.looks]
    rates, whole = seen.rates() or [0.0], lambda value: [f"{value:,.0f}", "", ""]
    return {
        "a look at the run, ms: p50, p95, max": milliseconds(looks),
        "a look below the fold, ms: p50, p95, max": milliseconds([s for visit in seen.visits for s in visit.others]),
        "Train, ms: p50, p95, max": milliseconds([visit.pressed for visit in seen.visits if visit.pressed]),
        "page opened, all at once, ms: p50, p95, max": milliseconds([v.opened for v in seen.visits if v.opened]),
        "looks at the run": whole(seen.answered),
        "processor time of the server for one, ms": [f"{1000 * seen.served / max(1, seen.answered):.1f}", "", ""],
        "the same without what it takes while nobody looks, ms": [f"{1000 * seen.look:.1f}", "", ""],
        "refused": whole(len(seen.refused)),
        "training and advancing": [f"{seen.advancing}", f"of {len(seen.visits)}", ""],
        "steps/s in total": whole(sum(rates)),
        "steps/s in total afterwards, while nobody looks": whole(seen.alone),
        "steps/s with pages, as a share of those without": [f"{sum(rates) / max(1.0, seen.alone):.2f}", "", ""],
        "steps/s of a visitor: least, median, most": [
            f"{r:,.0f}" for r in (rates[0], rates[len(rates) // 2], rates[-1])
        ],
        "server MB: RSS peak, RSS at the end, PSS": [f"{m:,.0f}" for m in (seen.peak, seen.rss, seen.pss)],
        "server processes": whole(seen.processes),
        "errors": whole(len(seen.errors)),
        "processors used by the visitors themselves": [f"{seen.own:.2f}", "", ""],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--visitors", type=int, nargs="+", default=[20], help="how many at once (default 20)")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long they look (default 30)")
    parser.add_argument("--every", type=float, default=EVERY, help="seconds between two looks (default 1)")
    parser.add_argument("--as-page", action="store_true", help="look as often as the page does, at all it looks at")
    parser.add_argument("--speed", default="max", help="as on the page (default max)")
    parser.add_argument("--steps", action="store_true", help="also print the steps of each visitor")
    options = parser.parse_args()
    every = None if options.as_page else options.every
    for visitors in options.visitors:
        print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        with served() as address:
            asyncio.run(load(address, 1, 1.0))  # the server's first visitor waits for its imports
            seen = asyncio.run(load(address, visitors, options.seconds, every, options.speed))
        title = f"{visitors} visitor{'s' if visitors > 1 else ''}, {seen.seconds:.0f} s"
        print_table(title, ["", "", ""], rows(seen))
        for visit in seen.visits if options.steps else ():
            print("  steps", *(f"{step:,}" for step in visit.steps), visit.said)
        for sentence in sorted({*seen.errors, *(visit.said for visit in seen.refused)}):
            print("  said:", sentence)


if __name__ == "__main__":
    main()
