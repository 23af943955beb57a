"""The page in headless Chromium while it trains: `python -m tests.bench.page`.

It serves the app itself. Times are taken by the page's own clock, at animation frames:

- frames, snapshots (changes of the step shown), blank frames and re-created nodes: over some
  seconds of training at speed max, every frame looked at
- Train to the first moved letter, Pause to stopped (the button says Train again and the step no
  longer changes): from the click, speed auto, medians
- steps/s with the page open, read from the step it shows, against `Run.advance` in this process
  between visits, when the server has nothing to do: in turn, from about the same step on
"""

import argparse
import re
import statistics
import time

import torch
from playwright.sync_api import Browser, Page, sync_playwright

from core.config import PRESETS, Config
from core.data.dataset import Dataset, load_words
from core.engine.run import Run
from core.keeping import link
from tests.bench.timing import print_table
from tests.support.app_server import FLAGS, READY, chromium, served
from tests.support.browser import press

WARM_UP = 20_000  # steps: most of what a run remembers is remembered at its beginning
NO_END = 10_000_000  # steps
STEP = "Number(document.querySelector('.ls-step b').textContent.replaceAll(',', ''))"
POINTS = "[...document.querySelectorAll('.ls-letters .point')]"
PARTS = "document.querySelectorAll('.ls-letters .point, .ls-letters .textpoint, .ls-loss .js-line')"

# Marks every node, then looks at each frame for `seconds`.
WATCH = f"""(seconds) => new Promise((done) => {{
  const parts = [...{PARTS}];
  for (const part of parts) part.lsOld = true;
  const began = performance.now();
  let frames = 0, snapshots = 0, blank = 0, moved = 0, step = {STEP}, places = "";
  const look = () => {{
    const points = {POINTS}, box = points[0]?.getBoundingClientRect();
    const now = points.map((p) => p.getAttribute('transform')).join();
    frames += 1;
    snapshots += step !== (step = {STEP});
    moved += places !== (places = now);
    blank += points.length !== 27 || !box || box.width * box.height === 0;
    const elapsed = (performance.now() - began) / 1000;
    if (elapsed < seconds) return requestAnimationFrame(look);
    const kept = [...{PARTS}].filter((part) => part.lsOld).length;
    done({{ frames, snapshots, blank, moved, recreated: parts.length - kept, seconds: elapsed }});
  }};
  requestAnimationFrame(look);
}})"""

# From a click until what it asks for is seen; the promise is kept on the window.
UNTIL_MOVED = f"""() => {{
  const places = () => {POINTS}.map((p) => p.getAttribute('transform')).join();
  window.lsTime = new Promise((done) => document.addEventListener('click', () => {{
    const began = performance.now(), before = places();
    const look = () => (places() !== before ? done(performance.now() - began) : requestAnimationFrame(look));
    requestAnimationFrame(look);
  }}, {{ capture: true, once: true }}));
}}"""
UNTIL_STOPPED = f"""() => {{
  const says = () => document.querySelector('.ls-press-train').innerText.trim().endsWith('Train');
  window.lsTime = new Promise((done) => document.addEventListener('click', () => {{
    const began = performance.now();
    let step = {STEP}, changed = began, labelled = null;
    const look = () => {{
      const now = performance.now();
      if (step !== (step = {STEP})) changed = now;
      if (labelled === null && says()) labelled = now;
      if (labelled !== null && now - Math.max(changed, labelled) > 1500) done(Math.max(changed, labelled) - began);
      else requestAnimationFrame(look);
    }};
    requestAnimationFrame(look);
  }}, {{ capture: true, once: true }}));
}}"""


def visit(browser: Browser, address: str) -> Page:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(30_000)
    page.goto(address)
    page.locator(READY).nth(26).wait_for()
    return page


def timed(page: Page, listen: str, label: str) -> float:
    """Milliseconds from pressing `label` until what `listen` waits for."""
    page.evaluate(listen)
    press(page, label)
    return page.evaluate("() => window.lsTime")


def train_at_max(page: Page) -> None:
    """Train beyond the warm-up."""
    page.get_by_text("max", exact=True).click()
    press(page, "Train")
    page.wait_for_function(f"() => {STEP} > {WARM_UP}", timeout=120_000)


