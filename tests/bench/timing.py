"""Timing several ways of doing one thing, fairly on a machine that others use too.

All contenders run in one process, in turn, in rounds whose order rotates; the median of a
contender's rounds is its number. Only ratios of such numbers travel to other machines.
"""

import argparse
import statistics
import time
from collections.abc import Callable

Do = Callable[[int], object]  # do so many steps; may do more, and then returns how many


def arguments(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=5, help="turns of each contender (default 5)")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a turn (default 1)")
    parser.add_argument("--quick", action="store_true", help="a smoke test: two turns of a twentieth of a second")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds = 2, 0.05
    return options


def rate(do: Do, n: int) -> float:
    """Steps a second of one turn."""
    start = time.perf_counter()
    done = do(n) or n
    return done / (time.perf_counter() - start)


def rates(contenders: dict[str, Do], rounds: int, seconds: float) -> dict[str, float]:
    """Median steps a second of each contender, in turns of about `seconds`."""
    turns = {}
    for name, do in contenders.items():  # warm up, then see how many steps fill a turn
        n = 1
        while n < rate(do, n) * seconds / 5:
            n *= 2
        turns[name] = max(1, round(rate(do, n) * seconds))
    seen = {name: [] for name in contenders}
    names = list(contenders)
    for i in range(rounds):
        for name in names[i % len(names) :] + names[: i % len(names)]:
            seen[name].append(rate(contenders[name], turns[name]))
    return {name: statistics.median(values) for name, values in seen.items()}


def print_table(title: str, columns: list[str], rows: dict[str, list[str]]) -> None:
    """Names left, figures right, in Markdown."""
    left = max(map(len, [title, *rows]))
    widths = [max(map(len, cells)) for cells in zip(columns, *rows.values())]
    line = lambda name, cells: f"| {name:<{left}} | " + " | ".join(f"{c:>{w}}" for c, w in zip(cells, widths)) + " |"
    print(line(title, columns))
    print(f"|{'-' * (left + 2)}|" + "|".join("-" * (w + 1) + ":" for w in widths) + "|")
    for name, cells in rows.items():
        print(line(name, cells))
