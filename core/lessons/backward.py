"""The backward pass of one example: the gradient of every parameter, and steps on a copy of the network.

The gradients are those of `core.engine.gradients`, the code that trains.
"""

import math
from dataclasses import dataclass

import torch

from core.data.dataset import Examples
from core.engine.gradients import gradients, update
from core.engine.model import Parameters, forward, loss
from core.lessons.lines import by, heat
from core.lessons.stages import ForwardPass, numbers, stage
from core.messages import tr

MAX_STEPS = 200


def lines(direct: bool, tied: bool = False) -> dict[str, str]:
    """parameter -> the code of its gradient, in the order of the backward pass; each uses the results before."""
    back, twice = ("dq @ W2.T", " + dlogits.T @ (h @ W2)") if tied else ("dlogits @ W2.T", "")
    found = {
        "b2": "dlogits = probabilities - F.one_hot(Y, len(C))\ndb2 = dlogits[0]",
        "W2": "dq = dlogits @ C\ndW2 = h.T @ dq" if tied else "dW2 = h.T @ dlogits",
        "Wd": "dWd = x.T @ dlogits",
        "b1": f"dz = ({back}) * (1 - h**2)\ndb1 = dz[0]",
        "W1": "dW1 = x.T @ dz",
        "C": f"dx = dz @ W1.T{' + dlogits @ Wd.T' if direct else ''}\n"
        f"dC = torch.zeros_like(C).index_add(0, X[0], dx.view(-1, C.shape[1])){twice}",
    }
    return found if direct else {name: line for name, line in found.items() if name != "Wd"}


def of_example(parameters: Parameters, X: torch.Tensor, Y: torch.Tensor) -> Parameters:
    """d loss / d parameters for one example, X (1, block_size) and Y (1,)."""
    return gradients(parameters, Examples.uncounted(X, Y, parameters.shape.vocabulary_size))


@dataclass(frozen=True)
class Stepped:
    """parameters after the steps; losses: of the example before the first step and after each, nats."""

    parameters: Parameters
    losses: tuple[float, ...]


def descend(
    parameters: Parameters, X: torch.Tensor, Y: torch.Tensor, steps: int, rate: float, decay: float = 0.0
) -> Stepped:
    """`steps` updates with this one example, on a copy; fewer if the loss is no longer a finite number.

    decay: of weights and C, not of biases, just before each update, as in `core.engine.run`.
    """
    copy = parameters.clone()
    losses = [_loss(copy, X, Y)]
    while len(losses) <= steps and math.isfinite(losses[-1]):
        found = of_example(copy, X, Y)
        copy.decay(rate * decay)
        update(copy, found, rate)
        losses.append(_loss(copy, X, Y))
    return Stepped(copy, tuple(losses))


def _loss(parameters: Parameters, X: torch.Tensor, Y: torch.Tensor) -> float:
    return 0.0 - float(forward(parameters, X).log_probabilities[0, Y])  # by a minus sign alone, 0.0 would become -0.0


def backward(example: ForwardPass, dev: Examples, steps: int, rate: float, decay: float = 0.0) -> dict:
    """The last stage: gradients, and the effect of `steps` steps on a copy."""
    parameters, direct = example.parameters, example.parameters.Wd is not None
    found = of_example(parameters, example.X, example.Y).named()
    named = parameters.named()
    layers = [
        {
            "name": name, "code": code, "shape": by(found[name].shape), "heat": heat(found[name]),
            "norm": numbers([float(found[name].norm())])[0], "of": numbers([float(named[name].norm())])[0],
            "moves": numbers([rate * float(found[name].norm())])[0],
        }
        for name, code in lines(direct, parameters.shape.tied).items()
    ]  # fmt: skip
    rows = len(set(example.X[0].tolist()))
    return stage(
        tr("Backwards: what each parameter contributed"),
        tr("{n:,} gradients", n=len(parameters.weights)),
        f"loss.backward()\nfor p in parameters:\n    p.data -= {rate:g} * p.grad{_divided(parameters)}",
        tr(
            "A gradient is how the loss changes with a small change of a parameter. {rows}",
            rows=_rows_of_C(parameters, rows),
        ),
        tr(
            "Written out by hand, as in training: every line uses the results of the lines before. Steps here are made "
            "on a copy; your run is not changed."
        ),
        layers=layers,
        rate=f"{rate:g}",
        steps=steps,
        tried=_tried(parameters, descend(parameters, example.X, example.Y, steps, rate, decay), dev),
    )


def _divided(parameters: Parameters) -> str:
    return "" if parameters.squares is None else " / p.squares.sqrt()  # Adagrad; p.squares += p.grad**2"


def _rows_of_C(parameters: Parameters, rows: int) -> str:
    V = parameters.shape.vocabulary_size
    if parameters.shape.tied:
        return tr(
            "In C, all {V} rows have one, as they are also the weights of the output; {rows} were looked up.",
            V=V,
            rows=rows,
        )
    return tr("In C, only {rows} of {V} rows have one: those that were looked up.", rows=rows, V=V)


def _tried(parameters: Parameters, stepped: Stepped, dev: Examples) -> dict:
    """losses: all of the example's that are numbers; before and after in words; dev: exact, before and, once a step
    was taken, after."""
    losses = stepped.losses
    networks = (parameters, stepped.parameters) if len(losses) > 1 else (parameters,)
    exact = [loss(network, dev) for network in networks]
    return {
        "losses": [nats for nats in losses if math.isfinite(nats)],
        "before": numbers(losses[:1])[0],
        "after": numbers(losses[-1:])[0],
        "dev": [f"{loss:.4f}" for loss in exact],
    }
