"""Windows on an image: where a kernel stands, for convolution, pooling, ``unfold`` and ``fold``, in any number of dimensions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..dtypes import Array

__all__ = ["Windows", "lengths_of"]

Lengths = tuple[int, ...]


class Windows(NamedTuple):
    """Windows ``stride`` apart on an image of shape ``image`` with ``padding`` around it; see the elements ``dilation`` apart."""

    image: Lengths
    kernel: Lengths
    stride: Lengths
    padding: Lengths
    dilation: Lengths
    count: Lengths

    @classmethod
    def on(cls, image: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, *, ceil: bool = False) -> Windows:
        """As many as fit. With ``ceil`` a last one may reach over the right end, but has to begin before the padding there."""
        counts = []
        for n, k, s, p, d in zip(image, kernel, stride, padding, dilation, strict=True):
            free = n + 2 * p - d * (k - 1) - 1  # how far the first window can move
            count = free // s + 1
            if ceil and free % s and count * s < n + p:
                count += 1
            counts.append(max(count, 0))
        return cls(tuple(image), tuple(kernel), tuple(stride), tuple(padding), tuple(dilation), tuple(counts))

    @property
    def padded(self) -> Lengths:
        """The image's shape with the padding, and with what the last windows reach over it."""
        return tuple(
            max(n + 2 * p, (c - 1) * s + d * (k - 1) + 1)
            for n, k, s, p, d, c in zip(*self, strict=True)
        )

    @property
    def inside(self) -> tuple[slice, ...]:
        """Where on the padded image the image itself is."""
        return tuple(slice(p, p + n) for n, p in zip(self.image, self.padding, strict=True))

    def taps(self) -> Iterator[tuple[slice, ...]]:
        """For each element of the kernel, the places on the padded image where the windows have it: regular slices."""
        for at in product(*map(range, self.kernel)):
            yield tuple(
                slice(i * d, i * d + (c - 1) * s + 1, s)
                for i, s, d, c in zip(at, self.stride, self.dilation, self.count, strict=True)
            )

    def pad(self, input: Array, value: Any = 0) -> Array:
        """``input``, of shape (…, *image), with ``value`` around it."""
        if self.padded == self.image:
            return input
        out = np.full((*input.shape[: -len(self.image)], *self.padded), value, input.dtype)
        out[(..., *self.inside)] = input
        return out

    def columns(self, input: Array) -> Array:
        """What each window sees, side by side: (…, *image) to (…, *kernel, *count)."""
        padded, n = self.pad(input), len(self.image)
        lead, steps = padded.strides[:-n], padded.strides[-n:]
        shape = (*padded.shape[:-n], *self.kernel, *self.count)
        apart = (each * by for by, each in zip((*self.dilation, *self.stride), steps * 2, strict=True))
        return as_strided(padded, shape, (*lead, *apart), writeable=False).copy()

    def heap(self, columns: Array) -> Array:
        """The transpose of `columns`: each window's elements, added where it saw them.

        Args:
            columns: of shape (channels, *kernel, *count, samples). The samples come last for speed: then the slices added are
                long runs of memory.

        Returns:
            An array of shape (channels, *image, samples).
        """
        channels, *_, samples = columns.shape
        total = np.zeros((channels, *self.padded, samples), columns.dtype)
        for tap, place in zip(np.ndindex(*self.kernel), self.taps(), strict=True):
            total[(slice(None), *place)] += columns[(slice(None), *tap)]
        return total[(slice(None), *self.inside)]


def lengths_of(operation: str, argument: str, value: Any, dims: int) -> Lengths:
    """``value``, an int for all dimensions or one for each, as a tuple.

    Raises:
        TypeError: it is neither.
        RuntimeError: it has another number of ints.
    """
    values = tuple(value) if isinstance(value, tuple | list) else (value,)
    if not all(isinstance(each, int | np.integer) and not isinstance(each, bool) for each in values):
        raise TypeError(f"{operation}(): argument '{argument}' must be an int or a tuple of {dims} ints, not {value!r}")
    if len(values) not in (1, dims):
        raise RuntimeError(
            f"{operation}(): expected {argument} to be a single integer value or a list of {dims} values to match the "
            f"dimensions, but got {argument}={list(values)}"
        )
    return tuple(int(each) for each in values) * (dims if len(values) == 1 else 1)
