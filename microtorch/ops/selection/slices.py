"""Whole slices along one dimension, named by a number (``select``), a range (``narrow``) or a vector of indices (``index_…``).

``index_select`` reads them and ``index_add`` adds to them: each is the other's derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.dtypes import Array
from ...arrays.operands import summed
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, is_variable
from ...tensor.dims import argument, axis_of, check_index
from .adding import add_at
from .indexing import FromPlaces, Select, Slice

__all__ = ["index_add", "index_copy", "index_fill", "index_select", "narrow", "select"]


def _key(dim: int, index: Array) -> tuple[Any, ...]:
    return (*(slice(None),) * dim, np.atleast_1d(index))


class IndexSelect(FromPlaces):
    constants = shown("dim")

    def forward(self, input, *, dim, index):
        self.dim, self.input_shape = dim, input.shape
        out = np.atleast_1d(input).take(np.atleast_1d(index), dim)
        return out if input.ndim else out.reshape(())

    @rule("index_add(zeros_like(input), dim, index, grad)")
    def grad_input(self, grad, index):
        return IndexAdd.on(self.zeros(grad), grad, dim=self.dim, index=index, alpha=1)


class IndexAdd(Primitive):
    constants = shown("dim", alpha=1)

    def forward(self, input, source, *, dim, index, alpha):
        self.dim, self.alpha = dim, alpha
        out = np.atleast_1d(input.copy())
        add_at(out, _key(dim, index), source if alpha == 1 else alpha * source)
        return out.reshape(input.shape)

    @rule("grad")
    def grad_input(self, grad):
        return grad

    @rule("index_select(grad, dim, index) * alpha")
    def grad_source(self, grad, index):
        return IndexSelect.on(grad, dim=self.dim, index=index) * self.alpha


class IndexCopy(Primitive):
    constants = shown("dim")

    def forward(self, input, source, *, dim, index):
        self.dim = dim
        out = np.atleast_1d(input.copy())
        out[_key(dim, index)] = source
        return out.reshape(input.shape)

    @rule("index_fill(grad, dim, index, 0)")
    def grad_input(self, grad, index):
        return IndexFillNumber.on(grad, dim=self.dim, index=index, value=0)

    @rule("index_select(grad, dim, index)")
    def grad_source(self, grad, index):
        return IndexSelect.on(grad, dim=self.dim, index=index)


class IndexFillNumber(Primitive):
    torch_name = "IndexFill"
    constants = shown("dim", "value")

    def forward(self, input, *, dim, index, value):
        self.dim, self.value = dim, value
        out = np.atleast_1d(input.copy())
        out[_key(dim, index)] = np.asarray(value).astype(input.dtype)
        return out.reshape(input.shape)

    @rule("index_fill(grad, dim, index, 0)")
    def grad_input(self, grad, index):
        return IndexFillNumber.on(grad, dim=self.dim, index=index, value=0)


def _once(index: Any) -> Array:
    """What is named twice is filled once."""
    return np.unique(index.array if is_variable(index) else index)


class IndexFill(Primitive):
    overload, once = 1, staticmethod(_once)
    constants = shown("dim")

    def forward(self, input, value, *, dim, index):
        self.dim = dim
        return IndexFillNumber.on(input, dim=dim, index=index, value=value)

    @rule("index_fill(grad, dim, index, 0)")
    def grad_input(self, grad, index):
        return IndexFillNumber.on(grad, dim=self.dim, index=index, value=0)

    @rule("index_select(grad, dim, index.unique()).sum()")
    def grad_value(self, grad, index):
        return summed(IndexSelect.on(grad, dim=self.dim, index=self.once(index)), None)


def select(input: Variable, dim: int, index: int) -> Variable:
    """The slice number ``index`` along ``dim``, without that dimension: a view, as ``input[index]`` is one.

    Raises:
        IndexError: there is no such dimension, or no such slice.

    >>> import microtorch
    >>> microtorch.select(microtorch.tensor([[1.0, 2.0], [3.0, 4.0]]), 1, 0).tolist()
    [1.0, 3.0]
    """
    axis, number = axis_of(input, dim), _number(index, "select", "index")
    if not input.array.ndim:
        raise IndexError("select() cannot be applied to a 0-dim tensor: x.item() is its number")
    length = input.array.shape[axis]
    if not -length <= number < length:
        raise IndexError(f"select(): index {number} out of range for {input._described()} at dimension {axis}")
    return Select.apply(input, key=(*(slice(None),) * axis, number, ...))


def narrow(input: Variable, dim: int, start: int, length: int) -> Variable:
    """The ``length`` slices from ``start`` along ``dim``: a view, as ``input[start : start + length]`` is one.

    Raises:
        IndexError: there is no such dimension, or ``start`` is beyond its ends.
        RuntimeError: there are fewer slices from there on.

    >>> import microtorch
    >>> microtorch.narrow(microtorch.tensor([1.0, 2.0, 3.0]), 0, 1, 2).tolist()
    [2.0, 3.0]
    """
    axis, first, count = axis_of(input, dim), _number(start, "narrow", "start"), _number(length, "narrow", "length")
    if not input.array.ndim:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor")
    if count < 0:
        raise RuntimeError(f"narrow(): length must be non-negative, not {count}")
    size = input.array.shape[axis]
    if not -size <= first <= size:
        raise IndexError(f"narrow(): start out of range (expected to be in range of [-{size}, {size}], but got {first})")
    first = first + size if first < 0 else first
    if first + count > size:
        raise RuntimeError(f"narrow(): start ({first}) + length ({count}) exceeds dimension size ({size}).")
    return Slice.apply(input, key=(*(slice(None),) * axis, slice(first, first + count)))


def index_select(input: Variable, dim: int, index: Variable) -> Variable:
    """A copy of the slices along ``dim`` that ``index``, a vector of integers, names. One named twice gets both gradients.

    Raises:
        IndexError: there is no such dimension, an index is out of range, or ``index`` has several dimensions.
        RuntimeError: ``index`` holds no integers.

    >>> import microtorch
    >>> microtorch.index_select(microtorch.tensor([1.0, 2.0, 3.0]), 0, microtorch.tensor([2, 2, 0])).tolist()
    [3.0, 3.0, 1.0]
    """
    axis = _axis(input, dim, index, "index_select")
    if not input.array.ndim and index.array.size != 1:
        raise RuntimeError(f"index_select(): Index to scalar can have only 1 value, got {index.array.size} value(s)")
    return IndexSelect.apply(input, dim=axis, index=index)


def index_add(input: Variable, dim: int, index: Variable, source: Variable, *, alpha: float = 1) -> Variable:
    """``input`` with the slices of ``source``, times ``alpha``, added to those that ``index`` names, as often as it names them.

    Args:
        input: of any shape.
        dim: along which.
        index: a vector of integers, one for each slice of ``source``.
        source: of the shape of ``input``, but for ``dim``, and of its dtype.
        alpha: a number.

    Raises:
        IndexError: there is no such dimension, an index is out of range, or ``index`` has several dimensions.
        RuntimeError: ``index`` holds no integers; or shape or dtype of ``source`` are others.

    >>> import microtorch
    >>> microtorch.index_add(microtorch.zeros(2), 0, microtorch.tensor([1, 1]), microtorch.ones(2)).tolist()
    [0.0, 2.0]
    """
    axis = _axis(input, dim, index, "index_add")
    _check_source(input, axis, index, source, "index_add")
    return IndexAdd.apply(input, source, dim=axis, index=index, alpha=alpha)


def index_copy(input: Variable, dim: int, index: Variable, source: Variable) -> Variable:
    """``input`` with the slices of ``source`` in place of those that ``index`` names.

    Arguments and errors are those of `index_add`. Which slice stays where ``index`` names one twice, is not defined.
    """
    axis = _axis(input, dim, index, "index_copy")
    _check_source(input, axis, index, source, "index_copy")
    return IndexCopy.apply(input, source, dim=axis, index=index)


def index_fill(input: Variable, dim: int, index: Variable, value: Any) -> Variable:
    """``input`` with ``value``, a number or a 0-dim Variable, in all slices that ``index`` names; -1 is the last.

    Raises:
        IndexError: there is no such dimension, or an index is out of range.
        RuntimeError: ``index`` holds no integers, or has several dimensions; or ``value`` has any.

    >>> import microtorch
    >>> microtorch.index_fill(microtorch.zeros(3), 0, microtorch.tensor([0, 2]), 5).tolist()
    [5.0, 0.0, 5.0]
    """
    axis = _axis(input, dim, index, "index_fill", from_end=True)
    if not is_variable(value):
        return IndexFillNumber.apply(input, dim=axis, index=index, value=value)
    if value.array.ndim:
        raise RuntimeError(
            f"index_fill only supports a 0-dimensional value tensor, but got tensor with {value.array.ndim} dimension(s): "
            "use index_copy"
        )
    return IndexFill.apply(input, value, dim=axis, index=index)


def _number(value: Any, operation: str, name: str) -> int:
    """An integer that is given as a number, or as a Variable of a single one."""
    try:
        return int(value.__index__())
    except (AttributeError, TypeError):
        raise TypeError(f"{operation}(): argument '{name}' must be int, not {type(value).__name__}") from None


def _axis(input: Variable, dim: int, index: Any, operation: str, *, from_end: bool = False) -> int:
    """``dim`` counted from the front, where ``index`` is a vector of places along it."""
    axis = axis_of(input, dim)
    array = argument(index, operation, "index")
    if array.ndim > 1:
        raise IndexError(f"{operation}(): Index is supposed to be a vector, but it has {array.ndim} dimensions")
    check_index(index, operation, axis, input.array.shape[axis] if input.array.ndim else 1, from_end=from_end)
    return axis


def _check_source(input: Variable, axis: int, index: Variable, source: Any, operation: str) -> None:
    array, target = argument(source, operation, "source"), input.array
    if array.dtype != target.dtype:
        raise RuntimeError(
            f"{operation}(): self ({input.dtype}) and source ({source.dtype}) must have the same dtype: convert one with .to()"
        )
    expected = (*target.shape[:axis], index.array.size, *target.shape[axis + 1 :]) if target.ndim else ()
    if array.shape != expected or (not target.ndim and index.array.size != 1):
        raise RuntimeError(
            f"{operation}(): the shape of source must be {list(expected)}: that of {input._described()}, with as many slices "
            f"along dimension {axis} as index names ({index.array.size}), and not {list(array.shape)}"
        )
