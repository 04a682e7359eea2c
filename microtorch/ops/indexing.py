"""``x[...]``: selecting, slicing, and gathering by lists, integer and boolean arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..function import is_variable
from ..primitive import Primitive, rule
from .shaping import Alias, Unsqueeze

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["getitem", "numpy_key"]


class _Indexing(Primitive):
    """``input[key]``, for NumPy's meaning of ``key``."""

    def forward(self, input, *, key):
        self.key, self.input_shape = key, input.shape
        return input[key]

    @rule(words="zeros in the shape of the input, with grad added where it was read from")
    def grad_input(self, grad):
        return Deposit.on(grad, key=self.key, shape=self.input_shape)


class Select(_Indexing):
    """One index along one dimension: a view."""


class Slice(_Indexing):
    """A range along one dimension: a view."""


class Index(_Indexing):
    """Elements picked by arrays of indices or of bools: a copy."""


class Deposit(Primitive):
    """The inverse of indexing: zeros of ``shape``, with ``input`` added at ``key``, once for each time an index stands there."""

    def forward(self, input, *, key, shape):
        self.key = key
        out = np.zeros(shape, input.dtype)
        np.add.at(out, key, input)
        return out

    @rule(words="grad, read at the same places")
    def grad_input(self, grad):
        return grad[self.key]


def getitem(input: Variable, key: Any) -> Variable:
    """``input[key]``: recorded as torch does, one node for each integer, slice and None, and one for all arrays together.

    Args:
        input: of any shape.
        key: integers, slices with a positive step, None, ``...``, lists, integer or boolean arrays or Variables;
            or a tuple of them.

    Raises:
        IndexError: too many indices, or one out of range.
        ValueError: a slice with a negative step, which torch does not have either.
    """
    if isinstance(key, slice):
        return _sliced(input, 0, key)
    items = _without_ellipsis(input, key if isinstance(key, tuple) else (key,))
    result, dim, gathered = input, 0, {}
    for item in items:
        if item is None:
            result, dim = Unsqueeze.apply(result, dim=dim), dim + 1
        elif isinstance(item, slice):
            if item != slice(None):
                result = _sliced(result, dim, item)
            dim += 1
        elif isinstance(item, int | np.integer) and not isinstance(item, bool):
            result = _selected(result, dim, int(item))
        else:
            array = np.asarray(item)
            if array.dtype == np.bool_ and not array.ndim:
                result = Unsqueeze.apply(result, dim=dim)
                array = array[np.newaxis]
            gathered[dim] = array
            dim += max(array.ndim, 1) if array.dtype == np.bool_ else 1
    if gathered:
        key = tuple(gathered.get(d, slice(None)) for d in range(max(gathered) + 1) if d in gathered or not _covered(d, gathered))
        return Index.apply(result, key=key)
    return Alias.apply(result) if result is input else result


def numpy_key(key: Any) -> Any:
    """``key`` with Variables as the arrays that NumPy indexes by."""
    return tuple(map(_plain, key)) if isinstance(key, tuple) else _plain(key)


def _covered(dim: int, gathered: dict[int, Any]) -> bool:
    """Whether a boolean array that begins further left indexes this dimension too."""
    return any(d < dim < d + array.ndim for d, array in gathered.items() if array.dtype == np.bool_)


def _without_ellipsis(input: Variable, items: tuple[Any, ...]) -> list[Any]:
    """The key's items, with Variables as arrays and ``...`` written out."""
    plain = [_plain(item) for item in items]
    dots = [i for i, item in enumerate(plain) if item is Ellipsis]
    used = sum(_dims_used(item) for item in plain)
    ndim = input.array.ndim
    if len(dots) > 1:
        raise IndexError("an index can have only one ellipsis ('...')")
    if used > ndim:
        raise IndexError(f"too many indices for {input._described()}: {used} for {ndim} dimensions")
    if dots:
        plain[dots[0] : dots[0] + 1] = [slice(None)] * (ndim - used)
    return plain


def _plain(item: Any) -> Any:
    if is_variable(item):
        item = item.array
    if isinstance(item, np.ndarray) and item.ndim == 0 and item.dtype.kind in "iu":
        return int(item)
    if item is None or item is Ellipsis or isinstance(item, slice | int | np.integer):
        return item
    if isinstance(item, list | np.ndarray | range):
        array = np.asarray(item, np.int64) if not isinstance(item, np.ndarray) and not len(item) else np.asarray(item)
        if array.dtype.kind in "iub":
            return array
        raise IndexError(f"arrays used as indices must hold integers or bools, not {array.dtype}")
    raise TypeError(
        f"a Variable is indexed by integers, slices, None, ..., lists, and integer or bool arrays, not {type(item).__name__}"
    )


def _dims_used(item: Any) -> int:
    if item is None or item is Ellipsis or item is True or item is False:
        return 0
    return item.ndim if isinstance(item, np.ndarray) and item.dtype == np.bool_ else 1


def _selected(input: Variable, dim: int, index: int) -> Any:
    length = input.array.shape[dim]
    if not -length <= index < length:
        raise IndexError(f"index {index} is out of bounds for dimension {dim} with size {length}")
    return Select.apply(input, key=(slice(None),) * dim + (index,))


def _sliced(input: Variable, dim: int, item: slice) -> Any:
    if not input.array.ndim:
        raise IndexError("a 0-dim tensor cannot be sliced; x.item() is its number")
    if item.step is not None and int(item.step) <= 0:
        raise ValueError(f"slice step must be positive, not {item.step}")
    return Slice.apply(input, key=(slice(None),) * dim + (item,))
