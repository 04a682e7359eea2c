"""Shapes, and what is said where two do not broadcast."""

from __future__ import annotations

import math

__all__ = ["Size", "shapes_do_not_broadcast"]


class Size(tuple[int, ...]):
    """The shape of a Variable: a tuple that prints as ``torch.Size`` does.

    >>> Size((2, 3)), Size((2, 3)).numel()
    (torch.Size([2, 3]), 6)
    """

    __slots__ = ()

    def numel(self) -> int:
        """How many elements a Variable of this shape has."""
        return math.prod(self)

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"


def shapes_do_not_broadcast(operation: str, x: tuple[int, ...], y: tuple[int, ...]) -> RuntimeError:
    """The error of an operation on these two shapes, which names the first dimension that does not fit."""
    for back, (m, n) in enumerate(zip(reversed(x), reversed(y), strict=False), start=1):
        if m != n and 1 not in (m, n):
            at = max(len(x), len(y)) - back
            return RuntimeError(
                f"{operation}: the shapes {x} and {y} do not broadcast. The size of tensor a ({m}) must match the size of "
                f"tensor b ({n}) at non-singleton dimension {at}, or one of them must be 1."
            )
    return RuntimeError(f"{operation}: the shapes {x} and {y} do not broadcast")
