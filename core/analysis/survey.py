"""Computations on landscapes: the loss over a grid, the lowest place, gradient descent, and costs for all letters.

Each is a generator that yields after every small piece of work, so that the caller can do other work
in between, and returns its result.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch

from core.analysis.landscape import Landscape

Pieces = Generator[None, None, None]
ZOOMS, AROUND = 3, 5  # grids of 5 x 5 around the lowest place so far, each a quarter as wide as the last
STEPS = 80  # of gradient descent, at most
FIRST, LEAST = 0.04, 5e-4  # length of the first step, and of one that ends it, in halves of the picture


@dataclass(frozen=True)
class Grid:
    """n x n places, from the left and from the bottom: centre (x, y) and half of width and height."""

    centre: tuple[float, float]
    half: tuple[float, float]
    n: int

    def places(self) -> torch.Tensor:
        """(n, n, 2) float64, row by row from the bottom."""
        line = torch.linspace(-1, 1, self.n, dtype=torch.float64)
        x, y = self.centre[0] + line * self.half[0], self.centre[1] + line * self.half[1]
        return torch.stack([x.expand(self.n, -1), y.unsqueeze(1).expand(-1, self.n)], 2)


@dataclass(frozen=True)
class Field:
    """The exact loss over a grid of places for one letter.

    losses (n, n) float64: nats, rows from the bottom. at: where the letter is, and now: the loss
    there. slope: of the loss there, nats per unit of the picture. lowest: the best place found, and
    least: the loss there; never more than `now`. elsewhere (P,): the losses at other given places.
    """

    letter: int
    grid: Grid
    losses: torch.Tensor
    at: tuple[float, float]
    now: float
    slope: tuple[float, float]
    lowest: tuple[float, float]
    least: float
    elsewhere: torch.Tensor


def survey(landscape: Landscape, grid: Grid, elsewhere: torch.Tensor | None = None) -> Generator[None, None, Field]:
    """The field, a row at a time; elsewhere (P, 2): other places. With one dimension all rows are the same."""
    rows, places = [], grid.places()
    for row in places[:1] if len(landscape.slice.basis) == 1 else places:
        rows.append(landscape.losses(row))
        yield
    losses = torch.stack(rows).expand(grid.n, -1)
    at, now, slope = landscape.slice.at, landscape.now, landscape.slope()
    yield
    first = places.flatten(0, 1)[losses.flatten().argmin()] if float(losses.min()) < now else at
    lowest, least = yield from _lowest(landscape, first, min(now, float(losses.min())), grid)
    pair = lambda values: (float(values[0]), float(values[1]))
    others = losses.new_zeros(0) if elsewhere is None else landscape.losses(elsewhere)
    return Field(landscape.contexts.letter, grid, losses, pair(at), now, pair(slope), pair(lowest), least, others)


def _lowest(landscape: Landscape, best: torch.Tensor, least: float, grid: Grid):
    """The lowest place of the grid's rectangle near `best`, and the loss there."""
    best, places = best.double(), grid.places()
    corners = places[0, 0], places[-1, -1]
    width = torch.tensor(grid.half, dtype=torch.float64) * 2 / (grid.n - 1)
    for _ in range(ZOOMS):
        around = Grid(tuple(best.tolist()), tuple(width.tolist()), AROUND).places().flatten(0, 1)
        around = torch.minimum(torch.maximum(around, corners[0]), corners[1])
        losses = landscape.losses(around)
        if float(losses.min()) < least:
            best, least = around[losses.argmin()], float(losses.min())
        width = width / 4
        yield
    return best, least


@dataclass(frozen=True)
class Descent:
    """The path of a letter by gradient descent: places (S, 2) and losses (S,), float64."""

    letter: int
    places: torch.Tensor
    losses: torch.Tensor


def roll(landscape: Landscape, start: tuple[float, float], half: float) -> Generator[None, None, Descent]:
    """Gradient descent of the letter alone, from `start`; half: of the picture.

    Every step is against the exact gradient of the letter's row, as the picture shows it. A step
    that does not lower the loss is tried again with half the rate, and the rate grows a little after
    each that does, so that the path has some tens of steps whatever the scale of the loss.
    """
    place = torch.tensor(start, dtype=torch.float64)
    loss = float(landscape.losses(place.unsqueeze(0)))
    places, losses, slope = [place], [loss], landscape.slope(place)
    rate = FIRST * half / max(float(slope.norm()), 1e-12)
    for _ in range(STEPS):
        step = -rate * slope
        if float(step.norm()) < LEAST * half or not bool(step.isfinite().all()):
            break
        there = float(landscape.losses((place + step).unsqueeze(0)))
        yield
        if there >= loss:
            rate /= 2
            continue
        place, loss, rate = place + step, there, rate * 1.2
        places.append(place), losses.append(loss)
        slope = landscape.slope(place)
    return Descent(landscape.contexts.letter, torch.stack(places), torch.tensor(losses, dtype=torch.float64))


@dataclass(frozen=True)
class Territories:
    """The cost of moving each letter to each place of a grid: costs (V, n, n) float64, rows from the bottom.

    Nats per example whose context has the letter: by the mean over all examples, rare letters would
    cost almost nothing anywhere. Letters without an example: inf.
    """

    grid: Grid
    costs: torch.Tensor


def territories(landscapes: Sequence[Landscape], grid: Grid) -> Generator[None, None, Territories]:
    """landscapes: of all letters, in their order."""
    costs, places = [], grid.places()
    for landscape in landscapes:
        own = sum(float(pairs.pairs.times.sum()) for _, pairs in landscape.contexts.patterns)
        if not own:
            costs.append(torch.full((grid.n, grid.n), torch.inf, dtype=torch.float64))
            continue
        rows = []
        for row in places[:1] if len(landscape.slice.basis) == 1 else places:
            rows.append((landscape.losses(row) - landscape.now) * (landscape.contexts.total / own))
            yield
        costs.append(torch.stack(rows).expand(grid.n, -1))
    return Territories(grid, torch.stack(costs))
