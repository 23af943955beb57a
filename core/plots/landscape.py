"""Landscapes as data for assets/page/explore/landscape.js: integers and sentences. Pure, JSON-able.

The page shows the text as text, never as HTML.
"""

from collections.abc import Sequence

import torch

from core.analysis.survey import Descent, Field, Grid, Territories
from core.analysis.timeline import Axes, Frame
from core.data.vocabulary import Vocabulary
from core.messages import mark, tr

UNIT = 1e-5  # nats: costs are sent as integer multiples of it
LARGEST = 99.0  # nats: higher costs are sent as this
BEST = 1e-4  # nats: a letter this close to its lowest loss is at the best place
ASPECTS = (0.4, 3.0)  # of pictures: width by height
NOT_TIED = mark(
    "With tied output weights a letter that moves changes every prediction of it, too: there is no landscape."
)
NOT_IN_SPACE = mark("A landscape lies in a plane: choose PCA or two dimensions instead of 3-D.")


def grid_of(frame: Frame, aspect: float, n: int) -> Grid:
    """n x n places over the picture of a frame, whose longer side is widened to width / height = aspect."""
    aspect = min(max(aspect, ASPECTS[0]), ASPECTS[1])
    half = frame.window.half
    return Grid(frame.window.centre[:2], (half * max(1.0, aspect), half * max(1.0, 1 / aspect)), n)


def directions(frame: Frame, axes: Axes) -> tuple[tuple[float, ...], ...]:
    """The orthonormal directions (one or two) in the embedding's space along which a picture's axes go."""
    n_embd = frame.C.shape[1]
    if frame.seen.basis is not None:
        return tuple(map(tuple, frame.seen.basis.tolist()))
    shown = axes or range(min(2, n_embd))
    return tuple(tuple(float(i == axis) for i in range(n_embd)) for axis in shown)


def fields_data(fields: Sequence[Field], step: int, n: int, vocabulary: Vocabulary, plane: bool) -> dict:
    """The fields of the letters that are touched, at a step; n: how fine they were asked for; said: `sentence`."""
    of = [field_data(field, vocabulary) for field in fields]
    return {"step": step, "n": n, "said": sentence(fields, vocabulary, plane), "of": of}


def field_data(field: Field, vocabulary: Vocabulary) -> dict:
    """costs: of every place of the grid, from the bottom and the left, in UNIT, compared with where the letter is;
    least: of the lowest place; there: of where each other letter stands. now: the loss, nats."""
    return {
        "letter": field.letter,
        "name": vocabulary.label(field.letter),
        "grid": _grid(field.grid),
        "costs": _whole(field.losses - field.now),
        "now": round(field.now, 5),
        "at": _rounded(field.at),
        "down": _rounded([-x for x in field.slope]),
        "lowest": _rounded(field.lowest),
        "least": _whole(torch.tensor([field.least - field.now]))[0],
        "there": _whole(field.elsewhere - field.now),
    }


def sentence(fields: Sequence[Field], vocabulary: Vocabulary, plane: bool) -> str:
    """What the landscapes say in one line. plane: they are slices of more than two dimensions."""
    names = [vocabulary.label(field.letter) for field in fields]
    if len(fields) == 1:
        gain = fields[0].now - fields[0].least
        if gain < BEST:
            here = mark("{name} is already within {nats:.4f} nats of the best place for it.")
            in_plane = mark("{name} is already within {nats:.4f} nats of the best place for it in this plane.")
            return tr(in_plane if plane else here, name=names[0], nats=BEST)
        lower = mark("At the best place for {name} in the picture (×) the loss is {nats:.4f} nats lower.")
        in_plane = mark("At the best place for {name} in this plane (×) the loss is {nats:.4f} nats lower.")
        return tr(in_plane if plane else lower, name=names[0], nats=gain)
    (one, other), (a, b) = fields, names
    first, second = float(one.elsewhere[other.letter]) - one.now, float(other.elsewhere[one.letter]) - other.now
    there = mark("{a} where {b} stands {first}, {b} where {a} stands {second}.")
    in_plane = mark("{a} where {b} stands in this plane {first}, {b} where {a} stands {second}.")
    return tr(in_plane if plane else there, a=a, b=b, first=_cost(first), second=_cost(second))


def descent_data(descent: Descent, vocabulary: Vocabulary) -> dict:
    """The way that a letter rolled, place by place, and what there is to say of it."""
    name, steps = vocabulary.label(descent.letter), len(descent.losses) - 1
    first, last = float(descent.losses[0]), float(descent.losses[-1])
    if steps:
        rolls = mark("Let go there, {name} rolls down in {steps} of its own gradient steps: loss {first} → {last}.")
        said = tr(rolls, name=name, steps=steps, first=f"{first:.4f}", last=f"{last:.4f}")
    else:
        said = tr("{name} stays where it was put: nothing pulls it there.", name=name)
    return {"letter": descent.letter, "path": [_rounded(place) for place in descent.places.tolist()], "said": said}


def territories_data(lands: Territories) -> dict:
    """costs: for each character those of all places, in UNIT for each example that has it; [] for one in none."""
    costs = [_whole(land) if bool(land.isfinite().any()) else [] for land in lands.costs]
    return {"grid": _grid(lands.grid), "costs": costs}


def _cost(nats: float) -> str:
    return tr("costs {nats:.4f} nats", nats=nats) if nats >= 0 else tr("saves {nats:.4f} nats", nats=-nats)


def _grid(grid: Grid) -> list[float]:
    return [*_rounded(grid.centre), *_rounded(grid.half), grid.n]


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(x, 6) for x in values]


def _whole(nats: torch.Tensor) -> list[int]:
    return (nats.double().nan_to_num(LARGEST).clamp(-LARGEST, LARGEST) / UNIT).round().long().flatten().tolist()
