"""One element for each index, along one dimension: ``gather`` reads them, ``scatter`` and ``scatter_add`` write them.

``gather`` and ``scatter_add`` are each the other's derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.dtypes import Array
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, is_variable
from ...tensor.dims import argument, axis_of, check_index
from ..undifferentiated import _Undifferentiated
from .adding import add_at, read_at
from .indexing import FromPlaces

__all__ = ["gather", "scatter", "scatter_add", "take_along_dim"]


def _places(index: Array, dim: int, ndim: int) -> tuple[Array, ...]:
    """NumPy's key for the elements at ``index`` along ``dim``: in all other dimensions, each index stands for its own place."""
    index = np.atleast_1d(index)
    if not index.size:
        return (index,) * ndim
    grid: list[Array] = list(np.indices(index.shape, sparse=True))
    grid[dim] = index
    return tuple(grid)


class Gather(FromPlaces):
    constants = shown("dim")

    def forward(self, input, *, dim, index):
        self.dim, self.input_shape = dim, input.shape
        return read_at(np.atleast_1d(input), _places(index, dim, max(input.ndim, 1)), index.shape)

    @rule("scatter_add(zeros_like(input), dim, index, grad)")
    def grad_input(self, grad, index):
        return ScatterAdd.on(self.zeros(grad), grad, dim=self.dim, index=index)


class ScatterAdd(Primitive):
    constants = shown("dim")

    def forward(self, input, src, *, dim, index):
        self.dim, out = dim, np.atleast_1d(input.copy())
        add_at(out, _places(index, dim, out.ndim), np.atleast_1d(src))
        return out.reshape(input.shape)

    @rule("grad")
    def grad_input(self, grad):
        return grad

    @rule("gather(grad, dim, index)")
    def grad_src(self, grad, index):
        return Gather.on(grad, dim=self.dim, index=index)


class Scatter(Primitive):
    constants = shown("dim")

    def forward(self, input, src, *, dim, index):
        self.dim, out = dim, np.atleast_1d(input.copy())
        out[_places(index, dim, out.ndim)] = np.atleast_1d(src)
        return out.reshape(input.shape)

    @rule("scatter(grad, dim, index, 0)")
    def grad_input(self, grad, index):
        return ScatterNumber.on(grad, dim=self.dim, index=index, value=0)

    @rule("gather(grad, dim, index)")
    def grad_src(self, grad, index):
        return Gather.on(grad, dim=self.dim, index=index)


class ScatterNumber(Primitive):
    torch_name = "Scatter"
    overload = 1
    constants = shown("dim", "value")

    def forward(self, input, *, dim, index, value):
        self.dim, self.value, out = dim, value, np.atleast_1d(input.copy())
        out[_places(index, dim, out.ndim)] = np.asarray(value).astype(input.dtype)
        return out.reshape(input.shape)

    @rule("scatter(grad, dim, index, 0)")
    def grad_input(self, grad, index):
        return ScatterNumber.on(grad, dim=self.dim, index=index, value=0)


class ScatterReduced(_Undifferentiated):
    """What is at the indices, plus or times what is written there."""

    operation = "scatter"

    def forward(self, input, src=None, *, dim, index, ufunc, value=None):
        out = np.atleast_1d(input.copy())
        ufunc.at(out, _places(index, dim, out.ndim), np.atleast_1d(value if src is None else src).astype(input.dtype))
        return out.reshape(input.shape)


def gather(input: Variable, dim: int, index: Variable) -> Variable:
    """The elements of ``input`` that ``index`` names along ``dim``: ``out[i][j] = input[index[i][j]][j]`` for ``dim=0``.

    Args:
        input: of any shape.
        dim: along which.
        index: integers, in as many dimensions as ``input``, and none longer than there, but for ``dim``.

    Raises:
        IndexError: there is no such dimension, or an index is out of range.
        RuntimeError: ``index`` holds no integers, or its shape does not fit.

    >>> import microtorch
    >>> x = microtorch.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> microtorch.gather(x, 1, microtorch.tensor([[0, 0], [1, 0]])).tolist()
    [[1.0, 1.0], [4.0, 3.0]]
    """
    axis = _axis(input, dim, index, "gather")
    return Gather.apply(input, dim=axis, index=index)


