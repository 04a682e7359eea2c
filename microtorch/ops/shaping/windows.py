"""Windows: views that slide along a dimension (``unfold``), or lie anywhere in the memory (``as_strided``)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.array_utils import byte_bounds
from numpy.lib.stride_tricks import as_strided as as_strided_array
from numpy.lib.stride_tricks import sliding_window_view

from ...arrays.dtypes import Array
from ...arrays.memory import Place, overlaps
from ...core.primitive import Primitive, rule
from ...core.strided import AsStrided
from ...core.telling import shown
from ...core.variable import Variable, array_of
from ...core.views import memory_of
from ...tensor.dims import axis_of, integer_of, sizes_of

__all__ = ["as_strided", "unfold"]


class Unfold(Primitive):
    is_view = True
    constants = shown("dimension", "size", "step")

    def forward(self, input, *, dimension, size, step):
        self.input_shape, self.windows = input.shape, {"dimension": dimension, "size": size, "step": step}
        self.dimension, self.size, self.step = dimension, size, step
        return _windows(input, dimension, size, step)

    @rule(words="zeros in the shape of the input, with grad added where its windows were")
    def grad_input(self, grad):
        return Fold.on(grad, shape=self.input_shape, **self.windows)


class Fold(Primitive):
    """The inverse of `Unfold`: zeros of ``shape``, with each window added in its place."""

    def forward(self, input, *, shape, dimension, size, step):
        self.windows = {"dimension": dimension, "size": size, "step": step}
        out = np.zeros(shape, input.dtype)
        windows = _windows(out, dimension, size, step)
        for i in range(size):  # the elements at one place in all windows do not overlap
            windows[..., i] += input[..., i]
        return out

    @rule(words="the windows of grad")
    def grad_input(self, grad):
        return Unfold.on(grad, **self.windows)


class Window(AsStrided):
    """As `AsStrided`, which copies a part of a memory, and is recorded under the same name; but the part itself."""

    torch_name = "AsStrided"
    is_view = True

    def forward(self, input, *, part):  # type: ignore[override]
        self.place = Place.of(input, part)
        return part


def unfold(input: Variable, dimension: int, size: int, step: int) -> Variable:
    """A view of all windows of length ``size`` along a dimension, each ``step`` after the one before: a new, last dimension.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: ``size`` is longer than the dimension or negative, or ``step`` is not positive.

    >>> import microtorch
    >>> microtorch.arange(5).unfold(0, 3, 1).tolist()
    [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
    """
    axis = axis_of(input, dimension)
    length = input.array.shape[axis] if input.array.ndim else 1
    if integer_of(size, "unfold: size") < 0:
        raise RuntimeError(f"unfold: size is {size} but must be >= 0")
    if size > length:
        raise RuntimeError(f"unfold: maximum size for tensor at dimension {axis} is {length} but size is {size}")
    if integer_of(step, "unfold: step") <= 0:
        raise RuntimeError(f"unfold: step is {step} but must be > 0")
    return Unfold.apply(input, dimension=axis, size=size, step=step)


def as_strided(input: Variable, size: Sequence[int], stride: Sequence[int], storage_offset: int | None = None) -> Variable:
    """A view of the memory that ``input`` lies in, with other lengths and distances: whatever these say stands there.

    Args:
        input: of any shape; if it is a view, the memory is that of its base.
        size: the lengths of the dimensions.
        stride: how many elements apart two neighbours along each dimension are.
        storage_offset: where in the memory the first element is; left out, where that of ``input`` is.

    Raises:
        RuntimeError: the view would reach beyond the memory; or a gradient is required, and elements of ``input`` share memory.

    >>> import microtorch
    >>> microtorch.arange(6).as_strided((2, 2), (1, 2), 1).tolist()
    [[1, 3], [2, 4]]
    """
    array = array_of(input)
    memory = _all_of(memory_of(input))
    sizes, strides = sizes_of((tuple(size),)), sizes_of((tuple(stride),))
    if storage_offset is None:
        storage_offset = (array.ctypes.data - memory.ctypes.data) // array.itemsize
    first = integer_of(storage_offset, "as_strided: storage_offset")
    if len(sizes) != len(strides):
        raise RuntimeError(f"as_strided: mismatch in length of strides and shape: {strides} and {sizes}")
    if min((*sizes, *strides, first)) < 0:
        raise RuntimeError(f"as_strided: sizes {sizes}, strides {strides} and storage offset {first} must not be negative")
    last = first + sum((length - 1) * step for length, step in zip(sizes, strides, strict=True))
    if 0 not in sizes and last >= memory.size:
        raise RuntimeError(
            f"as_strided: sizes {list(sizes)}, strides {list(strides)}, storage offset {first} are out of bounds for the "
            f"{memory.size} elements in the memory of {input._described()}: the last would be number {last}"
        )
    if input.requires_grad and overlaps(array):
        raise RuntimeError(
            f"as_strided: several elements of {input._described()} are one in memory, as after expand(), and none can be told "
            "whose gradient is whose: clone() it first"
        )
    steps = [step * array.itemsize for step in strides]
    return Window.apply(input, part=as_strided_array(memory[first:], sizes, steps, writeable=array.flags.writeable))


def _windows(array: Array, dimension: int, size: int, step: int) -> Array:
    if not array.ndim:
        return array.reshape(1)[:size]
    windows = sliding_window_view(array, size, dimension, writeable=True)
    return windows[(*(slice(None),) * dimension, slice(None, None, step))]


def _all_of(memory: Array) -> Array:
    """The elements of a memory, one after the other."""
    start, end = byte_bounds(memory)
    lowest = memory[(*(slice(1) if step >= 0 else slice(-1, None) for step in memory.strides), ...)]
    return as_strided_array(lowest, ((end - start) // memory.itemsize,), (memory.itemsize,))
