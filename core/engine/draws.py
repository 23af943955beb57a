"""Normal numbers that are the same on every machine, to the last bit.

`torch.randn` uses sines and logarithms whose last digits differ between processors. Here the
random bits come from SHAKE-256, a standard, and are made normal by + - * / and square roots of
float64, which IEEE 754 rounds in one way.

The method is Wichura's inverse of the normal distribution (1988, Algorithm AS 241, Applied
Statistics 37, 477-484), as in Python's `statistics.NormalDist.inv_cdf`.
"""

import hashlib

import numpy as np

LN2 = 0.6931471805599453
TERMS = 17  # of the series for log: what follows is below 1e-17
MIDDLE = 0.425  # the tails begin so far from a probability of a half

# fmt: off
MIDDLE_NUMERATOR = (
    2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
    1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0,
)
MIDDLE_DENOMINATOR = (
    5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
    5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0,
)
TAIL_NUMERATOR = (
    7.7454501427834140764e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
    3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0,
)
TAIL_DENOMINATOR = (
    1.05075007164441684324e-9, 5.4759380849953449460e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
    6.8976733498510000455e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0,
)
# fmt: on


def normals(key: str, count: int) -> np.ndarray:
    """`count` numbers of the normal distribution, float64. The same for the same key; more of them begin alike."""
    bits = np.frombuffer(hashlib.shake_256(key.encode()).digest(4 * count), "<u4")
    p = (bits + 0.5) / 2.0**32  # exact, and never 0 or 1
    q = p - 0.5
    r = np.sqrt(-logarithms(np.minimum(p, 1.0 - p))) - 1.6  # at most 3.2: no third case as in the paper
    tail = _polynomial(r, TAIL_NUMERATOR) / _polynomial(r, TAIL_DENOMINATOR)
    s = MIDDLE * MIDDLE - q * q
    middle = q * _polynomial(s, MIDDLE_NUMERATOR) / _polynomial(s, MIDDLE_DENOMINATOR)
    return np.where(np.abs(q) <= MIDDLE, middle, np.copysign(tail, q))


def logarithms(x: np.ndarray) -> np.ndarray:
    """log of positive numbers, float64: of m * 2^e, e ln 2 + 2 artanh((m - 1) / (m + 1))."""
    m, e = np.frexp(x)
    s = (m - 1.0) / (m + 1.0)
    series = _polynomial(s * s, tuple(1.0 / (2 * k + 1) for k in reversed(range(TERMS))))
    return e * LN2 + 2.0 * s * series


def _polynomial(x: np.ndarray, coefficients: tuple[float, ...]) -> np.ndarray:
    y = np.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        y = y * x + c
    return y
