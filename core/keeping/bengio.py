"""`python -m core bengio --brown DIR`: the rows of the paper's table for Brown, counts and networks, beside ours.

It has been tested on small corpora made by the tests, never on Brown itself, which may not be shipped.
"""

import argparse
import hashlib
import math
import pathlib
import sys
import time
from collections.abc import Sequence

from tqdm import tqdm

from core.counting.interpolated import InterpolatedTrigram
from core.counting.kneser_ney import KneserNey
from core.data import brown
from core.data.dataset import Dataset
from core.data.vocabulary import DataError
from core.keeping.brown_networks import PARTS, Network, Training
from core.lessons.paper import Result, results

LONGEST = 5
PASSES = 20  # the paper: convergence after 10 to 20
KEEP_EVERY = 60.0  # seconds
KEPT = pathlib.Path("brown-networks")
NOTE = "Never run on Brown where this was written, only on small corpora made by tests."
HOW = (
    "The networks: steps of 32 examples, the rate and weight decay of the paper, the weights that are best on "
    "validation."
)


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--brown", type=pathlib.Path, required=True, metavar="DIR", help="holds ca01 to cr09")
    parser.add_argument("--train", type=int, default=brown.TRAIN, metavar="N", help="words of training (%(default)s)")
    parser.add_argument("--valid", type=int, default=brown.VALID, metavar="N", help="of validation (%(default)s)")
    parser.add_argument(
        "--passes", type=int, default=PASSES, metavar="N",
        help="through the training words that a network makes at most (%(default)s); 0: only the models that count",
    )  # fmt: skip
    parser.add_argument(
        "--keep", type=pathlib.Path, default=KEPT, metavar="DIR",
        help="where the networks are kept, up to 50 MB each, so that the same command goes on from there (%(default)s)",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Print paper against ours; the exit status. DataError if there is no such corpus, or nothing can be kept."""
    try:
        _compare(options)
    except KeyboardInterrupt:
        print(f"\nInterrupted. The same command goes on from what is kept in {options.keep}.", file=sys.stderr)
        return 130
    return 0


def _compare(options: argparse.Namespace) -> None:
    tokens = brown.read_brown(options.brown)
    data = brown.prepared(tokens, LONGEST - 1, options.train, options.valid)
    sizes = " / ".join(f"{len(getattr(data, part)):,}" for part in PARTS)
    print(f"{len(data.vocabulary) - 1:,} symbols (the paper: 16,383); {sizes} words (800,000 / 200,000 / 181,041)")
    print(_row("perplexity on training, validation and test", ("", "the", "paper"), ("", "", "ours")), flush=True)
    rows = [row for row in results() if row.corpus == "Brown"]
    trigram = InterpolatedTrigram.fit(data.train, data.dev)
    for row in rows:
        if row.model in ("Deleted interpolation", "Kneser-Ney back-off"):
            _count(row, trigram, data)
    if options.passes > 0:
        said = f"{len(data.train)} {len(data.dev)} " + " ".join(tokens)
        _learn(
            [row for row in rows if row.is_network], data, trigram, hashlib.sha256(said.encode()).hexdigest(), options
        )
    print(NOTE)


def _count(row: Result, trigram: InterpolatedTrigram, data: Dataset) -> None:
    by_trigram = row.model == "Deleted interpolation"
    model = trigram if by_trigram else KneserNey.fit(data.train, row.n)
    name = f"{row.model}, {row.n} words" if by_trigram else f"Kneser-Ney, {row.n} words (ours interpolates)"
    _print(row, [model.loss(getattr(data, part)) for part in PARTS], name)


def _learn(rows: list[Result], data: Dataset, trigram: InterpolatedTrigram, digest: str, options) -> None:
    """Train each network of the table, and print its row, alone and mixed with the trigram."""
    print(HOW, flush=True)
    alone = [row for row in rows if not row.mixed]
    try:
        options.keep.mkdir(parents=True, exist_ok=True)
        for number, row in enumerate(alone, 1):
            training = Training(row.model, Network.of(row), data, digest, options.keep)
            _advance(training, options.passes, f"{row.model}, network {number} of {len(alone)}")
            losses = training.measure(trigram)
            training.keep()
            same = [other for other in rows if Network.of(other) == Network.of(row)]
            for one in sorted(same, key=lambda one: one.mixed):
                _print(one, [losses[part][one.mixed] for part in PARTS], f"{one.model}: {one.about}")
    except OSError as error:
        raise DataError(f"{options.keep} cannot hold the networks: {error.strerror}.") from None


def _advance(training: Training, passes: int, title: str) -> None:
    """Train with a progress bar on stderr, which says the time left, and keep the network every minute."""
    state, kept = training.state, time.monotonic()
    total = passes * training.per_pass
    with tqdm(total=total, initial=min(state.step, total), desc=title, unit=" steps", mininterval=0.2) as bar:
        for step in training.learn(passes):
            ended = step == len(state.valid) * training.per_pass
            if ended or time.monotonic() > kept + KEEP_EVERY:
                training.keep()
                kept = time.monotonic()
            if ended:
                best = f"validation {math.exp(min(state.valid)):,.1f} after pass {state.best} of {len(state.valid)}"
                bar.set_postfix_str(best, refresh=False)
            bar.update(step - bar.n)


def _print(row: Result, losses: Sequence[float], name: str) -> None:
    paper = [f"{number:,}" if number else "" for number in (row.train, row.valid, row.test)]
    print(_row(name, paper, [f"{math.exp(loss):,.1f}" for loss in losses]), flush=True)


def _row(name: str, paper: Sequence[str], ours: Sequence[str]) -> str:
    return f"{name:56}" + "".join(f"{text:>6}" for text in paper) + "  " + "".join(f"{text:>10}" for text in ours)
