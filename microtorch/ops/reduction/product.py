"""Products along dimensions, and running ones: their gradients are right where elements are 0, too."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from ...arrays.dtypes import int64
from ...arrays.operands import summed
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of, is_variable
from ...tensor.dims import axis_of
from .statistics import Cumsum

__all__ = ["cumprod", "prod"]


class Prod(Primitive):
    constants = shown(dim=None, keepdim=False)

    def forward(self, input, *, axis=None, keepdim=False):
        self.keepdim = keepdim
        self.axis, self.dim, self.overload = axis, axis, int(axis is not None)
        self.kept = tuple(1 if axis in (None, i) else n for i, n in enumerate(input.shape))
        return np.multiply.reduce(input, axis, input.dtype, keepdims=keepdim)

    @rule(words="grad * the product of the other elements, which is out / input where none is 0")
    def grad_input(self, grad, input, out):
        return grad.reshape(self.kept) * self.others(input, out.reshape(self.kept))

    def others(self, input, out):
        return product_of_others(input, out, self.axis) if input.ndim else 1.0


class Cumprod(Primitive):
    constants = shown("dim")

    def forward(self, input, *, dim):
        self.dim = dim
        return np.multiply.accumulate(input, dim, input.dtype) if input.ndim else input.copy()

    @rule(words="for each element, the sum of grad * out / input over those from it on")
    def grad_input(self, grad, input, out):
        return self.sums(grad, input, out) if input.ndim else grad

    def sums(self, grad, input, out):
        return sums_of_others(grad, input, out, self.dim)


def product_of_others(input: Any, out: Any, axis: int | None) -> Any:
    """For each element, the product of all others that it was multiplied with."""
    zeros = np.asarray(input.array if is_variable(input) else input) == 0
    if not zeros.any():
        return out / input
    if not is_variable(input):
        alone = zeros.sum(axis=axis, keepdims=True) == 1
        rest = np.multiply.reduce(np.where(zeros, 1.0, input), axis, keepdims=True)
        return np.where(zeros, np.where(alone, rest, 0.0), out / np.where(zeros, 1.0, input))
    # To be differentiated again, it has to be a product of what can be: of rows in each of which one element is left out.
    rows = input.reshape(-1) if axis is None else input.swapaxes(axis, -1)
    left_out = Prod.apply(_each_left_out(rows), axis=rows.ndim)
    return left_out.reshape(input.shape) if axis is None else left_out.swapaxes(axis, -1)


def sums_of_others(grad: Any, input: Any, out: Any, axis: int) -> Any:
    """The gradient of running products: for each element, the sum over those from it on of their gradient times their others."""
    zeros = np.asarray(input.array if is_variable(input) else input) == 0
    if not zeros.any():
        return _from_the_end(grad * out, axis) / input
    if not is_variable(input):
        first = zeros & (np.cumsum(zeros, axis) == 1)  # behind the first zero, all products are 0, and stay it
        behind = np.cumsum(zeros, axis) > 0
        others = np.multiply.accumulate(np.where(first, 1.0, input), axis)
        at_first = _from_the_end(np.where(behind, grad * others, 0.0), axis)
        return np.where(first, at_first, np.where(behind, 0.0, _from_the_end(grad * out, axis) / np.where(zeros, 1.0, input)))
    rows, grad_rows = input.swapaxes(axis, -1), grad.swapaxes(axis, -1)
    products = Cumprod.apply(_each_left_out(rows), dim=rows.ndim)
    length = rows.shape[-1]
    from_it_on = np.triu(np.ones((length, length)))
    return summed(grad_rows[..., None, :] * products * from_it_on, -1).swapaxes(axis, -1)


def _each_left_out(rows: Any) -> Any:
    """Each row once for each of its elements, with a 1 in the place of that one."""
    return np.where(np.eye(rows.shape[-1], dtype=np.bool_), 1.0, rows[..., None, :])


def _from_the_end(values: Any, axis: int) -> Any:
    return Cumsum.on(values, dim=axis, reverse=True)


def prod(input: Variable, dim: int | None = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Variable:
    """The product of all elements, or along ``dim``.

    Args:
        input: of any shape; integers and bools are multiplied as int64.
        dim: a dimension; left out, all.
        keepdim: keep that dimension, with length 1.
        dtype: multiply in this dtype.

    Raises:
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.prod(microtorch.tensor([2.0, 3.0])).item()
    6.0
    """
    input = _as_dtype(input, dtype)
    if dim is None:
        return Prod.apply(input)
    axis = axis_of(input, dim)
    return Prod.apply(input, axis=axis if input.array.ndim else (), keepdim=keepdim)


def cumprod(input: Variable, dim: int, *, dtype: Dtype | None = None) -> Variable:
    """The running products along ``dim``. Arguments and errors are those of `prod`.

    >>> import microtorch
    >>> microtorch.cumprod(microtorch.tensor([1, 2, 3]), 0).tolist()
    [1, 2, 6]
    """
    return Cumprod.apply(_as_dtype(input, dtype), dim=axis_of(input, dim))


def _as_dtype(input: Variable, dtype: Dtype | None) -> Variable:
    if dtype is None and array_of(input).dtype.kind != "f":
        dtype = int64
    return input if dtype is None else input.to(dtype)
