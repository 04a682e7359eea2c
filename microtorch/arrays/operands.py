"""What may stand beside a Variable in an operation: Python's numbers, and arrays that are not differentiated."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from .dtypes import OWN, in_own_dtype

__all__ = ["constant", "refuse_bools", "summed"]

_PLAIN = frozenset({bool, int, float, ndarray})


def constant(value: Any) -> Any:
    """An operand that is no Variable: a Python scalar, or an array that is not differentiated.

    Raises:
        TypeError: it is neither.
    """
    if value.__class__ in _PLAIN:
        if value.__class__ is ndarray and OWN.get(value.dtype.char) is not value.dtype:
            return in_own_dtype(value)  # or it says why no tensor can hold it
        return value
    if isinstance(value, int | float):
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, np.generic | np.ndarray) and value.dtype.kind in "biuf":
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, complex | np.complexfloating):
        raise TypeError("complex numbers are not supported: microtorch differentiates real functions only")
    raise TypeError(
        f"an operand must be a Variable, a number or a NumPy array, not {type(value).__name__}: {value!r}"[:200]
        + "; make a Variable of it with microtorch.tensor(...)"
    )


def refuse_bools(*values: Any, operation: str) -> None:
    """Raise where one of some arrays and scalars is of bools.

    Raises:
        RuntimeError: it is.
    """
    for each in values:
        if each.__class__ is bool or (each.__class__ is ndarray and each.dtype.char == "?"):
            raise RuntimeError(
                f"{operation} with a bool tensor is not supported: convert it with .to(), or, to invert a mask, use the `~` "
                "operator"
            )


def summed(values: Any, axes: int | tuple[int, ...] | None, keepdims: bool = False) -> Any:
    """``values.sum(axes)`` of an array or a Variable; of inf and -inf that is nan, of which an array's own method warns."""
    if values.__class__ is ndarray:
        return np.add.reduce(values, axes, keepdims=keepdims)  # type: ignore[call-overload]  # which lists True and False
    return values.sum(axis=axes, keepdims=keepdims)
