"""Sequences of several lengths in one batch: packed, without the padding; and padded again."""

from __future__ import annotations

import numpy as np

from ...arrays.dtypes import Array
from ...core.variable import Variable, unrecorded
from ..selection.indexing import IndexPut, _Indexing

__all__ = ["pack", "unpack"]


class PackPaddedSequence(_Indexing):
    """The rows of a padded batch that are no padding, step by step."""


def pack(input: Variable, lengths: Array, batch_first: bool) -> tuple[Variable, Array]:
    """The rows of each step that are no padding, and how many there are in each.

    Args:
        input: of shape (steps, batch, …), or with ``batch_first`` (batch, steps, …).
        lengths: of the sequences, the longest first.
        batch_first: which of the two.
    """
    present = np.arange(lengths[0])[:, None] < lengths
    return PackPaddedSequence.apply(input, key=_key(present, batch_first)), present.sum(1)


def unpack(data: Variable, batch_sizes: Array, batch_first: bool, value: float, steps: int) -> tuple[Variable, Array]:
    """The inverse: a batch of so many ``steps``, with ``value`` where a sequence has ended; and the sequences' lengths."""
    present = np.arange(batch_sizes[0]) < batch_sizes[:, None]
    shape = (len(present[0]), steps) if batch_first else (steps, len(present[0]))
    padding = unrecorded(np.full((*shape, *data.array.shape[1:]), value, data.array.dtype))
    return IndexPut.apply(padding, data, key=_key(present, batch_first)), present.sum(0)


def _key(present: Array, batch_first: bool) -> tuple[Array, ...]:
    steps, rows = np.nonzero(present)
    return (rows, steps) if batch_first else (steps, rows)
