"""`python -m core bengio --brown DIR`: the rows of the paper's table for Brown that only count, beside ours.

It has been tested on small corpora made by the tests, never on Brown itself, which may not be shipped.
"""

import argparse
import math
import pathlib

from core.counting.interpolated import InterpolatedTrigram
from core.counting.kneser_ney import KneserNey
from core.data import brown
from core.lessons.paper import results

LONGEST = 5
NOTE = (
    "Never run on Brown where this was written, only on small corpora made by tests. The networks are not trained here."
)


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--brown", type=pathlib.Path, required=True, metavar="DIR", help="holds ca01 to cr09")
    parser.add_argument("--train", type=int, default=brown.TRAIN, metavar="N", help="words of training (%(default)s)")
    parser.add_argument("--valid", type=int, default=brown.VALID, metavar="N", help="of validation (%(default)s)")


def run(options: argparse.Namespace) -> int:
    """Print paper against ours. DataError if there is no such corpus."""
    data = brown.prepared(brown.read_brown(options.brown), LONGEST - 1, options.train, options.valid)
    sizes = " / ".join(f"{len(part):,}" for part in (data.train, data.dev, data.test))
    print(f"{len(data.vocabulary) - 1:,} symbols (the paper: 16,383); {sizes} words (800,000 / 200,000 / 181,041)")
    print(f"{'perplexity on validation and test':36} {'the paper':>14} {'ours':>18}", flush=True)
    interpolated = [row for row in results() if row.corpus == "Brown" and row.model == "Deleted interpolation"]
    kneser_ney = [row for row in results() if row.corpus == "Brown" and row.model == "Kneser-Ney back-off"]
    for row in (*interpolated, *kneser_ney):
        trigram = row in interpolated
        model = InterpolatedTrigram.fit(data.train, data.dev) if trigram else KneserNey.fit(data.train, row.n)
        ours = [f"{math.exp(model.loss(part)):,.1f}" for part in (data.dev, data.test)]
        name = f"{row.model}, {row.n} words" if trigram else f"Kneser-Ney, {row.n} words (ours interpolates)"
        print(f"{name:36} {row.valid:6} {row.test:7} {ours[0]:>9} {ours[1]:>8}", flush=True)
    print(NOTE)
    return 0
