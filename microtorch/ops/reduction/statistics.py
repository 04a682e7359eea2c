"""Spread, sums of what is a number, running sums: variance, standard deviation, ``nansum``, ``logsumexp``, ``cumsum``."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from ...arrays.dtypes import Array, int64, to_floating
from ...arrays.dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from ...arrays.operands import summed
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of
from ...tensor.dims import Dim, axes_of, axis_of, integer_of
from ..elementwise.arithmetic import sub
from ..elementwise.logic import isnan, logical_not, logical_xor
from ..selection.slices import narrow
from ..shaping.joining import cat
from ..shaping.reshaping import clone
from .sums import Mean, _Reduction, in_float32, sum

__all__ = ["cumsum", "diff", "logsumexp", "nanmean", "nansum", "std", "std_mean", "var", "var_mean"]

_FEW = 256  # rows, for which calling NumPy for each element of them costs more than it saves


class _Spread(_Reduction):
    __slots__ = ("correction", "degrees")
    constants = shown(dim=None, keepdim=False, correction=1)

    def variance(self, input, axes, keepdim, correction):
        self.input_shape, self.axes = input.shape, axes
        self.count = math.prod(input.shape[axis] for axis in axes)
        self.degrees, self.correction = max(self.count - correction, 0), correction
        return in_float32(self.square, input, axes, keepdim)

    def square(self, input, axes, keepdim):
        with np.errstate(all="ignore"):
            return np.var(input, axes, keepdims=keepdim) * (self.count / self.degrees if self.degrees else math.inf)

    def from_mean(self, input):
        return input - summed(input, self.axes, keepdims=True) / self.count


class Var(_Spread):
    def forward(self, input, *, axes, keepdim, correction):
        return self.variance(input, axes, keepdim, correction)

    @rule(words="2 * grad / (count - correction) * (input - mean)")
    def grad_input(self, grad, input):
        return self.gradient(grad, input, None)

    def gradient(self, grad, input, out):
        if not self.degrees:  # torch's choice: without sign
            return self.spread(grad) * np.where(np.absolute(self.from_mean(input)) > 0, math.inf, math.nan)
        return self.spread(grad * (2.0 / self.degrees)) * self.from_mean(input)


class Std(_Spread):
    def forward(self, input, *, axes, keepdim, correction):
        return np.sqrt(self.variance(input, axes, keepdim, correction))

    @rule(words="grad / ((count - correction) * out) * (input - mean), 0 where out is 0")
    def grad_input(self, grad, input, out):
        return self.gradient(grad, input, out)

    def gradient(self, grad, input, out):
        return self.spread(np.where(out == 0, 0.0, grad / (out * (self.degrees or math.nan)))) * self.from_mean(input)


class _WithMean(Primitive):
    """A spread and the mean that it is about: torch has one node for both."""

    output_names = ("out", "mean")
    of_spread: Var | Std

    def forward(self, input, *, axes, keepdim, correction):
        self.of_mean = Mean()
        spread = self.of_spread.forward(input, axes=axes, keepdim=keepdim, correction=correction)
        return np.asarray(spread), np.asarray(self.of_mean.forward(input, axes=axes, keepdim=keepdim))

    @rule(words="what the spread and the mean send, added")
    def grad_input(self, grad, input, out):
        of_spread, of_mean = self.filled(grad)
        return self.of_both(of_spread, of_mean, input, out)

    def of_both(self, grad_spread, grad_mean, input, out):
        return self.of_spread.gradient(grad_spread, input, out) + self.of_mean.spread(grad_mean / self.of_mean.count)


class VarMean(_WithMean):
    def forward(self, input, **parameters):
        self.of_spread = Var()
        return super().forward(input, **parameters)


class StdMean(_WithMean):
    def forward(self, input, **parameters):
        self.of_spread = Std()
        return super().forward(input, **parameters)


class Nansum(_Reduction):
    def forward(self, input, *, axes, keepdim):
        self.input_shape, self.axes = input.shape, axes
        with np.errstate(all="ignore"):
            return np.nansum(input, axes, keepdims=keepdim)

    @rule(words="grad for every element summed, and 0 for nan")
    def grad_input(self, grad, input):
        return self.spread(grad) * np.logical_not(np.isnan(input))  # nan, where there is nothing else and grad is inf


class Logsumexp(_Reduction):
    def forward(self, input, *, axes, keepdim):
        self.input_shape, self.axes, input = input.shape, axes, to_floating(input)
        top = np.max(input, axes, keepdims=True, initial=-math.inf)
        top = np.where(np.isfinite(top), top, 0.0).astype(input.dtype)
        out = np.log(np.add.reduce(np.exp(input - top), axes, keepdims=True)) + top
        return out if keepdim else out.squeeze(axes)

    @rule(words="grad * exp(input - out), for every element summed")
    def grad_input(self, grad, input, out):
        return self.spread(grad) * np.exp(input - self.spread(out))


def running_sums(input: Array, dim: int, reverse: bool) -> Array:
    """The sums along a dimension of each element and all before it; of all behind it, in ``reverse``.

    Each waits for the one before: so many of them, side by side, are summed row after row.
    """
    if input.size < _FEW * input.shape[dim]:
        start = np.flip(input, dim) if reverse else input
        sums = np.add.accumulate(start, dim, input.dtype)
        return np.flip(sums, dim) if reverse else sums
    rows = np.moveaxis(input, dim, 0).copy()
    for before, after in pairwise(rows[::-1] if reverse else rows):
        np.add(before, after, out=after)
    return np.ascontiguousarray(np.moveaxis(rows, 0, dim))


class Cumsum(Primitive):
    constants = shown("dim")

    def forward(self, input, *, dim, reverse=False, dtype=None):
        self.dim, self.reverse = dim, reverse
        dtype = dtype or input.dtype
        if not input.ndim:
            return input.astype(dtype)
        return in_float32(running_sums, input.astype(dtype, copy=False), dim, reverse)

    @rule(words="the running sums of grad, from the end")
    def grad_input(self, grad):
        return Cumsum.on(grad, dim=self.dim, reverse=not self.reverse)


def var(
    input: Variable, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = 1
) -> Variable:
    """The variance: the mean square of the distance from the mean, over ``count - correction``.

    Args:
        input: of any shape and of a floating dtype.
        dim: the dimension or dimensions to reduce; None for all.
        unbiased: True for a correction of 1, False for one of 0.
        keepdim: keep the reduced dimensions, with length 1.
        correction: 1 for a sample (Bessel's correction), 0 for all there is.

    Raises:
        RuntimeError: ``input`` is of an integer dtype.
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.var(microtorch.tensor([1.0, 3.0])).item()
    2.0
    """
    return _spread(Var, "var", input, dim, unbiased, correction, keepdim)


def std(
    input: Variable, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = 1
) -> Variable:
    """The standard deviation: the root of the variance. Arguments and errors are those of `var`; the gradient at 0 is 0."""
    return _spread(Std, "std", input, dim, unbiased, correction, keepdim)


def _spread(
    operation: type[Primitive], name: str, input: Variable, dim: Any, unbiased: Any, correction: float | None, keepdim: bool
) -> Any:
    if array_of(input).dtype.kind != "f":
        raise RuntimeError(f"{name}(): the input must be of a floating dtype, not {input.dtype}; use x.float().{name}()")
    if isinstance(dim, bool):  # torch's older form: x.var(False)
        dim, unbiased = None, dim
    if unbiased is not None:
        correction = int(unbiased)
    elif correction is None:
        correction = 1
    return operation.apply(input, axes=axes_of(input, dim), keepdim=keepdim, correction=correction)


def var_mean(
    input: Variable, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = 1
) -> tuple[Variable, Variable]:
    """The variance and the mean. Arguments and errors are those of `var`."""
    return _spread(VarMean, "var_mean", input, dim, unbiased, correction, keepdim)


def std_mean(
    input: Variable, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = 1
) -> tuple[Variable, Variable]:
    """The standard deviation and the mean. Arguments and errors are those of `var`."""
    return _spread(StdMean, "std_mean", input, dim, unbiased, correction, keepdim)


def nansum(input: Variable, dim: Dim = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Variable:
    """The sum of the elements that are not nan. Arguments and errors are those of `sum`."""
    if dtype is not None:
        input = input.to(dtype)
    if array_of(input).dtype.kind != "f":
        return sum(input, dim, keepdim)
    return Nansum.apply(input, axes=axes_of(input, dim), keepdim=keepdim)


def nanmean(input: Variable, dim: Dim = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Variable:
    """The mean of the elements that are not nan. Arguments are those of `mean`.

    Raises:
        RuntimeError: ``input`` is of an integer dtype.
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.nanmean(microtorch.tensor([1.0, float("nan"), 3.0])).item()
    2.0
    """
    if array_of(input).dtype.kind != "f":
        raise RuntimeError(f"nanmean(): expected input to have floating point dtype but got {input.dtype}; use x.float()")
    return nansum(input, dim, keepdim, dtype=dtype) / sum(logical_not(isnan(input.detach())), dim, keepdim)


def diff(input: Variable, n: int = 1, dim: int = -1, prepend: Variable | None = None, append: Variable | None = None) -> Variable:
    """What each element along ``dim`` is more than the one before; ``n`` times over.

    Args:
        input: of at least one dimension.
        n: how many times.
        dim: along which.
        prepend: what to put in front first.
        append: what to put behind first.

    Raises:
        RuntimeError: ``n`` is negative, there are no dimensions, or ``prepend`` or ``append`` has others.

    >>> import microtorch
    >>> microtorch.diff(microtorch.tensor([1, 4, 9])).tolist()
    [3, 5]
    """
    axis = axis_of(input, dim)
    if not input.array.ndim:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if integer_of(n, "diff: n") < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    parts = [each for each in (prepend, input, append) if each is not None]
    if any(array_of(each).ndim != input.array.ndim for each in parts):
        raise RuntimeError(f"diff expects prepend or append to be the same dimension as input, {input._described()}")
    result = cat(parts, axis) if len(parts) > 1 else input
    operation = logical_xor if input.array.dtype.kind == "b" else sub
    for _ in range(min(n, result.array.shape[axis])):
        length = max(result.array.shape[axis] - 1, 0)
        result = operation(narrow(result, axis, min(1, length + 1), length), narrow(result, axis, 0, length))
    return clone(result) if n == 0 else result


def logsumexp(input: Variable, dim: Dim, keepdim: bool = False) -> Variable:
    """``log(sum(exp(input)))`` along ``dim`` (one dimension or several), without overflow.

    Raises:
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> round(microtorch.logsumexp(microtorch.tensor([1000.0, 1000.0]), 0).item(), 3)
    1000.693
    """
    return Logsumexp.apply(input, axes=axes_of(input, dim), keepdim=keepdim)


def cumsum(input: Variable, dim: int, *, dtype: Dtype | None = None) -> Variable:
    """The running sums along ``dim``; of integers and bools as int64, if no ``dtype`` is given.

    Raises:
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.cumsum(microtorch.tensor([1.0, 2.0, 3.0]), 0).tolist()
    [1.0, 3.0, 6.0]
    """
    axis = axis_of(input, dim)
    if dtype is None and input.array.dtype.kind != "f":
        dtype = int64
    if dtype is None:
        return Cumsum.apply(input, dim=axis)
    return Cumsum.apply(input if dtype.is_floating_point else input.to(dtype), dim=axis, dtype=dtype.dtype)
