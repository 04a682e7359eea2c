"""Losses that are negative logarithms of probabilities: of yes or no, of a distribution, of a count, of a measured number."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from ...arrays.shapes import Size
from ...core.grad_mode import no_grad
from ...core.primitive import rule
from ...core.variable import Variable, is_variable, unrecorded
from ...tensor.dims import argument
from ..elementwise.arithmetic import Add, AddNumber, Div, Mul, MulNumber, Sub, div, pow, sub
from ..elementwise.compound import Logaddexp, log_of_sum, masked_fill
from ..elementwise.exponential import exp, log
from ..elementwise.special import xlogy
from ..network.activation import Sigmoid
from ..shaping.reshaping import clone, unsqueeze
from .losses import _Loss, check_spreads, reduced, reduction_of, refuse_integers

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "gaussian_nll_loss", "kl_div", "poisson_nll_loss"]


class BinaryCrossEntropy(_Loss):
    # Where a probability is 0, its logarithm counts as -100, and its reciprocal as 1e12: torch's choice.
    def forward(self, input, target, *, weight, reduction):
        with np.errstate(divide="ignore"):
            no, yes = np.maximum(np.log1p(-input), -100), np.maximum(np.log(input), -100)
        return self.reduced(((target - 1) * no - target * yes) * weight, reduction)

    @rule("grad * share * weight * (input - target) / maximum((1 - input) * input, 1e-12)")
    def grad_input(self, grad, input, target, weight):
        return grad * self.share * weight * (input - target) / np.maximum((1.0 - input) * input, 1e-12)

    @rule("grad * share * weight * (log1p(-input) - log(input))")
    def grad_target(self, grad, input, weight):
        return grad * self.share * weight * (np.log1p(-input) - np.log(input))


class BinaryCrossEntropyWithLogits(_Loss):
    # log(sigmoid(input)) is -logaddexp(0, -input), which does not overflow.
    def forward(self, input, target, *, weight, pos_weight, reduction):
        yes = log_of_sum(-input, 0.0)
        return self.reduced(((1 - target) * input + ((pos_weight - 1) * target + 1) * yes) * weight, reduction)

    @rule("grad * share * weight * ((pos_weight * target + 1 - target) * sigmoid(input) - pos_weight * target)")
    def grad_input(self, grad, input, target, weight, pos_weight):
        yes = pos_weight * target
        return grad * self.share * weight * ((yes + 1.0 - target) * Sigmoid.on(input) - yes)

    @rule("grad * share * weight * ((pos_weight - 1) * log(1 + exp(-input)) - input)")
    def grad_target(self, grad, input, weight, pos_weight):
        return grad * self.share * weight * ((pos_weight - 1.0) * Logaddexp.on(-input, 0.0) - input)


def binary_cross_entropy(
    input: Variable,
    target: Variable,
    weight: Variable | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Variable:
    """``-(target * log(input) + (1 - target) * log(1 - input))``: how surprising yes or no is, given the probability of yes.

    Args:
        input: probabilities, of any shape and of a floating dtype.
        target: 1 for yes, 0 for no, or a probability; of the same shape and dtype.
        weight: how much each element counts, of a shape that broadcasts.
        size_average: the form of 2017: False for the sum.
        reduce: the form of 2017: False for no reduction.
        reduction: "mean", "sum", or "none" for one loss an element.

    Raises:
        ValueError: another ``reduction``; or the shapes differ.
        RuntimeError: the dtypes do, or ``input`` is not all between 0 and 1.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    x, t = argument(input, "binary_cross_entropy", "input"), argument(target, "binary_cross_entropy", "target")
    if x.shape != t.shape:
        raise ValueError(
            f"Using a target size ({Size(t.shape)}) that is different to the input size ({Size(x.shape)}) is deprecated. Please "
            "ensure they have the same size."
        )
    refuse_integers("binary_cross_entropy", input)
    if x.dtype != t.dtype:
        raise RuntimeError(f"binary_cross_entropy: Found dtype {target.dtype} but expected {input.dtype}: convert the target")
    if not ((x >= 0) & (x <= 1)).all():
        raise RuntimeError(
            "all elements of input should be between 0 and 1, as sigmoid gives them; of scores, take "
            "binary_cross_entropy_with_logits"
        )
    if not ((t >= 0) & (t <= 1)).all():
        raise RuntimeError("all elements of target should be between 0 and 1: how likely the input should be")
    if weight is not None:
        check_spreads("binary_cross_entropy", "weight", weight, input)
    return BinaryCrossEntropy.apply(input, target, weight=1.0 if weight is None else weight, reduction=reduction)


def binary_cross_entropy_with_logits(
    input: Variable,
    target: Variable,
    weight: Variable | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Variable | None = None,
) -> Variable:
    """`binary_cross_entropy` of ``sigmoid(input)``, exact for large scores, too.

    Args:
        input: scores, of any shape and of a floating dtype.
        target: 1 for yes, 0 for no, or a probability; of the same shape.
        weight: how much each element counts, of a shape that broadcasts.
        size_average: the form of 2017: False for the sum.
        reduce: the form of 2017: False for no reduction.
        reduction: "mean", "sum", or "none" for one loss an element.
        pos_weight: how much a yes counts against a no, of a shape that broadcasts.

    Raises:
        ValueError: another ``reduction``; or the shapes of ``input`` and ``target`` differ.
        RuntimeError: those of the weights do not broadcast.

    >>> import microtorch
    >>> loss = microtorch.nn.functional.binary_cross_entropy_with_logits
    >>> loss(microtorch.tensor([0.0, 1000.0]), microtorch.tensor([0.5, 1.0]), reduction="none").exp().tolist()
    [2.0, 1.0]
    """
    operation = "binary_cross_entropy_with_logits"
    reduction = reduction_of(reduction, size_average, reduce)
    shape = argument(input, operation, "input").shape
    if argument(target, operation, "target").shape != shape:
        raise ValueError(f"Target size ({Size(target.array.shape)}) must be the same as input size ({Size(shape)})")
    refuse_integers(operation, input)
    refuse_integers(operation, target)
    weights: dict[str, Any] = {"weight": weight, "pos_weight": pos_weight}
    for name, each in weights.items():
        if each is None:
            weights[name] = 1.0
        else:
            check_spreads(operation, name, each, input)
    return BinaryCrossEntropyWithLogits.apply(input, target, **weights, reduction=reduction)


