"""Making Variables: from numbers, of constants, of random numbers; and the constructors of 2017."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import dtypes
from .dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from .dtypes import get_default_dtype
from .grad_mode import mode
from .variable import Variable
from .versions import INFERENCE

__all__ = [
    "BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "HalfTensor", "IntTensor", "LongTensor",
    "ShortTensor", "Tensor", "arange", "empty", "empty_like", "eye", "full", "full_like", "manual_seed", "ones", "ones_like",
    "rand", "rand_like", "randn", "randn_like", "tensor", "tril_indices", "triu_indices", "zeros",
    "zeros_like",
]  # fmt: skip

_generator = np.random.default_rng()


def _made(array: Any, dtype: Dtype | None, requires_grad: bool) -> Variable:
    result = Variable(np.asarray(array, None if dtype is None else dtype.dtype), requires_grad)
    result._raw = True
    if mode.inference:
        result._version_cell = INFERENCE
    return result


def tensor(data: Any, *, dtype: Dtype | None = None, requires_grad: bool = False) -> Variable:
    """A leaf with a copy of ``data``.

    Args:
        data: a number, nested lists of numbers of one length each, an array or a Variable.
        dtype: of the elements; left out, it follows from the data: bools, int64 for integers, the default dtype for floats,
            an array's own.
        requires_grad: whether ``backward()`` shall compute a gradient for it.

    Raises:
        ValueError: the lists are ragged, or hold something else than numbers.

    >>> import microtorch
    >>> microtorch.tensor([[1, 2], [3, 4]]).dtype, microtorch.tensor(0.5).dtype
    (microtorch.int64, microtorch.float32)
    """
    if isinstance(data, Variable):
        array = data.array.copy()
    else:
        try:
            array = np.array(data)
        except ValueError as error:
            raise ValueError(f"tensor() needs lists of equal lengths: {error}") from None
        if array.dtype.kind not in "biuf":
            raise ValueError(f"tensor() holds real numbers only, not {array.dtype}: {data!r}"[:200])
        if dtype is None and not isinstance(data, np.ndarray | np.generic) and array.dtype.kind == "f":
            array = array.astype(get_default_dtype().dtype)
    return _made(array, dtype, requires_grad)


def zeros(*size: Any, dtype: Dtype | None = None, requires_grad: bool = False) -> Variable:
    """Zeros of the given shape.

    >>> import microtorch
    >>> microtorch.zeros(2, 3).shape, microtorch.zeros((2,)).tolist()
    (torch.Size([2, 3]), [0.0, 0.0])
    """
    return _made(np.zeros(_shape(size), _or_default(dtype).dtype), None, requires_grad)


def ones(*size: Any, dtype: Dtype | None = None, requires_grad: bool = False) -> Variable:
    """Ones of the given shape."""
    return _made(np.ones(_shape(size), _or_default(dtype).dtype), None, requires_grad)


def empty(*size: Any, dtype: Dtype | None = None, requires_grad: bool = False) -> Variable:
    """Whatever is in memory, in the given shape."""
    return _made(np.empty(_shape(size), _or_default(dtype).dtype), None, requires_grad)


def full(size: Any, fill_value: float, *, dtype: Dtype | None = None, requires_grad: bool = False) -> Variable:
    """``fill_value`` in the given shape; its kind decides the dtype, as in `tensor`."""
    dtype = tensor(fill_value).dtype if dtype is None else dtype
    return _made(np.full(_shape((size,)), fill_value, dtype.dtype), None, requires_grad)


def eye(n: int, m: int | None = None, *, dtype: Dtype | None = None, requires_grad: bool = False) -> Variable:
    """Ones on the diagonal of zeros, of shape (n, m), or (n, n)."""
    return _made(np.eye(n, m, dtype=_or_default(dtype).dtype), None, requires_grad)


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Dtype | None = None) -> Variable:
    """Where the lower triangle of a (row, col) matrix stands: its indices of rows, and below them those of columns.

    Raises:
        RuntimeError: ``row`` or ``col`` is negative.

    >>> import microtorch
    >>> microtorch.tril_indices(2, 2).tolist()
    [[0, 1, 1], [0, 0, 1]]
    """
    return _made(np.stack(np.nonzero(np.tri(*_matrix(row, col), offset))), dtype or dtypes.int64, False)


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Dtype | None = None) -> Variable:
    """Where the upper triangle of a (row, col) matrix stands: its indices of rows, and below them those of columns.

    Raises:
        RuntimeError: ``row`` or ``col`` is negative.
    """
    return _made(np.stack(np.nonzero(1 - np.tri(*_matrix(row, col), offset - 1))), dtype or dtypes.int64, False)


def _matrix(row: int, col: int) -> tuple[int, int]:
    for name, length in (("row", row), ("col", col)):
        if length < 0:
            raise RuntimeError(f"{name} must be non-negative, got {length}")
    return row, col


def arange(
    start: float, end: float | None = None, step: float = 1, *, dtype: Dtype | None = None, requires_grad: bool = False
) -> Variable:
    """``start``, ``start + step``, … below ``end``; with one argument, from 0 below that. Integers where all three are.

    Raises:
        RuntimeError: ``step`` is 0 or leads away from ``end``.
    """
    if end is None:
        start, end = 0, start
    if step == 0 or (end - start) / step < 0:
        raise RuntimeError(f"arange from {start} to {end} with step {step} never ends: step must be nonzero and lead to the end")
    if dtype is None:
        dtype = dtypes.int64 if all(isinstance(each, int) for each in (start, end, step)) else get_default_dtype()
    return _made(np.arange(start, end, step), dtype, requires_grad)


def rand(*size: Any, dtype: Dtype | None = None, requires_grad: bool = False) -> Variable:
    """Random numbers, uniform between 0 and 1 (not included)."""
    return _made(_generator.random(_shape(size)), _or_default(dtype), requires_grad)


def randn(*size: Any, dtype: Dtype | None = None, requires_grad: bool = False) -> Variable:
    """Random numbers from the standard normal distribution."""
    return _made(_generator.standard_normal(_shape(size)), _or_default(dtype), requires_grad)


def manual_seed(seed: int) -> None:
    """Begin the sequence of random numbers anew. The numbers are NumPy's (PCG64), not torch's."""
    global _generator
    _generator = np.random.default_rng(seed)


def zeros_like(input: Variable, *, dtype: Dtype | None = None, requires_grad: bool = False) -> Variable:
    """Zeros in the shape and dtype of ``input``."""
    return zeros(input.shape, dtype=dtype or input.dtype, requires_grad=requires_grad)


def ones_like(input: Variable, *, dtype: Dtype | None = None, requires_grad: bool = False) -> Variable:
    """Ones in the shape and dtype of ``input``."""
    return ones(input.shape, dtype=dtype or input.dtype, requires_grad=requires_grad)


def empty_like(input: Variable, *, dtype: Dtype | None = None, requires_grad: bool = False) -> Variable:
    """Whatever is in memory, in the shape and dtype of ``input``."""
    return empty(input.shape, dtype=dtype or input.dtype, requires_grad=requires_grad)


def full_like(input: Variable, fill_value: float, *, dtype: Dtype | None = None, requires_grad: bool = False) -> Variable:
    """``fill_value`` in the shape and dtype of ``input``."""
    return full(input.shape, fill_value, dtype=dtype or input.dtype, requires_grad=requires_grad)


def rand_like(input: Variable, *, dtype: Dtype | None = None, requires_grad: bool = False) -> Variable:
    """Uniform random numbers in the shape and dtype of ``input``."""
    return rand(input.shape, dtype=dtype or input.dtype, requires_grad=requires_grad)


def randn_like(input: Variable, *, dtype: Dtype | None = None, requires_grad: bool = False) -> Variable:
    """Standard normal random numbers in the shape and dtype of ``input``."""
    return randn(input.shape, dtype=dtype or input.dtype, requires_grad=requires_grad)


def _shape(size: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(size[0]) if len(size) == 1 and isinstance(size[0], tuple | list) else size


def _or_default(dtype: Dtype | None) -> Dtype:
    return get_default_dtype() if dtype is None else dtype


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
        return isinstance(instance, Variable) and cls.dtype in (None, instance.dtype)


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
