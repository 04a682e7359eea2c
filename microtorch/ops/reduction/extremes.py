"""The largest and the smallest: over everything, along dimensions, and where they stand."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import return_types
from ...arrays.operands import refuse_bools, summed
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of, is_variable, unrecorded
from ...tensor.dims import Dim, axes_of, axis_of
from ..elementwise.rounding import maximum, minimum
from ..selection.indexing import Deposit, Place

__all__ = ["amax", "amin", "aminmax", "argmax", "argmin", "cummax", "cummin", "max", "min"]


class _Extreme(Primitive):
    """Where several elements are the extreme, each gets the same part of the gradient."""

    __slots__ = ("axes", "kept_shape")
    constants = shown(dim=None, keepdim=False)

    @property
    def dim(self):
        return self.axes

    @property
    def keepdim(self):
        return self.output(0)[0] == self.kept_shape != ()

    def extreme(self, ufunc, input, axes):
        self.axes = tuple(range(input.ndim)) if axes is None else axes
        self.kept_shape = tuple(1 if axis in self.axes else length for axis, length in enumerate(input.shape))
        return ufunc.reduce(input, self.axes)

    @rule(words="grad, shared evenly by the elements that are the extreme")
    def grad_input(self, grad, input, out):
        return self.shared(grad, input, out)

    def shared(self, grad, input, out):
        chosen = input == out.reshape(self.kept_shape)  # nowhere, where that is nan: and so the gradients are, by 0 / 0
        return grad.reshape(self.kept_shape) * chosen / summed(chosen, self.axes, keepdims=True)


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
        return np.where(chosen, grad / summed(chosen, None), 0.0)


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

    __slots__ = ("dim", "input_shape")

    constants = shown("dim", keepdim=False)

    def forward(self, input, *, key, dim):
        self.dim, self.input_shape = dim, input.shape
        return input[key]

    @property
    def keepdim(self):
        return len(self.output(0)[0]) == len(self.input_shape) > 0

    @rule(words="zeros in the shape of the input, with grad where the extreme stands")
    def grad_input(self, grad, key):
        return Place.on(grad, key=key, shape=self.input_shape)


class Max(_Chosen):
    pass


class Min(_Chosen):
    pass


class _ChosenAgain(_Chosen):
    """Of which one element may be the extreme for several places."""

    @rule(words="zeros in the shape of the input, with grad added where the extreme stands")
    def grad_input(self, grad, key):
        return Deposit.on(grad, key=key, shape=self.input_shape)


class Cummax(_ChosenAgain):
    constants = shown("dim")


class Cummin(_ChosenAgain):
    constants = shown("dim")


class Aminmax(Primitive):
    output_names = ("least", "largest")

    def forward(self, input, *, axes, keepdim):
        self.parts = Amin(), Amax()
        return tuple(np.asarray(part.forward(input, axes=axes, keepdim=keepdim)) for part in self.parts)

    @rule(words="the gradients of both, each shared evenly by the elements that are the extreme")
    def grad_input(self, grad, input, least, largest):
        low, high = self.filled(grad)
        return self.of_both(low, high, input, least, largest)

    def of_both(self, grad_least, grad_largest, input, least, largest):
        return self.parts[0].shared(grad_least, input, least) + self.parts[1].shared(grad_largest, input, largest)


def aminmax(input: Variable, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """The smallest and the largest element: of all, or along ``dim``. Ties share the gradient evenly.

    Returns:
        The named tuple (min, max).

    Raises:
        IndexError: ``dim`` is out of range, or there is no element to choose from.
    """
    _not_empty(input, "aminmax", () if dim is None else dim)
    return return_types.aminmax(*Aminmax.apply(input, axes=axes_of(input, dim), keepdim=keepdim))


def cummax(input: Variable, dim: int) -> Any:
    """The largest so far along ``dim``, and where it stands (the last of several).

    Returns:
        The named tuple (values, indices).

    Raises:
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.cummax(microtorch.tensor([1, 3, 2]), 0).values.tolist()
    [1, 3, 3]
    """
    return return_types.cummax(*_so_far(Cummax, np.maximum, input, dim))


def cummin(input: Variable, dim: int) -> Any:
    """The smallest so far along ``dim``, and where it stands (the last of several). Else as `cummax`."""
    return return_types.cummin(*_so_far(Cummin, np.minimum, input, dim))


def _so_far(operation: type[Primitive], ufunc: np.ufunc, input: Variable, dim: int) -> tuple[Variable, Variable]:
    axis, array = axis_of(input, dim), input.array
    if not array.ndim:
        return chosen_along(operation, input, axis, None)
    values = ufunc.accumulate(array, axis)
    places = np.arange(array.shape[axis]).reshape([-1 if i == axis else 1 for i in range(array.ndim)])
    is_it = (array == values) | np.isnan(array)
    return chosen_along(operation, input, axis, np.maximum.accumulate(np.where(is_it, places, 0), axis))


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


def max(input: Variable, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """The largest element (ties share the gradient); along ``dim``, also where it stands; or of two, element by element.

    Args:
        input: of any shape.
        dim: a dimension; or a Variable, for `maximum`.
        keepdim: keep that dimension, with length 1.
        other: the Variable for `maximum`, by this name too.

    Returns:
        A 0-dim Variable; with ``dim``, the named tuple (values, indices), whose gradient goes to the first of several; or
        with a Variable, what `maximum` gives.

    Raises:
        IndexError: ``dim`` is out of range, or there is no element to choose from.

    >>> import microtorch
    >>> microtorch.max(microtorch.tensor([[1.0, 5.0], [7.0, 2.0]]), dim=1).indices.tolist()
    [1, 0]
    """
    if is_variable(dim) or other is not None:
        return maximum(input, dim if other is None else other)
    _not_empty(input, "max", () if dim is None else dim)
    return MaxOfAll.apply(input) if dim is None else return_types.max(*_along(Max, np.argmax, input, dim, keepdim))


def min(input: Variable, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """The smallest element (ties share the gradient); along ``dim``, also where it stands; or of two, element by element.

    Arguments, result and errors are those of `max`.
    """
    if is_variable(dim) or other is not None:
        return minimum(input, dim if other is None else other)
    _not_empty(input, "min", () if dim is None else dim)
    return MinOfAll.apply(input) if dim is None else return_types.min(*_along(Min, np.argmin, input, dim, keepdim))


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


def chosen_along(
    operation: type[Primitive], input: Variable, axis: int, indices: Any, keepdim: bool = True
) -> tuple[Variable, Variable]:
    """The elements that ``indices`` names along an axis, as a `_Chosen` operation has them; and the indices, as a Variable."""
    if not input.array.ndim:
        return operation.apply(input, key=(...,), dim=0), unrecorded(np.zeros((), np.int64))
    grid = list(np.ogrid[tuple(map(slice, indices.shape))]) if indices.size else [indices] * indices.ndim
    grid[axis] = indices
    key = tuple(each if keepdim else each.squeeze(axis) for each in grid)
    return operation.apply(input, key=key, dim=axis), unrecorded(key[axis].astype(np.int64))


def _along(operation: type[Primitive], find: Any, input: Variable, dim: int, keepdim: bool) -> tuple[Variable, Variable]:
    axis = axis_of(input, dim)
    return chosen_along(operation, input, axis, find(input.array, axis, keepdims=True) if input.array.ndim else None, keepdim)


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
