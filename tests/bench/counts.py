"""Count models against the network, on the same splits: `python -m tests.bench.counts`.

Exact losses in nats per character, the README's table. The networks are trained here, by the
presets of the page (half a minute); `--quick` trains each for a twentieth of its steps.
"""

import argparse
import math

import torch

from core.config import PRESETS
from core.counting.kneser_ney import ORDERS, KneserNey
from core.counting.standings import LONGEST, RUN, Standing, count_models, count_standings, ranked
from core.data.dataset import Dataset, load_words
from core.engine.run import Run
from tests.bench.timing import print_table

NETWORKS = ("Lecture 2-D", "10-D to 2.17")


def trained(name: str, words: list[str], share: float) -> Standing:
    """The network of a preset after `share` of its steps."""
    config = PRESETS[name]
    run = Run(config, Dataset.of(words, config.block_size))
    run.advance(round(share * config.steps))
    losses = (run.evaluate(split) for split in ("train", "dev", "test"))
    return Standing(f"**network “{name}”**", RUN, f"{run.step:,} steps", config.block_size, *losses, run.step)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a smoke test: a twentieth of the steps")
    share = 0.05 if parser.parse_args().quick else 1.0
    torch.set_num_threads(1)
    words = load_words()
    dataset = Dataset.of(words, LONGEST)
    models = count_models(dataset.train)
    ordinary = {f"Kneser-Ney {order}, one discount": KneserNey.fit(dataset.train, order, False) for order in ORDERS}
    lines = count_standings(models | ordinary, dataset) + [trained(name, words, share) for name in NETWORKS]
    table = {line.name: _cells(line) for line in ranked(lines)}
    print_table("model", ["characters seen", "train", "dev", "test", "perplexity (dev)"], table)


def _cells(line: Standing) -> list[str]:
    losses = (f"{loss:.4f}" for loss in (line.train, line.dev, line.test))
    return [f"{line.reads}", *losses, f"{math.exp(line.dev):.2f}"]


if __name__ == "__main__":
    main()
