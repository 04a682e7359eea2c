"""Diagonals: as a view of a matrix, as a matrix of zeros around one, and what lies below or above one."""

from __future__ import annotations

import numpy as np

from ...arrays.dtypes import Array
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of
from ...tensor.dims import axis_of, integer_of

__all__ = ["diag", "diag_embed", "diagonal", "tril", "triu"]


class Diagonal(Primitive):
    is_view = True
    constants = shown("dim1", "dim2", offset=0)

    def forward(self, input, *, offset, dim1, dim2):
        self.input_shape, self.where = input.shape, {"offset": offset, "dim1": dim1, "dim2": dim2}
        self.offset, self.dim1, self.dim2 = offset, dim1, dim2
        return _diagonal_of(input, offset, dim1, dim2)

    @rule(words="zeros in the shape of the input, with grad on the diagonal")
    def grad_input(self, grad):
        return DiagEmbed.on(grad, shape=self.input_shape, **self.where)


class DiagonalCopy(Diagonal):
    is_view = False

    def forward(self, input, *, offset, dim1, dim2):
        return super().forward(input, offset=offset, dim1=dim1, dim2=dim2).copy()

    def name(self):
        """The name PyTorch gives such a node."""
        return "DiagonalBackward0_copy"


class DiagEmbed(Primitive):
    """The inverse of `Diagonal`: zeros of ``shape``, with the input on a diagonal."""

    constants = Diagonal.constants

    def forward(self, input, *, shape, offset, dim1, dim2):
        self.where = {"offset": offset, "dim1": dim1, "dim2": dim2}
        self.offset, self.dim1, self.dim2 = offset, dim1, dim2
        out = np.zeros(shape, input.dtype)
        _diagonal_of(out, offset, dim1, dim2)[...] = input
        return out

    @rule(words="the diagonal of grad")
    def grad_input(self, grad):
        return Diagonal.on(grad, **self.where)


class Tril(Primitive):
    constants = shown(diagonal=0)

    def forward(self, input, *, diagonal):
        self.diagonal = diagonal
        return np.tril(input, diagonal)

    @rule("tril(grad, diagonal)")
    def grad_input(self, grad):
        return np.tril(grad, self.diagonal)


class Triu(Primitive):
    constants = shown(diagonal=0)

    def forward(self, input, *, diagonal):
        self.diagonal = diagonal
        return np.triu(input, diagonal)

    @rule("triu(grad, diagonal)")
    def grad_input(self, grad):
        return np.triu(grad, self.diagonal)


def diagonal(input: Variable, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Variable:
    """The elements whose indices along two dimensions are equal, or differ by ``offset``: a view, these along its last dimension.

    Args:
        input: of at least two dimensions.
        offset: of the diagonal: positive above the main one, negative below.
        dim1: the dimension of the rows.
        dim2: the dimension of the columns.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: the two are the same.

    >>> import microtorch
    >>> x = microtorch.tensor([[1, 2], [3, 4]])
    >>> x.diagonal().tolist(), x.diagonal(1).tolist()
    ([1, 4], [2])
    """
    rows, columns = _two(axis_of(input, dim1), axis_of(input, dim2))
    return Diagonal.apply(input, offset=integer_of(offset, "diagonal: offset"), dim1=rows, dim2=columns)


def diag(input: Variable, diagonal: int = 0) -> Variable:
    """Of a vector, the matrix with it on a diagonal; of a matrix, a copy of that diagonal.

    Raises:
        RuntimeError: ``input`` is neither.

    >>> import microtorch
    >>> microtorch.diag(microtorch.tensor([1, 2])).tolist()
    [[1, 0], [0, 2]]
    """
    ndim = array_of(input).ndim
    if ndim not in (1, 2):
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {ndim}D: {input._described()}")
    if ndim == 1:
        return diag_embed(input, diagonal)
    return DiagonalCopy.apply(input, offset=integer_of(diagonal, "diag: diagonal"), dim1=0, dim2=1)


def diag_embed(input: Variable, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Variable:
    """Zeros, with the last dimension of ``input`` on a diagonal.

    Args:
        input: of at least one dimension.
        offset: of the diagonal: positive above the main one, negative below.
        dim1: where the dimension of the rows stands in the result.
        dim2: where the dimension of the columns does.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: the two are the same.
    """
    rows, columns = _two(axis_of(input, dim1, new=True), axis_of(input, dim2, new=True))
    *shape, length = input.array.shape
    for axis in sorted((rows, columns)):
        shape.insert(axis, length + abs(integer_of(offset, "diag_embed: offset")))
    return DiagEmbed.apply(input, shape=tuple(shape), offset=offset, dim1=rows, dim2=columns)


def tril(input: Variable, diagonal: int = 0) -> Variable:
    """The lower triangle of a matrix, or of each of several: with zeros above the given diagonal.

    Raises:
        RuntimeError: there are fewer than two dimensions.

    >>> import microtorch
    >>> microtorch.tril(microtorch.ones(2, 2)).tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    return Tril.apply(input, diagonal=_of_matrices(input, diagonal, "tril"))


def triu(input: Variable, diagonal: int = 0) -> Variable:
    """The upper triangle of a matrix, or of each of several: with zeros below the given diagonal.

    Raises:
        RuntimeError: there are fewer than two dimensions.
    """
    return Triu.apply(input, diagonal=_of_matrices(input, diagonal, "triu"))


def _diagonal_of(array: Array, offset: int, dim1: int, dim2: int) -> Array:
    out = np.diagonal(array, offset, dim1, dim2)
    out.flags.writeable = array.flags.writeable  # NumPy warns off those who take it for a copy
    return out


def _two(rows: int, columns: int) -> tuple[int, int]:
    if rows == columns:
        raise RuntimeError(f"diagonal dimensions cannot be identical {rows}, {columns}")
    return rows, columns


def _of_matrices(input: Variable, diagonal: int, name: str) -> int:
    if array_of(input).ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions, and {input._described()} has fewer")
    return integer_of(diagonal, f"{name}: diagonal")
