"""The machine code stays inside its buffers, whatever the shape: no number between two of them ever changes.

A buffer's room for what is read and written past its end is part of it (`Layout.buffers`); what
lies behind is `gap` numbers that nobody may touch, and the same holds for what it is called with.
"""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.data.packed import Packed
from core.engine.kernel import programs
from core.engine.kernel.kernel import Program
from core.engine.kernel.layout import Layout
from tests.support.kernels import cases, drawn, singles

GAP, CANARY = 64, 0xA5


def guarded(array: np.ndarray) -> np.ndarray:
    """A copy with canaries before and behind it."""
    room = np.full(array.nbytes + 2 * 4 * GAP, CANARY, np.uint8)
    inside = room[4 * GAP : 4 * GAP + array.nbytes].view(array.dtype).reshape(array.shape)
    inside[...] = array
    return inside


def intact(array: np.ndarray) -> bool:
    room = array
    while room.base is not None:
        room = room.base
    return bool((room[: 4 * GAP] == CANARY).all() and (room[4 * GAP + array.nbytes :] == CANARY).all())


def gaps(program: Program) -> np.ndarray:
    """The numbers of a program's memory that belong to no buffer, as bytes."""
    layout, free = program.layout, np.ones(len(program.memory), bool)
    for name, (rows, columns) in layout.buffers.items():
        begin = layout.offsets[name]
        free[begin : begin + rows * columns + 8] = False
    return free


def run(make, layout: Layout, case, *arguments) -> None:
    """Call the program with canaries everywhere, twice, and look at them."""
    program = Program(make, layout)
    free = gaps(program)
    assert free.sum() >= GAP * len(layout.buffers)
    program.memory.view(np.uint8).reshape(-1, 4)[free] = CANARY
    copies = [guarded(a) if isinstance(a, np.ndarray) else a for a in arguments]
    for _ in range(2):
        program(case.parameters, *copies, changes=layout.training)
    assert (program.memory.view(np.uint8).reshape(-1, 4)[free] == CANARY).all()
    assert all(intact(copy) for copy in copies if isinstance(copy, np.ndarray))


def over_all(train: Packed) -> tuple:
    return train.contexts, train.first, train.next, train.counts, np.zeros(1), len(train.contexts)


@given(cases(), st.integers(1, 80), st.sampled_from([1.0, 0.9]))
def test_steps_stay_inside(case, rows, keep):
    records = case.train.records[drawn(case, 2, rows).numpy()]
    slots = np.full(len(case.examples.contexts), -1, np.int32)  # whatever was in it
    logp = np.zeros((2, rows), np.float32)
    arguments = case.train.contexts, slots, records, singles(0.1, 0.1), singles(keep, keep), logp, 2
    run(programs.steps, Layout(case.parameters.shape, rows, gap=GAP), case, *arguments)


@given(cases(), st.sampled_from([3, 48, 240]))
def test_steps_on_a_whole_split_stay_inside(case, rows):
    layout = Layout(case.parameters.shape, rows, whole=True, gap=GAP)
    run(programs.whole, layout, case, *over_all(case.train), 1 / len(case.X), 0.1, 0.9)


@given(cases(symbols=256), st.sampled_from([3, 48]))
def test_exact_losses_stay_inside(case, rows):
    run(programs.exact_loss, Layout(case.parameters.shape, rows, training=False, gap=GAP), case, *over_all(case.train))
