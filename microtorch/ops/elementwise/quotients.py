"""Quotients rounded to a whole number, and what rests: in float64 for float32, where they are exact, and far faster.

The quotient of two numbers of 24 bits, where it is no whole number, is at least 2⁻²⁴ away from one: float64 sees that while it is
below 2²⁹. Its product with 24 bits is exact, too. What is beyond what float32 holds, infinities and nan are left to NumPy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.dtypes import Array

__all__ = ["floored", "floored_rest", "truncated_rest"]

_EXACT = 2.0**24


def floored(x: Any, y: Any) -> Any:
    """``x / y``, rounded down, in the dtype of both."""
    found = _exact(np.floor, x, y)
    return np.floor_divide(x, y) if found is None else found[0].astype(np.float32)


def truncated_rest(x: Any, y: Any) -> Any:
    """The rest of ``x / y``, with the sign of ``x``."""
    found = _exact(np.trunc, x, y)
    return np.fmod(x, y) if found is None else np.copysign(_rest(*found), x)


def floored_rest(x: Any, y: Any) -> Any:
    """The rest of ``x / y``, with the sign of ``y``."""
    found = _exact(np.floor, x, y)
    return np.remainder(x, y) if found is None else _rest(*found)


def _exact(rounded: np.ufunc, x: Any, y: Any) -> Any:
    """The rounded quotient, dividend and divisor, in float64; None where that may not be exact."""
    if np.result_type(x, y) != np.float32 or not np.ndim(x) or not np.isfinite(y).all():
        return None
    dividend, divisor = x.astype(np.float64), np.asarray(y, np.float32).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):  # NumPy warns of it, to whom it is then left
        quotient = dividend / divisor
    rounded(quotient, quotient)
    if quotient.shape != x.shape or not (x.size and -_EXACT < quotient.min() <= quotient.max() < _EXACT):
        return None
    return quotient, dividend, divisor


def _rest(quotient: Array, dividend: Array, divisor: Array) -> Array:
    quotient *= divisor
    dividend -= quotient
    return dividend.astype(np.float32)
