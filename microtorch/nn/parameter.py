"""``Parameter``: a Variable that a module trains."""

from __future__ import annotations

from typing import Any

from ..arrays.dtypes import Array
from ..core.copies import deep_copied
from ..core.variable import Variable
from ..tensor.creation import empty

__all__ = ["Parameter"]


class Parameter(Variable):
    """A leaf that requires a gradient, and that a `Module` it is assigned to counts among its parameters.

    Args:
        data: the values, whose memory is shared.
        requires_grad: whether they are trained.

    >>> import microtorch
    >>> weight = Parameter(microtorch.ones(2))
    >>> weight.requires_grad, isinstance(weight, Variable), type(weight * 2).__name__
    (True, True, 'Variable')
    """

    __slots__ = ()

    def __init__(self, data: Variable | Array | None = None, requires_grad: bool = True) -> None:
        super().__init__(empty(0) if data is None else data, requires_grad)

    def __deepcopy__(self, memo: dict[int, Any]) -> Variable:
        """A copy on memory of its own, without the ``.grad``, as torch copies parameters, and in them modules."""
        result = deep_copied(self, memo)
        result.grad = None
        return result

    def __repr__(self) -> str:
        text, old = super().__repr__(), "Variable containing:"
        return "Parameter containing:" + (text.removeprefix(old) if text.startswith(old) else f"\n{text}")
