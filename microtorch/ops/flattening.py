"""Dimensions made one, one made several, and missing ones put in: ``flatten``, ``unflatten``, ``ravel``, ``atleast_2d``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..node import array_of, is_variable
from .dims import axis_of
from .shaping import contiguous, reshape, unsqueeze, view

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["atleast_1d", "atleast_2d", "atleast_3d", "flatten", "ravel", "unflatten"]


def flatten(input: Variable, start_dim: int = 0, end_dim: int = -1) -> Variable:
    """The dimensions from ``start_dim`` to ``end_dim`` made one: ``input`` itself, a view, or a copy where that is needed.

    Raises:
        RuntimeError: ``end_dim`` comes before ``start_dim``.
        IndexError: a dimension is out of range.

    >>> import microtorch
    >>> microtorch.flatten(microtorch.ones(2, 3, 4), 1).shape
    torch.Size([2, 12])
    """
    start, end = axis_of(input, start_dim), axis_of(input, end_dim)
    if start > end:
        raise RuntimeError(f"flatten() has invalid args: start_dim {start_dim} cannot come after end_dim {end_dim}")
    shape = input.array.shape
    if not shape:
        return reshape(input, 1)
    if start == end:
        return input
    length = 1
    for each in shape[start : end + 1]:
        length *= each
    return reshape(input, (*shape[:start], length, *shape[end + 1 :]))


def unflatten(input: Variable, dim: int, sizes: Any) -> Variable:
    """One dimension made several: a view.

    Args:
        input: of at least one dimension.
        dim: which.
        sizes: the lengths it is made of; one may be -1, for whatever is left.

    Raises:
        RuntimeError: the product of ``sizes`` is not the length of ``dim``.
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.unflatten(microtorch.ones(2, 12), 1, (3, -1)).shape
    torch.Size([2, 3, 4])
    """
    axis = axis_of(input, dim)
    shape = input.array.shape
    if not shape:
        raise RuntimeError(f"unflatten: a dimension is needed, and {input._described()} has none")
    if not sizes:
        raise RuntimeError("unflatten: sizes must be non-empty")
    known = 1
    for each in sizes:
        known *= each if each != -1 else 1
    length = shape[axis]
    if (list(sizes).count(-1) != 1 or not known or length % known) and known != length:
        raise RuntimeError(f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {dim} ({length})")
    lengths = [length // known if each == -1 else each for each in sizes]
    return view(input, (*shape[:axis], *lengths, *shape[axis + 1 :]))


def ravel(input: Variable) -> Variable:
    """All elements in a row: a view, or a view of a copy where they do not lie in memory so."""
    return view(contiguous(input), -1)


def atleast_1d(*tensors: Any) -> Any:
    """``input`` with at least one dimension: itself, or a view. Of several, or a list, a tuple."""
    return _each(tensors, lambda each: each if each.array.ndim else view(each, 1))


def atleast_2d(*tensors: Any) -> Any:
    """``input`` with at least two dimensions, new ones in front: itself, or a view. Of several, or a list, a tuple."""
    return _each(tensors, lambda each: _grown(each, 2, 0))


def atleast_3d(*tensors: Any) -> Any:
    """``input`` with at least three dimensions, of which it takes the middle, or the first: itself, or a view."""
    return _each(tensors, lambda each: unsqueeze(_grown(each, 2, 0), -1) if 0 < each.array.ndim < 3 else _grown(each, 3, 0))


def _grown(input: Variable, ndim: int, dim: int) -> Variable:
    if not input.array.ndim:
        return view(input, (1,) * ndim)
    return input if input.array.ndim >= ndim else unsqueeze(input, dim)


def _each(tensors: tuple[Any, ...], grow: Any) -> Any:
    if len(tensors) == 1 and is_variable(tensors[0]):
        return grow(tensors[0])
    several = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], tuple | list) else tensors
    for each in several:
        array_of(each)
    return tuple(map(grow, several))
