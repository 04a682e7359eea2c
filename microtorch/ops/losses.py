"""Losses: how far an output is from its target, of each element, on average, or in all."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..dtypes import Array
from ..node import array_of, is_variable, unrecorded
from ..primitive import Primitive, rule
from .arithmetic import AddNumber, DivNumber, MulNumber, add, mul, neg, sub
from .elementwise import Sigmoid, exp, log
from .flattening import contiguous
from .probabilities import log_softmax
from .reduction import everywhere, mean, sum
from .rounding import abs
from .shaping import clone, reshape, unsqueeze, view
from .special import xlogy

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "gaussian_nll_loss", "huber_loss", "kl_div",
    "l1_loss", "mse_loss", "nll_loss", "poisson_nll_loss", "smooth_l1_loss",
]  # fmt: skip


class _Loss(Primitive):
    """A loss of each element, reduced as asked: its gradient is that of the elements, each of which got its share."""

    __slots__ = ("scale",)

    def reduced(self, losses, reduction):
        self.scale = 1.0
        if reduction == "none":
            return losses
        total = np.add.reduce(losses, None)
        if reduction == "mean":
            self.scale = 1.0 / losses.size if losses.size else math.nan
            return np.asarray(total * self.scale, losses.dtype)
        return total


class MseLoss(_Loss):
    def forward(self, input, target, *, reduction):
        difference = input - target
        return self.reduced(difference * difference, reduction)

    @rule("grad * (input - target) * 2 * scale")
    def grad_input(self, grad, input, target):
        return grad * (input - target) * (2.0 * self.scale)

    @rule("grad * (target - input) * 2 * scale")
    def grad_target(self, grad, input, target):
        return grad * (target - input) * (2.0 * self.scale)


class SmoothL1Loss(_Loss):
    def forward(self, input, target, *, beta, reduction):
        self.beta = beta
        size = np.abs(input - target)
        return self.reduced(np.where(size < beta, size * size * (0.5 / beta), size - 0.5 * beta).astype(size.dtype), reduction)

    @rule("grad * scale * clamp((input - target) / beta, -1, 1)")
    def grad_input(self, grad, input, target):
        return grad * self.scale * np.clip((input - target) / self.beta, -1.0, 1.0)

    @rule("grad * scale * clamp((target - input) / beta, -1, 1)")
    def grad_target(self, grad, input, target):
        return grad * self.scale * np.clip((target - input) / self.beta, -1.0, 1.0)


class HuberLoss(_Loss):
    def forward(self, input, target, *, delta, reduction):
        self.delta = delta
        size = np.abs(input - target)
        return self.reduced(
            np.where(size <= delta, 0.5 * size * size, delta * (size - 0.5 * delta)).astype(size.dtype), reduction
        )

    @rule("grad * scale * clamp(input - target, -delta, delta)")
    def grad_input(self, grad, input, target):
        return grad * self.scale * np.clip(input - target, -self.delta, self.delta)

    @rule("grad * scale * clamp(target - input, -delta, delta)")
    def grad_target(self, grad, input, target):
        return grad * self.scale * np.clip(target - input, -self.delta, self.delta)


class NllLoss(Primitive):
    """What stands at each target's class, negative and weighted; on average over the weights."""

    def forward(self, input, *, key, weights, reduction):
        self.input_shape, self.key, self.sums = input.shape, key, reduction != "none"
        self.weights = -weights
        if not self.sums:
            return input[key] * self.weights
        if reduction == "mean":
            total = np.add.reduce(weights, None)
            self.weights = self.weights / total if total else self.weights * math.nan
        return np.asarray(np.add.reduce(input[key] * self.weights, None), input.dtype)

    @rule(words="-weight * grad, where each target's class stands")
    def grad_input(self, grad):
        return Placed.on(grad * self.weights, key=self.key, shape=self.input_shape)


class NllLoss2D(NllLoss):
    pass


