"""The map of words in headless Chromium while 2,000 words train: `python -m tests.bench.wordmap`.

It serves the app itself. The preset "Words" trains at speed max, and every animation frame is looked at: whether the
words moved, whether the middle of the map is empty, and how many names of words overlap. In every other visit three
words are pinned, whose trails and neighbours are drawn, too. steps/s with the page open are read from the step it
shows, against `Run.advance` in this process between visits, when the server has nothing to do.
"""

import argparse
import os
import statistics

import torch
from playwright.sync_api import Browser, Page, sync_playwright

from core.config import DEFAULT_WORDS, WORD_PRESETS
from core.data.dataset import Dataset
from core.data.sentences import DIGEST, english
from core.engine.run import Run
from core.keeping.link import Link, encode
from tests.bench.page import STEP, headless_rate, shown_rate
from tests.bench.timing import print_table
from tests.support.app_server import FLAGS, chromium, served
from tests.support.browser import VISITED, press, settled
from tests.support.word_map import EMPTY, LABELS

CONFIG = WORD_PRESETS["Words"].with_(steps=1_000_000)
WARM_UP = 500  # steps
PINNED = "cat", "Monday", "red"
PIN = "(words) => words.forEach((word) => letterspace.wordMap.pin(letterspace.wordMap.words.indexOf(word)))"
WATCH = f"""(seconds) => new Promise((done) => {{
  const map = window.letterspace.wordMap, empty = {EMPTY}, labels = {LABELS};
  const began = performance.now(), written = [], drawn = [], draw = map.draw.bind(map);
  map.draw = () => {{
    const since = performance.now();
    draw();
    drawn.push(performance.now() - since);
  }};
  let frames = 0, snapshots = 0, moved = 0, blank = 0, overlapping = 0, longest = 0;
  let step = {STEP}, place = 0, last = began;
  const look = (now) => {{
    frames += 1;
    longest = Math.max(longest, now - last);
    last = now;
    snapshots += step !== (step = {STEP});
    moved += place !== (place = map.x?.reduce((sum, x) => sum + x, 0));
    blank += empty();
    const [count, over] = labels();
    written.push(count);
    overlapping += over;
    const elapsed = (performance.now() - began) / 1000;
    if (elapsed < seconds) return requestAnimationFrame(look);
    map.draw = draw;
    const [fewest, drawing] = [Math.min(...written), drawn.sort((a, b) => a - b)[drawn.length >> 1]];
    done({{ frames, snapshots, moved, blank, overlapping, longest, fewest, drawing, seconds: elapsed }});
  }};
  requestAnimationFrame(look);
}})"""


def train_words(browser: Browser, address: str, pinned: tuple[str, ...]) -> Page:
    """A page on which the preset trains beyond the warm-up, with no end near, and words are pinned."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(240_000)  # the sentences are read by the page and by a host
    page.add_init_script(script=VISITED)
    page.goto(f"{address}/?{encode(Link(CONFIG, data='text', digest=DIGEST, vocabulary=DEFAULT_WORDS))}")
    page.locator(".ls-wordmap-canvas").wait_for()
    settled(page)
    page.get_by_text("max", exact=True).click()
    press(page, "Train")
    page.evaluate(PIN, pinned)
    page.wait_for_function(f"() => {STEP} > {WARM_UP}")
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=4, help="visits to the page (default 4)")
    parser.add_argument("--seconds", type=float, default=8.0, help="length of a look (default 8)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    run = Run(CONFIG, Dataset.of_corpus(english(DEFAULT_WORDS).corpus, CONFIG.block_size))
    run.advance(WARM_UP)
    print(f"load {os.getloadavg()[0]:.1f}")
    table, seen, with_page, headless = (
        {},
        {"": [], ", 3 words pinned": []},
        [],
        [headless_rate(run, options.seconds / 2)],
    )
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for i in range(options.rounds):
            page = train_words(browser, address, PINNED if i % 2 else ())
            with_page.append(shown_rate(page, options.seconds))
            list(seen.values())[i % 2].append(page.evaluate(WATCH, options.seconds))
            press(page, "Pause")
            page.close()
            headless.append(headless_rate(run, options.seconds / 2))
        browser.close()
    for name, looks in seen.items():
        if not looks:
            continue
        total = {key: sum(look[key] for look in looks) for key in looks[0]}
        for key, label, goal in (
            ("frames", "frames/s", ">= 40"),
            ("moved", "frames/s in which words moved", ""),
            ("snapshots", "snapshots/s", ""),
        ):
            table[label + name] = [f"{total[key] / total['seconds']:.1f}", "", goal]
        drawing = [look["drawing"] for look in looks]
        table["one drawing, ms" + name] = [f"{statistics.median(drawing):.1f}", "", ""]
        table["longest frame, ms" + name] = [f"{max(look['longest'] for look in looks):.0f}", "", ""]
        for key, label in (("blank", "blank frames"), ("overlapping", "overlapping names")):
            table[label + name] = [str(total[key]), f"of {total['frames']:,} frames", "0"]
        table["names at least" + name] = [str(min(look["fewest"] for look in looks)), "", ""]
    for label, rates in (("steps/s, page open", with_page), ("steps/s, headless", headless)):
        table[label] = [f"{statistics.median(rates):,.0f}", f"{min(rates):,.0f} to {max(rates):,.0f}", ""]
    table["page open / headless"] = [f"{statistics.median(with_page) / statistics.median(headless):.2f}", "", ""]
    print_table("2,000 words, at speed max", ["median or mean", "range", "to reach"], table)


if __name__ == "__main__":
    main()
