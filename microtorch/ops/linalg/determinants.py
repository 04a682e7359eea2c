"""Numbers that stand for a whole matrix: trace, determinant, and the determinant's sign and logarithm."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import return_types
from ...arrays.dtypes import Array
from ...arrays.operands import refuse_bools
from ...core.primitive import Primitive, rule
from ...core.variable import Variable, array_of
from ..reduction.sums import Everywhere
from ..selection.where import where
from ..shaping.diagonals import DiagEmbed
from .decompositions import LinalgSvd
from .matrices import check_matrices, spared_nan
from .solving import LinalgInvEx

__all__ = ["det", "linalg_det", "linalg_slogdet", "logdet", "slogdet", "trace"]


class Trace(Primitive):
    def forward(self, input):
        self.input_shape, self.length = input.shape, min(input.shape)
        return np.add.reduce(np.diagonal(input))

    @rule(words="zeros in the shape of the input, with grad on the diagonal")
    def grad_input(self, grad):
        diagonal = Everywhere.on(grad, shape=(self.length,))
        return DiagEmbed.on(diagonal, shape=self.input_shape, offset=0, dim1=0, dim2=1)


class LinalgDet(Primitive):
    """The derivative with respect to an element is its cofactor.

    Source: M. Giles, Collected matrix derivative results for forward and reverse mode algorithmic differentiation, 2008;
    for singular matrices, N. Higham, What Is the Adjugate of a Matrix?, 2020.
    """

    def forward(self, A):
        with np.errstate(all="ignore"):
            out = np.asarray(spared_nan(np.linalg.det, A, 0))
        self.singular = _almost_zero(out, A)[..., None, None]
        return out

    @rule(words="grad times the cofactors: out * inv(A).mT, or what that tends to where A is singular")
    def grad_A(self, grad, A, out):
        return grad[..., None, None] * self.cofactors(A, out[..., None, None])

    def cofactors(self, A, det):
        singular = self.singular
        if not singular.any():
            return det * LinalgInvEx.on(A).mT
        # Each formula gets those matrices of a batch that it is right for, and in place of the others one that does no harm.
        harmless = np.diag(np.arange(1.0, A.shape[-1] + 1)).astype(A.dtype)
        regular = det * LinalgInvEx.on(np.where(singular, harmless, A)).mT
        U, S, Vh = LinalgSvd.on(np.where(singular, A, harmless), full_matrices=False)
        orientation = (LinalgDet.on(U) * LinalgDet.on(Vh))[..., None, None]
        return np.where(singular, orientation * ((U * _products_of_others(S)[..., None, :]) @ Vh), regular)


class LinalgSlogdet(Primitive):
    output_names = ("sign", "logabsdet")

    def forward(self, A):
        with np.errstate(all="ignore"):
            sign, logabsdet = np.linalg.slogdet(A)
        sick = np.isnan(A).any((-2, -1))  # where torch's sign is 0
        return np.where(sick, A.dtype.type(0), sign), np.where(sick, A.dtype.type(np.nan), logabsdet)

    @rule(words="the gradient of logabsdet times inv(A).mT; the sign is constant")
    def grad_A(self, grad, A):
        return None if grad[1] is None else grad[1][..., None, None] * LinalgInvEx.on(A).mT


def _almost_zero(det: Array, A: Array) -> Any:
    """Where a determinant is no more than the rounding error of one of matrices as large, whose rows are orthogonal."""
    n = max(A.shape[-1], 1)
    with np.errstate(divide="ignore"):
        largest = n / 2 * np.log((A * A).sum((-2, -1)) / n)
        return np.log(abs(det)) <= largest + math.log(np.finfo(A.dtype).eps)


def _products_of_others(S: Any) -> Any:
    """For each number in the last dimension, the product of all the others there."""
    before, after = [S[..., 0] * 0.0 + 1.0], [S[..., 0] * 0.0 + 1.0]
    for i in range(S.shape[-1] - 1):
        before.append(before[-1] * S[..., i])
        after.append(after[-1] * S[..., -1 - i])
    return np.stack([x * y for x, y in zip(before, reversed(after), strict=True)], -1)


def trace(input: Variable) -> Variable:
    """The sum of the diagonal of a matrix.

    Raises:
        RuntimeError: it is no matrix, or of bools.

    >>> import microtorch
    >>> microtorch.trace(microtorch.tensor([[1, 2], [3, 4]])).item()
    5
    """
    if array_of(input).ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {input.array.ndim}: {input._described()}")
    refuse_bools(input.array, operation="trace")
    return Trace.apply(input)


def linalg_det(A: Variable) -> Variable:
    """The determinant of a matrix, or of each of a batch: (*, n, n) gives (*). It is differentiable for singular matrices, too.

    Raises:
        RuntimeError: it is not square, or of no floating dtype.

    >>> import microtorch
    >>> microtorch.linalg.det(microtorch.tensor([[2.0, 1.0], [0.0, 4.0]])).item()
    8.0
    """
    check_matrices(A, "linalg.det", square=True)
    return LinalgDet.apply(A)


def det(input: Variable) -> Variable:
    """`linalg.det`, by its older name."""
    return linalg_det(input)


def linalg_slogdet(A: Variable) -> return_types.linalg_slogdet:
    """The sign of the determinant and the logarithm of its absolute value, which neither overflows nor underflows.

    Of a singular matrix they are 0 and -inf, and the gradient is an error.

    Raises:
        RuntimeError: it is not square, or of no floating dtype.

    >>> import microtorch
    >>> sign, logabsdet = microtorch.linalg.slogdet(-1e-200 * microtorch.eye(3).double())
    >>> sign.item(), round(logabsdet.item(), 3)
    (-1.0, -1381.551)
    """
    check_matrices(A, "linalg.slogdet", square=True)
    return return_types.linalg_slogdet(*LinalgSlogdet.apply(A))


def slogdet(input: Variable) -> return_types.slogdet:
    """`linalg.slogdet`, by its older name."""
    check_matrices(input, "slogdet", square=True)
    return return_types.slogdet(*LinalgSlogdet.apply(input))


def logdet(input: Variable) -> Variable:
    """The logarithm of the determinant; nan where that is negative.

    Raises:
        RuntimeError: the matrix is not square, or of no floating dtype.
    """
    check_matrices(input, "logdet", square=True)
    sign, logabsdet = LinalgSlogdet.apply(input)
    return where(sign == -1.0, math.nan, logabsdet)
