"""Powers of arrays of floats, with one number as exponent: numpy.power takes its longest for bases that are negative."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.dtypes import Array

__all__ = ["power"]

_MOST = 8  # how many factors are multiplied: each rounds once more


def power(base: Array, exponent: float) -> Any:
    """``base ** exponent``: of a whole number, by products where they are few, else the power of the size, with its sign."""
    whole = base.ndim and abs(exponent) < 2**53 and exponent == int(exponent)
    if not whole or abs(exponent) <= 2 or base.dtype == np.float16:
        return base**exponent  # which NumPy does with squares, reciprocals and roots where the exponent is one of these
    if abs(exponent) <= _MOST:
        return _product(base if exponent > 0 else 1.0 / base, abs(int(exponent)))
    size = np.abs(base) ** exponent
    return np.copysign(size, base) if exponent % 2 else size


def _product(base: Array, count: int) -> Array:
    """``count`` factors, by squares of squares: x⁶ is (x³)², and x³ is x · x²."""
    if count == 1:
        return base
    half = _product(base, count // 2)
    return half * half * base if count % 2 else half * half
