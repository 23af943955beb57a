"""How soon a page is seen: `python -m tests.bench.first_sight`.

In turn, in Chromium: the app until its letters are seen (they are in the index page) and until the map has drawn them
and can be used, and a Streamlit page of two lines (a title, a button) until its button is there. Fresh: a new browser
context with an empty cache. Warm: a second tab of that context, whose cache has what the first visit left. Bytes: what
came over HTTP as it was on the line (gzipped), and in websocket frames.
Only the ratio travels to other machines.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.bench.timing import print_table
from tests.support.app_server import FLAGS, READY, chromium, free_port, healthy, served

TWO_LINES = 'import streamlit as st\nst.title("Two lines")\nst.button("Press")\n'
FIRST = {"letterspace": "#ls-skeleton .letters b", "two lines": "[data-testid=stButton] button"}  # what is seen
PAGES = FIRST | {"letterspace": READY}  # what can be used


@dataclass
class Visits:
    """Of one page: seconds and bytes of its fresh and its warm visits. seen: until FIRST; the others: until PAGES."""

    fresh_seen: list[float] = field(default_factory=list)
    warm_seen: list[float] = field(default_factory=list)
    fresh: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    bytes_fresh: list[int] = field(default_factory=list)
    bytes_warm: list[int] = field(default_factory=list)
    bytes_websocket: list[int] = field(default_factory=list)  # of the fresh visits


@contextmanager
def two_lines(within: float = 60.0) -> Iterator[str]:
    """Serve the page of two lines; its address."""
    with tempfile.TemporaryDirectory() as folder:
        script, port = Path(folder) / "two_lines.py", free_port()
        script.write_text(TWO_LINES, encoding="utf-8")
        where = ["--server.headless", "true", "--server.address", "127.0.0.1", "--server.port", str(port)]
        command = [sys.executable, "-m", "streamlit", "run", str(script), *where]
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + within
            while not healthy(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("The page of two lines did not come up.")
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def visit(context: BrowserContext, address: str, name: str) -> tuple[float, float, int, int]:
    """Open a tab of a page: seconds until it is seen and can be used, bytes over HTTP and in websocket frames."""
    page = context.new_page()
    page.set_default_timeout(120_000)
    received = {"http": 0, "websocket": 0}

    def add(kind: str, count: float) -> None:
        received[kind] += int(count)

    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.on("Network.loadingFinished", lambda event: add("http", event["encodedDataLength"]))
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: add("websocket", len(data))))
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(FIRST[name]).last.wait_for()
    seen = time.perf_counter() - began
    page.locator(PAGES[name]).last.wait_for()
    seconds = time.perf_counter() - began
    page.wait_for_timeout(500)  # what is still on the line belongs to the visit
    page.close()
    return seen, seconds, received["http"], received["websocket"]


def look(browser: Browser, address: str, name: str, visits: Visits) -> None:
    """One fresh visit and a warm one after it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    seen, seconds, http, websocket = visit(context, address, name)
    visits.fresh_seen.append(seen)
    visits.fresh.append(seconds)
    visits.bytes_fresh.append(http + websocket)
    visits.bytes_websocket.append(websocket)
    seen, seconds, http, websocket = visit(context, address, name)
    visits.warm_seen.append(seen)
    visits.warm.append(seconds)
    visits.bytes_warm.append(http + websocket)
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="fresh and warm visits to each page (default 5)")
    options = parser.parse_args()
    seen = {name: Visits() for name in PAGES}
    with served() as ours, two_lines() as plain, sync_playwright() as playwright:
        addresses = {"letterspace": ours, "two lines": plain}
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for name in PAGES:  # a server's first visitor waits for its imports
            look(browser, addresses[name], name, Visits())
        loads = []
        for turn in range(options.rounds):
            for name in list(PAGES)[:: 1 if turn % 2 else -1]:
                look(browser, addresses[name], name, seen[name])
            loads.append(os.getloadavg()[0])
        browser.close()
    middle = {name: {k: statistics.median(v) for k, v in vars(visits).items()} for name, visits in seen.items()}
    one, two = middle["letterspace"], middle["two lines"]
    times = lambda kind, goal: [f"{one[kind]:.2f} s", f"{two[kind]:.2f} s", f"{one[kind] / two[kind]:.2f}", goal]
    size = lambda kind, goal: [
        f"{one[kind] / 1e6:.2f} MB", f"{two[kind] / 1e6:.2f} MB", f"{(one[kind] - two[kind]) / 1e6:+.2f} MB", goal
    ]  # fmt: skip
    print_table(
        "medians",
        ["letterspace", "two lines", "ratio or difference", "to reach"],
        {
            "fresh browser, until seen": times("fresh_seen", "1.5"),
            "warm cache, until seen": times("warm_seen", "1.25"),
            "fresh browser, until it can be used": times("fresh", ""),
            "warm cache, until it can be used": times("warm", ""),
            "bytes of a fresh visit": size("bytes_fresh", "+0.7 MB"),
            "bytes of a warm visit": size("bytes_warm", ""),
            "of the fresh visit, websocket": size("bytes_websocket", ""),
        },
    )
    print(f"load while measuring: {min(loads):.1f} to {max(loads):.1f}")


if __name__ == "__main__":
    main()
