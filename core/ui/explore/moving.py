"""A letter that somebody drags on the map: what a copy of the network says with the letter there."""

from dataclasses import dataclass

import torch

from core.analysis.landscape import Slice
from core.analysis.timeline import Axes, Frame
from core.data.dataset import Dataset
from core.data.plain import is_number, is_whole
from core.engine.model import Parameters, loss
from core.engine.snapshot import RECORDED, TRAINING, Snapshot
from core.messages import mark, tr
from core.plots.landscape import directions
from core.plots.panels import Question, answers

FARTHEST = 1e4  # from the middle of the picture
WORK = 3e8  # multiplications of a loss: about a tenth of a second; beyond it the losses are left out


@dataclass(frozen=True)
class Move:
    """letter (an index) is put at a place (x, y) of the picture of this run at this step."""

    run: int
    step: int
    letter: int
    place: tuple[float, float]


def parse_move(said: object, vocabulary_size: int) -> Move | None:
    """What a page says, [run, step, letter, x, y], or None for anything else."""
    if not isinstance(said, list) or len(said) != 5:
        return None
    *whole, x, y = said
    if not all(is_whole(i, 0, 1 << 53) for i in whole) or whole[2] >= vocabulary_size:
        return None
    there = all(is_number(value, -FARTHEST, FARTHEST) for value in (x, y))
    return Move(*whole, (float(x), float(y))) if there else None


def can_move(move: Move, shown: Snapshot, axes: Axes) -> bool:
    """Whether it is of this run, which rests there, and of a picture that is a plane."""
    there = (move.run, move.step) == (shown.number, shown.step) and move.letter < shown.vocabulary_size
    return there and shown.state not in (TRAINING, RECORDED) and len(axes) < 3


def with_letter_at(parameters: Parameters, frame: Frame, axes: Axes, move: Move) -> Parameters:
    """A copy of the network whose letter is moved, in the plane of the picture, to the place."""
    moved, row = parameters.clone(), parameters.C[move.letter]
    at = frame.seen.points[move.letter].double()
    plane = Slice(row, at, torch.tensor(directions(frame, axes)))
    moved.C[move.letter] = plane.rows(torch.tensor([move.place], dtype=torch.float64))[0]
    return moved


class Moving:
    """Answers for the newest move of one page, each computed once."""

    def __init__(self):
        self.move: Move | None = None
        self._of: tuple | None = None
        self._told: dict | None = None

    def look(self, shown: Snapshot, frame: Frame, axes: Axes, dataset: Dataset, question: Question) -> dict | None:
        """What the copy says, in the form of `core.plots.panels.answers`, with its losses and a sentence; None if
        nothing is moved, the run goes on or has gone on, or the picture is no plane."""
        move = self.move
        if move is None or not can_move(move, shown, axes):
            return None
        if self._of != (move, axes, question):
            self._of, self._told = (move, axes, question), self._answer(move, shown, frame, axes, dataset, question)
        return self._told

    def _answer(self, move: Move, shown: Snapshot, frame: Frame, axes: Axes, dataset: Dataset, question) -> dict:
        network = with_letter_at(shown.parameters(), frame, axes, move)
        name = dataset.vocabulary.label(move.letter)
        told = {"letter": move.letter, "place": list(move.place), "step": move.step}
        told |= answers(Parameters.stacked([network]), dataset.vocabulary, dataset.known, question)[0]
        if not network.flat.isfinite().all() or not _affordable(network, dataset):
            return told | {"said": tr("On a copy, {name} stands elsewhere; the run is as it was.", name=name)}
        train, dev = loss(network, dataset.train), loss(network, dataset.dev)
        _, _, before = frame.exact
        change = f"{dev - before:+.4f}".replace("-", "−")
        elsewhere = mark("On a copy, {name} stands elsewhere: dev loss {dev:.4f}, {change}. The run is as it was.")
        said = tr(elsewhere, name=name, dev=dev, change=change)
        return told | {"train": round(train, 4), "dev": round(dev, 4), "said": said}


def _affordable(network: Parameters, dataset: Dataset) -> bool:
    shape, contexts = network.shape, len(dataset.train.contexts) + len(dataset.dev.contexts)
    return contexts * (shape.n_hidden + 1) * (shape.block_size * shape.n_embd + shape.vocabulary_size) <= WORK
