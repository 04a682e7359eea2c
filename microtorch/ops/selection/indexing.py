"""``x[...]``: selecting, slicing, and gathering by lists, integer and boolean arrays."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from ...arrays.dtypes import Array
from ...arrays.memory import overlaps
from ...core.accumulate_grad import gradient_edge
from ...core.grad_mode import mode
from ...core.in_place import change
from ...core.node import NO_EDGE
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, is_variable, unrecorded, wrap
from ...core.versions import INFERENCE, count
from ...core.views import relate
from ...tensor.dims import argument
from ..elementwise.copying import copy, fill
from ..shaping.reshaping import Alias, Unsqueeze
from .adding import add_at

__all__ = ["getitem", "index_put", "setitem"]

# The numbers of Python that NumPy writes into an array of a kind as torch does.
_NUMBERS: dict[str, tuple[type, ...]] = {"f": (float, int, bool), "i": (int, bool), "u": (int, bool), "b": (bool,)}


class _Indexing(Primitive):
    """``input[key]``, for NumPy's meaning of ``key``."""

    def forward(self, input, *, key):
        self.key, self.input_shape = key, input.shape
        return input[key]

    @rule(words="zeros in the shape of the input, with grad where it was read from")
    def grad_input(self, grad):
        return Place.on(grad, key=self.key, shape=self.input_shape)


class Select(_Indexing):
    """One index along one dimension: a view. Its key ends with that index and dots."""

    is_view = True
    constants = shown("dim", "index")
    dim = property(lambda self: len(self.key) - 2)
    index = property(lambda self: self.key[-2])


class Slice(_Indexing):
    """A range along one dimension: a view."""

    is_view = True
    constants = shown("dim", start=0, end=None, step=1)
    dim = property(lambda self: len(self.key) - 1)
    start = property(lambda self: self.key[-1].start)
    end = property(lambda self: self.key[-1].stop)
    step = property(lambda self: self.key[-1].step)


class Index(Primitive):
    """Elements picked by arrays of indices or of bools: a copy, laid out in memory one after the other."""

    def forward(self, input, *, key):
        self.input_shape = input.shape
        return np.require(input[key], requirements="C")

    @rule(words="zeros in the shape of the input, with grad added where it was read from")
    def grad_input(self, grad, key):
        return Deposit.on(grad, key=key, shape=self.input_shape)


class Deposit(Primitive):
    """The inverse of indexing: zeros of ``shape``, with ``input`` added at ``key``, once for each time an index stands there."""

    def forward(self, input, *, key, shape):
        self.key = key
        out = np.zeros(shape, input.dtype)
        add_at(out, key, input)
        return out

    @rule(words="grad, read at the same places")
    def grad_input(self, grad):
        return grad[self.key]


class Place(Deposit):
    """Zeros of ``shape``, with ``input`` at ``key``: a `Deposit` for keys that name no place twice, in a fraction of its time."""

    def forward(self, input, *, key, shape):
        self.key = key
        out = np.zeros(shape, input.dtype)
        out[key] = input
        return out


def write(array: Array, key: Any, values: Any, accumulate: bool) -> None:
    """``array[key] = values``; or ``+=``, once for each time an index stands in ``key``."""
    if accumulate:
        add_at(array, key, values)
    else:
        array[key] = values


class FromPlaces(Primitive):
    """What reads from some places of its input: its gradient is zeros in the shape of the input, with grad put there."""

    __slots__ = ("input_shape",)

    input_shape: tuple[int, ...]

    def zeros(self, grad):
        """What grad is put into a copy of: one zero, read in all places."""
        return np.broadcast_to(np.zeros((), grad.dtype), self.input_shape)


class IndexPut(Primitive):
    """``input`` with ``values`` put, or added, where the arrays of ``key`` point."""

    constants = shown(accumulate=False)

    def forward(self, input, values, *, key, accumulate=False):
        self.accumulate, out = accumulate, input.copy()
        write(out, key, values, accumulate)
        return out

    @rule(words="grad, with zeros where values were put")
    def grad_input(self, grad, key):
        return grad if self.accumulate else IndexPut.on(grad, 0.0, key=key)

    @rule(words="grad, read where they were put")
    def grad_values(self, grad, key):
        return grad[key]


def getitem(input: Variable, key: Any) -> Variable:
    """``input[key]``: recorded as torch does, one node for each integer, slice and None, and one for all arrays together.

    Args:
        input: of any shape.
        key: integers, slices with a positive step, None, ``...``, lists, integer or boolean arrays or Variables;
            or a tuple of them.

    Returns:
        A Variable; of ``loss.data[0]``, where the loss is 0-dim, a Python number: what is a scalar now had one dimension in 2017.

    Raises:
        IndexError: too many indices, or one out of range.
        ValueError: a slice with a negative step, which torch does not have either.
    """
    if type(key) is int and not input.array.ndim:
        return _number(input, key)
    if _is_plain(key) and not _is_recorded(input):
        try:
            return _unrecorded_view(input, key)
        except IndexError:  # what is wrong is told below
            pass
    if type(key) is int:
        return select_along(input, 0, key)
    if isinstance(key, slice):
        return slice_along(input, 0, key)
    view, arrays = _located(input, key)
    if arrays:
        return Index.apply(view, key=arrays)
    return Alias.apply(view) if view is input else view


