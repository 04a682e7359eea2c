"""The constructors of 2017: ``FloatTensor(2, 3)``, ``LongTensor([1, 2])`` and their kin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import dtypes
from .creation import empty, tensor
from .dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from .dtypes import get_default_dtype
from .node import is_variable

if TYPE_CHECKING:
    from .variable import Variable

__all__ = [
    "BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "HalfTensor", "IntTensor", "LongTensor",
    "ShortTensor", "Tensor",
]  # fmt: skip


class _TensorType(type):
    """Makes a constructor of 2017 look like a class: calling it gives a `Variable`, of which it is the type by `isinstance`."""

    dtype: Dtype | None

    def __call__(cls, *args: Any) -> Variable:
        dtype = cls.dtype or get_default_dtype()
        if len(args) == 1 and not isinstance(args[0], int):
            return tensor(args[0], dtype=dtype)
        if not args:
            return empty(0, dtype=dtype)
        return empty(*args, dtype=dtype)

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
