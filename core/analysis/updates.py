"""The loss and the update of a single step, without changing the parameters.

`core.engine.run` adds the update in place and never has it as a separate tensor; this is for diagnosis
and for the learning rate sweep.
"""

import torch

from core.config import FULL, Config
from core.data.dataset import Dataset
from core.engine.gradients import EPSILON, FullGradient, Workspace
from core.engine.minibatches import Minibatches
from core.engine.model import Parameters


class Updates:
    """Computes the steps of a run of `config` at the current values of `parameters`, which it never changes."""

    def __init__(self, parameters: Parameters, config: Config, dataset: Dataset):
        self.parameters, self._decay = parameters, config.weight_decay
        if config.batch_size == FULL:
            self._full, self._minibatches = FullGradient(parameters, dataset.train), None
        else:
            self._minibatches = Minibatches(dataset.train, config.seed, config.batch_size, config.n_embd)
            self._workspace = Workspace(parameters, config.batch_size)

    def loss_and_update(self, step: int, rate: float) -> tuple[float, Parameters]:
        """Mean loss of the step's examples in nats, and the update at this rate.

        The update is what a run would add to its parameters and to their squares. The next call overwrites it.
        """
        loss, gradient = self._gradient(step)
        parameters, change = self.parameters, gradient
        if parameters.squares is None:
            change.flat.mul_(-rate)
        else:
            change = Parameters(parameters.shape, torch.zeros_like(parameters.flat))
            change.squares.flat.copy_(gradient.flat).square_()
            roots = (parameters.squares.flat + change.squares.flat).sqrt_().add_(EPSILON)
            change.weights.copy_(gradient.flat).div_(roots).mul_(-rate)
        for moved, weights in zip(change.decayed(), parameters.decayed()):
            moved.sub_(weights, alpha=rate * self._decay)
        return loss, change

    def _gradient(self, step: int) -> tuple[float, Parameters]:
        if self._minibatches is None:
            return self._full.compute(), self._full.gradients
        number, i = divmod(step, self._minibatches.steps)
        places, Y = (part[i] for part in self._minibatches.block(number))
        logp = self._workspace.gradient(places, Y)
        return -float(logp.mean(dtype=torch.float64)), self._workspace.gradients
