"""Whether the gradients that training uses are right: against finite differences of the loss, in float64."""

from dataclasses import dataclass

import numpy as np

from core.data.dataset import Examples
from core.engine.gradients import gradients
from core.engine.model import Parameters, loss

EXAMPLES = 32
EPSILON = 1e-5  # by how much a number is moved, both ways


@dataclass(frozen=True)
class Checked:
    """One number of a parameter: its place, the derivative by hand and by differences, nats per unit."""

    name: str
    place: tuple[int, ...]
    by_hand: float
    by_differences: float

    @property
    def apart(self) -> float:
        """The difference, relative to the larger of the two; 0 if both are 0."""
        return abs(self.by_hand - self.by_differences) / (max(abs(self.by_hand), abs(self.by_differences)) or 1.0)


def check(parameters: Parameters, train: Examples) -> list[Checked]:
    """Of every parameter the number whose derivative is largest, on the first EXAMPLES examples of the split."""
    few = Examples.uncounted(train.X[:EXAMPLES], train.Y[:EXAMPLES], train.vocabulary_size)
    shape = parameters.shape._replace(squares=False)
    doubled = Parameters(shape, parameters.weights.double().clone())
    found = []
    for name, derivative in gradients(doubled, few).named().items():
        if not derivative.numel():
            continue
        at = int(derivative.abs().argmax())
        # Not torch's, which imports sympy for seconds.
        place = tuple(int(i) for i in np.unravel_index(at, derivative.shape))
        found.append(Checked(name, place, float(derivative[place]), _difference(doubled, name, place, few)))
    return found


def _difference(parameters: Parameters, name: str, place: tuple[int, ...], few: Examples) -> float:
    tensor, losses = parameters.named()[name], []
    for away in (EPSILON, -2 * EPSILON):
        tensor[place] += away
        losses.append(loss(parameters, few))
    tensor[place] += EPSILON
    return (losses[0] - losses[1]) / (2 * EPSILON)
