"""Convolution, and its transpose: one node each, as in torch, in one, two or three dimensions.

A convolution is linear in its input and in its weight, so there are three maps, and each is the derivative of the others:
`Convolution` makes the output from input and weight, `ConvTranspose` the input's gradient from output and weight,
`ConvolutionWeight` the weight's gradient from output and input.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.operands import summed
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of
from ..shaping.reshaping import squeeze, unsqueeze
from .convolution_arguments import check_channels, check_operands, not_negative, positive, transposed_windows, windows_on
from .convolution_maps import NO_BIAS, to_input, to_output, to_weight
from .image_windows import OnWindows

__all__ = ["conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]


class Convolution(OnWindows, Primitive):
    transposed, constants = False, shown(stride=1, padding=0, dilation=1, groups=1)

    def forward(self, input, weight, bias, *, windows, groups):
        self.windows, self.groups = windows, groups
        return to_output(input, weight, bias, windows, groups)

    @rule(words="the transposed convolution of grad, with weight")
    def grad_input(self, grad, weight):
        return ConvTranspose.on(grad, weight, NO_BIAS, windows=self.windows, groups=self.groups)

    @rule(words="for each element of weight, the sum over all windows of grad times what of input it was multiplied with")
    def grad_weight(self, grad, input):
        return ConvolutionWeight.on(grad, input, windows=self.windows, groups=self.groups)

    @rule(words="grad, summed over all windows")
    def grad_bias(self, grad):
        return summed(grad, (0, *range(2, grad.ndim)))


class ConvTranspose(OnWindows, Primitive):
    torch_name = "Convolution"
    transposed, constants = True, shown(transposed=False, stride=1, padding=0, dilation=1, groups=1)

    def forward(self, input, weight, bias, *, windows, groups):
        self.windows, self.groups = windows, groups
        return to_input(input, weight, bias, windows, groups)

    @rule(words="the convolution of grad, with weight")
    def grad_input(self, grad, weight):
        return Convolution.on(grad, weight, NO_BIAS, windows=self.windows, groups=self.groups)

    @rule(words="for each element of weight, the sum over all windows of input times what of grad it was added to")
    def grad_weight(self, grad, input):
        return ConvolutionWeight.on(input, grad, windows=self.windows, groups=self.groups)

    @rule(words="grad, summed over all places")
    def grad_bias(self, grad):
        return summed(grad, (0, *range(2, grad.ndim)))


class ConvolutionWeight(Primitive):
    def forward(self, output, input, *, windows, groups):
        self.windows, self.groups = windows, groups
        return to_weight(output, input, windows, groups)

    @rule(words="the convolution of input, with grad")
    def grad_output(self, grad, input):
        return Convolution.on(input, grad, NO_BIAS, windows=self.windows, groups=self.groups)

    @rule(words="the transposed convolution of output, with grad")
    def grad_input(self, grad, output):
        return ConvTranspose.on(output, grad, NO_BIAS, windows=self.windows, groups=self.groups)


class ConstantPadNd(Primitive):
    constants = shown("pad")

    def forward(self, input, *, behind):
        """Zeros behind the last elements, as many for each dimension as ``behind`` says."""
        self.pad = tuple([n for each in behind[::-1] for n in (0, each)])
        self.key = tuple(slice(n) for n in input.shape)
        return np.pad(input, [(0, each) for each in behind])

    @rule(words="grad, without what was padded")
    def grad_input(self, grad):
        return grad[self.key]


def conv1d(
    input: Variable,
    weight: Variable,
    bias: Variable | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Variable:
    """Convolution along one dimension. Arguments, result and errors are those of `conv2d`, with one length where it has two.

    >>> import microtorch
    >>> signal, difference = microtorch.tensor([[1.0, 4.0, 9.0, 16.0]]), microtorch.tensor([[[-1.0, 1.0]]])
    >>> microtorch.conv1d(signal, difference).tolist()
    [[3.0, 5.0, 7.0]]
    """
    return _convolve("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Variable,
    weight: Variable,
    bias: Variable | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Variable:
    """Convolution of images: in each window, the sum of its elements times those of ``weight`` (which is not flipped).

    Args:
        input: of shape (samples, channels, height, width), or without samples.
        weight: of shape (output channels, channels / groups, height, width).
        bias: one for each output channel, added everywhere.
        stride: how far apart the windows are: an int, or one for each dimension.
        padding: how many zeros are put at each end; "valid" for none, "same" for what makes output as large as input.
        dilation: how far apart the elements are that a window sees.
        groups: how many sets of channels there are, each convolved on its own.

    Returns:
        Of shape (samples, output channels, height, width), with a length of (n + 2 padding - dilation (k - 1) - 1) // stride + 1
        for n elements and a kernel of k.

    Raises:
        TypeError: an argument is of a wrong kind.
        RuntimeError: shapes do not fit each other, dtypes differ, or a number is out of range.

    >>> import microtorch
    >>> microtorch.conv2d(microtorch.ones(1, 1, 3, 3), microtorch.ones(1, 1, 2, 2), padding=1, stride=2).tolist()
    [[[[1.0, 2.0], [2.0, 4.0]]]]
    """
    return _convolve("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Variable,
    weight: Variable,
    bias: Variable | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Variable:
    """Convolution of volumes. Arguments, result and errors are those of `conv2d`, with three lengths where it has two."""
    return _convolve("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Variable,
    weight: Variable,
    bias: Variable | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Variable:
    """The transpose of `conv1d`. Arguments, result and errors are those of `conv_transpose2d`.

    >>> import microtorch
    >>> microtorch.conv_transpose1d(microtorch.tensor([[1.0, 2.0]]), microtorch.tensor([[[1.0, 10.0]]])).tolist()
    [[1.0, 12.0, 20.0]]
    """
    return _convolve("conv_transpose1d", 1, input, weight, bias, stride, padding, dilation, groups, output_padding)


def conv_transpose2d(
    input: Variable,
    weight: Variable,
    bias: Variable | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Variable:
    """The transpose of `conv2d`: each element, times ``weight``, is added to the output where the convolution has its window.

    Args:
        input: of shape (samples, channels, height, width), or without samples.
        weight: of shape (channels, output channels / groups, height, width).
        bias: one for each output channel, added everywhere.
        stride: how far apart the windows are: an int, or one for each dimension.
        padding: how many elements are cut off at each end of the output.
        output_padding: how many more the output has at the far end: with a stride, images of several lengths give one output.
        groups: how many sets of channels there are, each on its own.
        dilation: how far apart the elements are that a window sees.

    Returns:
        Of shape (samples, output channels, height, width), with a length of
        (n - 1) stride - 2 padding + dilation (k - 1) + output_padding + 1 for n elements and a kernel of k.

    Raises:
        TypeError: an argument is of a wrong kind.
        RuntimeError: shapes do not fit each other, dtypes differ, or a number is out of range.
    """
    return _convolve("conv_transpose2d", 2, input, weight, bias, stride, padding, dilation, groups, output_padding)


def conv_transpose3d(
    input: Variable,
    weight: Variable,
    bias: Variable | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Variable:
    """The transpose of `conv3d`. Arguments, result and errors are those of `conv_transpose2d`."""
    return _convolve("conv_transpose3d", 3, input, weight, bias, stride, padding, dilation, groups, output_padding)


def _convolve(
    name: str,
    dims: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
    more: Any = None,
) -> Any:
    """Any of the above; ``more`` is the output padding of a transposed one."""
    if array_of(input).ndim not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to {name}, but got input of size: "
            f"{list(input.array.shape)}"
        )
    if input.array.ndim == dims + 1:
        batched = _convolve(name, dims, unsqueeze(input, 0), weight, bias, stride, padding, dilation, groups, more)
        return squeeze(batched, 0)
    check_operands(name, dims, input, weight, bias)
    kernel = weight.array.shape[2:]
    steps, apart = (positive(name, which, each, dims) for which, each in (("stride", stride), ("dilation", dilation)))
    (groups,) = positive(name, "groups", groups, 1)
    check_channels(input, weight, bias, groups, transposed=more is not None)
    if isinstance(padding, str) and more is None:
        input, around = _pad_by_name(input, kernel, steps, padding, apart)
    else:
        around = not_negative(name, "padding", padding, dims)
    if more is None:
        windows = windows_on(input, kernel, steps, around, apart)
    else:
        behind = not_negative(name, "output_padding", more, dims)
        windows = transposed_windows(input, kernel, steps, around, apart, behind)
    operation: type[Primitive] = Convolution if more is None else ConvTranspose
    return operation.apply(input, weight, NO_BIAS if bias is None else bias, windows=windows, groups=groups)


def _pad_by_name(input: Variable, kernel: Any, stride: Any, padding: str, dilation: Any) -> tuple[Variable, tuple[int, ...]]:
    """The padding that "valid" and "same" mean; of an odd number of zeros for "same", the last is put at the end of the input."""
    if padding == "valid":
        return input, (0,) * len(kernel)
    if padding != "same":
        raise RuntimeError(f"Invalid padding string: '{padding}': it is 'valid' (none), 'same' or a number")
    if set(stride) != {1}:
        raise RuntimeError(f"padding='same' is not supported for strided convolutions, and stride is {list(stride)}")
    total = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    odd = [each % 2 for each in total]
    if any(odd):
        input = ConstantPadNd.apply(input, behind=(0, 0, *odd))
    return input, tuple(each // 2 for each in total)
