"""Trigonometric and hyperbolic functions, and their inverses. Angles are in radians; derivatives as in any table of them."""

from __future__ import annotations

import numpy as np

from ...arrays.dtypes import to_floating
from ...core.primitive import Primitive, rule
from ...core.variable import Variable

__all__ = ["acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "sin", "sinh", "tan"]


class Sin(Primitive):
    def forward(self, input):
        return np.sin(to_floating(input))

    @rule("grad * cos(input)")
    def grad_input(self, grad, input):
        return grad * np.cos(input)


class Cos(Primitive):
    def forward(self, input):
        return np.cos(to_floating(input))

    @rule("-grad * sin(input)")
    def grad_input(self, grad, input):
        return -grad * np.sin(input)


class Tan(Primitive):
    def forward(self, input):
        return np.tan(to_floating(input))

    @rule("grad * (1 + out * out)")
    def grad_input(self, grad, out):
        return grad * (1.0 + out * out)


class Asin(Primitive):
    def forward(self, input):
        return np.arcsin(to_floating(input))

    @rule("grad / sqrt(1 - input * input)")
    def grad_input(self, grad, input):
        return grad / np.sqrt(1.0 - input * input)


class Acos(Primitive):
    def forward(self, input):
        return np.arccos(to_floating(input))

    @rule("-grad / sqrt(1 - input * input)")
    def grad_input(self, grad, input):
        return -grad / np.sqrt(1.0 - input * input)


class Atan(Primitive):
    def forward(self, input):
        return np.arctan(to_floating(input))

    @rule("grad / (input * input + 1)")
    def grad_input(self, grad, input):
        return grad / (input * input + 1.0)


class Sinh(Primitive):
    def forward(self, input):
        return np.sinh(to_floating(input))

    @rule("grad * cosh(input)")
    def grad_input(self, grad, input):
        return grad * np.cosh(input)


class Cosh(Primitive):
    def forward(self, input):
        return np.cosh(to_floating(input))

    @rule("grad * sinh(input)")
    def grad_input(self, grad, input):
        return grad * np.sinh(input)


class Asinh(Primitive):
    def forward(self, input):
        return np.arcsinh(to_floating(input))

    @rule("grad / sqrt(input * input + 1)")
    def grad_input(self, grad, input):
        return grad / np.sqrt(input * input + 1.0)


class Acosh(Primitive):
    def forward(self, input):
        return np.arccosh(to_floating(input))

    @rule("grad / sqrt(input * input - 1)")
    def grad_input(self, grad, input):
        return grad / np.sqrt(input * input - 1.0)


class Atanh(Primitive):
    def forward(self, input):
        return np.arctanh(to_floating(input))

    @rule("grad / (1 - input * input)")
    def grad_input(self, grad, input):
        return grad / (1.0 - input * input)


def sin(input: Variable) -> Variable:
    """The sine of each element.

    >>> import microtorch
    >>> microtorch.sin(microtorch.zeros(2)).tolist()
    [0.0, 0.0]
    """
    return Sin.apply(input)


def cos(input: Variable) -> Variable:
    """The cosine of each element."""
    return Cos.apply(input)


def tan(input: Variable) -> Variable:
    """The tangent of each element."""
    return Tan.apply(input)


def asin(input: Variable) -> Variable:
    """The angle between -pi/2 and pi/2 whose sine each element is; nan outside of [-1, 1]."""
    return Asin.apply(input)


def acos(input: Variable) -> Variable:
    """The angle between 0 and pi whose cosine each element is; nan outside of [-1, 1]."""
    return Acos.apply(input)


def atan(input: Variable) -> Variable:
    """The angle between -pi/2 and pi/2 whose tangent each element is."""
    return Atan.apply(input)


def sinh(input: Variable) -> Variable:
    """The hyperbolic sine of each element."""
    return Sinh.apply(input)


def cosh(input: Variable) -> Variable:
    """The hyperbolic cosine of each element."""
    return Cosh.apply(input)


def asinh(input: Variable) -> Variable:
    """The number whose hyperbolic sine each element is."""
    return Asinh.apply(input)


def acosh(input: Variable) -> Variable:
    """The number, not below 0, whose hyperbolic cosine each element is; nan below 1."""
    return Acosh.apply(input)


def atanh(input: Variable) -> Variable:
    """The number whose hyperbolic tangent each element is; nan outside of [-1, 1]."""
    return Atanh.apply(input)