def kl_div(
    input: Variable,
    target: Variable,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Variable:
    """``target * (log(target) - input)``: how far the distribution ``exp(input)`` is from the distribution ``target``.

    Args:
        input: logarithms of probabilities, of any shape.
        target: probabilities; of the same shape, or of one that broadcasts.
        size_average: the form of 2017: False for the sum.
        reduce: the form of 2017: False for no reduction.
        reduction: "batchmean" for the sum over the number of rows, which is the divergence; "mean", "sum", or "none".
        log_target: whether ``target`` holds logarithms, too.

    Raises:
        ValueError: another ``reduction``.
        RuntimeError: integers.
    """
    x, t = argument(input, "kl_div", "input"), argument(target, "kl_div", "target")
    legacy = size_average is not None or reduce is not None
    if reduction == "mean" and not legacy:
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size. 'batchmean' divides only by "
            "the batch size, and aligns with the KL div math definition.",
            stacklevel=2,
        )
    rows = reduction == "batchmean" and not legacy
    reduction = reduction_of("sum" if rows else reduction, size_average, reduce)
    if x.dtype.kind != "f" or t.dtype.kind != "f":
        raise RuntimeError(f"kl_div: Integral inputs not supported: {input.dtype} and {target.dtype}; use x.float()")
    if log_target:
        losses = Mul.apply(exp(target), Sub.apply(target, input))
    else:
        losses = Sub.apply(xlogy(target, target), Mul.apply(target, input))
    result = reduced(losses, reduction)
    return div(result, x.shape[0]) if rows and x.ndim else result


def poisson_nll_loss(
    input: Variable,
    target: Variable,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Variable:
    """How surprising a count is, given how many are expected.

    Args:
        input: the logarithm of the expected number; or, where not ``log_input``, that number.
        target: the counts.
        log_input: which of the two.
        full: add Stirling's approximation of what does not depend on ``input``.
        size_average: the form of 2017: False for the sum.
        eps: what is added before a logarithm is taken.
        reduce: the form of 2017: False for no reduction.
        reduction: "mean", "sum", or "none" for one loss an element.

    Raises:
        ValueError: another ``reduction``.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    argument(input, "poisson_nll_loss", "input"), argument(target, "poisson_nll_loss", "target")
    if log_input:
        losses = Sub.apply(exp(input), Mul.apply(target, input))
    else:
        losses = Sub.apply(input, Mul.apply(target, log(AddNumber.apply(input, number=eps))))
    if full:
        half = MulNumber.apply(log(MulNumber.apply(target, number=2 * math.pi)), number=0.5)
        stirling = Add.apply(Sub.apply(Mul.apply(target, log(target)), target), half)
        losses = Add.apply(losses, masked_fill(stirling, target.detach() <= 1, 0.0))
    return reduced(losses, reduction)


def gaussian_nll_loss(
    input: Variable, target: Variable, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Variable:
    """How surprising a number is, given the mean and the variance of a normal distribution.

    Args:
        input: the means, of any shape.
        target: the numbers; of the same shape, or of one that broadcasts.
        var: the variances: a number; or a Variable of the same shape, or with a last dimension of length 1, or without that.
        full: add what does not depend on ``input`` and ``var``.
        eps: the smallest variance; what is below counts as that, and has its gradient.
        reduction: "mean", "sum", or "none" for one loss an element.

    Raises:
        ValueError: another ``reduction``, a negative variance, or another shape of it.
    """
    reduction = reduction_of(reduction)
    argument(input, "gaussian_nll_loss", "input"), argument(target, "gaussian_nll_loss", "target")
    if not is_variable(var):
        var = unrecorded(np.full_like(input.array, float(var)))
    if (var.array < 0).any():
        raise ValueError("var has negative entry/entries: a variance is 0 or more")
    var = clone(_fitting(var, input))
    with no_grad():
        var.clamp_(min=eps)
    losses = Mul.apply(Add.apply(log(var), Div.apply(pow(sub(input, target), 2), var)), 0.5)
    return reduced(Add.apply(losses, 0.5 * math.log(2 * math.pi)) if full else losses, reduction)


def _fitting(var: Variable, input: Variable) -> Variable:
    shape, given = input.array.shape, var.array.shape
    if given == shape:
        return var
    if given == shape[:-1]:
        return unsqueeze(var, -1)
    if len(given) != len(shape) or [n for m, n in zip(shape, given, strict=True) if m != n] != [1]:
        raise ValueError(
            f"var is of incorrect size: {list(given)} for an input of size {list(shape)}; it has the same, but for one length, "
            "which may be 1, or for the last, which may be left out"
        )
    return var
