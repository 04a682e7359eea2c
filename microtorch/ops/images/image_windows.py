"""Windows on an image: where a kernel stands, for convolution, pooling, ``unfold`` and ``fold``, in any number of dimensions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ...arrays.dtypes import Array
from ...core.telling import shown

__all__ = ["WINDOWS", "AdaptiveWindows", "OnWindows", "Windows", "lengths_of", "lowest"]

Lengths = tuple[int, ...]
WINDOWS = shown("kernel_size", "stride", padding=0, dilation=1)  # `Primitive.constants` of operations on windows


class OnWindows:
    """What an operation on `Windows` is called with, by torch's names."""

    windows: Windows
    kernel_size = property(lambda self: self.windows.kernel)
    stride = property(lambda self: self.windows.stride)
    padding = property(lambda self: self.windows.padding)
    dilation = property(lambda self: self.windows.dilation)


class Windows(NamedTuple):
    """Windows ``stride`` apart on an image of shape ``image`` with ``padding`` around it; see the elements ``dilation`` apart."""

    image: Lengths
    kernel: Lengths
    stride: Lengths
    padding: Lengths
    dilation: Lengths
    counts: Lengths

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
        return tuple(max(n + 2 * p, (c - 1) * s + d * (k - 1) + 1) for n, k, s, p, d, c in zip(*self, strict=True))

    @property
    def blind(self) -> bool:
        """Whether all that some window sees is padding, which takes steps longer than the image."""
        for n, k, s, p, d, c in zip(*self, strict=True):
            if d > n:
                seen = np.arange(c)[:, None] * s - p + np.arange(k) * d
                if not ((seen >= 0) & (seen < n)).any(axis=1).all():
                    return True
        return False

    @property
    def inside(self) -> tuple[slice, ...]:
        """Where on the padded image the image itself is."""
        return tuple(slice(p, p + n) for n, p in zip(self.image, self.padding, strict=True))

    def taps(self) -> Iterator[tuple[slice, ...]]:
        """For each element of the kernel, the places on the padded image where the windows have it: regular slices."""
        for at in product(*map(range, self.kernel)):
            yield tuple(
                slice(i * d, i * d + (c - 1) * s + 1, s)
                for i, s, d, c in zip(at, self.stride, self.dilation, self.counts, strict=True)
            )

    def pad(self, input: Array, value: Any = 0) -> Array:
        """``input``, of shape (…, *image), with ``value`` around it."""
        if self.padded == self.image:
            return input
        out = np.full((*input.shape[: -len(self.image)], *self.padded), value, input.dtype)
        inside: Any = (..., *self.inside)
        out[inside] = input
        return out

    def columns(self, input: Array) -> Array:
        """What each window sees, side by side: (…, *image) to (…, *kernel, *counts)."""
        padded, n = self.pad(input), len(self.image)
        lead, steps = padded.strides[:-n], padded.strides[-n:]
        shape = (*padded.shape[:-n], *self.kernel, *self.counts)
        apart = (each * by for by, each in zip((*self.dilation, *self.stride), steps * 2, strict=True))
        # A view with an element several times, as one copy: as_strided does not go beyond `padded`, by its definition.
        return as_strided(padded, shape, (*lead, *apart), writeable=False).copy()

    def heap(self, columns: Iterable[Array]) -> Array:
        """The transpose of `columns`: each window's elements, added where it saw them.

        Args:
            columns: for each element of the kernel, an array of shape (channels, *counts, samples). The samples come last for
                speed: then the slices added are long runs of memory.

        Returns:
            An array of shape (channels, *image, samples).
        """
        total: Any = None
        for each, place in zip(columns, self.taps(), strict=True):
            if total is None:
                total = np.zeros((len(each), *self.padded, each.shape[-1]), each.dtype)
            total[(slice(None), *place)] += each
        return np.asarray(total[(slice(None), *self.inside)])

    def reduce(self, ufunc: np.ufunc, input: Array, around: Any) -> Array:
        """``ufunc`` over the elements of each window, along one dimension after the other: (…, *image) to (…, *counts)."""
        out = self.pad(input, around)
        for axis in range(-len(self.image), 0):
            first, *others = [out[place] for place in self._along(axis)]
            out = ufunc(first, others[0]) if others else first
            for each in others[1:]:
                ufunc(out, each, out=out)
        return out if out.base is None else out.copy()

    def spread(self, values: Array) -> Array:
        """The transpose of a sum: the value of each window, added to all that it sees: (…, *counts) to (…, *image)."""
        for axis in range(-len(self.image), 0):
            shape = [*values.shape]
            shape[axis] = self.padded[axis]
            total = np.zeros(shape, values.dtype)
            for place in self._along(axis):
                total[place] += values
            values = total
        inside: Any = (..., *self.inside)
        return values[inside]

    def argmax(self, input: Array) -> Array:
        """Where on the image, counted through all its elements, each window's largest is: the first of several, the last nan."""
        padded, top = self.pad(input, lowest(input)), self.reduce(np.maximum, input, lowest(input))
        places: list[Any] = [(..., *place) for place in self.taps()]
        real = None if self.padded == self.image else self.pad(np.ones(self.image, np.bool_))
        # Its number is how many come before it: a sum of bools, which is faster than to write where a condition holds.
        number, before = np.zeros(top.shape, np.min_scalar_type(len(places))), np.ones(top.shape, np.bool_)
        for place in places[:-1]:
            before &= padded[place] != top if real is None else (padded[place] != top) | ~real[place]
            number += before
        if top.dtype.kind == "f" and np.isnan(top).any():
            for i, place in enumerate(places):
                number[np.isnan(padded[place])] = i
        return self._flat(number)

    def _along(self, axis: int) -> list[Any]:
        """What `taps` are in all dimensions, in one: a slice for each element of the kernel there."""
        steps = zip(self.kernel, self.stride, self.dilation, self.counts, strict=True)
        k, s, d, c = [*steps][axis]
        return [_at(axis, slice(i * d, i * d + (c - 1) * s + 1, s)) for i in range(k)]

    def _flat(self, number: Array) -> Array:
        """Which element of the image it is that each window has at an element of the kernel, counted through its elements."""
        starts = np.ix_(*(np.arange(c) * s - p for c, s, p in zip(self.counts, self.stride, self.padding, strict=True)))
        within = np.ix_(*(np.arange(k) * d for k, d in zip(self.kernel, self.dilation, strict=True)))
        return _number(within, self.image).ravel()[number] + _number(starts, self.image)


