"""``softmax`` and ``log_softmax``: the exponentials of elements, made to add up to 1 along a dimension."""

from __future__ import annotations

import warnings

import numpy as np

from ...arrays.dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from ...arrays.operands import summed
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of
from ...tensor.dims import axis_of
from ..elementwise.arithmetic import neg

__all__ = ["log_softmax", "softmax", "softmin"]


class Softmax(Primitive):
    constants = shown("dim")

    def forward(self, input, *, dim):
        self.dim = dim
        if not input.size:
            return input.copy()
        out = np.asarray(np.subtract(input, np.maximum.reduce(input, dim, keepdims=True), order="C"))
        np.exp(out, out)
        out /= np.add.reduce(out, dim, keepdims=True)
        return out

    @rule("out * (grad - (grad * out).sum(dim, keepdim=True))")
    def grad_input(self, grad, out):
        return out * (grad - summed(grad * out, self.dim, keepdims=True))


class LogSoftmax(Primitive):
    constants = shown("dim")

    def forward(self, input, *, dim):
        self.dim = dim
        if not input.size:
            return input.copy()
        out = np.asarray(np.subtract(input, np.maximum.reduce(input, dim, keepdims=True), order="C"))
        out -= np.log(np.add.reduce(np.exp(out), dim, keepdims=True))
        return out

    @rule("grad - exp(out) * grad.sum(dim, keepdim=True)")
    def grad_input(self, grad, out):
        return grad - np.exp(out) * summed(grad, self.dim, keepdims=True)


def softmax(input: Variable, dim: int | None = None, dtype: Dtype | None = None) -> Variable:
    """``exp(input) / exp(input).sum(dim)``, without overflow: along ``dim``, the results add up to 1.

    Args:
        input: of any shape and of a floating dtype.
        dim: along which; not said, as in programs of 2017, it is guessed, with a warning.
        dtype: convert to it first.

    Raises:
        RuntimeError: ``input`` is of integers, and no ``dtype`` is given.
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.softmax(microtorch.tensor([0.0, 0.0]), 0).tolist()
    [0.5, 0.5]
    """
    return _applied(Softmax, "softmax", input, dim, dtype)


def log_softmax(input: Variable, dim: int | None = None, dtype: Dtype | None = None) -> Variable:
    """The logarithm of `softmax`, exact for small probabilities, too. Arguments and errors are the same."""
    return _applied(LogSoftmax, "log_softmax", input, dim, dtype)


def softmin(input: Variable, dim: int | None = None, dtype: Dtype | None = None) -> Variable:
    """`softmax` of ``-input``. Arguments and errors are the same."""
    return _applied(Softmax, "softmin", neg(input), dim, dtype)


def _applied(operation: type[Primitive], name: str, input: Variable, dim: int | None, dtype: Dtype | None) -> Variable:
    if dim is None:
        dim = _guessed(name, array_of(input).ndim)
    axis = axis_of(input, dim)
    if dtype is not None:
        input = input.to(dtype)
    if input.array.dtype.kind != "f":
        raise RuntimeError(f"{name} is not implemented for {input.dtype}: use x.float()")
    return operation.apply(input, dim=axis if input.array.ndim else None)


def _guessed(name: str, ndim: int) -> int:
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=4,
    )
    return 0 if ndim in {0, 1, 3} else 1
