"""What each hidden unit is worth: the exact change of a loss when that unit's output is 0.

A unit that is silenced changes the logits of a context by its output times its row of output weights. So the
first layer is evaluated once for all units, and each unit takes one such change and one sum of exponentials.
"""

import torch

from core.data.dataset import Examples
from core.engine.model import Parameters, rows_at_once, to_logits

NUMBERS = 1 << 17  # logits at once: they stay in the cache of a core while every unit changes them
WORK = 4e8  # logits changed for all units together: about two seconds of one core


def affordable(parameters: Parameters, examples: Examples) -> bool:
    """Whether `silencing_costs` takes no more than about two seconds."""
    shape = parameters.shape
    return len(examples.contexts) * shape.n_hidden * shape.vocabulary_size <= WORK


def silencing_costs(parameters: Parameters, examples: Examples) -> torch.Tensor:
    """By how much the mean loss grows when each unit alone is silenced: (n_hidden,) float64, nats; may be negative.

    Over the distinct contexts, weighted by how often they occur, summed in float64.
    """
    outputs = parameters.outputs  # (n_hidden, V)
    total = torch.zeros(len(outputs), dtype=torch.float64)
    rows = min(rows_at_once(outputs.shape[1]), max(1, NUMBERS // outputs.shape[1]))
    for contexts, (row, next, times) in examples.pieces(rows):
        _, _, h, logits = to_logits(parameters, contexts)
        counts = torch.zeros(logits.shape, dtype=torch.float64)
        counts[row, next] = times.double()
        occurs, before = counts.sum(1), logits.logsumexp(1)
        total += ((h.double().T @ counts) * outputs.double()).sum(1)  # what the true next characters lose
        for unit, weights in enumerate(outputs):
            silenced = torch.addcmul(logits, h[:, unit : unit + 1], weights.unsqueeze(0), value=-1)
            total[unit] += (silenced.logsumexp(1) - before).double() @ occurs
    return total / len(examples)
