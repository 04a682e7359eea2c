"""Which elements are the first, the k-th, the middle: partitions find their values, without sorting all the others.

What is found is what sorting would give: equal elements keep their order, and nan is the largest.
"""

from __future__ import annotations

import numpy as np

from ...arrays.dtypes import Array

__all__ = ["first", "has_nan", "middle", "ordered", "place_of"]

_FEW = 1024  # elements, below which sorting them costs no more
_SETS = 64


def ordered(array: Array, axis: int, descending: bool = False) -> Array:
    """Indices that sort along an axis, where equal elements keep their order."""
    if not array.ndim:
        return np.zeros((), np.int64)
    if not descending:
        return np.argsort(array, axis, kind="stable")
    backwards = np.argsort(np.flip(array, axis), axis, kind="stable")
    return np.asarray(array.shape[axis] - 1 - np.flip(backwards, axis))


def first(array: Array, axis: int, k: int, descending: bool) -> Array:
    """The first ``k`` of these indices: only elements that may be among them are sorted."""
    if array.size < _FEW or not 0 < 4 * k <= array.shape[axis] or has_nan(array):
        return ordered(array, axis, descending)[(slice(None),) * axis + (slice(k),)] if array.ndim else ordered(array, axis)
    rows = np.moveaxis(array, axis, -1)
    lead, length = rows.shape[:-1], rows.shape[-1]
    rows = rows.reshape(-1, length)
    bound = _bound(rows, k, descending)
    row, place = divmod(np.flatnonzero(rows >= bound if descending else rows <= bound), length)
    values = rows[row, place]
    if descending:
        values = -values if values.dtype.kind == "f" else ~values  # which does not overflow
    place = place[np.lexsort((place, values, row))]
    begin = np.searchsorted(row, np.arange(len(rows)))
    return np.moveaxis(place[begin[:, None] + np.arange(k)].reshape(*lead, k), -1, axis)


def _bound(rows: Array, k: int, descending: bool) -> Array:
    """For each row a value that at least ``k`` of its elements are not beyond, and not many more."""
    length = rows.shape[1]
    if 2 * k <= length // _SETS:  # then the k-th of the extremes of many sets is near enough
        sets = rows[:, : length // _SETS * _SETS].reshape(len(rows), _SETS, -1)
        rows = (np.maximum if descending else np.minimum).reduce(sets, 1)
    at = rows.shape[1] - k if descending else k - 1
    return np.partition(rows, at, -1)[:, at, None]


def place_of(array: Array, axis: int, at: int) -> Array | None:
    """Where the elements stand that sorting would put at ``at`` along an axis; None, where one has equals."""
    value = np.partition(array, at, axis)[(slice(None),) * axis + (slice(at, at + 1),)]
    rows = np.moveaxis(array == value, axis, -1)
    found = np.flatnonzero(rows)
    return np.moveaxis((found % rows.shape[-1]).reshape(*rows.shape[:-1], 1), -1, axis) if found.size == value.size else None


def middle(array: Array) -> Array:
    """The element in the middle of all; of two, the smaller."""
    at = (array.size - 1) // 2
    return np.asarray(np.partition(array, at, None)[at])


def has_nan(array: Array) -> bool:
    """Whether an element is nan."""
    return array.dtype.kind == "f" and bool(np.isnan(array).any())
