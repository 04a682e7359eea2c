"""Many elements read or added to by their indices: ``add_at``, ``read_at``, which number the places through a whole array."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...arrays.dtypes import Array

__all__ = ["add_at", "read_at"]

_FEW = 2048  # elements, for which NumPy's own way costs less than the numbers of their places
_PART = 1 << 17  # elements at a time: these numbers, of 8 bytes each, shall not fill the memory


def add_at(out: Array, key: Any, values: Any) -> None:
    """``out[key] += values``, once for each time that an index stands in ``key``.

    That is numpy.add.at, which is fast in one dimension only. So where ``key`` is arrays of indices, perhaps behind full slices,
    places are numbered through all of ``out``: that takes a fifth of the time.
    """
    key = key if isinstance(key, tuple) else (key,)
    grid = _grid(out, key) if np.size(values) >= _FEW and out.flags.c_contiguous and values.dtype is out.dtype else []
    rest = out.shape[len(key) :]
    if not grid or values.shape != np.broadcast_shapes(*(each.shape for each in grid)) + rest:
        np.add.at(out, key, values)
        return
    flat, within = out.reshape(-1), np.arange(math.prod(rest))
    for part, numbers in _numbers(grid, out.shape, values.shape):
        places = (numbers.reshape(-1, 1) * within.size + within) if rest else numbers
        np.add.at(flat, places.reshape(-1), values[part].reshape(-1))


def read_at(input: Array, grid: Sequence[Array], shape: tuple[int, ...]) -> Array:
    """``input[grid]``, of that shape, for arrays of indices of all dimensions: in a third of the time."""
    if math.prod(shape) < _FEW or not input.flags.c_contiguous:
        return input[tuple(grid)].reshape(shape)
    out = np.empty(np.broadcast_shapes(*(each.shape for each in grid)), input.dtype)
    for part, numbers in _numbers(grid, input.shape, out.shape):
        out[part] = input.reshape(-1).take(numbers)
    return out.reshape(shape)


def _grid(out: Array, key: tuple[Any, ...]) -> list[Array]:
    """The index of each place in each dimension of ``key``: nothing, unless that is full slices, and arrays of indices behind."""
    slices = 0
    while slices < len(key) and isinstance(key[slices], slice) and key[slices] == slice(None):
        slices += 1
    arrays = key[slices:]
    if not arrays or not all(isinstance(each, np.ndarray) and each.ndim and each.dtype.kind in "iu" for each in arrays):
        return []
    ndim = max(each.ndim for each in arrays)
    full = [np.arange(n).reshape(-1, *(1,) * (slices - i - 1 + ndim)) for i, n in enumerate(out.shape[:slices])]
    return [*full, *arrays]


def _numbers(grid: Sequence[Array], lengths: tuple[int, ...], shape: tuple[int, ...]) -> Iterator[tuple[slice, Array]]:
    """Which place each is, counted through an array of these lengths: part by part of a ``shape`` that begins with the grid's."""
    ndim = max(each.ndim for each in grid)
    grid = [each % n if each.min(initial=0) < 0 else each for each, n in zip(grid, lengths, strict=False)]  # -1 is the last
    step = max(_PART // max(math.prod(shape[1:]), 1), 1)
    for start in range(0, shape[0], step):
        part, numbers = slice(start, start + step), np.zeros((1,) * ndim, np.intp)
        for each, length in zip(grid, lengths, strict=False):
            numbers = numbers * length + (each[part] if each.ndim == ndim and len(each) > 1 else each)
        yield part, np.broadcast_to(numbers, (min(step, shape[0] - start), *numbers.shape[1:]))
