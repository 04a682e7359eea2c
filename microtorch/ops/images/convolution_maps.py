"""The three maps that a convolution consists of, on arrays: from two of input, weight and output to the third.

Each is one matrix product a group, with the columns: for every window (a column) what it sees (the rows, by channel and element
of the kernel). All of them would fill more memory than anything else, so they are made and used a few samples at a time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...arrays.dtypes import Array
from ...arrays.operands import summed
from .image_windows import Windows

__all__ = ["NO_BIAS", "to_input", "to_output", "to_weight"]

NO_BIAS = 0.0  # a number: the node has an edge to nothing for it, as torch's has

# How much of the columns is made at a time: bytes that a processor's cache still has when they are used. Where the samples come
# last, there have to be some, for the runs of memory to be long; more than 16 gain nothing. Both were measured.
FEW = {"bytes": 1 << 20, "samples": 1 << 20}
FEW_LAST = {"bytes": 1 << 24, "samples": 16}


def to_output(input: Array, weight: Array, bias: Any, windows: Windows, groups: int) -> Array:
    """The convolution of ``input`` with ``weight``: the output."""
    samples, matrix = len(input), _matrix(weight, groups)
    out = np.empty((samples, groups, matrix.shape[1], math.prod(windows.counts)), input.dtype)
    for part in _parts(input, windows, **FEW):
        np.matmul(matrix, _columns(input[part], windows, groups), out=out[part])
        if bias is not NO_BIAS:
            out[part] += bias.reshape(groups, -1, 1)
    return out.reshape(samples, len(weight), *windows.counts)


def to_weight(output: Array, input: Array, windows: Windows, groups: int) -> Array:
    """The sums of ``output`` times ``input`` over all windows: in the shape of a weight."""
    channels = input.shape[1] // groups
    rows = output.reshape(len(output), groups, output.shape[1] // groups, math.prod(windows.counts))
    total = np.zeros((groups, rows.shape[2], channels * math.prod(windows.kernel)), input.dtype)
    for part in _parts(input, windows, **FEW):
        total += summed(rows[part] @ _columns(input[part], windows, groups).mT, 0)
    return total.reshape(output.shape[1], channels, *windows.kernel)


def to_input(output: Array, weight: Array, bias: Any, windows: Windows, groups: int) -> Array:
    """The transposed convolution of ``output`` with ``weight``: in the shape of an input."""
    samples, channels, matrix = len(output), weight.shape[1] * groups, _matrix(weight, groups).mT
    if _is_pointwise(windows):
        out = (matrix @ _columns(output, windows, groups)).reshape(samples, channels, *windows.image)
    else:
        out = np.empty((samples, channels, *windows.image), output.dtype)
        for part in _parts(out, windows, **FEW_LAST):
            rows = np.moveaxis(output[part], 0, -1).reshape(groups, matrix.shape[2], -1)
            shape = (channels, math.prod(windows.kernel), *windows.counts, part.stop - part.start)
            heap = windows.heap(_products(matrix, rows, shape))
            out[part] = np.moveaxis(heap, -1, 0)
    return out if bias is NO_BIAS else out + bias.reshape(-1, *(1 for _ in windows.image))


def _products(matrix: Array, rows: Array, shape: tuple[int, ...]) -> Iterator[Array]:
    """The columns, of this ``shape``, as what they have for one element of the kernel after the other."""
    channels, taps, *windows = shape
    if matrix.shape[2] > 1:
        yield from np.moveaxis((matrix @ rows).reshape(shape), 1, 0)
    else:  # There is nothing to sum up, as in a depthwise convolution, and BLAS would take ten times as long.
        for weights in np.moveaxis(matrix.reshape(len(matrix), channels // len(matrix), taps, 1), 2, 0):
            yield (weights * rows).reshape(channels, *windows)


def _matrix(weight: Array, groups: int) -> Array:
    """``weight`` with a row for each output channel of a group."""
    return weight.reshape(groups, len(weight) // groups, math.prod(weight.shape[1:]))


def _columns(input: Array, windows: Windows, groups: int) -> Array:
    columns = input if _is_pointwise(windows) else windows.columns(input)
    rows = input.shape[1] // groups * math.prod(windows.kernel)
    return columns.reshape(len(input), groups, rows, math.prod(windows.counts))


def _is_pointwise(windows: Windows) -> bool:
    """Whether each element is a window of its own: then the columns are the input as it is."""
    return windows.counts == windows.image and set(windows.kernel) == set(windows.stride) == {1} and not any(windows.padding)


def _parts(input: Array, windows: Windows, *, bytes: int, samples: int) -> Iterator[slice]:
    """A few samples of the input at a time: so many that their columns fill ``bytes``, but not more than ``samples``."""
    size = math.prod(input.shape[1:2] + windows.kernel + windows.counts) * input.itemsize
    step = min(max(bytes // max(size, 1), 1), samples)
    for start in range(0, len(input), step):
        yield slice(start, min(start + step, len(input)))
