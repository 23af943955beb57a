"""How near words lie, against how similar people judge them to be: assets/words/wordsim353.tsv (WordSim-353).

Finkelstein, Gabrilovich, Matias, Rivlin, Solan, Wolfman, Ruppin 2002, "Placing Search in Context: The Concept
Revisited": 13 to 16 people gave each pair of English words a number from 0 (unrelated) to 10 (the same).
"""

import pathlib
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import torch

from core.analysis.words import SHUFFLES

FILE = pathlib.Path(__file__).parent.parent.parent / "assets" / "words" / "wordsim353.tsv"
FEWEST = 20  # pairs, of which a correlation is told


class Agreement(NamedTuple):
    """pairs: how many of the judged pairs the vocabulary has. correlation: Spearman's, of nearness and judgement.

    low, high: the least and the greatest among SHUFFLES shuffles of the judgements.
    """

    pairs: int
    correlation: float
    low: float
    high: float


@cache
def judged_pairs() -> tuple[tuple[str, str, float], ...]:
    """Each pair of two words once, and the mean of its judgements."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    pairs = {}
    for one, other, mean in rows:
        if one != other:
            pairs.setdefault((one, other), []).append(float(mean))
    return tuple((*pair, sum(means) / len(means)) for pair, means in pairs.items())


def agreement(C: torch.Tensor, itos: Sequence[str]) -> Agreement | None:
    """Of C (V, n_embd), the nearness of two rows being minus their Euclidean distance. None if there are too few pairs.

    A word that the vocabulary has only in lower case is taken as that.
    """
    place = {word: i for i, word in enumerate(itos)}
    at = [[place.get(word, place.get(word.lower())) for word in pair[:2]] for pair in judged_pairs()]
    known = [i for i, pair in enumerate(at) if None not in pair]
    if len(known) < FEWEST:
        return None
    first, second = torch.tensor([at[i] for i in known]).T
    near = ranks(-(C[first].double() - C[second].double()).norm(dim=1))
    judged = ranks(torch.tensor([judged_pairs()[i][2] for i in known]))
    generator = torch.Generator().manual_seed(0)
    orders = [torch.randperm(len(known), generator=generator) for _ in range(SHUFFLES)]
    shuffled = [correlation(near, judged[order]) for order in orders]
    return Agreement(len(known), correlation(near, judged), min(shuffled), max(shuffled))


def ranks(values: torch.Tensor) -> torch.Tensor:
    """The rank of each of the values (N,), from 1 on; equal values have the mean of their ranks. float64."""
    _, which, times = values.unique(return_inverse=True, return_counts=True)
    return (times.cumsum(0) - (times - 1) / 2).double()[which]


def correlation(a: torch.Tensor, b: torch.Tensor) -> float:
    """Pearson's, of a and b (N,); 0 if one of them is the same everywhere."""
    a, b = a - a.mean(), b - b.mean()
    lengths = float(a.norm() * b.norm())
    return float(a @ b) / lengths if lengths else 0.0