class Placed(Primitive):
    """Zeros of ``shape``, with ``input`` at ``key``, where no place is named twice: the inverse of reading there."""

    def forward(self, input, *, key, shape):
        self.key = key
        out = np.zeros(shape, input.dtype)
        out[key] = input
        return out

    @rule(words="grad, read at the same places")
    def grad_input(self, grad):
        return grad[self.key]


class BinaryCrossEntropy(_Loss):
    def forward(self, input, target, *, weight, reduction):
        self.weight = weight
        with np.errstate(divide="ignore"):
            losses = -(target * np.maximum(np.log(input), -100) + (1 - target) * np.maximum(np.log1p(-input), -100))
        return self.reduced((losses if weight is None else losses * weight).astype(input.dtype), reduction)

    @rule(words="grad * (input - target) / (input * (1 - input)), times the weight, divided by at least 1e-12")
    def grad_input(self, grad, input, target):
        share = self.scale if self.weight is None else self.weight * self.scale
        return grad * share * (input - target) / np.maximum(input * (1.0 - input), 1e-12)

    @rule(words="grad * (log(1 - input) - log(input)), times the weight")
    def grad_target(self, grad, input):
        share = self.scale if self.weight is None else self.weight * self.scale
        return grad * share * (np.log1p(-input) - np.log(input))


class BinaryCrossEntropyWithLogits(_Loss):
    def forward(self, input, target, *, weight, pos_weight, reduction):
        self.weight, self.more = weight, 0.0 if pos_weight is None else pos_weight - 1
        losses = (1 - target) * input + (1 + self.more * target) * np.logaddexp(-input, 0.0, dtype=input.dtype)
        return self.reduced((losses if weight is None else losses * weight).astype(input.dtype), reduction)

    @rule(words="grad * (sigmoid(input) * (1 + (pos_weight - 1) * target) - pos_weight * target), times the weight")
    def grad_input(self, grad, input, target):
        share = self.scale if self.weight is None else self.weight * self.scale
        return grad * share * ((1.0 + self.more * target) * Sigmoid.on(input) - (1.0 + self.more) * target)

    @rule(words="grad * ((pos_weight - 1) * softplus(-input) - input), times the weight")
    def grad_target(self, grad, input):
        share = self.scale if self.weight is None else self.weight * self.scale
        return grad * share * (self.more * np.logaddexp(-input, input * 0.0) - input)


def mse_loss(
    input: Variable, target: Variable, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None
) -> Variable:
    """The mean square of ``input - target``.

    Args:
        input: of any shape.
        target: of the same shape; another, that broadcasts, is taken with a warning.
        size_average: of older programs: False for ``reduction="sum"``.
        reduce: of older programs: False for ``reduction="none"``.
        reduction: "mean", "sum", or "none" for the losses of all elements.
        weight: None: weights of elements are not supported.

    Raises:
        ValueError: there is no such ``reduction``.
        RuntimeError: the shapes do not broadcast.

    >>> import microtorch
    >>> microtorch.nn.functional.mse_loss(microtorch.tensor([1.0, 3.0]), microtorch.zeros(2)).item()
    5.0
    """
    if weight is not None:
        raise NotImplementedError("mse_loss: weights of elements are not supported: multiply reduction='none' by them")
    return _pairwise(MseLoss, "mse_loss", input, target, how(reduction, size_average, reduce))


def l1_loss(
    input: Variable, target: Variable, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None
) -> Variable:
    """The mean of ``abs(input - target)``. Arguments and errors are those of `mse_loss`."""
    if weight is not None:
        raise NotImplementedError("l1_loss: weights of elements are not supported: multiply reduction='none' by them")
    wanted = how(reduction, size_average, reduce)
    _warn_of_shapes(input, target)
    return total_of(abs(sub(input, target)), wanted)


