"""Functions of one element: exponentials, logarithms and roots, and what networks made of them: tanh, sigmoid, relu."""

from __future__ import annotations

import math

import numpy as np

from ...arrays.dtypes import to_floating
from ...arrays.operands import refuse_bools
from ...core.in_place import change
from ...core.primitive import Primitive, rule
from ...core.variable import Variable, is_variable

__all__ = [
    "erf", "exp", "expm1", "log", "log1p", "log2", "log10", "relu", "rsqrt", "sigmoid", "sqrt", "tanh",
]  # fmt: skip

LN2, LN10, TWO_OVER_ROOT_PI = math.log(2), math.log(10), 2 / math.sqrt(math.pi)
_erf = np.frompyfunc(math.erf, 1, 1)  # NumPy has none of its own


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
        values = to_floating(input)
        return np.asarray(_erf(values)).astype(values.dtype)

    @rule("1.1283791670955126 * exp(-(input * input)) * grad")
    def grad_input(self, grad, input):
        return TWO_OVER_ROOT_PI * np.exp(-(input * input)) * grad


class Tanh(Primitive):
    def forward(self, input):
        return np.tanh(to_floating(input))

    @rule("grad * (1 - out * out)")
    def grad_input(self, grad, out):
        return grad * (1.0 - out * out)


class Sigmoid(Primitive):
    def forward(self, input):
        with np.errstate(over="ignore"):  # far below 0, exp(-input) is inf, and its reciprocal 0, as it should be
            return 1.0 / (1.0 + np.exp(-to_floating(input)))

    @rule("grad * (1 - out) * out")
    def grad_input(self, grad, out):
        return grad * (1.0 - out) * out


class Relu(Primitive):
    def forward(self, input):
        if input.dtype.kind == "f":
            return np.maximum(input, 0.0)  # which NumPy takes faster than 0
        refuse_bools(input, operation="relu")
        return np.maximum(input, 0)

    # At 0 the slope is 0, at nan it is 1: torch's choice.
    @rule("where(out <= 0, 0, grad)", flat=True)
    def grad_input(self, grad, out):
        return Clear.on(grad, where=self.cleared(out))

    def cleared(self, out):
        return (out.array if is_variable(out) else out) <= 0.0


class Clear(Primitive):
    """``input`` with 0 ``where`` that holds.

    Where it does is hard to foretell, and branches that a processor guesses wrong take most of numpy.where's time. So this is
    done without any, on the bits: all of them are kept by -1, and none by 0; that is, +0.0.
    """

    def forward(self, input, *, where):
        self.where = where
        if input.size < 4096:  # where calling NumPy costs more than the guesses
            return np.where(where, 0.0, input)
        return (input.view(f"i{input.itemsize}") & (where.view(np.int8) - np.int8(1))).view(input.dtype)

    @rule(words="grad, but 0 where input was cleared")
    def grad_input(self, grad):
        return Clear.on(grad, where=self.where)


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


def sigmoid(input: Variable) -> Variable:
    """``1 / (1 + exp(-input))`` of each element."""
    return Sigmoid.apply(input)


def relu(input: Variable, inplace: bool = False) -> Variable:
    """Each element, or 0 where it is negative; ``inplace``, written into ``input``. The gradient at 0 is 0."""
    return change(input, "relu_", Relu.apply) if inplace else Relu.apply(input)
