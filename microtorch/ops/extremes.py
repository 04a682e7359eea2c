"""The largest and the smallest: over everything, along dimensions, and where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..node import array_of, is_variable, refuse_bools, unrecorded
from ..primitive import Primitive, rule
from .dims import Dim, axes_of, axis_of
from .indexing import Deposit
from .rounding import maximum, minimum

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["amax", "amin", "argmax", "argmin", "max", "min"]


class ValuesAndIndices(NamedTuple):
    """The extreme values along a dimension, and where they stand there."""

    values: Variable
    indices: Variable


class _Extreme(Primitive):
    """Where several elements are the extreme, each gets the same part of the gradient."""

    __slots__ = ("axes", "kept_shape")

    def extreme(self, ufunc, input, axes):
        self.axes = tuple(range(input.ndim)) if axes is None else axes
        self.kept_shape = tuple(1 if axis in self.axes else length for axis, length in enumerate(input.shape))
        return ufunc.reduce(input, self.axes)

    @rule(words="grad, shared evenly by the elements that are the extreme")
    def grad_input(self, grad, input, out):
        chosen = input == out.reshape(self.kept_shape)
        return np.where(chosen, grad.reshape(self.kept_shape) / chosen.sum(axis=self.axes, keepdims=True), 0.0)


class Amax(_Extreme):
    def forward(self, input, *, axes, keepdim):
        out = self.extreme(np.maximum, input, axes)
        return out.reshape(self.kept_shape) if keepdim else out


class Amin(_Extreme):
    def forward(self, input, *, axes, keepdim):
        out = self.extreme(np.minimum, input, axes)
        return out.reshape(self.kept_shape) if keepdim else out


class _OfAll(_Extreme):
    @rule(words="grad, shared evenly by the elements that are the extreme; nan is one, if there is one")
    def grad_input(self, grad, input, out):
        chosen = (input == out) | (np.isnan(input) & np.isnan(out))
        return np.where(chosen, grad / chosen.sum(), 0.0)


class MaxOfAll(_OfAll):
    torch_name = "Max"
    overload = 1

    def forward(self, input):
        return self.extreme(np.maximum, input, None)


class MinOfAll(_OfAll):
    torch_name = "Min"
    overload = 1

    def forward(self, input):
        return self.extreme(np.minimum, input, None)


class _Chosen(Primitive):
    """One element along a dimension, for each place in the others: the first of the extremes."""

    __slots__ = ("input_shape",)

    def forward(self, input, *, key):
        self.input_shape = input.shape
        return input[key]

    @rule(words="zeros in the shape of the input, with grad where the extreme stands")
    def grad_input(self, grad, key):
        return Deposit.on(grad, key=key, shape=self.input_shape)


class Max(_Chosen):
    pass


class Min(_Chosen):
    pass


def amax(input: Variable, dim: Dim = (), keepdim: bool = False) -> Variable:
    """The largest element: of all, or along ``dim`` (one dimension or several). Ties share the gradient evenly.

    Raises:
        IndexError: ``dim`` is out of range, or there is no element to choose from.
    """
    _not_empty(input, "amax", dim)
    return Amax.apply(input, axes=axes_of(input, dim), keepdim=keepdim)


def amin(input: Variable, dim: Dim = (), keepdim: bool = False) -> Variable:
    """The smallest element: of all, or along ``dim`` (one dimension or several). Ties share the gradient evenly.

    Raises:
        IndexError: ``dim`` is out of range, or there is no element to choose from.
    """
    _not_empty(input, "amin", dim)
    return Amin.apply(input, axes=axes_of(input, dim), keepdim=keepdim)


def max(input: Variable, dim: Any = None, keepdim: bool = False) -> Any:
    """The largest element (ties share the gradient); along ``dim``, also where it stands; or of two, element by element.

    Args:
        input: of any shape.
        dim: a dimension; or a Variable, for `maximum`.
        keepdim: keep that dimension, with length 1.

    Returns:
        A 0-dim Variable; with ``dim``, the named tuple (values, indices), whose gradient goes to the first of several; or
        with a Variable, what `maximum` gives.

    Raises:
        IndexError: ``dim`` is out of range, or there is no element to choose from.

    >>> import microtorch
    >>> microtorch.max(microtorch.tensor([[1.0, 5.0], [7.0, 2.0]]), dim=1).indices.tolist()
    [1, 0]
    """
    if is_variable(dim):
        return maximum(input, dim)
    _not_empty(input, "max", () if dim is None else dim)
    return MaxOfAll.apply(input) if dim is None else _along(Max, np.argmax, input, dim, keepdim)


def min(input: Variable, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest element (ties share the gradient); along ``dim``, also where it stands; or of two, element by element.

    Arguments, result and errors are those of `max`.
    """
    if is_variable(dim):
        return minimum(input, dim)
    _not_empty(input, "min", () if dim is None else dim)
    return MinOfAll.apply(input) if dim is None else _along(Min, np.argmin, input, dim, keepdim)


def argmax(input: Variable, dim: int | None = None, keepdim: bool = False) -> Variable:
    """Where the largest element stands (the first, if there are several): among all in a row, or along ``dim``.

    Raises:
        IndexError: ``dim`` is out of range, or there is no element to choose from.
    """
    return _arg(np.argmax, "argmax", input, dim, keepdim)


def argmin(input: Variable, dim: int | None = None, keepdim: bool = False) -> Variable:
    """Where the smallest element stands (the first, if there are several): among all in a row, or along ``dim``.

    Raises:
        IndexError: ``dim`` is out of range, or there is no element to choose from.
    """
    return _arg(np.argmin, "argmin", input, dim, keepdim)


def _along(operation: type[Primitive], find: Any, input: Variable, dim: int, keepdim: bool) -> ValuesAndIndices:
    axis, ndim = axis_of(input, dim), input.array.ndim
    if not ndim:
        return ValuesAndIndices(operation.apply(input, key=(...,)), unrecorded(np.zeros((), np.int64)))
    indices = find(input.array, axis, keepdims=True)
    grid = [np.arange(length).reshape((1,) * i + (-1,) + (1,) * (ndim - i - 1)) for i, length in enumerate(indices.shape)]
    grid[axis] = indices
    key = tuple(each if keepdim else each.squeeze(axis) for each in grid)
    return ValuesAndIndices(operation.apply(input, key=key), unrecorded(key[axis]))


def _arg(find: Any, name: str, input: Variable, dim: int | None, keepdim: bool) -> Variable:
    refuse_bools(array_of(input), operation=f"{name}()")
    _not_empty(input, name, () if dim is None else dim)
    axis = None if dim is None or not input.array.ndim else axis_of(input, dim)
    return unrecorded(np.asarray(find(input.array, axis, keepdims=keepdim)))


def _not_empty(input: Variable, name: str, dim: Any) -> None:
    axes = axes_of(input, dim)
    if not input.array.size and not isinstance(dim, int) and not dim:
        kind = IndexError if name.startswith("arg") else RuntimeError  # torch's choice
        raise kind(f"{name}(): Expected reduction dim to be specified for input.numel() == 0: {input._described()}")
    if 0 in [input.array.shape[axis] for axis in axes]:
        raise IndexError(f"{name}(): Expected reduction dim to have non-zero size, but {input._described()} has no element there")
