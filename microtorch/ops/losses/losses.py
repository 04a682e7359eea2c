"""Losses that measure how far a prediction is from a number: ``mse_loss``, ``l1_loss``, ``smooth_l1_loss``, ``huber_loss``.

And what all losses share: the ``reduction`` of one loss an element to one number, and what is refused.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from ...arrays.dtypes import promote
from ...arrays.shapes import Size, shapes_do_not_broadcast
from ...core.grad_mode import mode
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, is_variable
from ...tensor.dims import argument
from ..elementwise.arithmetic import div, mul, pow, sub
from ..elementwise.rounding import abs
from ..network.piecewise import Hardtanh
from ..reduction.sums import mean, sum
from ..shaping.reshaping import Expand

__all__ = ["huber_loss", "l1_loss", "mse_loss", "smooth_l1_loss"]


class _Loss(Primitive):
    """Of which ``share`` is the part that each element has in the result: 1 in a sum, 1 / count in a mean."""

    __slots__ = ("reduction", "share")
    constants = shown(reduction="mean")

    def reduced(self, losses, reduction):
        self.reduction, self.share = reduction, 1.0
        if reduction == "none":
            return losses
        total = np.add.reduce(losses, None)
        if reduction == "sum":
            return total
        self.share = 1.0 / (losses.size or math.inf)
        return total / (losses.size or math.nan)  # the mean of nothing is nan


class MseLoss(_Loss):
    def forward(self, input, target, *, reduction):
        input, target = promote(input, target)
        difference = input - target
        return self.reduced(difference * difference, reduction)

    @rule("grad * (2 * share) * (input - target)")
    def grad_input(self, grad, input, target):
        return grad * (2.0 * self.share) * (input - target)

    @rule("grad * (2 * share) * (target - input)")
    def grad_target(self, grad, input, target):
        return grad * (2.0 * self.share) * (target - input)


class _Bent(_Loss):
    """A parabola, which from ``limit`` on is a line."""

    __slots__ = ("limit",)

    def bent(self, input, target, limit):
        """Size² / 2 up to the limit, and from there on limit * (size - limit / 2): both are one product."""
        self.limit = limit
        input, target = promote(input, target)
        size = np.abs(input - target)
        within = np.clip(size, 0.0, limit)
        return within * (size - 0.5 * within)

    def slope(self, difference):
        return Hardtanh.on(difference, low=-self.limit, high=self.limit)


class SmoothL1Loss(_Bent):
    constants = shown(reduction="mean", beta=1)
    beta = property(lambda self: self.limit)

    def forward(self, input, target, *, reduction, beta):
        return self.reduced(self.bent(input, target, beta) / beta, reduction)

    @rule("grad * share * where(abs(input - target) < limit, input - target, limit * sign(input - target)) / limit")
    def grad_input(self, grad, input, target):
        return grad * self.share * self.slope(input - target) / self.limit

    @rule("grad * share * where(abs(target - input) < limit, target - input, limit * sign(target - input)) / limit")
    def grad_target(self, grad, input, target):
        return grad * self.share * self.slope(target - input) / self.limit


class HuberLoss(_Bent):
    constants = shown(reduction="mean", delta=1)
    delta = property(lambda self: self.limit)

    def forward(self, input, target, *, reduction, delta):
        return self.reduced(self.bent(input, target, delta), reduction)

    @rule("grad * share * where(abs(input - target) < limit, input - target, limit * sign(input - target))")
    def grad_input(self, grad, input, target):
        return grad * self.share * self.slope(input - target)

    @rule("grad * share * where(abs(target - input) < limit, target - input, limit * sign(target - input))")
    def grad_target(self, grad, input, target):
        return grad * self.share * self.slope(target - input)


def mse_loss(
    input: Variable,
    target: Variable,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Variable | None = None,
) -> Variable:
    """The squares of the differences: their mean, or as ``reduction`` says.

    Args:
        input: of any shape and of a floating dtype.
        target: of the same shape; another is broadcast, with a warning.
        size_average: the form of 2017: False for the sum.
        reduce: the form of 2017: False for no reduction.
        reduction: "mean", "sum", or "none" for one loss an element.
        weight: how much each element counts; the mean is then over the sum of the weights.

    Raises:
        ValueError: another ``reduction``; or ``weight`` has another shape than ``input``.
        RuntimeError: the shapes do not broadcast.

    >>> import microtorch
    >>> microtorch.nn.functional.mse_loss(microtorch.tensor([1.0, 2.0]), microtorch.tensor([1.0, 4.0])).item()
    2.0
    """
    reduction = reduction_of(reduction, size_average, reduce)
    x, t = _alike("mse_loss", input, target)
    if weight is None:
        refuse_integers("mse_loss", x, t)
        return MseLoss.apply(x, t, reduction=reduction)
    return _weighted(pow(sub(x, t), 2), input, weight, reduction)


def l1_loss(
    input: Variable,
    target: Variable,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Variable | None = None,
) -> Variable:
    """The absolute differences. Arguments and errors are those of `mse_loss`; the gradient at 0 is 0."""
    reduction = reduction_of(reduction, size_average, reduce)
    losses = abs(sub(*_alike("l1_loss", input, target)))
    return reduced(losses, reduction) if weight is None else _weighted(losses, input, weight, reduction)


def smooth_l1_loss(
    input: Variable,
    target: Variable,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Variable:
    """`l1_loss`, less ``beta / 2``; of differences below ``beta`` their squares, so scaled that both meet (Girshick 2015).

    Arguments and errors are those of `mse_loss`.

    Raises:
        RuntimeError: ``beta`` is negative.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss does not support negative values for beta, as {beta} is")
    x, t = _alike("smooth_l1_loss", input, target)
    if beta == 0:
        return reduced(abs(sub(x, t)), reduction)
    refuse_integers("smooth_l1_loss", x, t)
    return SmoothL1Loss.apply(x, t, reduction=reduction, beta=beta)


