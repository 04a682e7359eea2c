"""A product and a sum in one operation, as BLAS has them: ``beta * input + alpha * (mat1 @ mat2)`` and its kin."""

from __future__ import annotations

import numpy as np

from ...arrays.dtypes import Array
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of
from ..elementwise.arithmetic import Add, Mul
from ..shaping.reshaping import Expand
from .products import check_product

__all__ = ["addbmm", "addmm", "addmv", "addr", "baddbmm"]


class Addmm(Primitive):
    """``input + mat1 @ mat2``, of which linear layers are made: with a weight turned over, as its gradient shall be, too."""

    __slots__ = ("turned",)

    def forward(self, input, mat1, mat2):
        self.turned = mat2.flags.f_contiguous
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
        return (grad.mT @ mat1).mT if self.turned else mat1.mT @ grad


class _Scaled(Primitive):
    """``beta * input + alpha * product``, of whichever product a subclass is."""

    __slots__ = ("alpha", "beta")
    constants = shown(beta=1, alpha=1)

    def total(self, input, product, beta, alpha):
        self.beta, self.alpha = beta, alpha
        product = Mul.compute(product, alpha)
        # Where beta is 0, input does not count at all, not even where it is nan.
        return Add.compute(Mul.compute(input, beta), product) if beta else product + np.zeros_like(input)

    @rule("grad * beta")
    def grad_input(self, grad):
        return grad * self.beta


class AddmmScaled(_Scaled):
    torch_name = "Addmm"

    def forward(self, input, mat1, mat2, *, beta, alpha):
        return self.total(input, mat1 @ mat2, beta, alpha)

    grad_input = _Scaled.rules[0]

    @rule("grad @ mat2.mT * alpha")
    def grad_mat1(self, grad, mat2):
        return grad @ mat2.mT * self.alpha

    @rule("mat1.mT @ grad * alpha")
    def grad_mat2(self, grad, mat1):
        return mat1.mT @ grad * self.alpha


class Baddbmm(AddmmScaled):
    """A product of matrices for each index of the batch."""

    grad_input, grad_mat1, grad_mat2 = AddmmScaled.rules


class Addbmm(_Scaled):
    """The sum of the products of a batch."""

    __slots__ = ("batch_shape",)

    def forward(self, input, mat1, mat2, *, beta, alpha):
        self.batch_shape = (*mat1.shape[:2], mat2.shape[2])
        return self.total(input, (mat1 @ mat2).sum(0), beta, alpha)

    grad_input = _Scaled.rules[0]

    @rule("grad.expand(batch_shape) @ mat2.mT * alpha")
    def grad_mat1(self, grad, mat2):
        return Expand.on(grad, shape=self.batch_shape) @ mat2.mT * self.alpha

    @rule("mat1.mT @ grad.expand(batch_shape) * alpha")
    def grad_mat2(self, grad, mat1):
        return mat1.mT @ Expand.on(grad, shape=self.batch_shape) * self.alpha


class Addmv(_Scaled):
    def forward(self, input, mat, vec, *, beta, alpha):
        return self.total(input, mat @ vec, beta, alpha)

    grad_input = _Scaled.rules[0]

    @rule("grad.unsqueeze(-1) * vec * alpha")
    def grad_mat(self, grad, vec):
        return grad[:, None] * vec * self.alpha

    @rule("mat.mT @ grad * alpha")
    def grad_vec(self, grad, mat):
        return mat.mT @ grad * self.alpha


class Addr(_Scaled):
    def forward(self, input, vec1, vec2, *, beta, alpha):
        return self.total(input, Mul.compute(vec1[:, None], vec2), beta, alpha)

    grad_input = _Scaled.rules[0]

    @rule("grad @ vec2 * alpha")
    def grad_vec1(self, grad, vec2):
        return grad @ vec2 * self.alpha

    @rule("grad.mT @ vec1 * alpha")
    def grad_vec2(self, grad, vec1):
        return grad.mT @ vec1 * self.alpha


