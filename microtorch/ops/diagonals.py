"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..dtypes import Array
from ..node import array_of
from ..primitive import Primitive, rule
from .dims import axis_of

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["diag", "diag_embed", "diagonal", "tril", "triu"]


class Diagonal(Primitive):
    is_view = True

    def forward(self, input, *, offset, dims):
        self.input_shape, self.offset, self.dims = input.shape, offset, dims
        return _diagonal_of(input, offset, dims)

    @rule(words="zeros in the shape of the input, with grad on the diagonal")
    def grad_input(self, grad):
        return OnDiagonal.on(grad, shape=self.input_shape, offset=self.offset, dims=self.dims)


class DiagonalCopy(Diagonal):
    """What ``diag`` of a matrix records: the diagonal, but no view."""

    is_view = False

    def forward(self, input, *, offset, dims):
        return super().forward(input, offset=offset, dims=dims).copy()

    def name(self):
        """The name PyTorch gives such a node."""
        return "DiagonalBackward0_copy"


class OnDiagonal(Primitive):
    """The inverse of `Diagonal`: zeros of ``shape``, with the input on the diagonal."""

    torch_name = "DiagEmbed"

    def forward(self, input, *, shape, offset, dims):
        self.offset, self.dims = offset, dims
        out = np.zeros(shape, input.dtype)
        _diagonal_of(out, offset, dims)[...] = input
        return out

    @rule(words="the diagonal of grad")
    def grad_input(self, grad):
        return Diagonal.on(grad, offset=self.offset, dims=self.dims)


class Tril(Primitive):
    def forward(self, input, *, diagonal):
        self.diagonal = diagonal
        return np.tril(input, diagonal)

    @rule("grad.tril(diagonal)")
    def grad_input(self, grad):
        return Tril.on(grad, diagonal=self.diagonal)


class Triu(Primitive):
    def forward(self, input, *, diagonal):
        self.diagonal = diagonal
        return np.triu(input, diagonal)

    @rule("grad.triu(diagonal)")
    def grad_input(self, grad):
        return Triu.on(grad, diagonal=self.diagonal)


def _diagonal_of(array: Array, offset: int, dims: tuple[int, int]) -> Array:
    found = np.diagonal(array, offset, *dims)
    found.flags.writeable = array.flags.writeable  # NumPy's own caution, which views in torch do not share
    return found


def diagonal(input: Variable, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Variable:
    """The diagonal of the matrices that ``dim1`` and ``dim2`` span, as the last dimension: a view.

    Args:
        input: of at least two dimensions.
        offset: how far above (below, if negative) the main diagonal.
        dim1: the rows.
        dim2: the columns.

    Raises:
        RuntimeError: ``dim1`` and ``dim2`` are one dimension.
        IndexError: a dimension is out of range.

    >>> import microtorch
    >>> microtorch.diagonal(microtorch.tensor([[1, 2], [3, 4]])).tolist()
    [1, 4]
    """
    return Diagonal.apply(input, offset=offset, dims=_two_dims(input, dim1, dim2, "diagonal"))


def diag_embed(input: Variable, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Variable:
    """Matrices of zeros, with the last dimension of ``input`` on their diagonal; ``dim1`` and ``dim2`` are theirs.

    >>> import microtorch
    >>> microtorch.diag_embed(microtorch.tensor([1, 2])).tolist()
    [[1, 0], [0, 2]]
    """
    first, second = axis_of(input, dim1, new=True), axis_of(input, dim2, new=True)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    *shape, length = input.array.shape
    for at in sorted((first, second)):
        shape.insert(at, length + abs(offset))
    return OnDiagonal.apply(input, shape=tuple(shape), offset=offset, dims=(first, second))


def diag(input: Variable, diagonal: int = 0) -> Variable:
    """Of a vector, the matrix with it on a diagonal; of a matrix, a copy of its diagonal.

    Raises:
        RuntimeError: it is neither.
    """
    ndim = array_of(input).ndim
    if ndim == 1:
        return diag_embed(input, diagonal)
    if ndim != 2:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {ndim}D: {input._described()}")
    return DiagonalCopy.apply(input, offset=diagonal, dims=(0, 1))


def tril(input: Variable, diagonal: int = 0) -> Variable:
    """Matrices with zeros above a diagonal.

    Args:
        input: of at least two dimensions.
        diagonal: up to which elements stay: 0 is the main one, 1 the one above.

    Raises:
        RuntimeError: there are fewer than two dimensions.

    >>> import microtorch
    >>> microtorch.tril(microtorch.tensor([[1, 2], [3, 4]])).tolist()
    [[1, 0], [3, 4]]
    """
    return Tril.apply(_matrices(input, "tril"), diagonal=diagonal)


def triu(input: Variable, diagonal: int = 0) -> Variable:
    """Matrices with zeros below a diagonal: arguments and errors are those of `tril`."""
    return Triu.apply(_matrices(input, "triu"), diagonal=diagonal)


def _matrices(input: Variable, name: str) -> Variable:
    if array_of(input).ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions: {input._described()}")
    return input


def _two_dims(input: Variable, dim1: int, dim2: int, name: str) -> tuple[int, int]:
    dims = axis_of(input, dim1), axis_of(input, dim2)
    if dims[0] == dims[1]:
        raise RuntimeError(f"{name}: diagonal dimensions cannot be identical {dim1}, {dim2}: {input._described()}")
    return dims
