"""Less common functions of one or two elements: ``exp2``, ``xlogy``, ``logit``, ``copysign``, ``fmax`` and their kin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...arrays.dtypes import float64, to_floating
from ...arrays.operands import constant, refuse_bools
from ...arrays.shapes import shapes_do_not_broadcast
from ...core.primitive import Elementwise, Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of, is_variable, unrecorded
from ..undifferentiated import _Undifferentiated
from .arithmetic import pow
from .rounding import Sign, _Step

__all__ = [
    "copysign", "deg2rad", "exp2", "float_power", "fmax", "fmin", "heaviside", "logaddexp2", "logit", "positive", "rad2deg",
    "sgn", "signbit", "sinc", "xlogy",
]  # fmt: skip

LN2, PI, RADIANS = math.log(2), math.pi, math.pi / 180


class Exp2(Primitive):
    def forward(self, input):
        return np.exp2(to_floating(input))

    @rule("grad * out * 0.6931471805599453")
    def grad_input(self, grad, out):
        return grad * out * LN2


class Sgn(_Step):
    def forward(self, input):
        return Sign().forward(input)


class Deg2Rad(Primitive):
    def forward(self, input):
        return to_floating(input) * RADIANS

    @rule("grad * 0.017453292519943295")
    def grad_input(self, grad):
        return grad * RADIANS


class Rad2Deg(Primitive):
    def forward(self, input):
        return to_floating(input) / RADIANS

    @rule("grad / 0.017453292519943295")
    def grad_input(self, grad):
        return grad / RADIANS


# Near 0, the difference of cos(t) and sin(t) / t is lost in rounding; its power series, over t, in t * t, is not.
SINC_SLOPE = [(-1) ** k * 2 * k / math.factorial(2 * k + 1) for k in range(1, 9)]


def _sinc_slope(x: Any) -> Any:
    """The series at ``x``, by Horner's scheme."""
    total = x * 0.0
    for each in reversed(SINC_SLOPE):
        total = total * x + each
    return total


class Sinc(Primitive):
    series = staticmethod(_sinc_slope)

    def forward(self, input):
        with np.errstate(all="ignore"):
            return np.sinc(to_floating(input)).astype(to_floating(input).dtype)

    @rule(words="grad * (cos(pi * input) - sinc(input)) / input, 0 at 0")
    def grad_input(self, grad, input):
        turn = input * PI
        near = np.absolute(turn) < 1.0
        t, far = np.where(near, turn, 0.0), np.where(near, 1.0, turn)
        slope = np.where(near, t * self.series(t * t), (far * np.cos(far) - np.sin(far)) / (far * far))
        return grad * PI * slope


class Logit(Primitive):
    constants = shown(eps=None)

    def forward(self, input, *, eps):
        self.low, self.high = -math.inf if eps is None else eps, math.inf if eps is None else 1 - eps
        self.outside, self.eps = math.nan if eps is None else 0.0, eps
        x = np.clip(to_floating(input), self.low, self.high)
        return np.log(x / (1 - x))

    @rule(words="grad / (input * (1 - input)) where input is between eps and 1 - eps, or between 0 and 1")
    def grad_input(self, grad, input):
        inside = (input >= self.low) & (input <= self.high) & (input >= 0) & (input <= 1)
        x = np.where(inside, input, 0.5)
        return np.where(inside, grad / (x * (1.0 - x)), self.outside)


class Xlogy(Elementwise):
    floating = True
    ufunc = staticmethod(lambda x, y: np.where((x == 0) & ~np.isnan(y), x * 0.0, x * np.log(y)))

    @rule("grad * where((input == 0) & (other <= 0), 0, log(other))")
    def grad_input(self, grad, input, other):
        nothing = (input == 0) & (other <= 0)
        return grad * np.where(nothing, 0.0, np.log(np.where(nothing, 1.0, other)))

    @rule("grad * input / other")
    def grad_other(self, grad, input, other):
        return grad * input / other


class XlogyOfNumber(Primitive):
    """A number times the logarithm of a Variable."""

    torch_name = "Xlogy"
    overload = 1

    def forward(self, other, *, number):
        self.number = float(number)
        return Xlogy.compute(np.asarray(number, to_floating(other).dtype), other)

    @rule("grad * number / other")
    def grad_other(self, grad, other):
        return grad * self.number / other


class XlogyNumber(Primitive):
    """A Variable times the logarithm of a number."""

    torch_name = "Xlogy"
    overload = 2

    def forward(self, input, *, number):
        self.number, self.log = number, float(np.log(number))
        return Xlogy.compute(input, np.asarray(number, to_floating(input).dtype))

    @rule("grad * where((input == 0) & (number <= 0), zeros_like(input), log)")
    def grad_input(self, grad, input):
        return grad * np.where((input == 0) & (self.number <= 0), np.zeros_like(input), self.log)


class Copysign(Elementwise):
    floating = True
    ufunc = np.copysign

    @rule("grad * where(input == 0, 0, out / input)")
    def grad_input(self, grad, input, out):
        return grad * np.where(input == 0, 0.0, out / input)

    @rule("zeros_like(grad)")
    def grad_other(self, grad):
        return np.zeros_like(grad)


