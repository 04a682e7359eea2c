"""Dimensions merged, split up, moved and added: what is composed of the views in ``shaping.py``."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...core.variable import Variable, array_of
from ...tensor.dims import axis_of, resolved, sizes_of
from .reshaping import Alias, Clone, expand, permute, reshape, unsqueeze, view

__all__ = [
    "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_to", "contiguous", "expand_as", "flatten", "movedim", "ravel",
    "reshape_as", "unflatten", "view_as",
]  # fmt: skip


def flatten(input: Variable, start_dim: int = 0, end_dim: int = -1) -> Variable:
    """``input`` with some dimensions, by default all, made one: itself or a view where possible, else a copy.

    Args:
        input: of any shape; of a number, the result has one dimension.
        start_dim: the first dimension to merge.
        end_dim: the last.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: ``start_dim`` comes after ``end_dim``.

    >>> import microtorch
    >>> microtorch.ones(2, 3, 4).flatten(1).shape
    torch.Size([2, 12])
    """
    start, end, shape = axis_of(input, start_dim), axis_of(input, end_dim), input.array.shape
    if start > end:
        raise RuntimeError(f"flatten() has invalid args: start_dim cannot come after end_dim, and {start_dim} is after {end_dim}")
    if shape and start == end:
        return input
    return reshape(input, *shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :])


def unflatten(input: Variable, dim: int, sizes: tuple[int, ...] | list[int]) -> Variable:
    """A view with one dimension made several, of the lengths ``sizes``, of which one may be -1: whatever is left.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: the product of ``sizes`` is not the dimension's length.

    >>> import microtorch
    >>> microtorch.ones(2, 12).unflatten(1, (3, -1)).shape
    torch.Size([2, 3, 4])
    """
    if not isinstance(sizes, tuple | list):
        raise TypeError(f"unflatten(): argument 'sizes' must be a tuple of ints, not {type(sizes).__name__}: {sizes!r}")
    if not sizes:
        raise RuntimeError("unflatten: sizes must be non-empty")
    axis, shape = axis_of(input, dim), input.array.shape
    if not shape:
        raise RuntimeError(f"unflatten: {input._described()} has no dimension to split")
    lengths = resolved(sizes_of((sizes,)), shape[axis], f"unflatten of dimension {axis} of {input._described()}")
    return view(input, *shape[:axis], *lengths, *shape[axis + 1 :])


def ravel(input: Variable) -> Variable:
    """All elements along one dimension: a view where possible, else a view of a copy."""
    return view(contiguous(input), -1)


def contiguous(input: Variable, *, memory_format: Any = None) -> Variable:
    """``input`` itself where its elements lie in memory one after the other, else a copy in which they do.

    ``memory_format`` is taken for PyTorch's sake, since here there is one.
    """
    return input if array_of(input).flags.c_contiguous else Clone.apply(input)


def movedim(input: Variable, source: int | tuple[int, ...], destination: int | tuple[int, ...]) -> Variable:
    """A view with the dimensions ``source`` (one or several) in the places ``destination``; the others keep their order.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: one is named twice, or the two do not name equally many.

    >>> import microtorch
    >>> microtorch.ones(2, 3, 4).movedim(0, -1).shape
    torch.Size([3, 4, 2])
    """
    if isinstance(source, tuple | list) != isinstance(destination, tuple | list):
        raise TypeError(f"movedim: source and destination must be two ints or two tuples of ints, not {source} and {destination}")
    dims, places = (each if isinstance(each, tuple | list) else (each,) for each in (source, destination))
    if len(dims) != len(places):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source {source} should contain the same number of dims as destination "
            f"{destination}"
        )
    ndim = array_of(input).ndim
    moved = {axis_of(input, place): axis_of(input, dim) for place, dim in zip(places, dims, strict=True)}
    if not len(dims) == len(moved) == len({*moved.values()}):
        raise RuntimeError(f"movedim: repeated dim in `source` or `destination`: {source} and {destination}")
    if not ndim:
        return Alias.apply(input)
    staying = (dim for dim in range(ndim) if dim not in moved.values())
    return permute(input, *(moved[place] if place in moved else next(staying) for place in range(ndim)))


def view_as(input: Variable, other: Variable) -> Variable:
    """`view` in the shape of ``other``."""
    return view(input, *array_of(other).shape)


def reshape_as(input: Variable, other: Variable) -> Variable:
    """`reshape` to the shape of ``other``."""
    return reshape(input, *array_of(other).shape)


def expand_as(input: Variable, other: Variable) -> Variable:
    """`expand` to the shape of ``other``."""
    return expand(input, *array_of(other).shape)


def broadcast_to(input: Variable, size: Any, *more: int) -> Variable:
    """`expand`, under NumPy's name."""
    return expand(input, *sizes_of((size, *more)))


def atleast_1d(*tensors: Any) -> Any:
    """A number as a view of one dimension, everything else as it is; of several arguments, or of a list, a tuple.

    >>> import microtorch
    >>> [each.shape for each in microtorch.atleast_1d(microtorch.tensor(1.0), microtorch.ones(2))]
    [torch.Size([1]), torch.Size([2])]
    """
    return _each(tensors, lambda input: input if array_of(input).ndim else view(input, 1))


def atleast_2d(*tensors: Any) -> Any:
    """What has fewer than two dimensions, as a row; of several arguments, or of a list, a tuple."""
    return _each(tensors, _matrix)


def atleast_3d(*tensors: Any) -> Any:
    """What has fewer than three dimensions, with new ones: at the end, of a vector on both sides; of several, a tuple."""
    return _each(tensors, _block)


def _matrix(input: Variable) -> Variable:
    ndim = array_of(input).ndim
    return input if ndim > 1 else unsqueeze(input, 0) if ndim else view(input, 1, 1)


def _block(input: Variable) -> Variable:
    ndim = array_of(input).ndim
    if ndim == 0:
        return view(input, 1, 1, 1)
    return input if ndim > 2 else unsqueeze(_matrix(input), -1)


def _each(tensors: tuple[Any, ...], function: Callable[[Variable], Variable]) -> Any:
    if len(tensors) == 1 and not isinstance(tensors[0], tuple | list):
        return function(tensors[0])
    return tuple(function(each) for each in (tensors[0] if len(tensors) == 1 else tensors))
