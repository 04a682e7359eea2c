"""The error function of arrays, which NumPy does not have: right to two units in the last place, by two approximations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...arrays.dtypes import Array

__all__ = ["erf_of"]

# float64: W. J. Cody 1969, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23, and his
# CALERF: erf(x) = x * P(x²) / Q(x²) near 0, and from 0.5 on 1 - exp(-x²) * P(x) / Q(x). Coefficients from the constant one on.
NEAR = (
    (3.20937758913846947e03, 3.77485237685302021e02, 1.13864154151050156e02, 3.16112374387056560e00, 1.85777706184603153e-1),
    (2.84423683343917062e03, 1.28261652607737228e03, 2.44024637934444173e02, 2.36012909523441209e01, 1.0),
)
LESS_X = [p - q for p, q in zip(*NEAR, strict=True)]  # erf(x) - x, which is small: so its rounding errors do not count
FAR = (
    (1.23033935479799725e03, 2.05107837782607147e03, 1.71204761263407058e03, 8.81952221241769090e02, 2.98635138197400131e02,
     6.61191906371416295e01, 8.88314979438837594e0, 5.64188496988670089e-1, 2.15311535474403846e-8),
    (1.23033935480374942e03, 3.43936767414372164e03, 4.36261909014324716e03, 3.29079923573345963e03, 1.62138957456669019e03,
     5.37181101862009858e02, 1.17693950891312499e02, 1.57449261107098347e01, 1.0),
)  # fmt: skip
ONE = 6.0  # from here on, erf is 1 in float64

# float32: erf(x) = tanh(x + x * P(x²) / Q(x²)), since NumPy's tanh is fast. P and Q are our own, fitted to the inverse of that
# between 0 and 4 (reweighted least squares, in 60 digits): the largest relative error of erf is least, 0.06 of half a unit.
UNDER_TANH = (
    (0.12837917083016365, 0.12291428119353658, 0.018956672644574787, 0.0018533734222182852),
    (1.0, 0.15689281224864773, 0.023690071405670903, 0.0003249286771359695),
)
ONE_FLOAT32 = 4.25  # up to where both only grow, and tanh is 1


def erf_of(x: Array) -> Array:
    """``2 / sqrt(pi)`` times the integral of ``exp(-t * t)`` from 0 to each element, in its floating dtype."""
    if x.dtype == np.float64:
        return _erf_of_float64(x)
    y = np.clip(x.astype(np.float32, copy=False), -ONE_FLOAT32, ONE_FLOAT32)
    square = y * y
    out = _polynomial(square, UNDER_TANH[0])
    out /= _polynomial(square, UNDER_TANH[1])
    out *= y
    out += y
    return np.tanh(out, out).astype(x.dtype, copy=False)


def _erf_of_float64(x: Array) -> Array:
    size = np.minimum(np.abs(x), ONE)
    out = np.exp(-size * size)
    out *= _polynomial(size, FAR[0])
    out /= _polynomial(size, FAR[1])
    out = np.asarray(np.copysign(1.0 - out, x))
    near = np.flatnonzero(size < 0.5)
    y = np.ravel(x)[near]
    np.put(out, near, y + y * _polynomial(y * y, LESS_X) / _polynomial(y * y, NEAR[1]))
    return out


def _polynomial(x: Array, coefficients: Sequence[float]) -> Array:
    """Horner's scheme, in place."""
    *lower, second, highest = coefficients
    total = np.multiply(x, highest, out=np.empty_like(x))
    total += second
    for each in reversed(lower):
        total *= x
        total += each
    return total