class CopysignNumber(Primitive):
    torch_name = "Copysign"
    overload = 1

    def forward(self, input, *, number):
        return Copysign.compute(input, number)

    @rule("grad * where(input == 0, 0, out / input)")
    def grad_input(self, grad, input, out):
        return grad * np.where(input == 0, 0.0, out / input)


class Heaviside(_Undifferentiated):
    operation = "heaviside"

    def forward(self, input, values):
        return np.where(input == 0, values, (input > 0).astype(input.dtype))


class Fmax(Elementwise):
    ufunc = np.fmax

    @rule("where((input >= other) | isnan(other), grad, 0)")
    def grad_input(self, grad, input, other):
        return np.where((input >= other) | np.isnan(other), grad, 0.0)

    @rule("where((input >= other) | isnan(other), 0, grad)")
    def grad_other(self, grad, input, other):
        return np.where((input >= other) | np.isnan(other), 0.0, grad)


class Fmin(Elementwise):
    ufunc = np.fmin

    @rule("where((input <= other) | isnan(other), grad, 0)")
    def grad_input(self, grad, input, other):
        return np.where((input <= other) | np.isnan(other), grad, 0.0)

    @rule("where((input <= other) | isnan(other), 0, grad)")
    def grad_other(self, grad, input, other):
        return np.where((input <= other) | np.isnan(other), 0.0, grad)


class Logaddexp2(Elementwise):
    floating = True
    ufunc = np.logaddexp2

    @rule("grad / (1 + 2 ** (other - input))")
    def grad_input(self, grad, input, other):
        return grad / (1.0 + np.exp((other - input) * LN2))

    @rule("grad / (1 + 2 ** (input - other))")
    def grad_other(self, grad, input, other):
        return grad / (1.0 + np.exp((input - other) * LN2))


def exp2(input: Variable) -> Variable:
    """``2 ** input`` of each element."""
    return Exp2.apply(input)


def sgn(input: Variable) -> Variable:
    """-1, 0 or 1 for each element, as ``sign``, of which it is the form for complex numbers. Its gradient is 0 everywhere."""
    return Sgn.apply(input)


def deg2rad(input: Variable) -> Variable:
    """Angles in degrees, as radians."""
    return Deg2Rad.apply(input)


def rad2deg(input: Variable) -> Variable:
    """Angles in radians, as degrees."""
    return Rad2Deg.apply(input)


def sinc(input: Variable) -> Variable:
    """``sin(pi * input) / (pi * input)`` of each element, and 1 at 0."""
    return Sinc.apply(input)


def logit(input: Variable, eps: float | None = None) -> Variable:
    """``log(input / (1 - input))`` of each element, clamped between ``eps`` and ``1 - eps`` first, if that is given.

    >>> import microtorch
    >>> microtorch.logit(microtorch.tensor([0.5])).tolist()
    [0.0]
    """
    return Logit.apply(input, eps=eps)


def xlogy(input: Any, other: Any) -> Variable:
    """``input * log(other)``, and 0 where ``input`` is 0 and ``other`` is no nan; both broadcast."""
    if is_variable(input) and is_variable(other):
        return Xlogy.apply(input, other)
    if is_variable(input):
        return XlogyNumber.apply(input, number=constant(other))
    return XlogyOfNumber.apply(other, number=constant(input))


def copysign(input: Variable, other: Any) -> Variable:
    """The size of ``input`` with the sign of ``other``, -0.0 being negative; both broadcast. The gradient at 0 is 0."""
    return Copysign.apply(input, other) if is_variable(other) else CopysignNumber.apply(input, number=constant(other))


def fmax(input: Variable, other: Variable) -> Variable:
    """The larger of two, element by element; where one is nan, the other."""
    return Fmax.apply(input, other)


def fmin(input: Variable, other: Variable) -> Variable:
    """The smaller of two, element by element; where one is nan, the other."""
    return Fmin.apply(input, other)


def logaddexp2(input: Variable, other: Variable) -> Variable:
    """``log2(2 ** input + 2 ** other)``, of the shape both broadcast to, without overflow."""
    return Logaddexp2.apply(input, other)


def float_power(input: Any, exponent: Any) -> Variable:
    """``input ** exponent``, computed in float64."""
    one, other = (each.to(float64) if is_variable(each) else each for each in (input, exponent))
    return pow(one, other)


def positive(input: Variable) -> Variable:
    """``input`` itself.

    Raises:
        RuntimeError: it is of bools.
    """
    refuse_bools(array_of(input), operation="positive")
    return input


def signbit(input: Variable) -> Variable:
    """Whether each element has a minus sign, as -0.0 has. It has no gradient."""
    array = array_of(input)
    return unrecorded(np.signbit(array) if array.dtype.kind == "f" else array < 0)


def heaviside(input: Variable, values: Variable) -> Variable:
    """0 for negative elements, 1 for positive ones, ``values`` at 0. ``backward()`` through it raises, as in torch.

    Raises:
        RuntimeError: the dtypes differ, or the shapes do not broadcast.
    """
    if array_of(input).dtype != array_of(values).dtype:
        raise RuntimeError(f"heaviside is not yet implemented for tensors with different dtypes: {input.dtype}, {values.dtype}")
    try:
        return Heaviside.apply(input, values)
    except ValueError:
        raise shapes_do_not_broadcast("heaviside", input.array.shape, values.array.shape) from None


def itself(input: Variable) -> Variable:
    """``+x``: the Variable itself, without a node."""
    return input
