"""The exact loss of the training split, against the plain full pass: `python -m tests.bench.evaluation`.

`Run.evaluate` passes the distinct contexts once and weighs them with their next-character
counts, in machine code (core/engine/kernel) or by torch; the plain pass is the lecture's, over all
examples at once. One thread, one process, in turn (tests/bench/timing.py). All are means over the
same examples, so the last column is what float32 rounding leaves.
"""

import torch
import torch.nn.functional as F

from core.config import Config
from core.data.dataset import Dataset, Split, load_words
from core.engine.model import Parameters, loss
from core.engine.run import Run
from tests.bench.timing import arguments, print_table, rates

BLOCK_SIZES = (2, 3, 5)
N_EMBD, N_HIDDEN = 10, 200


def plain(parameters: Parameters, split: Split) -> float:
    """The loss as the lecture computes it for a whole split."""
    with torch.inference_mode():
        emb = parameters.C[split.X]
        h = torch.tanh(emb.flatten(1) @ parameters.W1 + parameters.b1)
        return F.cross_entropy(h @ parameters.W2 + parameters.b2, split.Y).item()


def times(function, *arguments):
    """A contender: `function(*arguments)` so many times."""

    def do(n: int) -> None:
        for _ in range(n):
            function(*arguments)

    return do


def main() -> None:
    options = arguments(__doc__.partition("\n")[0])
    torch.set_num_threads(1)
    words, table = load_words(), {}
    for block_size in BLOCK_SIZES:
        dataset = Dataset.of(words, block_size)
        run = Run(Config(block_size=block_size, n_embd=N_EMBD, n_hidden=N_HIDDEN), dataset)
        run.advance(200 if options.quick else 2_000)
        measured = rates(
            {
                "exact": times(run.evaluate, "train"),
                "by torch": times(loss, run.parameters, dataset.train),
                "plain": times(plain, run.parameters, dataset.train),
            },
            options.rounds,
            options.seconds,
        )
        table[f"block size {block_size}"] = [
            f"{len(dataset.train):,}",
            f"{len(dataset.train.contexts):,}",
            *(f"{1000 / measured[name]:.1f} ms" for name in ("plain", "by torch", "exact")),
            f"{measured['exact'] / measured['by torch']:.1f}, {measured['exact'] / measured['plain']:.0f}",
            f"{abs(run.evaluate('train') - plain(run.parameters, dataset.train)):.0e}",
        ]
    columns = ["examples", "distinct contexts", "plain", "by torch", "exact", "times faster", "difference"]
    print_table(f"train loss at ({N_EMBD}, {N_HIDDEN})", columns, table)


if __name__ == "__main__":
    main()
