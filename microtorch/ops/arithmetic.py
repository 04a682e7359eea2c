"""``+ - * / **`` and negation: element by element, with broadcasting and torch's type promotion.

Read this file after ``variable.py``. An operation is one class: ``ufunc`` computes it, and one rule for each input says how
the gradient of the output becomes the gradient of that input. Broadcasting is undone by the engine.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..dtypes import Array, promote
from ..function import Elementwise, Primitive, is_variable, rule

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["add", "div", "mul", "neg", "pow", "reciprocal", "rpow", "rsub", "rtruediv", "sub"]


class Add(Elementwise):
    ufunc = np.add

    @rule("grad")
    def grad_x(self, grad):
        return grad

    @rule("grad")
    def grad_y(self, grad):
        return grad


class Sub(Elementwise):
    ufunc = np.subtract

    @rule("grad")
    def grad_x(self, grad):
        return grad

    @rule("-grad")
    def grad_y(self, grad):
        return -grad


class Rsub(Primitive):
    """A number minus a Variable."""

    overload = 1

    def forward(self, x, *, number):
        return Sub.compute(number, x)

    @rule("-grad")
    def grad_x(self, grad):
        return -grad


class Mul(Elementwise):
    ufunc = np.multiply

    @rule("grad * y")
    def grad_x(self, grad, y):
        return grad * y

    @rule("grad * x")
    def grad_y(self, grad, x):
        return grad * x


class Div(Elementwise):
    ufunc = np.true_divide
    floating = True

    @rule("grad / y")
    def grad_x(self, grad, y):
        return grad / y

    @rule("-grad * (x / y) / y")
    def grad_y(self, grad, x, y):
        return -grad * (x / y) / y


class Neg(Primitive):
    def forward(self, x):
        return -x

    @rule("-grad")
    def grad_x(self, grad):
        return -grad


class Reciprocal(Primitive):
    def forward(self, x):
        return Div.compute(1, x)

    @rule("-grad * out * out")
    def grad_x(self, grad, out):
        return -grad * out * out


class Pow(Elementwise):
    ufunc = np.power
    overload = 1

    @rule("where(y == 0, 0, grad * (y * x ** (y - 1)))")
    def grad_x(self, grad, x, y):
        return np.where(y == 0, 0.0, grad * (y * x ** (y - 1)))

    # Where x is 0, log(x) is -inf; but 0 ** y stays 0 for every y > 0, so that the gradient there is 0.
    @rule("grad * where((x == 0) & (y >= 0), 0, out * log(x))")
    def grad_y(self, grad, x, y, out):
        return grad * np.where((x == 0) & (y >= 0), 0.0, out * np.log(x))


class PowNumber(Primitive):
    """A Variable to the power of a number."""

    torch_name = "Pow"

    def forward(self, x, *, exponent):
        self.exponent = exponent
        return Pow.compute(x, exponent)

    @rule("grad * (exponent * x ** (exponent - 1))")
    def grad_x(self, grad, x):
        exponent = self.exponent
        return grad * (exponent * x ** (exponent - 1)) if exponent else grad * 0.0


class NumberPow(Primitive):
    """A number to the power of a Variable."""

    torch_name = "Pow"
    overload = 2

    def forward(self, y, *, base):
        self.base = float(base)
        return Pow.compute(base, y)

    # 0 ** y stays 0 for every y > 0, so that the gradient there is 0.
    @rule("grad * where((base == 0) & (y >= 0), 0, out * log(base))")
    def grad_y(self, grad, y, out):
        base = self.base
        return grad * np.where(y >= 0, 0.0, -math.inf) if base == 0 else grad * out * float(np.log(base))


def add(input: Any, other: Any, *, alpha: float = 1) -> Variable:
    """``input + alpha * other``, of the shape both broadcast to.

    >>> import microtorch
    >>> microtorch.add(microtorch.ones(2), microtorch.ones(2), alpha=3).tolist()
    [4.0, 4.0]
    """
    return Add.apply(input, other if alpha == 1 else other * alpha)


def sub(input: Any, other: Any, *, alpha: float = 1) -> Variable:
    """``input - alpha * other``, of the shape both broadcast to."""
    return Sub.apply(input, other if alpha == 1 else other * alpha)


def rsub(input: Any, other: Any) -> Variable:
    """``other - input``, of the shape both broadcast to."""
    return Sub.apply(other, input) if is_variable(other) else Rsub.apply(input, number=other)


mul = Mul.apply
div = Div.apply


def rtruediv(input: Variable, other: Any) -> Variable:
    """``other / input``, computed as torch does: the reciprocal of ``input``, times ``other``."""
    return Mul.apply(Reciprocal.apply(input), other)


def neg(input: Variable) -> Variable:
    """``-input``."""
    return Neg.apply(input)


def reciprocal(input: Variable) -> Variable:
    """``1 / input``."""
    return Reciprocal.apply(input)


def pow(input: Any, exponent: Any) -> Variable:
    """``input ** exponent``, of the shape both broadcast to; at least one of them is a Variable."""
    if not is_variable(input):
        return NumberPow.apply(exponent, base=input)
    return Pow.apply(input, exponent) if is_variable(exponent) else PowNumber.apply(input, exponent=exponent)


def rpow(input: Variable, other: Any) -> Variable:
    """``other ** input``."""
    return pow(other, input)
