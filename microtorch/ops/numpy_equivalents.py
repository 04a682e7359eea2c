"""NumPy's functions that have no operation of the same meaning, written in operations: with NumPy's arguments and results.

Each stands for the function of its name; `numpy_functions` says when it is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.variable import Variable, is_variable, wrap
from .elementwise.arithmetic import add, div, mul, sub
from .elementwise.logic import isnan
from .images.padding import pad as torch_pad
from .linalg.contractions import multi_dot as chained
from .linalg.decompositions import linalg_svd
from .linalg.matrix_norms import matrix_norm
from .linalg.products import dot
from .reduction.extremes import amax, amin
from .reduction.norms import vector_norm
from .reduction.sorting import sort
from .reduction.sums import mean, sum
from .selection.indexing import getitem
from .selection.splitting import tensor_split
from .selection.where import where
from .shaping.flattening import ravel
from .shaping.joining import cat

Axis = int | tuple[int, ...] | None


def operand(value: Any) -> Variable:
    """An array beside a Variable, as one."""
    return value if is_variable(value) else wrap(np.asarray(value))


def norm(x: Variable, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Variable:
    """``np.linalg.norm``: of a vector, of a matrix, of all elements (without ``ord`` and ``axis``), or along one axis or two."""
    if axis is None and (ord is None or x.ndim == 1):
        return vector_norm(x, 2 if ord is None else ord, keepdim=keepdims)
    if isinstance(axis, int) or (axis is not None and len(axis) == 1):
        return vector_norm(x, 2 if ord is None else ord, axis, keepdims)
    if axis is None and x.ndim != 2:
        raise ValueError("Improper number of dimensions to norm: name one axis, or two")
    return matrix_norm(x, "fro" if ord is None else ord, (-2, -1) if axis is None else axis, keepdims)


def pad(array: Variable, pad_width: Any, mode: str = "constant", constant_values: float = 0) -> Variable:
    """``np.pad`` with one number, or with elements of the array: modes "edge", "reflect", "symmetric" and "wrap"."""
    widths = np.broadcast_to(np.asarray(pad_width), (array.ndim, 2)).tolist()
    if mode == "constant":
        return torch_pad(array, [width for pair in reversed(widths) for width in pair], value=constant_values)
    for axis, pair in enumerate(widths):
        places = np.pad(np.arange(array.shape[axis]), pair, mode)  # type: ignore[call-overload]
        array = take(array, places, axis)
    return array


def split(ary: Variable, indices_or_sections: Any, axis: int = 0) -> Sequence[Variable]:
    """``np.split``: into equal parts, or at the places given."""
    if isinstance(indices_or_sections, int) and ary.shape[axis] % indices_or_sections:
        raise ValueError("array split does not result in an equal division: np.array_split divides as well as it can")
    return tensor_split(ary, indices_or_sections, axis)


def append(arr: Any, values: Any, axis: int | None = None) -> Variable:
    """``np.append``: end to end along an axis; without one, all elements in a row."""
    both = operand(arr), operand(values)
    return cat([ravel(each) for each in both]) if axis is None else cat(both, axis)


def take(a: Variable, indices: Any, axis: int | None = None) -> Variable:
    """``np.take``: along an axis; without one, of all elements in a row."""
    places = indices if is_variable(indices) else np.asarray(indices)
    if axis is None:
        return getitem(ravel(a), places)
    return getitem(a, (*(slice(None),) * (axis % a.ndim), places))


def median(a: Variable, axis: int | None = None, keepdims: bool = False) -> Variable:
    """``np.median``: of an even number of elements, the mean of the two in the middle; nan where one is."""
    rows, dim = (ravel(a), 0) if axis is None else (a, axis)
    ordered, count = sort(rows, dim).values, rows.shape[dim]
    low, high = (take(ordered, [place], dim) for place in ((count - 1) // 2, count // 2))
    last = take(ordered, [count - 1], dim)
    middle = where(isnan(last), last, div(add(low, high), 2))
    if keepdims:
        return middle if axis is not None else middle.reshape((1,) * a.ndim)
    return middle.squeeze(dim)


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """``np.select``: for each element, the choice of the first condition that holds."""
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    chosen = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        chosen = where(condition, choice, chosen)
    return chosen


def average(a: Variable, axis: Axis = None, weights: Any = None, keepdims: bool = False) -> Variable:
    """``np.average``: the mean, or the weighted one; ``weights`` of the array's shape, or of the length of the axis."""
    if weights is None:
        return mean(a, axis, keepdims)
    given = operand(weights)
    if tuple(given.shape) != tuple(a.shape):
        if not isinstance(axis, int) or given.ndim != 1:
            raise TypeError("Axis must be specified when shapes of a and weights differ.")
        given = given.reshape(*(-1 if i == axis % a.ndim else 1 for i in range(a.ndim)))
    given = given.expand(a.shape)
    return div(sum(mul(a, given), axis, keepdims), sum(given, axis, keepdims))


def ptp(a: Variable, axis: Any = (), keepdims: bool = False) -> Variable:
    """``np.ptp``: from the smallest element to the largest."""
    axis = () if axis is None else axis
    return sub(amax(a, axis, keepdims), amin(a, axis, keepdims))


def vdot(a: Any, b: Any) -> Variable:
    """``np.vdot``: the sum of the products of all elements."""
    return dot(ravel(operand(a)), ravel(operand(b)))


def svd(a: Variable, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """``np.linalg.svd``: (U, S, Vh), or S alone."""
    found = linalg_svd(a, full_matrices)
    return found if compute_uv else found[1]


def multi_dot(arrays: Sequence[Any]) -> Variable:
    """``np.linalg.multi_dot``: a product of matrices, in the best order."""
    return chained([operand(each) for each in arrays])
