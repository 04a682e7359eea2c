"""Matrices as products: Cholesky, QR, eigenvectors of symmetric matrices, singular values.

Factors of which signs or directions are a matter of choice have a gradient for what does not depend on the choice.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import return_types
from ...arrays.dtypes import Array
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, unrecorded
from ..shaping.diagonals import Tril, Triu
from ..shaping.reshaping import transpose
from .matrices import array_svd, check_matrices, failed, fails
from .solving import LinalgSolveTriangular

__all__ = ["cholesky", "eigh", "eigvalsh", "linalg_cholesky", "linalg_qr", "linalg_svd", "qr", "svd", "svdvals"]


class LinalgCholeskyEx(Primitive):
    """Source: I. Murray, Differentiation of the Cholesky decomposition, 2016."""

    __slots__ = ("upper",)
    constants = shown(upper=False)

    def forward(self, A, *, upper, name):
        self.upper = upper
        return _cholesky(A, upper, name)

    @rule(words="with L = out, P the lower triangle of L.mT @ grad, its diagonal halved: L.mT⁻¹ @ (P + P.mT) @ L⁻¹ / 2")
    def grad_A(self, grad, out):
        L, grad = (out.mT, grad.mT) if self.upper else (out, grad)
        inner = Tril.on(L.mT @ grad, diagonal=0)
        inner = 0.5 * (inner + Tril.on(inner, diagonal=-1).mT)
        inner = LinalgSolveTriangular.on(L.mT, inner, upper=True, left=True, unitriangular=False)
        return LinalgSolveTriangular.on(L, inner, upper=False, left=False, unitriangular=False)


class Cholesky(LinalgCholeskyEx):
    """By its older name."""

    grad_A = LinalgCholeskyEx.rules[0]


class LinalgQr(Primitive):
    """Source: D. Roberts, L. Roberts, QR and LQ decomposition matrix backpropagation algorithms, 2020."""

    __slots__ = ("refusal",)

    output_names = ("Q", "R")

    def forward(self, A, *, mode):
        self.refusal = (
            "depends on Q, which is not computed when mode='r'. Use mode='reduced'" if mode == "r"
            else "does not exist: it is not differentiable when mode='complete' and nrows > ncols. Use mode='reduced'"
            if mode == "complete" and A.shape[-2] > A.shape[-1] else ""
        )  # fmt: skip
        return (np.zeros(0, A.dtype), np.linalg.qr(A, "r")) if mode == "r" else tuple(np.linalg.qr(A, mode))

    def check(self):
        if self.refusal:
            raise RuntimeError(f"linalg.qr: The derivative of the QR decomposition {self.refusal}")

    # What dQ may be is Q times an antisymmetric matrix, beside what leaves the space of Q; what dR may be is upper triangular.
    @rule(words="Q times a part of R @ grad_R.mT - Q.mT @ grad_Q, plus grad_Q, over R.mT; of a wide R, its first columns")
    def grad_A(self, grad, Q, R):
        self.check()
        grad_Q, grad_R = grad
        inner: Any = 0.0 if grad_R is None else grad_R @ R.mT
        inner = inner if grad_Q is None else inner - Q.mT @ grad_Q
        m, n = R.shape[-2:]
        if m >= n:
            out = Q @ (Triu.on(inner, diagonal=0) + Triu.on(inner, diagonal=1).mT)
            out = out if grad_Q is None else out + grad_Q
            return LinalgSolveTriangular.on(R.mT, out, upper=False, left=False, unitriangular=False)
        out = Q @ Tril.on(inner.mT - inner, diagonal=-1)
        out = LinalgSolveTriangular.on(R[..., :m].mT, out, upper=False, left=False, unitriangular=False)
        out = np.concatenate((out, np.zeros_like(R[..., m:])), -1)
        return out if grad_R is None else out + Q @ grad_R


class _Spectral(Primitive):
    """Where values differ, their vectors turn by the gradient over the difference; where they are equal, by nan or inf."""

    def with_diagonal(self, matrix, diagonal):
        """A square matrix with other elements on its diagonal: those of a vector, or one number."""
        on = np.eye(matrix.shape[-1], dtype=np.bool_)
        return np.where(on, diagonal if isinstance(diagonal, float) else diagonal[..., None], matrix)

    def differences(self, values):
        """``values[j] - values[i]`` at (i, j), and 1 on the diagonal."""
        return self.with_diagonal(values[..., None, :] - values[..., None], 1.0)


class LinalgEigh(_Spectral):
    """Source: M. Giles, Collected matrix derivative results for forward and reverse mode algorithmic differentiation, 2008."""

    output_names = ("eigenvalues", "eigenvectors")

    def forward(self, A, *, UPLO):
        return tuple(np.linalg.eigh(A, UPLO))

    @rule(words="V @ (what turns V, over the differences of the values, and their grad on the diagonal) @ V.mT")
    def grad_A(self, grad, eigenvalues, eigenvectors):
        grad_L, grad_V = grad
        V = eigenvectors
        if grad_V is None:
            return V * grad_L[..., None, :] @ V.mT
        turn = V.mT @ grad_V
        inner = (turn - turn.mT) / (2.0 * self.differences(eigenvalues))
        return V @ self.with_diagonal(inner, 0.0 if grad_L is None else grad_L) @ V.mT


class LinalgSvd(_Spectral):
    """Source: J. Townsend, Differentiating the singular value decomposition, 2016."""

    output_names = ("U", "S", "Vh")

    def forward(self, A, *, full_matrices):
        return array_svd(A, "linalg.svd", full_matrices=full_matrices)

    # Of full matrices, the vectors beyond S span what is left, in no particular directions: they have no gradient.
    @rule(
        words="U @ (what turns U and Vh, over the differences of S², and grad of S on the diagonal) @ Vh, and what leaves U or Vh"
    )
    def grad_A(self, grad, U, S, Vh):
        grad_U, grad_S, grad_Vh = grad
        k = S.shape[-1]
        U, Vh, inner = U[..., :k], Vh[..., :k, :], 0.0
        if grad_U is None and grad_Vh is None:
            return U * grad_S[..., None, :] @ Vh
        if grad_U is not None:
            grad_U = grad_U[..., :k]
            turn = U.mT @ grad_U
            inner = (turn - turn.mT) / self.differences(S * S) * S[..., None, :]
        if grad_Vh is not None:
            grad_Vh = grad_Vh[..., :k, :]
            turn = Vh @ grad_Vh.mT
            inner = inner + S[..., None] * ((turn - turn.mT) / self.differences(S * S))
        out = U @ self.with_diagonal(inner, 0.0 if grad_S is None else grad_S) @ Vh
        if grad_U is not None and U.shape[-2] > k:
            share = grad_U / S[..., None, :]
            out = out + (share - U @ (U.mT @ share)) @ Vh
        if grad_Vh is not None and Vh.shape[-1] > k:
            share = grad_Vh / S[..., None]
            out = out + U @ (share - share @ Vh.mT @ Vh)
        return out


def linalg_cholesky(input: Variable, *, upper: bool = False) -> Variable:
    """The lower triangular L of which a symmetric positive-definite matrix is ``L @ L.mT``; or ``L.mT``, if ``upper``.

    Args:
        input: (*, n, n), of which the triangle is read that the result has.
        upper: whether that is the upper one.

    Raises:
        LinAlgError: a matrix is not positive-definite.
        RuntimeError: it is not square, or of no floating dtype.

    >>> import microtorch
    >>> microtorch.linalg.cholesky(microtorch.tensor([[4.0, 2.0], [2.0, 5.0]])).tolist()
    [[2.0, 0.0], [1.0, 2.0]]
    """
    check_matrices(input, "linalg.cholesky", square=True)
    return LinalgCholeskyEx.apply(input, upper=upper, name="linalg.cholesky")


def cholesky(input: Variable, upper: bool = False) -> Variable:
    """`linalg.cholesky`, by its older name."""
    check_matrices(input, "cholesky", square=True)
    return Cholesky.apply(input, upper=upper, name="cholesky")


def linalg_qr(A: Variable, mode: str = "reduced") -> return_types.linalg_qr:
    """The Q with orthonormal columns and the upper triangular R, of which a matrix is ``Q @ R``.

    Args:
        A: (*, m, n).
        mode: ``reduced`` for Q of shape (*, m, k) with k the smaller of m and n; ``complete`` for (*, m, m); ``r`` for no Q.

    Returns:
        The named tuple (Q, R). There is no gradient of mode ``r``, nor of ``complete`` where m > n.

    Raises:
        RuntimeError: there is no such mode, or ``A`` is no matrix of a floating dtype.
    """
    check_matrices(A, "linalg.qr")
    if mode not in {"reduced", "complete", "r"}:
        raise RuntimeError(f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'")
    return return_types.linalg_qr(*LinalgQr.apply(A, mode=mode))


def qr(input: Variable, some: bool = True) -> return_types.qr:
    """`linalg.qr`, by its older name: in the mode ``reduced``, or, if not ``some``, ``complete``."""
    return return_types.qr(*linalg_qr(input, "reduced" if some else "complete"))


def eigh(input: Variable, UPLO: str = "L") -> return_types.linalg_eigh:
    """Eigenvalues, in rising order, and eigenvectors, as columns, of a symmetric matrix: it is ``V @ diag(L) @ V.mT``.

    Args:
        input: (*, n, n), of which one triangle is read.
        UPLO: the lower (``L``) or the upper (``U``) one.

    Returns:
        The named tuple (eigenvalues, eigenvectors). Where eigenvalues are equal, the gradient of the vectors is not finite.

    Raises:
        RuntimeError: the matrix is not square, or of no floating dtype, or there is no such triangle.

    >>> import microtorch
    >>> microtorch.linalg.eigh(microtorch.tensor([[2.0, 0.0], [0.0, 1.0]])).eigenvalues.tolist()
    [1.0, 2.0]
    """
    check_matrices(input, "linalg.eigh", square=True)
    if UPLO not in {"L", "U", "l", "u"}:
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return return_types.linalg_eigh(*LinalgEigh.apply(input, UPLO=UPLO))


def eigvalsh(input: Variable, UPLO: str = "L") -> Variable:
    """The eigenvalues alone: arguments and errors are those of `eigh`."""
    return eigh(input, UPLO).eigenvalues


def linalg_svd(A: Variable, full_matrices: bool = True) -> return_types.linalg_svd:
    """Singular values, in falling order, and the vectors to them: a matrix is ``U @ diag(S) @ Vh``.

    Args:
        A: (*, m, n).
        full_matrices: give U as (*, m, m) and Vh as (*, n, n); else as (*, m, k) and (*, k, n), with k the smaller of m and n.

    Returns:
        The named tuple (U, S, Vh). Where singular values are equal, the gradient of the vectors is not finite.

    Raises:
        LinAlgError: there is a nan in ``A``.
        RuntimeError: ``A`` is no matrix of a floating dtype.

    >>> import microtorch
    >>> microtorch.linalg.svd(microtorch.tensor([[0.0, 2.0], [3.0, 0.0]])).S.tolist()
    [3.0, 2.0]
    """
    check_matrices(A, "linalg.svd")
    return return_types.linalg_svd(*LinalgSvd.apply(A, full_matrices=full_matrices))


def svdvals(A: Variable) -> Variable:
    """The singular values alone: errors are those of `svd`."""
    return linalg_svd(A, full_matrices=False).S


def svd(input: Variable, some: bool = True, compute_uv: bool = True) -> return_types.svd:
    """`linalg.svd` by its older name, with V for Vh.

    Args:
        input: (*, m, n).
        some: whether to leave out the vectors that belong to no singular value.
        compute_uv: compute the vectors; else U and V are zeros.

    Raises:
        LinAlgError: there is a nan in ``input``.
        RuntimeError: it is no matrix of a floating dtype.
    """
    U, S, Vh = linalg_svd(input, full_matrices=not (some and compute_uv))
    if not compute_uv:
        return return_types.svd(unrecorded(np.zeros_like(U.array)), S, unrecorded(np.zeros_like(Vh.array)))
    return return_types.svd(U, S, transpose(Vh, -2, -1))


def _cholesky(A: Array, upper: bool, name: str) -> Array:
    try:
        return _lower(A, upper=upper)
    except np.linalg.LinAlgError:
        raise failed(
            A, name, lambda matrix: _lower(matrix, upper=upper), lambda matrix: _why_not_positive(matrix, upper)
        ) from None


def _lower(A: Array, *, upper: bool) -> Array:
    out = np.linalg.cholesky(A, upper=upper)
    if np.isnan(out).any():  # which LAPACK's libraries take differently
        raise np.linalg.LinAlgError
    return out


def _why_not_positive(matrix: Array, upper: bool) -> str:
    minors = (matrix[:order, :order] for order in range(1, len(matrix) + 1))
    order = next(len(minor) for minor in minors if fails(lambda each: _lower(each, upper=upper), minor))
    return (
        "The factorization could not be completed because the input is not positive-definite (the leading minor of order "
        f"{order} is not positive-definite)."
    )