def setitem(input: Variable, key: Any, value: Any) -> None:
    """``input[key] = value``: a change in place, of the view ``input[key]``, or where the arrays of ``key`` point.

    Args:
        input: of any shape.
        key: as for `getitem`.
        value: a number or a Variable; it broadcasts.

    Raises:
        IndexError: too many indices, or one out of range.
        RuntimeError: the shape of ``value`` does not broadcast, or the change cannot be recorded.
    """
    if _written_at_once(input, key, value):
        return
    view, arrays = _located(input, key)
    value = _assigned(view, value)
    if arrays:
        _check_put(view, arrays, value)
        change(view, "__setitem__", IndexPut.apply, value, key=arrays)
    elif value.array.ndim or not view.array.ndim:
        change(view, "__setitem__", copy, value)
    else:
        change(view, "__setitem__", fill, value)


def index_put(input: Variable, indices: Any, values: Variable, accumulate: bool = False) -> Variable:
    """``input`` with ``values`` at the places that ``indices`` name, as ``input[indices] = values`` would put them there.

    Args:
        input: of any shape.
        indices: a tuple of Variables of integers or bools.
        values: they broadcast to the shape of ``input[indices]``, and have the dtype of ``input``.
        accumulate: add them to what is there, once for each time an index stands there.

    Raises:
        IndexError: too many indices, one out of range, or one of floats.
        RuntimeError: shape or dtype of ``values`` do not fit.
        TypeError: ``indices`` is no tuple of Variables, or ``values`` none.

    >>> import microtorch
    >>> places = (microtorch.tensor([0, 2, 2]),)
    >>> microtorch.index_put(microtorch.zeros(3), places, microtorch.tensor(1.0), accumulate=True).tolist()
    [1.0, 0.0, 2.0]
    """
    if not isinstance(indices, tuple | list):
        raise TypeError(f"index_put(): argument 'indices' must be a tuple of Variables, not {type(indices).__name__}")
    for i, each in enumerate(indices):
        argument(each, "index_put", f"indices[{i}]")
    argument(values, "index_put", "values")
    arrays = tuple(np.array(each) if isinstance(each, int) else each for each in _without_ellipsis(input, tuple(indices)))
    _check_put(input, arrays, values)
    return IndexPut.apply(input, values, key=arrays, accumulate=accumulate)


def refuse_deletion(input: Variable, key: Any) -> NoReturn:
    """``del x[0]`` is refused: a Variable has the length it has.

    Raises:
        TypeError: always.
    """
    raise TypeError("Tensor does not support deleting items: take what shall stay, as in x[1:], or cat its parts")


def _is_plain(key: Any) -> bool:
    """Whether there is nothing in a key but integers, None, and slices without a step: what NumPy and torch agree on."""
    for each in key if type(key) is tuple else (key,):
        kind = each.__class__
        if kind is not int and each is not None and (kind is not slice or each.step is not None):
            return False
    return True


def _is_recorded(variable: Variable) -> bool:
    return bool(mode.recording) and gradient_edge(variable) is not NO_EDGE


def _unrecorded_view(input: Variable, key: Any) -> Variable:
    """What a plain key selects of what has no history, in one step: nobody would see the nodes, and the views between."""
    view = unrecorded(input.array[(*key, ...) if type(key) is tuple else (key, ...)])
    relate(view, input)
    return view


def _written_at_once(input: Variable, key: Any, value: Any) -> bool:
    """Write a number or a Variable where nothing is recorded, in a tenth of the time; False, if it is another case."""
    array = input.array
    if is_variable(value):
        fits = value.array.dtype is array.dtype and not _is_recorded(value)
    else:
        fits = type(value) in _NUMBERS.get(array.dtype.kind, ())
    if not fits or not _is_plain(key) or _is_recorded(input):
        return False
    if input._version_cell is INFERENCE or overlaps(array):
        return False
    try:
        array[key] = value.array if is_variable(value) else value
    except (IndexError, ValueError, OverflowError):  # nothing was written, and what is wrong is told elsewhere
        return False
    count(input, operation="__setitem__")
    return True


def _number(input: Variable, key: int) -> Any:
    if input._indexed_as_in_2017 and key in (0, -1):
        return input.array.item()
    raise IndexError(f"invalid index of a 0-dim tensor: x[{key}] of {input._described()}. Its number is x.item()")


