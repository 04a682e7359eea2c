"""Systems of linear equations: inverses, solutions, and powers of matrices.

The derivatives follow from that of the inverse, ``d(A⁻¹) = -A⁻¹ dA A⁻¹``.
Source: M. Giles, Collected matrix derivative results for forward and reverse mode algorithmic differentiation, 2008.
"""

from __future__ import annotations

import numpy as np

from ...arrays.dtypes import Array
from ...arrays.shapes import shapes_do_not_broadcast
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of, wrap
from ..elementwise.copying import copy
from ..shaping.diagonals import Tril, Triu
from ..shaping.reshaping import clone
from .matrices import check_matrices, failed, spared_nan
from .products import matmul

__all__ = ["inv", "inverse", "matrix_power", "solve", "solve_triangular"]


class LinalgInvEx(Primitive):
    def forward(self, A):
        try:
            return spared_nan(np.linalg.inv, A, 2)
        except np.linalg.LinAlgError:
            raise failed(A, "linalg.inv", np.linalg.inv, _why_singular) from None

    @rule("-out.mT @ (grad @ out.mT)")
    def grad_A(self, grad, out):
        return -out.mT @ (grad @ out.mT)


class LinalgSolveEx(Primitive):
    __slots__ = ("left", "vector")
    constants = shown(left=True)

    def forward(self, A, B, *, left, vector):
        self.left, self.vector = left, vector
        return _solution(A, B, left, vector)

    def back(self, grad, A):
        return LinalgSolveEx.on(A.mT, grad, left=self.left, vector=self.vector)

    @rule(words="what reaches B, times -out.mT")
    def grad_A(self, grad, A, out):
        grad = self.back(grad, A)
        if self.vector:
            return -grad[..., None] * out[..., None, :]
        return -grad @ out.mT if self.left else -out.mT @ grad

    @rule("linalg.solve(A.mT, grad, left=left)")
    def grad_B(self, grad, A):
        return self.back(grad, A)


class LinalgSolveTriangular(Primitive):
    __slots__ = ("form", "left")

    def forward(self, A, B, *, upper, left, unitriangular):
        self.left, self.form = left, {"upper": upper, "unitriangular": unitriangular}
        return _substituted(A, B, upper, unitriangular) if left else _substituted(A.mT, B.mT, not upper, unitriangular).mT

    def back(self, grad, A):
        form = {"upper": not self.form["upper"], "unitriangular": self.form["unitriangular"]}
        return LinalgSolveTriangular.on(A.mT, grad, left=self.left, **form)

    @rule(words="what reaches B, times -out.mT, within the triangle")
    def grad_A(self, grad, A, out):
        grad = self.back(grad, A)
        return self.within(-grad @ out.mT if self.left else -out.mT @ grad)

    def within(self, grad):
        unit = int(self.form["unitriangular"])
        return Triu.on(grad, diagonal=unit) if self.form["upper"] else Tril.on(grad, diagonal=-unit)

    @rule(words="grad, solved for with the transposed triangle")
    def grad_B(self, grad, A):
        return self.back(grad, A)


