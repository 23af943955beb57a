"""What goes wrong where people use it, and what is lost: `python -m tests.bench.faults`.

It serves the app with a library on disk. Visitors train at full speed, each a run of their own, and at
random moments

- their connections are cut without a word, half of them while the server is answering; the
  browser connects again to its session
- they reload the page (a new session, known by its cookie), or open it in a second tab
- a process that trains is killed (-9)
- the server is killed (-9) and started again; half of the visitors reload, half have the page
  still open with all that stood on it, as a browser has that connects again

A run is lost if the visitor's page then shows another experiment or an earlier step, or does not train
on by itself; after the death of the server, once Continue was pressed. What is lost then of its progress are the
seconds from the death back to when the run was at the step that it comes back with. (One that was
not yet kept comes back with step 0, and the page trains it again to the step in its URL.)
"""

import argparse
import asyncio
import math
import pathlib
import random
import tempfile
import time
from dataclasses import dataclass, field
from itertools import pairwise

from tests.bench.processes import Server
from tests.bench.timing import print_table
from tests.sockets import Lost, Tab

NO_END = 10_000_000  # steps: no run is over before the bench is
WITHIN = 60.0  # seconds for a server to come up, and for a run to be seen training
LONGEST = 8.0  # seconds between two faults, at most


@dataclass
class Outcome:
    """Of one kind of fault. away: seconds until the run was seen again; progress: seconds of it that were lost."""

    times: int = 0
    lost: list[str] = field(default_factory=list)
    away: list[float] = field(default_factory=list)
    progress: list[float] = field(default_factory=list)
    left_over: int = 0


class Person:
    """Somebody with a browser: one tab in use, a cookie, and what they saw of their run."""

    def __init__(self, address: str, seed: int):
        self.tab = Tab(address, query=f"seed={seed}&steps={NO_END}")
        self.others: list[Tab] = []
        self.seen: list[tuple[float, int]] = []  # (moment, step), since the run was last begun or continued
        self.experiment = ""
        self.watching: asyncio.Task | None = None

    async def begin(self) -> None:
        """Open the page and train."""
        await self.back()
        await self.tab.set("Speed", "max")
        await self.train()
        self.experiment = self.tab.told["address"]

    async def train(self, label: str = "Train") -> None:
        """Press it; what is seen of the run begins with the last look that still found it where it was."""
        start, end = self.tab.step, time.monotonic() + WITHIN
        self.seen = [(time.monotonic(), start)]
        await self.tab.press(label)
        while not (self.tab.training and self.tab.step > start):
            if time.monotonic() > end:
                raise Lost(f"{label} was pressed, and nothing moved for {WITHIN:.0f} s.")
            self.seen = [(time.monotonic(), start)]
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
        """What is wrong with what the page shows now; "" if it is the run, at this step or later."""
        if self.tab.problems:
            return f"the page failed: {self.tab.problems[0]}"
        if self.tab.told["address"] != self.experiment:
            return f"another experiment: {self.tab.told['address']} instead of {self.experiment}"
        if self.tab.step < at_least:
            return f"step {self.tab.step:,} instead of {at_least:,} or later"
        return ""

    def moment_of(self, step: int) -> float:
        """When the run was at that step; between two looks, as if it had trained evenly."""
        for (before, first), (after, last) in pairwise(self.seen):
            if first <= step < last:
                return before + (after - before) * (step - first) / (last - first)
        return self.seen[0][0] if step < self.seen[0][1] else self.seen[-1][0]

    async def close(self) -> None:
        for tab in (self.tab, *self.others):
            await tab.close()


# ---------------------------------------------------------------- faults


async def goes_on(person: Person, outcome: Outcome, fault) -> None:
    """Watch a while, let the fault happen, and see whether the run goes on as if nothing had."""
    await person.watch(random.uniform(0.1, LONGEST / 4))
    began, last = time.monotonic(), person.seen[-1][1]
    outcome.times += 1
    try:
        await fault(person)
        problem = person.problem(at_least=last)
        outcome.away.append(time.monotonic() - began)
        here = person.tab.step
        await person.tab.until(lambda: person.tab.training and person.tab.step > here, WITHIN)
    except (Lost, LookupError, AssertionError) as error:
        problem = f"{type(error).__name__}: {error}"
    if problem:
        outcome.lost.append(problem)


async def drop(person: Person) -> None:
    if random.random() < 0.5:  # in the middle of an answer
        await person.tab.ask()
    session = person.tab.session
    await person.tab.drop()
    await person.back()
    if person.tab.session != session:
        raise Lost("The server had forgotten the session.")


async def reload(person: Person) -> None:
    old = person.reload()
    if random.random() < 0.5:
        await person.back()
        person.others.append(old)  # a second tab, which stays
    else:
        await old.close()
        await person.back()
    while len(person.others) > 2:
        await person.others.pop(0).close()


