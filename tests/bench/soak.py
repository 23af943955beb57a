"""The same server for a long time: `python -m tests.bench.soak --minutes 20`.

One visitor trains at full speed; every half minute they go back in time, go on from there, turn a knob, take
another seed or reset. While it warms up they do so every three seconds, until all is full that is kept up to a limit
(the runs of Undo, answers of checkpoints), so that what is added afterwards is no filling. `--browser` also has the
page open in headless Chromium, by the same cookie, so that it shows the same run. The library is on disk. Each minute's
line says what the server and all the processes below it take, and the server alone; the last table compares the end
with the end of the warm-up.
"""

import argparse
import asyncio
import contextlib
import pathlib
import random
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from playwright.async_api import async_playwright

from tests.bench.processes import MB, Taken, server, taken
from tests.bench.timing import print_table
from tests.support.app_server import FLAGS, READY, chromium, served
from tests.support.tab import Tab

WARM_UP = 5.0  # minutes
ACT, FILL = 30.0, 3.0  # seconds between two things that the visitor does, and while it warms up
NO_END = 10_000_000  # steps


async def visit(tab: Tab, seconds: float, every: float = ACT) -> None:
    """Train for so long, and do something every so many seconds, as people do."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await tab.sit(min(every, end - time.monotonic()))
        await train(tab)
        await act(tab)
        await train(tab)


async def train(tab: Tab) -> None:
    """Go on training; from the beginning if the run has come to its end, as the quickest do within two minutes."""
    if not tab.training:
        if "Train" not in tab.buttons():
            await tab.press("Reset")
        await tab.press("Train")


async def act(tab: Tab) -> None:
    past = [frame["step"] for frame in tab.live.frames]
    things = [
        lambda: tab.set("Learning rate", random.choice(("0.03", "0.1", "0.3"))),
        lambda: tab.set("Hidden units", random.choice(("60", "100", "200"))),
        lambda: tab.press("New seed"),
        lambda: tab.press("Reset"),
        lambda: tab.press("Pause"),
    ]
    if past:
        things.append(lambda: tab.tell("cursor", random.choice(past)))
        things.append(lambda: tab.order("fork", [tab.told["run"], random.choice(past)]))
    await random.choice(things)()


@contextlib.asynccontextmanager
async def browser(address: str, cookies: dict[str, str]) -> AsyncIterator[None]:
    """The page in Chromium, as the visitor whose cookie this is."""
    async with async_playwright() as playwright:
        chrome = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        context = await chrome.new_context(viewport={"width": 1440, "height": 900})
        await context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
        page = await context.new_page()
        await page.goto(address)
        await page.locator(READY).nth(26).wait_for()
        yield
        await chrome.close()


def size(library: pathlib.Path) -> float:
    """MB of the database with its journals."""
    return sum(path.stat().st_size for path in library.parent.iterdir()) / MB


@dataclass(frozen=True)
class Minute:
    """What was taken at its end. server: MB of its process alone, RSS. disk: MB of the library."""

    taken: Taken
    server: float
    disk: float


def cells(row: Minute) -> list[str]:
    now, counts = row.taken, (row.taken.processes, row.taken.threads, row.taken.handles)
    return [f"{now.rss:,.1f}", f"{now.own:,.1f}", f"{row.server:,.1f}", *map(str, counts), f"{row.disk:.1f}"]


COLUMNS = [
    "RSS, MB", "not from files, MB", "the server alone, MB", "processes", "threads", "file handles", "database, MB",
]  # fmt: skip


async def soak(
    address: str, library: pathlib.Path, minutes: int, warm_up: float, with_browser: bool = False, minute: float = 60.0
) -> list[Minute]:
    """What is taken at the end of the warm-up, and of each of so many minutes after it. Prints a line each time.

    minute: seconds of one, for tests.
    """
    process, tab = server(address), Tab(address, query=f"steps={NO_END}")
    await tab.open()
    await tab.set("Speed", "max")
    await tab.press("Train")
    async with browser(address, tab.cookies) if with_browser else contextlib.nullcontext():
        rows = []
        for number in range(minutes + 1):
            await (visit(tab, minute) if number else visit(tab, minute * warm_up, FILL))
            now = await asyncio.to_thread(taken, process)
            rows.append(Minute(now, process.memory_info().rss / MB, size(library)))
            figures = ", ".join(f"{name} {cell}" for name, cell in zip(COLUMNS, cells(rows[-1])))
            print(f"minute {warm_up + len(rows) - 1:g}, step {tab.step:,}: {figures}", flush=True)
    if tab.problems:
        raise RuntimeError(tab.problems[0])
    await tab.close()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=int, default=20, help="after the warm-up (default 20)")
    parser.add_argument("--warm-up", type=float, default=WARM_UP, help="minutes before it (default 5)")
    parser.add_argument("--browser", action="store_true", help="also open the page in Chromium")
    options = parser.parse_args()
    random.seed(1)
    with tempfile.TemporaryDirectory() as folder:
        library = pathlib.Path(folder) / "library.sqlite"
        with served(library=library) as address:
            rows = asyncio.run(soak(address, library, options.minutes, options.warm_up, options.browser))
    first, last = rows[0], rows[-1]
    table = {
        f"after {options.warm_up:g} minutes": cells(rows[0]),
        f"after {options.warm_up + options.minutes:g} minutes": cells(rows[-1]),
    }
    print_table("a long visit", COLUMNS, table)
    whole, own = last.taken.rss - first.taken.rss, last.taken.own - first.taken.own
    print(f"added: {whole:+.1f} MB RSS (to stay under 10), of it {own:+.1f} not from files, ", end="")
    print(f"{last.server - first.server:+.1f} by the server alone")


if __name__ == "__main__":
    main()
