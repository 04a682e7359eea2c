"""The same elements in another order, or several times: flipped, rolled, turned, repeated; and grids of all combinations."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np

from ...arrays.operands import summed
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of, is_variable, unrecorded
from ...tensor.dims import axes_of, axis_of, integer_of, sizes_of
from ..shaping.flattening import flatten
from ..shaping.joining import stack, variables_of
from ..shaping.reshaping import clone, expand, unsqueeze, view
from .slices import index_select

__all__ = [
    "cartesian_prod", "flip", "fliplr", "flipud", "meshgrid", "repeat", "repeat_interleave", "roll", "rot90", "tile",
]  # fmt: skip


class Flip(Primitive):
    constants = shown("dims")

    def forward(self, input, *, dims):
        self.dims = dims
        return np.flip(input, dims).copy()

    @rule("flip(grad, dims)")
    def grad_input(self, grad):
        return Flip.on(grad, dims=self.dims)


class Roll(Primitive):
    constants = shown("shifts", dims=())

    def forward(self, input, *, shifts, dims):
        self.shifts, self.back, self.dims = shifts, tuple(-shift for shift in shifts), dims
        return np.roll(input, shifts, dims) if dims else np.roll(input, shifts[0])

    @rule("roll(grad, back, dims)")
    def grad_input(self, grad):
        return Roll.on(grad, shifts=self.back, dims=self.dims)


class Rot90(Primitive):
    constants = shown("k", "dims")

    def forward(self, input, *, k, dims):
        self.k, self.dims = k, dims
        return np.rot90(input, k, dims).copy()

    @rule("rot90(grad, -k, dims)")
    def grad_input(self, grad):
        return Rot90.on(grad, k=-self.k, dims=self.dims)


class Repeat(Primitive):
    constants = shown("repeats")

    def forward(self, input, *, repeats):
        own = (1,) * (len(repeats) - input.ndim) + input.shape
        self.input_shape, self.repeats = input.shape, repeats
        self.apart = tuple(chain(*zip(repeats, own, strict=True)))
        return np.tile(input, repeats)

    @rule(words="grad, summed over the repetitions of each element")
    def grad_input(self, grad):
        return summed(grad.reshape(self.apart), tuple(range(0, len(self.apart), 2))).reshape(self.input_shape)


def flip(input: Variable, dims: Any, *more: int) -> Variable:
    """A copy in the reverse order along each of ``dims``: one or several integers, or a list of them.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: one is named twice.

    >>> import microtorch
    >>> microtorch.flip(microtorch.arange(3), dims=[0]).tolist()
    [2, 1, 0]
    """
    named = sizes_of((dims, *more))
    return Flip.apply(input, dims=axes_of(input, named) if named else ())


def fliplr(input: Variable) -> Variable:
    """A copy with the columns in reverse order.

    Raises:
        RuntimeError: there are fewer than two dimensions.
    """
    if array_of(input).ndim < 2:
        raise RuntimeError(f"fliplr: Input must be >= 2-d., and got {input._described()}")
    return flip(input, 1)


def flipud(input: Variable) -> Variable:
    """A copy with the rows in reverse order.

    Raises:
        RuntimeError: ``input`` is 0-dim.
    """
    if array_of(input).ndim < 1:
        raise RuntimeError(f"flipud: Input must be >= 1-d., and got {input._described()}")
    return flip(input, 0)


def roll(input: Variable, shifts: Any, dims: Any = ()) -> Variable:
    """A copy with all elements moved on along dimensions, and those beyond the end put at the front.

    Args:
        input: of any shape.
        shifts: how far, or a list of how far for each of ``dims``; negative to the front.
        dims: the dimension or dimensions; left out, the elements move as if they stood in a row.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: there are not equally many ``shifts`` and ``dims``.

    >>> import microtorch
    >>> microtorch.arange(4).roll(1).tolist()
    [3, 0, 1, 2]
    """
    steps, named = sizes_of((shifts,)), sizes_of((dims,))
    if not steps or (len(steps) != len(named) and (named or len(steps) > 1)):
        raise RuntimeError(f"roll: `shifts` required; shifts and dimensions must align. shifts: {len(steps)}, dims:{len(named)}")
    if named and not array_of(input).ndim:
        raise IndexError(f"roll: Dimension specified as {named[0]} but tensor has no dimensions: {input._described()}")
    return Roll.apply(input, shifts=steps, dims=tuple(axis_of(input, dim) for dim in named))


def rot90(input: Variable, k: int = 1, dims: tuple[int, int] | list[int] = (0, 1)) -> Variable:
    """A copy turned by 90 degrees ``k`` times, in the plane of two dimensions: from the first towards the second.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: these are not two dimensions.
    """
    if not isinstance(dims, tuple | list):
        raise TypeError(f"rot90(): argument 'dims' must be a tuple of ints, not {type(dims).__name__}: {dims!r}")
    named = sizes_of((dims,))
    if len(named) != 2 or array_of(input).ndim < 2:
        raise RuntimeError(
            f"rot90: expected total rotation dims == 2, but got dims = {len(named)}, and expected total dims >= 2, but got total "
            f"dims = {array_of(input).ndim}"
        )
    plane = axis_of(input, named[0]), axis_of(input, named[1])
    if plane[0] == plane[1]:
        raise RuntimeError(f"rot90: expected rotation dims to be different, but got dim0 = {named[0]} and dim1 = {named[1]}")
    return Rot90.apply(input, k=integer_of(k, "rot90: k"), dims=plane)


def repeat(input: Variable, repeats: Any, *more: int) -> Variable:
    """A copy of ``input`` several times along each dimension: 2017's ``np.tile``.

    Args:
        input: of any shape.
        repeats: how often along each dimension; there may be more of them than dimensions, then new ones come in front.
        more: ``x.repeat(2, 3)`` is ``x.repeat((2, 3))``.

    Raises:
        RuntimeError: there are fewer ``repeats`` than dimensions, or one is negative.

    >>> import microtorch
    >>> microtorch.arange(2).repeat(2, 3).tolist()
    [[0, 1, 0, 1, 0, 1], [0, 1, 0, 1, 0, 1]]
    """
    times = sizes_of((repeats, *more))
    if len(times) < array_of(input).ndim:
        raise RuntimeError(
            f"repeat: Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor: {times} for "
            f"{input._described()}"
        )
    if any(each < 0 for each in times):
        raise RuntimeError(f"repeat: nothing can be repeated a negative number of times (negative dimension): {times}")
    return Repeat.apply(input, repeats=times)


def tile(input: Variable, dims: Any, *more: int) -> Variable:
    """As `repeat`, but where ``dims`` are fewer than the dimensions, they count for the last of these."""
    times = sizes_of((dims, *more))
    return repeat(input, (1,) * (array_of(input).ndim - len(times)) + times)


def repeat_interleave(
    input: Variable, repeats: int | Variable, dim: int | None = None, *, output_size: int | None = None
) -> Variable:
    """Each element several times in a row, along ``dim``; without one, of all in a row.

    Args:
        input: of any shape.
        repeats: how often each; a Variable of integers says it for each one along ``dim``.
        dim: along which dimension.
        output_size: the sum of ``repeats``, which PyTorch needs on other devices; here it is not used.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: ``repeats`` is negative, or a Variable of another length than ``input`` has along ``dim``.

    >>> import microtorch
    >>> microtorch.arange(3).repeat_interleave(microtorch.tensor([2, 0, 1])).tolist()
    [0, 0, 2]
    """
    if dim is None:
        input, dim = flatten(input), 0
    if is_variable(repeats):
        return _each_so_often(input, repeats, dim)
    axis, count = axis_of(input, dim), integer_of(repeats, "repeat_interleave: repeats")
    if count < 0:
        raise RuntimeError(f"repeat_interleave: Repeats must be non-negative, and got {count}")
    each = unsqueeze(input, axis + 1)
    shape = (*each.array.shape[: axis + 1], count, *each.array.shape[axis + 2 :])
    return flatten(clone(expand(each, shape)), axis, axis + 1)


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Variable, ...]:
    """For each of some vectors, a grid of all combinations in which it varies along a dimension of its own: views.

    Args:
        tensors: vectors or numbers of one dtype, or a list of them.
        indexing: "ij", as of the rows and columns of a matrix: the first varies along the first dimension, the second along the
            second. Or "xy", as on paper: the other way round.

    Raises:
        RuntimeError: there are none, or one has several dimensions, or their dtypes differ; or ``indexing`` is something else.

    >>> import microtorch
    >>> rows, columns = microtorch.meshgrid(microtorch.arange(2), microtorch.arange(3))
    >>> columns.tolist()
    [[0, 1, 2], [0, 1, 2]]
    """
    vectors = variables_of(tensors[0] if len(tensors) == 1 and not is_variable(tensors[0]) else tensors, "meshgrid")
    if indexing not in {"ij", "xy"}:
        raise RuntimeError(f'meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    for each in vectors:
        if each.array.ndim > 1:
            raise RuntimeError(f"meshgrid: Expected 0D or 1D tensor in the tensor list but got: {each._described()}")
        if each.array.dtype != vectors[0].array.dtype:
            raise RuntimeError(f"meshgrid expects all tensors to have the same dtype, not {vectors[0].dtype} and {each.dtype}")
    places = [*range(len(vectors))]
    if indexing == "xy":
        places[:2] = places[:2][::-1]
    shape = [vectors[place].array.size for place in places]
    ones = [1] * len(vectors)
    return tuple(
        expand(view(each, *ones[:place], -1, *ones[place + 1 :]), shape) for place, each in zip(places, vectors, strict=True)
    )


def cartesian_prod(*tensors: Variable) -> Variable:
    """All combinations of the elements of some vectors, one in each row; a single vector as it is.

    Raises:
        RuntimeError: one of them is no vector, or their dtypes differ.
    """
    for each in tensors:
        if array_of(each).ndim != 1:
            raise RuntimeError(f"cartesian_prod: Expect a 1D vector, but got shape {list(each.array.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    return stack([flatten(each) for each in meshgrid(*tensors)], 1)


def _each_so_often(input: Variable, repeats: Variable, dim: int) -> Variable:
    times = repeats.array
    if times.ndim > 1:
        raise RuntimeError(f"repeat_interleave: repeats must be 0-dim or 1-dim tensor, not {repeats._described()}")
    if not input.array.ndim:
        raise IndexError(f"repeat_interleave: Dimension specified as {dim} but tensor has no dimensions: {input._described()}")
    axis = axis_of(input, dim)
    length = input.array.shape[axis]
    if times.dtype not in (np.int64, np.int32):
        raise RuntimeError(f"repeat_interleave: repeats has to be of dtype int64 or int32, not {repeats.dtype}")
    if times.size not in (1, length):
        raise RuntimeError(
            f"repeat_interleave: repeats must have the same size as input along dim, but got repeats.size(0) = {times.size} and "
            f"input.size(0) = {length}"
        )
    if (times < 0).any():
        raise RuntimeError(f"repeat_interleave: repeats can not be negative: {times.tolist()}"[:200])
    return index_select(input, axis, unrecorded(np.repeat(np.arange(length), times)))


def reversed_rows(input: Variable) -> Variable:
    """``reversed(x)``: a copy with the first dimension from last to first; a 0-dim one as it is."""
    return flip(input, 0) if input.array.ndim else input
