"""From a key to moved letters, while it trains: `python -m tests.bench.scrub`.

It serves the app itself, trains at speed max and presses the left and right arrow key over and
over. Milliseconds by the page's own clock, from the key's event (letters in the past hold still):

- moved: to the first animation frame in which a letter has left its place
- told: to the first one that shows another step, with its names, bars and loss marker
"""

import argparse
import statistics

from playwright.sync_api import Page, sync_playwright

from tests.bench.page import POINTS, STEP, train_at_max, visit
from tests.bench.timing import print_table
from tests.support.app_server import FLAGS, chromium, served

GOAL = 100  # ms
BACK = 60  # moves from one turn to the next

# Waits for the next key; the promise is kept on the window.
UNTIL_MOVED = f"""() => {{
  const places = () => {POINTS}.map((p) => p.getAttribute('transform')).join();
  window.lsTime = new Promise((done) => document.addEventListener('keydown', (event) => {{
    const before = places(), step = {STEP}, seen = {{}};
    const look = () => {{
      if (!seen.told && {STEP} !== step) seen.told = performance.now() - event.timeStamp;
      if (!seen.moved && places() !== before) seen.moved = performance.now() - event.timeStamp;
      seen.told && seen.moved ? done(seen) : requestAnimationFrame(look);
    }};
    requestAnimationFrame(look);
  }}, {{ capture: true, once: true }}));
}}"""
# The letters have come to rest: four frames in a row find them in the same places.
AT_REST = f"""() => new Promise((done) => {{
  let last = null, same = 0;
  const look = () => {{
    const now = {POINTS}.map((p) => p.getAttribute('transform')).join();
    same = now === last ? same + 1 : 0;
    last = now;
    same >= 3 ? done() : requestAnimationFrame(look);
  }};
  look();
}})"""


def moves(page: Page, times: int) -> list[dict[str, float]]:
    """Milliseconds of each of so many moves: `BACK` to the left, `BACK` to the right, and so on."""
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("ArrowLeft")  # from live letters, which move by themselves, to the past
    seen = []
    for n in range(times):
        page.evaluate(AT_REST)
        page.evaluate(UNTIL_MOVED)
        page.keyboard.press("ArrowLeft" if n // BACK % 2 == 0 else "ArrowRight")
        seen.append(page.evaluate("() => window.lsTime"))
    return seen


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--moves", type=int, default=200, help="presses of a key (default 200)")
    parser.add_argument("--preset", default="Lecture 2-D")
    options = parser.parse_args()
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = visit(browser, address)
        train_at_max(page, options.preset)
        first = page.evaluate("() => letterspace.time.head.step")
        seen = moves(page, options.moves)
        made = page.evaluate("() => letterspace.time.head.step") - first
        browser.close()
    table = {}
    for name, label in (("moved", "key to moved letters, ms"), ("told", "key to step, names, bars, ms")):
        values = [one[name] for one in seen]
        table[label] = [f"{x:.0f}" for x in (statistics.median(values), percentile(values, 0.95), max(values))]
        table[label].append(f"p95 < {GOAL}" if name == "moved" else "")
    title = f"{len(seen)} moves, {made:,} steps meanwhile"
    print_table(title, ["median", "p95", "max", "to reach"], table)


if __name__ == "__main__":
    main()
