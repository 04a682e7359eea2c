"""Losses that ask for a margin between what belongs together and what does not, and the similarities they compare."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...arrays.dtypes import from_numpy_dtype, result_dtype
from ...core.grad_mode import no_grad
from ...core.primitive import rule
from ...core.variable import Variable, unrecorded
from ...tensor.dims import argument, axis_of
from ..elementwise.arithmetic import Add, AddNumber, Sub, SubNumber, add, div, mul, neg, sub
from ..elementwise.compound import log_of_sum
from ..elementwise.exponential import sqrt
from ..elementwise.rounding import clamp_min, minimum
from ..network.activation import Sigmoid
from ..reduction.norms import vector_norm
from ..reduction.sums import sum
from ..selection.where import where
from ..shaping.reshaping import Expand, clone
from .losses import _Loss, broadcast_shape, check_spreads, reduced, reduction_of, refuse_integers

__all__ = [
    "cosine_embedding_loss", "cosine_similarity", "hinge_embedding_loss", "margin_ranking_loss", "pairwise_distance",
    "soft_margin_loss", "triplet_margin_loss", "triplet_margin_with_distance_loss",
]  # fmt: skip

EPSILON = float(np.float32(1e-12))  # added to squares of lengths, so that a root of 0 has a gradient; a float32 in torch, too


class SoftMarginLoss(_Loss):
    def forward(self, input, *, target, reduction):
        return self.reduced(log_of_sum((-target * input).astype(input.dtype, copy=False), 0.0), reduction)

    @rule("-grad * share * target * sigmoid(-target * input)")
    def grad_input(self, grad, input, target):
        return -grad * self.share * target * Sigmoid.on(-target * input)


def cosine_similarity(x1: Variable, x2: Variable, dim: int = 1, eps: float = 1e-8) -> Variable:
    """The cosine of the angle between vectors along ``dim``, of the shape both broadcast to.

    Args:
        x1: of any shape.
        x2: of one that broadcasts with it.
        dim: along which the vectors lie.
        eps: the smallest length of a vector; what is shorter counts as that.

    Raises:
        RuntimeError: the shapes do not broadcast, or both are of integers.
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.cosine_similarity(microtorch.tensor([3.0, 0.0]), microtorch.tensor([2.0, 0.0]), dim=0).item()
    1.0
    """
    dtype = result_dtype(argument(x1, "cosine_similarity", "x1"), argument(x2, "cosine_similarity", "x2"))
    if dtype.kind != "f":
        raise RuntimeError(f"cosine_similarity: expected common dtype to be floating point, yet common dtype is {dtype}")
    x1, x2 = (each if each.array.dtype.kind == "f" else each.to(from_numpy_dtype(dtype)) for each in (x1, x2))
    if x1.array.shape != x2.array.shape:
        shape = broadcast_shape("cosine_similarity", x1, x2)
        x1, x2 = (Expand.apply(each, shape=shape) for each in (x1, x2))
    lengths = [clone(vector_norm(each, 2, axis_of(each, dim), True)) for each in (x1, x2)]
    with no_grad():  # so that what is too short has a gradient, as in torch
        for each in lengths:
            each.clamp_(min=eps)
    return sum(mul(div(x1, lengths[0]), div(x2, lengths[1])), dim)


def pairwise_distance(x1: Variable, x2: Variable, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Variable:
    """The p-norm of ``x1 - x2 + eps`` along the last dimension, of the shape both broadcast to.

    Args:
        x1: of any shape.
        x2: of one that broadcasts with it.
        p: of the norm.
        eps: what keeps the distance from 0, where it has no gradient.
        keepdim: keep the last dimension, with length 1.

    Raises:
        RuntimeError: the shapes do not broadcast.

    >>> import microtorch
    >>> distance = microtorch.pairwise_distance(microtorch.tensor([3.0, 0.0]), microtorch.tensor([0.0, 4.0]))
    >>> round(distance.item(), 4)
    5.0
    """
    argument(x1, "pairwise_distance", "x1"), argument(x2, "pairwise_distance", "x2")
    distance = vector_norm(AddNumber.apply(sub(x1, x2), number=eps), p, -1, keepdim)
    if (node := distance.grad_fn) is not None:
        node.torch_name, node.overload = "Norm", 1  # type: ignore[attr-defined] # under its older name here
    return distance


def cosine_embedding_loss(
    input1: Variable,
    input2: Variable,
    target: Variable,
    margin: float = 0.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Variable:
    """``1 - cos`` of two vectors that belong together; of two that do not, as far as it is above ``margin``, ``cos``.

    Args:
        input1: of shape (N, D); or (D,).
        input2: likewise.
        target: 1 for two that belong together, -1 for two that do not: of shape (N,); or ().
        margin: how large the cosine of two that do not may be.
        size_average: the form of 2017: False for the sum.
        reduce: the form of 2017: False for no reduction.
        reduction: "mean", "sum", or "none" for one loss a pair.

    Raises:
        ValueError: another ``reduction``.
        RuntimeError: other shapes.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    x, y = argument(input1, "cosine_embedding_loss", "input1"), argument(input2, "cosine_embedding_loss", "input2")
    dim = argument(target, "cosine_embedding_loss", "target").ndim
    if dim > 1:
        raise RuntimeError(f"0D or 1D target tensor expected, multi-target not supported: {target._described()}")
    if x.ndim != dim + 1 or y.ndim != dim + 1:
        raise RuntimeError(
            f"{dim}D target tensor expects {dim + 1}D input tensors, but found inputs with sizes {list(x.shape)} and "
            f"{list(y.shape)}."
        )
    squares = [AddNumber.apply(sum(mul(each, each), dim), number=EPSILON) for each in (input1, input2)]
    cosine = div(sum(mul(input1, input2), dim), sqrt(mul(*squares)))
    together = where(target.detach() == 1, Sub.apply(1.0, cosine), 0.0)
    apart = where(target.detach() == -1, clamp_min(SubNumber.apply(cosine, number=margin), 0), 0.0)
    return reduced(add(together, apart), reduction)


