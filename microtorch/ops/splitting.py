"""One into several: ``unbind``, ``split``, ``chunk`` and their kin. All parts are views of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..node import array_of, is_variable
from ..primitive import Primitive, rule
from .dims import axis_of
from .indexing import Slice
from .joining import Cat, Stack

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["chunk", "dsplit", "hsplit", "split", "tensor_split", "unbind", "vsplit"]


class Unbind(Primitive):
    is_view = True

    def forward(self, input, *, dim):
        self.dim = dim
        return tuple(input[(*(slice(None),) * dim, i, ...)] for i in range(input.shape[dim]))

    @rule(words="the gradients of the parts, stacked")
    def grad_input(self, grad):
        return Stack.on(*self.filled(grad), dim=self.dim)


class Split(Primitive):
    is_view = True

    def forward(self, input, *, sizes, dim):
        self.dim = dim
        ends = np.cumsum((0, *sizes)).tolist()
        return tuple(input[(*(slice(None),) * dim, slice(*ends_of_one))] for ends_of_one in pairwise(ends))

    @rule(words="the gradients of the parts, end to end")
    def grad_input(self, grad):
        return Cat.on(*self.filled(grad), dim=self.dim)


class SplitWithSizes(Split):
    pass


def unbind(input: Variable, dim: int = 0) -> tuple[Variable, ...]:
    """The parts of a Variable along ``dim``, without that dimension: what iteration gives. They are views.

    Raises:
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> [each.tolist() for each in microtorch.unbind(microtorch.tensor([[1, 2], [3, 4]]), dim=1)]
    [[1, 3], [2, 4]]
    """
    axis = axis_of(input, dim)
    if not input.array.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions: {input._described()}")
    return Unbind.apply(input, dim=axis) if input.array.shape[axis] else ()


def split(tensor: Variable, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Variable, ...]:
    """Parts of a given length along ``dim``; the last is shorter where it does not divide. They are views.

    Args:
        tensor: of at least one dimension.
        split_size_or_sections: the length of all parts, or a list with the length of each.
        dim: along which.

    Raises:
        RuntimeError: a length is negative, or a list of lengths does not add up.
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> [each.tolist() for each in microtorch.split(microtorch.arange(5), 2)]
    [[0, 1], [2, 3], [4]]
    """
    axis, length = _axis_and_length(tensor, dim, "split")
    if isinstance(split_size_or_sections, int):
        size = split_size_or_sections
        if size < 0 or (size == 0 and length):
            raise RuntimeError(f"split expects split_size be non-negative, but got split_size={size}, for a length of {length}")
        sizes = [min(size, length - start) for start in range(0, length, size or 1)] or [0]
        return Split.apply(tensor, sizes=sizes, dim=axis)
    sizes = [int(each) for each in split_size_or_sections]
    if sum(sizes) != length or min(sizes, default=0) < 0:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {length} (the length of dimension {dim} of "
            f"{tensor._described()}) with non-negative entries only, but got split_sizes={sizes}"
        )
    return SplitWithSizes.apply(tensor, sizes=sizes, dim=axis)


def chunk(input: Variable, chunks: int, dim: int = 0) -> tuple[Variable, ...]:
    """At most ``chunks`` parts of one length along ``dim`` (the last may be shorter). They are views.

    Raises:
        RuntimeError: ``chunks`` is not positive, or ``input`` has no dimensions.

    >>> import microtorch
    >>> [each.tolist() for each in microtorch.chunk(microtorch.arange(5), 3)]
    [[0, 1], [2, 3], [4]]
    """
    _, length = _axis_and_length(input, dim, "chunk")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    size = -(-length // chunks)
    return split(input, size, dim) if size else split(input, [0] * chunks, dim)


def tensor_split(input: Variable, indices_or_sections: Any, dim: int = 0) -> tuple[Variable, ...]:
    """Parts along ``dim``: so many, of nearly one length; or between the given indices. They are views.

    Args:
        input: of at least one dimension.
        indices_or_sections: a number of parts, or the indices before which to cut: a list, or a Variable of integers.
        dim: along which.

    Raises:
        RuntimeError: there are no dimensions, or the number of parts is not positive.

    >>> import microtorch
    >>> [each.tolist() for each in microtorch.tensor_split(microtorch.arange(5), 2)]
    [[0, 1, 2], [3, 4]]
    """
    axis, length = _axis_and_length(input, dim, "tensor_split")
    cuts = indices_or_sections.tolist() if is_variable(indices_or_sections) else indices_or_sections
    if isinstance(cuts, int):
        if cuts <= 0:
            raise RuntimeError(f"tensor_split expects the number of sections to be larger than 0, got {cuts}")
        least, more = divmod(length, cuts)
        cuts = [i * least + min(i, more) for i in range(1, cuts)]
    key = (slice(None),) * axis
    return tuple(Slice.apply(input, key=(*key, slice(*ends))) for ends in pairwise((0, *cuts, length)))


def hsplit(input: Variable, indices_or_sections: Any) -> tuple[Variable, ...]:
    """`tensor_split` along the second dimension; of a vector, along its only one. The parts are of one length.

    Raises:
        RuntimeError: there are no dimensions, or the number of parts does not divide the length.
    """
    return _evenly(input, indices_or_sections, "hsplit", min(max(array_of(input).ndim, 1), 2) - 1, 1)


def vsplit(input: Variable, indices_or_sections: Any) -> tuple[Variable, ...]:
    """`tensor_split` along the first dimension. The parts are of one length.

    Raises:
        RuntimeError: there are fewer than two dimensions, or the number of parts does not divide the length.
    """
    return _evenly(input, indices_or_sections, "vsplit", 0, 2)


def dsplit(input: Variable, indices_or_sections: Any) -> tuple[Variable, ...]:
    """`tensor_split` along the third dimension. The parts are of one length.

    Raises:
        RuntimeError: there are fewer than three dimensions, or the number of parts does not divide the length.
    """
    return _evenly(input, indices_or_sections, "dsplit", 2, 3)


def _evenly(input: Variable, cuts: Any, name: str, dim: int, needed: int) -> tuple[Variable, ...]:
    array = array_of(input)
    if array.ndim < needed:
        raise RuntimeError(f"torch.{name} requires a tensor with at least {needed} dimension(s): {input._described()}")
    if isinstance(cuts, int) and (cuts <= 0 or array.shape[dim] % cuts):
        raise RuntimeError(
            f"torch.{name} attempted to split along dimension {dim}, but the size of the dimension {array.shape[dim]} is not "
            f"divisible by the split_size {cuts}"
        )
    return tensor_split(input, cuts, dim)


def _axis_and_length(input: Variable, dim: int, name: str) -> tuple[int, int]:
    axis = axis_of(input, dim)
    if not input.array.ndim:
        raise RuntimeError(f"{name} expects at least a 1-dimensional tensor: {input._described()}")
    return axis, input.array.shape[axis]
