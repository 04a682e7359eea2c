"""Losses of classification that ask for a margin between the scores of right and wrong classes; one right class, or several."""

from __future__ import annotations

import numpy as np

from ...arrays.dtypes import Array
from ...arrays.operands import summed
from ...core.primitive import rule
from ...core.telling import shown
from ...core.variable import Variable
from ...tensor.dims import argument
from ..elementwise.arithmetic import add, div, mul, neg, rsub
from ..network.activation import logsigmoid
from ..reduction.sums import sum
from ..selection.indexing import Deposit
from .losses import _Loss, reduced, reduction_of, refuse_gradient, refuse_integers

__all__ = ["multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss"]


class _ClassMargin(_Loss):
    """Sums what the differences between the scores of right classes and of others lack to ``margin``.

    ``right``, of shape (N, K), has the numbers of the right ones; ``pairs``, of shape (N, K, C), says how much each pair counts.
    """

    __slots__ = ("key", "margin", "p", "pairs", "rows")

    def forward(self, input, *, right, pairs, shape, margin, p, reduction):
        self.margin, self.p, self.pairs, self.rows = margin, p, pairs / pairs.shape[2], (pairs.shape[0], pairs.shape[2])
        self.key = np.arange(len(right))[:, np.newaxis], right
        losses = np.add.reduce(np.maximum(self.lacking(input), 0) ** p * self.pairs, (1, 2))
        return self.reduced(losses.reshape(shape), reduction)

    def lacking(self, input):
        scores = input.reshape(self.rows)
        return self.margin - scores[self.key][:, :, None] + scores[:, None, :]

    @rule(words="for each pair that lacks something, grad to the score of the other class, and -grad to that of the right one")
    def grad_input(self, grad, input):
        lacking = self.lacking(input)
        slope = (grad * self.share).reshape(-1, 1, 1) * self.pairs * (lacking * 2.0 if self.p == 2 else 1.0)
        each = np.where(lacking > 0, slope, 0.0)
        return (summed(each, 1) - Deposit.on(summed(each, 2), key=self.key, shape=self.rows)).reshape(input.shape)


class MultiMarginLoss(_ClassMargin):
    constants = shown(reduction="mean", margin=1, p=1)


class MultilabelMarginLoss(_ClassMargin):
    pass


