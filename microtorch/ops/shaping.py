"""The same elements in another shape. All but ``clone`` and ``UnsafeView`` share the memory of their input."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..dtypes import Array
from ..node import array_of
from ..primitive import Primitive, rule
from .dims import axes_of, axis_of, sizes_of

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = [
    "clone", "contiguous", "expand", "expand_as", "movedim", "permute", "reshape", "reshape_as", "squeeze", "t", "transpose",
    "unsqueeze", "view", "view_as",
]  # fmt: skip


class _Reshaping(Primitive):
    """Whose gradient is the output's, in the shape of the input."""

    __slots__ = ("input_shape",)

    input_shape: tuple[int, ...]

    @rule("grad.reshape(input.shape)")
    def grad_input(self, grad):
        return grad.reshape(self.input_shape)


class View(_Reshaping):
    is_view = True

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

    def forward(self, input, *, dim):
        self.input_shape = input.shape
        return np.expand_dims(input, dim)


class Squeeze(_Reshaping):
    is_view = True

    def forward(self, input, *, dim=None, overload=1):
        self.input_shape = input.shape
        if dim is None:
            return input.squeeze()
        self.overload = overload
        dims = (dim,) if isinstance(dim, int) else dim
        return input.squeeze(tuple(each for each in dims if input.ndim and input.shape[each] == 1))


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

    def forward(self, input, *, dims):
        self.inverse = tuple(np.argsort(dims).tolist())
        return input.transpose(dims)

    @rule(words="grad, with its dimensions put back in the order of the input")
    def grad_input(self, grad):
        return Permute.on(grad, dims=self.inverse)


class Expand(Primitive):
    is_view = True

    # Nothing to do but what the engine does for every gradient: sum over what was repeated.
    def forward(self, input, *, shape):
        out = np.broadcast_to(input, shape)
        out.flags.writeable = input.flags.writeable  # what may be written, in_place.py knows
        return out

    @rule(words="grad, summed over the dimensions that were repeated")
    def grad_input(self, grad):
        return grad


def view(input: Variable, *shape: Any) -> Variable:
    """The same memory in another shape, of which one length may be -1: whatever is left.

    Raises:
        RuntimeError: the number of elements differs, or the elements are not laid out in memory in a way the shape can view.

    >>> import microtorch
    >>> microtorch.ones(2, 3).view(-1, 2).shape
    torch.Size([3, 2])
    """
    lengths = _resolved(input, sizes_of(shape))
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
    lengths = _resolved(input, sizes_of(shape))
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
        raise RuntimeError(f"mT needs at least 2 dimensions, and {input._described()} has {input.array.ndim}")
    return Transpose.apply(input, dim0=input.array.ndim - 2, dim1=input.array.ndim - 1)


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


def squeeze(input: Variable, dim: int | tuple[int, ...] | None = None) -> Variable:
    """A view without the dimensions of length 1; or without ``dim``, one or several, where these have length 1."""
    if dim is None:
        return Squeeze.apply(input)
    if isinstance(dim, tuple | list):
        return Squeeze.apply(input, dim=axes_of(input, dim) if dim else (), overload=2)
    return Squeeze.apply(input, dim=axis_of(input, dim))


def movedim(input: Variable, source: Any, destination: Any) -> Variable:
    """A view with dimensions moved to other places; those that are not named keep their order.

    Args:
        input: of any shape.
        source: a dimension, or several.
        destination: where each shall stand.

    Raises:
        RuntimeError: there are not as many destinations as sources, or one is named twice.
        IndexError: a dimension is out of range.

    >>> import microtorch
    >>> microtorch.movedim(microtorch.ones(2, 3, 4), 0, -1).shape
    torch.Size([3, 4, 2])
    """
    given = [each if isinstance(each, tuple | list) else (each,) for each in (source, destination)]
    if len(given[0]) != len(given[1]):
        raise RuntimeError(f"movedim: Invalid source or destination dims: source {given[0]}, destination {given[1]}")
    starts, ends = ([axis_of(input, dim) for dim in dims] for dims in given)
    if len(set(starts)) < len(starts) or len(set(ends)) < len(ends):
        raise RuntimeError(f"movedim: repeated dim in source {given[0]} or destination {given[1]}")
    if not input.array.ndim:
        return Alias.apply(input)
    rest = iter(each for each in range(input.array.ndim) if each not in starts)
    order = [starts[ends.index(at)] if at in ends else next(rest) for at in range(input.array.ndim)]
    return Permute.apply(input, dims=tuple(order))


def view_as(input: Variable, other: Variable) -> Variable:
    """``input`` in the shape of ``other``: a view. Errors are those of `view`."""
    return view(input, array_of(other).shape)


def reshape_as(input: Variable, other: Variable) -> Variable:
    """``input`` in the shape of ``other``: a view where possible. Errors are those of `reshape`."""
    return reshape(input, array_of(other).shape)


def expand_as(input: Variable, other: Variable) -> Variable:
    """``input`` expanded to the shape of ``other``: a view. Errors are those of `expand`."""
    return expand(input, array_of(other).shape)


def clone(input: Variable, *, memory_format: Any = None) -> Variable:
    """A copy, through which gradients flow; ``memory_format`` is taken for PyTorch's sake, since here there is one."""
    return Clone.apply(input)


def contiguous(input: Variable, *, memory_format: Any = None) -> Variable:
    """``input`` itself where its elements lie in memory one after the other; else a copy of which that is true."""
    return input if array_of(input).flags.c_contiguous else Clone.apply(input)


def _is_view(array: Array, base: Array) -> bool:
    return not array.size or np.may_share_memory(array, base)


def _resolved(input: Variable, shape: tuple[int, ...]) -> tuple[int, ...]:
    size = array_of(input).size
    if shape.count(-1) > 1:
        raise RuntimeError(f"only one dimension can be inferred, but shape {shape} has several -1")
    known = math.prod(length for length in shape if length != -1)
    if -1 in shape and known and size % known == 0:
        return tuple(size // known if length == -1 else length for length in shape)
    if -1 in shape or known != size or any(length < 0 for length in shape):
        raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {size}: {input._described()}")
    return shape
