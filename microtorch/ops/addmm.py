"""A product of matrices and a sum in one operation: what a layer with a bias is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..node import array_of, refuse_bools
from ..primitive import Primitive, rule

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["addmm"]


class Addmm(Primitive):
    def forward(self, input, mat1, mat2):
        out = mat1 @ mat2
        return np.add(out, input, out)

    @rule("grad")
    def grad_input(self, grad):
        return grad

    @rule("grad @ mat2.mT")
    def grad_mat1(self, grad, mat2):
        return grad @ mat2.mT

    @rule("mat1.mT @ grad")
    def grad_mat2(self, grad, mat1):
        return mat1.mT @ grad


class AddmmScaled(Primitive):
    torch_name = "Addmm"

    def forward(self, input, mat1, mat2, *, beta, alpha):
        self.beta, self.alpha = beta, alpha
        return mat1 @ mat2 * alpha + (input * beta if beta else np.zeros_like(input))  # 0 times nan is no nan here

    @rule("grad * beta")
    def grad_input(self, grad):
        return grad * self.beta

    @rule("grad @ mat2.mT * alpha")
    def grad_mat1(self, grad, mat2):
        return grad @ mat2.mT * self.alpha

    @rule("mat1.mT @ grad * alpha")
    def grad_mat2(self, grad, mat1):
        return mat1.mT @ grad * self.alpha


def addmm(input: Variable, mat1: Variable, mat2: Variable, *, beta: float = 1, alpha: float = 1) -> Variable:
    """``beta * input + alpha * (mat1 @ mat2)``; where ``beta`` is 0, ``input`` does not count, whatever it holds.

    Args:
        input: of a shape that expands to that of the product.
        mat1: of shape (n, k).
        mat2: of shape (k, m).
        beta: a number.
        alpha: a number.

    Raises:
        RuntimeError: ``mat1`` or ``mat2`` is no matrix, lengths do not match, or the dtypes differ.

    >>> import microtorch
    >>> microtorch.addmm(microtorch.ones(2), microtorch.ones(1, 3), microtorch.ones(3, 2)).tolist()
    [[4.0, 4.0]]
    """
    added, a, b = array_of(input), array_of(mat1), array_of(mat2)
    for name, each in (("mat1", a), ("mat2", b)):
        if each.ndim != 2:
            raise RuntimeError(f"addmm: {name} must be a matrix, got {each.ndim}-D tensor of shape {list(each.shape)}")
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(
            f"addmm: mat1 and mat2 shapes cannot be multiplied ({a.shape[0]}x{a.shape[1]} and {b.shape[0]}x{b.shape[1]}): the "
            "last length of the first must be the first of the second"
        )
    refuse_bools(added, a, b, operation="addmm")
    if not added.dtype == a.dtype == b.dtype:
        raise RuntimeError(
            f"addmm: self, mat1 and mat2 must have the same dtype, but got {input.dtype}, {mat1.dtype} and {mat2.dtype}; convert "
            "with .to()"
        )
    _check_expands(added.shape, (a.shape[0], b.shape[1]))
    if beta == alpha == 1:
        return Addmm.apply(input, mat1, mat2)
    kind = float if a.dtype.kind == "f" else int
    return AddmmScaled.apply(input, mat1, mat2, beta=kind(beta), alpha=kind(alpha))


def _check_expands(shape: tuple[int, ...], target: tuple[int, int]) -> None:
    for dim, length in enumerate(shape, start=2 - len(shape)):
        if dim < 0 or length not in (1, target[dim]):
            raise RuntimeError(
                f"addmm: The expanded size of the tensor ({target[max(dim, 0)]}) must match the existing size ({length}) at "
                f"non-singleton dimension {max(dim, 0)}. Target sizes: {list(target)}. Tensor sizes: {list(shape)}"
            )
