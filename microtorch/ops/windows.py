"""Views of the memory in another way: sliding windows (``unfold``), and any strides (``as_strided``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import byte_bounds
from numpy.lib.stride_tricks import as_strided as strided_array
from numpy.lib.stride_tricks import sliding_window_view

from ..node import array_of
from ..primitive import Primitive, rule
from .dims import axis_of, sizes_of
from .strided import Place, Scatter

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["as_strided", "unfold"]


class Unfold(Primitive):
    is_view = True

    def forward(self, input, *, dim, size, step):
        self.input_shape, self.dim, self.size, self.step = input.shape, dim, size, step
        windows = sliding_window_view(input, size, dim, writeable=input.flags.writeable)
        return windows[(*(slice(None),) * dim, slice(None, None, step))]

    @rule(words="zeros in the shape of the input, with each window of grad added where it was read")
    def grad_input(self, grad):
        return FromWindows.on(grad, shape=self.input_shape, dim=self.dim, size=self.size, step=self.step)


class FromWindows(Primitive):
    """The inverse of `Unfold`: what overlaps is added."""

    def forward(self, input, *, shape, dim, size, step):
        self.dim, self.size, self.step = dim, size, step
        out = np.zeros(shape, input.dtype)
        for i in range(size):
            end = i + step * (input.shape[dim] - 1) + 1
            out[(*(slice(None),) * dim, slice(i, end, step))] += input[..., i]
        return out

    @rule(words="the windows of grad")
    def grad_input(self, grad):
        return Unfold.on(grad, dim=self.dim, size=self.size, step=self.step)


class AsStridedView(Primitive):
    """The view that a user asked for; `AsStrided` itself computes how a view's gradient begins at its base."""

    torch_name = "AsStrided"
    is_view = True

    def forward(self, input, *, place, part):
        self.place = place
        return part

    @rule(words="zeros in the shape of the input, with grad where the view is")
    def grad_input(self, grad):
        return Scatter.on(grad, place=self.place)


def unfold(input: Variable, dimension: int, size: int, step: int) -> Variable:
    """Windows that slide along a dimension, as a new last one: a view, in which windows may overlap.

    Args:
        input: of any shape.
        dimension: along which.
        size: of a window.
        step: from one window to the next.

    Raises:
        RuntimeError: a window is longer than the dimension, or ``step`` is not positive.
        IndexError: ``dimension`` is out of range.

    >>> import microtorch
    >>> microtorch.arange(4).unfold(0, 2, 1).tolist()
    [[0, 1], [1, 2], [2, 3]]
    """
    axis = axis_of(input, dimension)
    length = input.array.shape[axis] if input.array.ndim else 1
    if not 0 <= size <= length:
        raise RuntimeError(
            f"maximum size for tensor at dimension {dimension} is {length} but size is {size}: {input._described()}"
        )
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    if not input.array.ndim:
        return input.view(1)[:size]
    return Unfold.apply(input, dim=axis, size=size, step=step)


def as_strided(input: Variable, size: Any, stride: Any, storage_offset: int | None = None) -> Variable:
    """A view of the memory of ``input``, laid out as one likes.

    Args:
        input: of any shape.
        size: the lengths of the dimensions.
        stride: for each, how many elements further the next one lies.
        storage_offset: where in the memory, in elements, the first one lies; left out, where that of ``input`` does.

    Raises:
        RuntimeError: the view would reach beyond the memory, or there are not as many strides as lengths.

    >>> import microtorch
    >>> microtorch.arange(6).as_strided((2, 2), (1, 2), 1).tolist()
    [[1, 3], [2, 4]]
    """
    array, lengths, steps = array_of(input), sizes_of((size,)), sizes_of((stride,))
    if len(lengths) != len(steps):
        raise RuntimeError(f"as_strided: mismatch in length of strides and shape: {lengths} and {steps}")
    if min((*lengths, *steps), default=0) < 0:
        raise RuntimeError(f"as_strided: negative lengths and strides are not supported: {lengths} and {steps}")
    memory = _memory_of(array)
    start = (array.ctypes.data - memory.ctypes.data) // array.itemsize if storage_offset is None else storage_offset
    last = start + sum((length - 1) * step for length, step in zip(lengths, steps, strict=True))
    if start < 0 or (0 not in lengths and last >= memory.size):
        raise RuntimeError(
            f"setStorage: sizes {list(lengths)}, strides {list(steps)}, storage offset {start} reach to element {last}, out of "
            f"bounds for storage of size {memory.size}: {input._described()}"
        )
    part = strided_array(memory[start:], lengths, [step * array.itemsize for step in steps], writeable=array.flags.writeable)
    return AsStridedView.apply(input, place=Place.of(array, part), part=part)


def _memory_of(array: Any) -> Any:
    """All of the memory that an array is a view of, as one row."""
    while isinstance(array.base, np.ndarray) and array.base.dtype == array.dtype:
        array = array.base
    low, high = byte_bounds(array)
    return strided_array(array, ((high - low) // array.itemsize if array.size else 0,), (array.itemsize,))
