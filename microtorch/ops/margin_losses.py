"""Losses of distances and margins: cosine similarity, triplets, rankings, hinges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..node import array_of, unrecorded
from ..primitive import rule
from .activation import logsigmoid
from .arithmetic import AddNumber, SubNumber, add, div, mul, neg, sub
from .dims import axis_of
from .elementwise import Sigmoid, sqrt, where
from .losses import _Loss, how, total_of
from .norms import EuclideanNorm, vector_norm
from .reduction import mean, sum
from .rounding import clamp_min, minimum
from .shaping import clone

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = [
    "cosine_embedding_loss", "cosine_similarity", "hinge_embedding_loss", "margin_ranking_loss",
    "multilabel_soft_margin_loss", "pairwise_distance", "soft_margin_loss", "triplet_margin_loss",
]  # fmt: skip

EPSILON = 1e-12  # added to squares, so that a root of 0 has a gradient


class SoftMarginLoss(_Loss):
    def forward(self, input, *, target, reduction):
        self.target = target
        return self.reduced(np.logaddexp(-target * input, 0.0, dtype=input.dtype), reduction)

    @rule("-grad * scale * target * sigmoid(-target * input)")
    def grad_input(self, grad, input):
        return -grad * self.scale * self.target * Sigmoid.on(-self.target * input)


def cosine_similarity(x1: Variable, x2: Variable, dim: int = 1, eps: float = 1e-8) -> Variable:
    """The cosine of the angle between vectors along ``dim``: their product over the product of their lengths.

    Args:
        x1: of any shape and of a floating dtype.
        x2: of a shape that broadcasts with it.
        dim: along which the vectors lie.
        eps: what lengths are taken to be at least.

    Raises:
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> x = microtorch.tensor([[3.0, 4.0]])
    >>> round(microtorch.nn.functional.cosine_similarity(x, 2 * x).item(), 4)
    1.0
    """
    axis_of(x1, dim)
    lengths = []
    for each in (x1, x2):
        length = clone(vector_norm(each, 2, dim, True))
        length.data.clamp_(min=eps)
        lengths.append(length)
    return sum(mul(div(x1, lengths[0]), div(x2, lengths[1])), dim)


def pairwise_distance(x1: Variable, x2: Variable, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Variable:
    """The p-norm of ``x1 - x2 + eps`` along the last dimension."""
    return _distance(AddNumber.apply(sub(x1, x2), number=eps), p, keepdim)


class _PairwiseNorm(EuclideanNorm):
    torch_name = "Norm"
    overload = 1


def _distance(difference: Variable, p: float, keepdim: bool) -> Variable:
    if p != 2:
        return vector_norm(difference, p, -1, keepdim)
    return _PairwiseNorm.apply(difference, axes=(difference.array.ndim - 1,), keepdim=keepdim, ord=2)


def cosine_embedding_loss(
    input1: Variable, input2: Variable, target: Variable, margin: float = 0.0, reduction: str = "mean"
) -> Variable:
    """``1 - cosine`` where ``target`` is 1, and what the cosine is above ``margin`` where it is -1.

    Args:
        input1: of shape (N, D) or (D,).
        input2: of the same shape.
        target: 1 or -1, of shape (N,) or ().
        margin: from -1 to 1.
        reduction: "mean", "sum" or "none".

    Raises:
        RuntimeError: the shapes do not fit.
        ValueError: there is no such ``reduction``.
    """
    wanted = how(reduction)
    if array_of(input1).shape != array_of(input2).shape or target.array.ndim != input1.array.ndim - 1:
        raise RuntimeError(
            f"{target.array.ndim}D target tensor expects {target.array.ndim + 1}D input tensors of one shape, but found inputs "
            f"with sizes {list(input1.array.shape)} and {list(input2.array.shape)}."
        )
    last = input1.array.ndim - 1
    product = sum(mul(input1, input2), last)
    squares = [AddNumber.apply(sum(mul(each, each), last), number=EPSILON) for each in (input1, input2)]
    cosine = div(product, sqrt(mul(*squares)))
    one = unrecorded(np.ones_like(cosine.array))
    apart = where(target == -1, clamp_min(SubNumber.apply(cosine, number=margin), 0), 0.0)
    return total_of(add(where(target == 1, sub(one, cosine), 0.0), apart), wanted)


def triplet_margin_loss(
    anchor: Variable,
    positive: Variable,
    negative: Variable,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
) -> Variable:
    """How much less than ``margin`` the negative is farther away from the anchor than the positive.

    Args:
        anchor: of shape (N, D) or (D,).
        positive: of the same shape.
        negative: of the same shape.
        margin: more than 0.
        p: which norm is the distance.
        eps: added to differences.
        swap: take the distance of positive and negative, where it is the smaller. (Balntas et al. 2016.)
        size_average: of older programs: False for ``reduction="sum"``.
        reduce: of older programs: False for ``reduction="none"``.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: ``margin`` is not positive, or there is no such ``reduction``.
    """
    wanted = how(reduction, size_average, reduce)
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    near, far = pairwise_distance(anchor, positive, p, eps), pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = minimum(far, pairwise_distance(positive, negative, p, eps))
    return total_of(clamp_min(sub(AddNumber.apply(near, number=margin), far), 0), wanted)


def margin_ranking_loss(
    input1: Variable,
    input2: Variable,
    target: Variable,
    margin: float = 0,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
) -> Variable:
    """How much less than ``margin`` the first is above the second (``target`` 1), or below it (-1).

    Raises:
        RuntimeError: the numbers of dimensions differ.
        ValueError: there is no such ``reduction``.
    """
    wanted = how(reduction, size_average, reduce)
    dims = [array_of(each).ndim for each in (input1, input2, target)]
    if len(set(dims)) > 1:
        raise RuntimeError(f"margin_ranking_loss : All input tensors should have same dimension but got {dims}")
    return total_of(clamp_min(AddNumber.apply(mul(unrecorded(-target.array), sub(input1, input2)), number=margin), 0), wanted)


def hinge_embedding_loss(
    input: Variable,
    target: Variable,
    margin: float = 1.0,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
) -> Variable:
    """``input`` where ``target`` is 1, and what it is less than ``margin`` where it is -1.

    Raises:
        ValueError: there is no such ``reduction``.
    """
    wanted = how(reduction, size_average, reduce)
    apart = where(target != 1, clamp_min(sub(unrecorded(np.full_like(array_of(input), margin)), input), 0), 0.0)
    return total_of(add(apart, where(target != -1, input, 0.0)), wanted)


def soft_margin_loss(
    input: Variable, target: Variable, size_average: object = None, reduce: object = None, reduction: str = "mean"
) -> Variable:
    """``log(1 + exp(-target * input))``, where targets are 1 or -1.

    Raises:
        ValueError: there is no such ``reduction``.
    """
    return SoftMarginLoss.apply(input, target=array_of(target), reduction=how(reduction, size_average, reduce))


def multilabel_soft_margin_loss(
    input: Variable,
    target: Variable,
    weight: Variable | None = None,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
) -> Variable:
    """The binary cross-entropy of ``sigmoid(input)``, on average over the classes.

    Args:
        input: scores of shape (N, C) or (C,).
        target: of the same shape: 0 or 1.
        weight: one for each class.
        size_average: of older programs: False for ``reduction="sum"``.
        reduce: of older programs: False for ``reduction="none"``.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: there is no such ``reduction``.
    """
    wanted = how(reduction, size_average, reduce)
    losses = neg(add(mul(target, logsigmoid(input)), mul(1 - target, logsigmoid(neg(input)))))
    if weight is not None:
        losses = mul(losses, weight)
    each = sum(losses, -1) / array_of(input).shape[-1]
    return mean(each) if wanted == "mean" else total_of(each, wanted)
