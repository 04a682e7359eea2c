"""Several views of one Variable: its rows, as ``for row in x`` gives them, and pieces along a dimension.

What ``unbind``, ``split`` and ``chunk`` return comes from one node, whose gradient needs all pieces at once: so none of them may
be changed in place, as in torch. ``tensor_split`` and what is made of it record a slice for each piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of, is_variable
from ...tensor.dims import axis_of, integer_of
from ..shaping.joining import Stack
from .indexing import Slice

__all__ = ["chunk", "dsplit", "hsplit", "split", "tensor_split", "unbind", "unsafe_chunk", "unsafe_split", "vsplit"]

Views = tuple["Variable", ...]


class Unbind(Primitive):
    several_views = True
    constants = shown("dim")

    def forward(self, input, *, dim):
        self.dim = dim
        return tuple(input[(*(slice(None),) * dim, i, ...)] for i in range(input.shape[dim]))

    @rule(words="the gradients of all outputs, stacked")
    def grad_input(self, grad):
        return Stack.on(*self.filled(grad), dim=self.dim)


class Split(Primitive):
    several_views = True
    constants = shown("split_size", "dim")

    def forward(self, input, *, dim, sizes, size=None):
        self.dim, self.split_sizes, self.split_size = dim, sizes, size
        ends = accumulate(sizes, initial=0)
        return tuple(input[(*(slice(None),) * dim, slice(*place))] for place in pairwise(ends))

    @rule(words="the gradients of all outputs, end to end")
    def grad_input(self, grad):
        return np.concatenate(self.filled(grad), self.dim)


class SplitWithSizes(Split):
    """What torch records where each piece has a size of its own."""

    constants = shown("split_sizes", "dim")


class UnsafeSplit(Split):
    """Pieces that nobody changes in place, so that none of them has to know that it is a view."""

    several_views = False


class UnsafeSplitWithSizes(UnsafeSplit):
    """The same, of sizes that are given one by one."""

    constants = shown("split_sizes", "dim")


def unbind(input: Variable, dim: int = 0) -> Views:
    """The parts of ``input`` along a dimension, without that dimension: views.

    Raises:
        IndexError: there is no such dimension.

    >>> import microtorch
    >>> first, second = microtorch.tensor([[1, 2], [3, 4]]).unbind(1)
    >>> second.tolist()
    [2, 4]
    """
    if not array_of(input).ndim:
        raise IndexError(f"unbind: Dimension specified as {dim} but tensor has no dimensions: {input._described()}")
    return Unbind.apply(input, dim=axis_of(input, dim))


def split(tensor: Variable, split_size_or_sections: int | Sequence[int], dim: int = 0) -> Views:
    """Pieces of ``tensor`` along a dimension: views.

    Args:
        tensor: of at least one dimension.
        split_size_or_sections: the length of each piece, but for the last, which has what is left; or a list of lengths.
        dim: along which.

    Raises:
        RuntimeError: the lengths do not add up to the dimension's, or one is negative; or ``tensor`` is 0-dim.
        IndexError: there is no such dimension.

    >>> import microtorch
    >>> [each.tolist() for each in microtorch.arange(5).split(2)]
    [[0, 1], [2, 3], [4]]
    """
    _not_a_number(tensor, "split")
    if isinstance(split_size_or_sections, list | tuple):
        axis = axis_of(tensor, dim)
        return SplitWithSizes.apply(tensor, dim=axis, sizes=_checked(split_size_or_sections, tensor.array.shape[axis], axis))
    return _of_one_size(Split, tensor, split_size_or_sections, dim)


def chunk(input: Variable, chunks: int, dim: int = 0) -> Views:
    """At most ``chunks`` pieces of one length along a dimension, but for the last, which has what is left: views.

    Raises:
        RuntimeError: ``chunks`` is not positive, or ``input`` is 0-dim.
        IndexError: there is no such dimension.

    >>> import microtorch
    >>> [each.tolist() for each in microtorch.arange(5).chunk(4)]
    [[0, 1], [2, 3], [4]]
    """
    count, axis = _chunks(input, chunks, dim)
    length = input.array.shape[axis]
    return split(input, -(-length // count), axis) if length else split(input, (0,) * count, axis)


def unsafe_split(tensor: Variable, split_size: int, dim: int = 0) -> Views:
    """As `split`, for a program that changes none of the pieces in place: they do not know that they share memory."""
    _not_a_number(tensor, "split")
    return _of_one_size(UnsafeSplit, tensor, split_size, dim)


def unsafe_chunk(input: Variable, chunks: int, dim: int = 0) -> Views:
    """As `chunk`, for a program that changes none of the pieces in place: they do not know that they share memory."""
    count, axis = _chunks(input, chunks, dim)
    length = input.array.shape[axis]
    if not length:
        return UnsafeSplitWithSizes.apply(input, dim=axis, sizes=(0,) * count)
    return _of_one_size(UnsafeSplit, input, -(-length // count), axis)


def tensor_split(input: Variable, indices_or_sections: Any, dim: int = 0) -> Views:
    """Pieces of ``input`` along a dimension: so many, as equal as possible; or cut at the indices given. They are views.

    Args:
        input: of at least one dimension.
        indices_or_sections: the number of pieces; or a list of where to cut, counted and cut off as in a slice; or either as a
            Variable of int64.
        dim: along which.

    Raises:
        RuntimeError: the number is not positive, or ``input`` is 0-dim.
        IndexError: there is no such dimension.

    >>> import microtorch
    >>> [each.tolist() for each in microtorch.arange(5).tensor_split(3)]
    [[0, 1], [2, 3], [4]]
    >>> [each.tolist() for each in microtorch.arange(5).tensor_split([1, 3])]
    [[0], [1, 2], [3, 4]]
    """
    _not_a_number(input, "tensor_split")
    axis = axis_of(input, dim)
    length = input.array.shape[axis]
    given = _from_variable(indices_or_sections) if is_variable(indices_or_sections) else indices_or_sections
    if isinstance(given, list | tuple):
        ends = [0, *(integer_of(each, "tensor_split: an index") for each in given), length]
    else:
        sections = integer_of(given, "tensor_split: indices_or_sections")
        if sections <= 0:
            raise RuntimeError(f"tensor_split: number of sections must be larger than 0, got {sections}")
        size, longer = divmod(length, sections)
        ends = [i * size + min(i, longer) for i in range(sections + 1)]
    return tuple(Slice.apply(input, key=(*(slice(None),) * axis, slice(*place))) for place in pairwise(ends))


def hsplit(input: Variable, indices_or_sections: Any) -> Views:
    """`tensor_split` along the second dimension, of a vector the first. A number of pieces must divide the length.

    Raises:
        RuntimeError: it does not, or ``input`` is 0-dim.
    """
    return _divided(input, indices_or_sections, min(array_of(input).ndim - 1, 1), "hsplit")


def vsplit(input: Variable, indices_or_sections: Any) -> Views:
    """`tensor_split` along the first dimension. A number of pieces must divide the length.

    Raises:
        RuntimeError: it does not, or ``input`` has fewer than two dimensions.
    """
    return _divided(input, indices_or_sections, 0, "vsplit", least=2)


def dsplit(input: Variable, indices_or_sections: Any) -> Views:
    """`tensor_split` along the third dimension. A number of pieces must divide the length.

    Raises:
        RuntimeError: it does not, or ``input`` has fewer than three dimensions.
    """
    return _divided(input, indices_or_sections, 2, "dsplit", least=3)


def _not_a_number(input: Variable, name: str) -> None:
    if not array_of(input).ndim:
        raise RuntimeError(f"{name} expects at least a 1-dimensional tensor, and got {input._described()}")


def _of_one_size(operation: type[Split], input: Variable, split_size: Any, dim: int) -> Views:
    """Pieces of one length, but for the last, which has what is left."""
    size = integer_of(split_size, "split: split_size_or_sections")
    if size < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={size}")
    axis = axis_of(input, dim)
    length = input.array.shape[axis]
    if size == 0 and length:
        raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {length}")
    whole, rest = divmod(length, size) if size else (0, 0)
    return operation.apply(input, dim=axis, sizes=(size,) * whole + ((rest,) if rest or not whole else ()), size=size)


def _chunks(input: Variable, chunks: int, dim: int) -> tuple[int, int]:
    """How many pieces are wanted, and along which axis."""
    _not_a_number(input, "chunk")
    count = integer_of(chunks, "chunk: chunks")
    if count <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {count}")
    return count, axis_of(input, dim)


def _checked(sizes: Sequence[int], length: int, axis: int) -> tuple[int, ...]:
    lengths = tuple(integer_of(each, "split: a size") for each in sizes)
    if any(each < 0 for each in lengths):
        raise RuntimeError(f"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={lengths}")
    if sum(lengths) != length:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {length} (input tensor's size at dimension {axis}), but got "
            f"split_sizes={lengths}"
        )
    return lengths


def _from_variable(given: Variable) -> Any:
    array = given.array
    if array.dtype != np.int64:
        raise RuntimeError(f"tensor_split expected tensor_indices_or_sections to have dtype of int64, but got {given.dtype}")
    if array.ndim > 1:
        raise RuntimeError(
            "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got a "
            f"tensor with {array.ndim} dims"
        )
    return array.tolist()


def _divided(input: Variable, given: Any, axis: int, name: str, least: int = 1) -> Views:
    shape = array_of(input).shape
    if len(shape) < least:
        raise RuntimeError(f"{name} requires a tensor with at least {least} dimension, but got {input._described()}")
    if isinstance(given, int) and (given <= 0 or shape[axis] % given):
        raise RuntimeError(
            f"{name} attempted to split along dimension {axis}, but the size of the dimension {shape[axis]} is not divisible by "
            f"the split_size {given}!"
        )
    return tensor_split(input, given, axis)


def iterate(input: Variable) -> Iterator[Variable]:
    """``for row in x``: the parts along the first dimension, each a view.

    Raises:
        TypeError: there is no dimension.
    """
    if not input.array.ndim:
        raise TypeError("iteration over a 0-d tensor")
    return iter(unbind(input))
