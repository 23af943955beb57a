"""The page "Inside the network" in headless Chromium: `python -m tests.bench.inside`.

It serves the app itself. First paint: from the navigation to the page's address, on a server that
has had a visitor, until all stages and letters are there, by the page's own clock; and from the
click on its link on Explore. A touch: from the event until an animation frame shows the server's
answer to it. Medians.
"""

import argparse
import statistics

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.timing import print_table
from tests.support.app_server import FLAGS, READY, chromium, served

STAGES = ("lookup", "batch", "concatenation", "hidden", "tanh", "softmax", "backward", "indices")
THERE = "document.querySelectorAll('.ls-stage').length === 8 && document.querySelectorAll('.ls-letter').length === 27"
ANSWER = "document.querySelector('.ls-touch-right').textContent"
UNSEEN = "document.querySelector('.ls-view-unseen').textContent"
KEY = """document.querySelector('.ls-touchmap').dispatchEvent(
  new KeyboardEvent('keydown', { key: '%s', shiftKey: true }))"""

# Do `act`, then look at every frame until `holds(before)` is true; both are JavaScript.
TIMED = """([act, before, holds]) => new Promise((done, fail) => {
  setTimeout(() => fail(new Error("no answer: " + act)), 30000);
  const was = new Function("return " + before)(), now = new Function("was", "return " + holds);
  const began = performance.now();
  new Function(act)();
  const look = () => (now(was) ? done(performance.now() - began) : requestAnimationFrame(look));
  requestAnimationFrame(look);
})"""


def visit(browser: Browser, address: str) -> tuple[Page, float]:
    """The page, and the milliseconds until everything was on it."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(60_000)
    page.goto(f"{address}/inside", wait_until="commit")
    page.wait_for_function(THERE)
    return page, page.evaluate("performance.now()")


def come_from_explore(browser: Browser, address: str) -> float:
    """The milliseconds from the click on the page's link until everything is on it."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(60_000)
    page.goto(address)
    page.locator(READY).nth(26).wait_for()
    page.wait_for_timeout(1500)  # let Explore come to rest
    took = page.evaluate(TIMED, [press("a", "Inside the network"), "0", THERE])
    page.close()
    return took


def press(selector: str, text: str = "") -> str:
    return f"[...document.querySelectorAll({selector!r})].find((e) => e.textContent.includes({text!r})).click()"


def touches(page: Page) -> dict[str, list[float]]:
    """Everything that can be touched, once."""
    seen: dict[str, list[float]] = {}

    def time(name: str, act: str, before: str, holds: str) -> None:
        seen.setdefault(name, []).append(page.evaluate(TIMED, [act, before, holds]))

    for stage in STAGES:
        button = f'[data-k="stage {stage}"]'
        time(f"open {stage}", press(button), "0", f"document.querySelector('{button} + .ls-open') !== null")
    for label in "za":
        said = f"document.querySelector('.ls-labels p').textContent.includes('“{label}”')"
        time("choose a label", press(".ls-labels button", label), "0", said)
    for _ in range(5):
        page.evaluate(KEY % "e")
        time("move a letter", KEY % "ArrowRight", ANSWER, f"{ANSWER} !== was")
    time("train 100 steps", press(".ls-touch button", "Train"), ANSWER, f"{ANSWER} !== was")
    time("undo", press(".ls-touch button", "Undo"), ANSWER, f"{ANSWER} !== was")
    time("reset", press(".ls-touch button", "Reset"), ANSWER, f"{ANSWER} !== was")
    for _ in range(3):
        time("next unseen context", press(".ls-view-unseen button", "Next"), UNSEEN, f"{UNSEEN} !== was")
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--visits", type=int, default=5, help="visits to the page (default 5)")
    options = parser.parse_args()
    paints, links, seen = [], [], {}
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        visit(browser, address)[0].close()  # the server's first visitor waits for its imports and its data
        for _ in range(options.visits):
            page, paint = visit(browser, address)
            paints.append(paint)
            links.append(come_from_explore(browser, address))
            for name, times in touches(page).items():
                seen.setdefault(name, []).extend(times)
            page.close()
        browser.close()
    row = lambda times, goal: [f"{statistics.median(times):.0f}", f"{min(times):.0f} to {max(times):.0f}", goal]
    table = {"first paint": row(paints, "< 1000"), "from Explore": row(links, "< 1000")} | {
        name: row(times, "< 200") for name, times in seen.items()
    }
    print_table("inside the network, ms", ["median", "range", "to reach"], table)


if __name__ == "__main__":
    main()