def margin_ranking_loss(
    input1: Variable,
    input2: Variable,
    target: Variable,
    margin: float = 0.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Variable:
    """``-target * (input1 - input2) + margin``, where that is positive: 0 where the two are in order, and ``margin`` apart.

    Args:
        input1: of any shape.
        input2: of as many dimensions.
        target: 1 where the first is to be larger, -1 where the second is.
        margin: by how much.
        size_average: the form of 2017: False for the sum.
        reduce: the form of 2017: False for no reduction.
        reduction: "mean", "sum", or "none" for one loss an element.

    Raises:
        ValueError: another ``reduction``.
        RuntimeError: the numbers of dimensions differ, or the shapes do not broadcast.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    given = {"input1": input1, "input2": input2, "target": target}
    shapes = {name: argument(each, "margin_ranking_loss", name).shape for name, each in given.items()}
    if len({*map(len, shapes.values())}) > 1:
        sizes = ", ".join(f"{name}: {list(shape)}" for name, shape in shapes.items())
        raise RuntimeError(f"margin_ranking_loss : All input tensors should have same dimension but got sizes: {sizes}")
    return reduced(clamp_min(AddNumber.apply(mul(neg(target), sub(input1, input2)), number=margin), 0), reduction)


def hinge_embedding_loss(
    input: Variable,
    target: Variable,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Variable:
    """A distance, of what belongs together; of what does not, how much it lacks to ``margin``.

    Args:
        input: distances, of any shape.
        target: 1 for what belongs together, -1 for what does not; of a shape that broadcasts.
        margin: the distance that is enough.
        size_average: the form of 2017: False for the sum.
        reduce: the form of 2017: False for no reduction.
        reduction: "mean", "sum", or "none" for one loss an element.

    Raises:
        ValueError: another ``reduction``.
        RuntimeError: the shapes do not broadcast.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    argument(input, "hinge_embedding_loss", "input"), argument(target, "hinge_embedding_loss", "target")
    lacking = clamp_min(sub(unrecorded(np.full_like(input.array, margin)), input), 0)
    return reduced(add(where(target.detach() != 1, lacking, 0), where(target.detach() != -1, input, 0)), reduction)


def soft_margin_loss(
    input: Variable,
    target: Variable,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Variable:
    """``log(1 + exp(-target * input))``: of scores of yes or no, with 1 and -1 as target.

    Raises:
        ValueError: another ``reduction``.
        RuntimeError: the shapes do not broadcast, or the scores are integers.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    argument(input, "soft_margin_loss", "input"), argument(target, "soft_margin_loss", "target")
    refuse_integers("soft_margin_loss", input)
    check_spreads("soft_margin_loss", "target", target, input)
    return SoftMarginLoss.apply(input, target=target, reduction=reduction)


def triplet_margin_loss(
    anchor: Variable,
    positive: Variable,
    negative: Variable,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Variable:
    """How much farther, beyond ``margin``, the anchor is from what belongs to it than from what does not.

    Args:
        anchor: of shape (N, D); or (D,).
        positive: what belongs to it, of the same shape.
        negative: what does not.
        margin: how much nearer the first has to be.
        p: of the norm that is the distance.
        eps: what keeps a distance from 0.
        swap: compare with the distance between ``positive`` and ``negative``, where that is less.
        size_average: the form of 2017: False for the sum.
        reduce: the form of 2017: False for no reduction.
        reduction: "mean", "sum", or "none" for one loss a triplet.

    Raises:
        ValueError: another ``reduction``; or ``margin`` is not positive.
        RuntimeError: the numbers of dimensions differ.
    """
    reduction = reduction_of(reduction, size_average, reduce)

    def distance(one: Variable, other: Variable) -> Variable:
        return pairwise_distance(one, other, p, eps)

    near, far = _compared("triplet_margin_loss", anchor, positive, negative, distance, margin, swap)
    return reduced(clamp_min(sub(AddNumber.apply(near, number=margin), far), 0), reduction)


def triplet_margin_with_distance_loss(
    anchor: Variable,
    positive: Variable,
    negative: Variable,
    *,
    distance_function: Callable[[Variable, Variable], Variable] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Variable:
    """`triplet_margin_loss`, with a distance of one's own: a function of two Variables, which gives one number a pair."""
    reduction = reduction_of(reduction)
    distance = distance_function or pairwise_distance
    near, far = _compared("triplet_margin_with_distance_loss", anchor, positive, negative, distance, margin, swap)
    return reduced(clamp_min(sub(Add.apply(near, margin), far), 0), reduction)


def _compared(
    operation: str,
    anchor: Variable,
    positive: Variable,
    negative: Variable,
    distance: Callable[..., Variable],
    margin: float,
    swap: bool,
) -> tuple[Variable, Variable]:
    """The distance that is to be the smaller, and the one that is to be the larger."""
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    given = {"anchor": anchor, "positive": positive, "negative": negative}
    counts = {name: argument(each, operation, name).ndim for name, each in given.items()}
    if len({*counts.values()}) > 1:
        anchored, positives, negatives = counts.values()
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor "
            f"{anchored}D, positive {positives}D, and negative {negatives}D inputs"
        )
    near, far = distance(anchor, positive), distance(anchor, negative)
    return near, minimum(far, distance(positive, negative)) if swap else far
