"""Order: sorting, the k largest, the median, the commonest; values, and where they stand. nan counts as the largest."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import return_types
from ...arrays.dtypes import Array
from ...arrays.operands import refuse_bools
from ...core.primitive import Primitive
from ...core.telling import shown
from ...core.variable import Variable, array_of, unrecorded
from ...tensor.dims import axis_of, integer_of
from ..undifferentiated import _Undifferentiated
from .extremes import _Chosen, _OfAll, chosen_along
from .partitions import first as first_of
from .partitions import has_nan, middle, ordered, place_of

__all__ = ["argsort", "kthvalue", "median", "mode", "msort", "nanmedian", "sort", "topk", "unique", "unique_consecutive"]


class Sort(_Chosen):
    constants = shown("dim")


class SortStable(Sort):
    torch_name = "Sort"
    overload = 1


class Topk(_Chosen):
    constants = shown("dim")


class Kthvalue(_Chosen):
    pass


class Mode(_Chosen):
    pass


class MedianAlong(_Chosen):
    torch_name = "Median"
    overload = 1


class NanmedianAlong(_Chosen):
    torch_name = "Nanmedian"
    overload = 1


class Median(_OfAll):
    def forward(self, input):
        if not input.size:
            return _nothing(input.dtype)
        return input.dtype.type(np.nan) if has_nan(input) else middle(input)


class Nanmedian(_OfAll):
    def forward(self, input):
        numbers = input[~np.isnan(input)] if has_nan(input) else input
        return middle(numbers) if numbers.size else _nothing(input.dtype)


class _Unique(_Undifferentiated):
    def forward(self, input, *, key):
        return input[key]

    def name(self):
        return Primitive.name(self)  # as torch has one for these

    def refusal(self):
        return NotImplementedError(
            f"the derivative for '{self.operation}' is not implemented, as in torch: take the elements with gather, at the "
            "places where they stand"
        )


class Unique2(_Unique):
    operation = "_unique2"


class UniqueDim(_Unique):
    operation = "unique_dim"


class UniqueConsecutive(_Unique):
    operation = "unique_consecutive"


def _nothing(dtype: np.dtype[Any]) -> Array:
    """What stands for the median where there is none."""
    return np.asarray(np.iinfo(dtype).min if dtype.kind in "iu" else np.nan, dtype)


def sort(input: Variable, dim: int = -1, descending: bool = False, stable: bool | None = None) -> Any:
    """The elements in order along a dimension, and where they stood.

    Args:
        input: of any shape.
        dim: along which.
        descending: from the largest to the smallest.
        stable: equal elements keep their order; here they always do.

    Returns:
        The named tuple (values, indices); indices are of dtype int64.

    Raises:
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.sort(microtorch.tensor([3, 1, 2])).indices.tolist()
    [1, 2, 0]
    """
    axis = axis_of(input, dim)
    operation = Sort if stable is None else SortStable
    return return_types.sort(*chosen_along(operation, input, axis, ordered(input.array, axis, descending)))


def msort(input: Variable) -> Variable:
    """The elements in order along the first dimension."""
    result: Variable = sort(input, 0).values
    return result


def argsort(input: Variable, dim: int = -1, descending: bool = False, stable: bool = False) -> Variable:
    """Where the elements stand that come first, second … along ``dim``, of dtype int64. Arguments are those of `sort`."""
    axis = axis_of(input, dim)
    return unrecorded(ordered(input.array, axis, descending).astype(np.int64))


def topk(input: Variable, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The ``k`` largest (or smallest) elements along a dimension, and where they stand.

    Args:
        input: of any shape.
        k: how many.
        dim: along which.
        largest: False for the smallest.
        sorted: in order; here they always are.

    Returns:
        The named tuple (values, indices).

    Raises:
        RuntimeError: there are fewer than ``k``.
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.topk(microtorch.tensor([1, 5, 3]), 2).values.tolist()
    [5, 3]
    """
    axis = axis_of(input, dim)
    refuse_bools(input.array, operation="topk()")
    length = input.array.shape[axis] if input.array.ndim else 1
    if not 0 <= integer_of(k, "topk: k") <= length:
        raise RuntimeError(f"selected index k out of range: topk of {k} from {length} elements")
    return return_types.topk(*chosen_along(Topk, input, axis, first_of(input.array, axis, k, largest)))