def _assigned(view: Variable, value: Any) -> Variable:
    """What is assigned, as a Variable: dimensions of length 1 at its front, of which there are more than needed, do not count."""
    if is_variable(value):
        while value.array.ndim > view.array.ndim and value.array.shape[0] == 1:
            value = value.view(value.array.shape[1:])
        return value
    if not isinstance(value, int | float | np.generic):
        kind = type(value)
        name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        raise TypeError(
            f"can't assign a {name} to {view._described()}: make a Variable of it with microtorch.tensor(...), or assign a number"
        )
    return wrap(np.asarray(value).astype(view.array.dtype))


def _check_put(view: Variable, arrays: tuple[Any, ...], value: Variable) -> None:
    place = np.empty(view.array.shape, np.bool_)[arrays].shape
    try:
        fits = np.broadcast_shapes(place, value.array.shape) == place
    except ValueError:
        fits = False
    if not fits:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(value.array.shape)} cannot be broadcast to indexing result of shape "
            f"{list(place)}"
        )
    if value.array.ndim and value.array.dtype != view.array.dtype:
        raise RuntimeError(
            "Index put requires the source and destination dtypes match, got "
            f"{_type_name(view)} for the destination and {_type_name(value)} for the source: convert it with .to()"
        )


def _type_name(variable: Variable) -> str:
    return variable.dtype.tensor_type.rpartition(".")[2].removesuffix("Tensor")


def _located(input: Variable, key: Any) -> tuple[Variable, tuple[Any, ...]]:
    """The view that the integers, slices and Nones of ``key`` give, and the key for what its arrays pick there, if any."""
    items = _without_ellipsis(input, key if isinstance(key, tuple) else (key,))
    result, dim, gathered = input, 0, {}
    for item in items:
        if isinstance(item, np.ndarray) and item.dtype == np.bool_:
            _check_mask(item, result.array.shape[dim:], dim)
        if item is None:
            result, dim = Unsqueeze.apply(result, dim=dim), dim + 1
        elif isinstance(item, slice):
            if dim >= result.array.ndim or not _selects_all(item, result.array.shape[dim]):
                result = slice_along(result, dim, item)
            dim += 1
        elif isinstance(item, int | np.integer) and not isinstance(item, bool):
            result = select_along(result, dim, int(item))
        else:
            array = np.asarray(item)
            if array.dtype == np.bool_ and not array.ndim:
                result = Unsqueeze.apply(result, dim=dim)
                array = array[np.newaxis]
            gathered[dim] = array
            dim += max(array.ndim, 1) if array.dtype == np.bool_ else 1
    if not gathered:
        return result, ()
    key = tuple(gathered.get(d, slice(None)) for d in range(max(gathered) + 1) if d in gathered or not _covered(d, gathered))
    return result, key


def _check_mask(mask: Any, lengths: tuple[int, ...], dim: int) -> None:
    for at, (n, m) in enumerate(zip(mask.shape, lengths, strict=False)):
        if n != m:
            raise IndexError(
                f"The shape of the mask {list(mask.shape)} at index {at} does not match the shape of what is indexed, from "
                f"dimension {dim} on {list(lengths)}"
            )


def _selects_all(item: slice, length: int) -> bool:
    """Whether torch takes a slice for nothing to do."""
    return not item.start and (item.stop is None or item.stop >= length) and item.step in (None, 1)


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
        item = item.array if item.array.dtype.kind == "f" else item.array.copy()  # a saved index stays what it was
    if isinstance(item, np.ndarray) and item.ndim == 0 and item.dtype.kind in "iu":
        return int(item)
    if item is None or item is Ellipsis or isinstance(item, slice | int | np.integer):
        return item
    if isinstance(item, list | np.ndarray | range):
        array = np.asarray(item, np.int64) if not isinstance(item, np.ndarray) and not len(item) else np.asarray(item)
        if array.dtype.kind in "iub":
            return array
        raise IndexError(f"arrays used as indices must hold integers or bools, not {array.dtype}")
    refusal = IndexError if isinstance(item, float | np.floating) else TypeError  # torch's choice
    raise refusal(
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices, in lists and arrays "
        f"too, and not {type(item).__name__}"
    )


def _dims_used(item: Any) -> int:
    if item is None or item is Ellipsis or item is True or item is False:
        return 0
    return item.ndim if isinstance(item, np.ndarray) and item.dtype == np.bool_ else 1


def select_along(input: Variable, dim: int, index: int) -> Any:
    """One slice along ``dim``, without that dimension."""
    length = input.array.shape[dim]
    if not -length <= index < length:
        raise IndexError(f"index {index} is out of bounds for dimension {dim} with size {length}")
    return Select.apply(
        input, key=(*(slice(None),) * dim, index, ...)
    )  # with the dots, NumPy gives a view for a single element too


def slice_along(input: Variable, dim: int, item: slice) -> Any:
    """A range of slices along ``dim``."""
    if not input.array.ndim:
        raise IndexError("a 0-dim tensor cannot be sliced; x.item() is its number")
    if item.step is not None and int(item.step) <= 0:
        raise ValueError(f"slice step must be positive, not {item.step}")
    return Slice.apply(input, key=(slice(None),) * dim + (item,))
