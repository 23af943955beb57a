"""Words along axes of meaning, and closed groups of words (months, days ...) against groups drawn at random.

An axis is a pair of words: the direction from one to the other, in all dimensions.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch

from core.analysis.words import SCORED, SHUFFLES

FIRST = 2  # symbols 0 and 1 are no words
GROUPS = {  # few enough that a language hardly gets new ones
    "months": "january february march april may june july august september october november december",
    "days": "monday tuesday wednesday thursday friday saturday sunday",
    "numbers": "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty hundred",
    "colours": "red blue green yellow white black brown gray grey pink orange purple",
    "family": "mother father sister brother son daughter wife husband uncle aunt grandmother grandfather parents",
}


def along(C: torch.Tensor, pairs: Sequence[tuple[int, int]]) -> torch.Tensor:
    """C (V, n_embd) along the directions of pairs of rows: (V, pairs), float64.

    The first word of a pair is at -1 and the second at 1; 0 for all, if the two are in the same place.
    """
    C = C.double()
    columns = []
    for i, j in pairs:
        direction, middle = C[j] - C[i], (C[i] + C[j]) / 2
        length = float(direction @ direction)
        columns.append(2 * (C - middle) @ direction / length if length else torch.zeros(len(C), dtype=C.dtype))
    return torch.stack(columns, 1)


def angle(C: torch.Tensor, one: tuple[int, int], other: tuple[int, int]) -> float | None:
    """Between the directions of two pairs, 0 to 180 degrees: 90 if they have nothing in common; None without length."""
    a, b = ((C[j] - C[i]).double() for i, j in (one, other))
    lengths = float(a.norm() * b.norm())
    return math.degrees(math.acos(max(-1.0, min(1.0, float(a @ b) / lengths)))) if lengths else None


class Together(NamedTuple):
    """One closed group. size: how many of its words are in the vocabulary. share: how many of the size - 1 nearest of
    each of its words are of the group, on average; low, high: the least and greatest among SHUFFLES groups of as many
    words, drawn at random."""

    name: str
    size: int
    share: float
    low: float
    high: float


def closed_groups(C: torch.Tensor, itos: Sequence[str]) -> list[Together]:
    """For those of GROUPS of which three words are among the SCORED most frequent. C (V, n_embd)."""
    words = [word.lower() for word in itos[FIRST:SCORED]]
    place = {word: i for i, word in reversed(list(enumerate(words)))}
    members = {name: [place[word] for word in group.split() if word in place] for name, group in GROUPS.items()}
    members = {name: some for name, some in members.items() if len(some) >= 3}
    if not members:
        return []
    C = C[FIRST:SCORED].double()
    most = max(map(len, members.values())) - 1
    nearest = torch.cdist(C, C).fill_diagonal_(torch.inf).topk(min(most, len(C) - 1), largest=False).indices
    generator = torch.Generator().manual_seed(0)
    found = []
    for name, some in members.items():
        n = len(some)
        drawn = [torch.randperm(len(C), generator=generator)[:n] for _ in range(SHUFFLES)]
        shares = [_share(nearest[:, : n - 1], group) for group in drawn]
        found.append(Together(name, n, _share(nearest[:, : n - 1], torch.tensor(some)), min(shares), max(shares)))
    return found


def _share(nearest: torch.Tensor, group: torch.Tensor) -> float:
    member = torch.zeros(len(nearest), dtype=torch.float64)
    member[group] = 1
    return float(member[nearest[group]].mean())
