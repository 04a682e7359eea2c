"""Steps: absolute value, sign, rounding, and the larger or smaller of two. At a kink or tie, torch's choice is taken."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...arrays.dtypes import result_dtype
from ...arrays.operands import refuse_bools
from ...core.primitive import Elementwise, Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, is_variable

__all__ = ["abs", "ceil", "clamp", "clamp_max", "clamp_min", "floor", "frac", "maximum", "minimum", "round", "sign", "trunc"]


class Abs(Primitive):
    def forward(self, input):
        refuse_bools(input, operation="abs")
        return np.abs(input)

    # At 0 the slope is 0.
    @rule("grad * sign(input)")
    def grad_input(self, grad, input):
        return grad * Sign.on(input)


class _Step(Primitive):
    """Flat wherever it has a derivative."""

    @rule("zeros_like(grad)")
    def grad_input(self, grad):
        return np.zeros_like(grad)


class Sign(_Step):
    def forward(self, input):
        if input.dtype.kind != "f":
            return input if input.dtype.kind == "b" else np.sign(input)
        # Of nan, the sign is 0: torch's choice.
        return np.subtract(input > 0.0, input < 0.0, dtype=np.int8).astype(input.dtype)


class Ceil(_Step):
    def forward(self, input):
        refuse_bools(input, operation="ceil")
        return np.ceil(input)


class Floor(_Step):
    def forward(self, input):
        refuse_bools(input, operation="floor")
        return np.floor(input)


class Trunc(_Step):
    def forward(self, input):
        refuse_bools(input, operation="trunc")
        return np.trunc(input)


class Round(_Step):
    constants = shown(decimals=0)

    def forward(self, input, *, decimals=0):
        refuse_bools(input, operation="round")
        self.decimals, self.overload = decimals, int(decimals != 0)
        return np.round(input, decimals)


class Frac(Primitive):
    def forward(self, input):
        if input.dtype.kind != "f":
            raise RuntimeError(f"frac() is not implemented for integers and bools, as this {input.dtype}: they have no fraction")
        return input - np.trunc(input)

    @rule("grad")
    def grad_input(self, grad):
        return grad


class Maximum(Elementwise):
    ufunc = np.maximum

    # Where both are equal, each gets half.
    @rule("where(input < other, 0, where(input == other, grad / 2, grad))")
    def grad_input(self, grad, input, other):
        return np.where(input < other, 0.0, np.where(input == other, grad / 2.0, grad))

    @rule("where(other < input, 0, where(input == other, grad / 2, grad))")
    def grad_other(self, grad, input, other):
        return np.where(other < input, 0.0, np.where(input == other, grad / 2.0, grad))


class Minimum(Elementwise):
    ufunc = np.minimum

    # Where both are equal, each gets half.
    @rule("where(input > other, 0, where(input == other, grad / 2, grad))")
    def grad_input(self, grad, input, other):
        return np.where(input > other, 0.0, np.where(input == other, grad / 2.0, grad))

    @rule("where(other > input, 0, where(input == other, grad / 2, grad))")
    def grad_other(self, grad, input, other):
        return np.where(other > input, 0.0, np.where(input == other, grad / 2.0, grad))


class Clamp(Primitive):
    overload = 1
    constants = shown(min=-math.inf, max=math.inf)

    def forward(self, input, *, min, max):
        self.min, self.max = -math.inf if min is None else min, math.inf if max is None else max
        dtype = result_dtype(input, *(each for each in (min, max) if each is not None))
        refuse_bools(np.empty(0, dtype), operation="clamp")
        return np.clip(input.astype(dtype, copy=False), min, max)

    # On a bound itself the gradient passes.
    @rule("where((input >= min) & (input <= max), grad, 0)")
    def grad_input(self, grad, input):
        return np.where((input >= self.min) & (input <= self.max), grad, 0.0)


class ClampTensor(Primitive):
    torch_name = "Clamp"

    def forward(self, input, min, max):
        dtype = result_dtype(input, *(each for each in (min, max) if isinstance(each, np.ndarray)))
        return np.minimum(np.maximum(input, min), max).astype(dtype, copy=False)

    @rule("where((input >= min) & (input <= max), grad, 0)")
    def grad_input(self, grad, input, min, max):
        return np.where((input >= min) & (input <= max), grad, 0.0)

    @rule("where((min < max) & (input < min), grad, 0)")
    def grad_min(self, grad, input, min, max):
        return np.where((min < max) & (input < min), grad, 0.0)

    @rule("where((input > max) | (max < min), grad, 0)")
    def grad_max(self, grad, input, min, max):
        return np.where((input > max) | (max < min), grad, 0.0)


class ClampMin(Clamp):
    overload = 0


class ClampMax(Clamp):
    overload = 0


class ClampMinTensor(Elementwise):
    torch_name = "ClampMin"
    overload = 1
    ufunc = np.maximum

    @rule("where(input >= other, grad, 0)")
    def grad_input(self, grad, input, other):
        return np.where(input >= other, grad, 0.0)

    @rule("where(input < other, grad, 0)")
    def grad_other(self, grad, input, other):
        return np.where(input < other, grad, 0.0)


class ClampMaxTensor(Elementwise):
    torch_name = "ClampMax"
    overload = 1
    ufunc = np.minimum

    @rule("where(input <= other, grad, 0)")
    def grad_input(self, grad, input, other):
        return np.where(input <= other, grad, 0.0)

    @rule("where(input > other, grad, 0)")
    def grad_other(self, grad, input, other):
        return np.where(input > other, grad, 0.0)


def abs(input: Variable) -> Variable:
    """The absolute value of each element. The gradient at 0 is 0."""
    return Abs.apply(input)


def sign(input: Variable) -> Variable:
    """-1, 0 or 1 for each element; 0 for nan. Its gradient is 0 everywhere."""
    return Sign.apply(input)


def ceil(input: Variable) -> Variable:
    """The smallest integer not below each element. Its gradient is 0 everywhere."""
    return Ceil.apply(input)


def floor(input: Variable) -> Variable:
    """The largest integer not above each element. Its gradient is 0 everywhere."""
    return Floor.apply(input)


def trunc(input: Variable) -> Variable:
    """Each element without its fraction. Its gradient is 0 everywhere."""
    return Trunc.apply(input)


def frac(input: Variable) -> Variable:
    """The fraction of each element, with its sign.

    >>> import microtorch
    >>> microtorch.frac(microtorch.tensor([1.5, -1.25])).tolist()
    [0.5, -0.25]
    """
    return Frac.apply(input)


def round(input: Variable, *, decimals: int = 0) -> Variable:
    """Each element, rounded to ``decimals`` places; halves go to the even neighbour. Its gradient is 0 everywhere.

    >>> import microtorch
    >>> microtorch.round(microtorch.tensor([0.5, 1.5, -1.2])).tolist()
    [0.0, 2.0, -1.0]
    """
    return Round.apply(input, decimals=decimals) if decimals else Round.apply(input)


def maximum(input: Any, other: Any) -> Variable:
    """The larger of two, element by element, of the shape both broadcast to; nan where one is nan.

    >>> import microtorch
    >>> microtorch.maximum(microtorch.tensor([1.0, 5.0]), microtorch.tensor([3.0, 2.0])).tolist()
    [3.0, 5.0]
    """
    return Maximum.apply(input, other)


def minimum(input: Any, other: Any) -> Variable:
    """The smaller of two, element by element, of the shape both broadcast to; nan where one is nan."""
    return Minimum.apply(input, other)


def clamp(input: Variable, min: Any = None, max: Any = None) -> Variable:
    """Each element, or the bound that it is beyond. The gradient is 0 beyond the bounds, and passes on them.

    Args:
        input: of any shape.
        min: the lower bound: a number, a Variable that broadcasts, or None for none.
        max: the upper bound, likewise; where it is below ``min``, it is what one gets.

    Raises:
        RuntimeError: both are None, or one is a number and the other a Variable.

    >>> import microtorch
    >>> microtorch.clamp(microtorch.tensor([-2.0, 0.5, 3.0]), 0, 1).tolist()
    [0.0, 0.5, 1.0]
    """
    bounds = [each for each in (min, max) if each is not None]
    if not bounds:
        raise RuntimeError("clamp: At least one of 'min' or 'max' must not be None")
    tensors = [is_variable(each) for each in bounds]
    if all(tensors):
        return ClampTensor.apply(input, -math.inf if min is None else min, math.inf if max is None else max)
    if any(tensors):
        raise TypeError("clamp: min and max must both be numbers, or both Variables")
    return Clamp.apply(input, min=min, max=max)


def clamp_min(input: Variable, min: Any) -> Variable:
    """Each element, or ``min``, a number or a Variable, where it is below: see `clamp`."""
    return ClampMinTensor.apply(input, min) if is_variable(min) else ClampMin.apply(input, min=min, max=None)


def clamp_max(input: Variable, max: Any) -> Variable:
    """Each element, or ``max``, a number or a Variable, where it is above: see `clamp`."""
    return ClampMaxTensor.apply(input, max) if is_variable(max) else ClampMax.apply(input, min=None, max=max)
