"""What all of linear algebra asks of its arguments, and how it says that a matrix does not allow what was asked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...arrays.dtypes import Array
from ...core.variable import Variable, array_of

__all__ = ["LinAlgError", "array_svd", "check_matrices", "failed", "fails", "spared_nan"]


class LinAlgError(RuntimeError):
    """A matrix does not allow what was asked of it: it is singular, or not positive-definite, or not finite."""


def check_matrices(A: Variable, name: str, *, argument: str = "A", square: bool = False, floating: bool = True) -> None:
    """Refuse what is no matrix, or no batch of matrices, of which the function ``name`` could compute anything.

    Raises:
        RuntimeError: there are fewer than two dimensions, the last two differ where the matrices have to be ``square``, or
            the elements are neither float32 nor float64 where they have to be ``floating``.
    """
    array = array_of(A)
    if array.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor {argument} must have at least 2 dimensions: {A._described()}")
    if square and array.shape[-1] != array.shape[-2]:
        raise RuntimeError(
            f"{name}: {argument} must be batches of square matrices, but they are {array.shape[-2]} by {array.shape[-1]} matrices"
        )
    if floating and array.dtype.kind != "f":
        raise RuntimeError(f"{name}: Expected a floating point tensor as input. Got {A.dtype}; use .float() or .double()")
    if floating and array.dtype.itemsize < 4:
        raise RuntimeError(f"{name}: Low precision dtypes not supported. Got {A.dtype}; use .float()")


def spared_nan(computes: Callable[[Array], Array], A: Array, dims: int) -> Array:
    """``computes(A)``, and nan for the matrices of a batch that have one: LAPACK may take a nan for a pivot that is zero.

    Args:
        computes: something of each matrix.
        A: a matrix, or a batch of them.
        dims: of what is computed of one matrix.
    """
    sick = np.asarray(np.isnan(A).any((-2, -1)))
    if not sick.any():
        return computes(A)
    out = np.asarray(computes(np.where(sick[..., None, None], np.eye(A.shape[-1], dtype=A.dtype), A)))
    return np.where(sick[(..., *(None,) * dims)], out.dtype.type(np.nan), out)


def array_svd(A: Array, name: str, *, full_matrices: bool = False) -> tuple[Array, Array, Array]:
    """NumPy's decomposition of finite matrices: on others LAPACK may search for ever, and no interrupt ends it.

    Args:
        A: a matrix, or a batch of them; one with an inf has singular values that are nan.
        name: of the function that was called.
        full_matrices: whether to have as many vectors as the matrix has rows and columns.

    Raises:
        LinAlgError: a matrix has a nan.
    """
    finite = np.asarray(np.isfinite(A).all((-2, -1)))
    if finite.all():
        U, S, Vh = np.linalg.svd(A, full_matrices)
        return U, S, Vh
    if np.isnan(A).any():
        reason = "The algorithm failed to converge because the input matrix contained non-finite values."
        raise failed(A, name, _refuse_nan, lambda matrix: reason)
    U, S, Vh = np.linalg.svd(np.where(finite[..., None, None], A, np.eye(*A.shape[-2:], dtype=A.dtype)), full_matrices)
    return U, np.where(finite[..., None], S, S.dtype.type(np.nan)), Vh


def _refuse_nan(matrix: Array) -> None:
    if np.isnan(matrix).any():
        raise np.linalg.LinAlgError


def failed(A: Array, name: str, computes: Callable[[Array], object], reason: Callable[[Array], str]) -> LinAlgError:
    """The error that says which matrix of ``A`` is the first on which LAPACK fails, and why.

    Args:
        A: a matrix, or a batch of them.
        name: of the function that was called.
        computes: what raises NumPy's own error on such a matrix.
        reason: what there is to say of it.
    """
    batch = A.reshape(-1, *A.shape[-2:])
    number = next(number for number, matrix in enumerate(batch) if fails(computes, matrix))
    where = f"(Batch element {number}): " if A.ndim > 2 else ""
    return LinAlgError(f"{name}: {where}{reason(batch[number])}")


def fails(computes: Callable[[Array], object], matrix: Array) -> bool:
    """Whether NumPy raises its own error."""
    try:
        computes(matrix)
    except np.linalg.LinAlgError:
        return True
    return False
