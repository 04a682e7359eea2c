"""``+ - * / **`` and negation: element by element, with broadcasting and torch's type promotion.

Read this file after ``variable.py``, and ``primitive.py`` after it. An operation is one class: ``ufunc`` computes it, and one
rule for each input says how the gradient of the output becomes the gradient of that input. The engine undoes broadcasting.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...arrays.dtypes import result_dtype
from ...arrays.operands import constant, refuse_bools
from ...core.in_place import into
from ...core.primitive import Elementwise, Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of, is_variable
from ..undifferentiated import _Undifferentiated
from .powers import power
from .quotients import floored

__all__ = [
    "add", "div", "floor_divide", "mul", "neg", "pow", "reciprocal", "rfloordiv", "rpow", "rsub", "rtruediv", "square", "sub",
]  # fmt: skip


class Add(Elementwise):
    ufunc = np.add

    @rule("grad")
    def grad_input(self, grad):
        return grad

    @rule("grad")
    def grad_other(self, grad):
        return grad


class Sub(Elementwise):
    ufunc = np.subtract

    @classmethod
    def compute(cls, x, y):
        refuse_bools(x, y, operation="Subtraction, the `-` operator,")
        return super().compute(x, y)

    @rule("grad")
    def grad_input(self, grad):
        return grad

    @rule("-grad")
    def grad_other(self, grad):
        return -grad


def _scaled(input: Any, other: Any, alpha: float) -> Any:
    """``other * alpha`` in the dtype of both operands, where alpha has no say; of a number, a number."""
    if not isinstance(other, np.ndarray):
        return other * alpha
    return Mul.compute(other.astype(result_dtype(input, other), copy=False), alpha)


class AddScaled(Primitive):
    torch_name = "Add"
    constants = shown(alpha=1)

    def forward(self, input, other, *, alpha):
        self.alpha = alpha
        return Add.compute(input, _scaled(input, other, alpha))

    @rule("grad")
    def grad_input(self, grad):
        return grad

    @rule("grad * alpha")
    def grad_other(self, grad):
        return grad * self.alpha


class SubScaled(Primitive):
    torch_name = "Sub"
    constants = shown(alpha=1)

    def forward(self, input, other, *, alpha):
        self.alpha = alpha
        return Sub.compute(input, _scaled(input, other, alpha))

    @rule("grad")
    def grad_input(self, grad):
        return grad

    @rule("-grad * alpha")
    def grad_other(self, grad):
        return -grad * self.alpha


class AddNumber(Primitive):
    """The sum with a number, as torch records it inside of an operation of its own."""

    torch_name = "Add"
    overload = 1
    constants = shown("other")

    def forward(self, input, *, number):
        self.other = number
        return Add.compute(input, number)

    @rule("grad")
    def grad_input(self, grad):
        return grad


class SubNumber(Primitive):
    """The difference with a number, as torch records it inside of an operation of its own."""

    torch_name = "Sub"
    overload = 1
    constants = shown("other")

    def forward(self, input, *, number):
        self.other = number
        return Sub.compute(input, number)

    @rule("grad")
    def grad_input(self, grad):
        return grad


class DivNumber(Primitive):
    """The quotient by a number, as torch records it inside of an operation of its own."""

    torch_name = "Div"
    overload = 1
    constants = shown("other")

    def forward(self, input, *, number):
        self.other = number
        return Div.compute(input, number)

    @rule("grad / other")
    def grad_input(self, grad):
        return grad / self.other


class MulNumber(Primitive):
    """The product with a number, as torch records it inside of an operation of its own."""

    torch_name = "Mul"
    overload = 1
    constants = shown("other")

    def forward(self, input, *, number):
        self.other = number
        return Mul.compute(input, number)

    @rule("grad * other")
    def grad_input(self, grad):
        return grad * self.other


class Rsub(Primitive):
    """A number minus a Variable."""

    overload = 1
    constants = shown("other")

    def forward(self, input, *, number):
        self.other = number
        return number - input if input.dtype.kind == "f" else Sub.compute(number, input)

    @rule("-grad")
    def grad_input(self, grad):
        return -grad


class Mul(Elementwise):
    ufunc = np.multiply

    @rule("grad * other")
    def grad_input(self, grad, other):
        return grad * other

    @rule("grad * input")
    def grad_other(self, grad, input):
        return grad * input


class Div(Elementwise):
    ufunc = np.true_divide
    floating = True

    @rule("grad / other")
    def grad_input(self, grad, other):
        return grad / other

    @rule("-grad * (input / other) / other")
    def grad_other(self, grad, input, other):
        return -grad * (input / other) / other


class _IntegerDivision(Elementwise):
    """Which of integers has no value for a divisor of 0."""

    @classmethod
    def compute(cls, x, y):
        if result_dtype(x, y).kind != "f" and np.size(x) and np.any(np.equal(y, 0)):
            raise RuntimeError(f"ZeroDivisionError: {cls.__name__} of integers by 0")
        return super().compute(x, y)


class _RoundedDiv(_IntegerDivision):
    """Flat wherever it has a derivative."""

    torch_name = "Div"
    overload = 2

    @rule("zeros_like(grad)")
    def grad_input(self, grad):
        return np.zeros_like(grad)

    @rule("zeros_like(grad)")
    def grad_other(self, grad):
        return np.zeros_like(grad)


class DivFloor(_RoundedDiv):
    torch_name = "Div"
    ufunc = staticmethod(floored)
    rounding_mode, constants = "floor", shown(rounding_mode=None)


class DivTrunc(_RoundedDiv):
    torch_name = "Div"
    ufunc = staticmethod(lambda x, y: np.trunc(np.true_divide(x, y)).astype(np.result_type(x, y)))
    rounding_mode, constants = "trunc", shown(rounding_mode=None)


class DivExact(Div):
    """What torch records for ``rounding_mode=None``, said aloud."""

    torch_name = "Div"
    overload = 2


class FloorDivide(_Undifferentiated):
    operation = "floor_divide"
    remedy = "div(x, y, rounding_mode='floor') has the same values, and a gradient of 0; or divide x.detach()"

    def forward(self, *operands, number=None, reflected=False):
        x, y = operands if number is None else (*operands, number)
        return DivFloor.compute(y, x) if reflected else DivFloor.compute(x, y)


class Neg(Primitive):
    def forward(self, input):
        return -input

    @rule("-grad")
    def grad_input(self, grad):
        return -grad


class Reciprocal(Primitive):
    def forward(self, input):
        return 1.0 / input if input.dtype.kind == "f" else Div.compute(1, input)

    @rule("-grad * out * out")
    def grad_input(self, grad, out):
        return -grad * out * out


class Pow(Elementwise):
    ufunc = np.power
    overload = 1

    @rule("where(exponent == 0, 0, grad * (exponent * input ** (exponent - 1)))")
    def grad_input(self, grad, input, exponent):
        return np.where(exponent == 0, 0.0, grad * (exponent * input ** (exponent - 1)))

    # Where input is 0, log(input) is -inf; but 0 ** exponent stays 0 for every exponent > 0, so that the gradient there is 0.
    @rule("grad * where((input == 0) & (exponent >= 0), 0, out * log(input))")
    def grad_exponent(self, grad, input, exponent, out):
        return grad * np.where((input == 0) & (exponent >= 0), 0.0, out * np.log(input))


class PowNumber(Primitive):
    """A Variable to the power of a number."""

    torch_name = "Pow"
    constants = shown("exponent")

    def forward(self, input, *, exponent):
        self.exponent = exponent
        return power(input, exponent) if input.dtype.kind == "f" else Pow.compute(input, exponent)

    @rule("grad * (exponent * input ** (exponent - 1))")
    def grad_input(self, grad, input):
        exponent = self.exponent
        return grad * (exponent * PowNumber.on(input, exponent=exponent - 1)) if exponent else grad * 0.0


class NumberPow(Primitive):
    """A number to the power of a Variable."""

    torch_name = "Pow"
    overload = 2
    constants = shown("base")

    def forward(self, exponent, *, base):
        self.base = float(base)
        return Pow.compute(base, exponent)

    # 0 ** exponent stays 0 for every exponent > 0, so that the gradient there is 0.
    @rule("grad * where((base == 0) & (exponent >= 0), 0, out * log(base))", flat=True)  # where base is 0
    def grad_exponent(self, grad, exponent, out):
        base = self.base
        return grad * np.where(exponent >= 0, 0.0, -math.inf) if base == 0 else grad * out * float(np.log(base))


def add(input: Any, other: Any, *, alpha: float = 1, out: Variable | None = None) -> Variable:
    """``input + alpha * other``, of the shape both broadcast to; written into ``out``, if that is given.

    >>> import microtorch
    >>> microtorch.add(microtorch.ones(2), microtorch.ones(2), alpha=3).tolist()
    [4.0, 4.0]
    """
    result = Add.apply(input, other) if alpha == 1 else AddScaled.apply(input, other, alpha=_scale(input, other, alpha))
    return result if out is None else into(out, result, "add")


def _scale(input: Any, other: Any, alpha: float) -> float:
    kind = result_dtype(*(each.array if is_variable(each) else constant(each) for each in (input, other))).kind
    if isinstance(alpha, bool) and kind != "b":
        raise RuntimeError("Boolean alpha only supported for Boolean results: use 1 or 0")
    if isinstance(alpha, float) and kind != "f":
        raise RuntimeError(f"For integral input tensors, argument alpha must not be a floating point number, as {alpha} is")
    return alpha


def sub(input: Any, other: Any, *, alpha: float = 1, out: Variable | None = None) -> Variable:
    """``input - alpha * other``, of the shape both broadcast to; written into ``out``, if that is given."""
    result = Sub.apply(input, other) if alpha == 1 else SubScaled.apply(input, other, alpha=_scale(input, other, alpha))
    return result if out is None else into(out, result, "sub")


def rsub(input: Any, other: Any) -> Variable:
    """``other - input``, of the shape both broadcast to."""
    return Sub.apply(other, input) if is_variable(other) else Rsub.apply(input, number=constant(other))


def mul(input: Any, other: Any, *, out: Variable | None = None) -> Variable:
    """``input * other``, of the shape both broadcast to; written into ``out``, if that is given."""
    result = Mul.apply(input, other)
    return result if out is None else into(out, result, "mul")


_UNSAID: Any = object()
_ROUNDED: dict[Any, type[Elementwise]] = {_UNSAID: Div, None: DivExact, "floor": DivFloor, "trunc": DivTrunc}


def div(input: Any, other: Any, *, rounding_mode: str | None = _UNSAID, out: Variable | None = None) -> Variable:
    """``input / other``, of the shape both broadcast to.

    Args:
        input: a Variable or a number.
        other: likewise.
        rounding_mode: "floor" to round down, "trunc" to round towards 0, and keep integers; None not to round.
        out: what the result is written into, if given.

    Raises:
        RuntimeError: another ``rounding_mode``; or integers are divided by 0, and rounded.

    >>> import microtorch
    >>> microtorch.div(microtorch.tensor([7, -7]), 2, rounding_mode="floor").tolist()
    [3, -4]
    """
    if rounding_mode not in _ROUNDED:
        raise RuntimeError(f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found {rounding_mode!r}")
    result = _ROUNDED[rounding_mode].apply(input, other)
    return result if out is None else into(out, result, "div")


def floor_divide(input: Any, other: Any) -> Variable:
    """``input // other``: the quotient, rounded down; of the shape both broadcast to.

    It has no derivative, and backward through it raises, as in torch: `div` with ``rounding_mode="floor"`` has the gradient 0.

    Raises:
        RuntimeError: integers are divided by 0.

    >>> import microtorch
    >>> (microtorch.tensor([7, -7]) // 2).tolist()
    [3, -4]
    """
    if is_variable(input) and is_variable(other):
        return FloorDivide.apply(input, other)
    if is_variable(input):
        return FloorDivide.apply(input, number=constant(other))
    return FloorDivide.apply(other, number=constant(input), reflected=True)


def rfloordiv(input: Variable, other: Any) -> Variable:
    """``other // input``."""
    return floor_divide(other, input)


def rtruediv(input: Variable, other: Any) -> Variable:
    """``other / input``, computed as torch does: the reciprocal of ``input``, times ``other``."""
    return Mul.apply(Reciprocal.apply(input), other)


def neg(input: Variable) -> Variable:
    """``-input``.

    Raises:
        RuntimeError: of bools.
    """
    refuse_bools(array_of(input), operation="Negation, the `-` operator,")
    return Neg.apply(input)


def reciprocal(input: Variable) -> Variable:
    """``1 / input``."""
    return Reciprocal.apply(input)


def pow(input: Any, exponent: Any) -> Variable:
    """``input ** exponent``, of the shape both broadcast to; at least one of them is a Variable."""
    if isinstance(input, np.ndarray):
        return Pow.apply(input, exponent)
    if not is_variable(input):
        return NumberPow.apply(exponent, base=constant(input))
    return Pow.apply(input, exponent) if is_variable(exponent) else PowNumber.apply(input, exponent=constant(exponent))


def square(input: Variable) -> Variable:
    """``input ** 2`` of each element."""
    return pow(input, 2)


def rpow(input: Variable, other: Any) -> Variable:
    """``other ** input``."""
    return pow(other, input)
