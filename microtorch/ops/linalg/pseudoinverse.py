"""Matrices without inverse: pseudoinverse, least squares, rank.

What counts as 0 among the singular values is what is at most ``max(atol, rtol * the largest)``.
Source of the derivative: G. Golub, V. Pereyra, The differentiation of pseudo-inverses and nonlinear least squares problems
whose variables separate, 1973.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import return_types
from ...arrays.dtypes import Array
from ...arrays.shapes import shapes_do_not_broadcast
from ...core.primitive import Primitive, rule
from ...core.variable import Variable, array_of, is_variable, unrecorded
from ..elementwise.arithmetic import square
from ..reduction.sums import sum as sum_
from .matrices import array_svd, check_matrices
from .products import matmul

__all__ = ["lstsq", "matrix_rank", "pinv", "pinverse"]


class _ThroughPinv(Primitive):
    def back(self, G, A, P):
        """What the transposed gradient G of the pseudoinverse P is for A."""
        return (G - A @ (P @ G)) @ (P @ P.mT) + (P.mT @ P) @ (G - (G @ P) @ A) - (P @ G @ P).mT


class LinalgPinv(_ThroughPinv):
    def forward(self, A, *, cut, hermitian):
        return _pseudoinverse(A, cut, hermitian)

    @rule(words="-(P @ grad.mT @ P).mT with P = out, and terms that are 0 where A has an inverse")
    def grad_A(self, grad, A, out):
        return self.back(grad.mT, A, out)


class LinalgLstsq(_ThroughPinv):
    """A pseudoinverse times ``B``."""

    __slots__ = ("cut", "vector")

    def forward(self, A, B, *, cut, vector):
        self.cut, self.vector = cut, vector
        out = _pseudoinverse(A, cut, False, "linalg.lstsq") @ (B[..., None] if vector else B)
        return out[..., 0] if vector else out

    @rule(words="as for pinv(A), of which the gradient is grad @ B.mT")
    def grad_A(self, grad, A, B):
        grad, B = (grad[..., None], B[..., None]) if self.vector else (grad, B)
        return self.back(B @ grad.mT, A, self.pinv(A))

    @rule(words="pinv(A).mT @ grad")
    def grad_B(self, grad, A):
        return (self.pinv(A).mT @ grad[..., None])[..., 0] if self.vector else self.pinv(A).mT @ grad

    def pinv(self, A):
        return LinalgPinv.on(A, cut=self.cut, hermitian=False)


def _pseudoinverse(A: Array, cut: tuple[Any, Any], hermitian: bool, name: str = "linalg.pinv") -> Array:
    if not A.size:
        return np.zeros(A.mT.shape, A.dtype)
    if hermitian:
        values, V = np.linalg.eigh(A)
        U, V = V, V * np.sign(values)[..., None, :]
        S = abs(values)
    else:
        U, S, Vh = array_svd(A, name)
        V = Vh.mT
    kept = _threshold(S, cut) < S
    inverse = np.where(kept, 1 / np.where(kept, S, 1), 0).astype(A.dtype)
    return np.asarray((V * inverse[..., None, :]) @ U.mT)


def _threshold(S: Array, cut: tuple[Any, Any]) -> Array:
    atol, rtol = (np.asarray(each)[..., None] for each in cut)
    return np.maximum(atol, rtol * np.max(S, -1, keepdims=True, initial=0))


def _cut(A: Array, atol: Any, rtol: Any) -> tuple[Any, Any]:
    """The two tolerances as numbers or arrays; without any, the relative one is the rounding error of a large matrix."""
    atol, rtol = (each.array if is_variable(each) else each for each in (atol, rtol))
    if rtol is None:
        rtol = 0.0 if atol is not None and np.any(atol > 0) else max(A.shape[-2:]) * float(np.finfo(A.dtype).eps)
    return (0.0 if atol is None else atol), rtol


def pinv(input: Variable, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None) -> Variable:
    """The pseudoinverse of a matrix, or of each of a batch: (*, m, n) gives (*, n, m).

    Args:
        input: of any rank; gradients are right where the rank does not change nearby.
        rcond: another name of ``rtol``.
        hermitian: whether the matrix is symmetric; then its lower triangle is read.
        atol: singular values up to this count as 0.
        rtol: and those up to this times the largest.

    Raises:
        RuntimeError: it is no matrix of a floating dtype.

    >>> import microtorch
    >>> microtorch.linalg.pinv(microtorch.tensor([[2.0, 0.0], [0.0, 0.0]])).tolist()
    [[0.5, 0.0], [0.0, 0.0]]
    """
    check_matrices(input, "linalg.pinv", square=hermitian)
    return LinalgPinv.apply(input, cut=_cut(input.array, atol, rtol if rcond is None else rcond), hermitian=hermitian)


def pinverse(input: Variable, rcond: float = 1e-15) -> Variable:
    """`linalg.pinv`, by its older name."""
    return pinv(input, rcond)


def matrix_rank(input: Variable, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None) -> Variable:
    """How many singular values do not count as 0: (*, m, n) gives (*), as int64.

    Args:
        input: a matrix, or a batch of them.
        tol: an ``atol`` beside which there is no ``rtol``.
        hermitian: whether the matrix is symmetric; then its lower triangle is read.
        atol: singular values up to this count as 0.
        rtol: and those up to this times the largest.

    Raises:
        RuntimeError: it is no matrix of a floating dtype.

    >>> import microtorch
    >>> microtorch.linalg.matrix_rank(microtorch.ones(3, 3)).item()
    1
    """
    check_matrices(input, "torch.linalg.matrix_rank", argument="input", square=hermitian)
    A = input.array
    cut = _cut(A, atol, rtol) if tol is None else _cut(A, tol, 0.0)
    S = abs(np.linalg.eigvalsh(A)) if hermitian else array_svd(A, "linalg.matrix_rank")[1]
    return unrecorded(np.asarray((_threshold(S, cut) < S).sum(-1)))


def lstsq(input: Variable, b: Variable, rcond: float | None = None, *, driver: str | None = None) -> return_types.linalg_lstsq:
    """The X for which ``input @ X`` comes nearest to ``b``; of several, the one with the smallest elements.

    Args:
        input: (*, m, n).
        b: (*, m, k), or a vector for each matrix: (*, m). Leading dimensions broadcast.
        rcond: singular values up to this times the largest count as 0.
        driver: LAPACK's names, which say what is returned beside the solution: ``gelsy`` (the default) the rank, ``gels`` the
            residuals, ``gelsd`` and ``gelss`` both, and the singular values.

    Returns:
        The named tuple (solution, residuals, rank, singular_values). Residuals are the sums of the squares that are left over,
        where m > n and the rank is full.

    Raises:
        RuntimeError: shapes or dtypes do not match, or there is no such driver.

    >>> import microtorch
    >>> x = microtorch.tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> [round(each, 3) for each in microtorch.linalg.lstsq(x, microtorch.tensor([1.0, 3.0, 5.0])).solution.tolist()]
    [1.0, 2.0]
    """
    A, B = array_of(input), array_of(b)
    vector = A.ndim - B.ndim == 1
    _check_lstsq(input, b, vector, driver)
    cut = _cut(A, None, rcond)
    solution = LinalgLstsq.apply(input, b, cut=cut, vector=vector)
    S = array_svd(A, "linalg.lstsq")[1]
    rank = np.asarray((_threshold(S, cut) < S).sum(-1))
    empty = unrecorded(np.zeros(0, A.dtype))
    residuals = empty
    if driver not in {None, "gelsy"} and A.shape[-2] > A.shape[-1] and (rank == A.shape[-1]).all():
        X, Y = (solution[..., None], b[..., None]) if vector else (solution, b)
        residuals = sum_(square(matmul(input, X) - Y), -2)
    return return_types.linalg_lstsq(
        solution,
        residuals,
        unrecorded(np.zeros(0, np.int64) if driver == "gels" else rank),
        unrecorded(S) if driver in {"gelsd", "gelss"} else empty,
    )


def _check_lstsq(input: Variable, b: Variable, vector: bool, driver: str | None) -> None:
    A, B = input.array, b.array
    check_matrices(input, "torch.linalg.lstsq", argument="input")
    if B.ndim < 1 or not 0 <= A.ndim - B.ndim <= 1:
        raise RuntimeError(
            "torch.linalg.lstsq: input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1, but "
            f"they are {A.ndim} and {B.ndim}"
        )
    if A.shape[-2] != B.shape[-1 if vector else -2]:
        raise RuntimeError(
            f"torch.linalg.lstsq: input.size(-2) should match other.size({-1 if vector else -2}), but they are {A.shape[-2]} and "
            f"{B.shape[-1 if vector else -2]}"
        )
    if A.dtype is not B.dtype:
        raise RuntimeError(
            f"torch.linalg.lstsq: Expected input and other to have the same dtype, but got {input.dtype} and {b.dtype}: use .to()"
        )
    if driver not in {None, "gels", "gelsy", "gelsd", "gelss"}:
        raise RuntimeError(
            f"torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss), and is {driver}"
        )
    try:
        np.broadcast_shapes(A.shape[:-2], B.shape[: -1 if vector else -2])
    except ValueError:
        raise shapes_do_not_broadcast("linalg.lstsq", A.shape[:-2], B.shape[:-2]) from None