def huber_loss(
    input: Variable, target: Variable, reduction: str = "mean", delta: float = 1.0, weight: Variable | None = None
) -> Variable:
    """Half the squares of differences up to ``delta``, and from there on a line, ``delta`` steep (Huber 1964).

    Arguments and errors are those of `mse_loss`; but the mean is over the number of elements, with a ``weight``, too.

    Raises:
        RuntimeError: ``delta`` is not positive.
    """
    reduction = reduction_of(reduction)
    if delta <= 0:
        raise RuntimeError(f"huber_loss does not support non-positive values for delta, as {delta} is")
    x, t = _alike("huber_loss", input, target)
    refuse_integers("huber_loss", x, t)
    if weight is None:
        return HuberLoss.apply(x, t, reduction=reduction, delta=delta)
    return reduced(mul(HuberLoss.apply(x, t, reduction="none", delta=delta), _fitting(weight, input)), reduction)


def reduction_of(reduction: str, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """``reduction``, or what the two arguments of 2017 say in its place.

    Raises:
        ValueError: it is none of "none", "mean" and "sum".
    """
    if size_average is not None or reduce is not None:
        reduction = "none" if reduce is not None and not reduce else "mean" if size_average in {None, True} else "sum"
        warnings.warn(
            f"size_average and reduce args will be deprecated, please use reduction='{reduction}' instead.", stacklevel=3
        )
    if reduction not in {"none", "mean", "sum"}:
        raise ValueError(f"{reduction} is not a valid value for reduction: it is 'none', 'mean' or 'sum'")
    return reduction


def reduced(losses: Variable, reduction: str) -> Variable:
    """One loss an element, or their mean, or their sum, as nodes of their own."""
    return losses if reduction == "none" else mean(losses) if reduction == "mean" else sum(losses)


def refuse_gradient(operation: str, **arguments: Any) -> None:
    """Raise where an argument requires a gradient that the operation does not have.

    Raises:
        RuntimeError: it does.
    """
    for name, value in arguments.items():
        if is_variable(value) and value.requires_grad and mode.recording:
            raise RuntimeError(
                f"The function '{operation}' is not differentiable with respect to argument '{name}'. This input cannot have "
                f"requires_grad True: give it {name}.detach()"
            )


def check_spreads(operation: str, name: str, value: Variable, input: Variable) -> None:
    """Refuse a ``value``, which has no gradient, where it requires one, or does not broadcast to the shape of ``input``.

    Raises:
        RuntimeError: it is so.
        TypeError: it is no Variable.
    """
    given, shape = argument(value, operation, name).shape, input.array.shape
    if broadcast_shape(operation, value, input) != shape:
        raise RuntimeError(f"{operation}: {name} of shape {list(given)} does not broadcast to the input's, {list(shape)}")
    refuse_gradient(operation, **{name: value})


def refuse_integers(operation: str, *values: Variable) -> None:
    """Raise where no argument is of floats.

    Raises:
        RuntimeError: none is.
    """
    if not any(each.array.dtype.kind == "f" for each in values):
        raise RuntimeError(f"{operation} is not implemented for {values[0].dtype}: use x.float()")


def refuse_swapped(operation: str, input: Variable, target: Any) -> None:
    """Raise where scores and classes have changed places.

    Raises:
        RuntimeError: the input is of integers, and the target of floats.
    """
    if input.array.dtype.kind != "f" and is_variable(target) and target.array.dtype.kind == "f":
        raise RuntimeError(
            f"{operation}(input, target): the input is of {input.dtype} and the target of {target.dtype}, so they seem to have "
            "changed places: the scores come first, then the classes"
        )


def _alike(operation: str, input: Variable, target: Variable) -> tuple[Variable, Variable]:
    """Both, in the shape that they broadcast to: rarely what is meant where they are not alike."""
    x, t = argument(input, operation, "input").shape, argument(target, operation, "target").shape
    if x == t:
        return input, target
    warnings.warn(
        f"Using a target size ({Size(t)}) that is different to the input size ({Size(x)}). This will likely lead to incorrect "
        "results due to broadcasting. Please ensure they have the same size.",
        stacklevel=3,
    )
    shape = broadcast_shape(operation, input, target)
    return (
        input if x == shape else Expand.apply(input, shape=shape),
        target if t == shape else Expand.apply(target, shape=shape),
    )


def broadcast_shape(operation: str, input: Variable, other: Variable) -> tuple[int, ...]:
    """The shape that both broadcast to.

    Raises:
        RuntimeError: they do not.
    """
    try:
        return np.broadcast_shapes(input.array.shape, other.array.shape)
    except ValueError:
        raise shapes_do_not_broadcast(operation, input.array.shape, other.array.shape) from None


def _weighted(losses: Variable, input: Variable, weight: Variable, reduction: str) -> Variable:
    total = reduced(mul(losses, _fitting(weight, input)), "sum" if reduction == "mean" else reduction)
    return div(total, sum(weight)) if reduction == "mean" else total


def _fitting(weight: Variable, input: Variable) -> Variable:
    if argument(weight, "loss", "weight").shape != input.array.shape:
        raise ValueError(f"Weights and input must have the same size: {list(weight.array.shape)} and {list(input.array.shape)}")
    return weight
