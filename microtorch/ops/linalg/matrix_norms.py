"""How large a matrix is: norms by columns, rows, or singular values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...arrays.dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from ...core.variable import Variable, array_of, unrecorded
from ...tensor.dims import axis_of
from ..reduction.extremes import amax, amin
from ..reduction.norms import vector_norm
from ..reduction.sums import sum as sum_
from ..shaping.reshaping import permute, unsqueeze
from .decompositions import svdvals
from .matrices import check_matrices

__all__ = ["matrix_norm", "norm"]


def matrix_norm(
    input: Variable, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Dtype | None = None
) -> Variable:
    """The norm of a matrix, or of each of a batch.

    Args:
        input: of at least two dimensions and of a floating dtype.
        ord: ``"fro"`` for the root of the sum of squares; ``"nuc"`` for the sum of the singular values, 2 and -2 for the largest
            and the smallest of them; 1 and -1 for the largest and the smallest column (the sum of its absolute values), ``inf``
            and ``-inf`` for such rows.
        dim: which two dimensions are rows and columns.
        keepdim: keep them, with length 1.
        dtype: compute in this one, which has to hold what ``input`` does.

    Raises:
        RuntimeError: there is no such norm, ``dim`` does not name two dimensions, or ``input`` is of no floating dtype.
        IndexError: a dimension is out of range.

    >>> import microtorch
    >>> x = microtorch.tensor([[3.0, 0.0], [4.0, 1.0]])
    >>> microtorch.linalg.matrix_norm(x, 1).item(), microtorch.linalg.matrix_norm(x, float("inf")).item()
    (7.0, 5.0)
    """
    if not isinstance(dim, tuple | list):
        raise TypeError(f"linalg.matrix_norm: argument 'dim' must be a tuple of two ints, not {type(dim).__name__}")
    if len(dim) != 2:
        raise RuntimeError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {dim}")
    check_matrices(input, "linalg.matrix_norm", floating=False)
    rows, columns = (axis_of(input, each) for each in dim)
    if rows == columns:
        raise RuntimeError(f"linalg.matrix_norm: dims must be different. Got {tuple(dim)}")
    if ord == "fro":
        return vector_norm(input, 2, (rows, columns), keepdim, dtype=dtype)
    if ord not in {"nuc", 2, -2, 1, -1, math.inf, -math.inf}:
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    if ord in {"nuc", 2, -2}:
        return _spectral(input if dtype is None else input.to(dtype), ord, rows, columns, keepdim)
    summed, compared = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = vector_norm(input, 1, summed, keepdim, dtype=dtype)
    return _extreme(sums, ord, compared - (summed < compared and not keepdim), keepdim)


def _spectral(input: Variable, ord: Any, rows: int, columns: int, keepdim: bool) -> Variable:
    """A norm that the singular values give."""
    order = [axis for axis in range(input.array.ndim) if axis not in (rows, columns)] + [rows, columns]
    values = svdvals(permute(input, order))
    result = sum_(values, -1, keepdim) if ord == "nuc" else _extreme(values, ord, -1, keepdim)
    return permute(unsqueeze(result, -1), [order.index(axis) for axis in range(len(order))]) if keepdim else result


def _extreme(values: Variable, ord: Any, dim: int, keepdim: bool) -> Variable:
    """The largest value along ``dim``, or for a negative ``ord`` the smallest; of none, the largest is 0."""
    if ord > 0 and not values.array.shape[dim]:
        return unrecorded(np.asarray(values.array.sum(dim, keepdims=keepdim)))
    return (amax if ord > 0 else amin)(values, dim, keepdim)


def norm(input: Variable, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Variable:
    """The norm of a vector or a matrix: `vector_norm` or `matrix_norm`, after the number of dimensions.

    Args:
        input: of any shape and of a floating dtype.
        ord: what each of the two takes; None for the root of the sum of squares, of any number of dimensions.
        dim: one dimension, of vectors, or two, of matrices; None for all.
        keepdim: keep them, with length 1.
        dtype: compute in this one, which has to hold what ``input`` does.

    Raises:
        RuntimeError: there is no such norm of so many dimensions.
        IndexError: a dimension is out of range.
    """
    dims = None if dim is None else tuple(dim) if isinstance(dim, tuple | list) else (dim,)
    if dims is not None and len(dims) not in {1, 2}:
        raise RuntimeError(f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(dims)}")
    if ord is None:
        return vector_norm(input, 2, dims, keepdim, dtype=dtype)
    ndim = array_of(input).ndim
    if dims is None and ndim not in {1, 2}:
        raise RuntimeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {ndim}D: {input._described()}"
        )
    dims = tuple(range(ndim)) if dims is None else dims
    if len(dims) == 2 or isinstance(ord, str):
        return matrix_norm(input, ord, dims, keepdim, dtype=dtype)
    return vector_norm(input, ord, dims, keepdim, dtype=dtype)
