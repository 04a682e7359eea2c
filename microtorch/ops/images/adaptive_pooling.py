"""Pooling by as many windows as the output shall have elements, which share the image out."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.variable import Variable
from ..reduction.sums import mean
from ..shaping.reshaping import squeeze, unsqueeze
from .image_windows import AdaptiveWindows, lengths_of
from .pooling import AvgPool2D, MaxPool2DWithIndices, check_image, largest

__all__ = ["adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d"]


class AdaptiveMaxPool2D(MaxPool2DWithIndices):
    grad_input = MaxPool2DWithIndices.rules[0]


class AdaptiveAvgPool2D(AvgPool2D):
    grad_input = AvgPool2D.rules[0]


def adaptive_avg_pool1d(input: Variable, output_size: Any) -> Variable:
    """The means of ``output_size`` windows that share out a signal. Errors are those of `adaptive_avg_pool2d`."""
    check_image("adaptive_avg_pool1d", input, 1)
    return squeeze(
        adaptive_avg_pool2d(unsqueeze(input, -2), (1, *lengths_of("adaptive_avg_pool1d", "output_size", output_size, 1))), -2
    )


def adaptive_avg_pool2d(input: Variable, output_size: Any) -> Variable:
    """The means of as many windows as the output shall have elements; the windows share out the image.

    Args:
        input: of shape (samples, channels, height, width), or without samples.
        output_size: height and width of the output, or one int for both; None for that of ``input``.

    Raises:
        RuntimeError: ``input`` has other dimensions or no elements, or ``output_size`` is negative or of another length.

    >>> import microtorch
    >>> microtorch.nn.functional.adaptive_avg_pool2d(microtorch.tensor([[[1.0, 2.0, 6.0]]]), (1, 2)).tolist()
    [[[1.5, 4.0]]]
    """
    windows = _adaptive("adaptive_avg_pool2d", input, output_size)
    if windows.counts == (1, 1):
        return mean(input, (-1, -2), keepdim=True)
    lengths = [np.array([stop - start for start, stop in windows.bounds(axis)]) for axis in (0, 1)]
    divisor = np.multiply.outer(*lengths).astype(input.array.dtype)
    return AdaptiveAvgPool2D.apply(input, windows=windows, divisor=divisor)


def adaptive_max_pool1d(input: Variable, output_size: Any, return_indices: bool = False) -> Any:
    """The largest elements of ``output_size`` windows that share out a signal. Errors are those of `adaptive_avg_pool2d`."""
    check_image("adaptive_max_pool1d", input, 1)
    size = (1, *lengths_of("adaptive_max_pool1d", "output_size", output_size, 1))
    result = adaptive_max_pool2d(unsqueeze(input, -2), size, return_indices)
    return tuple(squeeze(each, -2) for each in result) if return_indices else squeeze(result, -2)


def adaptive_max_pool2d(input: Variable, output_size: Any, return_indices: bool = False) -> Any:
    """The largest elements of as many windows as the output shall have elements; the windows share out the image.

    With ``return_indices``, also where they stand. Arguments and errors are those of `adaptive_avg_pool2d`.
    """
    return largest(AdaptiveMaxPool2D, input, _adaptive("adaptive_max_pool2d", input, output_size), return_indices)


def _adaptive(name: str, input: Variable, output_size: Any) -> AdaptiveWindows:
    check_image(name, input, 2)
    image = input.array.shape[-2:]
    sizes = [*output_size] if isinstance(output_size, tuple | list) else [output_size] * 2
    if len(sizes) != 2:
        raise RuntimeError(f"{name}: output_size must be 2 lengths or one int, not {output_size!r}")
    sizes = [n if size is None else size for n, size in zip(image, sizes, strict=True)]
    count = lengths_of(name, "output_size", sizes, 2)
    if min(count) < 0:
        raise RuntimeError(f"{name}: elements of output_size must be greater than or equal to 0 but received {list(count)}")
    if input.array.dtype.kind != "f":
        raise NotImplementedError(f"{name}: not implemented for {input.dtype}; use x.float()")
    return AdaptiveWindows(image, count)
