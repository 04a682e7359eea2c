"""What makers of Variables take, as arrays: numbers, lists of them, arrays of NumPy; and what they refuse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arrays.dtypes import Array, dtype, from_numpy_dtype, get_default_dtype, in_own_dtype, promoted, scalar_dtype
from ..core.variable import is_variable

__all__ = ["array_from", "number_from", "sharable"]

_NUMBERS = frozenset({bool, int, float})


def array_from(data: Any, wanted: dtype | None = None) -> Array:
    """A new array of what `tensor` takes.

    Args:
        data: a number, nested lists of numbers of one length each, an array or a Variable.
        wanted: the dtype; left out, it follows from the data. Floats that do not come from NumPy are of the default dtype.

    Raises:
        TypeError: there is something else than real numbers in it.
        ValueError: the lists are ragged, or hold Variables of several elements.
        RuntimeError: a number is out of the range of its dtype.
    """
    if data.__class__ is float and wanted is None:  # the commonest, in half the time
        return np.array(data, get_default_dtype().dtype)
    if is_variable(data):
        return data.array.copy() if wanted is None else data.array.astype(wanted.dtype)
    if isinstance(data, np.ndarray | np.generic):
        _refuse_dtype(data.dtype)
        return in_own_dtype(np.array(data, None if wanted is None else wanted.dtype))
    if hasattr(type(data), "__array__"):  # of another library: PyTorch's tensors, for instance
        return array_from(np.asarray(data.detach() if hasattr(data, "detach") else data), wanted)
    found: set[np.dtype[Any]] = set()
    plain = _numbers(data, found)
    try:
        array = np.array(plain)
    except ValueError as error:
        raise ValueError(f"tensor() needs lists of equal lengths: {error}") from None
    target = wanted.dtype if wanted is not None else promoted(found) if found else get_default_dtype().dtype
    if array.dtype is target:
        return array
    if target.kind in "iu":
        _refuse_overflow(array, target)
    return array.astype(target)


def _numbers(data: Any, found: set[np.dtype[Any]], begins: bool = False) -> Any:
    """Nested lists without Variables; the dtype that each number in them asks for is put into ``found``."""
    if data.__class__ is list or (isinstance(data, Sequence) and not isinstance(data, str | bytes)):
        kinds = set(map(type, data))
        if not kinds <= _NUMBERS:
            return [_numbers(each, found, isinstance(data[0], str)) for each in data]
        for kind in kinds:
            found.add(scalar_dtype(kind()))
        return data if data.__class__ is list else list(data)
    if isinstance(data, np.ndarray | np.generic):
        _refuse_dtype(data.dtype)
        found.add(data.dtype)
        return data
    if is_variable(data):
        if data.array.size != 1:
            raise ValueError(
                f"only one element tensors can be converted to Python scalars, and {data._described()} has {data.array.size}: "
                "use stack"
            )
        found.add(data.array.dtype)
        return data.array.item()
    if isinstance(data, int | float):
        found.add(scalar_dtype(data))
        return data
    refusal = ValueError if isinstance(data, str) and begins else TypeError  # torch's choice
    raise refusal(f"tensor() takes real numbers only, in lists or alone, and not {type(data).__name__}: {data!r}"[:200])


def _refuse_overflow(array: Array, target: np.dtype[Any]) -> None:
    limits = np.iinfo(target)
    lowest = limits.min or -limits.max  # as in torch, -1 is the largest number of an unsigned dtype
    if array.size and not (lowest <= array.min() and array.max() <= limits.max):  # which nan is not, either
        raise RuntimeError(
            f"value cannot be converted to type {target} without overflow: it has {limits.min} to {limits.max}, and these are "
            f"{array.min()} to {array.max()}"
        )


def number_from(name: str, value: Any) -> Any:
    """A Python number from the argument ``name``: from one, one of NumPy, or a 0-dim Variable that requires no gradient.

    Raises:
        TypeError: it is something else.
    """
    if value.__class__ in _NUMBERS:
        return value
    if is_variable(value) and not value.array.ndim and not value.requires_grad:
        return value.array.item()
    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        return value.item()
    if isinstance(value, int | float):
        return value
    what = value._described() if is_variable(value) else f"{type(value).__name__}: {value!r}"
    raise TypeError(f"{name} must be a number, not {what}"[:200])


def sharable(ndarray: Array) -> Array:
    """An array, if a Variable can share its memory.

    Raises:
        TypeError: no tensor has its dtype.
        ValueError: its bytes or its elements are in another order than a tensor's.
    """
    _refuse_dtype(ndarray.dtype)
    if any(step < 0 for step in ndarray.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not supported: make "
            "a copy of it, array.copy()"
        )
    return in_own_dtype(ndarray)


def _refuse_dtype(given: np.dtype[Any]) -> None:
    if not given.isnative:
        raise ValueError(
            f"given numpy array has byte order different from the native byte order ({given}): make a copy that has it, with "
            "array.astype(array.dtype.newbyteorder('='))"
        )
    from_numpy_dtype(given)  # which says what cannot be in a tensor
