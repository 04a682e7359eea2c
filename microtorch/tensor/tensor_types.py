"""The constructors of 2017: ``FloatTensor(2, 3)``, ``LongTensor([1, 2])`` and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arrays import dtypes
from ..arrays.dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from ..arrays.dtypes import dtype_of_type, get_default_dtype, set_default_dtype
from ..arrays.shapes import Size
from ..core.variable import Variable, is_variable
from .creation import empty, tensor

__all__ = [
    "BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "HalfTensor", "IntTensor", "LongTensor",
    "ShortTensor", "Tensor", "set_default_tensor_type",
]  # fmt: skip


def constructed(dtype: Dtype, args: tuple[Any, ...]) -> Variable:
    """What a constructor of 2017 gives: uninitialised for a shape, else the values of ``args[0]``; of a Variable, an alias.

    Raises:
        TypeError: a single number that is no length, or a Variable of another dtype.
    """
    first = args[0] if len(args) == 1 else None
    if is_variable(first):
        if first.dtype is not dtype:
            raise TypeError(f"expected a {dtype.tensor_type}, and got a {first.dtype.tensor_type}: convert it with .to({dtype})")
        alias: Variable = first._alias()
        return alias
    if isinstance(first, Size):
        return empty(first, dtype=dtype)
    if isinstance(first, Sequence | np.ndarray) and not isinstance(first, str):
        return tensor(first, dtype=dtype)
    if len(args) == 1 and (isinstance(first, bool) or not hasattr(first, "__index__")):
        raise TypeError(f"new(): data must be a sequence (got {type(first).__name__}): a number goes into tensor({first!r})")
    return empty(*args or (0,), dtype=dtype)


def new(input: Variable, *args: Any) -> Variable:
    """What the constructor of 2017 for this dtype gives: ``x.new(2, 3)`` is uninitialised, ``x.new([1, 2])`` of these values."""
    return constructed(input.dtype, args)


def set_default_tensor_type(t: Any) -> None:
    """Make the dtype of a type of 2017, or of its name, the default: ``set_default_tensor_type(DoubleTensor)``.

    Raises:
        TypeError: it is none, or its numbers are not floating.
    """
    if isinstance(t, Dtype):
        raise TypeError(f"invalid type object: it takes a type such as microtorch.DoubleTensor; for {t}, use set_default_dtype")
    set_default_dtype(dtype_of_type(t))


class _TensorType(type):
    """Makes a constructor of 2017 look like a class: calling it gives a `Variable`, of which it is the type by `isinstance`."""

    dtype: Dtype | None

    def __call__(cls, *args: Any) -> Variable:
        return constructed(cls.dtype or get_default_dtype(), args)

    def __getattr__(cls, name: str) -> Any:
        return getattr(Variable, name)  # as in map(torch.Tensor.item, losses)

    def __dir__(cls) -> list[str]:
        return dir(Variable)

    def __instancecheck__(cls, instance: object) -> bool:
        return is_variable(instance) and cls.dtype in (None, instance.dtype)


class Tensor(metaclass=_TensorType):
    """``Tensor(2, 3)`` is an uninitialised tensor of shape (2, 3), ``Tensor([1.0, 2.0])`` one of these values, as in 2017.

    >>> import microtorch
    >>> microtorch.Tensor(2, 3).shape, microtorch.Tensor([1, 2]).tolist()
    (torch.Size([2, 3]), [1.0, 2.0])
    >>> isinstance(microtorch.ones(2), microtorch.Tensor), isinstance(microtorch.ones(2), microtorch.DoubleTensor)
    (True, False)
    """

    dtype: Dtype | None = None


class HalfTensor(Tensor):
    dtype = dtypes.float16


class FloatTensor(Tensor):
    dtype = dtypes.float32


class DoubleTensor(Tensor):
    dtype = dtypes.float64


class CharTensor(Tensor):
    dtype = dtypes.int8


class ShortTensor(Tensor):
    dtype = dtypes.int16


class IntTensor(Tensor):
    dtype = dtypes.int32


class LongTensor(Tensor):
    dtype = dtypes.int64


class ByteTensor(Tensor):
    dtype = dtypes.uint8


class BoolTensor(Tensor):
    dtype = dtypes.bool_