def smooth_l1_loss(
    input: Variable,
    target: Variable,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Variable:
    """Half the square of ``input - target`` over ``beta`` where that is below ``beta``, else its size less ``beta / 2``.

    Arguments and errors are those of `mse_loss`. (Girshick 2015, "Fast R-CNN".)

    Raises:
        RuntimeError: ``beta`` is negative.
    """
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss does not support negative values for beta: {beta}")
    if beta == 0:
        return l1_loss(input, target, size_average, reduce, reduction)
    return _pairwise(SmoothL1Loss, "smooth_l1_loss", input, target, how(reduction, size_average, reduce), beta=beta)


def huber_loss(input: Variable, target: Variable, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Variable:
    """Half the square of ``input - target`` up to ``delta``, from there on linear (Huber 1964).

    Arguments and errors are those of `mse_loss`.

    Raises:
        RuntimeError: ``delta`` is not positive.
    """
    if weight is not None:
        raise NotImplementedError("huber_loss: weights of elements are not supported: multiply reduction='none' by them")
    if delta <= 0:
        raise RuntimeError(f"huber_loss does not support non-positive values for delta: {delta}")
    return _pairwise(HuberLoss, "huber_loss", input, target, how(reduction), delta=delta)


def nll_loss(
    input: Variable,
    target: Variable,
    weight: Variable | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
) -> Variable:
    """The negative log-likelihood: minus what stands in ``input`` at the class that ``target`` names.

    Args:
        input: log-probabilities of shape (C,), (N, C) or (N, C, d1, …).
        target: classes from 0 to C - 1, of dtype int64 and shape (), (N,) or (N, d1, …).
        weight: one for each class; the mean is that over the weights.
        size_average: of older programs: False for ``reduction="sum"``.
        ignore_index: a target that does not count.
        reduce: of older programs: False for ``reduction="none"``.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: the batch sizes differ, or there is no such ``reduction``.
        IndexError: a target is no class.
        RuntimeError: the shapes or dtypes do not fit.

    >>> import microtorch
    >>> scores = microtorch.tensor([[-0.5, -1.0], [-2.0, -0.25]])
    >>> microtorch.nn.functional.nll_loss(scores, microtorch.tensor([0, 1])).item()
    0.375
    """
    wanted = how(reduction, size_average, reduce)
    array, classes = array_of(input), array_of(target)
    if array.ndim < 1:
        raise ValueError(f"Expected 1 or more dimensions (got {array.ndim})")
    if array.ndim > 1 and (classes.ndim == 0 or classes.shape[0] != array.shape[0]):
        found = classes.shape[0] if classes.ndim else 0
        raise ValueError(f"Expected input batch_size ({array.shape[0]}) to match target batch_size ({found}).")
    if classes.shape != array.shape[:1] * (array.ndim > 1) + array.shape[2:]:
        raise RuntimeError(
            f"nll_loss: a target of shape {list(classes.shape)} does not fit an input of shape {list(array.shape)}: it has the "
            "same shape, but for the classes"
        )
    if classes.dtype.kind not in "iu" or classes.dtype not in {np.dtype(np.int64), np.dtype(np.uint8)}:
        raise RuntimeError(f"expected target of dtype int64 (class indices) for nll_loss, not {target.dtype}: use target.long()")
    return _nll(input, classes, weight, ignore_index, wanted)


def _nll(input: Variable, classes: Array, weight: Variable | None, ignore_index: int, reduction: str) -> Variable:
    array = input.array
    count = array.shape[min(array.ndim, 2) - 1]
    counted = classes != ignore_index
    if classes.size and (classes.min() < 0 or classes.max() >= count):
        wrong = counted & ((classes < 0) | (classes >= count))
        if wrong.any():
            raise IndexError(f"Target {classes[wrong].flat[0]} is out of bounds: the classes are 0 to {count - 1}")
    if weight is not None and array_of(weight).shape != (count,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {count} classes or no classes but got weight tensor of shape: "
            f"{list(weight.array.shape)}"
        )
    all_count = bool(counted.all())
    known = classes.copy() if all_count else np.where(counted, classes, 0)
    weights = everywhere(array.dtype.type(1), classes.shape) if weight is None else weight.array[known]
    if not all_count:
        weights = np.where(counted, weights, 0)
    key: tuple[Any, ...] = (known,)
    if array.ndim == 2:
        key = (np.arange(len(known)), known)
    elif array.ndim > 2:
        grid = np.ogrid[tuple(map(slice, classes.shape))]
        key = (grid[0], known, *grid[1:])
    operation = NllLoss if array.ndim < 3 else NllLoss2D
    if array.ndim > 2 and array.ndim != 4:  # torch makes two dimensions of all behind the classes
        rows = view(contiguous(input), (array.shape[0], count, 1, math.prod(classes.shape[1:])))
        result = _nll(rows, classes.reshape(array.shape[0], 1, -1), weight, ignore_index, reduction)
        return result if reduction != "none" else reshape(result, classes.shape)
    return operation.apply(input, key=key, weights=weights.astype(array.dtype, copy=False), reduction=reduction)


def cross_entropy(
    input: Variable,
    target: Variable,
    weight: Variable | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Variable:
    """The cross-entropy between targets and the probabilities that `softmax` makes of ``input``.

    Args:
        input: scores of shape (C,), (N, C) or (N, C, d1, …).
        target: classes, as for `nll_loss`; or probabilities, of the shape and dtype of ``input``.
        weight: one for each class.
        size_average: of older programs: False for ``reduction="sum"``.
        ignore_index: a class that does not count.
        reduce: of older programs: False for ``reduction="none"``.
        reduction: "mean", "sum" or "none".
        label_smoothing: how much of each target is shared evenly among all classes, from 0 to 1. (Szegedy et al. 2015.)

    Raises:
        ValueError: the batch sizes differ, or there is no such ``reduction``.
        IndexError: a target is no class.
        RuntimeError: the shapes or dtypes do not fit, or ``label_smoothing`` is not between 0 and 1.

    >>> import microtorch
    >>> round(microtorch.nn.functional.cross_entropy(microtorch.zeros(1, 2), microtorch.tensor([1])).item(), 4)
    0.6931
    """
    wanted = how(reduction, size_average, reduce)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    array = array_of(input)
    if not array.ndim:
        raise RuntimeError("cross_entropy: the input needs a dimension for the classes")
    dim = min(array.ndim, 2) - 1
    if array_of(target).shape == array.shape and target.array.dtype.kind == "f":
        return _against_probabilities(input, target, weight, wanted, label_smoothing, dim)
    scores = log_softmax(input, dim)
    loss = nll_loss(scores, target, weight, None, ignore_index, None, wanted)
    if not label_smoothing:
        return loss
    weighed = scores if weight is None else mul(scores, reshape(weight, (1, -1, *(1,) * (array.ndim - 2)) if dim else (-1,)))
    smooth = neg(sum(weighed, dim)).masked_fill(target == ignore_index, 0.0)
    if wanted == "mean":
        counted = target.array != ignore_index
        amount = counted.sum() if weight is None else weight.array[np.where(counted, target.array, 0)][counted].sum()
        smooth = sum(smooth) / unrecorded(np.asarray(amount, array.dtype))
    elif wanted == "sum":
        smooth = sum(smooth)
    parts = ((loss, 1 - label_smoothing), (smooth, label_smoothing / array.shape[dim]))
    return add(*(MulNumber.apply(part, number=share) for part, share in parts))


def _against_probabilities(
    input: Variable, target: Variable, weight: Variable | None, reduction: str, smoothing: float, dim: int
) -> Variable:
    scores = log_softmax(input, dim)
    if smoothing:
        target = AddNumber.apply(MulNumber.apply(target, number=1 - smoothing), number=smoothing / input.array.shape[dim])
    products = mul(scores, target)
    if weight is not None:
        products = mul(products, reshape(weight, (1, -1, *(1,) * (input.array.ndim - 2)) if dim else (-1,)))
    if reduction == "none":
        return neg(sum(products, dim))
    total = neg(sum(products))
    rows = input.array.size // max(input.array.shape[dim], 1)
    return total if reduction == "sum" else DivNumber.apply(total, number=rows)


def binary_cross_entropy(
    input: Variable,
    target: Variable,
    weight: Variable | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Variable:
    """``-(target * log(input) + (1 - target) * log(1 - input))``, of which no logarithm is below -100.

    Args:
        input: probabilities.
        target: of the same shape: probabilities.
        weight: one for each element; it broadcasts.
        size_average: of older programs: False for ``reduction="sum"``.
        reduce: of older programs: False for ``reduction="none"``.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: the shapes differ, or there is no such ``reduction``.
        RuntimeError: an element of ``input`` is not between 0 and 1.
    """
    wanted = how(reduction, size_average, reduce)
    _same_shapes(input, target, "binary_cross_entropy")
    if not ((input.array >= 0) & (input.array <= 1)).all():
        raise RuntimeError("all elements of input should be between 0 and 1: of scores, use binary_cross_entropy_with_logits")
    given = None if weight is None else array_of(weight)
    return BinaryCrossEntropy.apply(input, target, weight=given, reduction=wanted)


def binary_cross_entropy_with_logits(
    input: Variable,
    target: Variable,
    weight: Variable | None = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    pos_weight: Variable | None = None,
) -> Variable:
    """`binary_cross_entropy` of ``sigmoid(input)``, without overflow.

    Args:
        input: scores.
        target: of the same shape: probabilities.
        weight: one for each element; it broadcasts.
        size_average: of older programs: False for ``reduction="sum"``.
        reduce: of older programs: False for ``reduction="none"``.
        reduction: "mean", "sum" or "none".
        pos_weight: how much more a target of 1 counts; it broadcasts.

    Raises:
        ValueError: the shapes differ, or there is no such ``reduction``.
    """
    wanted = how(reduction, size_average, reduce)
    if array_of(input).shape != array_of(target).shape:
        raise ValueError(f"Target size ({list(target.array.shape)}) must be the same as input size ({list(input.array.shape)})")
    given, more = (None if each is None else array_of(each) for each in (weight, pos_weight))
    return BinaryCrossEntropyWithLogits.apply(input, target, weight=given, pos_weight=more, reduction=wanted)


def kl_div(
    input: Variable,
    target: Variable,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Variable:
    """The Kullback-Leibler divergence: ``target * (log(target) - input)``.

    Args:
        input: log-probabilities.
        target: probabilities; or log-probabilities, if ``log_target``.
        size_average: of older programs: False for ``reduction="sum"``.
        reduce: of older programs: False for ``reduction="none"``.
        reduction: "batchmean" for the sum over the batch size, which is the mathematical one; "mean", "sum" or "none".
        log_target: whether ``target`` is given by its logarithm.

    Raises:
        ValueError: there is no such ``reduction``.
    """
    wanted = "batchmean" if reduction == "batchmean" else how(reduction, size_average, reduce)
    if wanted == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size. 'batchmean' divides only by "
            "the batch size, and aligns with the KL div math definition.",
            stacklevel=2,
        )
    losses = mul(exp(target), sub(target, input)) if log_target else sub(xlogy(target, target), mul(target, input))
    if wanted == "batchmean":
        return sum(losses) / input.array.shape[0] if input.array.ndim else sum(losses)
    return total_of(losses, wanted)


def poisson_nll_loss(
    input: Variable,
    target: Variable,
    log_input: bool = True,
    full: bool = False,
    size_average: Any = None,
    eps: float = 1e-8,
    reduce: Any = None,
    reduction: str = "mean",
) -> Variable:
    """The negative log-likelihood of counts: ``exp(input) - target * input``, where ``input`` are the logarithms of their rates.

    Arguments and errors are those of `mse_loss`; ``full`` adds Stirling's approximation of ``log(target!)``, and ``eps`` keeps
    the logarithm of a rate of 0 away.
    """
    wanted = how(reduction, size_average, reduce)
    loss = sub(exp(input), mul(target, input)) if log_input else sub(input, mul(target, log(AddNumber.apply(input, number=eps))))
    if full:
        counts = target.array
        large = np.where(counts > 1, counts, 1.0)
        factorial = large * np.log(large) - large + 0.5 * np.log(2 * math.pi * large)
        loss = add(loss, unrecorded(np.where(counts > 1, factorial, 0.0).astype(counts.dtype)))
    return total_of(loss, wanted)


def gaussian_nll_loss(
    input: Variable, target: Variable, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Variable:
    """The negative log-likelihood of ``target`` under normal distributions: ``(log(var) + (input - target) ** 2 / var) / 2``.

    Args:
        input: the means.
        target: of the same shape.
        var: the variances: a number or a Variable; none is taken to be below ``eps``.
        full: add the constant ``log(2 * pi) / 2``.
        eps: the least variance.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: a variance is negative, or there is no such ``reduction``.
    """
    wanted = how(reduction)
    spread = var if is_variable(var) else unrecorded(np.full_like(array_of(input), var))
    if (spread.array < 0).any():
        raise ValueError("var has negative entry/entries")
    if spread.array.shape != input.array.shape and spread.array.shape == input.array.shape[:-1]:
        spread = unsqueeze(spread, -1)
    # The bound has no say in the gradient, as in torch.
    spread = clone(spread)
    spread.data.clamp_(min=eps)
    loss = mul(add(log(spread), (input - target) ** 2 / spread), 0.5)
    if full:
        loss = add(loss, 0.5 * math.log(2 * math.pi))
    return total_of(loss, wanted)


def how(reduction: str, size_average: Any = None, reduce: Any = None) -> str:
    """The reduction that is wanted, by today's argument or by those of older programs.

    Raises:
        ValueError: there is no such.
    """
    if size_average is not None or reduce is not None:
        wanted = "none" if reduce is False else "sum" if size_average is False else "mean"
        warnings.warn(f"size_average and reduce args will be deprecated, please use reduction='{wanted}' instead.", stacklevel=3)
        return wanted
    if reduction not in {"none", "mean", "sum"}:
        raise ValueError(f"{reduction} is not a valid value for reduction: it is 'none', 'mean' or 'sum'")
    return reduction


def total_of(losses: Variable, reduction: str) -> Variable:
    """The losses of elements, reduced as asked."""
    if reduction == "none":
        return losses
    return mean(losses) if reduction == "mean" else sum(losses)


def _pairwise(operation: type[Primitive], name: str, input: Variable, target: Variable, reduction: str, **more: Any) -> Variable:
    _warn_of_shapes(input, target)
    a, b = input.array, target.array
    if a.dtype.kind != "f" or b.dtype.kind != "f":
        raise RuntimeError(f"{name} is for floating dtypes, not {input.dtype} and {target.dtype}: use .float()")
    return operation.apply(input, target, reduction=reduction, **more)


def _warn_of_shapes(input: Variable, target: Variable) -> None:
    a, b = array_of(input).shape, array_of(target).shape
    if a != b:
        warnings.warn(
            f"Using a target size ({list(b)}) that is different to the input size ({list(a)}). This will likely lead to "
            "incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=4,
        )


def _same_shapes(input: Variable, target: Variable, name: str) -> None:
    if array_of(input).shape != array_of(target).shape:
        raise ValueError(
            f"{name}: Using a target size ({list(target.array.shape)}) that is different to the input size "
            f"({list(input.array.shape)}) is deprecated. Please ensure they have the same size."
        )
