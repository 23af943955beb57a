"""A class opens one lesson: `python -m tests.bench.classroom --students 100`.

It serves the app itself. All students open the lesson's link at the same moment, answer what is asked before Train,
press Train at a random moment within ten seconds, train for some seconds as the page is left open, press Pause and
hand in. Then the lesson's board is opened. They are real websocket sessions (tests/support/tab.py), and their own
processor time comes out of the same machine; the table says how much it was.
"""

import argparse
import asyncio
import json
import os
import random
import time
from collections import Counter

import psutil

from core.lessons import bundled
from core.lessons.predict import LOSS
from tests.bench.load import Visit, Visitor, milliseconds
from tests.bench.processes import server, taken
from tests.bench.timing import print_table
from tests.support.app_server import served
from tests.support.tab import Tab

LESSON = "e01-beat-counting"
WITHIN = 10.0  # seconds in which all press Train


class Student(Visitor):
    """One who does the lesson. handed_in: seconds that it took to hand in, or None."""

    def __init__(self, address: str, lesson: str):
        self.tab = Tab(address, query=f"lesson={lesson}")
        self.tab.acknowledges = True
        self.visit, self._speed, self.handed_in = Visit(), "auto", None

    async def predict(self) -> None:
        """Answer what is asked, one question after another."""
        while waiting := self.tab.view("lesson")["waiting"]:
            (index,) = waiting
            asked = self.tab.view("lesson")["questions"][index]["ask"]
            value = random.uniform(1.5, 3.3) if asked == LOSS else 1
            await self.tab.say("lesson", "predict", {"index": index, "value": value})

    async def train(self) -> None:
        await asyncio.sleep(random.uniform(0, WITHIN))
        await super().train()

    async def hand_in(self) -> None:
        if self.tab.training:
            await self.tab.press("Pause")
        self.handed_in = await self.tab.say("lesson", "handin", True)
        if not self.tab.view("lesson")["answer"]:
            raise LookupError(f"not handed in: {self.tab.view('lesson')['problem']}")


async def on_board(address: str, lesson: str) -> int:
    """How many answers the lesson's board shows."""
    async with Tab(address, page="board", query=f"lesson={lesson}") as tab:
        return len(json.loads(tab.view("board")["first"])["points"])


async def school(address: str, students: int, lesson: str, seconds: float) -> dict[str, list[str]]:
    those = [Student(address, lesson) for _ in range(students)]
    together = lambda act: asyncio.gather(*(one.trying(act(one)) for one in those if not one.visit.errors))
    process, this = server(address), psutil.Process()
    before = await on_board(address, lesson)
    used, began = sum(this.cpu_times()[:2]), time.monotonic()
    for act in (Student.open, Student.predict, Student.train, lambda one: one.sit(seconds, None), Student.hand_in):
        await together(act)
    own = (sum(this.cpu_times()[:2]) - used) / (time.monotonic() - began)
    memory, shown = taken(process), await on_board(address, lesson) - before
    for one in those:
        await one.tab.close()
    whole = lambda value: [f"{value:,.0f}", "", ""]
    times = {
        "lesson opened, all at once, ms: p50, p95, max": [one.visit.opened for one in those if one.visit.opened],
        "Train, within 10 s, ms: p50, p95, max": [one.visit.pressed for one in those if one.visit.pressed],
        "between two moments shown of runs in training, ms: p50, p95, max": [
            s for one in those if not one.visit.said for s in one.visit.looks
        ],
        "handing in, all at once, ms: p50, p95, max": [one.handed_in for one in those if one.handed_in],
    }
    errors = [error for one in those for error in one.visit.errors]
    for sentence, count in Counter([*errors, *(one.visit.said for one in those if one.visit.said)]).items():
        print(f"  said {count} times:", sentence)
    return {name: milliseconds(values) for name, values in times.items()} | {
        "Train refused": whole(sum(bool(one.visit.said) for one in those)),
        "handed in": whole(sum(one.handed_in is not None for one in those)),
        "of these on the board": whole(shown),
        "errors": whole(len(errors)),
        "server MB, RSS": whole(memory.rss),
        "processors used by the students themselves": [f"{own:.2f}", "", ""],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=100, help="how many (default 100)")
    parser.add_argument("--lesson", default=LESSON, choices=bundled.KEYS, help=f"(default {LESSON})")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long they train (default 20)")
    options = parser.parse_args()
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with served() as address:
        asyncio.run(school(address, 1, options.lesson, 1.0))  # the server's first visitor waits for its imports
        rows = asyncio.run(school(address, options.students, options.lesson, options.seconds))
    print_table(f"{options.students} students, one lesson", ["", "", ""], rows)


if __name__ == "__main__":
    main()
