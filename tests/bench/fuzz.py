"""Hostile input, by the thousand: `python -m tests.bench.fuzz --count 10000`.

Word lists, links and run files (tests/bench/hostile.py) go to the modules that read them. Each must take
it, or refuse it with its own error, one sentence; anything else is a traceback. What was taken must
also be usable: a dataset of the words, a link written again, the run going on by a step. One in fifty
goes through a real page of a real server as well (an upload, an URL), and so does as much that only
a page's script, or a forged one, could say. A page on which an exception stands is a traceback too.
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

import torch
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from core.config import ConfigError
from core.data import reading
from core.data.dataset import Dataset
from core.data.vocabulary import DataError
from core.engine.run import Run
from core.keeping import link, runfile
from core.keeping.runtext import RunFileError
from core.serving.incoming import LONGEST, RATE
from core.ui import actions
from core.ui.compare import comparison
from core.ui.explore.commands import COMMANDS, WITH_VALUE
from core.ui.inside import example
from core.ui.start import tour
from tests.bench import hostile
from tests.bench.timing import print_table
from tests.support.app_server import served
from tests.support.screen import VALUES
from tests.support.tab import Lost, Tab

PAGED = 50  # one in so many goes through a page
SHARES = {"word lists": 0.4, "links": 0.3, "run files": 0.3}  # of the count
# page -> panel -> what its script says there
HANDLERS = {
    "": {"time": actions.HANDLERS, "tour": tour.HANDLERS},
    "inside": {"inside": example.HANDLERS, "touch": ("edits",), "unseen": ("at",)},
    "compare": {"library": comparison.HANDLERS},
    "data": {"words": ("use",), "pairs": ("inside",)},
    "tune": {"sizes": ("size",), "repairs": ("scaled",)},
    "start": {"cards": ("jump", "resume", "again")},
    "reference": {"glossary": ("to",)},
}


LINE = "the live line"
SAID = "cursor", "touched", "moved", "word", "question"  # without a number
said_on_the_line = st.sampled_from(
    [*((True, name) for name in [*COMMANDS, *WITH_VALUE]), *((False, name) for name in SAID)]
)


@dataclass
class Tally:
    """Of one kind of input. slowest: seconds, and the input; tracebacks: what happened, and the input."""

    taken: int = 0
    refused: int = 0
    slowest: tuple[float, str] = (0.0, "")
    tracebacks: list[str] = field(default_factory=list)

    def note(self, seconds: float, what: object, refused: bool) -> None:
        self.taken, self.refused = self.taken + (not refused), self.refused + refused
        self.slowest = max(self.slowest, (seconds, short(what)))


def short(what: object) -> str:
    text = ascii(what)
    return text if len(text) <= 160 else f"{text[:120]}... ({len(text):,} characters)"


# ---------------------------------------------------------------- the modules


def read_words(raw: bytes | str, fold: bool, column: int | None, groups: str) -> Callable[[], object]:
    reading.columns(raw)
    typed = reading.typed_groups(groups)
    words = reading.read(raw, "fuzz.txt", fold, column, typed).corpus
    return lambda: Dataset.of_corpus(words, 3)


def read_link(params: dict) -> Callable[[], object]:
    asked, notes = link.parse(params)
    assert all(isinstance(note, str) and len(note) < 500 for note in notes)

    def again() -> None:
        assert link.parse(dict(parse_qsl(link.encode(asked)))) == (asked, [])

    return again


def read_run(raw: bytes) -> Callable[[], object]:
    saved = runfile.from_bytes(raw)

    def go_on() -> None:
        few = hostile.dataset()
        if (saved.digest, saved.itos) == (few.digest, few.vocabulary.itos):
            if saved.config.block_size != few.block_size:
                few = Dataset.of_corpus(few.corpus, saved.config.block_size)
            Run.resume(saved.history, few, saved.step, saved.frozen).advance(1)

    return go_on


@dataclass(frozen=True)
class Kind:
    """What reads it, how it is built up, and how something valid is spoilt: a strategy and a function of a seed."""

    act: Callable
    built: st.SearchStrategy
    spoilt: Callable[[int], tuple]


def _spoilt_words(seed: int) -> tuple:
    return hostile.spoilt_words(seed), seed % 2 == 0, None, ""


KINDS = {
    "word lists": Kind(
        read_words, st.tuples(hostile.word_lists, st.booleans(), hostile.columns, hostile.groups), _spoilt_words
    ),
    "links": Kind(read_link, st.tuples(hostile.links), lambda seed: (hostile.spoilt_link(seed),)),
    "run files": Kind(read_run, st.tuples(hostile.run_files), lambda seed: (hostile.spoilt_run(seed),)),
}
LIMITS = "word lists at the limits"


def attempt(act: Callable, arguments: tuple, tally: Tally) -> None:
    """Give it to `act`, and use what comes of it."""
    began = time.perf_counter()
    try:
        use = act(*arguments)
    except (DataError, ConfigError, RunFileError) as error:
        refused = True
        if not str(error) or "\n" in str(error):
            tally.tracebacks.append(f"no sentence: {error!r} {short(arguments)}")
    except Exception as error:
        return tally.tracebacks.append(f"{type(error).__name__}: {error} {short(arguments)}")
    else:
        refused = False
    tally.note(time.perf_counter() - began, arguments, refused)
    if not refused:
        try:
            use()
        except (DataError, ConfigError):
            pass  # too many contexts, a step beyond the limit: said where it is used
        except Exception as error:
            tally.tracebacks.append(f"afterwards, {type(error).__name__}: {error} {short(arguments)}")


def draw(strategy: st.SearchStrategy, count: int, number: int) -> list:
    """So many examples, the same for the same number."""
    drawn = []

    @seed(number)
    @settings(
        max_examples=count, deadline=None, database=None, derandomize=False, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def collect(value) -> None:
        drawn.append(value)

    collect()
    return drawn


def modules(count: int, number: int) -> dict[str, Tally]:
    """Each kind its share of `count`, half built and half spoilt; and what is at the limits, once each."""
    tallies = {kind: Tally() for kind in (*KINDS, LIMITS)}
    for name, kind in KINDS.items():
        half = round(SHARES[name] * count / 2)
        for arguments in [*draw(kind.built, half, number), *map(kind.spoilt, seeds(number, half))]:
            attempt(kind.act, arguments, tallies[name])
    for make in hostile.LARGE:
        attempt(read_words, (make(), True, None, ""), tallies[LIMITS])
    return tallies


def seeds(number: int, count: int) -> range:
    """Of one run of the bench; those of another do not overlap."""
    return range(number * 10**9, number * 10**9 + count)


# ---------------------------------------------------------------- the pages


async def on_the_page(tally: Tally, tab: Tab, value: object, doing) -> None:
    began = time.perf_counter()
    try:
        await doing
        refused = tab.text() or (tab.has("own") and tab.view("own")["problem"])
        tally.note(time.perf_counter() - began, value, bool(refused))
    except Lost as error:
        tally.tracebacks.append(f"{error} {short(value)}")
    tally.tracebacks += [f"{problem} {short(value)}" for problem in tab.problems]
    tab.problems.clear()


async def pages(address: str, count: int, number: int) -> dict[str, Tally]:
    """A fiftieth of `count` of each kind, all by one visitor."""
    tallies = {f"{kind}, on a page": Tally() for kind in (*KINDS, "what its script says", "forged controls", LINE)}
    of = lambda kind: tallies[f"{kind}, on a page"]
    share = max(1, count // PAGED // 8)
    some = lambda kind: [*draw(kind.built, share, number + 1), *map(kind.spoilt, seeds(number + 1, share))]
    cookies: dict[str, str] = {}
    async with Tab(address, cookies=cookies):
        pass  # the server's first visitor waits for its imports
    for (params,) in some(KINDS["links"]):
        query = urlencode(params, doseq=True, errors="replace")
        tab = Tab(address, query=query, cookies=cookies)
        await on_the_page(of("links"), tab, query, tab.open())
        await tab.close()
    async with Tab(address, page="data", cookies=cookies) as tab:
        for raw, *_ in some(KINDS["word lists"]):
            raw = raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass")
            await on_the_page(of("word lists"), tab, raw, tab.upload("Your own file", "fuzz.txt", raw))
    async with Tab(address, cookies=cookies) as tab:
        for (raw,) in some(KINDS["run files"]):
            doing = tab.upload("A run that was downloaded here", "fuzz.safetensors", raw)
            await on_the_page(of("run files"), tab, raw, doing)
    sayings = [(page, panel, event) for page, panels in HANDLERS.items() for panel in panels for event in panels[panel]]
    tabs = {page: Tab(address, page=page, cookies=cookies) for page in HANDLERS}
    for (page, panel, event), value in draw(st.tuples(st.sampled_from(sayings), hostile.said), 2 * share, number):
        tab = tabs[page]
        if not tab.session:
            await tab.open()
        if tab.has(panel):
            what = (page, panel, event, value)
            await on_the_page(of("what its script says"), tab, what, tab.say(panel, event, value))
    for tab in tabs.values():
        await tab.close()
    await forge(address, cookies, draw(hostile.forged, 2 * share, number), of("forged controls"))
    lines = draw(st.tuples(said_on_the_line, hostile.on_the_line), 4 * share, number)
    await over_the_line(address, cookies, lines, of(LINE))
    return tallies


async def over_the_line(address: str, cookies: dict[str, str], cases: list[tuple], tally: Tally) -> None:
    """Commands and words of the live line with any value; each command must be answered, and the run still be told."""
    async with Tab(address, cookies=cookies) as tab:
        for (command, name), value in cases:
            if len(json.dumps({"do": ["", 0, name, value]})) > LONGEST - 60:
                continue  # ends the line; tests/serving/test_channel_hostile.py
            await asyncio.sleep(2 / RATE)  # who says more in a second is cut off
            began, what = time.perf_counter(), (name, value)
            try:
                problem = await tab.live.command(name, value) if command else await tab.tell(name, value)
                await tab.look()
            except Lost as error:
                tally.tracebacks.append(f"{error} {short(what)}")
                await tab.run()  # opens another line
                continue
            tally.note(time.perf_counter() - began, what, bool(problem))
            if problem and (len(problem) > 300 or not problem.endswith(".")):
                tally.tracebacks.append(f"no sentence: {problem!r} {short(what)}")
            tally.tracebacks += [f"{problem} {short(what)}" for problem in tab.problems]
            tab.problems.clear()


async def forge(address: str, cookies: dict[str, str], cases: list[tuple[int, float, str]], tally: Tally) -> None:
    """Controls say what no page lets a person choose."""
    tab = Tab(address, cookies=cookies)
    await tab.open()
    for index, amount, text in cases:
        controls = [(kind, widget) for kind in VALUES for widget in tab.elements(kind)]
        if not controls:  # the last one brought the page down
            await tab.close()
            tab = Tab(address, cookies=cookies)
            await tab.open()
            continue
        kind, widget = controls[index % len(controls)]
        numeric = kind == "number_input" or (kind == "slider" and not widget.options)
        value = amount if numeric else index % 2 == 0 if kind == "checkbox" else text
        await on_the_page(tally, tab, (widget.label, value), tab.set(widget.label, value))
    await tab.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000, help="inputs for the modules (default 10,000)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same inputs (default 1)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    os.environ["STREAMLIT_CLIENT_SHOW_ERROR_DETAILS"] = "full"
    with served() as address:
        paged = asyncio.run(pages(address, options.count, options.seed))
    tallies = modules(options.count, options.seed) | paged
    table = {
        kind: [f"{t.taken:,}", f"{t.refused:,}", f"{len(t.tracebacks)}", f"{1000 * t.slowest[0]:,.0f}"]
        for kind, t in tallies.items()
    }
    print_table("hostile input", ["taken", "refused", "tracebacks", "slowest answer, ms"], table)
    for kind, tally in tallies.items():
        print(f"  slowest of {kind}: {tally.slowest[1]}")
        for traceback in tally.tracebacks[:20]:
            print(f"  TRACEBACK, {kind}: {traceback}")


if __name__ == "__main__":
    main()
