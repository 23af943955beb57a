"""Are the vowels close together? A score in the full space, and the same score for shuffled labels.

The score compares the first two groups of a vocabulary (vowels and consonants, front and back vowels, ...).
Characters of other groups are left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from core.analysis.geometry import distances
from core.data.groups import ROLES
from core.messages import mark, tr

SHUFFLES = 999  # with the true labelling that makes 1,000
OUTSIDE = 0.025  # share of the labellings above the band, and the same share below
FIRST = 127  # shuffled labellings, after which most embeddings that are no better than chance are known
UNSURE = 1e-5  # difference of two scores that float32 may get wrong: some ten times its error
AT_ONCE = 16  # embeddings whose first labellings are scored together
FEW = 4  # of them, with all labellings
MOST_SCORED = 64  # characters: a third of a millisecond for 27 of them, of each checkpoint
DECIMALS = 9  # scores are rounded, so that equal labellings have equal scores in any order of summation


@dataclass(frozen=True)
class Separation:
    """score: the mean silhouette, -1 to 1. low to high: where 95 % of the shuffled labellings are; middle: median."""

    score: float
    low: float
    middle: float
    high: float

    @property
    def above(self) -> bool:
        """Better than chance: true for one random embedding in forty."""
        return self.score > self.high


def compared(roles: Iterable[str]) -> tuple[str, ...]:
    """The two roles whose groups are compared: the first two that occur; () if there is only one."""
    occurring = set(roles)
    first = tuple(role for role in ROLES if role in occurring)[:2]
    return first if len(first) == 2 else ()


def separation(C: torch.Tensor, groups: Sequence[str], shuffles: int = SHUFFLES, seed: int = 0) -> Separation | None:
    """How well vowels separate from consonants in C (V, n_embd), groups (V,): the role of each character.

    (In general, how well the first group separates from the second; see `compared`.)
    The mean silhouette of all their letters (P. J. Rousseeuw, "Silhouettes", Journal of Computational
    and Applied Mathematics 20, 1987), Euclidean, without the boundary. Low to high is where the
    silhouettes of `shuffles` random labellings with as many vowels lie: a permutation test in
    which a score above `high` has p <= 0.025. Every checkpoint gets the same labellings.

    Silhouette rather than the purity of the nearest three: of planted groups of 5 in 26, two
    dimensions, 2.5 standard deviations apart, it finds 97 % (purity 89 %); 1.5 apart, 49 % (29 %);
    in ten dimensions, 3 apart, 95 % (87 %); 150 embeddings each. In 36 runs on the names, looked
    at after 1,000 to 30,000 steps, it finds the vowels in 111 of 144 cases, purity in 109. And
    purity moves in jumps of 1/78, which hides small changes and coarsens the band.

    Two groups of the same size have an even chance to be labelled the other way round: of four
    and four letters 2 in 70 labellings are as good as the best, so nothing is above the band.

    None if there is no score: fewer than two vowels, no consonant, all letters in one place, or a
    coordinate that is not finite.
    """
    test = _comparison(tuple(groups), shuffles, seed)
    D = distances(C[test.letters]).unsqueeze(0) if test else torch.zeros(0, 0, 0)
    if not _can_be_scored(D).any():
        return None
    shuffled = np.sort(test.shuffled.rounded(D)[0])
    places = (round(share * (shuffles + 1)) - 1 for share in (OUTSIDE, 0.5, 1 - OUTSIDE))
    return Separation(float(test.true.rounded(D)[0, 0]), *(float(shuffled[place]) for place in places))


def apart(C: torch.Tensor, groups: Sequence[str]) -> bool:
    """Whether the first two groups are better separated than chance; False if there are too many characters."""
    return all_apart(C.unsqueeze(0), groups)[0]


def all_apart(embeddings: torch.Tensor, groups: Sequence[str]) -> list[bool]:
    """The same of each of P embeddings (P, V, n_embd): whether `separation` finds them `above`.

    What is no better than chance mostly shows early: too many of the FIRST shuffled labellings are as good. Only
    the other embeddings are compared with all labellings.
    """
    found = np.zeros(len(embeddings), bool)
    test = _comparison(tuple(groups), SHUFFLES, 0) if len(groups) <= MOST_SCORED else None
    if test:
        D = distances(embeddings[:, test.letters])
        for some in _parts(_can_be_scored(D), AT_ONCE):
            found[some] = test.above(D[some])
    return found.tolist()


def _can_be_scored(D: torch.Tensor) -> np.ndarray:
    """(P,) of the distances (P, n, n): whether all are finite, and not all zero."""
    farthest = D.numpy().max((1, 2), initial=0.0)  # no number if one of them is none
    return np.isfinite(farthest) & (farthest > 0)


def _parts(which: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """The indices at which `which` (P,) is true, at most `size` at a time."""
    indices = np.flatnonzero(which)
    return (indices[i : i + size] for i in range(0, len(indices), size))


class Labellings:
    """Labellings (L, n) in two groups, and what their silhouettes need of them: (n, L) each, made once.

    The products are torch's, which takes one core; all else is numpy's, whose operations begin sooner.
    """

    def __init__(self, labels: torch.Tensor, dtype: torch.dtype = torch.float64):
        ones, signs = labels.T.double(), torch.where(labels.T, 1.0, -1.0).double()
        sizes = ones.sum(0), (1 - ones).sum(0)
        own = torch.where(labels.T, *sizes)
        # 1 / how many others a letter has in the group labelled True, and in the other one
        shares = (1 / (size - inside).clamp(min=1) for size, inside in zip(sizes, (ones, 1 - ones)))
        signs = torch.where(own > 1, signs / len(ones), 0.0)
        self._ones = ones.to(dtype)
        self._in_one, self._in_other, self._signs = (part.to(dtype).numpy() for part in (*shares, signs))

    def silhouettes(self, D: torch.Tensor) -> np.ndarray:
        """Of each in each of P matrices D (P, n, n): (P, L); see `silhouettes`."""
        one = (D @ self._ones).numpy()  # (P, n, L): sums over the letters labelled True, then means
        other = D.numpy().sum(2, keepdims=True) - one
        other *= self._in_other
        one *= self._in_one
        most = np.maximum(one, other)
        other -= one
        with np.errstate(invalid="ignore"):  # letters in one place
            other /= most
        other *= self._signs
        return other.sum(1)

    def rounded(self, D: torch.Tensor) -> np.ndarray:
        """The same, so that equal labellings have equal scores: for float64."""
        return self.silhouettes(D).round(DECIMALS)


@dataclass(frozen=True)
class Comparison:
    """letters (n,): which characters are compared. true: how they are labelled. shuffled: so many other labellings.

    first, others: the shuffled ones in float32, which takes half the time.
    """

    letters: torch.Tensor
    true: Labellings
    shuffled: Labellings
    first: Labellings
    others: Labellings
    shuffles: int

    def above(self, D: torch.Tensor) -> np.ndarray:
        """(P,) of the distances D (P, n, n): whether the true labelling is above the band.

        Scores so near to the true one that float32 cannot tell are told apart in float64.
        """
        least = round((1 - OUTSIDE) * (self.shuffles + 1))  # so many of the shuffled ones are less good
        own, quick = self.true.rounded(D), (D / D.amax((1, 2), keepdim=True)).float()
        less, more = _sides(self.first.silhouettes(quick), own)
        for some in _parts(more <= self.shuffles - least, FEW):
            sides = _sides(self.others.silhouettes(quick[some]), own[some])
            less[some], more[some] = less[some] + sides[0], more[some] + sides[1]
        for i in np.flatnonzero((less < least) & (more <= self.shuffles - least)):
            less[i] = (self.shuffled.rounded(D[i : i + 1]) < own[i]).sum()
        return less >= least


def _sides(scores: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many of the scores (P, L), float32, are certainly lower than `own` (P, 1), and certainly not: (P,) each."""
    return (scores < own - UNSURE).sum(1), (scores >= own + UNSURE).sum(1)


