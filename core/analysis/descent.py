"""One step of a run taken apart: the loss before it, and what its update adds to each parameter.

`core.engine.run` updates in place and never has the two apart; this is for those who look.
"""

import torch

from core.config import FULL, Config
from core.data.dataset import Dataset
from core.engine.minibatches import Minibatches
from core.engine.model import ROWS, Parameters, Workspace, gradients, weighted_loss


class Descent:
    """The steps of a run of `config`, at whatever `parameters` hold when it is asked. Changes nothing."""

    def __init__(self, parameters: Parameters, config: Config, dataset: Dataset):
        self.parameters, self._decay, self._train = parameters, config.weight_decay, dataset.train
        self._minibatches = self._workspace = None
        if config.batch_size != FULL:
            V = len(dataset.vocabulary)
            self._minibatches = Minibatches(self._train, config.seed, config.batch_size, V, config.n_embd)
            self._workspace = Workspace(parameters, config.batch_size)
            self._logp = torch.empty(V, config.batch_size)

    def look(self, step: int, rate: float) -> tuple[float, Parameters]:
        """Loss of the step's examples in nats, and the update at this rate; it is overwritten by the next look."""
        loss, update = self._full() if self._minibatches is None else self._minibatch(step)
        update.flat.mul_(-rate)
        for name, weights in self.parameters.named().items():
            if self._decay and not name.startswith("b"):
                update.named()[name].sub_(weights, alpha=rate * self._decay)
        return loss, update

    def _minibatch(self, step: int) -> tuple[float, Parameters]:
        number, i = divmod(step, self._minibatches.steps)
        places, minus_weights = (part[i] for part in self._minibatches.block(number)[:2])
        self._workspace.predict(places, self._logp)
        loss = float((minus_weights * self._logp).sum(dtype=torch.float64))
        self._workspace.propagate(minus_weights, self._logp)
        found = self._workspace.gradients
        found.flat.zero_()
        self._workspace.descend(places, found, 1.0)
        return loss, found

    def _full(self) -> tuple[float, Parameters]:
        split, found = self._train, Parameters(self.parameters.shape)
        for X, counts in zip(split.contexts.split(ROWS), split.counts.split(ROWS)):
            found.flat.add_(gradients(self.parameters, X, counts / len(split)).flat)
        return weighted_loss(self.parameters, split.contexts, split.counts), found
