"""What is written over: ``zero_``, ``fill_``, ``copy_`` as functions of what was there, which gets no gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.operands import constant
from ...arrays.shapes import shapes_do_not_broadcast
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, is_variable, wrap

__all__ = ["copy", "fill", "zero"]


class Zero(Primitive):
    def forward(self, input):
        return np.zeros_like(input)

    @rule("zeros_like(grad)")
    def grad_input(self, grad):
        return np.zeros_like(grad)


class FillNumber(Primitive):
    torch_name = "Fill"
    overload = 2
    constants = shown("value")

    def forward(self, input, *, value):
        self.value = value
        return np.full_like(input, np.asarray(value).astype(input.dtype))

    @rule("zeros_like(grad)")
    def grad_input(self, grad):
        return np.zeros_like(grad)


class Fill(Primitive):
    overload = 3

    def forward(self, input, value):
        return np.full_like(input, value)

    @rule("zeros_like(grad)")
    def grad_input(self, grad):
        return np.zeros_like(grad)

    @rule("grad")
    def grad_value(self, grad):
        return grad


class Copy(Primitive):
    def forward(self, input, src):
        return np.broadcast_to(src, input.shape).astype(input.dtype)

    def name(self):
        """The name PyTorch gives such a node, without a number."""
        return "CopyBackwards"

    @rule("zeros_like(grad)")
    def grad_input(self, grad):
        return np.zeros_like(grad)

    @rule("grad")
    def grad_src(self, grad):
        return grad


def zeros_like(input: Variable) -> Variable:
    """Zeros in the shape and dtype of ``input``, on which they do not depend."""
    return wrap(np.zeros_like(input.array))


def zero(input: Variable) -> Variable:
    """Zeros, in the shape and dtype of ``input``."""
    return Zero.apply(input)


def fill(input: Variable, value: Any) -> Variable:
    """``value``, a number or a 0-dim Variable, in the shape and dtype of ``input``.

    Raises:
        RuntimeError: ``value`` has dimensions.
    """
    if not is_variable(value):
        return FillNumber.apply(input, value=constant(value))
    if value.array.ndim:
        raise RuntimeError(
            f"fill_ only supports 0-dimension value tensor but got tensor with {value.array.ndim} dimensions: use copy_"
        )
    return Fill.apply(input, value)


def copy(input: Variable, src: Any) -> Variable:
    """``src``, in the shape and dtype of ``input``.

    Raises:
        RuntimeError: the shape of ``src`` does not broadcast to that of ``input``.
    """
    if is_variable(src):
        try:
            fits = np.broadcast_shapes(input.array.shape, src.array.shape) == input.array.shape
        except ValueError:
            raise shapes_do_not_broadcast("copy_", input.array.shape, src.array.shape) from None
        if not fits:
            raise RuntimeError(
                f"copy_: output with shape {list(input.array.shape)} doesn't match the broadcast shape {list(src.array.shape)}"
            )
    return Copy.apply(input, src)