def inv(A: Variable) -> Variable:
    """The inverse of a matrix, or of each of a batch: (*, n, n).

    Raises:
        LinAlgError: it is singular.
        RuntimeError: it is not square, or of no floating dtype.

    >>> import microtorch
    >>> microtorch.linalg.inv(microtorch.tensor([[2.0, 0.0], [0.0, 4.0]])).tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    check_matrices(A, "linalg.inv", square=True)
    return LinalgInvEx.apply(A)


def inverse(input: Variable) -> Variable:
    """`linalg.inv`, by its older name."""
    return inv(input)


def solve(A: Variable, B: Variable, *, left: bool = True) -> Variable:
    """The X of ``A @ X = B``; of ``X @ A = B``, where not ``left``. It takes half of what ``inv(A) @ B`` does, and errs less.

    Args:
        A: (*, n, n).
        B: (*, n, k), or a vector for each matrix: (n,), or (*, n) for the same ``*``. Leading dimensions broadcast.
        left: on which side of X the matrix stands.

    Raises:
        LinAlgError: ``A`` is singular.
        RuntimeError: shapes or dtypes do not match.

    >>> import microtorch
    >>> microtorch.linalg.solve(microtorch.tensor([[2.0, 0.0], [0.0, 4.0]]), microtorch.ones(2)).tolist()
    [0.5, 0.25]
    """
    check_matrices(A, "linalg.solve", square=True)
    a, b = A.array, array_of(B)
    vector = b.ndim == 1 or (a.ndim - 1 == b.ndim and b.shape == a.shape[:-1])
    if not b.ndim:
        raise RuntimeError("linalg.solve: The input tensor B must have at least 2 dimensions, or one, and has none")
    _check_equation(A, B, (*b.shape, 1) if vector else b.shape, "linalg.solve", left)
    return LinalgSolveEx.apply(A, B, left=left, vector=vector)


def solve_triangular(A: Variable, B: Variable, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Variable:
    """The X of ``A @ X = B``, or of ``X @ A = B``, where A is triangular: what is beyond its triangle is not looked at.

    Args:
        A: (*, n, n). Where it is singular, there are inf and nan in the solution.
        B: (*, n, k), or (*, k, n) where not ``left``. Leading dimensions broadcast.
        upper: whether the triangle is the upper one.
        left: on which side of X the matrix stands.
        unitriangular: take the diagonal of A for ones.

    Raises:
        RuntimeError: shapes or dtypes do not match.

    >>> import microtorch
    >>> triangle = microtorch.tensor([[1.0, 2.0], [0.0, 4.0]])
    >>> microtorch.linalg.solve_triangular(triangle, microtorch.tensor([[5.0], [8.0]]), upper=True).tolist()
    [[1.0], [2.0]]
    """
    check_matrices(A, "linalg.solve_triangular", square=True)
    check_matrices(B, "linalg.solve_triangular", argument="B")
    _check_equation(A, B, B.array.shape, "linalg.solve_triangular", left)
    return LinalgSolveTriangular.apply(A, B, upper=upper, left=left, unitriangular=unitriangular)


def matrix_power(input: Variable, n: int) -> Variable:
    """A matrix, or each of a batch, times itself: ``n`` factors; for a negative ``n``, of the inverse.

    Raises:
        LinAlgError: ``n`` is negative, and the matrix singular.
        RuntimeError: it is not square.
        TypeError: ``n`` is no integer.

    >>> import microtorch
    >>> microtorch.linalg.matrix_power(microtorch.tensor([[1, 1], [0, 1]]), 5).tolist()
    [[1, 5], [0, 1]]
    """
    check_matrices(input, "linalg.matrix_power", square=True, floating=False)
    if not isinstance(n, int):
        raise TypeError(f"linalg.matrix_power: argument 'n' must be int, not {type(n).__name__}")
    if n == 0:
        return copy(clone(input), wrap(np.eye(input.array.shape[-1], dtype=input.array.dtype)))
    if n == 1:
        return clone(input)
    base = inv(input) if n < 0 else input
    return _power(base, abs(n))


def _power(base: Variable, n: int) -> Variable:
    """By squaring: the bits of ``n`` say which of base, base², base⁴ … are multiplied."""
    if n == 3:
        return matmul(matmul(base, base), base)
    result, square = None, base
    while True:
        if n % 2:
            result = square if result is None else matmul(result, square)
        n //= 2
        if not n:
            assert result is not None
            return result
        square = matmul(square, square)


def _check_equation(A: Variable, B: Variable, shape: tuple[int, ...], name: str, left: bool) -> None:
    a = A.array.shape
    if A.array.dtype is not B.array.dtype:
        raise RuntimeError(
            f"{name}: Expected A and B to have the same dtype, but found A of type {A.dtype} and B of type {B.dtype} instead: "
            "convert one with .to()"
        )
    if a[-1] != shape[-2 if left else -1]:
        raise RuntimeError(
            f"{name}: Incompatible shapes of A and B for the equation {'AX' if left else 'XA'} = B "
            f"({a[-2]}x{a[-1]} and {shape[-2]}x{shape[-1]})"
        )
    try:
        np.broadcast_shapes(a[:-2], shape[:-2])
    except ValueError:
        raise shapes_do_not_broadcast(name, a[:-2], shape[:-2]) from None


def _solution(A: Array, B: Array, left: bool, vector: bool) -> Array:
    def solved(A: Array) -> Array:
        if vector:
            return np.linalg.solve(A, B[..., None])[..., 0]
        return np.linalg.solve(A, B) if left else np.linalg.solve(A.mT, B.mT).mT

    try:
        return spared_nan(solved, A, 1 if vector else 2)
    except np.linalg.LinAlgError:
        reason = "The solver failed because the input matrix is singular."
        factored = A if vector or left else A.mT  # whose pivots are others
        raise failed(factored, "torch.linalg.solve", np.linalg.inv, lambda matrix: reason) from None


def _substituted(A: Array, B: Array, upper: bool, unitriangular: bool) -> Array:
    """The solution of a triangular system: row by row, from the one with a single unknown."""
    n = A.shape[-1]
    X = np.zeros((*np.broadcast_shapes(A.shape[:-2], B.shape[:-2]), *B.shape[-2:]), B.dtype)
    for i in reversed(range(n)) if upper else range(n):
        known = slice(i + 1, None) if upper else slice(0, i)
        row = B[..., i, :] - (A[..., i : i + 1, known] @ X[..., known, :])[..., 0, :]
        X[..., i, :] = row if unitriangular else row / A[..., i, i, None]
    return X


def _why_singular(matrix: Array) -> str:
    """Where elimination with partial pivoting, which is what LAPACK does, finds a zero on the diagonal."""
    rows = matrix.copy()
    for k in range(len(rows)):
        pivot = k + abs(rows[k:, k]).argmax()
        rows[k], rows[pivot] = rows[pivot].copy(), rows[k].copy()
        if not rows[k, k]:
            break
        rows[k + 1 :] -= rows[k + 1 :, k, None] / rows[k, k] * rows[k]
    return f"The diagonal element {k + 1} is zero, the inversion could not be completed because the input matrix is singular."
