"""Products of vectors and matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.dtypes import Array, from_numpy_dtype
from ...arrays.operands import refuse_bools
from ...core.in_place import into
from ...core.primitive import Primitive, rule
from ...core.variable import Variable, array_of
from ..shaping.reshaping import Expand, Squeeze, UnsafeView, Unsqueeze, clone, matrix_transpose, reshape, squeeze, t, unsqueeze

__all__ = ["bmm", "dot", "matmul", "mm", "mv", "vdot"]


class UnsafeSqueeze(Squeeze):
    """What torch does in place to the product inside matmul, which nobody else can see: it is no view of anything."""

    torch_name = "Squeeze"
    is_view = False


class Mm(Primitive):
    """(n, k) @ (k, m)."""

    ufunc = np.matmul

    def forward(self, input, mat2):
        check_product(input, mat2, "mm", 2, 2)
        return input @ mat2

    @rule("grad @ mat2.mT")
    def grad_input(self, grad, mat2):
        return grad @ mat2.mT

    @rule("input.mT @ grad")
    def grad_mat2(self, grad, input):
        return input.mT @ grad


class Bmm(Mm):
    """(b, n, k) @ (b, k, m): a product of matrices for each index of the batch."""

    def forward(self, input, mat2):
        return input @ mat2

    grad_input, grad_mat2 = Mm.rules


class Mv(Primitive):
    """(n, k) @ (k,)."""

    def forward(self, input, vec):
        return input @ vec

    @rule("grad.unsqueeze(-1) * vec")
    def grad_input(self, grad, vec):
        return grad[:, None] * vec

    @rule("input.mT @ grad")
    def grad_vec(self, grad, input):
        return input.mT @ grad


class Dot(Primitive):
    """(k,) @ (k,): a scalar."""

    def forward(self, input, tensor):
        return np.asarray(input @ tensor)

    @rule("grad * tensor")
    def grad_input(self, grad, tensor):
        return grad * tensor

    @rule("grad * input")
    def grad_tensor(self, grad, input):
        return grad * input


class Vdot(Dot):
    grad_input, grad_tensor = Dot.rules


def mm(input: Variable, mat2: Variable, *, out: Variable | None = None) -> Variable:
    """The product of two matrices: (n, k) and (k, m) give (n, m); written into ``out``, if that is given.

    Raises:
        RuntimeError: an argument is no matrix, the inner lengths differ, or the dtypes do.
    """
    result = _product(Mm, input, mat2, "mm", 2, 2)
    return result if out is None else into(out, result, "mm")


def bmm(input: Variable, mat2: Variable) -> Variable:
    """Products of two batches of matrices: (b, n, k) and (b, k, m) give (b, n, m).

    Raises:
        RuntimeError: an argument is not 3-dimensional, lengths do not match, or dtypes do not.
    """
    return _product(Bmm, input, mat2, "bmm", 3, 3)


def mv(input: Variable, vec: Variable) -> Variable:
    """The product of a matrix and a vector: (n, k) and (k,) give (n,).

    Raises:
        RuntimeError: the shapes are others, the inner lengths differ, or the dtypes do.
    """
    return _product(Mv, input, vec, "mv", 2, 1)


def dot(input: Variable, tensor: Variable) -> Variable:
    """The inner product of two vectors of one length: a scalar.

    Raises:
        RuntimeError: an argument is no vector, the lengths differ, or the dtypes do.
    """
    return _product(Dot, input, tensor, "dot", 1, 1)


def vdot(input: Variable, other: Variable) -> Variable:
    """`dot`, which for complex numbers (there are none here) would be another one.

    Raises:
        RuntimeError: an argument is no vector, the lengths differ, or the dtypes do.
    """
    return _product(Vdot, input, other, "vdot", 1, 1)


def matmul(input: Variable, other: Variable, *, out: Variable | None = None) -> Variable:
    """``input @ other``: the product of matrices, with vectors as rows or columns, and leading dimensions broadcast.

    It is written into ``out``, if that is given.

    It is composed as torch composes it: of ``mm``, ``mv``, ``dot`` and ``bmm``, and of views around them.

    Raises:
        RuntimeError: an argument is 0-dimensional, the inner lengths differ, leading dimensions do not broadcast,
            or dtypes differ.

    >>> import microtorch
    >>> (microtorch.ones(2, 3) @ microtorch.ones(3)).tolist()
    [3.0, 3.0]
    """
    x, y = array_of(input), array_of(other)
    if x.ndim == 2 == y.ndim and out is None:
        return Mm.apply(input, other)  # by far the commonest
    ranks = x.ndim, y.ndim
    if 0 in ranks:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {ranks[0]}D and {ranks[1]}D")
    if out is not None:
        return into(out, matmul(input, other), "matmul")
    if ranks in _BY_RANKS:
        return _BY_RANKS[ranks](input, other)
    if ranks == (1, 2):
        return UnsafeSqueeze.apply(mm(Unsqueeze.apply(input, dim=0), other), dims=(0,), overload=4)
    return _folded(input, other) if _folds(input, other) else _batched(input, other)


_BY_RANKS: dict[tuple[int, int], Any] = {(2, 2): mm, (2, 1): mv, (1, 1): dot}


def _folds(input: Variable, other: Variable) -> bool:
    """Whether torch makes one matrix of all the rows of the operand with more dimensions.

    It does where the other needs a gradient, so that this is one product as well; else where the strides say that each
    dimension goes on where the next one ends, lengths of 1 included: no copy is needed.
    """
    swapped = other.array.ndim > input.array.ndim
    large, small = (other, input) if swapped else (input, other)
    if small.array.ndim > 2:
        return False
    if small.requires_grad:
        return True
    if input.array.ndim == 2:
        return False
    array = large.array.mT if swapped else large.array
    steps = array.strides
    return not array.size or all(step == n * after for step, n, after in zip(steps, array.shape[1:-1], steps[1:], strict=False))


def _folded(input: Variable, other: Variable) -> Any:
    """All leading dimensions of one are rows of one matrix: a single product, which BLAS likes best."""
    swapped = other.array.ndim > input.array.ndim
    if swapped:
        input, other = matrix_transpose(other), t(input) if input.array.ndim == 2 else input
    *lead, inner = input.array.shape
    rows = reshape(input, int(np.prod(lead)), inner)
    product = mm(rows, other) if other.array.ndim == 2 else mv(rows, other)
    result = UnsafeView.apply(product, shape=(*lead, *other.array.shape[1:]))
    if not swapped or other.array.ndim == 1:
        return result
    result = matrix_transpose(result)
    return result if result.array.flags.c_contiguous else clone(result)


def _batched(input: Variable, other: Variable) -> Any:
    x, y = input.array.shape, other.array.shape
    if len(x) == len(y) == 3 and x[0] != y[0]:
        if x[0] == 1 and input.requires_grad:
            return matmul(squeeze(input, 0), other)
        if y[0] == 1 and other.requires_grad:
            return matmul(input, squeeze(other, 0))
    try:
        lead = np.broadcast_shapes(x[:-2], y[:-2])
    except ValueError:
        raise RuntimeError(f"matmul: the leading dimensions of {x} and {y} do not broadcast") from None
    batch = int(np.prod(lead))
    rows = x[-2:] if len(x) > 1 else (1, *x)
    columns = unsqueeze(other, 1) if len(y) == 1 else other
    left = reshape(Expand.apply(input, shape=(*lead, *rows)), batch, *rows)
    right = reshape(Expand.apply(columns, shape=(*lead, *columns.array.shape[-2:])), batch, *columns.array.shape[-2:])
    product = bmm(left, right)
    if len(y) == 1:
        product = squeeze(product, -1)
    return UnsafeView.apply(product, shape=(*lead, *x[-2:-1], *y[-1:] * (len(y) > 1)))


def _product(operation: type[Primitive], x: Variable, y: Variable, name: str, x_ndim: int, y_ndim: int) -> Any:
    check_product(array_of(x), array_of(y), name, x_ndim, y_ndim)
    return operation.apply(x, y)


def check_product(a: Array, b: Array, name: str, x_ndim: int, y_ndim: int) -> None:
    """Refuse two factors of which the function ``name`` cannot make a product.

    Raises:
        RuntimeError: one has another number of dimensions, lengths do not match, or dtypes do not, or are bool.
    """
    fits = a.ndim == x_ndim and b.ndim == y_ndim and a.shape[-1] == b.shape[-min(2, y_ndim)] and a.shape[:-2] == b.shape[:-2]
    if fits and a.dtype is b.dtype and a.dtype.char != "?":
        return
    if a.ndim != x_ndim or b.ndim != y_ndim:
        raise RuntimeError(f"{name}: expected a {x_ndim}D and a {y_ndim}D tensor, not shapes {a.shape} and {b.shape}")
    refuse_bools(a, b, operation=name)
    if a.dtype is not b.dtype:
        raise RuntimeError(
            f"expected both arguments of {name} to have the same dtype, but got {from_numpy_dtype(a.dtype)} and "
            f"{from_numpy_dtype(b.dtype)}; convert one with .to()"
        )
    sizes = "x".join(map(str, a.shape)), "x".join(map(str, b.shape))
    raise RuntimeError(
        f"{name}: mat1 and mat2 shapes cannot be multiplied ({sizes[0]} and {sizes[1]}): the last length of the first must "
        f"be the {'only' if y_ndim == 1 else 'last but one'} of the second"
    )
