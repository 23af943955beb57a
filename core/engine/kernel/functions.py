"""tanh, exp and log of vectors, and sums over the places of a vector, by plain arithmetic in a fixed order.

tanh and exp take several vectors, whose operations take turns: so none waits for the one before it.
No library function is called, because their last digits differ. The polynomials are those of
Eigen (tanh, a rational function) and of Cephes (expf, logf), exact to a few units in the last place.
NaN stays NaN.
"""

from collections.abc import Callable

from core.engine.kernel.builder import INTS, VECTOR, WIDTH, Builder, Value

TANH_NUMERATOR = (-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
            1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03)  # fmt: skip
TANH_DENOMINATOR = (1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03)
TANH_LIMIT = 7.998811721801758  # the smallest number whose computed tanh is 1: saturated units pass no gradient
EXP = (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)
EXP_LIMIT = -87.0  # below it exp is 0
LOG = (7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
       -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)  # fmt: skip
LN2_HIGH, LN2_LOW = 0.693359375, -2.12194440e-4  # their sum is ln 2; integer multiples of the first are exact
ROUNDER = 12582912.0  # 1.5 * 2^23: adding it rounds to an integer
SQRT_HALF, ONE = 0x3F3504F3, 0x3F800000  # the bits of float32's sqrt(1/2) and 1


def polynomial(b: Builder, xs: list[Value], coefficients: tuple[float, ...]) -> list[Value]:
    ys = [b.vector(coefficients[0])] * len(xs)
    for c in coefficients[1:]:
        ys = [b.fma(y, x, c) for y, x in zip(ys, xs)]
    return ys


def tanh(b: Builder, xs: list[Value]) -> list[Value]:
    """tanh of vectors, within 3e-7."""
    xs = [b.most(b.vector(-TANH_LIMIT), b.least(b.vector(TANH_LIMIT), x)) for x in xs]
    squares = [x * x for x in xs]
    tops = [x * p for x, p in zip(xs, polynomial(b, squares, TANH_NUMERATOR))]
    return [top / q for top, q in zip(tops, polynomial(b, squares, TANH_DENOMINATOR))]


def exp(b: Builder, vs: list[Value]) -> list[Value]:
    """exp of vectors of numbers that are at most 0, within 1e-7 of it: 2^n * exp(r), |r| <= ln 2 / 2."""
    xs = [b.most(b.vector(EXP_LIMIT), v) for v in vs]
    ts = [b.fma(x, 1.44269504088896341, ROUNDER) for x in xs]
    ns = [t - ROUNDER for t in ts]
    rs = [b.fma(n, -LN2_HIGH, x) for n, x in zip(ns, xs)]
    rs = [b.fma(n, -LN2_LOW, r) for n, r in zip(ns, rs)]
    es = [b.fma(p, r * r, r) + 1.0 for p, r in zip(polynomial(b, rs, EXP), rs)]
    powers = [b.cast("bitcast", (b.cast("bitcast", t, INTS) << 23) + ONE, VECTOR) for t in ts]
    return [b.select(v < EXP_LIMIT, b.vector(0.0), e * power) for v, e, power in zip(vs, es, powers)]


def log(b: Builder, x: Value) -> Value:
    """log of a vector of numbers that are at least 1, within 1e-7: n ln 2 + log(1 + m)."""
    bits = b.cast("bitcast", x, INTS)
    n = b.instruction(INTS, f"ashr {INTS} {(bits - SQRT_HALF).text}, {b.constant(23, INTS).text}")
    m = b.cast("bitcast", bits - (n << 23), VECTOR) - 1.0
    n, square = b.cast("sitofp", n, VECTOR), m * m
    y = b.fma(n, LN2_LOW, polynomial(b, [m], LOG)[0] * (m * square))
    y = b.fma(square, -0.5, y)
    return b.fma(n, LN2_HIGH, m + y) + (x - x)  # x - x is NaN if x is NaN or infinite, else 0


def sums(b: Builder, vectors: list[Value]) -> Value:
    """The sums of up to eight vectors, in one vector.

    Each is ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)), whatever the number of vectors.
    """
    return _across(b, vectors, lambda x, y: x + y)


def largest(b: Builder, vectors: list[Value]) -> Value:
    """The largest number of each of up to eight vectors, in one vector."""
    return _across(b, vectors, b.most)


def _across(b: Builder, vectors: list[Value], combine: Callable[[Value, Value], Value]) -> Value:
    bit = 1
    while bit < WIDTH:
        pairs = []
        for a, c in zip(vectors[::2], [*vectors[1::2], vectors[-1]]):
            even = [i if not i & bit else i - bit + WIDTH for i in range(WIDTH)]
            odd = [i + bit if not i & bit else i + WIDTH for i in range(WIDTH)]
            pairs.append(combine(b.shuffle(a, c, even), b.shuffle(a, c, odd)))
        vectors, bit = pairs, 2 * bit
    return vectors[0]
