"""An embedding that is touched: letters moved, swapped, copied or held on a copy, and what comes of it.

What a person did is a list of edits; what it did to the network is a function of that list
and of the network, so undoing is leaving the last edit out.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from core.analysis.geometry import project
from core.data.dataset import Dataset, Split
from core.data.plain import is_number, is_whole
from core.engine.gradients import Workspace, places
from core.engine.model import Parameters, forward, pair_log_probabilities

MAX_EDITS = 200
FARTHEST = 1e4  # from the middle of the picture
STEPS, ROWS = 100, 32  # of one edit that trains
NAMES = 8  # likelier, and as many less likely


class Edit(NamedTuple):
    """do: "move" letter a to the place (x, y) of the picture; "swap" the rows of a and b; "copy" a's row onto b;
    "hold" a where it is, or let it go; "train" the whole network on."""

    do: str
    a: int = 0
    b: int = 0
    x: float = 0.0
    y: float = 0.0


def parse(said, vocabulary_size: int) -> tuple[Edit, ...]:
    """The edits that a page says, [[do, a, b, x, y], ...]; what cannot be one is left out."""
    rows = said if isinstance(said, list) else []
    edits = (_edit(row, vocabulary_size) for row in rows[:MAX_EDITS])
    return tuple(edit for edit in edits if edit)


def _edit(row, vocabulary_size: int) -> Edit | None:
    if not isinstance(row, list) or len(row) != 5 or row[0] not in ("move", "swap", "copy", "hold", "train"):
        return None
    whole = all(is_whole(i, 0, vocabulary_size - 1) for i in row[1:3])
    there = all(is_number(x, -FARTHEST, FARTHEST) for x in row[3:])
    return Edit(row[0], row[1], row[2], float(row[3]), float(row[4])) if whole and there else None


@dataclass(frozen=True)
class Plane:
    """The plane of a picture in the embedding's space: middle (n_embd,) and two (or one) orthonormal directions
    basis (k, n_embd). One or two dimensions are shown as they are."""

    middle: torch.Tensor
    basis: torch.Tensor

    @classmethod
    def of(cls, C: torch.Tensor) -> "Plane":
        """Raw coordinates up to two dimensions; above, the principal components of `core.analysis.geometry.project`."""
        n_embd = C.shape[1]
        if n_embd <= 2:
            return cls(torch.zeros(n_embd), torch.eye(n_embd))
        return cls(C.mean(0), project(C).basis.float())

    def points(self, C: torch.Tensor) -> torch.Tensor:
        """Where the rows of C (V, n_embd) stand in the picture, (V, 2); with one dimension all at height 0."""
        flat = (C - self.middle) @ self.basis.T
        return torch.cat([flat, torch.zeros(len(C), 2 - flat.shape[1])], 1)

    def moved(self, row: torch.Tensor, x: float, y: float) -> torch.Tensor:
        """A row (n_embd,) carried along the plane to where the picture shows it at (x, y)."""
        there = torch.tensor([x, y][: len(self.basis)])
        return row + (there - (row - self.middle) @ self.basis.T) @ self.basis


@dataclass(frozen=True)
class Touched:
    """A network that was touched, and which of its letters are held."""

    parameters: Parameters
    held: frozenset[int] = frozenset()


class Touch:
    """Makes edits on copies of one network. Never changes what it was given.

    What each edit led to is kept, so while a person drags only the last edit is made anew.
    """

    def __init__(self, parameters: Parameters, dataset: Dataset, rate: float):
        self.plane, self._dataset, self._rate = Plane.of(parameters.C), dataset, rate
        self.start = parameters
        self._edits: list[Edit] = []
        self._states = [Touched(parameters)]

    def after(self, edits: Sequence[Edit]) -> Touched:
        same = 0
        while same < min(len(edits), len(self._edits)) and edits[same] == self._edits[same]:
            same += 1
        del self._edits[same:], self._states[same + 1 :]
        for edit in edits[same:]:
            self._states.append(self._made(edit, self._states[-1]))
            self._edits.append(edit)
        return self._states[-1]

    def _made(self, edit: Edit, before: Touched) -> Touched:
        """What an edit makes of a network: nothing, where a held letter would move or a number would not be finite."""
        do, a, b, x, y = edit
        if do == "hold":
            return Touched(before.parameters, before.held ^ {a})
        changes = {"move": {a}, "swap": {a, b}, "copy": {b}, "train": set()}[do]
        if changes & before.held:
            return before
        parameters = before.parameters.clone()
        C = parameters.C
        if do == "move":
            C[a] = self.plane.moved(C[a], x, y)
        elif do == "swap":
            C[[a, b]] = C[[b, a]]
        elif do == "copy":
            C[b] = C[a]
        else:
            seed = sum(edit.do == "train" for edit in self._edits)
            train_on(parameters, before.held, self._dataset.train, self._rate, seed)
        return Touched(parameters, before.held) if parameters.flat.isfinite().all() else before


def train_on(parameters: Parameters, held: frozenset[int], train: Split, rate: float, seed: int) -> None:
    """`STEPS` steps of training, `ROWS` examples each; the rows of C that are held stay as they are."""
    generator = torch.Generator().manual_seed(seed)
    picks = torch.randint(len(train), (STEPS, ROWS), generator=generator)
    X, Y, workspace = places(train.X[picks], parameters.shape.n_embd), train.Y[picks], Workspace(parameters, ROWS)
    rows = sorted(held)
    there = parameters.C[rows].clone()
    for x, y in zip(X.split(1), Y.split(1)):
        workspace.train(x, y, [rate])
        parameters.C[rows] = there


# ---------------------------------------------------------------- what comes of it


@dataclass(frozen=True)
class Reading:
    """What a network makes of a split: its exact loss, nats a character, and log P of each of its words (words,)."""

    loss: float
    words: torch.Tensor


def read(parameters: Parameters, split: Split) -> Reading:
    """One pass over the distinct contexts."""
    logp = pair_log_probabilities(parameters, split).double()
    word = torch.repeat_interleave(torch.arange(len(split.words)), split.lengths)
    words = torch.zeros(len(split.words), dtype=torch.float64).index_add_(0, word, logp[split.pair])
    return Reading(-float(logp @ split.pairs.times) / len(split), words)


def changed(before: Reading, after: Reading, split: Split) -> dict[str, list]:
    """The words of the split that gained and lost most, each once: "likelier" and "less" of [word, factor]."""
    gains = (after.words - before.words).nan_to_num(0.0)
    order = gains.argsort(descending=True, stable=True).tolist()
    return {
        "likelier": _first(order, gains.tolist(), split.words),
        "less": _first(order[::-1], (-gains).tolist(), split.words),
    }


def _first(order: list[int], gains: list[float], words: Sequence[str]) -> list[list[str]]:
    found: dict[str, str] = {}
    for i in order:
        if gains[i] <= 0 or len(found) == NAMES:
            break
        found.setdefault(words[i], f"{math.exp(min(gains[i], 700)):.3g}")
    return [list(row) for row in found.items()]


def answer(touch: Touch, edits: Sequence[Edit], X: torch.Tensor, before: Reading, split: Split) -> dict:
    """What the page shows of a touched network. X (1, block_size): the context whose next character is asked for;
    before: what the untouched network makes of the split.

    points and start: where each letter stands, and stood; held: the letters that are; loss and was: exact;
    next and next_was: P of each character; likelier and less: words with the factor of their change.
    """
    first, now = touch.start, touch.after(edits)
    after = read(now.parameters, split)
    chances = [forward(network, X).log_probabilities[0].exp().nan_to_num() for network in (first, now.parameters)]
    return {
        "points": _rounded(touch.plane.points(now.parameters.C)),
        "start": _rounded(touch.plane.points(first.C)),
        "held": sorted(now.held),
        "loss": f"{after.loss:.4f}",
        "was": f"{before.loss:.4f}",
        "change": f"{after.loss - before.loss:+.4f}",
        "next": _rounded(chances[1]),
        "next_was": _rounded(chances[0]),
        **changed(before, after, split),
    }


def _rounded(values: torch.Tensor) -> list:
    return [[round(x, 5) for x in row] if isinstance(row, list) else round(row, 5) for row in values.tolist()]