def multi_margin_loss(
    input: Variable,
    target: Variable,
    p: int = 1,
    margin: float = 1.0,
    weight: Variable | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Variable:
    """How much the score of the right class lacks to be ``margin`` above each other: the sum of the powers ``p``, over C.

    Args:
        input: scores, of shape (N, C), of C classes; or (C,).
        target: the number of the right class, of dtype int64: of shape (N,); or ().
        p: 1 or 2.
        margin: how far above the right score has to be.
        weight: how much each class counts, of shape (C,).
        size_average: the form of 2017: False for the sum.
        reduce: the form of 2017: False for no reduction.
        reduction: "mean", "sum", or "none" for one loss a row.

    Raises:
        ValueError: another ``reduction`` or ``p``, or ``weight`` has other dimensions.
        RuntimeError: another shape or dtype of an argument, or a target that is no class.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if p not in {1, 2}:
        raise ValueError(f"only p == 1 and p == 2 supported, not {p}")
    rows, classes = _rows("multi_margin_loss", input)
    numbers = argument(target, "multi_margin_loss", "target")
    if numbers.size != rows or numbers.ndim > 1:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch size). "
            f"Expected target size [{rows}], but got {list(numbers.shape)}. Input has shape {list(input.array.shape)}."
        )
    right = _numbers("multi_margin_loss", target, 0, classes).reshape(rows, 1)
    pairs = (np.arange(classes) != right[:, :, np.newaxis]).astype(input.array.dtype)
    if weight is not None:
        pairs *= _weights(weight, input, classes)[right][:, :, np.newaxis]
    return MultiMarginLoss.apply(input, right=right, pairs=pairs, shape=numbers.shape, margin=margin, p=p, reduction=reduction)


def multilabel_margin_loss(
    input: Variable,
    target: Variable,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Variable:
    """How much the scores of the right classes lack to be 1 above those of the others: the sum over all pairs, over C.

    Args:
        input: scores, of shape (N, C), of C classes; or (C,).
        target: the numbers of the right classes, of dtype int64, in the shape of ``input``; what follows on a -1 does not count.
        size_average: the form of 2017: False for the sum.
        reduce: the form of 2017: False for no reduction.
        reduction: "mean", "sum", or "none" for one loss a row.

    Raises:
        ValueError: another ``reduction``.
        RuntimeError: another shape or dtype of an argument, or a target that is no class.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    rows, classes = _rows("multilabel_margin_loss", input)
    given = argument(target, "multilabel_margin_loss", "target")
    if np.atleast_1d(given).shape != np.atleast_1d(input.array).shape:
        raise RuntimeError(
            f"multilabel_margin_loss: inconsistent target size: {list(target.array.shape)} for input of size: "
            f"{list(input.array.shape)}"
        )
    numbers = _numbers("multilabel_margin_loss", target, -1, classes).reshape(rows, classes)
    counted = np.logical_and.accumulate(numbers >= 0, 1)
    right = np.where(counted, numbers, 0)
    wrong = np.ones((rows, classes), np.bool_)
    wrong[np.nonzero(counted)[0], right[counted]] = False
    pairs = (counted[:, :, np.newaxis] & wrong[:, np.newaxis, :]).astype(input.array.dtype)
    shape = input.array.shape[:-1]
    return MultilabelMarginLoss.apply(input, right=right, pairs=pairs, shape=shape, margin=1.0, p=1, reduction=reduction)


def multilabel_soft_margin_loss(
    input: Variable,
    target: Variable,
    weight: Variable | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Variable:
    """`binary_cross_entropy_with_logits` of each class, averaged over the classes.

    Args:
        input: scores, of shape (N, C), of C classes.
        target: 1 for the right classes, 0 for the others, in the same shape.
        weight: how much each class counts, of a shape that broadcasts.
        size_average: the form of 2017: False for the sum.
        reduce: the form of 2017: False for no reduction.
        reduction: "mean", "sum", or "none" for one loss a row.

    Raises:
        ValueError: another ``reduction``.
        RuntimeError: the shapes do not broadcast.
        IndexError: ``input`` has no dimensions.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    shape = argument(input, "multilabel_soft_margin_loss", "input").shape
    argument(target, "multilabel_soft_margin_loss", "target")
    if not shape:
        raise IndexError(
            f"multilabel_soft_margin_loss: the classes are along the last dimension, and {input._described()} has none"
        )
    losses = neg(add(mul(target, logsigmoid(input)), mul(rsub(target, 1), logsigmoid(neg(input)))))
    if weight is not None:
        losses = mul(losses, weight)
    return reduced(div(sum(losses, len(shape) - 1), shape[-1]), reduction)


def _rows(operation: str, input: Variable) -> tuple[int, int]:
    """How many rows of scores there are, and how many in each."""
    shape = argument(input, operation, "input").shape
    refuse_integers(operation, input)
    if len(shape) > 2 or 0 in shape[-1:]:
        raise RuntimeError(
            f"{operation}: Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(shape)}"
        )
    return shape[0] if len(shape) > 1 else 1, shape[-1] if shape else 1


def _numbers(operation: str, target: Variable, lowest: int, classes: int) -> Array:
    numbers = target.array
    if numbers.dtype != np.int64:
        raise RuntimeError(f"{operation}: expected scalar type Long but found {target.dtype} for the target: use target.long()")
    wrong = numbers[(numbers < lowest) | (numbers >= classes)]
    if wrong.size:
        raise RuntimeError(f"{operation}: target is out of range: {wrong[0]}, where classes have the numbers 0 to {classes - 1}")
    return numbers.copy()  # what is saved of them stays as it is


def _weights(weight: Variable, input: Variable, classes: int) -> Array:
    array = argument(weight, "multi_margin_loss", "weight")
    if array.ndim != 1:
        raise ValueError(f"weight must be one-dimensional: {weight._described()}")
    refuse_gradient("multi_margin_loss", weight=weight)
    if array.size != classes:
        raise RuntimeError(f"multi_margin_loss: inconsistent weight size, expected {classes} but got {list(array.shape)}")
    if array.dtype != input.array.dtype:
        raise RuntimeError(f"multi_margin_loss: expected scalar type {input.dtype} for weight but found {weight.dtype}")
    return array
