"""All elements of an array, looked at in blocks: as few as there are in memory, and none of them copied twice."""

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ...arrays.dtypes import Array

__all__ = ["BLOCK", "blocks", "each_once"]

BLOCK = 2**16  # elements: so many fit into a processor's cache


def each_once(array: Array) -> Array:
    """A view of the elements that an array has, in any order: one that it shows many times, as after ``expand``, once.

    >>> each_once(np.broadcast_to(np.arange(3.0), (1000, 3))).tolist()
    [0.0, 1.0, 2.0]
    >>> each_once(np.lib.stride_tricks.sliding_window_view(np.arange(5.0), 3)).tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0]
    """
    if array.flags.forc or not array.size:
        return array.ravel(order="K")
    steps: list[tuple[int, int]] = []  # from the smallest on: of how many bytes, and how often and once more
    for step, length in sorted((abs(step), length) for step, length in zip(array.strides, array.shape, strict=True)):
        last, often = steps[-1] if steps else (0, 1)
        if last and step % last == 0 and step <= last * often:  # no farther than what is reached: the same steps, continued
            steps[-1] = last, often + (length - 1) * (step // last)
        elif step and length > 1:
            steps.append((step, length))
    lowest = array[tuple(slice(None, None, -1 if step < 0 else 1) for step in array.strides)]
    return as_strided(lowest, [often for _, often in steps], [step for step, _ in steps])


def blocks(array: Array) -> Iterator[Array]:
    """All elements in vectors of at most `BLOCK`, in the order in which they lie in memory; each is for the moment only."""
    flags = ("external_loop", "buffered", "zerosize_ok")
    yield from np.nditer(array, flags, order="K", buffersize=BLOCK)  # type: ignore[call-overload]
