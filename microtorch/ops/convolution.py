"""Convolution, and its transpose: one node each, as in torch, in one, two or three dimensions.

A convolution is linear in its input and in its weight, so there are three maps, and each is the derivative of the others:
`Convolution` makes the output from input and weight, `ConvTranspose` the input's gradient from output and weight,
`ConvolutionWeight` the weight's gradient from output and input.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..dtypes import Array
from ..node import array_of, refuse_bools
from ..primitive import Primitive, rule
from .shaping import squeeze, unsqueeze
from .windows import Windows, lengths_of

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]

NO_BIAS = 0.0  # a number: the node has an edge to nothing for it, as torch's has

# How much of the columns is made at a time: bytes that a processor's cache still has when they are used. Where the samples come
# last, there have to be some, for the runs of memory to be long; more than 16 gain nothing. Both were measured.
FEW = {"bytes": 1 << 20, "samples": 1 << 20}
FEW_LAST = {"bytes": 1 << 24, "samples": 16}


class Convolution(Primitive):
    def forward(self, input, weight, bias, *, windows, groups):
        self.windows, self.groups = windows, groups
        return _output(input, weight, bias, windows, groups)

    @rule(words="the transposed convolution of grad, with weight")
    def grad_input(self, grad, weight):
        return ConvTranspose.on(grad, weight, NO_BIAS, windows=self.windows, groups=self.groups)

    @rule(words="for each element of weight, the sum over all windows of grad times what of input it was multiplied with")
    def grad_weight(self, grad, input):
        return ConvolutionWeight.on(grad, input, windows=self.windows, groups=self.groups)

    @rule(words="grad, summed over all windows")
    def grad_bias(self, grad):
        return grad.sum(axis=(0, *range(2, grad.ndim)))


class ConvTranspose(Primitive):
    torch_name = "Convolution"

    def forward(self, input, weight, bias, *, windows, groups):
        self.windows, self.groups = windows, groups
        return _input(input, weight, bias, windows, groups)

    @rule(words="the convolution of grad, with weight")
    def grad_input(self, grad, weight):
        return Convolution.on(grad, weight, NO_BIAS, windows=self.windows, groups=self.groups)

    @rule(words="for each element of weight, the sum over all windows of input times what of grad it was added to")
    def grad_weight(self, grad, input):
        return ConvolutionWeight.on(input, grad, windows=self.windows, groups=self.groups)

    @rule(words="grad, summed over all places")
    def grad_bias(self, grad):
        return grad.sum(axis=(0, *range(2, grad.ndim)))


class ConvolutionWeight(Primitive):
    def forward(self, output, input, *, windows, groups):
        self.windows, self.groups = windows, groups
        return _weight(output, input, windows, groups)

    @rule(words="the convolution of input, with grad")
    def grad_output(self, grad, input):
        return Convolution.on(input, grad, NO_BIAS, windows=self.windows, groups=self.groups)

    @rule(words="the transposed convolution of output, with grad")
    def grad_input(self, grad, output):
        return ConvTranspose.on(output, grad, NO_BIAS, windows=self.windows, groups=self.groups)


class ConstantPadNd(Primitive):
    def forward(self, input, *, behind):
        """Zeros behind the last elements, as many for each dimension as ``behind`` says."""
        self.key = tuple(slice(n) for n in input.shape)
        return np.pad(input, [(0, each) for each in behind])

    @rule(words="grad, without what was padded")
    def grad_input(self, grad):
        return grad[self.key]


# ── The three maps, on arrays ────────────────────────────────────────────────────────────────────────────────────────
# Each is one matrix product a group, with the columns: for every window (a column) what it sees (the rows, by channel and
# element of the kernel). They would fill more memory than all else, and so are made and used a few samples at a time.


def _output(input: Array, weight: Array, bias: Any, windows: Windows, groups: int) -> Array:
    samples, matrix = len(input), _matrix(weight, groups)
    out = np.empty((samples, groups, matrix.shape[1], math.prod(windows.counts)), input.dtype)
    for part in _parts(input, windows, **FEW):
        np.matmul(matrix, _columns(input[part], windows, groups), out=out[part])
        if bias is not NO_BIAS:
            out[part] += bias.reshape(groups, -1, 1)
    return out.reshape(samples, len(weight), *windows.counts)


def _weight(output: Array, input: Array, windows: Windows, groups: int) -> Array:
    channels = input.shape[1] // groups
    rows = output.reshape(len(output), groups, output.shape[1] // groups, math.prod(windows.counts))
    total = np.zeros((groups, rows.shape[2], channels * math.prod(windows.kernel)), input.dtype)
    for part in _parts(input, windows, **FEW):
        total += (rows[part] @ _columns(input[part], windows, groups).mT).sum(0)
    return total.reshape(output.shape[1], channels, *windows.kernel)


def _input(output: Array, weight: Array, bias: Any, windows: Windows, groups: int) -> Array:
    samples, channels, matrix = len(output), weight.shape[1] * groups, _matrix(weight, groups).mT
    if _is_pointwise(windows):
        out = (matrix @ _columns(output, windows, groups)).reshape(samples, channels, *windows.image)
    else:
        out = np.empty((samples, channels, *windows.image), output.dtype)
        for part in _parts(out, windows, **FEW_LAST):
            columns = matrix @ np.moveaxis(output[part], 0, -1).reshape(groups, matrix.shape[2], -1)
            heap = windows.heap(columns.reshape(channels, *windows.kernel, *windows.counts, part.stop - part.start))
            out[part] = np.moveaxis(heap, -1, 0)
    return out if bias is NO_BIAS else out + bias.reshape(-1, *(1 for _ in windows.image))


def _matrix(weight: Array, groups: int) -> Array:
    """``weight`` with a row for each output channel of a group."""
    return weight.reshape(groups, len(weight) // groups, math.prod(weight.shape[1:]))


def _columns(input: Array, windows: Windows, groups: int) -> Array:
    columns = input if _is_pointwise(windows) else windows.columns(input)
    rows = input.shape[1] // groups * math.prod(windows.kernel)
    return columns.reshape(len(input), groups, rows, math.prod(windows.counts))


def _is_pointwise(windows: Windows) -> bool:
    """Whether each element is a window of its own: then the columns are the input as it is."""
    return set(windows.kernel) == set(windows.stride) == {1} and not any(windows.padding)


def _parts(input: Array, windows: Windows, *, bytes: int, samples: int) -> Iterator[slice]:
    """A few samples of the input at a time: so many that their columns fill ``bytes``, but not more than ``samples``."""
    size = math.prod(input.shape[1:2] + windows.kernel + windows.counts) * input.itemsize
    step = min(max(bytes // max(size, 1), 1), samples)
    for start in range(0, len(input), step):
        yield slice(start, min(start + step, len(input)))


# ── Functions ────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    _check_operands(name, dims, input, weight, bias)
    kernel = weight.array.shape[2:]
    steps, apart = (_positive(name, which, each, dims) for which, each in (("stride", stride), ("dilation", dilation)))
    (groups,) = _positive(name, "groups", groups, 1)
    _check_channels(input, weight, bias, groups, transposed=more is not None)
    if isinstance(padding, str):
        input, around = _pad_by_name(input, kernel, steps, padding, apart)
    else:
        around = _not_negative(name, "padding", padding, dims)
    if more is None:
        windows = _windows(input, kernel, steps, around, apart)
    else:
        behind = _not_negative(name, "output_padding", more, dims)
        windows = _transposed_windows(input, kernel, steps, around, apart, behind)
    operation: type[Primitive] = Convolution if more is None else ConvTranspose
    return operation.apply(input, weight, NO_BIAS if bias is None else bias, windows=windows, groups=groups)


def _windows(input: Variable, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Windows:
    image = input.array.shape[2:]
    windows = Windows.on(image, kernel, stride, padding, dilation)
    if 0 in windows.counts:
        padded = " x ".join(str(n + 2 * p) for n, p in zip(image, padding, strict=True))
        seen = " x ".join(str(d * (k - 1) + 1) for k, d in zip(kernel, dilation, strict=True))
        raise RuntimeError(
            f"Calculated padded input size per channel: ({padded}). Kernel size: ({seen}). Kernel size can't be greater than "
            f"actual input size: pad the input, {input._described()}, or take a smaller weight"
        )
    return windows


def _transposed_windows(input: Variable, kernel: Any, stride: Any, padding: Any, dilation: Any, behind: Any) -> Windows:
    count = input.array.shape[2:]
    if any(b >= max(s, d) for b, s, d in zip(behind, stride, dilation, strict=True)):
        raise RuntimeError(
            f"output padding must be smaller than either stride or dilation, but got output_padding: {list(behind)} stride: "
            f"{list(stride)} dilation: {list(dilation)}"
        )
    image = tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + b + 1
        for n, k, s, p, d, b in zip(count, kernel, stride, padding, dilation, behind, strict=True)
    )
    if min(image) < 1:
        raise RuntimeError(
            f"Given input size per channel: {list(count)}. Calculated output size per channel: {list(image)}. Output size is too "
            "small: take less padding"
        )
    return Windows(image, kernel, stride, padding, dilation, count)


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


def _positive(name: str, argument: str, value: Any, dims: int) -> tuple[int, ...]:
    lengths = lengths_of(name, argument, value, dims)
    if min(lengths) < 1:
        raise RuntimeError(f"{name}: non-positive {argument} is not supported, and it is {value}")
    return lengths


def _not_negative(name: str, argument: str, value: Any, dims: int) -> tuple[int, ...]:
    lengths = lengths_of(name, argument, value, dims)
    if min(lengths) < 0:
        raise RuntimeError(f"{name}: negative {argument} is not supported, and it is {value}")
    return lengths


def _check_operands(name: str, dims: int, input: Variable, weight: Any, bias: Any) -> None:
    """Refuse a weight of other dimensions, and what differs in its dtype."""
    if array_of(weight).ndim != dims + 2:
        raise RuntimeError(
            f"{name}: expected weight to have {dims + 2} dimensions to match the convolution dimensions, but got weight of size "
            f"{list(weight.array.shape)}"
        )
    refuse_bools(input.array, operation=name)
    for what, other in (("weight", weight), ("bias", bias)):
        if other is not None and array_of(other).dtype is not input.array.dtype:
            raise RuntimeError(
                f"{name}: Input type ({input.dtype}) and {what} type ({other.dtype}) should be the same; convert one with .to()"
            )


def _check_channels(input: Variable, weight: Variable, bias: Variable | None, groups: int, *, transposed: bool) -> None:
    size, channels = list(weight.array.shape), input.array.shape[1]
    given = f"Given {'transposed=1, ' if transposed else ''}groups={groups}, weight of size {size}"
    if size[0] % groups or not size[0]:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of size {size}"
        )
    expected = size[0] if transposed else size[1] * groups
    if channels != expected:
        raise RuntimeError(
            f"{given}, expected input{list(input.array.shape)} to have {expected} channels, but got {channels} channels instead"
        )
    outputs = size[1] * groups if transposed else size[0]
    if bias is not None and bias.array.shape != (outputs,):
        raise RuntimeError(
            f"{given}, expected bias to be 1-dimensional with {outputs} elements, but got bias of size {list(bias.array.shape)}"
        )
