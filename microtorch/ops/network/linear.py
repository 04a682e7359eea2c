"""Layers without their parameters: ``linear``, and ``bilinear`` in two inputs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core.primitive import Primitive, rule
from ...core.variable import Variable, array_of
from ..elementwise.arithmetic import Add
from ..linalg.added_products import addmm
from ..linalg.products import matmul
from ..shaping.flattening import contiguous
from ..shaping.reshaping import t, view

__all__ = ["bilinear", "linear"]


class Trilinear(Primitive):
    """For each row and each matrix of ``weight``: row of ``input1`` @ matrix @ row of ``input2``."""

    __slots__ = ("flat", "shape")

    def forward(self, input1, weight, input2):
        self.shape, self.flat = weight.shape, (weight.shape[0], weight.shape[1] * weight.shape[2])
        with np.errstate(all="ignore"):
            return np.einsum("noj,nj->no", np.tensordot(input1, weight, (1, 1)), input2)

    @rule(words="for each row, the matrices weighted by grad and summed, times the row of input2")
    def grad_input1(self, grad, weight, input2):
        return (self.weighted(grad, weight) @ input2[:, :, None])[:, :, 0]

    @rule(words="the outer product of the rows of input1 and input2, weighted by grad and summed over the rows")
    def grad_weight(self, grad, input1, input2):
        outer = input1[:, :, None] * input2[:, None, :]
        return (grad.mT @ outer.reshape(len(outer), self.flat[1])).reshape(self.shape)

    @rule(words="for each row, the row of input1, times the matrices weighted by grad and summed")
    def grad_input2(self, grad, input1, weight):
        return (input1[:, None, :] @ self.weighted(grad, weight))[:, 0]

    def weighted(self, grad, weight):
        return (grad @ weight.reshape(self.flat)).reshape(len(grad), *self.shape[1:])


def linear(input: Variable, weight: Variable, bias: Variable | None = None) -> Variable:
    """``input @ weight.T + bias``.

    Args:
        input: of shape (…, in_features).
        weight: of shape (out_features, in_features), or (in_features,).
        bias: of shape (out_features,); None for none.

    Returns:
        A Variable of shape (…, out_features), without that dimension where ``weight`` has one.

    Raises:
        RuntimeError: lengths or dtypes do not fit.

    >>> import microtorch
    >>> microtorch.nn.functional.linear(microtorch.ones(1, 3), microtorch.ones(2, 3), microtorch.ones(2)).tolist()
    [[4.0, 4.0]]
    """
    x, w = array_of(input), array_of(weight)
    if not x.ndim or not w.ndim:
        raise RuntimeError(f"both arguments to linear need to be at least 1D, but they are {x.ndim}D and {w.ndim}D")
    columns = t(weight)
    if bias is None:
        return matmul(input, columns)
    if x.ndim == 2:
        return addmm(bias, input, columns)
    # As torch does: where all rows are one matrix in memory, the product and the sum are one operation.
    if x.flags.c_contiguous and array_of(bias).ndim < 2:
        rows = addmm(bias, view(input, (math.prod(x.shape[:-1]), x.shape[-1])), columns)
        return view(rows, (*x.shape[:-1], w.shape[0]))
    out = matmul(input, columns)
    shifted = Add.apply(out, bias)
    if shifted.array.shape != out.array.shape:
        raise RuntimeError(
            f"linear: output with shape {list(out.shape)} doesn't match the broadcast shape {list(shifted.shape)}: bias has the "
            f"shape {list(bias.shape)}"
        )
    return shifted


def bilinear(input1: Variable, input2: Variable, weight: Variable, bias: Variable | None = None) -> Variable:
    """``input1 @ weight[o] @ input2 + bias[o]``, for each pair of rows and each ``o``.

    Args:
        input1: of shape (…, in1_features).
        input2: of shape (…, in2_features), with the same dimensions before the last.
        weight: of shape (out_features, in1_features, in2_features).
        bias: of shape (out_features,); None for none.

    Returns:
        A Variable of shape (…, out_features).

    Raises:
        RuntimeError: lengths or dtypes do not fit.
    """
    _check_bilinear(input1, input2, weight, bias)
    lead = input1.array.shape[:-1]
    rows: list[Any] = [view(contiguous(each), (math.prod(lead), each.array.shape[-1])) for each in (input1, input2)]
    out = view(Trilinear.apply(rows[0], weight, rows[1]), (*lead, weight.array.shape[0]))
    return out if bias is None else Add.apply(out, bias)


def _check_bilinear(input1: Variable, input2: Variable, weight: Variable, bias: Variable | None) -> None:
    x, y, w = array_of(input1).shape, array_of(input2).shape, array_of(weight).shape
    if len(x) != len(y) or not x or x[:-1] != y[:-1]:
        raise RuntimeError(f"bilinear(): input batch dimensions do not match: input1 has shape {list(x)}, input2 {list(y)}")
    if len(w) != 3:
        raise RuntimeError(f"bilinear(): weight must have 3 dimensions, (out, in1, in2), but has shape {list(w)}")
    for number, (shape, expected) in enumerate(((x, w[1]), (y, w[2])), start=1):
        if shape[-1] != expected:
            raise RuntimeError(
                f"bilinear(): input{number} size does not match weight size: got {shape[-1]} but expected {expected}"
            )
    if bias is not None and array_of(bias).shape != w[:1]:
        raise RuntimeError(f"bilinear(): bias size does not match weight size: got {list(bias.shape)} but expected {list(w[:1])}")
    kinds = [each.dtype for each in (input1, input2, weight, bias) if each is not None]
    if len(set(kinds)) > 1:
        raise RuntimeError(f"bilinear(): all dtypes must be the same, but got {', '.join(map(str, kinds))}; convert with .to()")