def addmm(input: Variable, mat1: Variable, mat2: Variable, *, beta: float = 1, alpha: float = 1) -> Variable:
    """``beta * input + alpha * (mat1 @ mat2)``: (n, k) and (k, m) give (n, m), to which ``input`` broadcasts.

    Where ``beta`` is 0, ``input`` does not count, whatever is in it.

    Raises:
        RuntimeError: an argument is no matrix, shapes or dtypes do not match.

    >>> import microtorch
    >>> microtorch.addmm(microtorch.tensor([1.0]), microtorch.ones(1, 3), microtorch.ones(3, 2)).tolist()
    [[4.0, 4.0]]
    """
    bias, x, y = array_of(input), array_of(mat1), array_of(mat2)
    if beta == alpha == 1 and x.ndim == 2 == y.ndim and x.dtype is y.dtype is bias.dtype and x.dtype.kind == "f":
        try:
            return Addmm.apply(input, mat1, mat2)  # by far the commonest
        except (ValueError, RuntimeError):  # something does not fit: what it is, is said below
            pass
    check_product(x, y, "addmm", 2, 2)
    _check_added(input, mat1, (x.shape[0], y.shape[1]), "addmm", beta, alpha)
    return Addmm.apply(input, mat1, mat2) if beta == alpha == 1 else AddmmScaled.apply(input, mat1, mat2, beta=beta, alpha=alpha)


def addmv(input: Variable, mat: Variable, vec: Variable, *, beta: float = 1, alpha: float = 1) -> Variable:
    """``beta * input + alpha * (mat @ vec)``: (n, k) and (k,) give (n,), to which ``input`` broadcasts.

    Raises:
        RuntimeError: shapes or dtypes do not match.
    """
    check_product(array_of(mat), array_of(vec), "addmv", 2, 1)
    _check_added(input, mat, mat.array.shape[:1], "addmv", beta, alpha)
    return Addmv.apply(input, mat, vec, beta=beta, alpha=alpha)


def baddbmm(input: Variable, batch1: Variable, batch2: Variable, *, beta: float = 1, alpha: float = 1) -> Variable:
    """``beta * input + alpha * bmm(batch1, batch2)``: (b, n, k) and (b, k, m) give (b, n, m), to which ``input`` broadcasts.

    Raises:
        RuntimeError: shapes or dtypes do not match.
    """
    check_product(array_of(batch1), array_of(batch2), "baddbmm", 3, 3)
    _check_added(input, batch1, (*batch1.array.shape[:2], batch2.array.shape[2]), "baddbmm", beta, alpha)
    return Baddbmm.apply(input, batch1, batch2, beta=beta, alpha=alpha)


def addbmm(input: Variable, batch1: Variable, batch2: Variable, *, beta: float = 1, alpha: float = 1) -> Variable:
    """``beta * input + alpha * bmm(batch1, batch2).sum(0)``: (b, n, k) and (b, k, m) give (n, m).

    Raises:
        RuntimeError: shapes or dtypes do not match.
    """
    check_product(array_of(batch1), array_of(batch2), "addbmm", 3, 3)
    _check_added(input, batch1, (batch1.array.shape[1], batch2.array.shape[2]), "addbmm", beta, alpha)
    return Addbmm.apply(input, batch1, batch2, beta=beta, alpha=alpha)


def addr(input: Variable, vec1: Variable, vec2: Variable, *, beta: float = 1, alpha: float = 1) -> Variable:
    """``beta * input + alpha * outer(vec1, vec2)``: (n,) and (m,) give (n, m), to which ``input`` broadcasts.

    Raises:
        RuntimeError: ``vec1`` or ``vec2`` is no vector, or ``input`` does not broadcast.
    """
    for name, vector in (("vec1", array_of(vec1)), ("vec2", array_of(vec2))):
        if vector.ndim != 1:
            raise RuntimeError(f"addr: Expected 1-D argument {name}, but got {vector.ndim}-D")
    _check_shape(array_of(input), (len(vec1.array), len(vec2.array)), "addr")
    return Addr.apply(input, vec1, vec2, beta=beta, alpha=alpha)


def _check_added(input: Variable, factor: Variable, shape: tuple[int, ...], name: str, beta: float, alpha: float) -> None:
    array = array_of(input)
    if array.dtype is not factor.array.dtype:
        raise RuntimeError(
            f"{name}: input and the factors must have the same dtype, but got {input.dtype} and {factor.dtype}; "
            "convert one with .to()"
        )
    if array.dtype.kind != "f" and float in (type(beta), type(alpha)):
        raise RuntimeError(
            f"{name}: For integral input tensors, argument beta and argument alpha must not be floating point numbers, as in "
            f"beta={beta}, alpha={alpha}"
        )
    _check_shape(array, shape, name)


def _check_shape(array: Array, shape: tuple[int, ...], name: str) -> None:
    try:
        fits = np.broadcast_shapes(array.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise RuntimeError(
            f"{name}: input of shape {array.shape} cannot be added to the product, of shape {shape}. The expanded size of the "
            "tensor must match the existing size at each non-singleton dimension"
        )