async def kill_a_host(server: Server, people: list[Person], outcome: Outcome) -> None:
    """Every run goes on, wherever it was trained."""
    await asyncio.gather(*(person.watch(random.uniform(0.1, LONGEST / 4)) for person in people))
    outcome.times += 1
    before = [person.seen[-1][1] for person in people]
    random.choice(server.hosts()).kill()
    began = time.monotonic()
    for person, step in zip(people, before):
        try:
            await person.tab.until(lambda: person.tab.training and person.tab.step > step, WITHIN)  # noqa: B023
            problem = person.problem(at_least=step)
        except (Lost, LookupError, AssertionError) as error:
            problem = f"{type(error).__name__}: {error}"
        if problem:
            outcome.lost.append(problem)
    outcome.away.append(time.monotonic() - began)


async def kill_the_server(server: Server, people: list[Person], outcome: Outcome) -> None:
    """Everybody finds their run again, and goes on."""
    await asyncio.sleep(random.uniform(0.2, LONGEST))
    killed = time.monotonic()
    outcome.left_over += await asyncio.to_thread(server.kill)
    await asyncio.gather(*(person.watching for person in people), return_exceptions=True)
    server.start()
    for number, person in enumerate(people):
        if number % 2:
            person.reload()
    await asyncio.gather(*(return_after(killed, person, outcome) for person in people))


async def return_after(killed: float, person: Person, outcome: Outcome) -> None:
    outcome.times += 1
    try:
        await person.back()
        await person.tab.until(lambda: not person.problem(at_least=1), WITHIN)  # the hosts are only just starting
        outcome.away.append(time.monotonic() - killed)
        outcome.progress.append(killed - person.moment_of(person.tab.step))
        await person.tab.until(lambda: person.tab.told["goal"] is None, WITHIN)
        await person.train("Continue" if "Continue" in person.tab.buttons() else "Train")
    except (Lost, LookupError, AssertionError) as error:
        outcome.lost.append(f"{type(error).__name__}: {error} {person.problem(at_least=1)}")
    person.watching = asyncio.create_task(person.watch(math.inf))


# ---------------------------------------------------------------- all of them


async def faults(library: pathlib.Path, times: dict[str, int], visitors: int = 4) -> dict[str, Outcome]:
    """times: how often each kind of fault happens ("drops", "reloads", "hosts", "kills"), to all visitors together."""
    server = Server(library)
    server.start()
    people = [Person(server.address, seed) for seed in range(visitors)]
    outcomes = {kind: Outcome() for kind in times}
    try:
        await asyncio.gather(*map(Person.begin, people))
        for kind, fault in (("drops", drop), ("reloads", reload)):
            shares = [len(range(number, times[kind], visitors)) for number in range(visitors)]

            async def suffer(person: Person, share: int, kind=kind, fault=fault) -> None:
                for _ in range(share):
                    await goes_on(person, outcomes[kind], fault)

            await asyncio.gather(*map(suffer, people, shares))
        for _ in range(times["hosts"]):
            await kill_a_host(server, people, outcomes["hosts"])
        for person in people:
            person.watching = asyncio.create_task(person.watch(math.inf))
        for _ in range(times["kills"]):
            await kill_the_server(server, people, outcomes["kills"])
        for person in people:
            person.watching.cancel()
            await asyncio.gather(person.watching, return_exceptions=True)
            await person.close()
    finally:
        await asyncio.to_thread(server.stop)
    return outcomes


NAMES = {
    "drops": "connections cut",
    "reloads": "pages reloaded",
    "hosts": "training processes killed",
    "kills": "runs whose server was killed",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--drops", type=int, default=100, help="connections that are cut (default 100)")
    parser.add_argument("--reloads", type=int, default=50, help="reloads and second tabs (default 50)")
    parser.add_argument("--hosts", type=int, default=20, help="training processes that are killed (default 20)")
    parser.add_argument("--kills", type=int, default=50, help="times that the server is killed (default 50)")
    parser.add_argument("--visitors", type=int, default=4, help="at once (default 4)")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments (default 1)")
    options = parser.parse_args()
    random.seed(options.seed)
    times = {kind: getattr(options, kind) for kind in NAMES}
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(faults(pathlib.Path(folder) / "library.sqlite", times, options.visitors))
    longest = lambda seconds: f"{max(seconds):.1f}" if seconds else ""
    table = {
        NAMES[kind]: [
            f"{outcome.times}", f"{len(outcome.lost)}", longest(outcome.progress), longest(outcome.away),
            f"{outcome.left_over}",
        ]
        for kind, outcome in found.items()
    }  # fmt: skip
    columns = ["times", "runs lost", "progress lost at most, s", "seen again after at most, s", "processes left over"]
    print_table("faults", columns, table)
    for kind, outcome in found.items():
        for problem in outcome.lost:
            print(f"  {kind}: {problem}")


if __name__ == "__main__":
    main()
