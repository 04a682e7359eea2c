"""Lengths of vectors: the p-norms. One operation for each that has a formula of its own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...arrays.dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from ...arrays.operands import summed
from ...core.primitive import rule
from ...core.telling import shown
from ...core.variable import Variable, array_of
from ...tensor.dims import Dim, axes_of
from .sums import _Reduction, in_float32

__all__ = ["norm", "vector_norm"]


class EuclideanNorm(_Reduction):
    torch_name = "LinalgVectorNorm"
    ord, constants = 2, shown(ord=2, dim=None, keepdim=False)

    def forward(self, input, *, axes, keepdim, ord):
        self.input_shape, self.axes = input.shape, axes
        return in_float32(self.length, input, axes, keepdim)

    def length(self, input, axes, keepdim):
        return np.sqrt(np.add.reduce(input * input, axes, keepdims=keepdim))

    # There is no second derivative at 0: it is nan by this way of writing it, as in torch.
    @rule(words="grad * input / out, and 0 where out is 0")
    def grad_input(self, grad, input, out):
        length = self.spread(out)
        return self.spread(grad) * np.where(length == 0, 0.0, input / length)


class SumNorm(_Reduction):
    torch_name = "LinalgVectorNorm"
    ord, constants = 1, shown(ord=2, dim=None, keepdim=False)

    def forward(self, input, *, axes, keepdim, ord):
        self.input_shape, self.axes = input.shape, axes
        return np.add.reduce(np.abs(input), axes, keepdims=keepdim)

    @rule(words="grad * sign(input)")
    def grad_input(self, grad, input):
        return self.spread(grad) * np.sign(input)


class ExtremeNorm(_Reduction):
    torch_name = "LinalgVectorNorm"
    constants = shown(ord=2, dim=None, keepdim=False)

    def forward(self, input, *, axes, keepdim, ord):
        self.input_shape, self.axes, self.ord = input.shape, axes, ord
        return (np.max if ord > 0 else np.min)(np.abs(input), axes, keepdims=keepdim)

    @rule(words="grad * sign(input), shared evenly by the elements that are the extreme")
    def grad_input(self, grad, input, out):
        chosen = np.absolute(input) == self.spread(out)
        return np.sign(input) * np.where(chosen, self.spread(grad) / summed(chosen, self.axes, keepdims=True), 0.0)


class CountNorm(_Reduction):
    torch_name = "LinalgVectorNorm"
    ord, constants = 0, shown(ord=2, dim=None, keepdim=False)

    def forward(self, input, *, axes, keepdim, ord):
        self.input_shape, self.axes = input.shape, axes
        return np.add.reduce((input != 0).astype(input.dtype), axes, keepdims=keepdim)

    @rule(words="0")
    def grad_input(self, grad):
        return np.zeros_like(self.spread(grad))


class PowerNorm(_Reduction):
    torch_name = "LinalgVectorNorm"
    constants = shown(ord=2, dim=None, keepdim=False)

    def forward(self, input, *, axes, keepdim, ord):
        self.input_shape, self.axes, self.ord = input.shape, axes, ord
        return np.add.reduce(np.abs(input) ** ord, axes, keepdims=keepdim) ** (1 / ord)

    @rule(words="grad * sign(input) * (abs(input) / out) ** (p - 1), and 0 where input is 0")
    def grad_input(self, grad, input, out):
        share = self.spread(np.where(out == 0, 0.0, grad / out ** (self.ord - 1)))
        return np.sign(input) * np.where(input == 0, 0.0, np.absolute(input) ** (self.ord - 1)) * share


_OPERATIONS = {2.0: EuclideanNorm, 1.0: SumNorm, math.inf: ExtremeNorm, -math.inf: ExtremeNorm, 0.0: CountNorm}


def vector_norm(x: Variable, ord: float = 2, dim: Dim = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Variable:
    """The p-norm of all elements, or along ``dim``: ``sum(abs(x) ** ord) ** (1 / ord)``. The gradient at 0 is 0.

    Args:
        x: of any shape and of a floating dtype.
        ord: the p: any number; inf for the largest, -inf for the smallest, 0 for how many are not 0.
        dim: the dimension or dimensions to reduce; None for all.
        keepdim: keep the reduced dimensions, with length 1.
        dtype: compute in this dtype.

    Raises:
        RuntimeError: ``x`` is of integers, or has no element where ``ord`` needs one.
        IndexError: ``dim`` is out of range.
    """
    if array_of(x).dtype.kind != "f":
        raise RuntimeError(f"linalg.vector_norm: Expected a floating point tensor as input. Got {x.dtype}; use x.float()")
    if dtype is not None:
        if not np.can_cast(x.array.dtype, dtype.dtype):
            raise RuntimeError(
                f"linalg.vector_norm: {x.dtype} should be convertible without narrowing to {dtype}; use x.to({dtype})"
            )
        x = x.to(dtype)
    axes = axes_of(x, dim)
    lengths = [x.array.shape[axis] for axis in axes]
    if 0 in lengths and (ord < 0 or ord == math.inf):
        raise RuntimeError(f"linalg.vector_norm cannot compute the {ord} norm on an empty dimension: {x._described()}")
    return _OPERATIONS.get(float(ord), PowerNorm).apply(x, axes=axes, keepdim=keepdim, ord=ord)


def norm(input: Variable, p: Any = "fro", dim: Dim = None, keepdim: bool = False, dtype: Dtype | None = None) -> Variable:
    """The length of a vector: of all elements, or along ``dim``.

    Args:
        input: of any shape and of a floating dtype.
        p: a number, inf or -inf; "fro" for 2.
        dim: the dimension or dimensions to reduce; None for all.
        keepdim: keep the reduced dimensions, with length 1.
        dtype: compute in this dtype.

    Raises:
        RuntimeError: ``input`` is of integers, or ``p`` is none of these.
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.norm(microtorch.tensor([3.0, 4.0])).item()
    5.0
    """
    if isinstance(p, str) and p != "fro":
        raise RuntimeError(f"norm: p is a number or 'fro', not {p!r}")
    return vector_norm(input, 2 if p in {"fro", None} else p, dim, keepdim, dtype=dtype)
