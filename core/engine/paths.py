"""The two ways to compute a run: machine code, and torch's operations.

Both offer the same: steps on minibatches, a step on the whole split, and exact losses, of
`parameters`, which they change in place. A run says which of `core.engine.history.PATHS` it takes.
"""

from collections.abc import Sequence

import numpy as np
import torch

from core.config import ADAGRAD, Config
from core.data.dataset import Examples
from core.engine.gradients import FullGradient, Workspace, update
from core.engine.history import FALLBACK, KERNEL, TORCH
from core.engine.kernel import check
from core.engine.kernel.kernel import Kernel
from core.engine.minibatches import Minibatches
from core.engine.model import Parameters, loss
from core.engine.wide import WIDE, Wide


def possible(path: str | None = None, config: Config | None = None) -> str:
    """`path`, or the newest if None, if this machine can take it for this config; else FALLBACK."""
    if path == TORCH:
        return TORCH
    able = config is None or not _beyond_the_kernel(config)
    return KERNEL if path in (None, KERNEL) and able and check.available() else FALLBACK


def _beyond_the_kernel(config: Config) -> str | None:
    """What a config has that the kernel does not support; None if nothing."""
    named = {"Adagrad": config.optimiser == ADAGRAD, "tied output weights": config.tied}
    return " and ".join(name for name, used in named.items() if used) or None


def warm_up() -> None:
    """Load what the kernel needs, and the default network's code, before anybody waits for it."""
    check.available()


def describe(path: str, config: Config | None = None) -> str:
    """A sentence for a person: how the numbers were computed, and if not by the kernel, why."""
    if path == KERNEL:
        return f"Numbers by machine code ({path}): the same on every machine, to the last bit."
    beyond = config and _beyond_the_kernel(config)
    if beyond:
        return f"Numbers by torch ({path}): the kernel does not make steps with {beyond}."
    return f"Numbers by torch ({path}): the kernel is {check.unavailable_because() or 'not what this run began with'}."


class Torch:
    """By torch's operations, the gradients written out (core/engine/gradients.py)."""

    def __init__(self, parameters: Parameters, train: Examples, seed: int):
        self._parameters, self._train, self._seed = parameters, train, seed
        self.free_buffers()

    def free_buffers(self) -> None:
        """Free what only steps need; the next step makes it again."""
        self._minibatches = self._workspace = self._gradient = None

    def steps(self, rows: int, number: int, part: slice, rates: Sequence[float], decay: float) -> torch.Tensor:
        """The steps `part` of block `number` of the minibatches of so many rows, at these rates.

        Returns the log-probabilities of the targets before each step: (steps, rows).
        """
        if self._minibatches is None or self._minibatches.rows != rows:
            self.free_buffers()
            self._minibatches = Minibatches(self._train, self._seed, rows, self._parameters.shape.n_embd)
            wide = self._parameters.shape.vocabulary_size >= WIDE
            self._workspace = (Wide if wide else Workspace)(self._parameters, rows)
        X, Y = self._minibatches.block(number)
        return self._workspace.train(X[part], Y[part], rates, decay)

    def whole_step(self, rate: float, decay: float) -> float:
        """One step along the exact gradient. The loss before it, in nats per character."""
        if self._gradient is None:
            self.free_buffers()
            self._gradient = FullGradient(self._parameters, self._train)
        mean = self._gradient.compute()
        self._parameters.decay(rate * decay)
        update(self._parameters, self._gradient.gradients, rate)
        return mean

    def loss(self, examples: Examples) -> float:
        """The exact mean loss, in nats per character."""
        return loss(self._parameters, examples)


class Machine:
    """By machine code (core/engine/kernel): the same, and the same bits on every machine."""

    def __init__(self, parameters: Parameters, train: Examples, seed: int):
        self._parameters, self._train, self._seed = parameters, train, seed
        self.free_buffers()

    def free_buffers(self) -> None:
        self._minibatches, self._kernel = None, Kernel(self._parameters)

    def steps(self, rows: int, number: int, part: slice, rates: Sequence[float], decay: float) -> torch.Tensor:
        if self._minibatches is None or self._minibatches.rows != rows:
            self._minibatches = Minibatches(self._train, self._seed, rows, self._parameters.shape.n_embd)
        records = self._minibatches.records(number)[part]
        rates = np.array(rates)
        keeps = (1.0 - rates * decay).astype(np.float32)
        return torch.from_numpy(self._kernel.steps(self._train.packed, records, rates.astype(np.float32), keeps))

    def whole_step(self, rate: float, decay: float) -> float:
        return self._kernel.whole_step(self._train.packed, rate, 1.0 - rate * decay)

    def loss(self, examples: Examples) -> float:
        return self._kernel.loss(examples.packed)
