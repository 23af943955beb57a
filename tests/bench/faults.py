"""What goes wrong where people use it, and what is lost: `python -m tests.bench.faults`.

It serves the app with a library on disk. Visitors train at full speed, each a run of their own, and at
random moments

- their connections are cut without a word, half of them while the server is answering; the
  browser connects again to its session
- they reload the page (a new session, known by its cookie), or open it in a second tab
- a process that trains is killed (-9)
- the server is killed (-9) and started again; half of the visitors reload, half have the page
  still open with all that stood on it, as a browser has that connects again
- they vanish: with leases of three seconds instead of two minutes, no run may train any more after six

A run is lost if the visitor's page then shows another experiment or an earlier step, or does not train
on by itself; after the death of the server, once Continue was pressed. What is lost then of its progress are the
seconds from the death back to when the run was at the step that it comes back with. (One that was
not yet kept comes back with step 0, and the page trains it again to the step in its URL.)
"""

import argparse
import asyncio
import contextlib
import math
import pathlib
import random
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from tests.bench.people import Person
from tests.bench.processes import Server
from tests.bench.timing import print_table
from tests.support.app_server import served
from tests.support.tab import Lost

LONGEST = 8.0  # seconds of training before the server is killed, at most; a quarter before other faults
LEASE = 3.0  # seconds of the leases that are left to run out
STARTING = 20.0  # seconds that the processes which train may need to start, after the server does
AT_ONCE = 20  # visitors who come together and leave


@dataclass
class Outcome:
    """Of one kind of fault. away: seconds until the run was seen again; progress: seconds of it that were lost."""

    times: int = 0
    lost: list[str] = field(default_factory=list)
    away: list[float] = field(default_factory=list)
    progress: list[float] = field(default_factory=list)
    left_over: int = 0


# ---------------------------------------------------------------- faults


@contextlib.asynccontextmanager
async def suffering(person: Person, outcome: Outcome) -> AsyncIterator[None]:
    """What goes wrong in here is one run lost; the person starts over, as people do."""
    outcome.times += 1
    try:
        yield
    except (Lost, LookupError, AssertionError) as error:
        outcome.lost.append(f"{type(error).__name__}: {error}")
        await person.start_over()


async def goes_on(person: Person, outcome: Outcome, fault, longest: float) -> None:
    """Watch a while, let the fault happen, and see whether the run goes on as if nothing had."""
    async with suffering(person, outcome):
        await person.watch(random.uniform(0.1, longest / 4))
        began = time.monotonic()
        await fault(person)
        await person.find(at_least=person.seen[-1][1])
        outcome.away.append(time.monotonic() - began)
        await person.see_moving()


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


async def kill_a_host(server: Server, people: list[Person], outcome: Outcome, longest: float) -> None:
    """Every run goes on, wherever it was trained."""
    await asyncio.gather(*(person.watch(random.uniform(0.1, longest / 4)) for person in people))
    random.choice(server.hosts()).kill()
    began = time.monotonic()
    for person in people:
        async with suffering(person, outcome):
            await person.find(at_least=person.seen[-1][1])
            await person.see_moving()
    outcome.away.append(time.monotonic() - began)


async def kill_the_server(server: Server, people: list[Person], outcome: Outcome, longest: float) -> None:
    """Everybody finds their run again, and goes on."""
    await asyncio.sleep(random.uniform(0.2, longest))
    killed = time.monotonic()
    outcome.left_over += await asyncio.to_thread(server.kill)
    await asyncio.gather(*(person.watching for person in people), return_exceptions=True)
    server.start()
    for number, person in enumerate(people):
        if number % 2:
            person.reload()
    await asyncio.gather(*(return_after(killed, person, outcome) for person in people))


async def return_after(killed: float, person: Person, outcome: Outcome) -> None:
    async with suffering(person, outcome):
        await person.back()
        await person.find(at_least=1, patience=STARTING)
        outcome.away.append(time.monotonic() - killed)
        outcome.progress.append(killed - person.moment_of(person.tab.step))
        await person.train()
    person.watching = asyncio.create_task(person.watch(math.inf))


# ---------------------------------------------------------------- all of them


