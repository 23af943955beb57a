"""Whether the kernel can be used here: a few steps must give the same bits as on every other machine."""

import hashlib
import logging
import os
from functools import cache

import numpy as np
import torch

from core.data.packed import Packed, pack
from core.engine.draws import normals
from core.engine.kernel.kernel import Kernel
from core.engine.model import Parameters, Shape

log = logging.getLogger(__name__)

VARIABLE = "LETTERSPACE_ENGINE"  # "torch" switches it off
SHAPE, BATCH, STEPS, EXAMPLES = (
    Shape(27, 3, 2, 100, False),
    32,
    20,
    200,
)  # the default network, whose code is needed soon
# If these bits change, so must the number in `core.engine.history.KERNEL`.
BITS = "744e6a96b6f430e7f3fbaa765c46fe599ee0aff8454ed0b650ead0faed127431"


def available() -> bool:
    return unavailable_because() is None


def unavailable_because() -> str | None:
    """Why the kernel is not used here, as the end of a sentence; None if it is."""
    if os.environ.get(VARIABLE) == "torch":
        return f"switched off by {VARIABLE}=torch"
    return _fault()


@cache
def _fault() -> str | None:
    """Computed, and logged, once per process."""
    try:
        other = "not used, as its first steps gave other numbers than everywhere else"
        fault = None if fingerprint() == BITS else other
    except Exception as error:  # anything: no llvmlite, an unknown processor, no memory
        fault = f"not usable here ({type(error).__name__}: {error})"
    if fault:
        log.warning("The kernel is %s; torch makes the steps.", fault)
    return fault


def fingerprint(shape: Shape = SHAPE, batch: int = BATCH, whole: bool = False, quick: bool = False) -> str:
    """sha256 of the results of a few steps and an exact loss; with `whole`, also of a step on the whole split.

    quick: by quickly compiled code, unless optimised code is on disk.
    """
    parameters, train = example(shape)
    steps = np.arange(STEPS)
    records = train.records[(np.arange(batch) * 7 + steps[:, None] * 31) % EXAMPLES]
    rates = (1.0 / (1.0 + steps)).astype(np.float32)
    kernel = Kernel(parameters, optimised=not quick)
    logp = kernel.steps(train, records, rates, np.float32(1.0) - rates / np.float32(1024))
    losses = [kernel.whole_step(train, 0.5, 0.875)] if whole else []
    numbers = np.concatenate([parameters.flat.numpy(), logp.ravel()])
    exact = np.array([*losses, kernel.loss(train)])
    return hashlib.sha256(numbers.astype("<f4").tobytes() + exact.astype("<f8").tobytes()).hexdigest()


def example(shape: Shape) -> tuple[Parameters, Packed]:
    """Parameters and a split that are the same on every machine; some contexts occur several times."""
    parameters = Parameters(shape)
    parameters.flat.copy_(torch.from_numpy(normals("check", len(parameters.flat)) / 2))
    size = EXAMPLES * (shape.block_size + 1)
    symbols = np.frombuffer(hashlib.shake_256(b"check").digest(4 * size), "<u4").astype(np.int64)
    symbols = (symbols % shape.vocabulary_size).reshape(EXAMPLES, -1)
    symbols[::3, : shape.block_size] = 0
    contexts, which = np.unique(symbols[:, :-1], axis=0, return_inverse=True)
    pairs, counts = np.unique(np.stack([which.ravel(), symbols[:, -1]]), axis=1, return_counts=True)
    row, next = (torch.from_numpy(part) for part in pairs)
    X, which, Y, counts = map(torch.from_numpy, (contexts, which.ravel(), symbols[:, -1].copy(), counts))
    return parameters, pack(X, (row, next, counts), which, Y)
