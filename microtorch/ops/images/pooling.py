"""Pooling: the largest or the mean of what each window sees."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...arrays.dtypes import Array
from ...arrays.operands import refuse_bools
from ...core.primitive import Primitive, rule
from ...core.variable import Variable, array_of, is_variable, unrecorded
from ..shaping.reshaping import squeeze, unsqueeze
from .image_windows import WINDOWS, OnWindows, Windows, lengths_of, lowest

__all__ = ["avg_pool1d", "avg_pool2d", "max_pool1d", "max_pool2d"]


class MaxPool2DWithIndices(OnWindows, Primitive):
    constants = WINDOWS

    def forward(self, input, *, windows):
        self.windows, self.image = windows, windows.image
        return windows.reduce(np.maximum, input, lowest(input))

    # Which elements were the largest, is found out when a gradient asks for it. The output is not saved: what follows may
    # change it in place, as in torch.
    @rule(words="zeros in the shape of the input, with grad added where a window's largest element (the first) stands", flat=True)
    def grad_input(self, grad, input):
        return PutBack.on(grad, index=self.index(input), image=self.image)

    def index(self, input):
        return self.windows.argmax(input.array if is_variable(input) else input)


class PickOut(Primitive):
    """The elements of an image at ``index``, which counts through them."""

    def forward(self, input, *, index, image):
        self.index, self.image = index, image
        places = flat_images(index, index.shape[-len(image) :])
        return np.take_along_axis(flat_images(input, image), places, 1).reshape(index.shape)

    @rule(words="zeros in the shape of the input, with grad added where it was read from")
    def grad_input(self, grad):
        return PutBack.on(grad, index=self.index, image=self.image)


class PutBack(Primitive):
    """The inverse of `PickOut`: an image of zeros, with each element of ``input`` added at its ``index``."""

    def forward(self, input, *, index, image):
        self.index, self.image = index, image
        lead, size = index.shape[: -len(image)], math.prod(image)
        total, first = np.zeros(math.prod(lead) * size, input.dtype), np.arange(math.prod(lead)) * size
        # In one dimension, numpy.add.at is as fast as any way.
        np.add.at(total, (index + first.reshape(*lead, *(1 for _ in image))).ravel(), input.ravel())
        return total.reshape(*lead, *image)

    @rule(words="grad, read at the same places")
    def grad_input(self, grad):
        return PickOut.on(grad, index=self.index, image=self.image)


class AvgPool2D(OnWindows, Primitive):
    constants = WINDOWS

    def forward(self, input, *, windows, divisor):
        self.windows, self.divisor = windows, divisor
        total = windows.reduce(np.add, input, 0)
        return (total / divisor).astype(input.dtype, copy=False)  # of integers, the fraction is cut off

    @rule(words="for each element, the sum of grad / divisor over the windows that see it", flat=True)
    def grad_input(self, grad):
        return Spread.on(grad, windows=self.windows, divisor=self.divisor)


class Spread(Primitive):
    """The transpose of `AvgPool2D`."""

    def forward(self, input, *, windows, divisor):
        self.windows, self.divisor = windows, divisor
        return windows.spread((input / divisor).astype(input.dtype, copy=False))  # counts are int64

    @rule(words="the mean of grad in each window")
    def grad_input(self, grad):
        return AvgPool2D.on(grad, windows=self.windows, divisor=self.divisor)


def flat_images(array: Array, image: tuple[int, ...]) -> Array:
    """Each image, of all samples and channels, as one row."""
    return array.reshape(-1, math.prod(image))


def max_pool1d(
    input: Variable,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window of a signal. Arguments, result and errors are those of `max_pool2d`, with one length.

    >>> import microtorch
    >>> microtorch.nn.functional.max_pool1d(microtorch.tensor([[1.0, 3.0, 2.0, 0.0]]), 2).tolist()
    [[3.0, 2.0]]
    """
    check_image("max_pool1d", input, 1)
    size, step, around, apart = (
        (fill, *lengths_of("max_pool1d", name, kernel_size if name == "stride" and stride is None else each, 1))
        for name, each, fill in (
            ("kernel_size", kernel_size, 1), ("stride", stride, 1), ("padding", padding, 0), ("dilation", dilation, 1),
        )
    )  # fmt: skip
    result = max_pool2d(unsqueeze(input, -2), size, step, around, apart, ceil_mode, return_indices)
    return tuple(squeeze(each, -2) for each in result) if return_indices else squeeze(result, -2)


