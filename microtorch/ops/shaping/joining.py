"""Joining any number of operands into one: end to end (``cat``), or along a new dimension (``stack``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...arrays.dtypes import Array, result_dtype
from ...core.in_place import into
from ...core.primitive import Primitive
from ...core.telling import shown
from ...core.variable import Variable, is_variable
from ...tensor.dims import axis_of
from .flattening import atleast_1d, atleast_2d, atleast_3d
from .reshaping import reshape

__all__ = ["cat", "column_stack", "dstack", "hstack", "stack", "vstack"]


class _Parts:
    """The rules of an operation whose inputs are parts of its output: nothing is saved, each gets its part of the gradient."""

    sources = flat = ()

    def keep(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        return ()

    def gradients(self, node: Any, grad: Any, saved: tuple[Any, ...]) -> list[Any]:
        return [grad.reshape(-1)[:0] if key is None else grad[key] for key in node.keys]

    def only(self, wanted: Sequence[bool] | None) -> Any:
        return self.gradients  # whichever are: a part costs nothing


class _Joining(Primitive):
    """Its inputs are any number, so it has no rule for each, but one for all."""

    __slots__ = ("dim",)

    keys: Any  # where in the output each input is; None for one without elements, which is nowhere
    rule_set = _Parts()  # type: ignore[assignment]
    constants = shown("dim")

    @property
    def input_names(self) -> tuple[str, ...]:  # type: ignore[override]
        """Numbered, as the argument is a list."""
        return tuple(f"tensors[{i}]" for i in range(len(self._below)))

    @property
    def formulas(self) -> tuple[str, ...]:
        """In words, and the same for each."""
        return ("the part of grad that this one is of the output",) * len(self._below)


class Cat(_Joining):
    __slots__ = ("keys",)

    def forward(self, *arrays, dim):
        self.dim, self.keys, end = dim, [], 0
        for array in arrays:
            start = end
            end += 0 if _is_nothing(array) else array.shape[dim]
            self.keys.append(None if _is_nothing(array) else (*(slice(None),) * dim, slice(start, end)))
        something = [array for array, key in zip(arrays, self.keys, strict=True) if key is not None]
        return np.concatenate(something or arrays, dim, dtype=_common_dtype(arrays))


def _common_dtype(arrays: Sequence[Array]) -> np.dtype[Any]:
    """The dtype of the result: of many arrays, as the samples of a batch, mostly that of each."""
    found = {array.dtype for array in arrays}
    return found.pop() if len(found) == 1 else result_dtype(*arrays)


def _is_nothing(array: Array) -> bool:
    """Whether it is of shape (0,), which `cat` takes beside any shape: where a loop begins to collect."""
    return array.shape == (0,)


class Stack(_Joining):
    def forward(self, *arrays, dim):
        self.dim, dtype, shape = dim, _common_dtype(arrays), arrays[0].shape
        if not shape:
            return np.array(arrays, dtype)
        if not dim:  # what NumPy's own takes ten times as long for
            return np.concatenate(arrays, dtype=dtype).reshape(len(arrays), *shape)
        return np.stack(arrays, dim, dtype=dtype)

    @property
    def keys(self):
        return [(*(slice(None),) * self.dim, i) for i in range(len(self._below))]


def cat(tensors: Sequence[Variable], dim: int = 0, *, out: Variable | None = None) -> Variable:
    """Variables end to end.

    Args:
        tensors: of one shape, but for ``dim``; one of shape (0,) counts as nothing.
        dim: along which.
        out: what the result is written into, if given.

    Raises:
        TypeError: ``tensors`` is no list or tuple of Variables.
        RuntimeError: there are none, or the shapes differ.

    >>> import microtorch
    >>> microtorch.cat((microtorch.ones(1, 2), microtorch.zeros(1, 2))).tolist()
    [[1.0, 1.0], [0.0, 0.0]]
    """
    arrays = [each.array for each in variables_of(tensors, "cat")]
    if not all(array.ndim for array in arrays):
        number = next(i for i, array in enumerate(arrays) if not array.ndim)
        raise RuntimeError(f"zero-dimensional tensor (at position {number}) cannot be concatenated: use stack")
    number = next((i for i, array in enumerate(arrays) if not _is_nothing(array)), 0)
    axis, first = axis_of(tensors[number], dim), arrays[number].shape
    for i, array in enumerate(arrays):
        if _is_nothing(array):
            continue
        if array.ndim != len(first):
            raise RuntimeError(
                f"cat: Tensors must have same number of dimensions: got {len(first)} and {array.ndim} for tensor number {i}"
            )
        for at, (n, m) in enumerate(zip(first, array.shape, strict=True)):
            if n != m and at != axis:
                raise RuntimeError(
                    f"cat: Sizes of tensors must match except in dimension {axis}. Expected size {n} but got size {m} in "
                    f"dimension {at} for tensor number {i} in the list."
                )
    result = Cat.apply(*tensors, dim=axis)
    return result if out is None else into(out, result, "cat")


def stack(tensors: Sequence[Variable], dim: int = 0, *, out: Variable | None = None) -> Variable:
    """Variables of one shape, side by side along a new dimension.

    Args:
        tensors: of one shape.
        dim: where the new dimension stands in the result.
        out: what the result is written into, if given.

    Raises:
        TypeError: ``tensors`` is no list or tuple of Variables.
        RuntimeError: there are none, or the shapes differ.

    >>> import microtorch
    >>> microtorch.stack([microtorch.zeros(2), microtorch.ones(2)], dim=1).tolist()
    [[0.0, 1.0], [0.0, 1.0]]
    """
    arrays = [each.array for each in variables_of(tensors, "stack")]
    axis = axis_of(tensors[0], dim, new=True)
    if len({array.shape for array in arrays}) > 1:
        i, array = next((i, array) for i, array in enumerate(arrays) if array.shape != arrays[0].shape)
        raise RuntimeError(
            f"stack expects each tensor to be equal size, but got {list(arrays[0].shape)} at entry 0 and "
            f"{list(array.shape)} at entry {i}"
        )
    result = Stack.apply(*tensors, dim=axis)
    return result if out is None else into(out, result, "stack")


def hstack(tensors: Sequence[Variable]) -> Variable:
    """Variables side by side: vectors end to end, everything else along the second dimension."""
    parts = [atleast_1d(each) for each in variables_of(tensors, "hstack")]
    return cat(parts, min(parts[0].array.ndim - 1, 1))


def vstack(tensors: Sequence[Variable]) -> Variable:
    """Variables one below the other, vectors as rows."""
    return cat(atleast_2d(variables_of(tensors, "vstack")))


def dstack(tensors: Sequence[Variable]) -> Variable:
    """Variables one behind the other, along the third dimension, which matrices and vectors get."""
    return cat(atleast_3d(variables_of(tensors, "dstack")), 2)


def column_stack(tensors: Sequence[Variable]) -> Variable:
    """Variables side by side, vectors as columns.

    >>> import microtorch
    >>> microtorch.column_stack((microtorch.arange(2), microtorch.arange(2))).tolist()
    [[0, 0], [1, 1]]
    """
    parts = variables_of(tensors, "column_stack")
    return hstack([each if each.array.ndim > 1 else reshape(each, each.array.size, 1) for each in parts])


def variables_of(tensors: Any, operation: str) -> Sequence[Variable]:
    """An argument that has to be a list or tuple of Variables.

    Raises:
        TypeError: it is none.
        RuntimeError: it is empty.
    """
    if not isinstance(tensors, list | tuple):
        raise TypeError(f"{operation}(): argument 'tensors' must be a list or tuple of Variables, not {type(tensors).__name__}")
    if {*map(type, tensors)} != {Variable}:
        for i, each in enumerate(tensors):
            if not is_variable(each):
                raise TypeError(f"{operation}(): expected Variable as element {i} in argument 0, but got {type(each).__name__}")
    if not tensors:
        refusal = ValueError if operation == "cat" else RuntimeError  # torch's choice
        raise refusal(f"{operation}() expected a non-empty list of Tensors")
    return tensors
