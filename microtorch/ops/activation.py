"""Activations: ``leaky_relu``, ``elu``, ``gelu``, ``silu``, ``softplus`` and their kin. At a kink, torch's choice is taken."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..in_place import change
from ..node import array_of, refuse_bools
from ..primitive import Primitive, rule
from .arithmetic import add, div, sub
from .dims import axis_of
from .elementwise import Erf, Sigmoid, tanh
from .rounding import abs
from .shaping import view

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = [
    "celu", "elu", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "logsigmoid", "mish",
    "prelu", "relu6", "selu", "silu", "softplus", "softshrink", "softsign", "tanhshrink", "threshold",
]  # fmt: skip

# Klambauer et al. 2017, "Self-normalizing neural networks": fixed points of mean 0 and variance 1.
SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
ROOT_TWO, ROOT_TWO_PI, ROOT_TWO_OVER_PI = math.sqrt(2), math.sqrt(2 * math.pi), math.sqrt(2 / math.pi)


class LeakyRelu(Primitive):
    def forward(self, input, *, slope):
        self.slope = slope
        return np.where(input > 0, input, input * slope).astype(input.dtype, copy=False)

    @rule("where(input > 0, grad, grad * slope)")
    def grad_input(self, grad, input):
        return np.where(input > 0, grad, grad * self.slope)


class Elu(Primitive):
    def forward(self, input, *, alpha, scale=1.0, steepness=1.0, overload=0):
        self.alpha, self.scale, self.steepness, self.overload = alpha, scale, steepness, overload
        low = alpha * np.expm1(np.minimum(input, 0) * steepness)
        return np.where(input > 0, input, low).astype(input.dtype, copy=False) * scale

    @rule("grad * scale * where(input <= 0, alpha * steepness * exp(where(input < 0, input, 0) * steepness), 1)")
    def grad_input(self, grad, input):
        low = np.where(input < 0, input, 0.0)
        return grad * self.scale * np.where(input <= 0, self.alpha * self.steepness * np.exp(low * self.steepness), 1.0)


class Celu(Elu):
    pass


class Gelu(Primitive):
    def forward(self, input):
        return (input * 0.5 * (1.0 + Erf().forward(input / ROOT_TWO))).astype(input.dtype, copy=False)

    @rule(words="grad * (Phi(input) + input * phi(input)), of the standard normal distribution")
    def grad_input(self, grad, input):
        density = np.exp(input * input * -0.5) / ROOT_TWO_PI
        return grad * (0.5 * (1.0 + Erf.on(input / ROOT_TWO)) + input * density)


class GeluTanh(Primitive):
    torch_name = "Gelu"

    def forward(self, input):
        return 0.5 * input * (1.0 + np.tanh(ROOT_TWO_OVER_PI * (input + 0.044715 * input * input * input)))

    @rule(words="the derivative of input / 2 * (1 + tanh(sqrt(2 / pi) * (input + 0.044715 * input ** 3)))")
    def grad_input(self, grad, input):
        square = input * input
        t = np.tanh(ROOT_TWO_OVER_PI * (input + 0.044715 * input * square))
        slope = ROOT_TWO_OVER_PI * (1.0 + 3 * 0.044715 * square)
        return grad * (0.5 * (1.0 + t) + 0.5 * input * (1.0 - t * t) * slope)


class Silu(Primitive):
    def forward(self, input):
        return input / (1.0 + np.exp(-input))

    @rule("grad * sigmoid(input) * (1 + input * (1 - sigmoid(input)))")
    def grad_input(self, grad, input):
        s = Sigmoid.on(input)
        return grad * s * (1.0 + input * (1.0 - s))


class Mish(Primitive):
    def forward(self, input):
        return input * np.tanh(np.logaddexp(input, 0.0, dtype=input.dtype))

    @rule("grad * (tanh(log1p(exp(input))) + input * sigmoid(input) * (1 - tanh(log1p(exp(input))) ** 2))")
    def grad_input(self, grad, input):
        t = np.tanh(np.logaddexp(input, input * 0.0))
        return grad * (t + input * Sigmoid.on(input) * (1.0 - t * t))


class Softplus(Primitive):
    def forward(self, input, *, beta, threshold):
        self.beta, self.threshold = beta, threshold
        scaled = input * beta
        return np.where(scaled > threshold, input, np.logaddexp(scaled, 0.0, dtype=input.dtype) / beta).astype(
            input.dtype, copy=False
        )

    @rule("where(input * beta > threshold, grad, grad * sigmoid(input * beta))")
    def grad_input(self, grad, input):
        return np.where(input * self.beta > self.threshold, grad, grad * Sigmoid.on(input * self.beta))


class LogSigmoid(Primitive):
    def forward(self, input):
        return -np.logaddexp(-input, 0.0, dtype=input.dtype)

    @rule("grad * sigmoid(-input)")
    def grad_input(self, grad, input):
        return grad * Sigmoid.on(-input)


class Hardtanh(Primitive):
    def forward(self, input, *, low, high):
        self.low, self.high = low, high
        return np.clip(input, low, high)

    @rule("where((input <= low) | (input >= high), 0, grad)")
    def grad_input(self, grad, input):
        return np.where((input <= self.low) | (input >= self.high), 0.0, grad)


class Hardsigmoid(Primitive):
    def forward(self, input):
        return np.clip(input + 3, 0, 6) / 6

    @rule("where((input > -3) & (input < 3), grad / 6, 0)")
    def grad_input(self, grad, input):
        return np.where((input > -3) & (input < 3), grad / 6.0, 0.0)


class Hardswish(Primitive):
    def forward(self, input):
        return input * np.clip(input + 3, 0, 6) / 6

    @rule("where(input <= -3, 0, where(input < 3, grad * (input / 3 + 0.5), grad))")
    def grad_input(self, grad, input):
        return np.where(input <= -3, 0.0, np.where(input < 3, grad * (input / 3.0 + 0.5), grad))


class Softshrink(Primitive):
    def forward(self, input, *, lambd):
        self.lambd = lambd
        beyond = np.where(input > lambd, input - lambd, np.where(input < -lambd, input + lambd, input * 0.0))
        return beyond.astype(input.dtype, copy=False)

    @rule("where((input >= -lambd) & (input <= lambd), 0, grad)")
    def grad_input(self, grad, input):
        return np.where((input >= -self.lambd) & (input <= self.lambd), 0.0, grad)


class Hardshrink(Primitive):
    def forward(self, input, *, lambd):
        self.lambd = lambd
        return np.where((input >= -lambd) & (input <= lambd), 0, input).astype(input.dtype, copy=False)

    @rule("where((input >= -lambd) & (input <= lambd), 0, grad)")
    def grad_input(self, grad, input):
        return np.where((input >= -self.lambd) & (input <= self.lambd), 0.0, grad)


class Threshold(Primitive):
    def forward(self, input, *, threshold, value):
        self.threshold = threshold
        return np.where(input <= threshold, np.asarray(value, input.dtype), input)

    @rule("where(input <= threshold, 0, grad)")
    def grad_input(self, grad, input):
        return np.where(input <= self.threshold, 0.0, grad)


class PreluKernel(Primitive):
    def forward(self, input, weight):
        return np.where(input > 0, input, weight * input)

    @rule("where(input > 0, grad, weight * grad)")
    def grad_input(self, grad, input, weight):
        return np.where(input > 0, grad, weight * grad)

    @rule("where(input > 0, 0, input * grad)")
    def grad_weight(self, grad, input):
        return np.where(input > 0, 0.0, input * grad)


class Glu(Primitive):
    def forward(self, input, *, dim):
        half, before = input.shape[dim] // 2, (slice(None),) * dim
        self.dim, self.first, self.second = dim, (*before, slice(half)), (*before, slice(half, None))
        value, gate = np.split(input, 2, dim)
        return value / (1.0 + np.exp(-gate))

    @rule(
        words="for the first half grad * sigmoid(second), for the second grad * first * sigmoid(second) * (1 - sigmoid(second))"
    )
    def grad_input(self, grad, input):
        value, gate = input[self.first], Sigmoid.on(input[self.second])
        return np.concatenate((grad * gate, grad * value * gate * (1.0 - gate)), self.dim)


def leaky_relu(input: Variable, negative_slope: float = 0.01, inplace: bool = False) -> Variable:
    """Each element, or ``negative_slope`` times it where it is not positive.

    Args:
        input: of any shape and of a floating dtype.
        negative_slope: the slope below 0, and at it.
        inplace: write the result into ``input``.
    """
    return _applied(LeakyRelu, input, inplace, slope=negative_slope)


def elu(input: Variable, alpha: float = 1.0, inplace: bool = False) -> Variable:
    """Each element, or ``alpha * (exp(element) - 1)`` where it is not positive."""
    return _applied(Elu, input, inplace, alpha=alpha)


def celu(input: Variable, alpha: float = 1.0, inplace: bool = False) -> Variable:
    """Each element, or ``alpha * (exp(element / alpha) - 1)`` where it is not positive.

    Raises:
        RuntimeError: ``alpha`` is 0.
    """
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return _applied(Celu, input, inplace, alpha=alpha, steepness=1 / alpha)


def selu(input: Variable, inplace: bool = False) -> Variable:
    """A scaled ``elu``, whose constants keep mean 0 and variance 1 (Klambauer et al. 2017)."""
    return _applied(Elu, input, inplace, alpha=SELU_ALPHA, scale=SELU_SCALE)


def gelu(input: Variable, approximate: str = "none") -> Variable:
    """Each element times the probability that a standard normal number is below it (Hendrycks and Gimpel 2016).

    Args:
        input: of any shape and of a floating dtype.
        approximate: "none", or "tanh" for the approximation by a hyperbolic tangent.

    Raises:
        RuntimeError: ``approximate`` is neither.
    """
    if approximate not in {"none", "tanh"}:
        raise RuntimeError(f"approximate argument must be either none or tanh, not {approximate!r}")
    return (Gelu if approximate == "none" else GeluTanh).apply(_floating(input, "gelu"))


def silu(input: Variable, inplace: bool = False) -> Variable:
    """``input * sigmoid(input)``, also known as swish."""
    return _applied(Silu, input, inplace)


def mish(input: Variable, inplace: bool = False) -> Variable:
    """``input * tanh(softplus(input))`` (Misra 2019)."""
    return _applied(Mish, input, inplace)


def softplus(input: Variable, beta: float = 1.0, threshold: float = 20.0) -> Variable:
    """``log(1 + exp(beta * input)) / beta``, without overflow; ``input`` itself where ``beta * input`` is above ``threshold``."""
    return Softplus.apply(_floating(input, "softplus"), beta=beta, threshold=threshold)


def logsigmoid(input: Variable) -> Variable:
    """``log(sigmoid(input))``, without overflow."""
    return LogSigmoid.apply(_floating(input, "logsigmoid"))


def softsign(input: Variable) -> Variable:
    """``input / (1 + abs(input))``."""
    return div(input, add(abs(input), 1))


def tanhshrink(input: Variable) -> Variable:
    """``input - tanh(input)``."""
    return sub(input, tanh(input))


def softshrink(input: Variable, lambd: float = 0.5) -> Variable:
    """Each element, ``lambd`` nearer to 0; 0 where it is not farther from it than that.

    Raises:
        RuntimeError: ``lambd`` is negative.
    """
    if lambd < 0:
        raise RuntimeError(f"lambda must be greater or equal to 0, but found to be {lambd}.")
    return Softshrink.apply(_floating(input, "softshrink"), lambd=lambd)


def hardshrink(input: Variable, lambd: float = 0.5) -> Variable:
    """Each element, or 0 where it is not farther from 0 than ``lambd``."""
    return Hardshrink.apply(_floating(input, "hardshrink"), lambd=lambd)


def hardtanh(input: Variable, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Variable:
    """Each element, or the bound that it is beyond. The gradient on a bound is 0.

    Raises:
        ValueError: ``min_val`` is above ``max_val``.
    """
    if min_val > max_val:
        raise ValueError(f"min_val cannot be greater than max_val: {min_val} and {max_val}")
    return _applied(Hardtanh, input, inplace, low=min_val, high=max_val)


def relu6(input: Variable, inplace: bool = False) -> Variable:
    """``hardtanh`` between 0 and 6."""
    return hardtanh(input, 0.0, 6.0, inplace)


def hardsigmoid(input: Variable, inplace: bool = False) -> Variable:
    """``input / 6 + 1 / 2``, between 0 and 1."""
    return _applied(Hardsigmoid, input, inplace)


def hardswish(input: Variable, inplace: bool = False) -> Variable:
    """``input * hardsigmoid(input)`` (Howard et al. 2019)."""
    return _applied(Hardswish, input, inplace)


def threshold(input: Variable, threshold: float, value: float, inplace: bool = False) -> Variable:
    """Each element, or ``value`` where it is not above ``threshold``."""
    return _applied(Threshold, input, inplace, threshold=threshold, value=value)


def prelu(input: Variable, weight: Variable) -> Variable:
    """Each element, or ``weight`` times it where it is not positive (He et al. 2015).

    Args:
        input: of shape (N, C, …); of fewer dimensions, C is 1.
        weight: of one element, or of C.

    Raises:
        RuntimeError: ``weight`` has another number of elements.
    """
    array, slopes = array_of(input), array_of(weight)
    if slopes.size == 1:
        shape: tuple[int, ...] = (1,) * array.ndim
    else:
        channels = array.shape[1] if array.ndim > 1 else 1
        if slopes.ndim != 1 or slopes.size != channels:
            raise RuntimeError(
                f"Mismatch of parameter numbers and input channel size. Found parameter numbers = {slopes.size} and channel size "
                f"= {channels}."
            )
        shape = (1, channels, *(1,) * (array.ndim - 2))
    return PreluKernel.apply(input, view(weight, shape))


def glu(input: Variable, dim: int = -1) -> Variable:
    """The first half along ``dim``, times the sigmoid of the second (Dauphin et al. 2017).

    Raises:
        RuntimeError: the length of ``dim`` is odd, or there are no dimensions.
    """
    axis = axis_of(input, dim)
    if not input.array.ndim:
        raise RuntimeError("glu does not support 0-dimensional tensors")
    if input.array.shape[axis] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim} is size {input.array.shape[axis]}")
    return Glu.apply(input, dim=axis)


def _floating(input: Variable, name: str) -> Variable:
    if array_of(input).dtype.kind != "f":
        raise RuntimeError(f"{name}() is not implemented for {input.dtype}: use x.float()")
    return input


def _applied(operation: type[Primitive], input: Variable, inplace: bool, **parameters: Any) -> Variable:
    name = operation.__name__.lower()
    if operation not in {Hardtanh, Threshold}:
        _floating(input, name)
    refuse_bools(array_of(input), operation=name)
    if not inplace:
        return operation.apply(input, **parameters)
    if operation is Elu:
        parameters["overload"] = 1  # torch saves the result instead of the input there
    return change(input, f"{name}_", operation.apply, **parameters)
