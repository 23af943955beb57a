"""core/engine/kernel/functions.py: tanh, exp and log in machine code against float64, and sums in their order."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.engine.kernel import functions, machine
from core.engine.kernel.builder import I64, POINTER, WIDTH, Builder


def mapped(function, x: np.ndarray) -> np.ndarray:
    """function(b, vector) of every vector of x."""
    b = Builder("mapped", [POINTER, POINTER, I64])
    source, out, n = b.arguments
    b.loop(n, lambda k: b.store(function(b, b.load(b.at(source, k))), b.at(out, k)), step=WIDTH)
    padded = np.zeros(-(-len(x) // WIDTH) * WIDTH, np.float32)
    padded[: len(x)] = x
    found = np.empty_like(padded)
    machine.function(b.module())(padded, found, len(padded))
    return found[: len(x)]


def tanh(b, v):
    return functions.tanh(b, [v])[0]


def exp(b, v):
    return functions.exp(b, [v])[0]


def floats(low: float, high: float) -> np.ndarray:
    """Every so many-th float32 from low to high, which have one sign."""
    first, last = (int(np.float32(x).view(np.uint32)) for x in sorted((low, high), key=abs))
    return np.linspace(first, last, 200_000).astype(np.uint32).view(np.float32)


def test_tanh_is_right_within_3e_7():
    for x in (floats(1e-6, 20), floats(-1e-6, -20)):
        np.testing.assert_allclose(mapped(tanh, x), np.tanh(x.astype(float)), rtol=6e-7, atol=0)


def test_tanh_is_never_more_than_one_and_one_where_it_saturates():
    x = floats(7.0, 3e38)
    y = mapped(tanh, x)
    assert y.max() == 1 and (y[x >= functions.TANH_LIMIT] == 1).all()
    assert (mapped(tanh, -x) == -y).all()


def test_exp_is_right_within_1e_7():
    x = floats(-1e-6, -86.9)
    np.testing.assert_allclose(mapped(exp, x), np.exp(x.astype(float)), rtol=1.5e-7, atol=0)


def test_log_is_right_within_1e_7():
    x = floats(1.0, 3e38)
    np.testing.assert_allclose(mapped(functions.log, x), np.log(x.astype(float)), rtol=1.5e-7, atol=6e-8)


@pytest.mark.parametrize(
    ("function", "x", "wanted"),
    [
        (tanh, [0.0, -0.0, math.inf, -math.inf, math.nan], [0.0, -0.0, 1.0, -1.0, math.nan]),
        (exp, [0.0, -0.0, -87.5, -1e30, -math.inf, math.nan], [1.0, 1.0, 0.0, 0.0, 0.0, math.nan]),
        (functions.log, [1.0, math.inf, math.nan], [0.0, math.nan, math.nan]),
    ],
)
def test_at_the_ends(function, x, wanted):
    np.testing.assert_allclose(mapped(function, np.array(x, np.float32)), wanted, rtol=1e-7)


@given(arrays(np.float32, st.just(WIDTH), elements=st.floats(-1e6, 1e6, width=32)))
def test_a_vector_is_summed_in_pairs_of_neighbours(x):
    found = mapped(lambda b, v: functions.sums(b, [v]), x)
    pairs = x[::2] + x[1::2]
    assert found[0] == (pairs[0] + pairs[1]) + (pairs[2] + pairs[3])


@given(arrays(np.float32, st.just(WIDTH), elements=st.floats(-1e6, 1e6, width=32)))
def test_the_largest_of_a_vector(x):
    assert mapped(lambda b, v: functions.largest(b, [v]), x)[0] == x.max()


@pytest.mark.parametrize("n", range(1, 9))
def test_several_sums_at_once_are_the_same_sums(n):
    def function(b, v):
        vectors = [v * float(k + 1) for k in range(n)]
        together, apart = functions.sums(b, vectors), functions.sums(b, vectors[-1:])
        return b.splat(b.number(together, n - 1) - b.number(apart, 0))

    assert not mapped(function, np.array([0.1, 1e5, -3.3, 7e-4, 11, 2.7e3, -0.6, 1e-9], np.float32)).any()


@pytest.mark.parametrize("function", [functions.tanh, functions.exp])
def test_several_vectors_at_once_have_the_same_bits(function):
    x = np.linspace(-9, -0.1, 64, dtype=np.float32)
    third = mapped(lambda b, v: function(b, [v - 1.0, v * 2.0, v])[2], x)
    assert third.tobytes() == mapped(lambda b, v: function(b, [v])[0], x).tobytes()
