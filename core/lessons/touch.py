"""Editing an embedding: letters are moved, swapped, copied or held on a copy of the network, with the effects.

The edits are a list, and the edited network is a function of the list and of the original network. So
undoing is removing the last edit.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from core.analysis.geometry import project
from core.data.dataset import Dataset, Split
from core.data.plain import is_number, is_whole
from core.engine.gradients import Workspace, places
from core.engine.model import Parameters, forward, pair_log_probabilities

MAX_EDITS = 200
FARTHEST = 1e4  # largest coordinate of a move
STEPS, ROWS = 100, 32  # steps of one "train" edit, and examples in each step
NAMES = 8  # words shown that became more likely, and as many that became less likely


class Edit(NamedTuple):
    """do: "move" letter a to the point (x, y) of the picture; "swap" the rows of a and b; "copy" the row of a to b;
    "hold" a at its position, or release it; "train" the whole network for STEPS steps."""

    do: str
    a: int = 0
    b: int = 0
    x: float = 0.0
    y: float = 0.0


def parse(value, vocabulary_size: int) -> tuple[Edit, ...]:
    """The edits in a value from the browser, [[do, a, b, x, y], ...]; anything that is not an edit is left out."""
    rows = value if isinstance(value, list) else []
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
        """The positions (V, 2) of the rows of C (V, n_embd) in the picture; with one dimension, y is 0."""
        flat = (C - self.middle) @ self.basis.T
        return torch.cat([flat, torch.zeros(len(C), 2 - flat.shape[1])], 1)

    def moved(self, row: torch.Tensor, x: float, y: float) -> torch.Tensor:
        """A row (n_embd,) of C, moved parallel to the plane so that its position in the picture is (x, y)."""
        there = torch.tensor([x, y][: len(self.basis)])
        return row + (there - (row - self.middle) @ self.basis.T) @ self.basis


@dataclass(frozen=True)
class Touched:
    """An edited network, and the indices of the letters that are held."""

    parameters: Parameters
    held: frozenset[int] = frozenset()


class Touch:
    """Applies edits to copies of one network, and never changes the network itself.

    silenced: hidden units that the copies do not have; a unit without an output changes nothing, and cannot learn.
    The network after each edit is kept, so that only the last edit is applied again while a letter is dragged.
    """

    def __init__(self, parameters: Parameters, dataset: Dataset, rate: float, silenced: Collection[int] = ()):
        self.plane, self._dataset, self._rate = Plane.of(parameters.C), dataset, rate
        self.start = parameters
        self._edits: list[Edit] = []
        self._states = [Touched(without(parameters, silenced))]

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
        """The network after an edit; unchanged if a held letter would move or a number would overflow."""
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


def without(parameters: Parameters, silenced: Collection[int]) -> Parameters:
    """A copy of the network without these hidden units; the network itself if there are none."""
    if not silenced:
        return parameters
    rest = [unit for unit in range(parameters.shape.n_hidden) if unit not in silenced]
    return parameters.only(rest, direct=True)


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


# ---------------------------------------------------------------- effects


@dataclass(frozen=True)
class Scores:
    """The exact loss of a network on a split, nats per character, and log P of each word of the split: words (W,)."""

    loss: float
    words: torch.Tensor


def read(parameters: Parameters, split: Split) -> Scores:
    """One pass over the distinct contexts."""
    logp = pair_log_probabilities(parameters, split).double()
    word = torch.repeat_interleave(torch.arange(len(split.words)), split.lengths)
    words = torch.zeros(len(split.words), dtype=torch.float64).index_add_(0, word, logp[split.pair])
    return Scores(-float(logp @ split.pairs.times) / len(split), words)


def changed(before: Scores, after: Scores, split: Split) -> dict[str, list]:
    """The words whose probability changed most, each once: "likelier" and "less", lists of [word, factor]."""
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


def answer(touch: Touch, edits: Sequence[Edit], X: torch.Tensor, before: Scores, split: Split) -> dict:
    """The data of the panel for an edited network. X (1, block_size): a context; before: of the original network.

    points, start: positions of the letters in the edited and in the original network; held: indices of held
    letters; loss, was: exact losses; next, next_was: P of each character after X; likelier, less: see `changed`.
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
