"""What windows on an image see, as the columns of a matrix (``unfold``), and back (``fold``)."""

from __future__ import annotations

import math
from typing import Any

from ...core.primitive import Primitive, rule
from ...core.variable import Variable, array_of
from .image_windows import WINDOWS, OnWindows, Windows, lengths_of

__all__ = ["fold", "unfold"]


class Im2Col(OnWindows, Primitive):
    constants = WINDOWS

    def forward(self, input, *, windows):
        self.windows = windows
        rows, windows_at = input.shape[-3] * math.prod(windows.kernel), math.prod(windows.counts)
        return windows.columns(input).reshape(*input.shape[:-3], rows, windows_at)

    @rule(words="for each element, the sum of grad over the columns that have it")
    def grad_input(self, grad):
        return Col2Im.on(grad, windows=self.windows)


class Col2Im(OnWindows, Primitive):
    constants = WINDOWS

    def forward(self, input, *, windows):
        self.windows = windows
        channels = input.shape[-2] // math.prod(windows.kernel)
        columns = input.reshape(math.prod(input.shape[:-2]) * channels, math.prod(windows.kernel), *windows.counts, 1)
        return windows.heap(columns.swapaxes(0, 1)).reshape(*input.shape[:-2], channels, *windows.image)

    @rule(words="the windows of grad, as columns")
    def grad_input(self, grad):
        return Im2Col.on(grad, windows=self.windows)


def unfold(input: Variable, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Variable:
    """What each window of an image sees, as a column: what a convolution multiplies with its weights.

    Args:
        input: of shape (samples, channels, height, width), or without samples.
        kernel_size: how large a window is: an int, or one for each dimension.
        dilation: how far apart the elements are that a window sees.
        padding: how many zeros are put at each end.
        stride: how far apart the windows are.

    Returns:
        Of shape (samples, channels · elements of a window, windows).

    Raises:
        TypeError: an argument is of a wrong kind.
        RuntimeError: ``input`` has other dimensions, no window fits into it, or a number is out of range.

    >>> import microtorch
    >>> microtorch.nn.functional.unfold(microtorch.tensor([[[1.0, 2.0, 3.0]]]), (1, 2)).tolist()
    [[1.0, 2.0], [2.0, 3.0]]
    """
    shape = array_of(input).shape
    if len(shape) not in (3, 4) or 0 in shape[-3:]:
        raise RuntimeError(f"unfold: Expected a 3D or 4D (batch mode) tensor with non-zero dimensions, but got: {list(shape)}")
    windows = _windows("unfold", shape[-2:], kernel_size, stride, padding, dilation)
    if 0 in windows.counts:
        raise RuntimeError(
            f"unfold: Given input with spatial size {shape[-2:]}, kernel_size={windows.kernel}, dilation={windows.dilation}, "
            f"padding={windows.padding}, calculated shape of the array of sliding blocks as {windows.counts}, but its components "
            "must be at least one"
        )
    return Im2Col.apply(input, windows=windows)


def fold(input: Variable, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Variable:
    """The transpose of `unfold`: an image of ``output_size``, with each column added where `unfold` would have read it.

    Raises:
        TypeError: an argument is of a wrong kind.
        RuntimeError: the lengths of ``input`` are not those that `unfold` would give, or a number is out of range.

    >>> import microtorch
    >>> microtorch.nn.functional.fold(microtorch.ones(2, 2), (1, 3), (1, 2)).tolist()
    [[[1.0, 2.0, 1.0]]]
    """
    shape = array_of(input).shape
    if len(shape) not in (2, 3) or 0 in shape[-2:]:
        raise RuntimeError(f"fold: Expected 2D or 3D (batch mode) tensor with non-zero dimensions, but got: {list(shape)}")
    windows = _windows("fold", lengths_of("fold", "output_size", output_size, 2), kernel_size, stride, padding, dilation)
    if shape[-2] % math.prod(windows.kernel):
        raise RuntimeError(
            f"fold: Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got {shape[-2]} and "
            f"kernel_size={windows.kernel}"
        )
    if shape[-1] != math.prod(windows.counts):
        raise RuntimeError(
            f"fold: Given output_size={windows.image}, kernel_size={windows.kernel}, dilation={windows.dilation}, "
            f"padding={windows.padding}, stride={windows.stride}, expected size of input's dimension 2 to match the calculated "
            f"number of sliding blocks {' * '.join(map(str, windows.counts))} = {math.prod(windows.counts)}, but got {shape[-1]}"
        )
    return Col2Im.apply(input, windows=windows)


def _windows(name: str, image: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any) -> Windows:
    kernel, steps = lengths_of(name, "kernel_size", kernel_size, 2), lengths_of(name, "stride", stride, 2)
    around, apart = lengths_of(name, "padding", padding, 2), lengths_of(name, "dilation", dilation, 2)
    for what, lengths in (("kernel size", kernel), ("stride", steps), ("dilation", apart)):
        if min(lengths) < 1:
            raise RuntimeError(f"{name}: {what} should be greater than zero, but got {list(lengths)}")
    if min(around) < 0:
        raise RuntimeError(f"{name}: padding should be non-negative, but got {list(around)}")
    return Windows.on(image, kernel, steps, around, apart)
