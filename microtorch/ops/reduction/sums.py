"""Sums and means, over everything or along dimensions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...arrays.dtypes import FLOAT16, FLOAT32, Array, int64
from ...arrays.dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from ...arrays.operands import summed
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of, is_variable
from ...tensor.dims import Dim, axes_of

__all__ = ["mean", "sum"]


class _Reduction(Primitive):
    """Reduces over ``axes`` (a tuple; None for all) of an input whose shape the rule needs."""

    __slots__ = ("axes", "count", "input_shape")
    constants = shown(dim=None, keepdim=False)

    def total(self, input, axes, keepdim, dtype):
        self.input_shape, self.axes = input.shape, axes
        if axes is None:
            return np.add.reduce(input, None, dtype)
        self.overload = 1
        return np.add.reduce(input, axes, dtype, keepdims=keepdim)

    @property
    def dim(self):
        return self.axes

    @property
    def keepdim(self):
        return self.axes is not None and len(self.output(0)[0]) == len(self.input_shape) > 0

    def spread(self, grad):
        """``grad``, repeated over the axes that were reduced."""
        if self.axes is None:
            shape = self.input_shape
            return Everywhere.apply(grad, shape=shape) if is_variable(grad) else everywhere(grad, shape)
        kept = tuple(1 if axis in self.axes else length for axis, length in enumerate(self.input_shape))
        grad = grad.reshape(kept)
        return grad.expand(self.input_shape) if is_variable(grad) else np.broadcast_to(grad, self.input_shape)


def in_float32(compute: Callable[..., Any], input: Array, *arguments: Any, **parameters: Any) -> Array:
    """What ``compute`` gives for halves, computed in float32 and rounded once, as torch does.

    NumPy would round at every step: along a dimension, ones would be counted up to 2048, and squares end at 256.
    """
    wide = input.dtype is FLOAT16
    out = np.asarray(compute(input.astype(FLOAT32) if wide else input, *arguments, **parameters))
    return out.astype(FLOAT16) if wide else out


def everywhere(number: Any, shape: tuple[int, ...]) -> Array:
    """An array that holds one number, in a fifth of the time of ``numpy.broadcast_to``."""
    out = np.empty(shape, number.dtype)
    out.fill(number)
    return out


class Everywhere(Primitive):
    """One number in every place of an array: the inverse of a sum."""

    constants = shown("shape")

    def forward(self, input, *, shape):
        return everywhere(input, shape)

    @rule("grad.sum()")
    def grad_input(self, grad):
        return summed(grad, None)


class Sum(_Reduction):
    def forward(self, input, *, axes=None, keepdim=False, dtype=None):
        if input.dtype is FLOAT16 and dtype is None:
            return in_float32(self.forward, input, axes=axes, keepdim=keepdim)
        return self.total(input, axes, keepdim, dtype)

    @rule(words="grad, for every element summed")
    def grad_input(self, grad):
        return self.spread(grad)


class Mean(_Reduction):
    constants = shown("count", dim=None, keepdim=False)

    def forward(self, input, *, axes=None, keepdim=False, dtype=None):
        self.count = input.size if axes is None else math.prod(input.shape[axis] for axis in axes)
        if input.dtype is FLOAT16 and dtype is None:
            return in_float32(self.forward, input, axes=axes, keepdim=keepdim)
        return self.total(input, axes, keepdim, dtype) / (self.count or math.nan)

    @rule(words="grad / count, for every element averaged")
    def grad_input(self, grad):
        return self.spread(grad / self.count)


def sum(
    input: Variable,
    dim: Dim = None,
    keepdim: bool = False,
    *,
    dtype: Dtype | None = None,
    axis: Dim = None,
    keepdims: bool = False,
) -> Variable:
    """The sum of all elements, or along ``dim``.

    Args:
        input: of any shape; integers and bools are summed as int64.
        dim: the dimension or dimensions to sum over; None for all.
        keepdim: keep the summed dimensions, with length 1.
        dtype: add in this dtype.
        axis: NumPy's name for ``dim``.
        keepdims: NumPy's name for ``keepdim``.

    Raises:
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.sum(microtorch.ones(2, 3), dim=0).tolist()
    [2.0, 2.0, 2.0]
    """
    if dtype is None and array_of(input).dtype.kind != "f":
        dtype = int64
    return _reduce(Sum, input, axis if dim is None else dim, keepdim or keepdims, dtype)


def mean(
    input: Variable,
    dim: Dim = None,
    keepdim: bool = False,
    *,
    dtype: Dtype | None = None,
    axis: Dim = None,
    keepdims: bool = False,
) -> Variable:
    """The mean of all elements, or along ``dim``.

    Args:
        input: of any shape and of a floating dtype.
        dim: the dimension or dimensions to average over; None for all.
        keepdim: keep the averaged dimensions, with length 1.
        dtype: average in this dtype.
        axis: NumPy's name for ``dim``.
        keepdims: NumPy's name for ``keepdim``.

    Raises:
        RuntimeError: ``input`` is of an integer dtype.
        IndexError: ``dim`` is out of range.
    """
    if dim is None and axis is None and dtype is None and not keepdim and not keepdims and array_of(input).dtype.kind == "f":
        return Mean.apply(input)  # by far the commonest
    if (input.array.dtype if dtype is None else dtype.dtype).kind != "f":
        raise RuntimeError(f"mean(): the input must be of a floating dtype, not {dtype or input.dtype}; use x.float().mean()")
    return _reduce(Mean, input, axis if dim is None else dim, keepdim or keepdims, dtype)


def _reduce(operation: type[_Reduction], input: Variable, dim: Dim, keepdim: bool, dtype: Dtype | None) -> Any:
    if dim is None and dtype is None and not keepdim:
        return operation.apply(input)  # by far the commonest
    if dtype is not None and not dtype.is_floating_point:
        input = input.to(dtype)  # integers have no gradient
    numpy_dtype = None if dtype is None else dtype.dtype
    if dim is None and not keepdim:
        return operation.apply(input, dtype=numpy_dtype)
    axes = axes_of(input, dim)
    return operation.apply(input, axes=axes, keepdim=keepdim, dtype=numpy_dtype)
