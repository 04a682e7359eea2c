"""Where arrays lie in memory: what is a view of what, whether elements overlap, and one array's place in another's memory."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import byte_bounds

from .dtypes import Array

__all__ = ["Place", "overlaps", "root_of"]


def overlaps(array: Array) -> bool:
    """Whether several elements may be one in memory, as in what ``expand`` and ``unfold`` give.

    No two are, where each step along a dimension leads beyond all that the smaller steps reach.
    """
    if array.flags.forc or not array.size:
        return False
    reach = array.itemsize
    for step, length in sorted((abs(step), length) for step, length in zip(array.strides, array.shape, strict=True)):
        if length > 1 and step < reach:
            return True
        reach += (length - 1) * step
    return False


def root_of(array: Array) -> Array:
    """What an array is a view of in NumPy; itself, if it is of none, or of other numbers."""
    while (base := _base_of(array)) is not None and base.dtype == array.dtype:
        array = base
    return array


def _base_of(array: Array) -> Array | None:
    """What an array is a view of; NumPy's ``as_strided`` puts an object between the two."""
    base = array.base if isinstance(array.base, np.ndarray) else getattr(array.base, "base", None)
    return base if isinstance(base, np.ndarray) else None


class Place(NamedTuple):
    """Where a base and a view of it lie in the memory they share: offsets in bytes, shapes, and strides."""

    dtype: np.dtype[Any]
    length: int  # of the memory, in elements
    base: tuple[int, tuple[int, ...], tuple[int, ...]]
    part: tuple[int, tuple[int, ...], tuple[int, ...]]

    @classmethod
    def of(cls, base: Array, part: Array) -> Place:
        """Where ``part`` lies in the memory of ``base``."""
        bounds = byte_bounds(base), byte_bounds(part)
        start, end = min(low for low, _ in bounds), max(high for _, high in bounds)
        places = [(array.ctypes.data - start if array.size else 0, array.shape, array.strides) for array in (base, part)]
        return cls(base.dtype, (end - start) // base.itemsize, *places)

    def _in(self, memory: Array, where: tuple[int, tuple[int, ...], tuple[int, ...]]) -> Array:
        offset, shape, strides = where
        return np.ndarray(shape, memory.dtype, memory, offset // self.dtype.itemsize * memory.itemsize, strides)

    def laid_out(self) -> tuple[Array, Array]:
        """Zeros that lie in memory as the base did, and the part of them that the view is."""
        memory = np.zeros(self.length, self.dtype)
        return self._in(memory, self.base), self._in(memory, self.part)

    def scattered(self, values: Array) -> Array:
        """Zeros in the place of the base, with ``values`` added where the view is."""
        base, part = self.laid_out()
        if base.flags.forc and not overlaps(part):
            part[...] = values  # each element of the view is another of the base
            return base
        memory = np.zeros(self.length, self.dtype)
        np.add.at(memory, self._indices_of_part(), values)
        return self._in(memory, self.base)

    def _indices_of_part(self) -> Array:
        """For each element of the view, its index in the memory: the same for several, where it was expanded."""
        offset, shape, strides = self.part
        indices = np.full(shape, offset // self.dtype.itemsize)
        for axis, (length, stride) in enumerate(zip(shape, strides, strict=True)):
            steps = np.arange(length) * (stride // self.dtype.itemsize)
            indices += steps.reshape((-1,) + (1,) * (len(shape) - axis - 1))
        return indices
