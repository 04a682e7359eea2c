"""The same elements in another shape. All but ``clone`` and ``UnsafeView`` share the memory of their input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ...arrays.dtypes import Array
from ...arrays.dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of
from ...tensor.dims import Dim, axes_of, axis_of, resolved, sizes_of

__all__ = ["adjoint", "clone", "expand", "permute", "reshape", "squeeze", "t", "transpose", "unsqueeze", "view"]


class _Reshaping(Primitive):
    """Whose gradient is the output's, in the shape of the input."""

    __slots__ = ("input_shape",)

    input_shape: tuple[int, ...]

    shape = property(lambda self: self.output(0)[0])

    @rule("grad.reshape(input.shape)")
    def grad_input(self, grad):
        return grad.reshape(self.input_shape)


class View(_Reshaping):
    is_view = True
    constants = shown("shape")

    def forward(self, input, *, shape):
        self.input_shape = input.shape
        return input.reshape(shape)


class UnsafeView(View):
    """What torch records for a view of something that nobody else can see, as the product inside matmul."""

    is_view = False


class ReshapeAlias(View):
    """What torch records for a view, made by ``reshape``, of elements that do not lie in memory one after the other."""


class Unsqueeze(_Reshaping):
    is_view = True
    constants = shown("dim")

    def forward(self, input, *, dim):
        self.input_shape, self.dim = input.shape, dim
        shape = (*input.shape[:dim], 1, *input.shape[dim:])
        if input.flags.c_contiguous and 1 not in input.shape:
            return input.reshape(shape)  # much faster, and the same
        over = _over(input.shape[dim:], input.strides[dim:], input.itemsize)
        return as_strided(input, shape, (*input.strides[:dim], over, *input.strides[dim:]))


class Squeeze(_Reshaping):
    is_view = True
    constants = shown(dim=None)

    def forward(self, input, *, dims, overload):
        self.input_shape, self.overload, self.dim = input.shape, overload, dims if overload else None
        return input.squeeze(tuple(dim for dim in dims if input.shape[dim] == 1))


class Alias(Primitive):
    is_view = True

    def forward(self, input):
        return input.view()

    @rule("grad")
    def grad_input(self, grad):
        return grad


class Clone(Primitive):
    def forward(self, input):
        return input.copy()  # its elements one after the other, in the order of the dimensions

    @rule("grad")
    def grad_input(self, grad):
        return grad


class Transpose(Primitive):
    is_view = True
    constants = shown("dim0", "dim1")

    def forward(self, input, *, dim0, dim1):
        self.dim0, self.dim1 = dim0, dim1
        return input.swapaxes(dim0, dim1) if input.ndim else input.view()

    @rule("grad.swapaxes(dim0, dim1)")
    def grad_input(self, grad):
        return grad.swapaxes(self.dim0, self.dim1) if grad.ndim else grad


class MatrixTranspose(Primitive):
    torch_name = "T"
    is_view = True

    def forward(self, input):
        return input.T

    @rule("grad.t()")
    def grad_input(self, grad):
        return grad.mT if grad.ndim == 2 else grad


class Permute(Primitive):
    is_view = True
    constants = shown("dims")

    def forward(self, input, *, dims):
        self.dims, self.inverse = dims, tuple(np.argsort(dims).tolist())
        return input.transpose(dims)

    @rule(words="grad, with its dimensions put back in the order of the input")
    def grad_input(self, grad):
        return Permute.on(grad, dims=self.inverse)


class Expand(Primitive):
    is_view = True
    constants = shown("shape")

    shape = property(lambda self: self.output(0)[0])

    # Nothing to do but what the engine does for every gradient: sum over what was repeated.
    def forward(self, input, *, shape):
        new = len(shape) - input.ndim
        steps = [step if m == n else 0 for m, n, step in zip(input.shape, shape[new:], input.strides, strict=True)]
        for dim in reversed(range(new)):
            steps.insert(0, 0 if shape[dim] != 1 else _over(shape[dim + 1 :], steps, input.itemsize))
        return as_strided(input, shape, steps)

    @rule(words="grad, summed over the dimensions that were repeated")
    def grad_input(self, grad):
        return grad


def _over(shape: Sequence[int], steps: Sequence[int], itemsize: int) -> int:
    """The stride of a new dimension before others, as torch has it: if there were several, they would not overlap."""
    return shape[0] * steps[0] if shape else itemsize


def view(input: Variable, *shape: Any) -> Variable:
    """The same memory in another shape, of which one length may be -1: whatever is left.

    Raises:
        TypeError: a shape is given that is not of integers, or a dtype, in which torch would read the same bytes.
        RuntimeError: the number of elements differs, or the elements are not laid out in memory in a way the shape can view.

    >>> import microtorch
    >>> microtorch.ones(2, 3).view(-1, 2).shape
    torch.Size([3, 2])
    """
    if shape and isinstance(shape[0], Dtype):
        raise TypeError(
            f"view({shape[0]}) would read the bytes of {input._described()} as others, which is not supported: use .to()"
        )
    lengths = resolved(sizes_of(shape), array_of(input).size, input._described())
    if not _is_view(input.array.reshape(lengths), input.array):
        raise RuntimeError(
            f"view size is not compatible with input tensor's size and stride: {input._described()} does not lie in memory in "
            f"the order that {lengths} needs. Use .reshape(...) instead, which copies where it must"
        )
    return View.apply(input, shape=lengths)


