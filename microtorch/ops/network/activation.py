"""Activations that are smooth, for the most part: ``sigmoid``, ``elu``, ``gelu``, ``silu``, ``softplus`` and their kin."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np

from ...arrays.dtypes import Array, to_floating
from ...core.in_place import change
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of
from ...tensor.dims import axis_of
from ..elementwise.arithmetic import add, div, sub
from ..elementwise.compound import Logaddexp, log_of_sum
from ..elementwise.error_function import erf_of
from ..elementwise.exponential import tanh
from ..elementwise.rounding import abs
from ..selection.choosing import Choose, Clear, chosen

__all__ = [
    "celu", "elu", "gelu", "glu", "logsigmoid", "mish", "selu", "sigmoid", "silu", "softplus", "softsign", "tanhshrink",
]  # fmt: skip

# Klambauer et al. 2017, "Self-normalizing neural networks": fixed points of mean 0 and variance 1.
SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
ROOT_TWO, ROOT_TWO_PI, ROOT_TWO_OVER_PI = math.sqrt(2), math.sqrt(2 * math.pi), math.sqrt(2 / math.pi)


class Sigmoid(Primitive):
    def forward(self, input):
        with np.errstate(over="ignore"):  # far below 0, exp(-input) is inf, and its reciprocal 0, as it should be
            return 1.0 / (1.0 + np.exp(-to_floating(input)))

    @rule("grad * (1 - out) * out")
    def grad_input(self, grad, out):
        return grad * (1.0 - out) * out


class Elu(Primitive):
    constants = shown(alpha=1, scale=1, input_scale=1)

    def forward(self, input, *, alpha, scale=1.0, steepness=1.0, overload=0):
        self.alpha, self.scale, self.input_scale, self.overload = alpha, scale, steepness, overload
        low = alpha * np.expm1(np.clip(input, -math.inf, 0.0) * steepness)  # above 0, it adds 0
        return (np.clip(input, 0.0, math.inf) + low) * scale

    @rule("grad * scale * where(input <= 0, alpha * input_scale * exp(where(input < 0, input, 0) * input_scale), 1)")
    def grad_input(self, grad, input):
        low, grad = Clear.on(input, where=np.logical_not(input < 0.0)), grad * self.scale
        slope = self.alpha * self.input_scale * np.exp(low * self.input_scale)
        return Choose.on(grad * slope, grad, where=input <= 0.0)


class Celu(Elu):
    constants = shown(alpha=1)


def below(input: Array) -> Array:
    """The probability that a standard normal number is below each element."""
    out = erf_of(np.asarray(input * (1 / ROOT_TWO)))
    out += 1.0
    out *= 0.5
    return out


class Gelu(Primitive):
    approximate, constants = "none", shown(approximate="none")

    def forward(self, input):
        out = below(input)
        out *= input
        return out

    @rule(words="grad * (Phi(input) + input * phi(input)), of the standard normal distribution")
    def grad_input(self, grad, input):
        return grad * GeluSlope.on(input)


class GeluSlope(Primitive):
    """The derivative of gelu, in place."""

    def forward(self, input):
        weighed = np.asarray(input * input)
        weighed *= -0.5
        np.exp(weighed, weighed)
        weighed *= input
        weighed *= 1 / ROOT_TWO_PI
        weighed += below(input)
        return weighed

    @rule("grad * (2 - input * input) * exp(input * input * -0.5) / 2.5066282746310002")
    def grad_input(self, grad, input):
        return grad * (2.0 - input * input) * np.exp(input * input * -0.5) / ROOT_TWO_PI


class GeluTanh(Primitive):
    torch_name = "Gelu"
    approximate, constants = "tanh", shown(approximate="none")

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
        return input * Sigmoid().forward(input)

    @rule("grad * sigmoid(input) * (1 + input * (1 - sigmoid(input)))")
    def grad_input(self, grad, input):
        s = Sigmoid.on(input)
        return grad * s * (1.0 + input * (1.0 - s))


class Mish(Primitive):
    def forward(self, input):
        return input * np.tanh(log_of_sum(input, 0.0))

    @rule("grad * (tanh(log1p(exp(input))) + input * sigmoid(input) * (1 - tanh(log1p(exp(input))) ** 2))")
    def grad_input(self, grad, input):
        t = np.tanh(Logaddexp.on(input, 0.0))
        return grad * (t + input * Sigmoid.on(input) * (1.0 - t * t))


class Softplus(Primitive):
    constants = shown(beta=1, threshold=20)

    def forward(self, input, *, beta, threshold):
        self.beta, self.threshold = beta, threshold
        scaled = input * beta
        return chosen(scaled > threshold, input, log_of_sum(scaled, 0.0) / beta)

    @rule("where(input * beta > threshold, grad, grad * sigmoid(input * beta))")
    def grad_input(self, grad, input):
        scaled = input * self.beta
        return Choose.on(grad, grad * Sigmoid.on(scaled), where=scaled > self.threshold)


class LogSigmoid(Primitive):
    def forward(self, input):
        return -log_of_sum(-input, 0.0)

    @rule("grad * sigmoid(-input)")
    def grad_input(self, grad, input):
        return grad * Sigmoid.on(-input)


class Glu(Primitive):
    constants = shown("dim")

    def forward(self, input, *, dim):
        half, before = input.shape[dim] // 2, (slice(None),) * dim
        self.dim, self.first, self.second = dim, (*before, slice(half)), (*before, slice(half, None))
        value, gate = np.split(input, 2, dim)
        return value * Sigmoid().forward(gate)

    @rule(
        words="for the first half grad * sigmoid(second), for the second grad * first * sigmoid(second) * (1 - sigmoid(second))"
    )
    def grad_input(self, grad, input):
        value, gate = input[self.first], Sigmoid.on(input[self.second])
        return np.concatenate((grad * gate, grad * value * gate * (1.0 - gate)), self.dim)


def elu(input: Variable, alpha: float = 1.0, inplace: bool = False) -> Variable:
    """Each element, or ``alpha * (exp(element) - 1)`` where it is not positive."""
    return applied(Elu, floating(input, "elu"), inplace, "elu", alpha=alpha)


def celu(input: Variable, alpha: float = 1.0, inplace: bool = False) -> Variable:
    """Each element, or ``alpha * (exp(element / alpha) - 1)`` where it is not positive.

    Raises:
        RuntimeError: ``alpha`` is 0.
    """
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return applied(Celu, floating(input, "celu"), inplace, "celu", alpha=alpha, steepness=1 / alpha)


def selu(input: Variable, inplace: bool = False) -> Variable:
    """A scaled ``elu``, whose constants keep mean 0 and variance 1 (Klambauer et al. 2017)."""
    return applied(Elu, floating(input, "elu"), inplace, "elu", alpha=SELU_ALPHA, scale=SELU_SCALE)


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
    return (Gelu if approximate == "none" else GeluTanh).apply(floating(input, "gelu"))


def silu(input: Variable, inplace: bool = False) -> Variable:
    """``input * sigmoid(input)``, also known as swish."""
    return applied(Silu, floating(input, "silu"), inplace, "silu")


def mish(input: Variable, inplace: bool = False) -> Variable:
    """``input * tanh(softplus(input))`` (Misra 2019)."""
    return applied(Mish, floating(input, "mish"), inplace, "mish")


def softplus(input: Variable, beta: float = 1.0, threshold: float = 20.0) -> Variable:
    """``log(1 + exp(beta * input)) / beta``, without overflow; ``input`` itself where ``beta * input`` is above ``threshold``."""
    return Softplus.apply(floating(input, "softplus"), beta=beta, threshold=threshold)


def logsigmoid(input: Variable) -> Variable:
    """``log(sigmoid(input))``, without overflow."""
    return LogSigmoid.apply(floating(input, "logsigmoid"))


def softsign(input: Variable) -> Variable:
    """``input / (1 + abs(input))``."""
    return div(input, add(abs(input), 1))


def tanhshrink(input: Variable) -> Variable:
    """``input - tanh(input)``."""
    return sub(input, tanh(input))


def glu(input: Variable, dim: int = -1) -> Variable:
    """The first half along ``dim``, times the sigmoid of the second (Dauphin et al. 2017).

    Raises:
        RuntimeError: the length of ``dim`` is odd, or there are no dimensions.
    """
    axis = axis_of(input, dim)
    if not input.array.ndim:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    if input.array.shape[axis] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim} is size {input.array.shape[axis]}")
    return Glu.apply(floating(input, "glu"), dim=axis)


def floating(input: Variable, name: str) -> Variable:
    """``input``, found to be of floats.

    Raises:
        RuntimeError: it is not.
    """
    if array_of(input).dtype.kind != "f":
        raise RuntimeError(f"{name}() is not implemented for {input.dtype}: use x.float()")
    return input


def applied(operation: type[Primitive], input: Variable, inplace: bool, name: str, **parameters: Any) -> Variable:
    """The operation; ``inplace``, written into ``input``, under the name ``name_``."""
    if not inplace:
        return operation.apply(input, **parameters)
    if "overload" in inspect.signature(operation.forward).parameters:
        parameters["overload"] = 1  # torch has another node there, which saves the result instead of the input
    return change(input, f"{name}_", operation.apply, **parameters)


def sigmoid(input: Variable) -> Variable:
    """``1 / (1 + exp(-input))`` of each element."""
    return Sigmoid.apply(input)
