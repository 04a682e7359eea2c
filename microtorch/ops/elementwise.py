"""Functions of one element: exp, log, tanh … ; comparisons, ``where``, and conversions of dtype."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from ..dtypes import promote, to_floating
from ..node import constant, is_variable, shapes_do_not_broadcast, wrap
from ..primitive import Primitive, rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..variable import Variable

__all__ = ["eq", "exp", "ge", "gt", "le", "log", "logical_and", "lt", "ne", "relu", "sigmoid", "tanh", "to", "where"]


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


class Tanh(Primitive):
    def forward(self, input):
        return np.tanh(to_floating(input))

    @rule("grad * (1 - out * out)")
    def grad_input(self, grad, out):
        return grad * (1.0 - out * out)


class Sigmoid(Primitive):
    def forward(self, input):
        return 1.0 / (1.0 + np.exp(-to_floating(input)))

    @rule("grad * (1 - out) * out")
    def grad_input(self, grad, out):
        return grad * (1.0 - out) * out


class Relu(Primitive):
    def forward(self, input):
        return np.maximum(input, 0)

    # At 0 the slope is 0, at nan it is 1: torch's choice.
    @rule("where(out <= 0, 0, grad)")
    def grad_input(self, grad, out):
        return np.where(out <= 0, 0.0, grad)


class Where(Primitive):
    def forward(self, input, other, *, condition):
        input, other = promote(input, other)
        return np.where(condition, input, other)

    @rule("where(condition, grad, 0)")
    def grad_input(self, grad, condition):
        return np.where(condition, grad, 0.0)

    @rule("where(condition, 0, grad)")
    def grad_other(self, grad, condition):
        return np.where(condition, 0.0, grad)


class ToCopy(Primitive):
    def forward(self, input, *, dtype):
        return input.astype(dtype.dtype)

    @rule("grad")
    def grad_input(self, grad):
        return grad


def exp(input: Variable) -> Variable:
    """The exponential of each element."""
    return Exp.apply(input)


def log(input: Variable) -> Variable:
    """The natural logarithm of each element: -inf at 0, nan below."""
    return Log.apply(input)


def tanh(input: Variable) -> Variable:
    """The hyperbolic tangent of each element."""
    return Tanh.apply(input)


def sigmoid(input: Variable) -> Variable:
    """``1 / (1 + exp(-input))`` of each element."""
    return Sigmoid.apply(input)


def relu(input: Variable) -> Variable:
    """Each element, or 0 where it is negative. The gradient at 0 is 0."""
    return Relu.apply(input)


def where(condition: Variable, input: Any, other: Any) -> Variable:
    """Elements of ``input`` where ``condition`` holds, of ``other`` where it does not; all three broadcast.

    >>> import microtorch
    >>> x = microtorch.tensor([-1.0, 2.0])
    >>> microtorch.where(x > 0, x, 0).tolist()
    [0.0, 2.0]
    """
    mask = condition if is_variable(condition) else np.asarray(condition)
    shapes = [tuple(mask.shape), *(each.array.shape for each in (input, other) if is_variable(each))]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        raise RuntimeError(f"where: the shapes {', '.join(map(str, shapes))} do not broadcast") from None
    return Where.apply(_operand(input), _operand(other), condition=mask)


def _operand(value: Any) -> Any:
    return value if is_variable(value) else constant(value)


def to(input: Variable, dtype: Dtype) -> Variable:
    """The values in another dtype: ``input`` itself where it has that dtype already.

    Raises:
        TypeError: ``dtype`` is none.
    """
    if not isinstance(dtype, Dtype):
        raise TypeError(f"to() takes a dtype, such as microtorch.float64, not {dtype!r}")
    if input.array.dtype is dtype.dtype:
        return input
    return ToCopy.apply(input, dtype=dtype) if dtype.is_floating_point else wrap(input.array.astype(dtype.dtype))


def _comparison(ufunc: np.ufunc) -> Callable[[Any, Any], Variable]:
    def compare(input: Any, other: Any) -> Variable:
        if other is None:
            return NotImplemented  # so that `x == None` is False, as in torch
        a = input.array if is_variable(input) else constant(input)
        b = other.array if is_variable(other) else constant(other)
        try:
            return wrap(ufunc(a, b))
        except ValueError:
            raise shapes_do_not_broadcast(ufunc.__name__, np.shape(a), np.shape(b)) from None

    compare.__name__ = compare.__qualname__ = ufunc.__name__
    compare.__doc__ = f"``numpy.{ufunc.__name__}`` of two operands, element by element: a Variable of bools, without gradient."
    return compare


eq, ne = _comparison(np.equal), _comparison(np.not_equal)
lt, le = _comparison(np.less), _comparison(np.less_equal)
gt, ge = _comparison(np.greater), _comparison(np.greater_equal)
logical_and = _comparison(np.logical_and)