def shown_rate(page: Page, seconds: float) -> float:
    """Steps a second by the step shown, between two changes of it."""
    return page.evaluate(f"""(seconds) => new Promise((done) => {{
      let first = null, step = {STEP}, started = 0;
      const look = () => {{
        const now = performance.now(), here = {STEP};
        if (here !== step) {{
          step = here;
          if (first === null) [first, started] = [here, now];
          else if (now - started > 1000 * seconds) return done((here - first) / ((now - started) / 1000));
        }}
        requestAnimationFrame(look);
      }};
      look();
    }})""", seconds)  # fmt: skip


def headless_rate(run: Run, seconds: float) -> float:
    first, began = run.step, time.perf_counter()
    while time.perf_counter() - began < seconds:
        run.advance(500)
    return (run.step - first) / (time.perf_counter() - began)


def reactions(browser: Browser, address: str, times: int) -> dict[str, list[float]]:
    page, seen = visit(browser, address), {"moved": [], "stopped": []}
    for _ in range(times):
        seen["moved"].append(timed(page, UNTIL_MOVED, "Train"))
        page.wait_for_function(f"() => {STEP} > 100")
        seen["stopped"].append(timed(page, UNTIL_STOPPED, "Pause"))
        press(page, "Reset")
        page.wait_for_function(f"() => {STEP} === 0")
        page.wait_for_timeout(1500)  # let the picture come to rest
    page.close()
    return seen


def throughput(browser: Browser, address: str, preset: str, rounds: int, seconds: float) -> tuple[list, list, dict]:
    """Steps/s with the page open and headless, round by round, and what was seen on the page meanwhile."""
    config: Config = PRESETS[preset].with_(steps=NO_END)
    run = Run(config, Dataset.of(load_words(), config.block_size))
    run.advance(WARM_UP)
    with_page, headless, watched = [], [headless_rate(run, seconds / 2)], []
    for _ in range(rounds):
        page = visit(browser, f"{address}/?{link.encode(link.Link(config))}")
        train_at_max(page)
        with_page.append(shown_rate(page, seconds))
        watched.append(page.evaluate(WATCH, seconds))
        press(page, "Pause")
        page.get_by_role("button", name=re.compile("Train$")).first.wait_for()
        page.close()
        headless.append(headless_rate(run, seconds / 2))
    return with_page, headless, {name: sum(w[name] for w in watched) for name in watched[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="visits to the page for each preset (default 3)")
    parser.add_argument("--seconds", type=float, default=8.0, help="length of a look (default 8)")
    parser.add_argument("--preset", action="append", choices=PRESETS, help="default: Lecture 2-D and 10-D to 2.17")
    options = parser.parse_args()
    torch.set_num_threads(1)
    table, spread = {}, lambda values, unit="": f"{min(values):,.0f} to {max(values):,.0f}{unit}"
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        visit(browser, address).close()  # the server's first visitor waits for its imports
        seen = reactions(browser, address, 5)
        for name, label, goal in (
            ("moved", "Train to first moved letter", "< 500"),
            ("stopped", "Pause to stopped", "< 300"),
        ):
            table[f"{label}, ms"] = [f"{statistics.median(seen[name]):.0f}", spread(seen[name]), goal]
        for preset in options.preset or ["Lecture 2-D", "10-D to 2.17"]:
            with_page, headless, watched = throughput(browser, address, preset, options.rounds, options.seconds)
            for name, label in (
                ("frames", "frames/s"),
                ("moved", "frames/s in which a letter moved"),
                ("snapshots", "snapshots/s"),
            ):
                table[f"{preset}: {label}"] = [f"{watched[name] / watched['seconds']:.1f}", "", ""]
            table[f"{preset}: blank frames"] = [str(watched["blank"]), f"of {watched['frames']:,}", "0"]
            table[f"{preset}: chart nodes re-created"] = [str(watched["recreated"]), "", "0"]
            for label, rates in (("steps/s, page open", with_page), ("steps/s, headless", headless)):
                table[f"{preset}: {label}"] = [f"{statistics.median(rates):,.0f}", spread(rates), ""]
            ratio = statistics.median(with_page) / statistics.median(headless)
            table[f"{preset}: page open / headless"] = [f"{ratio:.2f}", "", ">= 0.7"]
        browser.close()
    print_table("while it trains at speed max", ["median or mean", "range", "to reach"], table)


if __name__ == "__main__":
    main()