def scatter(
    input: Variable, dim: int, index: Variable, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Variable:
    """``input`` with ``src`` written where ``index`` says along ``dim``: ``out[index[i][j]][j] = src[i][j]`` for ``dim=0``.

    Args:
        input: of any shape.
        dim: along which.
        index: integers, in as many dimensions as ``input``, and none longer than there, but for ``dim``.
        src: a Variable of the dtype of ``input``, in no dimension shorter than ``index``; or a number.
        value: another name for ``src`` where that is a number.
        reduce: "add" or "multiply", to combine it with what is there. That has no gradient, as in torch: see `scatter_add`.

    Raises:
        IndexError: there is no such dimension, or an index is out of range.
        RuntimeError: ``index`` holds no integers, or shapes or dtypes do not fit.
        TypeError: ``src`` is neither a Variable nor a number.

    >>> import microtorch
    >>> microtorch.scatter(microtorch.zeros(1, 3), 1, microtorch.tensor([[0, 2]]), 5.0).tolist()
    [[5.0, 0.0, 5.0]]
    """
    axis = _axis(input, dim, index, "scatter")
    src = value if src is None else src
    if reduce is not None:
        return _scatter_reduced(input, axis, index, src, reduce)
    if is_variable(src):
        return Scatter.apply(input, _source(input, axis, index, src, "scatter"), dim=axis, index=index)
    return ScatterNumber.apply(input, dim=axis, index=index, value=_number(src))


def scatter_add(input: Variable, dim: int, index: Variable, src: Variable) -> Variable:
    """``input`` with ``src`` added where ``index`` says along ``dim``: ``out[index[i][j]][j] += src[i][j]`` for ``dim=0``.

    Arguments and errors are those of `scatter`; ``src`` is a Variable.

    >>> import microtorch
    >>> microtorch.scatter_add(microtorch.zeros(3), 0, microtorch.tensor([0, 2, 2]), microtorch.ones(3)).tolist()
    [1.0, 0.0, 2.0]
    """
    axis = _axis(input, dim, index, "scatter_add")
    argument(src, "scatter_add", "src")
    return ScatterAdd.apply(input, _source(input, axis, index, src, "scatter_add"), dim=axis, index=index)


def take_along_dim(input: Variable, indices: Variable, dim: int | None = None) -> Variable:
    """As `gather`, where the other dimensions broadcast and -1 is the last place; without ``dim``, among all in a row.

    Raises:
        IndexError: there is no such dimension, or an index is out of range.
        RuntimeError: ``indices`` holds no integers, or its shape does not fit.

    >>> import microtorch
    >>> x = microtorch.tensor([[3.0, 1.0], [2.0, 4.0]])
    >>> microtorch.take_along_dim(x, microtorch.argmax(x, 1, keepdim=True), 1).tolist()
    [[3.0], [4.0]]
    """
    argument(indices, "take_along_dim", "indices")
    if dim is None:
        input, indices, axis = input.reshape(-1), indices.reshape(-1), 0
        return Gather.apply(input, dim=0, index=_wrapped(input, indices, 0))
    axis = axis_of(input, dim)
    if indices.array.ndim != input.array.ndim:
        raise RuntimeError(
            f"take_along_dim(): input and indices should have the same number of dimensions, but got {input.array.ndim} "
            f"dimensions for input, and {indices.array.ndim} dimensions for indices"
        )
    index = _wrapped(input, indices, axis)
    shapes = [(*each.array.shape[:axis], 1, *each.array.shape[axis + 1 :]) for each in (input, indices)]
    try:
        common = np.broadcast_shapes(*shapes)
    except ValueError:
        raise RuntimeError(
            f"take_along_dim(): the shapes {input.array.shape} and {indices.array.shape} do not broadcast apart from dimension "
            f"{axis}"
        ) from None
    source, index = (
        each.expand((*common[:axis], *each.array.shape[axis : axis + 1], *common[axis + 1 :])) for each in (input, index)
    )
    return Gather.apply(source, dim=axis, index=index)


def _wrapped(input: Variable, indices: Variable, axis: int) -> Variable:
    """``indices`` counted from the front."""
    length = input.array.shape[axis] if input.array.ndim else 1
    check_index(indices, "take_along_dim", axis, length, from_end=True)
    return indices % length if length else indices


def _scatter_reduced(input: Variable, axis: int, index: Variable, src: Any, reduce: str) -> Variable:
    ufuncs = {"add": np.add, "multiply": np.multiply}
    if reduce not in ufuncs:
        raise RuntimeError(f"scatter(): reduce argument must be either add or multiply, not {reduce!r}")
    if is_variable(src):
        source = _source(input, axis, index, src, "scatter")
        return ScatterReduced.apply(input, source, dim=axis, index=index.array, ufunc=ufuncs[reduce])
    return ScatterReduced.apply(input, dim=axis, index=index.array, ufunc=ufuncs[reduce], value=_number(src))


def _number(value: Any) -> Any:
    if not isinstance(value, bool | int | float | np.number):
        raise TypeError(f"scatter(): argument 'src' must be a Variable or a number, not {type(value).__name__}")
    return value


def _axis(input: Variable, dim: int, index: Any, operation: str) -> int:
    """``dim`` counted from the front, where ``index`` may stand beside ``input``."""
    axis, shape = axis_of(input, dim), argument(index, operation, "index").shape
    own = input.array.shape
    check_index(index, operation, axis, own[axis] if own else 1)
    if max(len(shape), 1) != max(len(own), 1) and index.array.size:
        raise RuntimeError(
            f"{operation}(): Index tensor must have the same number of dimensions as the input, but it has {len(shape)}, and "
            f"{input._described()} has {len(own)}"
        )
    if any(m > n for at, (m, n) in enumerate(zip(shape, own, strict=False)) if at != axis):
        raise RuntimeError(
            f"{operation}(): expected index {list(shape)} to be no larger than self {list(own)} apart from dimension {axis}"
        )
    return axis


def _source(input: Variable, axis: int, index: Variable, src: Variable, operation: str) -> Variable:
    """The part of ``src`` that is written: the rest of it, if ``index`` is smaller, is not read."""
    shape, own = index.array.shape, src.array.shape
    if src.array.dtype != input.array.dtype:
        raise RuntimeError(
            f"{operation}(): Expected self.dtype to be equal to src.dtype, but got {input.dtype} and {src.dtype}: convert one "
            "with .to()"
        )
    if max(len(shape), 1) != max(len(own), 1):
        raise RuntimeError(
            f"{operation}(): Index tensor must have the same number of dimensions as src tensor, but they have {len(shape)} and "
            f"{len(own)}"
        )
    if any(m > n for m, n in zip(shape, own, strict=False)):
        raise RuntimeError(
            f"{operation}(): expected index {list(shape)} to be no larger than self {list(input.array.shape)} apart from "
            f"dimension {axis} and to be no larger size than src {list(own)}"
        )
    return src if len(shape) != len(own) or shape == own else src[tuple(map(slice, shape))]
