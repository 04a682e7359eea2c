"""Losses of classification: ``nll_loss`` and ``cross_entropy``, with the number of the class as target, or probabilities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...arrays.dtypes import Array
from ...core.primitive import Primitive, rule
from ...core.telling import shown, untracked
from ...core.variable import Variable, unrecorded
from ...tensor.dims import argument
from ..elementwise.arithmetic import AddNumber, DivNumber, MulNumber, add, div, mul, neg
from ..elementwise.compound import masked_fill
from ..elementwise.copying import fill
from ..network.probabilities import LogSoftmax, log_softmax
from ..reduction.sums import sum
from ..selection.indexing import Place
from ..shaping.flattening import contiguous
from ..shaping.reshaping import view
from .losses import reduced, reduction_of, refuse_gradient, refuse_integers, refuse_swapped

__all__ = ["cross_entropy", "nll_loss"]

Classes = tuple[Array, Array | None]  # the number of a class for each place, and which of them count: None for all


class NllLoss(Primitive):
    """Minus what stands at each target's class, times its weight: one each where ``count`` is None, else their sum over it."""

    __slots__ = ("asked", "key", "shape", "share")
    data_names = ("target",)
    constants = shown(reduction="mean", ignore_index=-100)
    reduction = property(lambda self: self.asked[1])
    ignore_index = property(lambda self: self.asked[2])

    def forward(self, input, *, key, weights, counted, count, asked):
        self.key, self.shape, self.asked, self._untracked = key, input.shape, asked, asked[0]
        weights = -weights
        share = weights if count is None else weights / (count or math.inf)
        # What is ignored has no part even in a mean that is nan.
        self.share = share if counted is None else np.where(counted, share, 0.0)
        losses = weights * (input[key] if counted is None else np.where(counted, input[key], 0.0))
        return losses if count is None else np.add.reduce(losses, None) / (count or math.nan)

    @rule(words="zeros, but at the class of each target -grad * weight; for the mean, over the sum of the weights", flat=True)
    def grad_input(self, grad):
        return Place.on(grad * self.share, key=self.key, shape=self.shape)


class NllLoss2D(NllLoss):
    """What torch records for targets with dimensions of space."""


