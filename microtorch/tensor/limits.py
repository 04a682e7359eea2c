"""What dtypes can hold, and what becomes of two: ``finfo``, ``iinfo``, ``promote_types``, ``result_type``, ``can_cast``."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays.dtypes import category, dtype, from_numpy_dtype, get_default_dtype, promoted, result_dtype
from ..arrays.operands import constant
from ..core.variable import is_variable

__all__ = ["can_cast", "finfo", "iinfo", "promote_types", "result_type"]


class finfo:  # noqa: N801 - torch's name
    """The limits of a floating dtype; the default one, if none is given.

    Attributes: ``bits``, ``eps`` (from 1 to the next number), ``max``, ``min``, ``tiny`` and ``smallest_normal`` (the smallest
    positive number with all digits), ``resolution``, and ``dtype``, its name.

    Raises:
        TypeError: the dtype is not floating.

    >>> import microtorch
    >>> finfo(microtorch.float32).eps == 2**-23, finfo(microtorch.float64).bits
    (True, 64)
    """

    def __init__(self, type: dtype | None = None) -> None:
        wanted = get_default_dtype() if type is None else type
        if not isinstance(wanted, dtype) or not wanted.is_floating_point:
            raise TypeError(f"torch.finfo() requires a floating point input type. Use torch.iinfo to handle {wanted!r}")
        info = np.finfo(wanted.dtype)
        self.bits, self.dtype = info.bits, wanted.name
        self.eps, self.max, self.min = float(info.eps), float(info.max), float(info.min)
        self.tiny = self.smallest_normal = float(info.smallest_normal)
        self.resolution = float(str(info.resolution))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, finfo) and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
            f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, dtype={self.dtype})"
        )


class iinfo:  # noqa: N801 - torch's name
    """The limits of an integer dtype.

    Attributes: ``bits``, ``max``, ``min``, and ``dtype``, its name.

    Raises:
        TypeError: the dtype is not of integers.

    >>> import microtorch
    >>> iinfo(microtorch.int8)
    iinfo(min=-128, max=127, dtype=int8)
    """

    def __init__(self, type: dtype) -> None:
        if not isinstance(type, dtype) or type.dtype.kind not in "iu":
            raise TypeError(f"torch.iinfo() requires an integer input type. Use torch.finfo to handle {type!r}")
        info = np.iinfo(type.dtype)
        self.bits, self.max, self.min, self.dtype = info.bits, int(info.max), int(info.min), type.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, iinfo) and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The dtype of what is computed from arrays of two.

    >>> import microtorch
    >>> promote_types(microtorch.int64, microtorch.float32)
    microtorch.float32
    """
    return from_numpy_dtype(promoted((_checked(type1).dtype, _checked(type2).dtype)))


def result_type(tensor1: Any, tensor2: Any) -> dtype:
    """The dtype of what is computed from two Variables or numbers, of which numbers and 0-dim Variables count less."""
    return from_numpy_dtype(result_dtype(*(each.array if is_variable(each) else constant(each) for each in (tensor1, tensor2))))


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether results of one dtype may be written into memory of another: not floats into integers, nor numbers into bools.

    >>> import microtorch
    >>> can_cast(microtorch.float64, microtorch.float32), can_cast(microtorch.float32, microtorch.int64)
    (True, False)
    """
    return category(_checked(from_).dtype) <= category(_checked(to).dtype)


def _checked(given: Any) -> dtype:
    if not isinstance(given, dtype):
        raise TypeError(f"expected a dtype, such as microtorch.float32, and got {type(given).__name__}")
    return given
