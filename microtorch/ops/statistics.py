"""Spread and running sums: variance, standard deviation, ``logsumexp``, ``cumsum``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..primitive import Primitive, rule
from .dims import Dim, axes_of, axis_of
from .reduction import _Reduction

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["cumsum", "logsumexp", "std", "var"]


class Var(_Reduction):
    __slots__ = ("degrees",)

    def forward(self, input, *, axes, keepdim, correction):
        self.input_shape, self.axes = input.shape, axes
        self.count = input.size if axes is None else math.prod(input.shape[axis] for axis in axes)
        self.degrees = max(self.count - correction, 0)
        return np.var(input, axes, keepdims=keepdim) * (self.count / self.degrees if self.degrees else math.inf)

    @rule(words="2 * grad / (count - correction) * (input - mean)")
    def grad_input(self, grad, input):
        return self.spread(grad * (2.0 / self.degrees if self.degrees else math.inf)) * (input - self.mean(input))

    def mean(self, input):
        return input.sum(axis=self.axes, keepdims=True) / self.count


class Std(Var):
    __slots__ = ()

    def forward(self, input, *, axes, keepdim, correction):
        return np.sqrt(super().forward(input, axes=axes, keepdim=keepdim, correction=correction))

    @rule(words="grad / ((count - correction) * out) * (input - mean), 0 where out is 0")
    def grad_input(self, grad, input, out):
        share = np.where(out == 0, 0.0, grad / (out * (self.degrees or math.nan)))
        return self.spread(share) * (input - self.mean(input))


class Logsumexp(_Reduction):
    def forward(self, input, *, axes, keepdim):
        self.input_shape, self.axes = input.shape, axes
        top = np.max(input, axes, keepdims=True, initial=-math.inf)
        top = np.where(np.isfinite(top), top, 0.0).astype(input.dtype)
        out = np.log(np.add.reduce(np.exp(input - top), axes, keepdims=True)) + top
        return out if keepdim else out.squeeze(axes)

    @rule(words="grad * exp(input - out), for every element summed")
    def grad_input(self, grad, input, out):
        return self.spread(grad) * np.exp(input - self.spread(out))


class Cumsum(Primitive):
    def forward(self, input, *, dim, reverse=False):
        self.dim, self.reverse = dim, reverse
        if not input.ndim:
            return input.copy()
        return np.flip(np.cumsum(np.flip(input, dim), dim), dim) if reverse else np.cumsum(input, dim)

    @rule(words="the running sums of grad, from the end")
    def grad_input(self, grad):
        return Cumsum.on(grad, dim=self.dim, reverse=not self.reverse)


def var(
    input: Variable, dim: Any = None, unbiased: bool | None = None, *, correction: float = 1, keepdim: bool = False
) -> Variable:
    """The variance: the mean square of the distance from the mean, over ``count - correction``.

    Args:
        input: of any shape and of a floating dtype.
        dim: the dimension or dimensions to reduce; None for all.
        unbiased: True for a correction of 1, False for one of 0.
        correction: 1 for a sample (Bessel's correction), 0 for all there is.
        keepdim: keep the reduced dimensions, with length 1.

    Raises:
        RuntimeError: ``input`` is of an integer dtype.
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.var(microtorch.tensor([1.0, 3.0])).item()
    2.0
    """
    return _spread(Var, "var", input, dim, unbiased, correction, keepdim)


def std(
    input: Variable, dim: Any = None, unbiased: bool | None = None, *, correction: float = 1, keepdim: bool = False
) -> Variable:
    """The standard deviation: the root of the variance. Arguments and errors are those of `var`; the gradient at 0 is 0."""
    return _spread(Std, "std", input, dim, unbiased, correction, keepdim)


def _spread(
    operation: type[Primitive], name: str, input: Variable, dim: Any, unbiased: Any, correction: float, keepdim: bool
) -> Variable:
    if input.array.dtype.kind != "f":
        raise RuntimeError(f"{name}(): the input must be of a floating dtype, not {input.dtype}; use x.float().{name}()")
    if isinstance(dim, bool):  # torch's older form: x.var(False)
        dim, unbiased = None, dim
    if unbiased is not None:
        correction = int(unbiased)
    axes = axes_of(input, dim)
    return operation.apply(input, axes=axes, keepdim=keepdim, correction=correction)


def logsumexp(input: Variable, dim: Dim, keepdim: bool = False) -> Variable:
    """``log(sum(exp(input)))`` along ``dim`` (one dimension or several), without overflow.

    Raises:
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> round(microtorch.logsumexp(microtorch.tensor([1000.0, 1000.0]), 0).item(), 3)
    1000.693
    """
    return Logsumexp.apply(input, axes=axes_of(input, dim), keepdim=keepdim)


def cumsum(input: Variable, dim: int) -> Variable:
    """The running sums along ``dim``.

    Raises:
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.cumsum(microtorch.tensor([1.0, 2.0, 3.0]), 0).tolist()
    [1.0, 3.0, 6.0]
    """
    return Cumsum.apply(input, dim=axis_of(input, dim))
