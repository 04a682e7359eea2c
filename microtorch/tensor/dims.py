"""What arguments say about shapes: which dimensions ``dim`` names, which lengths ``*sizes`` gives, and what indices reach."""

from __future__ import annotations

import math
from operator import index
from typing import Any

import numpy as np

from ..arrays.dtypes import Array
from ..core.variable import Variable, array_of, is_variable

__all__ = [
    "Dim", "argument", "axes_of", "axis_of", "check_index", "check_mask", "integer_of",
    "own_axis_of", "resolved", "sizes_of",
]  # fmt: skip

Dim = int | tuple[int, ...] | list[int] | None


def axis_of(input: Variable, dim: int, *, new: bool = False) -> int:
    """``dim`` counted from the front.

    Args:
        input: whose dimension it is.
        dim: negative where it is counted from the end; a 0-dim ``input`` has the dimensions 0 and -1.
        new: whether ``dim`` is to be put in, so that it may stand behind the last.

    Raises:
        IndexError: there is no such dimension.
        TypeError: ``input`` is no Variable, or ``dim`` no integer.
    """
    count = max(array_of(input).ndim + new, 1)
    try:
        return range(count)[dim]
    except TypeError:
        raise TypeError(f"dim must be an int, not {type(dim).__name__}: {dim!r}") from None
    except IndexError:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-count}, {count - 1}], but got {dim}): {input._described()}"
        ) from None


def own_axis_of(input: Variable, dim: int) -> int:
    """As `axis_of`, of a dimension that there is: a 0-dim ``input`` has none.

    Raises:
        IndexError: there is no such dimension.
        TypeError: ``dim`` is no integer.
    """
    axis = axis_of(input, dim)
    if not input.array.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions: {input._described()}")
    return axis


def axes_of(input: Variable, dim: Dim) -> tuple[int, ...]:
    """The dimensions that ``dim`` names, counted from the front; None and an empty tuple name them all.

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: one is named twice.
        TypeError: ``input`` is no Variable, or ``dim`` no integers.
    """
    ndim = array_of(input).ndim
    dims = dim if isinstance(dim, tuple | list) else () if dim is None else (dim,)
    if not dims:
        return tuple(range(ndim))
    axes = tuple(axis_of(input, each) for each in dims)
    if len(set(axes)) < len(axes):
        raise RuntimeError(f"dim appears multiple times in the list of dims: {dim} names a dimension twice")
    return axes if ndim else ()


def sizes_of(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """``(2, 3)`` from what stood in ``f(2, 3)``, ``f((2, 3))`` or ``f([2, 3])``.

    Raises:
        TypeError: one is no integer.
    """
    given = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else sizes
    try:
        return tuple(map(index, given))
    except TypeError as error:
        raise TypeError(f"expected integers, as in (2, 3) or ((2, 3)), not {given!r}: {error}") from None


def resolved(shape: tuple[int, ...], size: int, what: str) -> tuple[int, ...]:
    """``shape`` for ``size`` elements, with the one length of -1, if there is one, worked out.

    Raises:
        RuntimeError: it is for another number of elements, or several lengths are -1; the message ends with ``what``.
    """
    if shape.count(-1) > 1:
        raise RuntimeError(f"only one dimension can be inferred, but shape {shape} has several -1: {what}")
    known = math.prod(length for length in shape if length != -1)
    if -1 in shape and known and size % known == 0:
        return tuple(size // known if length == -1 else length for length in shape)
    if -1 in shape or known != size or any(length < 0 for length in shape):
        raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {size}: {what}")
    return shape


def integer_of(value: Any, what: str) -> int:
    """An argument that has to be an integer.

    Raises:
        TypeError: it is none; the message names it ``what``.
    """
    try:
        return index(value)
    except TypeError:
        raise TypeError(f"{what} must be an int, not {type(value).__name__}: {value!r}") from None


def argument(value: Any, operation: str, name: str) -> Array:
    """The array of the argument ``name``, which has to be a Variable.

    Raises:
        TypeError: it is none.
    """
    if not is_variable(value):
        raise TypeError(
            f"{operation}(): argument '{name}' must be a Variable, not {type(value).__name__}: make one with "
            "microtorch.tensor(...)"
        )
    return value.array


def check_index(index: Any, operation: str, axis: int, length: int, *, from_end: bool = False) -> None:
    """Refuse what cannot be indices into dimension ``axis``, which has ``length`` places.

    Args:
        index: the argument ``index`` of ``operation``.
        operation: which names it in the error.
        axis: of what is indexed.
        length: of that.
        from_end: whether -1 is the last place.

    Raises:
        IndexError: one of them is out of range.
        RuntimeError: they are no integers.
        TypeError: they are in no Variable.
    """
    array = argument(index, operation, "index")
    if array.dtype not in (np.int64, np.int32):
        raise RuntimeError(f"{operation}(): Expected dtype int64 for index, but got {index.dtype}: convert it with .long()")
    wrong = array[(array < (-length if from_end else 0)) | (array >= length)]
    if wrong.size:
        why = "; an index from the end, as -1, is not allowed here" if -length <= wrong[0] < 0 else ""
        raise IndexError(f"{operation}(): index {wrong[0]} is out of bounds for dimension {axis} with size {length}{why}")


def check_mask(mask: Any, operation: str) -> None:
    """Refuse what is no mask.

    Raises:
        RuntimeError: it is not of bools.
        TypeError: it is no Variable.
    """
    if argument(mask, operation, "mask").dtype != np.bool_:
        raise RuntimeError(
            f"{operation}: expected BoolTensor for mask, only boolean masks are supported, but got mask with dtype {mask.dtype}: "
            "compare, as in x > 0"
        )
