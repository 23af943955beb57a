"""The loss over every place of one letter, quick and plain: `python -m tests.bench.landscape`.

Processor time of this process, so that others on the machine count less; medians of several
turns. Plain: a network whose letter is moved, asked for its whole exact loss. The load of the
machine is printed, as caches and memory are shared all the same.
"""

import os
import statistics
import time
from collections.abc import Callable

import torch

from core.analysis.landscape import Landscape, LetterContexts, Slice
from core.analysis.survey import Grid, roll, survey, territories
from core.config import Config
from core.data.dataset import Dataset, load_words
from core.engine.model import loss
from core.engine.run import Run
from tests.bench.timing import arguments, print_table
from tests.support.landscapes import finished, landscape, loss_with

NETWORKS = {"(2, 100)": Config(), "(2, 300)": Config(n_hidden=300), "(10, 200)": Config(n_embd=10, n_hidden=200)}
LETTERS = {"e": 5, "q": 17}
HALF = 3.0


def processor(do: Callable[[], object], rounds: int) -> float:
    """Median milliseconds of processor time."""
    seen = []
    for _ in range(rounds):
        before = time.process_time()
        do()
        seen.append(1000 * (time.process_time() - before))
    return statistics.median(seen)


def grid(n: int) -> Grid:
    return Grid((0.0, 0.0), (HALF, HALF), n)


def plain(parameters, examples, letter: int, n: int) -> None:
    here = landscape(parameters, examples, letter)
    for row in here.slice.rows(grid(n).places().flatten(0, 1)):
        loss_with(parameters, examples, letter, row)


def main() -> None:
    options = arguments(__doc__.partition("\n")[0])
    torch.set_num_threads(1)
    dataset, table, sizes = Dataset.of(load_words(), 3), {}, (9,) if options.quick else (21, 41)
    for shape, config in NETWORKS.items():
        run = Run(config, dataset)
        run.advance(50 if options.quick else 2000)
        for name, letter in LETTERS.items():
            contexts, here = LetterContexts.of(dataset.train, letter), landscape(run.parameters, dataset.train, letter)

            def field(n: int, contexts=contexts, parameters=run.parameters, slice: Slice = here.slice):
                return finished(survey(Landscape(parameters, contexts, slice), grid(n)))

            times = [processor(lambda n=n: field(n), options.rounds) for n in sizes]
            slow = processor(lambda: plain(run.parameters, dataset.train, letter, 3), options.rounds)  # noqa: B023
            back = processor(lambda: finished(roll(here, (HALF, HALF), HALF)), options.rounds)  # noqa: B023
            off = abs(here.now - loss(run.parameters, dataset.train))
            whole = [f"{t:,.0f}" for t in (*times, slow / 9 * sizes[-1] ** 2, back)]
            table[f"{shape} {name}"] = [f"{len(contexts.within.contexts):,}", *whole, f"{off:.0e}"]
        if shape == "(2, 100)":
            everyone = [landscape(run.parameters, dataset.train, letter) for letter in range(27)]
            lands = processor(lambda: finished(territories(everyone, grid(sizes[0]))), 1)  # noqa: B023
    fields = [f"{n} x {n}" for n in sizes]
    columns = ["contexts", *fields, f"{fields[-1]}, plain", "way down", "off by, nats"]
    print_table("field, ms of one core", columns, table)
    print(f"territories of 27 letters over {fields[0]} at (2, 100): {lands:,.0f} ms; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