def kthvalue(input: Variable, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The ``k``-th smallest element along a dimension, counted from 1, and where it stands.

    Returns:
        The named tuple (values, indices).

    Raises:
        RuntimeError: there is no ``k``-th.
        IndexError: ``dim`` is out of range.
    """
    axis = axis_of(input, dim)
    length = input.array.shape[axis] if input.array.ndim else 1
    if not length:
        raise IndexError(f"kthvalue(): Expected reduction dim {axis} to have non-zero size: {input._described()}")
    if not 1 <= integer_of(k, "kthvalue: k") <= length:
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {axis}: {k} of {length} elements")
    return return_types.kthvalue(*_place(Kthvalue, input, axis, k - 1, keepdim))


def median(input: Variable, dim: int | None = None, keepdim: bool = False) -> Any:
    """The element in the middle: of all, or along a dimension, also where it stands. Of two in the middle, the smaller.

    Args:
        input: of any shape, but not of bools.
        dim: along which; left out, of all: then equal elements share the gradient.
        keepdim: keep that dimension, with length 1.

    Returns:
        A 0-dim Variable; with ``dim``, the named tuple (values, indices). nan, where there is one.

    Raises:
        IndexError: ``dim`` is out of range, or there is no element along it.

    >>> import microtorch
    >>> microtorch.median(microtorch.tensor([4.0, 1.0, 3.0, 2.0])).item()
    2.0
    """
    return _median(input, dim, keepdim, "median")


def nanmedian(input: Variable, dim: int | None = None, keepdim: bool = False) -> Any:
    """The `median` of the elements that are not nan."""
    return _median(input, dim, keepdim, "nanmedian")


def mode(input: Variable, dim: int = -1, keepdim: bool = False) -> Any:
    """The commonest element along a dimension (the smallest of several), and where it stands last.

    Returns:
        The named tuple (values, indices).

    Raises:
        IndexError: ``dim`` is out of range, or there is no element along it.

    >>> import microtorch
    >>> microtorch.mode(microtorch.tensor([3, 1, 3, 1, 2])).values.item()
    1
    """
    axis = axis_of(input, dim)
    _not_empty(input, axis, "mode")
    array = np.atleast_1d(input.array)
    if array.size:
        last = np.expand_dims(np.apply_along_axis(_last_of_the_commonest, axis, array), axis)
    else:
        last = np.zeros((*array.shape[:axis], 1, *array.shape[axis + 1 :]), np.int64)
    return return_types.mode(*chosen_along(Mode, input, axis, last, keepdim))


def unique(
    input: Variable, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The different elements in order, or the different slices along ``dim``.

    Args:
        input: of any shape.
        sorted: in order; here they always are.
        return_inverse: also return, for each element, which of them it is.
        return_counts: also return how often each stands there.
        dim: compare slices along this dimension.

    Returns:
        A Variable, or a tuple of it and of what else was asked for, of dtype int64.

    >>> import microtorch
    >>> microtorch.unique(microtorch.tensor([3, 1, 3])).tolist()
    [1, 3]
    """
    axis = None if dim is None else axis_of(input, dim)
    array = array_of(input)
    shape = array.shape
    if axis is not None and 0 in (*array.shape[:axis], *array.shape[axis + 1 :]):
        raise RuntimeError(
            f"There are 0 sized dimensions, and they aren't selected, so unique cannot be applied: {input._described()}"
        )
    if not array.ndim:
        input, array = input.reshape(1), array.reshape(1)
    if array.dtype.kind != "f" and not (return_inverse or return_counts):
        return unrecorded(np.unique(array, axis=axis))  # which, of integers, is far faster than to find where they stand, too
    _, first, inverse, counts = np.unique(array, True, True, True, axis=axis, equal_nan=False)
    key: Any = (slice(None),) * (axis or 0) + (first,) if axis is not None else np.unravel_index(first, array.shape)
    found = [(Unique2 if axis is None else UniqueDim).apply(input, key=key)]
    if return_inverse:
        found.append(unrecorded(inverse.reshape(shape if axis is None else (-1,)).astype(np.int64)))
    if return_counts:
        found.append(unrecorded(counts.astype(np.int64)))
    return found[0] if len(found) == 1 else tuple(found)


def unique_consecutive(input: Variable, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None) -> Any:
    """The elements (or the slices along ``dim``) without those that equal the one before. Else as `unique`.

    >>> import microtorch
    >>> microtorch.unique_consecutive(microtorch.tensor([1, 1, 2, 1])).tolist()
    [1, 2, 1]
    """
    axis, shape = None if dim is None else axis_of(input, dim), array_of(input).shape
    input = input if shape else input.reshape(1)
    slices = input.array.reshape(-1) if axis is None else np.moveaxis(input.array, axis, 0)
    changes = (slices[1:] != slices[:-1]).any(tuple(range(1, slices.ndim)))
    starts = np.concatenate([np.ones(min(len(slices), 1), np.bool_), changes])
    (first,) = np.nonzero(starts)
    key: Any = np.unravel_index(first, input.array.shape) if axis is None else (slice(None),) * axis + (first,)
    found = [UniqueConsecutive.apply(input, key=key)]
    if return_inverse:
        inverse = np.cumsum(starts) - 1
        found.append(unrecorded(inverse.reshape(shape if axis is None else (-1,)).astype(np.int64)))
    if return_counts:
        found.append(unrecorded(np.diff([*first, len(slices)]).astype(np.int64)))
    return found[0] if len(found) == 1 else tuple(found)


def _last_of_the_commonest(row: Array) -> Any:
    values, counts = np.unique(row, return_counts=True, equal_nan=False)
    (places,) = np.nonzero(row == values[np.argmax(counts)])
    return places[-1] if places.size else 0  # nan equals nothing: it is the commonest where there is nothing else


def _place(operation: type[Primitive], input: Variable, axis: int, at: Any, keepdim: bool) -> tuple[Variable, Variable]:
    """What stands at a place of the sorted elements: one place, or one for each row."""
    array = input.array
    where = place_of(array, axis, at) if array.ndim and isinstance(at, int) and not has_nan(array) else None
    if where is None:
        where = ordered(array, axis)
        if array.ndim:
            rank = np.expand_dims(np.broadcast_to(at, array.shape[:axis] + array.shape[axis + 1 :]), axis)
            where = np.take_along_axis(where, rank, axis)
    return chosen_along(operation, input, axis, where, keepdim)


def _median(input: Variable, dim: int | None, keepdim: bool, name: str) -> Any:
    array = array_of(input)
    if dim is not None or array.size:  # torch's rule
        refuse_bools(array, operation=f"{name}()")
    if dim is None:
        return (Median if name == "median" else Nanmedian).apply(input)
    axis = axis_of(input, dim)
    _not_empty(input, axis, name)
    length = array.shape[axis] if array.ndim else 1
    operation: type[Primitive] = MedianAlong if name == "median" else NanmedianAlong
    at: Any = (length - 1) // 2
    if has_nan(array):
        nans = np.count_nonzero(np.isnan(np.atleast_1d(array)), axis)
        at = np.where(nans > 0, length - nans, at) if name == "median" else np.maximum(length - nans - 1, 0) // 2
    return getattr(return_types, name)(*_place(operation, input, axis, at, keepdim))


def _not_empty(input: Variable, axis: int, name: str) -> None:
    if input.array.ndim and not input.array.shape[axis]:
        raise IndexError(f"{name}(): Expected reduction dim {axis} to have non-zero size: {input._described()}")
