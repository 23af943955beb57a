"""Configs that fail, and runs compared to the last bit."""

import torch

from core.config import FULL, Config
from core.engine.run import Run

# Its loss is no longer a finite number after a few steps.
EXPLODES = Config(learning_rate=10, n_hidden=0, direct=True, weight_decay=1.0)
# These fail after hundreds of steps, each in another way.
FAIL_SLOWLY = {
    "in the minibatch loss": Config(learning_rate=2.05, n_hidden=3, weight_decay=1.0),
    "in the exact loss": Config(learning_rate=2.05, n_hidden=0, direct=True, weight_decay=1.0),
    "with single examples": Config(learning_rate=2.1, n_hidden=3, direct=True, weight_decay=1.0, batch_size=1),
    "with the full batch": Config(learning_rate=2.05, n_hidden=3, weight_decay=1.0, batch_size=FULL),
}


def assert_same(a: Run, b: Run) -> None:
    """Both stand at the same step with the same past and the same parameters."""
    assert (a.step, a.failure, a.config) == (b.step, b.failure, b.config)
    assert torch.equal(a.parameters.flat, b.parameters.flat)
    assert a.history == b.history