def max_pool2d(
    input: Variable,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window. Where several are, the gradient goes to the first.

    Args:
        input: of shape (samples, channels, height, width), or without samples.
        kernel_size: how large a window is: an int, or one for each dimension.
        stride: how far apart windows are; left out, as far as they are large.
        padding: how many elements, less than any other, are put at each end.
        dilation: how far apart the elements are that a window sees.
        ceil_mode: whether a last window may reach over the end.
        return_indices: return where the largest elements stand, too: counted through the image, row by row.

    Raises:
        TypeError: an argument is of a wrong kind.
        RuntimeError: ``input`` has other dimensions, or no window fits into it; or a number is out of range.

    >>> import microtorch
    >>> image = microtorch.tensor([[[1.0, 5.0, 2.0], [3.0, 4.0, 6.0], [0.0, 0.0, 0.0]]])
    >>> microtorch.nn.functional.max_pool2d(image, 2, stride=1).tolist()
    [[[5.0, 6.0], [4.0, 6.0]]]
    """
    check_image("max_pool2d", input, 2)
    windows = _windows("max_pool2d", input, kernel_size, stride, padding, dilation, ceil_mode)
    return largest(MaxPool2DWithIndices, input, windows, return_indices)


def avg_pool1d(
    input: Variable,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Variable:
    """The mean of each window of a signal. Arguments, result and errors are those of `avg_pool2d`, with one length."""
    check_image("avg_pool1d", input, 1)
    size, step, around = (
        lengths_of("avg_pool1d", name, each, 1)
        for name, each in (
            ("kernel_size", kernel_size), ("stride", kernel_size if stride is None else stride), ("padding", padding),
        )
    )  # fmt: skip
    image = unsqueeze(input, -2)
    return squeeze(avg_pool2d(image, (1, *size), (1, *step), (0, *around), ceil_mode, count_include_pad), -2)


def avg_pool2d(
    input: Variable,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Variable:
    """The mean of each window.

    Args:
        input: of shape (samples, channels, height, width), or without samples.
        kernel_size: how large a window is: an int, or one for each dimension.
        stride: how far apart windows are; left out, as far as they are large.
        padding: how many zeros are put at each end.
        ceil_mode: whether a last window may reach over the end; what lies behind the padding does not count.
        count_include_pad: whether the zeros of the padding count as elements.
        divisor_override: what the sum is divided by, instead of the number of elements.

    Raises:
        TypeError: an argument is of a wrong kind.
        RuntimeError: ``input`` has other dimensions, or no window fits into it; or a number is out of range.

    >>> import microtorch
    >>> microtorch.nn.functional.avg_pool2d(microtorch.tensor([[[1.0, 5.0], [3.0, 4.0]]]), 2).tolist()
    [[[3.25]]]
    """
    check_image("avg_pool2d", input, 2)
    if divisor_override == 0:
        raise RuntimeError("avg_pool2d: divisor must be not zero, and divisor_override is 0")
    windows = _windows("avg_pool2d", input, kernel_size, stride, padding, 1, ceil_mode)
    divisor = _counts(windows, count_include_pad) if divisor_override is None else divisor_override
    return AvgPool2D.apply(input, windows=windows, divisor=divisor)


def largest(operation: type[MaxPool2DWithIndices], input: Variable, windows: Any, return_indices: bool) -> Any:
    """The result of a ``max_pool``, and the indices if they are asked for."""
    out = operation.apply(input, windows=windows)
    return (out, unrecorded(windows.argmax(input.array))) if return_indices else out


def _counts(windows: Windows, include_pad: bool) -> Any:
    """How many elements each window has; one number where all have as many."""
    counts = []
    for n, k, s, p, c in zip(windows.image, windows.kernel, windows.stride, windows.padding, windows.counts, strict=True):
        start = np.arange(c) * s - p
        first, end = (-p, n + p) if include_pad else (0, n)
        counts.append(np.minimum(start + k, end) - np.maximum(start, first))
    product = np.multiply.outer(*counts)
    return int(product.flat[0]) if (product == product.flat[0]).all() else product


def _windows(name: str, input: Variable, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool) -> Windows:
    kernel = lengths_of(name, "kernel_size", kernel_size, 2)
    steps = kernel if stride is None or stride in ((), []) else lengths_of(name, "stride", stride, 2)
    around, apart = lengths_of(name, "padding", padding, 2), lengths_of(name, "dilation", dilation, 2)
    for what, lengths in (("kernel_size", kernel), ("stride", steps), ("dilation", apart)):
        if min(lengths) < 1:
            raise RuntimeError(f"{name}: {what} should be greater than zero, and not {list(lengths)}: {what} should not be zero")
    if min(around) < 0:
        raise RuntimeError(f"{name}: pad must be non-negative, but got pad: {min(around)}")
    if any(2 * p > k for p, k in zip(around, kernel, strict=True)):
        raise RuntimeError(
            f"{name}: pad should be at most half of kernel size, but got pad={list(around)} and kernel_size={list(kernel)}"
        )
    windows = Windows.on(input.array.shape[-2:], kernel, steps, around, apart, ceil=ceil_mode)
    if 0 in windows.counts:
        raise RuntimeError(
            f"{name}: Given input size: {list(input.array.shape[-3:])}. Calculated output size: {list(windows.counts)}. Output "
            f"size is too small: kernel_size is {list(kernel)}"
        )
    if windows.blind:
        raise RuntimeError(f"{name}: with dilation {list(apart)}, a window sees nothing of an image of {list(windows.image)}")
    return windows


def check_image(name: str, input: Variable, dims: int) -> None:
    """Refuse an ``input`` that has not ``dims`` dimensions beside channels and perhaps samples, or no elements in them.

    Raises:
        RuntimeError: it has not.
    """
    shape = array_of(input).shape
    if len(shape) not in (dims + 1, dims + 2) or 0 in shape[-dims - 1 :]:
        raise RuntimeError(
            f"{name}(): Expected a {dims + 1}D or {dims + 2}D (batch mode) tensor with non-zero size for non-batch dimensions, "
            f"but got {list(shape)}"
        )
    refuse_bools(input.array, operation=name)
