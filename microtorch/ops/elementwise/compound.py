"""Functions of two or three operands, element by element: remainders, weighted sums, filling where a mask holds."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.operands import constant
from ...core.primitive import Elementwise, Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, is_variable
from .arithmetic import Add, Div, DivFloor, DivTrunc, Mul, Sub, _IntegerDivision
from .quotients import floored_rest, truncated_rest

__all__ = [
    "addcdiv", "addcmul", "atan2", "fmod", "hypot", "lerp", "logaddexp", "masked_fill", "nan_to_num", "remainder",
]  # fmt: skip


class Atan2(Elementwise):
    ufunc = np.arctan2
    floating = True

    # At the origin the gradient is 0.
    @rule("grad * other / where((input == 0) & (other == 0), 1, input * input + other * other)")
    def grad_input(self, grad, input, other):
        return grad * other / np.where((input == 0) & (other == 0), 1.0, input * input + other * other)

    @rule("-grad * input / where((input == 0) & (other == 0), 1, input * input + other * other)")
    def grad_other(self, grad, input, other):
        return -grad * input / np.where((input == 0) & (other == 0), 1.0, input * input + other * other)


class Hypot(Elementwise):
    ufunc = np.hypot
    floating = True

    @rule("grad * (input / out)")
    def grad_input(self, grad, input, out):
        return grad * (input / out)

    @rule("grad * (other / out)")
    def grad_other(self, grad, other, out):
        return grad * (other / out)


def log_of_sum(x: Any, y: Any) -> Any:
    """numpy.logaddexp, in a fraction of its time: the larger, and what the other adds to it."""
    with np.errstate(invalid="ignore"):
        out = np.maximum(x, y) + np.log1p(np.exp(-np.abs(x - y)))
    return np.logaddexp(x, y) if np.isnan(out).any() else out  # of two infinities, the difference is nan


class Logaddexp(Elementwise):
    ufunc = staticmethod(log_of_sum)
    floating = True

    @rule("grad / (1 + exp(other - input))")
    def grad_input(self, grad, input, other):
        return grad / (1.0 + np.exp(other - input))

    @rule("grad / (1 + exp(input - other))")
    def grad_other(self, grad, input, other):
        return grad / (1.0 + np.exp(input - other))


class Fmod(_IntegerDivision):
    ufunc = staticmethod(truncated_rest)
    overload = 1

    @rule("grad")
    def grad_input(self, grad):
        return grad

    @rule('-grad * div(input, other, rounding_mode="trunc")')
    def grad_other(self, grad, input, other):
        return -grad * DivTrunc.on(input, other)


class FmodNumber(Primitive):
    torch_name = "Fmod"
    constants = shown("other")

    def forward(self, input, *, number):
        self.other = number
        return Fmod.compute(input, number)

    @rule("grad")
    def grad_input(self, grad):
        return grad


class Remainder(_IntegerDivision):
    ufunc = staticmethod(floored_rest)
    overload = 1

    @rule("grad")
    def grad_input(self, grad):
        return grad

    @rule('-grad * div(input, other, rounding_mode="floor")')
    def grad_other(self, grad, input, other):
        return -grad * DivFloor.on(input, other)


class RemainderNumber(Primitive):
    torch_name = "Remainder"
    constants = shown("other")

    def forward(self, input, *, number):
        self.other = number
        return Remainder.compute(input, number)

    @rule("grad")
    def grad_input(self, grad):
        return grad


class Lerp(Primitive):
    overload = 1

    def forward(self, input, end, weight):
        return Add.compute(input, Mul.compute(weight, Sub.compute(end, input)))

    @rule("grad * (1 - weight)")
    def grad_input(self, grad, weight):
        return grad * (1.0 - weight)

    @rule("grad * weight")
    def grad_end(self, grad, weight):
        return grad * weight

    @rule("grad * (end - input)")
    def grad_weight(self, grad, input, end):
        return grad * (end - input)


class LerpNumber(Primitive):
    torch_name = "Lerp"
    constants = shown("weight")

    def forward(self, input, end, *, weight):
        self.weight = weight
        return Add.compute(input, Mul.compute(weight, Sub.compute(end, input)))

    @rule("grad * (1 - weight)")
    def grad_input(self, grad):
        return grad * (1.0 - self.weight)

    @rule("grad * weight")
    def grad_end(self, grad):
        return grad * self.weight


class Addcmul(Primitive):
    constants = shown(value=1)

    def forward(self, input, tensor1, tensor2, *, value):
        self.value = value
        return Add.compute(input, Mul.compute(Mul.compute(tensor1, tensor2), value))

    @rule("grad")
    def grad_input(self, grad):
        return grad

    @rule("grad * tensor2 * value")
    def grad_tensor1(self, grad, tensor2):
        return grad * tensor2 * self.value

    @rule("grad * tensor1 * value")
    def grad_tensor2(self, grad, tensor1):
        return grad * tensor1 * self.value


class Addcdiv(Primitive):
    constants = shown(value=1)

    def forward(self, input, tensor1, tensor2, *, value):
        self.value = value
        return Add.compute(input, Mul.compute(Div.compute(tensor1, tensor2), value))

    @rule("grad")
    def grad_input(self, grad):
        return grad

    @rule("grad * value / tensor2")
    def grad_tensor1(self, grad, tensor2):
        return grad * self.value / tensor2

    @rule("-grad * value * tensor1 / (tensor2 * tensor2)")
    def grad_tensor2(self, grad, tensor1, tensor2):
        return -grad * self.value * tensor1 / (tensor2 * tensor2)


class MaskedFill(Primitive):
    overload = 1

    def forward(self, input, value, *, mask):
        return np.where(mask, np.asarray(value).astype(input.dtype), input)

    @rule("where(mask, 0, grad)")
    def grad_input(self, grad, mask):
        return np.where(mask, 0.0, grad)

    @rule("where(mask, grad, 0)")
    def grad_value(self, grad, mask):
        return np.where(mask, grad, 0.0)


class MaskedFillNumber(Primitive):
    torch_name = "MaskedFill"
    constants = shown("value")

    def forward(self, input, *, mask, value):
        self.value = value
        return np.where(mask, np.asarray(value).astype(input.dtype), input)

    @rule("where(mask, 0, grad)")
    def grad_input(self, grad, mask):
        return np.where(mask, 0.0, grad)


class NanToNum(Primitive):
    def forward(self, input, *, nan, posinf, neginf):
        return np.nan_to_num(input, nan=nan, posinf=posinf, neginf=neginf)

    @rule("where(isfinite(input), grad, 0)")
    def grad_input(self, grad, input):
        return np.where(np.isfinite(input), grad, 0.0)


def atan2(input: Variable, other: Variable) -> Variable:
    """The angle, in radians between -pi and pi, of the point with the ordinate ``input`` and the abscissa ``other``."""
    return Atan2.apply(input, other)


def hypot(input: Variable, other: Variable) -> Variable:
    """``sqrt(input ** 2 + other ** 2)``, of the shape both broadcast to."""
    return Hypot.apply(input, other)


def logaddexp(input: Variable, other: Variable) -> Variable:
    """``log(exp(input) + exp(other))``, of the shape both broadcast to, without overflow."""
    return Logaddexp.apply(input, other)


def fmod(input: Variable, other: Any) -> Variable:
    """The remainder of ``input / other``, with the sign of ``input``; of the shape both broadcast to.

    >>> import microtorch
    >>> microtorch.fmod(microtorch.tensor([-3.0, 3.0]), 2).tolist()
    [-1.0, 1.0]
    """
    return Fmod.apply(input, other) if is_variable(other) else FmodNumber.apply(input, number=constant(other))


def remainder(input: Variable, other: Any) -> Variable:
    """The remainder of ``input / other``, with the sign of ``other``, as Python's ``%``; of the shape both broadcast to.

    >>> import microtorch
    >>> (microtorch.tensor([-3.0, 3.0]) % 2).tolist()
    [1.0, 1.0]
    """
    if is_variable(other):
        return Remainder.apply(input, other)
    return RemainderNumber.apply(input, number=constant(other))


def rmod(input: Variable, other: Any) -> Variable:
    """``other % input``."""
    return remainder(other, input)


def lerp(input: Variable, end: Variable, weight: Any) -> Variable:
    """``input + weight * (end - input)``, of the shape all broadcast to; ``weight`` is a number or a Variable.

    >>> import microtorch
    >>> microtorch.lerp(microtorch.zeros(2), microtorch.ones(2), 0.25).tolist()
    [0.25, 0.25]
    """
    return Lerp.apply(input, end, weight) if is_variable(weight) else LerpNumber.apply(input, end, weight=weight)


def addcmul(input: Variable, tensor1: Variable, tensor2: Variable, *, value: float = 1) -> Variable:
    """``input + value * tensor1 * tensor2``, of the shape all broadcast to."""
    return Addcmul.apply(input, tensor1, tensor2, value=value)


def addcdiv(input: Variable, tensor1: Variable, tensor2: Variable, *, value: float = 1) -> Variable:
    """``input + value * tensor1 / tensor2``, of the shape all broadcast to."""
    return Addcdiv.apply(input, tensor1, tensor2, value=value)


def masked_fill(input: Variable, mask: Variable, value: Any) -> Variable:
    """``value``, a number or a 0-dim Variable, where ``mask`` holds, and ``input`` where it does not.

    Args:
        input: of any shape.
        mask: bools, of a shape that broadcasts with it.
        value: it is converted to the dtype of ``input``.

    Raises:
        RuntimeError: ``mask`` is not of bools, or ``value`` has dimensions.
    """
    if not is_variable(mask) or mask.array.dtype != np.bool_:
        kind = mask.dtype if is_variable(mask) else type(mask).__name__
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {kind}: compare, as in x > 0")
    if not is_variable(value):
        return MaskedFillNumber.apply(input, mask=mask, value=value)
    if value.array.ndim:
        raise RuntimeError(
            f"masked_fill only supports a 0-dimensional value tensor, but got tensor with {value.array.ndim} dimension(s): "
            "use where"
        )
    return MaskedFill.apply(input, value, mask=mask)


def nan_to_num(input: Variable, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Variable:
    """Numbers in place of nan and the infinities; left out, the largest and smallest of the dtype. The gradient there is 0.

    >>> import microtorch
    >>> microtorch.nan_to_num(microtorch.tensor([float("nan"), 1.0])).tolist()
    [0.0, 1.0]
    """
    return NanToNum.apply(input, nan=nan, posinf=posinf, neginf=neginf)
