"""Functions of one element: exponentials, logarithms, roots, the error function, tanh."""

from __future__ import annotations

import math

import numpy as np

from ...arrays.dtypes import to_floating
from ...core.primitive import Primitive, rule
from ...core.variable import Variable
from .error_function import erf_of

__all__ = [
    "erf", "exp", "expm1", "log", "log1p", "log2", "log10", "rsqrt", "sqrt", "tanh",
]  # fmt: skip

LN2, LN10, TWO_OVER_ROOT_PI = math.log(2), math.log(10), 2 / math.sqrt(math.pi)


class Exp(Primitive):
    def forward(self, input):
        return np.exp(to_floating(input))

    @rule("grad * out")
    def grad_input(self, grad, out):
        return grad * out


class Log(Primitive):
    def forward(self, input):
        return np.log(to_floating(input))

    @rule("grad / input")
    def grad_input(self, grad, input):
        return grad / input


class Expm1(Primitive):
    def forward(self, input):
        return np.expm1(to_floating(input))

    @rule("grad * (out + 1)")
    def grad_input(self, grad, out):
        return grad * (out + 1.0)


class Log1p(Primitive):
    torch_name = "Log1P"

    def forward(self, input):
        return np.log1p(to_floating(input))

    @rule("grad / (input + 1)")
    def grad_input(self, grad, input):
        return grad / (input + 1.0)


class Log2(Primitive):
    def forward(self, input):
        return np.log2(to_floating(input))

    @rule("grad / (input * 0.6931471805599453)")
    def grad_input(self, grad, input):
        return grad / (input * LN2)


class Log10(Primitive):
    def forward(self, input):
        return np.log10(to_floating(input))

    @rule("grad / (input * 2.302585092994046)")
    def grad_input(self, grad, input):
        return grad / (input * LN10)


class Sqrt(Primitive):
    def forward(self, input):
        return np.sqrt(to_floating(input))

    @rule("grad / (2 * out)")
    def grad_input(self, grad, out):
        return grad / (2.0 * out)


class Rsqrt(Primitive):
    def forward(self, input):
        return 1.0 / np.sqrt(to_floating(input))

    @rule("-0.5 * grad * out * out * out")
    def grad_input(self, grad, out):
        return -0.5 * grad * out * out * out


class Erf(Primitive):
    def forward(self, input):
        return erf_of(np.asarray(to_floating(input)))

    @rule("1.1283791670955126 * exp(-(input * input)) * grad")
    def grad_input(self, grad, input):
        return TWO_OVER_ROOT_PI * np.exp(-(input * input)) * grad


class Tanh(Primitive):
    def forward(self, input):
        return np.tanh(to_floating(input))

    @rule("grad * (1 - out * out)")
    def grad_input(self, grad, out):
        return grad * (1.0 - out * out)


def exp(input: Variable) -> Variable:
    """The exponential of each element."""
    return Exp.apply(input)


def log(input: Variable) -> Variable:
    """The natural logarithm of each element: -inf at 0, nan below."""
    return Log.apply(input)


def expm1(input: Variable) -> Variable:
    """``exp(input) - 1`` of each element, exact for small ones too."""
    return Expm1.apply(input)


def log1p(input: Variable) -> Variable:
    """``log(1 + input)`` of each element, exact for small ones too."""
    return Log1p.apply(input)


def log2(input: Variable) -> Variable:
    """The logarithm to the base 2 of each element: -inf at 0, nan below."""
    return Log2.apply(input)


def log10(input: Variable) -> Variable:
    """The logarithm to the base 10 of each element: -inf at 0, nan below."""
    return Log10.apply(input)


def sqrt(input: Variable) -> Variable:
    """The square root of each element: nan below 0. The gradient at 0 is inf."""
    return Sqrt.apply(input)


def rsqrt(input: Variable) -> Variable:
    """``1 / sqrt(input)`` of each element."""
    return Rsqrt.apply(input)


def erf(input: Variable) -> Variable:
    """The error function of each element: ``2 / sqrt(pi)`` times the integral of ``exp(-t * t)`` from 0 to it.

    >>> import microtorch
    >>> round(microtorch.erf(microtorch.tensor(1.0)).item(), 4)
    0.8427
    """
    return Erf.apply(input)


def tanh(input: Variable) -> Variable:
    """The hyperbolic tangent of each element."""
    return Tanh.apply(input)
