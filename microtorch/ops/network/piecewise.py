"""Activations made of pieces: ``relu``, ``hardtanh``, ``softshrink`` and their kin. At a kink, torch's choice is taken."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...arrays.operands import refuse_bools
from ...core.in_place import change
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of
from ...random import numbers_of
from ..selection.choosing import Choose, Clear, chosen
from ..shaping.reshaping import view
from .activation import applied, floating

__all__ = [
    "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "prelu", "relu", "relu6", "rrelu", "softshrink",
    "threshold",
]  # fmt: skip


class Relu(Primitive):
    def forward(self, input):
        if input.dtype.kind == "f":
            return np.maximum(input, 0.0)  # which NumPy takes faster than 0
        refuse_bools(input, operation="relu")
        return np.maximum(input, 0)

    # At 0 the slope is 0, at nan it is 1: torch's choice.
    @rule("where(out <= 0, 0, grad)", flat=True)
    def grad_input(self, grad, out):
        return Clear.on(grad, where=out <= 0.0)


class LeakyRelu(Primitive):
    constants = shown("negative_slope")

    def forward(self, input, *, slope, overload=0):
        self.negative_slope, self.overload = slope, overload
        below = input * slope
        if isinstance(slope, float) and 0 < slope <= 1:
            return np.maximum(input, below)
        return chosen(input > 0.0, input, below)

    @rule("where(input > 0, grad, grad * negative_slope)", flat=True)
    def grad_input(self, grad, input):
        return Choose.on(grad, grad * self.negative_slope, where=input > 0.0)


class RreluWithNoise(LeakyRelu):
    """Of which ``negative_slope`` is one number, or a random one for each element."""


class PreluKernel(Primitive):
    def forward(self, input, weight):
        return chosen(input > 0.0, input, weight * input)

    @rule("where(input > 0, grad, weight * grad)", flat=True)
    def grad_input(self, grad, input, weight):
        return Choose.on(grad, weight * grad, where=input > 0.0)

    @rule("where(input > 0, 0, input * grad)", flat=True)
    def grad_weight(self, grad, input):
        return Clear.on(input * grad, where=input > 0.0)


class Threshold(Primitive):
    constants = shown("threshold", "value")

    def forward(self, input, *, threshold, value, overload=0):
        self.threshold, self.value, self.overload = threshold, value, overload
        return np.where(input <= threshold, np.asarray(value, input.dtype), input)

    @rule("where(input <= threshold, 0, grad)", flat=True)
    def grad_input(self, grad, input):
        return Clear.on(grad, where=input <= self.threshold)


class Hardtanh(Primitive):
    constants = shown("min_val", "max_val")

    def forward(self, input, *, low, high):
        self.min_val, self.max_val = low, high
        return np.clip(input, low, high).astype(input.dtype, copy=False)

    @rule("where((input <= min_val) | (input >= max_val), 0, grad)", flat=True)
    def grad_input(self, grad, input):
        return Clear.on(grad, where=(input <= self.min_val) | (input >= self.max_val))


class Hardsigmoid(Primitive):
    def forward(self, input):
        return np.clip(input + 3, 0, 6) / 6

    @rule("where((input > -3) & (input < 3), grad / 6, 0)", flat=True)
    def grad_input(self, grad, input):
        return Clear.on(grad / 6.0, where=np.logical_not((input > -3.0) & (input < 3.0)))


class Hardswish(Primitive):
    def forward(self, input):
        out = np.clip(input + 3.0, 0.0, 6.0)
        out *= input
        out /= 6.0
        return out

    @rule("where(input <= -3, 0, where(input < 3, grad * (input / 3 + 0.5), grad))")
    def grad_input(self, grad, input):
        return grad * HardswishSlope.on(input)


class HardswishSlope(Primitive):
    """The derivative of hardswish, in place: from -0.5 to 1.5, and beyond, half a step back to 0 and 1."""

    def forward(self, input):
        out = np.clip(input, -3.0, 3.0)
        out /= 3.0
        out += 0.5
        beyond = (input >= 3.0).view(np.int8) - (input <= -3.0).view(np.int8)
        out -= beyond * out.dtype.type(0.5)
        return np.where(np.isnan(out), 1.0, out) if np.isnan(out).any() else out  # of nan, it is 1: torch's choice

    @rule("where((input > -3) & (input < 3), grad / 3, 0)")
    def grad_input(self, grad, input):
        return Clear.on(grad / 3.0, where=np.logical_not((input > -3.0) & (input < 3.0)))


class Softshrink(Primitive):
    constants = shown("lambd")

    def forward(self, input, *, lambd):
        self.lambd = lambd
        return input - np.clip(input, -lambd, lambd)

    @rule("where((input >= -lambd) & (input <= lambd), 0, grad)", flat=True)
    def grad_input(self, grad, input):
        return Clear.on(grad, where=(input >= -self.lambd) & (input <= self.lambd))


class Hardshrink(Primitive):
    constants = shown("lambd")

    def forward(self, input, *, lambd):
        self.lambd = lambd
        return Clear.on(input, where=(input >= -lambd) & (input <= lambd))

    @rule("where((input >= -lambd) & (input <= lambd), 0, grad)", flat=True)
    def grad_input(self, grad, input):
        return Clear.on(grad, where=(input >= -self.lambd) & (input <= self.lambd))


def leaky_relu(input: Variable, negative_slope: float = 0.01, inplace: bool = False) -> Variable:
    """Each element, or ``negative_slope`` times it where it is not positive.

    Args:
        input: of any shape and of a floating dtype.
        negative_slope: the slope below 0, and at it.
        inplace: write the result into ``input``.
    """
    return applied(LeakyRelu, floating(input, "leaky_relu"), inplace, "leaky_relu", slope=negative_slope)


def rrelu(input: Variable, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, inplace: bool = False) -> Variable:
    """`leaky_relu` with a slope between two bounds: a random one for each element in training, else their mean (Xu et al. 2015).

    Raises:
        RuntimeError: ``lower`` is above ``upper``, or one is not finite.
    """
    if not (math.isfinite(lower) and math.isfinite(upper)):
        raise RuntimeError(f"rrelu: lower and upper bound must be finite, got {lower} and {upper}")
    if lower > upper:
        raise RuntimeError(f"Lower bound should be less than or equal to the upper bound: {lower} and {upper}")
    array = floating(input, "rrelu").array
    slope: Any = (lower + upper) / 2
    if training:
        slope = np.asarray(numbers_of(None).uniform(lower, upper, array.shape), array.dtype)
    return applied(RreluWithNoise, input, inplace, "rrelu", slope=slope)


def prelu(input: Variable, weight: Variable) -> Variable:
    """Each element, or ``weight`` times it where it is not positive (He et al. 2015).

    Args:
        input: of shape (N, C, …); of fewer dimensions, C is 1.
        weight: of one element, or of C; and of the dtype of ``input``.

    Raises:
        RuntimeError: ``weight`` has another number of elements, or another dtype.
    """
    array, slopes = floating(input, "prelu").array, array_of(weight)
    if slopes.ndim > 1:
        raise RuntimeError(f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {slopes.ndim}")
    if array.dtype != slopes.dtype:
        raise RuntimeError(f"prelu: Type promoting not supported. Got {input.dtype} and {weight.dtype}: convert one with .to()")
    channels = array.shape[1] if array.ndim > 1 else 1
    if slopes.size not in {1, channels}:
        raise RuntimeError(
            f"Mismatch of parameter numbers and input channel size. Found parameter numbers = {slopes.size} and channel size "
            f"= {channels}."
        )
    if array.ndim != slopes.ndim:
        weight = view(weight, *(slopes.size if i == 1 else 1 for i in range(array.ndim)))
    return PreluKernel.apply(input, weight)


def threshold(input: Variable, threshold: float, value: float, inplace: bool = False) -> Variable:
    """Each element, or ``value`` where it is not above ``threshold``."""
    refuse_bools(array_of(input), operation="threshold")
    return applied(Threshold, input, inplace, "threshold", threshold=threshold, value=value)


def hardtanh(input: Variable, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Variable:
    """Each element, or the bound that it is beyond. The gradient on a bound is 0.

    Raises:
        ValueError: ``min_val`` is above ``max_val``.
    """
    if min_val > max_val:
        raise ValueError(f"min_val cannot be greater than max_val: {min_val} and {max_val}")
    refuse_bools(array_of(input), operation="hardtanh")
    return applied(Hardtanh, input, inplace, "hardtanh", low=min_val, high=max_val)


def relu6(input: Variable, inplace: bool = False) -> Variable:
    """``hardtanh`` between 0 and 6."""
    return hardtanh(input, 0.0, 6.0, inplace)


def hardsigmoid(input: Variable, inplace: bool = False) -> Variable:
    """``input / 6 + 1 / 2``, between 0 and 1."""
    return applied(Hardsigmoid, floating(input, "hardsigmoid"), inplace, "hardsigmoid")


def hardswish(input: Variable, inplace: bool = False) -> Variable:
    """``input * hardsigmoid(input)`` (Howard et al. 2019)."""
    return applied(Hardswish, floating(input, "hardswish"), inplace, "hardswish")


def softshrink(input: Variable, lambd: float = 0.5) -> Variable:
    """Each element, ``lambd`` nearer to 0; 0 where it is not farther from it than that.

    Raises:
        RuntimeError: ``lambd`` is negative.
    """
    if lambd < 0:
        raise RuntimeError(f"lambda must be greater or equal to 0, but found to be {lambd}.")
    return Softshrink.apply(floating(input, "softshrink"), lambd=lambd)


def hardshrink(input: Variable, lambd: float = 0.5) -> Variable:
    """Each element, or 0 where it is not farther from 0 than ``lambd``."""
    return Hardshrink.apply(floating(input, "hardshrink"), lambd=lambd)


def relu(input: Variable, inplace: bool = False) -> Variable:
    """Each element, or 0 where it is negative; ``inplace``, written into ``input``. The gradient at 0 is 0."""
    return change(input, "relu_", Relu.apply) if inplace else Relu.apply(input)
