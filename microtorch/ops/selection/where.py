"""``where``: of each pair of elements, the one that a condition chooses."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.dtypes import promote
from ...arrays.operands import constant
from ...core.primitive import Primitive, rule
from ...core.variable import Variable, is_variable
from .picking import nonzero

__all__ = ["where"]


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


def where(condition: Variable, input: Any = None, other: Any = None) -> Any:
    """Elements of ``input`` where ``condition`` holds, of ``other`` where it does not; all three broadcast.

    With ``condition`` alone, where it holds: ``nonzero(condition, as_tuple=True)``.

    >>> import microtorch
    >>> x = microtorch.tensor([-1.0, 2.0])
    >>> microtorch.where(x > 0, x, 0).tolist()
    [0.0, 2.0]
    """
    if input is None and other is None:
        return nonzero(condition, as_tuple=True)
    mask = condition if is_variable(condition) else np.asarray(condition)
    array = mask.array if is_variable(mask) else np.asarray(mask)
    if array.dtype.kind not in "bu":  # bytes were masks in 2017
        raise RuntimeError(f"where expected condition to be a boolean tensor, but got one of {array.dtype}: compare, as in x > 0")
    shapes = [tuple(mask.shape), *(each.array.shape for each in (input, other) if is_variable(each))]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        raise RuntimeError(f"where: the shapes {', '.join(map(str, shapes))} do not broadcast") from None
    return Where.apply(_operand(input), _operand(other), condition=mask)


def where_method(input: Variable, condition: Variable, other: Any) -> Variable:
    """Elements of this Variable where ``condition`` holds, of ``other`` where it does not: see `where`."""
    result: Variable = where(condition, input, other)
    return result


def _operand(value: Any) -> Any:
    return value if is_variable(value) else constant(value)
