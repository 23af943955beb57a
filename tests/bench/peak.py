"""What one core can do at most: fused multiply-adds in registers, measured."""

import time

import numpy as np

from core.engine.kernel import machine
from core.engine.kernel.builder import FLOAT, I64, POINTER, WIDTH, Builder

CHAINS = 12  # sums that do not wait for one another
TURNS = 2_000_000


def fma_peak(rounds: int = 5) -> float:
    """Arithmetic operations a second, two to a fused multiply-add: the best of some rounds of a few milliseconds."""
    b = Builder("chains", [POINTER, I64])
    place, n = b.arguments
    factor = b.splat(b.load(place, FLOAT))
    begun = [b.load(b.at(place, WIDTH * i)) for i in range(CHAINS)]
    for i, value in enumerate(b.loop(n, lambda k, *sums: [b.fma(factor, s, factor) for s in sums], begun)):
        b.store(value, b.at(place, WIDTH * i))
    function, numbers, best = machine.function(b.module()), np.full(CHAINS * WIDTH, 0.5, np.float32), 0.0
    for _ in range(rounds + 1):
        began = time.perf_counter()
        function(numbers, TURNS)
        best = max(best, TURNS * CHAINS * WIDTH * 2 / (time.perf_counter() - began))
    return best


def plain_arithmetic(K: int, n_hidden: int, V: int, batch_size: int) -> int:
    """Operations of the six matrix products of one step: one forward and two backward for each layer."""
    return 2 * 3 * batch_size * (K * n_hidden + n_hidden * V)