@lru_cache(maxsize=8)
def _comparison(groups: tuple[str, ...], shuffles: int, seed: int) -> Comparison | None:
    """The comparison of the first two groups; None if that has no score.

    Each of the random labellings has as many vowels as the true one.
    """
    roles = compared(groups)
    letters = [i for i, group in enumerate(groups) if group in roles]
    true = torch.tensor([[groups[i] == roles[0] for i in letters]])  # (1, n)
    vowels = int(true.sum())
    if not 2 <= vowels < len(letters):
        return None
    generator = torch.Generator().manual_seed(seed)
    shuffled = torch.rand(shuffles, len(letters), generator=generator).argsort(1) < vowels
    quick = (Labellings(some, torch.float32) for some in (shuffled[:FIRST], shuffled[FIRST:]))
    return Comparison(torch.tensor(letters), Labellings(true), Labellings(shuffled), *quick, shuffles)


def silhouettes(D: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The mean silhouette (L,) of each labelling (L, n) in two groups, given the distances D (n, n).

    A letter's is (b - a) / max(a, b): a the mean distance to the others of its group, b that to
    the other group; 0 for a letter alone in its group. D is not zero all over.
    """
    return torch.from_numpy(Labellings(labels).rounded(D.unsqueeze(0))[0])


def since(separations: Iterable[tuple[int, Separation | None]]) -> int | None:
    """The first step since which the score has always been above the band; None if the newest score is not."""
    first = None
    for step, found in separations:
        if found is None or not found.above:
            first = None
        elif first is None:
            first = step
    return first


def question(names: Mapping[str, str]) -> str:
    """The question that the score answers. names: as in `core.data.shown.Shown`."""
    if not compared(names):
        return tr("Do groups sit together?")
    first, second, others = _named(names)
    if others:
        return tr("Do {first} sit apart from {second}?", first=first, second=second)
    return tr("Do {first} sit together?", first=first)


def separation_sentence(separations: list[tuple[int, Separation | None]], names: Mapping[str, str]) -> str:
    """One sentence about the newest of (step, separation), oldest first, and since which step it is true.

    names: as in `core.data.shown.Shown`.
    """
    roles = compared(names)
    if not roles:
        return tr("No score: two groups of characters are needed to compare, and there is only one.")
    newest = separations[-1][1] if separations else None
    if newest is None:
        needed = mark("No score: at least two {first} and one of the {second} are needed, not all at the same point.")
        first, second, _ = _named(names)
        return tr(needed, first=first, second=second)
    first, said = since(separations), claim(names)
    if first is None:
        return tr("No better than chance: {numbers}.", numbers=_numbers(newest))
    told = {"claim": said[0].upper() + said[1:], "numbers": _numbers(newest)}
    if first == 0:
        return tr("{claim} from the start: {numbers}.", **told)
    return tr("{claim} since step {step:,}: {numbers}.", step=first, **told)


def claim(names: Mapping[str, str]) -> str:
    """What is true if the score is better than chance, as a phrase; "" if there is only one group."""
    if not compared(names):
        return ""
    first, second, others = _named(names)
    if others:
        return tr("{first} sit apart from {second}", first=first, second=second)
    return tr("{first} sit together", first=first)


def _named(names: Mapping[str, str]) -> tuple[str, str, bool]:
    """The names of the two groups that are compared, and whether there are others besides these two."""
    first, second = (tr(names[role]) for role in compared(names))
    return first, second, bool(names.keys() - {"boundary", *compared(names)})


def _numbers(found: Separation) -> str:
    """The score and the band, with enough decimals to show that a score is above the band."""
    digits = 2 if f"{found.score:.2f}" != f"{found.high:.2f}" else 4
    score, low, high = (f"{value:z.{digits}f}" for value in (found.score, found.low, found.high))
    said = mark("silhouette {score}, shuffled labels give {low} to {high} (95 %)")
    return tr(said, score=score, low=low, high=high)
