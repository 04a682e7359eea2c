"""What is measured of the leaves: of several iterations at once, since a call of NumPy costs more than a small array does.

In an iteration the numbers of all leaves are only laid behind each other, one row an iteration. Once some rows are full, what is
asked of each leaf in each iteration is one `reduceat` over them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.variable import Variable
from ..graph.summary import array_of

__all__ = ["FIELDS", "Floats", "Shapes", "Table"]

Floats = NDArray[np.float64]
Shapes = tuple[tuple[int, ...], ...]

# What is kept of an iteration: these rows, with a column for each leaf; NaN where a value is not known.
FIELDS = ("grad_norm", "grad_max", "zeros", "nans", "infs", "data_norm", "update_norm")
NORM, MOST, ZEROS, NANS, INFS, DATA, UPDATE = range(len(FIELDS))
ELEMENTS = 2**15  # that wait to be measured: 1 MB stays in the caches
ITERATIONS = 64  # that wait, at most


class Table:
    """The numbers of leaves of these shapes, none of them empty, a row an iteration, until they are measured.

    Of large networks one iteration is there at a time: three copies of the parameters.
    """

    def __init__(self, shapes: Shapes, dtype: np.dtype[Any]) -> None:
        self.sizes = np.array([math.prod(shape) for shape in shapes], np.intp)
        self.ends = np.cumsum(self.sizes)
        width = int(self.sizes.sum())
        self.rows = min(ITERATIONS, max(1, ELEMENTS // max(width, 1)))
        self.grads = np.empty((self.rows, width), dtype)
        self.data = np.empty((self.rows + 2, width), dtype)  # the last of before, those of the rows, the first of after
        widest = max((span.stop - span.start for _, span, _ in self.spans()), default=0)
        self.room = np.empty((self.rows + 1) * widest)  # to reckon in: new memory would cost as much as the reckoning
        self.zero = np.empty((self.rows + 1) * widest, np.bool_)
        self.missing: list[tuple[int, int]] = []  # the row and the column of what has no gradient
        self.count = 0

    @property
    def full(self) -> bool:
        """Whether there is no room for another iteration."""
        return self.count == self.rows

    def take_data(self, leaves: Sequence[Any]) -> None:
        """An iteration begins: take in the data."""
        self.lay(leaves, self.data[self.count + 1])

    def take_grads(self, leaves: Sequence[Any]) -> None:
        """An iteration ends: take in each ``.grad``."""
        self.lay([leaf.grad for leaf in leaves], self.grads[self.count])
        self.count += 1

    def lay(self, values: Sequence[Any], row: NDArray[Any]) -> None:
        """Lay Variables or tensors behind each other; of what is None, zeros, and that is noted."""
        arrays = []
        for column, each in enumerate(values):
            if each is None:
                self.missing.append((self.count, column))
            arrays.append(np.zeros(self.sizes[column]) if each is None else numbers(each).ravel())
        if arrays:
            np.concatenate(arrays, out=row, casting="unsafe")

    def measured(self) -> tuple[Floats, Floats]:
        """What is asked of each iteration; and how far the data went to each one from that before, and after the last one.

        (Of the last, that is meant where data have been taken in that belong to no iteration.)
        """
        count, leaves = self.count, len(self.sizes)
        stats, moved = np.empty((count, len(FIELDS), leaves)), np.empty((count + 1, leaves))
        stats[:, UPDATE] = np.nan
        for columns, span, starts in self.spans():
            width = span.stop - span.start
            room = self.room[: (count + 1) * width].reshape(count + 1, width)
            zero = self.zero[: count * width].reshape(count, width)
            measure(self.grads[:count, span], starts, self.sizes[columns], stats[:, :, columns], room[:-1], zero)
            data = self.data[: count + 2, span]
            np.multiply(data[1:-1], data[1:-1], out=room[:-1], dtype=np.float64)
            stats[:, DATA, columns] = np.sqrt(np.add.reduceat(room[:-1], starts, axis=1))
            np.subtract(data[1:], data[:-1], out=room, dtype=np.float64)
            np.multiply(room, room, out=room)
            moved[:, columns] = np.sqrt(np.add.reduceat(room, starts, axis=1))
        for row, column in self.missing:
            stats[row, : INFS + 1, column] = np.nan
        self.data[0] = self.data[count]
        self.count, self.missing = 0, []
        return stats, moved

    def spans(self) -> Iterator[tuple[slice, slice, NDArray[np.intp]]]:
        """Some leaves at a time, to reckon in little room: their columns, their elements, where each begins in these."""
        first = begin = 0
        for column, end in enumerate(self.ends.tolist()):
            last = column == len(self.ends) - 1
            if last or (self.ends[column + 1] - begin) * self.rows > ELEMENTS:
                sizes = self.sizes[first : column + 1]
                yield slice(first, column + 1), slice(begin, end), np.cumsum(sizes) - sizes
                first, begin = column + 1, end


def measure(
    grads: NDArray[Any], starts: NDArray[np.intp], sizes: NDArray[np.intp], stats: Floats, room: Floats, zero: NDArray[np.bool_]
) -> None:
    """Write down what gradients are: a row of them an iteration, with leaves that begin at ``starts``."""
    np.multiply(grads, grads, out=room, dtype=np.float64)
    stats[:, NORM] = np.sqrt(np.add.reduceat(room, starts, axis=1))
    stats[:, MOST] = np.sqrt(np.maximum.reduceat(room, starts, axis=1))
    np.equal(grads, 0, out=zero)
    stats[:, ZEROS] = np.add.reduceat(zero, starts, axis=1, dtype=np.intp) / sizes
    stats[:, NANS : INFS + 1] = 0
    if not np.isfinite(stats[:, NORM]).all():
        stats[:, NANS] = np.add.reduceat(np.isnan(grads), starts, axis=1, dtype=np.intp)
        stats[:, INFS] = np.add.reduceat(np.isinf(grads), starts, axis=1, dtype=np.intp)


def numbers(value: Any) -> NDArray[Any]:
    """The numbers of a Variable or a tensor, in place where that can be: of complex ones, how large they are."""
    if isinstance(value, Variable):
        return value.array
    array: NDArray[Any]
    try:
        array = value.numpy(force=True)
    except (TypeError, RuntimeError):  # bfloat16, and gradients that are kept sparse
        array = array_of(value.to_dense() if value.is_sparse else value)
    return np.abs(array) if array.dtype.kind == "c" else array
