"""Training and exact losses of one network, in machine code compiled for its shape.

    kernel = Kernel(parameters)
    kernel.steps(train, records, rates, keeps)    log-probabilities; the parameters have changed
    kernel.loss(dev)                              nats per character

The parameters stay torch's: each call copies them into padded memory, and back if it changed
them (some microseconds). The result is a function of the arguments alone, to the last bit, on
every machine. Arguments are not checked here.
"""

import time
from collections.abc import Callable

import numpy as np

from core.data.packed import Packed
from core.engine.kernel import machine, programs
from core.engine.kernel.builder import Module
from core.engine.kernel.layout import LINE, NO_SYMBOL, Layout
from core.engine.model import Parameters

WHOLE_ROWS, LOSS_ROWS = 240, 48  # contexts at a time, whose h and o stay in a core's caches
WORTH_OPTIMISING = 0.1  # seconds in quickly compiled code, after which optimised code is compiled, in as long


class Program:
    """A function of machine code and the memory it works in.

    Unless `optimised`, code that is not on disk is first compiled quickly, and compiled with optimisation
    once it has run for WORTH_OPTIMISING seconds. The results are the same.
    """

    def __init__(self, make: Callable[[Layout], Module], layout: Layout, optimised: bool = True):
        self.layout, self._module, self._spent = layout, make(layout), 0.0
        self._optimised = optimised or machine.is_kept(self._module)
        self._run = (machine.function if self._optimised else machine.quick)(self._module)
        numbers = layout.offsets[""] + LINE
        memory = np.zeros(numbers, np.float32)
        begin = (-memory.ctypes.data // memory.itemsize) % LINE
        self.memory = memory[begin : begin + layout.offsets[""]]
        self._parameters, self._copies = None, []

    def __call__(self, parameters: Parameters, *arguments, changes: bool) -> None:
        """Run on these parameters; `changes`: copy the results back into them."""
        if self._parameters is not parameters:
            self._parameters, self._copies = parameters, self._places(parameters)
        for numbers, part, inside, padding in self._copies:
            part[:] = padding  # a run that failed may have spoilt it
            inside[:] = numbers
        began = time.perf_counter()
        self._run(self.memory, *arguments)
        self._spent += time.perf_counter() - began
        if not self._optimised and self._spent > WORTH_OPTIMISING:
            self._optimised, self._run = True, machine.function(self._module)
        if changes:
            for numbers, _, inside, _ in self._copies:
                numbers[:] = inside

    def _places(self, parameters: Parameters) -> list[tuple]:
        """For each parameter: its numbers; its part of the memory, with and without padding; what the padding holds."""
        places = []
        for name, tensor in parameters.named().items():
            numbers, part = tensor.numpy(), self.part(name)
            inside = part[0, : len(numbers)] if numbers.ndim == 1 else part[: numbers.shape[0], : numbers.shape[1]]
            places.append((numbers, part, inside, NO_SYMBOL if name == "b2" else 0.0))
        return places

    def part(self, name: str) -> np.ndarray:
        """A buffer of the memory, as rows and padded columns."""
        rows, columns = self.layout.buffers[name]
        begin = self.layout.offsets[name]
        return self.memory[begin : begin + rows * columns].reshape(rows, columns)


class Kernel:
    """One network's programs, each made when it is first needed, and bound to `parameters`."""

    def __init__(self, parameters: Parameters, optimised: bool = False):
        self.parameters, self._optimised = parameters, optimised
        self._programs: dict[str, Program] = {}
        self._slots = np.zeros(0, np.int32)

    def steps(self, train: Packed, records: np.ndarray, rates: np.ndarray, keeps: np.ndarray) -> np.ndarray:
        """n steps of SGD: records (n, B) int64 of train.records, rates and keeps (n,) float32.

        A step makes w = keep * w - rate * gradient, and biases without `keep`. Returns (n, B)
        float32: the log-probability of each target before its step.
        """
        n, B = records.shape
        if len(self._slots) < len(train.contexts):
            self._slots = np.zeros(len(train.contexts), np.int32)
        logp = np.empty((n, B), np.float32)
        arguments = train.contexts, self._slots, records, rates, keeps, logp, n
        self._program("steps", B)(self.parameters, *arguments, changes=True)
        return logp

    def whole_step(self, train: Packed, rate: float, keep: float) -> float:
        """One step along the exact gradient of the split. Its loss before, in nats per character."""
        N = len(train.records)
        return self._over_all("whole", WHOLE_ROWS, train, 1 / N, rate, keep, changes=True)

    def loss(self, split: Packed) -> float:
        """The exact mean loss of a split, in nats per character."""
        return self._over_all("exact_loss", LOSS_ROWS, split, changes=False)

    def _over_all(self, name: str, rows: int, split: Packed, *numbers: float, changes: bool) -> float:
        total = np.zeros(1)
        arguments = split.contexts, split.first, split.next, split.counts, total, len(split.contexts), *numbers
        self._program(name, rows)(self.parameters, *arguments, changes=changes)
        return -float(total[0]) / len(split.records)

    def _program(self, name: str, rows: int) -> Program:
        program = self._programs.get(name)
        if program is None or program.layout.rows != rows:
            loss = name == "exact_loss"  # short, and needed at each of the first steps: optimised at once
            layout = Layout(self.parameters.shape, rows, training=not loss, whole=name == "whole")
            program = self._programs[name] = Program(getattr(programs, name), layout, self._optimised or loss)
        return program
