"""Undoing ``max_pool``: what it took, back where it stood."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core.variable import Variable, array_of
from ..shaping.reshaping import squeeze, unsqueeze
from .image_windows import lengths_of
from .pooling import PutBack, check_image, flat_images

__all__ = ["max_unpool1d", "max_unpool2d"]


class MaxUnpool2D(PutBack):
    """As `PutBack`, but of several elements with one index the last stands there."""

    def forward(self, input, *, index, image):
        self.index, self.image = index, image
        total = np.zeros((*index.shape[: -len(image)], *image), input.dtype)
        small = index.shape[-len(image) :]
        np.put_along_axis(flat_images(total, image), flat_images(index, small), flat_images(input, small), 1)
        return total

    grad_input = PutBack.rules[0]


def max_unpool1d(
    input: Variable, indices: Variable, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Variable:
    """What `max_pool1d` took, back where it stood. Arguments and errors are those of `max_unpool2d`, with one length."""
    check_image("max_unpool1d", input, 1)
    lengths = _unpooled("max_unpool1d", input, kernel_size, stride, padding, output_size)
    return squeeze(_unpool("max_unpool1d", unsqueeze(input, -2), unsqueeze(indices, -2), (1, *lengths)), -2)


def max_unpool2d(
    input: Variable, indices: Variable, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Variable:
    """What `max_pool2d` took, back where it stood, and zeros elsewhere.

    Args:
        input: of shape (samples, channels, height, width), or without samples.
        indices: what `max_pool2d` gave with ``return_indices``, of the same shape.
        kernel_size: that of `max_pool2d`, as are ``stride`` and ``padding``: from them follows the size of the output.
        stride: see ``kernel_size``.
        padding: see ``kernel_size``.
        output_size: height and width of the output (all of its shape is allowed, too), where several lengths give one.

    Raises:
        RuntimeError: the shapes differ, or an index is behind the end.
        ValueError: ``output_size`` is none from which such an input comes.

    >>> import microtorch
    >>> F = microtorch.nn.functional
    >>> F.max_unpool2d(*F.max_pool2d(microtorch.tensor([[[1.0, 5.0, 2.0, 0.0]]]), (1, 2), return_indices=True), (1, 2)).tolist()
    [[[0.0, 5.0, 2.0, 0.0]]]
    """
    check_image("max_unpool2d", input, 2)
    return _unpool("max_unpool2d", input, indices, _unpooled("max_unpool2d", input, kernel_size, stride, padding, output_size))


def _unpooled(name: str, input: Variable, kernel_size: Any, stride: Any, padding: Any, output_size: Any) -> tuple[int, ...]:
    dims = int(name[-2])
    kernel = lengths_of(name, "kernel_size", kernel_size, dims)
    steps = kernel if stride is None else lengths_of(name, "stride", stride, dims)
    around, counts = lengths_of(name, "padding", padding, dims), input.array.shape[-dims:]
    usual = tuple((c - 1) * s - 2 * p + k for c, k, s, p in zip(counts, kernel, steps, around, strict=True))
    if output_size is None:
        return usual
    sizes = tuple(output_size)
    wanted = sizes[-dims:]
    if len(sizes) not in (dims, dims + 2) or not all(abs(n - m) < s for n, m, s in zip(wanted, usual, steps, strict=True)):
        raise ValueError(f"{name}: invalid output_size {sizes}: each length must be less than stride={steps} away from {usual}")
    return wanted


def _unpool(name: str, input: Variable, indices: Variable, image: tuple[int, ...]) -> Variable:
    index = array_of(indices)
    if index.dtype.kind != "i" or index.shape != input.array.shape:
        raise RuntimeError(
            f"{name}: Expected shape of indices to be same as that of the input tensor ({list(input.array.shape)}), and of "
            f"integers, but got indices of {indices.dtype} with shape: {list(index.shape)}"
        )
    if index.size and not 0 <= index.min() <= index.max() < math.prod(image):
        raise RuntimeError(f"{name}: Found an invalid max index: {index.max()} (output volumes are of size {list(image)})")
    return MaxUnpool2D.apply(input, index=index.copy(), image=image)
