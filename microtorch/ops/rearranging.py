"""The same elements in other places, or in several: ``flip``, ``roll``, ``rot90``, ``repeat``, ``meshgrid`` and their kin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..node import array_of, is_variable, unrecorded
from ..primitive import Primitive, rule
from .dims import axis_of, sizes_of
from .flattening import flatten
from .shaping import clone, expand, unsqueeze, view
from .slices import index_select

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["flip", "fliplr", "flipud", "meshgrid", "repeat", "repeat_interleave", "roll", "rot90", "tile"]


class Flip(Primitive):
    def forward(self, input, *, dims):
        self.dims = dims
        return np.flip(input, dims).copy()

    @rule("grad.flip(dims)")
    def grad_input(self, grad):
        return Flip.on(grad, dims=self.dims)


class Roll(Primitive):
    def forward(self, input, *, shifts, dims):
        self.back, self.dims = tuple(-shift for shift in shifts), dims
        return np.roll(input, shifts, dims) if dims else np.roll(input, shifts)

    @rule("grad.roll(back, dims)")
    def grad_input(self, grad):
        return Roll.on(grad, shifts=self.back, dims=self.dims)


class Rot90(Primitive):
    def forward(self, input, *, k, dims):
        self.back, self.dims = -k, dims
        return np.rot90(input, k, dims).copy()

    @rule("grad.rot90(back, dims)")
    def grad_input(self, grad):
        return Rot90.on(grad, k=self.back, dims=self.dims)


class Repeat(Primitive):
    def forward(self, input, *, repeats):
        lengths = (1,) * (len(repeats) - input.ndim) + input.shape
        self.repeated = tuple(each for pair in zip(repeats, lengths, strict=True) for each in pair)
        self.input_shape = input.shape
        return np.tile(input, repeats)

    @rule(words="the sum of the parts of grad, one for each repetition")
    def grad_input(self, grad):
        return grad.reshape(self.repeated).sum(axis=tuple(range(0, len(self.repeated), 2))).reshape(self.input_shape)


def flip(input: Variable, *dims: Any) -> Variable:
    """``input`` with the order of its elements reversed along ``dims``: a copy.

    Raises:
        IndexError: a dimension is out of range.
        RuntimeError: one is named twice.

    >>> import microtorch
    >>> microtorch.flip(microtorch.tensor([1, 2, 3]), (0,)).tolist()
    [3, 2, 1]
    """
    axes = tuple(axis_of(input, dim) for dim in sizes_of(dims))
    if len(set(axes)) < len(axes):
        raise RuntimeError(f"flip: dim appears multiple times in the list of dims: {sizes_of(dims)}")
    return Flip.apply(input, dims=axes if input.array.ndim else ())


def fliplr(input: Variable) -> Variable:
    """``input`` with its columns, the second dimension, in reverse order.

    Raises:
        RuntimeError: there are fewer than two dimensions.
    """
    if array_of(input).ndim < 2:
        raise RuntimeError(f"Input must be >= 2-d, for fliplr: {input._described()}")
    return flip(input, 1)


def flipud(input: Variable) -> Variable:
    """``input`` with its rows, the first dimension, in reverse order.

    Raises:
        RuntimeError: there are no dimensions.
    """
    if array_of(input).ndim < 1:
        raise RuntimeError(f"Input must be >= 1-d, for flipud: {input._described()}")
    return flip(input, 0)


def roll(input: Variable, shifts: Any, dims: Any = None) -> Variable:
    """``input`` with its elements moved on along ``dims``; what leaves at the end comes in at the front.

    Args:
        input: of any shape.
        shifts: how far: an integer, or one for each of ``dims``.
        dims: along which; left out, along all elements in a row.

    Raises:
        RuntimeError: there are more or fewer shifts than dimensions.
        IndexError: a dimension is out of range.

    >>> import microtorch
    >>> microtorch.roll(microtorch.tensor([1, 2, 3]), 1).tolist()
    [3, 1, 2]
    """
    shifts = tuple(shifts) if isinstance(shifts, tuple | list) else (shifts,)
    named = () if dims is None else tuple(dims) if isinstance(dims, tuple | list) else (dims,)
    axes = tuple(axis_of(input, dim) for dim in named)
    if axes and not input.array.ndim:
        raise IndexError(f"Dimension specified as {named[0]} but tensor has no dimensions: {input._described()}")
    if not shifts:
        raise RuntimeError("`shifts` required")
    if len(named) != len(shifts) and (named or len(shifts) > 1):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(shifts)}, dims: {len(named)}")
    return Roll.apply(input, shifts=shifts, dims=axes)


def rot90(input: Variable, k: int = 1, dims: Any = (0, 1)) -> Variable:
    """``input`` turned ``k`` times by 90 degrees in the plane of two dimensions, from the first towards the second.

    Raises:
        RuntimeError: ``dims`` are not two different dimensions.
        IndexError: a dimension is out of range.

    >>> import microtorch
    >>> microtorch.rot90(microtorch.tensor([[1, 2], [3, 4]])).tolist()
    [[2, 4], [1, 3]]
    """
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if array_of(input).ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {input.array.ndim}: {input._described()}")
    axes = tuple(axis_of(input, dim) for dim in dims)
    if axes[0] == axes[1]:
        raise RuntimeError(f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}")
    return Rot90.apply(input, k=k, dims=axes)


def repeat(input: Variable, *repeats: Any) -> Variable:
    """``input`` so many times along each dimension: a copy. More numbers than dimensions add some at the front.

    Raises:
        RuntimeError: there are fewer numbers than dimensions, or one is negative.

    >>> import microtorch
    >>> microtorch.tensor([1, 2]).repeat(2, 2).tolist()
    [[1, 2, 1, 2], [1, 2, 1, 2]]
    """
    numbers = tuple(sizes_of(repeats))
    if len(numbers) < array_of(input).ndim:
        raise RuntimeError(
            f"Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor: {numbers} for "
            f"{input._described()}"
        )
    if any(number < 0 for number in numbers):
        raise RuntimeError(f"Trying to create tensor with negative dimension: repeat{numbers}")
    return Repeat.apply(input, repeats=numbers)


def tile(input: Variable, *dims: Any) -> Variable:
    """As `repeat`, but of fewer numbers than dimensions, those at the front are 1.

    >>> import microtorch
    >>> microtorch.tile(microtorch.tensor([[1, 2]]), (2,)).tolist()
    [[1, 2, 1, 2]]
    """
    numbers = tuple(sizes_of(dims))
    return repeat(input, (1,) * (array_of(input).ndim - len(numbers)) + numbers)


def repeat_interleave(input: Variable, repeats: Any, dim: int | None = None, *, output_size: int | None = None) -> Variable:
    """Each element, or each slice along ``dim``, so many times in a row.

    Args:
        input: of any shape.
        repeats: a number, or a Variable of integers with one for each.
        dim: along which; left out, the elements are taken in a row.
        output_size: the sum of ``repeats``, which PyTorch needs on other devices; here it is not used.

    Raises:
        RuntimeError: ``repeats`` is of the wrong shape or dtype, or negative.
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.repeat_interleave(microtorch.tensor([1, 2]), 2).tolist()
    [1, 1, 2, 2]
    """
    axis = axis_of(input, 0 if dim is None else dim)
    if dim is None:
        input = flatten(input)
    elif not input.array.ndim:
        input = unsqueeze(input, 0)
    if is_variable(repeats):
        return index_select(input, axis, unrecorded(_each_so_often(repeats, input.array.shape[axis])))
    if not isinstance(repeats, int):
        raise TypeError(f"repeat_interleave(): repeats must be an int or a Variable of integers, not {type(repeats).__name__}")
    if repeats < 0:
        raise RuntimeError(f"Repeats must be non-negative, not {repeats}")
    shape = input.array.shape
    grown = clone(expand(unsqueeze(input, axis + 1), (*shape[: axis + 1], repeats, *shape[axis + 1 :])))
    return view(grown, (*shape[:axis], shape[axis] * repeats, *shape[axis + 1 :]))


def _each_so_often(repeats: Variable, length: int) -> Any:
    array = repeats.array
    if array.ndim > 1 or (array.size not in (1, length)):
        raise RuntimeError(
            f"repeats must have the same size as input along dim, but got repeats of shape {list(array.shape)} for {length}"
        )
    if array.dtype.kind not in "iu":
        raise RuntimeError(f"repeats has to be Long or Int tensor, not {repeats.dtype}")
    if (array < 0).any():
        raise RuntimeError("repeats can not be negative")
    return np.repeat(np.arange(length), array.reshape(-1) if array.size == length else array.item())


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Variable, ...]:
    """Coordinates of a grid: of vectors, as many Variables of as many dimensions, each of which holds one coordinate.

    Args:
        tensors: vectors, or 0-dim Variables; or a list of them.
        indexing: "ij", where the first vector varies along the first dimension; or "xy", where it does along the second.

    Raises:
        RuntimeError: one has more than one dimension, or dtypes differ, or ``indexing`` is neither.

    >>> import microtorch
    >>> x, y = microtorch.meshgrid(microtorch.tensor([1, 2]), microtorch.tensor([3, 4]), indexing="xy")
    >>> x.tolist(), y.tolist()
    ([[1, 2], [1, 2]], [[3, 3], [4, 4]])
    """
    vectors = list(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], tuple | list) else list(tensors)
    arrays = [array_of(each) for each in vectors]
    if not arrays:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    if any(array.ndim > 1 for array in arrays) or len({array.dtype for array in arrays}) > 1:
        raise RuntimeError(
            "meshgrid: Expected 0D or 1D tensors in the tensor list, all of the same dtype, but got shapes "
            f"{[array.shape for array in arrays]} and dtypes {[str(array.dtype) for array in arrays]}"
        )
    if indexing not in {"ij", "xy"}:
        raise RuntimeError(f'meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    order = list(range(len(arrays)))
    if indexing == "xy":
        order[:2] = reversed(order[:2])
    shape = tuple(arrays[i].size for i in order)
    lines = (tuple(size if i == order[at] else 1 for at, size in enumerate(shape)) for i in range(len(arrays)))
    return tuple(expand(view(each, line), shape) for each, line in zip(vectors, lines, strict=True))