def reshape(input: Variable, *shape: Any) -> Variable:
    """The elements in another shape, of which one length may be -1: a view where possible, else a copy.

    Raises:
        RuntimeError: the number of elements differs.
    """
    lengths = resolved(sizes_of(shape), array_of(input).size, input._described())
    if not _is_view(input.array.reshape(lengths), input.array):
        return UnsafeView.apply(Clone.apply(input), shape=lengths)
    operation = View if input.array.flags.c_contiguous else ReshapeAlias
    return operation.apply(input, shape=lengths)


def expand(input: Variable, *shape: Any) -> Variable:
    """``input`` repeated along its dimensions of length 1, without copying; -1 keeps a length.

    Raises:
        RuntimeError: a length other than 1 would have to change.
    """
    sizes = sizes_of(shape)
    new = len(sizes) - array_of(input).ndim
    own = (1,) * new + input.array.shape
    target = tuple(m if n == -1 else n for m, n in zip(own, sizes, strict=False))
    if -1 in sizes[: max(new, 0)]:
        raise RuntimeError(f"expand: a length of -1 keeps one that is there, and {sizes} has it in front of {input._described()}")
    if len(own) != len(sizes) or any(m not in (1, n) for m, n in zip(own, target, strict=True)):
        raise RuntimeError(f"expand: {input._described()} cannot be expanded to {sizes}: only dimensions of length 1 can grow")
    return Expand.apply(input, shape=target)


def transpose(input: Variable, dim0: int, dim1: int) -> Variable:
    """``input`` with two dimensions swapped: a view."""
    return Transpose.apply(input, dim0=axis_of(input, dim0), dim1=axis_of(input, dim1))


def matrix_transpose(input: Variable) -> Variable:
    """``input`` with its last two dimensions swapped: a view.

    Raises:
        RuntimeError: there are fewer than two dimensions.
    """
    if array_of(input).ndim < 2:
        raise RuntimeError(
            f"mT and adjoint() are only supported on matrices or batches of matrices. Got {input.array.ndim}-D tensor: "
            f"{input._described()}"
        )
    return Transpose.apply(input, dim0=input.array.ndim - 2, dim1=input.array.ndim - 1)


def adjoint(input: Variable) -> Variable:
    """``input`` with its last two dimensions swapped, as `matrix_transpose`; a number as it is.

    Raises:
        RuntimeError: there is one dimension.
    """
    return matrix_transpose(input) if array_of(input).ndim else input


def reversed_dims(input: Variable) -> Variable:
    """``input`` with all its dimensions in reverse order: a view."""
    return permute(input, *reversed(range(input.array.ndim)))


def t(input: Variable) -> Variable:
    """The transpose of a matrix; a vector or a scalar as it is.

    Raises:
        RuntimeError: there are more than two dimensions.
    """
    if array_of(input).ndim > 2:
        raise RuntimeError(
            f"t() expects a tensor with <= 2 dimensions, but self is {input.array.ndim}D; use transpose(dim0, dim1)"
        )
    return MatrixTranspose.apply(input)


def permute(input: Variable, *dims: Any) -> Variable:
    """``input`` with its dimensions in the order ``dims``: a view.

    Raises:
        RuntimeError: ``dims`` does not name every dimension once.
    """
    ndim, given = array_of(input).ndim, sizes_of(dims)
    order = tuple(axis_of(input, dim) for dim in given) if len(given) == ndim else ()
    if len(given) != ndim or sorted(order) != list(range(ndim)):
        raise RuntimeError(f"permute: dims {given} must name each of the {ndim} dimensions once: {input._described()}")
    return Permute.apply(input, dims=order)


def unsqueeze(input: Variable, dim: int) -> Variable:
    """A view with a dimension of length 1 put in at ``dim``."""
    return Unsqueeze.apply(input, dim=axis_of(input, dim, new=True))


def squeeze(input: Variable, dim: Dim = None) -> Variable:
    """A view without the dimensions of length 1; or without those of them that ``dim`` (one dimension or several) names.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: one is named twice.
    """
    dims = () if isinstance(dim, tuple | list) and not dim else axes_of(input, dim)
    return Squeeze.apply(input, dims=dims, overload=0 if dim is None else 2 if isinstance(dim, tuple | list) else 1)


def clone(input: Variable, *, memory_format: Any = None) -> Variable:
    """A copy, through which gradients flow; ``memory_format`` is taken for PyTorch's sake, since here there is one."""
    return Clone.apply(input)


def _is_view(array: Array, base: Array) -> bool:
    return not array.size or np.may_share_memory(array, base)
