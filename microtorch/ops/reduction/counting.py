"""How many, how often, between which: results are counts and indices, which have no gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.operands import constant
from ...core.variable import Variable, array_of, is_variable, unrecorded
from ...tensor.dims import Dim, axes_of, integer_of

__all__ = ["bincount", "bucketize", "count_nonzero", "histc", "isin", "searchsorted"]


def count_nonzero(input: Variable, dim: Dim = None) -> Variable:
    """How many elements are not 0: of all, or along ``dim``, one dimension or several.

    >>> import microtorch
    >>> microtorch.count_nonzero(microtorch.tensor([0, 3, 4])).item()
    2
    """
    return unrecorded(np.asarray(np.count_nonzero(array_of(input), axes_of(input, dim)), np.int64))


def bincount(input: Variable, weights: Variable | None = None, minlength: int = 0) -> Variable:
    """How often each of 0, 1, 2 … stands in a vector; or the sum of its weights.

    Args:
        input: a vector of integers that are not negative.
        weights: one for each.
        minlength: the least length of the result.

    Raises:
        RuntimeError: ``input`` is no such vector, or ``weights`` has another length, or requires a gradient.

    >>> import microtorch
    >>> microtorch.bincount(microtorch.tensor([1, 1, 3])).tolist()
    [0, 2, 0, 1]
    """
    array = array_of(input)
    if array.ndim != 1 or array.dtype.kind not in "iu" or (array < 0).any():
        raise RuntimeError(f"bincount only supports 1-d non-negative integral inputs: {input._described()} of {input.dtype}")
    if integer_of(minlength, "bincount: minlength") < 0:
        raise RuntimeError(f"minlength should be >= 0, not {minlength}")
    given = None if weights is None else array_of(weights)
    if given is not None and given.shape != array.shape:
        raise RuntimeError(f"weights should be 1-d and have the same length as input: {given.shape} for {array.shape}")
    if weights is not None and weights.requires_grad:
        raise RuntimeError("bincount has no derivative for its weights: give it weights.detach(), or use index_add")
    counts = np.bincount(array, given, minlength)
    return unrecorded(counts.astype(np.int64 if given is None else np.float32 if given.dtype == np.float32 else np.float64))


def histc(input: Variable, bins: int = 100, min: float = 0, max: float = 0) -> Variable:
    """How many elements fall into each of ``bins`` parts between ``min`` and ``max`` (both 0: of what there is).

    Raises:
        RuntimeError: ``bins`` is not positive, ``max`` is below ``min``, or ``input`` is of integers.
    """
    array = array_of(input)
    if array.dtype.kind != "f":
        raise RuntimeError(f"histc: not implemented for {input.dtype}: use x.float(), or bincount")
    if integer_of(bins, "histc: bins") <= 0:
        raise RuntimeError(f"histc: bins must be > 0, but got {bins}")
    if max < min:
        raise RuntimeError(f"histc: max must be larger than min, but got {max} and {min}")
    low, high = (min, max) if min != max or not array.size else (array.min(), array.max())
    if low == high:
        low, high = low - 1, high + 1
    return unrecorded(np.histogram(array, bins, (low, high))[0].astype(array.dtype))


def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Variable:
    """For each element, whether it is one of ``test_elements``; or, inverted, whether it is none.

    >>> import microtorch
    >>> microtorch.isin(microtorch.tensor([1, 2]), microtorch.tensor([2, 3])).tolist()
    [False, True]
    """
    one, other = (each.array if is_variable(each) else constant(each) for each in (elements, test_elements))
    return unrecorded(np.isin(one, other, assume_unique=assume_unique, invert=invert))


def searchsorted(
    sorted_sequence: Variable,
    values: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Variable | None = None,
) -> Variable:
    """Where in sorted vectors each value would have to be put in, so that they stay sorted.

    Args:
        sorted_sequence: sorted along its last dimension.
        values: a number, or a Variable; of the same shape but for the last dimension, where the first has several vectors.
        out_int32: return int32 instead of int64.
        right: behind equal elements, instead of in front of them.
        side: "left" or "right": the same.
        sorter: indices that sort ``sorted_sequence``, where that is not sorted: what `argsort` gives.

    Raises:
        RuntimeError: the shapes do not fit, or ``right`` and ``side`` contradict each other.

    >>> import microtorch
    >>> microtorch.searchsorted(microtorch.tensor([1, 3, 5]), microtorch.tensor([3, 4])).tolist()
    [1, 2]
    """
    if side not in {None, "left", "right"} or (right and side == "left"):
        raise RuntimeError(f"searchsorted: side and right can't be set to opposites, got side of {side} while right was {right}")
    where: Any = "right" if right or side == "right" else "left"
    rows = array_of(sorted_sequence)
    if sorter is not None:
        rows = np.take_along_axis(rows, array_of(sorter), -1)
    wanted = values.array if is_variable(values) else np.asarray(constant(values))
    if rows.ndim == 1:
        found = np.searchsorted(rows, wanted, where)
    elif rows.ndim == 0 or wanted.ndim != rows.ndim or rows.shape[:-1] != wanted.shape[:-1]:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and "
            f"input value tensor must match, but we got {list(rows.shape)} and {list(wanted.shape)}"
        )
    else:
        flat = zip(rows.reshape(-1, rows.shape[-1]), wanted.reshape(-1, wanted.shape[-1]), strict=True)
        found = np.reshape([np.searchsorted(row, each, where) for row, each in flat], wanted.shape)
    return unrecorded(np.asarray(found, np.int32 if out_int32 else np.int64))


def bucketize(input: Any, boundaries: Variable, *, out_int32: bool = False, right: bool = False) -> Variable:
    """Between which of some sorted ``boundaries`` each element lies: `searchsorted`, with the arguments the other way round.

    Raises:
        RuntimeError: ``boundaries`` is no vector.
    """
    if array_of(boundaries).ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries.array.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)
