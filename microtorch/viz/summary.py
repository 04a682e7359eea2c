"""An array in a few numbers: what a picture shows of it, and what a snapshot keeps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALL = 16  # up to so many elements an array is shown as it is
GRID = 16  # above, as a heat map of at most so many rows and columns

Nested = Any  # numbers in nested lists, as ndarray.tolist() gives them; NaN and infinities as strings, for JSON


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
    heat: tuple[tuple[float | None, ...], ...] | None


def summarize(array: Any, *, statistics: bool = True) -> Summary:
    """An array, or a number, in a few numbers; without ``statistics`` a large one keeps its shape and dtype only.

    >>> summarize(np.array([1.0, 2.0, np.nan])).values, summarize(np.zeros((40, 40))).zeros
    ([1.0, 2.0, 'nan'], 1600)
    """
    array = np.asarray(array)
    small = array.size <= SMALL
    values = finite_or_text(array.tolist()) if small else None
    if array.size == 0 or array.dtype.kind not in "biuf" or not (small or statistics):
        return Summary(array.shape, str(array.dtype), values, None, None, None, None, 0, 0, 0, None)
    numbers = array.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    nans = 0 if finite.size == array.size else int(np.count_nonzero(np.isnan(numbers)))
    with np.errstate(all="ignore"):
        found = (finite.min(), finite.max(), finite.mean(), math.sqrt(finite @ finite)) if finite.size else [math.nan] * 4
        heat = None if small else heat_map(numbers)
    low, high, mean, norm = (float(x) if math.isfinite(x) else None for x in found)
    zeros = array.size - int(np.count_nonzero(array))
    infs = array.size - finite.size - nans
    return Summary(array.shape, str(array.dtype), values, low, high, mean, norm, zeros, nans, infs, heat)


def finite_or_text(values: Nested) -> Nested:
    """The values with NaN and infinities as text: JSON has no word for them."""
    if isinstance(values, list):
        return [finite_or_text(value) for value in values]
    return str(values) if isinstance(values, float) and not math.isfinite(values) else values


def heat_map(numbers: NDArray[np.float64]) -> tuple[tuple[float | None, ...], ...]:
    """Means over the blocks of a coarse grid; a vector is one row, a tensor its first axis by all the others."""
    table = numbers.reshape(1, -1) if numbers.ndim < 2 else numbers.reshape(numbers.shape[0], -1)
    for axis in (0, 1):
        length = table.shape[axis]
        edges = np.linspace(0, length, min(length, GRID) + 1).astype(int)
        sizes = np.diff(edges).reshape((-1, 1) if axis == 0 else (1, -1))
        table = np.add.reduceat(table, edges[:-1], axis=axis) / sizes
    return tuple(tuple(float(x) if math.isfinite(x) else None for x in row) for row in table)


def array_of(value: Any) -> NDArray[Any]:
    """The numbers of a Variable of any make, of an array, of a scalar."""
    if isinstance(getattr(value, "array", None), np.ndarray):
        return np.asarray(value.array)
    if hasattr(value, "detach"):  # PyTorch
        tensor = value.detach().cpu()
        try:
            return np.asarray(tensor.numpy())
        except TypeError:  # bfloat16, which NumPy does not have
            return np.asarray(tensor.float().numpy())
    return np.asarray(value if isinstance(value, (np.ndarray, np.generic)) else getattr(value, "data", value))