class AdaptiveWindows(NamedTuple):
    """Windows that share an image out among a given number: of about one size, overlapping where it is not divisible."""

    image: Lengths
    counts: Lengths

    def bounds(self, axis: int) -> list[tuple[int, int]]:
        """Where along a dimension each window begins and ends."""
        n, m = self.image[axis], self.counts[axis]
        return [(i * n // m, -((i + 1) * -n // m)) for i in range(m)]

    def reduce(self, ufunc: np.ufunc, input: Array, around: Any) -> Array:
        """As `Windows.reduce`."""
        for axis in range(-len(self.image), 0):
            shape = [*input.shape]
            shape[axis] = self.counts[axis]
            out = np.empty(shape, input.dtype)
            for i, (start, stop) in enumerate(self.bounds(axis)):
                ufunc.reduce(input[_at(axis, slice(start, stop))], axis, out=out[_at(axis, i)])
            input = out
        return input

    def spread(self, values: Array) -> Array:
        """As `Windows.spread`."""
        for axis in range(-len(self.image), 0):
            shape = [*values.shape]
            shape[axis] = self.image[axis]
            total = np.zeros(shape, values.dtype)
            for i, (start, stop) in enumerate(self.bounds(axis)):
                total[_at(axis, slice(start, stop))] += values[_at(axis, slice(i, i + 1))]
            values = total
        return values

    def argmax(self, input: Array) -> Array:
        """As `Windows.argmax`."""
        dims = len(self.image)
        lead, numbers = input.shape[:-dims], np.arange(math.prod(self.image)).reshape(self.image)
        out = np.empty((*lead, *self.counts), np.intp)
        for cell in np.ndindex(*self.counts):
            place: Any = tuple(slice(*self.bounds(axis)[i]) for axis, i in enumerate(cell))
            seen = input[(..., *place)].reshape(*lead, numbers[place].size)
            best = seen.argmax(-1)
            if input.dtype.kind == "f" and (nan := np.isnan(seen)).any():
                best = np.where(nan.any(-1), seen.shape[-1] - 1 - nan[..., ::-1].argmax(-1), best)
            at: Any = (..., *cell)
            out[at] = numbers[place].ravel()[best]
        return out


def lowest(input: Array) -> Any:
    """What no element is less than."""
    return -np.inf if input.dtype.kind == "f" else np.iinfo(input.dtype).min


def _at(axis: int, key: Any) -> Any:
    """The whole key that means ``key`` along one dimension, counted from the end."""
    return (..., key, *(slice(None),) * (-1 - axis))


def _number(at: Any, image: Lengths) -> Array:
    """Indices along each dimension as one, counted through all elements."""
    return np.asarray(sum(each * math.prod(image[axis + 1 :]) for axis, each in enumerate(at)))


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
