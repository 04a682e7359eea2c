"""``numpy.where`` without branches: which of two elements is taken, decided on their bits.

Where a condition holds is hard to foretell, and branches that a processor guesses wrong take most of numpy.where's time. Here all
bits of an element are kept by -1, and none by 0; what is cleared so is +0.0.
"""

from __future__ import annotations

import numpy as np

from ...arrays.dtypes import Array
from ...core.primitive import Primitive, rule

__all__ = ["Choose", "Clear", "chosen"]

_FEW = 4096  # elements, below which calling NumPy costs more than the guesses


def chosen(where: Array, input: Array, other: Array) -> Array:
    """``input`` where that holds, ``other`` where it does not: numpy.where of arrays of one dtype."""
    if input.size < _FEW or input.shape != other.shape or input.dtype != other.dtype:
        return np.where(where, input, other)
    bits = _bits(other)
    out: Array = _bits(input) ^ bits
    out &= -where.view(np.int8)
    out ^= bits
    return out.view(input.dtype)


def _bits(array: Array) -> Array:
    return array.view(f"i{array.itemsize}")


class Choose(Primitive):
    """``input`` where that holds, else ``other``."""

    def forward(self, input, other, *, where):
        return chosen(where, input, other)

    @rule(words="grad where input was chosen, else 0")
    def grad_input(self, grad, where):
        return Clear.on(grad, where=np.logical_not(where))

    @rule(words="grad where other was chosen, else 0")
    def grad_other(self, grad, where):
        return Clear.on(grad, where=where)


class Clear(Primitive):
    """``input`` with 0 where that holds."""

    def forward(self, input, *, where):
        if input.size < _FEW:
            return np.where(where, 0.0, input)
        return (_bits(input) & (where.view(np.int8) - np.int8(1))).view(input.dtype)

    @rule(words="grad, but 0 where input was cleared")
    def grad_input(self, grad, where):
        return Clear.on(grad, where=where)