async def faults(
    library: pathlib.Path, times: dict[str, int], visitors: int = 4, longest: float = LONGEST
) -> dict[str, Outcome]:
    """times: how often each kind of fault happens ("drops", "reloads", "hosts", "kills"), to all visitors together."""
    server = Server(library)
    server.start()
    people = [Person(server.address, number) for number in range(visitors)]
    outcomes = {kind: Outcome() for kind in times}
    try:
        await asyncio.gather(*map(Person.begin, people))
        for kind, fault in (("drops", drop), ("reloads", reload)):
            shares = [len(range(number, times[kind], visitors)) for number in range(visitors)]

            async def suffer(person: Person, share: int, kind=kind, fault=fault) -> None:
                for _ in range(share):
                    await goes_on(person, outcomes[kind], fault, longest)

            await asyncio.gather(*map(suffer, people, shares))
        for _ in range(times["hosts"]):
            await kill_a_host(server, people, outcomes["hosts"], longest)
        for person in people:
            person.watching = asyncio.create_task(person.watch(math.inf))
        for _ in range(times["kills"]):
            await kill_the_server(server, people, outcomes["kills"], longest)
        for person in people:
            person.watching.cancel()
            await asyncio.gather(person.watching, return_exceptions=True)
            await person.close()
    finally:
        await asyncio.to_thread(server.stop)
    return outcomes


async def arrive(person: Person, outcome: Outcome) -> None:
    async with suffering(person, outcome):
        await person.begin()


async def abandon(address: str, count: int) -> Outcome:
    """So many visitors of a server with leases of `LEASE` seconds train and vanish.

    Left over are the runs that still train once the leases are over.
    """
    outcome, people = Outcome(), [Person(address, number) for number in range(count)]
    for first in range(0, count, AT_ONCE):
        wave = people[first : first + AT_ONCE]
        await asyncio.gather(*(arrive(person, outcome) for person in wave))
        await asyncio.gather(*(person.tab.drop() for person in wave))
    await asyncio.sleep(2 * LEASE)
    for person in people:
        person.reload()
        await person.back()
        outcome.left_over += person.tab.training
        problem = person.problem(at_least=1)
        if problem:
            outcome.lost.append(problem)
        await person.close()
    return outcome


NAMES = {
    "drops": "connections cut",
    "reloads": "pages reloaded",
    "hosts": "runs when a training process was killed",
    "kills": "runs whose server was killed",
    "abandoned": "tabs abandoned while they trained",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--drops", type=int, default=100, help="connections that are cut (default 100)")
    parser.add_argument("--reloads", type=int, default=50, help="reloads and second tabs (default 50)")
    parser.add_argument("--hosts", type=int, default=20, help="training processes that are killed (default 20)")
    parser.add_argument("--kills", type=int, default=50, help="times that the server is killed (default 50)")
    parser.add_argument("--visitors", type=int, default=4, help="at once (default 4)")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments (default 1)")
    parser.add_argument("--abandoned", type=int, default=140, help="visitors who train and vanish (default 140)")
    options = parser.parse_args()
    random.seed(options.seed)
    times = {kind: getattr(options, kind) for kind in ("drops", "reloads", "hosts", "kills")}
    with tempfile.TemporaryDirectory() as folder:
        tell(asyncio.run(faults(pathlib.Path(folder) / "library.sqlite", times, options.visitors)))
        with served(library=pathlib.Path(folder) / "another.sqlite", lease=LEASE) as address:
            tell({"abandoned": asyncio.run(abandon(address, options.abandoned))})


def tell(found: dict[str, Outcome]) -> None:
    longest = lambda seconds: f"{max(seconds):.1f}" if seconds else ""
    table = {
        NAMES[kind]: [
            f"{outcome.times}", f"{len(outcome.lost)}", longest(outcome.progress), longest(outcome.away),
            f"{outcome.left_over}",
        ]
        for kind, outcome in found.items()
    }  # fmt: skip
    columns = ["times", "runs lost", "progress lost at most, s", "seen again after at most, s", "left over"]
    print_table("faults", columns, table)
    for kind, outcome in found.items():
        for problem in outcome.lost:
            print(f"  {kind}: {problem}")


if __name__ == "__main__":
    main()
