"""Scaled dot product attention: for each query, the values weighted by how well their keys fit."""

from __future__ import annotations

import math

import numpy as np

from ...arrays.operands import summed
from ...core.primitive import Primitive, rule
from ...core.variable import Variable, array_of, unrecorded
from ..elementwise.arithmetic import MulNumber
from ..linalg.products import matmul
from ..shaping.reshaping import matrix_transpose
from .dropout import dropout

__all__ = ["scaled_dot_product_attention"]


class SafeSoftmax(Primitive):
    """Positive weights along the last dimension, of the sum 1; or all 0, where every score is -inf."""

    def forward(self, input):
        top = np.max(input, -1, keepdims=True, initial=-math.inf)
        out = np.exp(input - np.where(np.isfinite(top), top, 0.0).astype(input.dtype))
        total = summed(out, -1, keepdims=True)
        out /= np.where(total == 0, 1.0, total).astype(input.dtype)
        return out

    @rule("(grad - (grad * out).sum(-1, True)) * out")
    def grad_input(self, grad, out):
        return (grad - summed(grad * out, -1, keepdims=True)) * out


def scaled_dot_product_attention(
    query: Variable,
    key: Variable,
    value: Variable,
    attn_mask: Variable | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
) -> Variable:
    """``softmax(scale * query @ key.mT + mask) @ value``.

    Args:
        query: of shape (…, L, E).
        key: of shape (…, S, E).
        value: of shape (…, S, V).
        attn_mask: of a shape that broadcasts to (…, L, S): bools, False for what is not to be looked at; or numbers that are
            added to the scores.
        dropout_p: the probability with which a weight is set to 0.
        is_causal: whether query i looks at the keys 0 to i alone.
        scale: None for ``1 / sqrt(E)``.

    Returns:
        A Variable of shape (…, L, V): 0 where a query may look at nothing.

    Raises:
        RuntimeError: there are fewer than two dimensions, shapes or dtypes do not fit, or there is a mask and ``is_causal``.
    """
    shapes = {name: array_of(each).shape for name, each in (("query", query), ("key", key), ("value", value))}
    if min(map(len, shapes.values())) < 2:
        raise RuntimeError(f"Expected query, key, and value to all be at least 2 dimensional, but got shapes {shapes}")
    if not query.array.dtype == key.array.dtype == value.array.dtype:
        raise RuntimeError(
            f"Expected query, key, and value to have the same dtype, but got query.dtype: {query.dtype}, key.dtype: {key.dtype} "
            f"and value.dtype: {value.dtype}; convert one with .to()"
        )
    if attn_mask is not None and is_causal:
        raise RuntimeError("scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True")
    factor = 1 / math.sqrt(max(shapes["query"][-1], 1)) if scale is None else scale
    root = math.sqrt(abs(factor))  # on either side, as torch has it: half floats overflow later
    left, right = MulNumber.apply(query, number=math.copysign(root, factor)), MulNumber.apply(matrix_transpose(key), number=root)
    scores = matmul(left, right)
    if is_causal:
        attn_mask = unrecorded(np.tri(*scores.array.shape[-2:], dtype=np.bool_))
    if attn_mask is not None:
        scores = scores + _added(attn_mask, scores)
    return matmul(dropout(SafeSoftmax.apply(scores), dropout_p), value)


def _added(mask: Variable, scores: Variable) -> Variable:
    """What is added to the scores: -inf where a mask of bools is False."""
    kind, shape, wanted = array_of(mask).dtype, mask.array.shape, scores.array.shape
    if len(shape) > len(wanted) or any(n not in (1, m) for n, m in zip(shape[::-1], wanted[::-1], strict=False)):
        raise RuntimeError(
            f"attn_mask: its shape {list(shape)} doesn't match the broadcast shape, that of the scores: {list(wanted)}"
        )
    if kind == np.bool_:
        return unrecorded(np.where(mask.array, 0.0, -math.inf).astype(scores.array.dtype))
    if kind != scores.array.dtype:
        raise RuntimeError(
            f"Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: {mask.dtype} and "
            f"query.dtype: {scores.dtype}"
        )
    return mask
