"""An array in a few numbers: what a picture shows of it, and what a snapshot keeps."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...arrays.memory import overlaps
from ...tensor.printing.elements import BLOCK

SMALL = 16  # up to so many elements an array is shown as it is
GRID = 16  # above, as a heat map of at most so many rows and columns
MANY = 2**24  # elements that are worth counting where they are not all there: windows that overlap, as `unfold` makes

Nested = Any  # numbers in nested lists, as ndarray.tolist() gives them; NaN and infinities as strings, for JSON
Heat = tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class Summary:
    """An array in a few numbers; those that would be meaningless or not finite are None."""

    shape: tuple[int, ...]
    dtype: str
    values: Nested
    min: float | None
    max: float | None
    mean: float | None
    norm: float | None
    zeros: int
    nans: int
    infs: int
    heat: Heat | None


def summarize(array: Any, *, statistics: bool = True) -> Summary:
    """An array, or a number, in a few numbers; without ``statistics`` a large one keeps its shape and dtype only.

    A large array is read in blocks; what ``expand`` shows many times is read once.

    >>> summarize(np.array([1.0, 2.0, np.nan])).values, summarize(np.zeros((40, 40))).zeros
    ([1.0, 2.0, 'nan'], 1600)
    """
    array = np.asarray(array)
    if array.size <= SMALL:
        return of_few(array)
    core = unexpanded(array)
    if array.dtype.kind not in "biuf" or not statistics or (core.size > MANY and overlaps(core)):
        return Summary(array.shape, name_of(array.dtype), None, None, None, None, None, 0, 0, 0, None)
    tally = Tally()
    with np.errstate(all="ignore"):
        heat = tally.walk(core, array.shape)
    found = (
        (tally.least, tally.greatest, tally.total / tally.finite, math.sqrt(tally.squares)) if tally.finite else [math.nan] * 4
    )
    times = array.size // core.size
    low, high, mean, norm = (float(x) if math.isfinite(x) else None for x in found)
    norm = None if norm is None else norm * math.sqrt(times)
    zeros, nans, infs = (times * count for count in (tally.zeros, tally.nans, core.size - tally.finite - tally.nans))
    return Summary(array.shape, name_of(array.dtype), None, low, high, mean, norm, zeros, nans, infs, heat)


def of_few(array: NDArray[Any]) -> Summary:
    """A small array in a few numbers, in plain Python: a graph of 10,000 nodes saves as many of them."""
    values, name = array.tolist(), name_of(array.dtype)
    flat = array.ravel().tolist()
    if not flat or array.dtype.kind not in "biuf":
        return Summary(array.shape, name, finite_or_text(values), None, None, None, None, 0, 0, 0, None)
    finite = [float(x) for x in flat if math.isfinite(x)]
    zeros, nans, infs = flat.count(0), 0, 0
    if len(finite) < len(flat):
        nans = sum(map(math.isnan, flat))
        infs = len(flat) - len(finite) - nans
        values = finite_or_text(values)
    if not finite:
        return Summary(array.shape, name, values, None, None, None, None, zeros, nans, infs, None)
    mean, norm = (x if math.isfinite(x) else None for x in (math.fsum(finite) / len(finite), math.hypot(*finite)))
    return Summary(array.shape, name, values, min(finite), max(finite), mean, norm, zeros, nans, infs, None)


@cache
def name_of(dtype: np.dtype[Any]) -> str:
    """What a dtype is called, which NumPy works out anew each time."""
    return str(dtype)


def finite_or_text(values: Nested) -> Nested:
    """The values with NaN and infinities as text: JSON has no word for them."""
    if isinstance(values, list):
        return [finite_or_text(value) for value in values]
    return str(values) if isinstance(values, float) and not math.isfinite(values) else values


def unexpanded(array: NDArray[Any]) -> NDArray[Any]:
    """Of a large array, the part that its other elements repeat: with length 1, where ``expand`` has given another length."""
    if array.size <= BLOCK or 0 not in array.strides:
        return array
    return array[tuple(slice(None if step else 1) for step in array.strides)]


class Tally:
    """What is counted and added up of an array, block by block."""

    def __init__(self) -> None:
        self.least, self.greatest, self.total, self.squares = math.inf, -math.inf, 0.0, 0.0
        self.finite = self.zeros = self.nans = 0

    def add(self, numbers: NDArray[np.float64]) -> None:
        """Count one block."""
        finite = np.isfinite(numbers)
        self.zeros += numbers.size - int(np.count_nonzero(numbers))
        if not finite.all():
            self.nans += int(np.count_nonzero(np.isnan(numbers)))
            numbers = numbers[finite]
        if numbers.size:
            self.finite += numbers.size
            self.least, self.greatest = min(self.least, numbers.min()), max(self.greatest, numbers.max())
            self.total, self.squares = self.total + numbers.sum(), self.squares + np.square(numbers).sum()
            # Not numbers @ numbers: for that, threads are started, and a hundred blocks a second are all that they get done.

    def walk(self, array: NDArray[Any], shape: tuple[int, ...]) -> Heat | None:
        """Count all blocks; and return the means over the tiles of a coarse grid, for the ``shape`` to which it was expanded."""
        rows, columns = map(edges, table_of(array.shape))
        tiles = np.zeros((len(rows) - 1, len(columns) - 1))
        for top, left, block in pieces(array):
            numbers = block.astype(np.float64)
            self.add(numbers)
            (i, high), (j, wide) = bands(rows, top, len(block)), bands(columns, left, block.shape[1])
            sums = np.add.reduceat(np.add.reduceat(numbers, high, axis=0), wide, axis=1)
            tiles[i : i + len(high), j : j + len(wide)] += sums
        if len(shape) > 2 and shape[1:] != array.shape[1:]:
            return None  # where in a row its elements are repeated, the tiles do not tell
        tiles /= np.outer(np.diff(rows), np.diff(columns))
        grid = np.broadcast_to(tiles, [min(length, GRID) for length in table_of(shape)])
        return tuple(tuple(float(x) if math.isfinite(x) else None for x in row) for row in grid)


def table_of(shape: tuple[int, ...]) -> tuple[int, int]:
    """The rows and columns that an array is seen as: a vector is one row, a tensor its first axis by all the others."""
    return (1, math.prod(shape)) if len(shape) < 2 else (shape[0], math.prod(shape[1:]))


def edges(length: int) -> list[int]:
    """Where the bands of a heat map begin and end."""
    return [int(edge) for edge in np.linspace(0, length, min(length, GRID) + 1)]


def bands(edges: list[int], start: int, length: int) -> tuple[int, list[int]]:
    """Which band a block begins in, and where in the block that and all further bands begin.

    >>> bands([0, 10, 20, 30], 15, 10)
    (1, [0, 5])
    """
    first = bisect_right(edges, start) - 1
    return first, [max(edge - start, 0) for edge in edges[first : bisect_left(edges, start + length)]]


def pieces(array: NDArray[Any]) -> Iterator[tuple[int, int, NDArray[Any]]]:
    """All of an array in blocks of at most `BLOCK` elements, each with its first row and column: whole rows, or parts of one."""
    array = array.reshape(1, -1) if array.ndim < 2 else array
    rows, columns = table_of(array.shape)
    height = max(1, BLOCK // columns)
    for top in range(0, rows, height):
        strip = array[top : top + height]
        if columns <= BLOCK:
            yield top, 0, strip.reshape(len(strip), columns)
        else:
            flat = strip.reshape(-1) if strip.flags.c_contiguous else strip.flat  # which reads in this order, without a copy
            for left in range(0, columns, BLOCK):
                yield top, left, flat[left : left + BLOCK].reshape(1, -1)


def array_of(value: Any) -> NDArray[Any]:
    """The numbers of a Variable of any make, of an array, of a scalar."""
    if isinstance(getattr(value, "array", None), np.ndarray):
        return np.asarray(value.array)
    if hasattr(value, "detach"):  # PyTorch
        tensor = value.detach().cpu().resolve_conj().resolve_neg()  # NumPy takes no number that is yet to be conjugated
        try:
            return np.asarray(tensor.numpy())
        except TypeError:  # bfloat16, which NumPy does not have
            return np.asarray(tensor.float().numpy())
    return np.asarray(value if isinstance(value, (np.ndarray, np.generic)) else getattr(value, "data", value))
