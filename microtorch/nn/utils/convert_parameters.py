"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

from ...core.variable import Variable, is_variable
from ...ops.shaping.joining import cat
from ...ops.shaping.reshaping import view

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Variable]) -> Variable:
    """The elements of all parameters, one after the other, as one vector with their history.

    >>> from microtorch import nn
    >>> parameters_to_vector(nn.Linear(3, 2).parameters()).shape
    torch.Size([8])
    """
    return cat([view(each, (-1,)) for each in parameters])


def vector_to_parameters(vec: Variable, parameters: Iterable[Variable]) -> None:
    """Let the parameters' ``.data`` be parts of ``vec``, one after the other: the inverse of `parameters_to_vector`.

    Raises:
        TypeError: ``vec`` is no Variable.
        RuntimeError: it has fewer elements than they have. Nothing is changed then.
    """
    if not is_variable(vec):
        raise TypeError(f"expected a Variable, but got: {type(vec).__name__}")
    several = list(parameters)
    wanted = sum(each.array.size for each in several)
    if vec.array.size < wanted:
        raise RuntimeError(f"vector_to_parameters: the parameters have {wanted} elements, but the vector has {vec.array.size}")
    first = 0
    for each in several:
        each.data = view(vec.data[first : first + each.array.size], each.array.shape)
        first += each.array.size
