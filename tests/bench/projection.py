"""How much of the words' nearness is left in the map, by what the fit weighs: `python -m tests.bench.projection`.

The preset "Words" is trained for some seconds of processor time. Its C is then seen in planes that are fitted in
other ways, and the ten nearest words of each word in the plane are compared with its ten nearest in all dimensions,
and with its part of speech. Of all words on the map, and of the 500 most frequent, which have most of the names.
"""

import argparse
import os
import time
from collections.abc import Iterator, Sequence

import torch

from core.analysis.geometry import project
from core.config import WORD_PRESETS
from core.data.dataset import Dataset
from core.data.parts import part_of
from core.data.sentences import english
from core.engine.embeddings import SHOWN
from core.engine.run import Run
from tests.bench.timing import print_table

NEAREST = 10
FREQUENT = 500
FIRST = 2  # symbols 0 and 1 are no words
COLUMNS = ["variance", "ten nearest kept", "same part", "kept, frequent", "same part, frequent"]


def plane(C: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """The two directions (2, n_embd) of the largest variance of the rows of C (V, n_embd), so weighted (V,)."""
    weights = weights / weights.sum()
    centred = C - weights @ C
    return torch.linalg.eigh(centred.T @ (weights[:, None] * centred)).eigenvectors[:, -2:].flip(1).T


def nearest(points: torch.Tensor) -> torch.Tensor:
    """Of each of `points` (V, k) the NEAREST others, (V, NEAREST)."""
    return torch.cdist(points, points).fill_diagonal_(torch.inf).topk(NEAREST, largest=False).indices


def kept(points: torch.Tensor, C: torch.Tensor) -> torch.Tensor:
    """(V,): the share of each row's nearest in C (V, n_embd) that are among its nearest in `points` (V, 2)."""
    return (nearest(points)[:, :, None] == nearest(C)[:, None, :]).any(2).double().mean(1)


def same(points: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """(V,): the share of each point's nearest that have its label."""
    return (labels[nearest(points)] == labels[:, None]).double().mean(1)


def ways(C: torch.Tensor, counts: torch.Tensor) -> Iterator[tuple[str, torch.Tensor]]:
    """Names of ways to choose a plane, and the directions of each, (2, n_embd). counts (V,): of each word."""
    V, ranks = len(C), torch.arange(len(C))
    yield "each word once", plane(C, torch.ones(V, dtype=C.dtype))
    yield "by frequency", plane(C, counts)
    yield "by the root of frequency", plane(C, counts.sqrt())
    yield "by the fourth root of frequency", plane(C, counts**0.25)
    for left_out in (20, 100, 300):
        yield f"without the {left_out} most frequent", plane(C, (ranks >= left_out).double())
    for left_out in (0.25, 0.5, 0.75):
        yield f"without the rarest {left_out:.0%}", plane(C, (ranks < V - left_out * V).double())
    yield "a random plane", torch.linalg.qr(torch.randn(2, C.shape[1], dtype=C.dtype).T)[0].T


def table(whole: torch.Tensor, counts: torch.Tensor, parts: Sequence[str]) -> dict[str, list[str]]:
    """A row for each of `ways`, for the page's and for all dimensions. whole (V, n_embd): C of the map, float64."""
    C, on_page = whole[FIRST:], project(whole).basis
    names = {name: i for i, name in enumerate(dict.fromkeys(parts))}
    labels, total = torch.tensor([names[part] for part in parts]), float(C.var(0).sum())
    percent = lambda x: f"{100 * float(x):.1f} %"
    rows = {}
    for name, directions in [*ways(C, counts), ("by 1 / root of rank: the page", on_page), ("all dimensions", None)]:
        points = C if directions is None else C @ directions.T
        shares = kept(points, C), same(points, labels)
        figures = [
            float(points.var(0).sum()) / total,
            *(x.mean() for x in shares),
            *(x[:FREQUENT].mean() for x in shares),
        ]
        rows[name] = list(map(percent, figures))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, nargs="+", default=[10.0, 60.0], help="of training (10 and 60)")
    parser.add_argument("--vocabulary", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    reading = english(options.vocabulary)
    config = WORD_PRESETS["Words"].with_(seed=options.seed, steps=1_000_000)
    data = Dataset.of_corpus(reading.corpus, config.block_size)
    counts = torch.bincount(data.train.Y, minlength=len(data.vocabulary))[FIRST:SHOWN].double().clamp(min=1)
    parts = list(map(part_of, data.vocabulary.itos[FIRST:SHOWN]))
    run, took = Run(config, data), 0.0
    for seconds in sorted(options.seconds):
        while took < seconds:
            began = time.process_time()
            run.advance(50)
            took += time.process_time() - began
        C = run.parameters.C[:SHOWN].double()
        print(f"\nseed {options.seed}, after {took:.0f} s, {run.step:,} steps; load {os.getloadavg()[0]:.1f}")
        print_table("the plane is fitted to", COLUMNS, table(C, counts, parts))


if __name__ == "__main__":
    main()
