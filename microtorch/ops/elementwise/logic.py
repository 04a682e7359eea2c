"""Comparisons and logic: Variables of bools, which have no gradient."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from ...arrays.dtypes import promote
from ...arrays.operands import constant
from ...arrays.shapes import shapes_do_not_broadcast
from ...core.variable import Variable, array_of, is_variable, unrecorded
from ...tensor.dims import Dim, axes_of

__all__ = [
    "all", "allclose", "any", "bitwise_and", "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift",
    "bitwise_xor", "eq", "equal", "ge", "gt", "isclose", "isfinite", "isinf", "isnan", "isneginf", "isposinf", "isreal", "le",
    "logical_and", "logical_not", "logical_or", "logical_xor", "lt", "ne",
]  # fmt: skip


def _left_shift(x: Any, by: Any) -> Any:
    """``x << by``: 0 where all bits are shifted out, by a negative number too. C, and so NumPy, leaves these undefined."""
    x, by, bits = _for_shifting(x, by)
    return np.where((by < 0) | (by >= bits), 0, np.left_shift(x, np.clip(by, 0, bits - 1))).astype(x.dtype)


def _right_shift(x: Any, by: Any) -> Any:
    """``x >> by``: of what is shifted out, the sign stays."""
    x, by, bits = _for_shifting(x, by)
    return np.right_shift(x, np.where((by < 0) | (by >= bits), bits - 1, by).astype(x.dtype))


def _for_shifting(x: Any, by: Any) -> tuple[Any, Any, int]:
    x, by = promote(x, by)
    if np.asarray(x).dtype.kind not in "iub":
        raise TypeError
    x, by = (np.asarray(each, np.int64) if np.asarray(each).dtype.kind == "b" else np.asarray(each) for each in (x, by))
    return x, by, 8 * x.dtype.itemsize


_left_shift.__name__, _right_shift.__name__ = "bitwise_left_shift", "bitwise_right_shift"


def _of_two(ufunc: Callable[..., Any]) -> Callable[[Any, Any], Variable]:
    def compare(input: Any, other: Any) -> Variable:
        if other is None:
            return NotImplemented  # so that `x == None` is False, as in torch
        a, b = (each.array if is_variable(each) else constant(each) for each in (input, other))
        try:
            return unrecorded(ufunc(a, b))
        except ValueError:
            raise shapes_do_not_broadcast(ufunc.__name__, np.shape(a), np.shape(b)) from None
        except TypeError:
            kinds = " and ".join(str(np.asarray(each).dtype) for each in (a, b))
            raise RuntimeError(f"{ufunc.__name__} is for integers and bools, not for {kinds}") from None

    compare.__name__ = compare.__qualname__ = ufunc.__name__
    compare.__doc__ = f"``numpy.{ufunc.__name__}`` of two operands, element by element, without gradient; they broadcast."
    return compare


def _of_one(ufunc: Callable[..., Any]) -> Callable[[Variable], Variable]:
    def test(input: Variable) -> Variable:
        array = array_of(input)
        try:
            return unrecorded(ufunc(array))
        except TypeError:
            raise TypeError(f"{ufunc.__name__} is for integers and bools, not for {array.dtype}") from None

    test.__name__ = test.__qualname__ = ufunc.__name__
    test.__doc__ = f"``numpy.{ufunc.__name__}`` of each element, without gradient."
    return test


eq, ne = _of_two(np.equal), _of_two(np.not_equal)
lt, le = _of_two(np.less), _of_two(np.less_equal)
gt, ge = _of_two(np.greater), _of_two(np.greater_equal)
logical_and, logical_or, logical_xor = _of_two(np.logical_and), _of_two(np.logical_or), _of_two(np.logical_xor)
bitwise_and, bitwise_or, bitwise_xor = _of_two(np.bitwise_and), _of_two(np.bitwise_or), _of_two(np.bitwise_xor)
bitwise_left_shift, bitwise_right_shift = _of_two(_left_shift), _of_two(_right_shift)
logical_not, bitwise_not = _of_one(np.logical_not), _of_one(np.bitwise_not)
isnan, isinf, isfinite = _of_one(np.isnan), _of_one(np.isinf), _of_one(np.isfinite)
isposinf, isneginf, isreal = _of_one(np.isposinf), _of_one(np.isneginf), _of_one(np.isreal)


def any(input: Variable, dim: Dim = None, keepdim: bool = False) -> Variable:
    """Whether any element is true (not 0): of all, or along ``dim``, one dimension or several.

    Raises:
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.any(microtorch.tensor([0.0, 2.0])).item()
    True
    """
    return _truth(np.logical_or, input, dim, keepdim)


def all(input: Variable, dim: Dim = None, keepdim: bool = False) -> Variable:
    """Whether all elements are true (not 0): of all, or along ``dim``, one dimension or several.

    Raises:
        IndexError: ``dim`` is out of range.
    """
    return _truth(np.logical_and, input, dim, keepdim)


def _truth(ufunc: np.ufunc, input: Variable, dim: Dim, keepdim: bool) -> Variable:
    axes = () if dim in ((), []) else axes_of(input, dim)  # along no dimension each element is asked alone: torch's choice
    found = ufunc.reduce(array_of(input), axes, keepdims=keepdim)
    return unrecorded(np.asarray(found, np.uint8 if input.array.dtype == np.uint8 else np.bool_))


def isclose(input: Variable, other: Variable, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Variable:
    """Whether ``abs(input - other) <= atol + rtol * abs(other)``, element by element.

    Args:
        input: of any shape.
        other: of a shape that broadcasts with it.
        rtol: the allowed difference, relative to ``other``.
        atol: the allowed difference.
        equal_nan: whether nan is close to nan.

    Raises:
        RuntimeError: the dtypes differ, or the shapes do not broadcast.
    """
    a, b = array_of(input), array_of(other)
    if a.dtype != b.dtype:
        raise RuntimeError(f"isclose: {input.dtype} did not match {other.dtype}: convert one with .to()")
    try:
        return unrecorded(np.isclose(a, b, rtol, atol, equal_nan))
    except ValueError:
        raise shapes_do_not_broadcast("isclose", a.shape, b.shape) from None


def allclose(input: Variable, other: Variable, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all elements are close, as `isclose` has it.

    >>> import microtorch
    >>> microtorch.allclose(microtorch.tensor([1.0]), microtorch.tensor([1.0 + 1e-7]))
    True
    """
    return bool(isclose(input, other, rtol, atol, equal_nan).array.all())


def equal(input: Variable, other: Variable) -> bool:
    """Whether both have the same shape and elements."""
    return np.array_equal(array_of(input), array_of(other))


def contains(input: Variable, element: object) -> bool:
    """``element in x``: whether any element equals it.

    Raises:
        RuntimeError: it is neither a Variable nor a number.
    """
    if not isinstance(element, Variable | int | float | np.generic):
        raise RuntimeError(f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(element).__name__}")
    return builtins.bool(any(eq(input, element)))


def rlshift(input: Variable, other: Any) -> Variable:
    """``other << input``."""
    return bitwise_left_shift(other, input)


def rrshift(input: Variable, other: Any) -> Variable:
    """``other >> input``."""
    return bitwise_right_shift(other, input)