def nll_loss(
    input: Variable,
    target: Variable,
    weight: Variable | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Variable:
    """The negative log-likelihood of the right classes: ``-input`` at each target.

    Args:
        input: logarithms of probabilities, of shape (N, C), of C classes; or (C,), or (N, C, d1, d2, …).
        target: the number of the right class, from 0 to C - 1, of dtype int64 (or uint8): of shape (N,); or (), or (N, d1, …).
        weight: how much each class counts, of shape (C,); the mean is then over the weights of the targets.
        size_average: the form of 2017: False for the sum.
        ignore_index: a target that does not count.
        reduce: the form of 2017: False for no reduction.
        reduction: "mean", "sum", or "none" for one loss a target.

    Raises:
        ValueError: another ``reduction``, or another number of targets than of rows.
        RuntimeError: another shape or dtype of ``target`` or ``weight``.
        IndexError: a target is no class.

    >>> import microtorch
    >>> logs = microtorch.tensor([[-0.5, -1.0], [-2.0, -0.25]])
    >>> microtorch.nn.functional.nll_loss(logs, microtorch.tensor([0, 1]), reduction="none").tolist()
    [0.5, 0.25]
    """
    reduction = reduction_of(reduction, size_average, reduce)
    argument(input, "nll_loss", "input")
    argument(target, "nll_loss", "target")
    refuse_swapped("nll_loss", input, target)
    return _nll(input, _classes("nll_loss", input, target, ignore_index), weight, reduction, target, ignore_index)


def cross_entropy(
    input: Variable,
    target: Variable,
    weight: Variable | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Variable:
    """`nll_loss` of `log_softmax`: how surprising the right classes are to a network that gives a score to each class.

    Args:
        input: scores, of shape (N, C), of C classes; or (C,), or (N, C, d1, d2, …).
        target: the number of the right class, as for `nll_loss`; or, in the shape of ``input``, its probabilities.
        weight: how much each class counts, of shape (C,).
        size_average: the form of 2017: False for the sum.
        ignore_index: a target that does not count.
        reduce: the form of 2017: False for no reduction.
        reduction: "mean", "sum", or "none" for one loss a target.
        label_smoothing: the part of each target, from 0 to 1, that is shared out among all classes (Szegedy et al. 2015).

    Raises:
        ValueError: another ``reduction``, or another number of targets than of rows.
        RuntimeError: another shape or dtype of ``target`` or ``weight``.
        IndexError: a target is no class.

    >>> import microtorch
    >>> microtorch.nn.functional.cross_entropy(microtorch.zeros(1, 4), microtorch.tensor([2])).exp().item()
    4.0
    """
    reduction = reduction_of(reduction, size_average, reduce)
    array = argument(input, "cross_entropy", "input")
    axis = 0 if array.ndim == 1 else 1
    if label_smoothing > 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    refuse_swapped("cross_entropy", input, target)
    if argument(target, "cross_entropy", "target").shape == array.shape and array.ndim:
        return _of_probabilities(input, target, weight, ignore_index, reduction, label_smoothing)
    classes = _classes("cross_entropy", input, target, ignore_index)
    logs = LogSoftmax.apply(input, dim=axis)
    loss = _nll(logs, classes, weight, reduction, target, ignore_index)
    if label_smoothing <= 0:
        return loss
    smooth = neg(sum(logs if weight is None else mul(logs, _along(weight, axis, array.ndim)), axis))
    ignored = target.array == ignore_index
    smooth = reduced(masked_fill(smooth, unrecorded(ignored), 0.0), "sum" if reduction == "mean" else reduction)
    if reduction == "mean":
        counted = target.array[~ignored]
        smooth = div(smooth, unrecorded(np.asarray(counted.size if weight is None else weight.array[counted].sum())))
    return add(
        MulNumber.apply(loss, number=1 - label_smoothing),
        MulNumber.apply(smooth, number=label_smoothing / array.shape[axis]),
    )


def _of_probabilities(
    input: Variable, target: Variable, weight: Variable | None, ignore_index: int, reduction: str, label_smoothing: float
) -> Variable:
    if target.array.dtype.kind != "f":
        raise RuntimeError(
            f"Expected floating point type for target with class probabilities, got {target.dtype}: a target in the shape of the "
            "input is one of probabilities; numbers of classes have one dimension less"
        )
    if ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")
    axis = 0 if input.array.ndim == 1 else 1
    classes = input.array.shape[axis]
    if weight is not None:
        _check_weight(weight, classes)
    logs = log_softmax(input, axis)
    if label_smoothing > 0:
        target = AddNumber.apply(MulNumber.apply(target, number=1 - label_smoothing), number=label_smoothing / classes)
    losses = mul(logs, target)
    if weight is not None:
        losses = mul(losses, _along(weight, axis, input.array.ndim))
    if reduction == "none":
        return neg(sum(losses, axis))
    total = sum(losses)
    if reduction == "sum":
        return neg(total)
    rows = input.array.size // classes if classes else 0
    return DivNumber.apply(neg(total), number=rows) if rows else neg(fill(total, math.nan))


def _nll(
    input: Variable, classes: Classes, weight: Variable | None, reduction: str, target: Variable, ignore_index: int
) -> Variable:
    numbers, counted = classes
    asked = (untracked(target), reduction, ignore_index)  # what pictures show
    weights: Any = 1.0 if weight is None else _weight_of(weight, input)[numbers]
    if counted is not None:
        weights = np.where(counted, weights, 0.0).astype(input.array.dtype)
    count: float | None = None if reduction == "none" else 1
    if reduction == "mean":
        count = numbers.size if weights.__class__ is float else float(np.add.reduce(weights, None))
    shape, ndim = input.array.shape, input.array.ndim
    if ndim < 3 or ndim == 4:
        operation = NllLoss if ndim < 3 else NllLoss2D
        return operation.apply(input, key=_places(numbers), weights=weights, counted=counted, count=count, asked=asked)
    # torch makes planes of one row of all other dimensions.
    rows = (shape[0], *((1, -1) if input.array.size else (0, 0)))
    key = _places(numbers.reshape(rows))
    weights, counted = (each.reshape(rows) if isinstance(each, np.ndarray) else each for each in (weights, counted))
    planes = view(contiguous(input), *shape[:2], *rows[1:])
    loss = NllLoss2D.apply(planes, key=key, weights=weights, counted=counted, count=count, asked=asked)
    return view(loss, numbers.shape) if reduction == "none" else loss


def _places(classes: Array) -> tuple[Array, ...]:
    """NumPy's key for one element of (N, C, …) at each place of (N, …): the class given there."""
    if classes.ndim == 1:
        return np.arange(len(classes)), classes
    grid = [np.arange(n).reshape(-1, *(1,) * (classes.ndim - i - 1)) for i, n in enumerate(classes.shape)]
    return (*grid[:1], classes, *grid[1:])


def _classes(operation: str, input: Variable, target: Variable, ignore_index: int) -> Classes:
    """The targets, found to name a class for each place of the input. They are copied, so that what is saved stays as it is."""
    x, t = input.array, target.array
    if x.dtype.kind != "f":
        refuse_integers(operation, input)
    if not x.ndim:
        raise ValueError(f"{operation}: Expected 1 or more dimensions (got 0)")
    expected = x.shape[2:] if x.ndim == 1 else (x.shape[0], *x.shape[2:])
    if t.shape != expected:
        if x.ndim > 1 and t.shape[:1] != x.shape[:1]:
            raise ValueError(
                f"Expected input batch_size ({x.shape[0]}) to match target batch_size ({t.shape[0] if t.ndim else 0}): one "
                "target for each row"
            )
        raise RuntimeError(
            f"{operation}: Expected target size {list(expected)}, got {list(t.shape)}: one class for each place of an input of "
            f"shape {list(x.shape)}; multi-target not supported"
        )
    if t.dtype not in (np.int64, np.uint8):
        raise RuntimeError(f"{operation}: expected target dtype to be Long or Byte, but got {target.dtype}: use target.long()")
    numbers, count = t.astype(np.int64), x.shape[x.ndim > 1]
    # Read without their signs, negative numbers are beyond all classes: one comparison finds that nothing is wrong.
    if not numbers.size or (np.maximum.reduce(numbers.view(np.uint64), None) < count and not 0 <= ignore_index < count):
        return numbers, None
    counted = numbers != ignore_index
    wrong = numbers[counted & ((numbers < 0) | (numbers >= count))]
    if wrong.size:
        raise IndexError(f"Target {wrong[0]} is out of bounds. There are {count} classes, numbered from 0 to {count - 1}")
    return (numbers, None) if counted.all() else (np.where(counted, numbers, 0), counted)


def _check_weight(weight: Variable, classes: int) -> Array:
    array = argument(weight, "cross_entropy", "weight")
    if array.shape != (classes,):
        raise RuntimeError(
            f"cross_entropy: weight tensor should be defined either for all {classes} classes or no classes but got weight "
            f"tensor of shape: {list(array.shape)}"
        )
    return array


def _weight_of(weight: Variable, input: Variable) -> Array:
    array = _check_weight(weight, input.array.shape[input.array.ndim > 1])
    refuse_gradient("nll_loss_forward", weight=weight)
    if array.dtype != input.array.dtype:
        raise RuntimeError(f"nll_loss: expected scalar type {input.dtype} for weight but found {weight.dtype}: convert it")
    return array


def _along(weight: Variable, axis: int, ndim: int) -> Variable:
    """Weights of classes, in a shape that broadcasts along ``axis``."""
    return weight if ndim == 1 else view(weight, *(-1 if i == axis else 1 for i in range(ndim)))
