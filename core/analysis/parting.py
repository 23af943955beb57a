"""Where two runs part: the first step at which their numbers differ, and how far apart they are from then on.

Checkpoints say between which two of them that is; the steps between are made again by both runs, which gives the
same numbers to the last bit, so that the step is exact.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.config import FULL, KNOB, Config
from core.data.corpus import WORD
from core.data.dataset import Dataset
from core.engine.model import Parameters, Shape
from core.engine.run import Run
from core.engine.saved import SavedRun
from core.messages import mark, tr

MOST_REPEATED = 60_000_000  # steps times parameters that are made again, some seconds; above, an interval is said
MOST_OF_WORDS = 8_000_000_000  # the same times the batch size, for runs on words, whose steps take that much longer
SHAPED = ("block_size", "n_embd", "n_hidden", "direct", "tied", "optimiser")  # the knobs that `Shape` is made of
LETTERS = {"C": 0, "W2": -1, "b2": 0, "Wd": -1}  # the axis of a parameter along which its symbols are


@dataclass(frozen=True)
class Parting:
    """same: the last step at which all numbers are known to be equal, -1 if they never were. step: the first at which
    they are known to differ, `same` + 1 if it is exact; None if they do not, up to `same`. parameter: where they
    differ most at `step`, and letter: the index of the symbol whose number that is, None in a hidden unit.
    distances: (step, |difference| / |first run's|, of all weights) at the steps that both have kept.
    """

    same: int
    step: int | None = None
    parameter: str | None = None
    letter: int | None = None
    distances: tuple[tuple[int, float], ...] = ()


class Made(Protocol):
    """What is needed to say whether runs can be compared: a `SavedRun`, or `compare.Entry`."""

    text: tuple
    itos: Sequence[str]
    config: Config


def unlike(one: Made, other: Made) -> str | None:
    """Why these cannot be compared number by number, in a sentence; None if they can."""
    if one.text != other.text or len(one.itos) != len(other.itos):
        return tr("They cannot be compared number by number: they learned from different words.")
    names = [name for name in SHAPED if getattr(one.config, name) != getattr(other.config, name)]
    if not names:
        return None
    knobs = ", ".join(tr(KNOB[name].label) for name in names)
    return tr("They cannot be compared number by number: the shapes of their networks differ ({knobs}).", knobs=knobs)


def parting(one: SavedRun, other: SavedRun, dataset: Dataset) -> Parting | None:
    """None if the runs cannot be compared number by number (`unlike` says why), or `dataset` is of other words.

    dataset: the words of both, of their block size.
    """
    if unlike(one, other) or dataset.digest != one.digest:
        return None
    shapes = [Shape.of(run.config, len(run.itos)) for run in (one, other)]
    mine, theirs = _kept(one), _kept(other)
    common = sorted(mine.keys() & theirs.keys())
    distances = tuple((step, _distance(shapes[0], mine[step], theirs[step])) for step in common)
    first = next((step for step in common if mine[step] != theirs[step]), None)
    if first is None:
        return Parting(common[-1], distances=distances)
    same = max((step for step in common if step < first), default=-1)
    ends = mine[first], theirs[first]
    if same >= 0 and _quick((one, other), dataset, first - same):
        found = _exactly((one, other), dataset, same, first, mine[same])
        if found[2][0] != found[2][1]:  # else they were made in a way that cannot be taken here
            same, first, ends = found
    return Parting(same, first, *_most(*(Parameters.thaw(shapes[0], end) for end in ends)), distances)


def _quick(runs: Sequence[SavedRun], dataset: Dataset, steps: int) -> bool:
    """Whether so many steps of each run can be made again in some seconds."""
    if dataset.corpus.level != WORD:
        return steps * runs[0].parameter_count <= MOST_REPEATED
    changes = [value for run in runs for _, name, value in run.history.changes if name == "batch_size"]
    sizes = [len(dataset.train) if size == FULL else size for size in (*changes, *(r.config.batch_size for r in runs))]
    return steps * max(sizes) * runs[0].parameter_count <= MOST_OF_WORDS


def _kept(run: SavedRun) -> dict[int, bytes]:
    """step -> parameters."""
    kept = {step: run.history.parameters_at(i) for i, (step, _) in enumerate(run.history.checkpoints)}
    return kept | {run.step: run.frozen}


def _distance(shape: Shape, one: bytes, other: bytes) -> float:
    """Of the weights, which come first in what `Parameters.freeze` gave; squares come after them."""
    count = len(one) // 4 // (1 + shape.squares)  # float32
    a, b = (np.frombuffer(frozen, np.float32, count).astype(np.float64) for frozen in (one, other))
    return math.sqrt(np.square(a - b).sum() / np.square(a).sum()) if a.any() else math.nan


def _exactly(
    runs: Sequence[SavedRun], dataset: Dataset, same: int, first: int, frozen: bytes
) -> tuple[int, int, tuple[bytes, ...]]:
    """(last equal step, first other step, the parameters then): first in strides, then step by step."""
    ends: tuple[bytes, ...] = ()
    for stride in (math.isqrt(first - same) or 1, 1):
        going = [_again(run, dataset, same, frozen) for run in runs]
        while same < first:
            for run in going:
                run.advance(min(stride, first - run.step))
            ends = tuple(run.parameters.freeze() for run in going)
            if ends[0] != ends[1]:
                break
            same, frozen = going[0].step, ends[0]
        first = going[0].step
    return same, first, ends


def _again(saved: SavedRun, dataset: Dataset, step: int, frozen: bytes) -> Run:
    """The run at `step`, ready to make again what it did there."""
    run = Run.resume(saved.history.until(step), dataset, step, frozen)
    run.plan = [change for change in saved.history.changes if change[0] >= step]
    return run


def _most(one: Parameters, other: Parameters) -> tuple[str, int | None]:
    """The parameter with the largest difference, and the symbol whose number it is."""
    apart = {name: (a - getattr(other, name)).abs() for name, a in one.named().items()}
    name = max(apart, key=lambda name: float(apart[name].max()) if apart[name].numel() else -1.0)
    # Not torch's, which imports sympy for seconds.
    at = np.unravel_index(int(apart[name].argmax()), apart[name].shape)
    axis = LETTERS.get(name)
    tied = name == "W2" and one.shape.tied
    return name, None if axis is None or tied else int(at[axis])


def sentence(found: Parting, symbols: Sequence[str]) -> str:
    """One sentence for a person. symbols: as pictures show them."""
    if found.step is None:
        return tr("The same to the last bit as far as both have gone, step {step:,}.", step=found.same)
    where = found.parameter
    if found.letter is not None:
        symbol = symbols[found.letter]
        where = tr("{parameter}, in the numbers of “{symbol}”", parameter=where, symbol=symbol)
    if found.same < 0:
        said = tr("They differ from the start, most in {where}.", where=where)
    elif found.step == found.same + 1:
        exact = mark("The same to the last bit until step {same:,}; they part at step {step:,}, most in {where}.")
        said = tr(exact, same=found.same, step=found.step, where=where)
    else:
        between = mark("They part between steps {same:,} and {step:,}, at the latter most in {where}.")
        said = tr(between, same=found.same, step=found.step, where=where)
    step, distance = found.distances[-1]
    later = mark("By step {step:,} the distance between their weights is {distance} times the first one's length.")
    distance = float(f"{distance:.2g}")  # two digits, and no power of ten where 410 says it
    return f"{said} {tr(later, step=step, distance=f'{distance:,g}')}"
