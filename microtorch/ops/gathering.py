"""Reading and writing where a Variable of indices says: ``index_select``, ``gather``, ``scatter`` and their kin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..dtypes import Array
from ..node import array_of, is_variable, shapes_do_not_broadcast, unrecorded
from ..primitive import Primitive, rule
from .dims import axis_of
from .indexing import Deposit, Index, IndexPut, check_put, select_along, slice_along
from .shaping import expand, reshape

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = [
    "argwhere", "gather", "index_add", "index_copy", "index_fill", "index_put", "index_select", "masked_scatter", "masked_select",
    "narrow", "nonzero", "scatter", "scatter_add", "select", "take", "take_along_dim",
]  # fmt: skip


class IndexSelect(Index):
    pass


class Gather(Index):
    pass


class Take(Primitive):
    def forward(self, input, *, key):
        self.input_shape, self.row = input.shape, (input.size,)
        return np.asarray(input.reshape(-1)[key])

    @rule(words="zeros, with grad added where it was read, counted in a row")
    def grad_input(self, grad, key):
        return Deposit.on(grad, key=key, shape=self.row).reshape(self.input_shape)


class MaskedSelect(Primitive):
    def forward(self, input, *, key):
        self.shape = key[0].shape
        return np.broadcast_to(input, self.shape)[key]

    @rule(words="zeros, with grad where the mask holds")
    def grad_input(self, grad, key):
        return Deposit.on(grad, key=key, shape=self.shape)


class _Putting(IndexPut):
    """What replaces elements: those get no gradient."""


class Scatter(_Putting):
    pass


class IndexCopy(_Putting):
    pass


class MaskedScatter(Primitive):
    def forward(self, input, source, *, mask):
        self.source_shape, self.row, self.front = source.shape, (source.size,), (slice(np.count_nonzero(mask)),)
        out = np.broadcast_to(input, mask.shape).copy()
        out[mask] = source.reshape(-1)[self.front]
        return out

    @rule("where(mask, 0, grad)")
    def grad_input(self, grad, mask):
        return np.where(mask, 0.0, grad)

    @rule(words="grad where the mask holds, one after the other, and zeros for what is left over")
    def grad_source(self, grad, mask):
        return Deposit.on(grad[mask], key=self.front, shape=self.row).reshape(self.source_shape)


class IndexFill(_Putting):
    overload = 1


class _PuttingNumber(Primitive):
    def forward(self, input, *, key, value):
        out = input.copy()
        out[key] = value
        return out

    @rule(words="grad, with zeros where the number was put")
    def grad_input(self, grad, key):
        return IndexPut.on(grad, 0.0, key=key)


class ScatterNumber(_PuttingNumber):
    torch_name = "Scatter"
    overload = 1


class IndexFillNumber(_PuttingNumber):
    torch_name = "IndexFill"


class _Adding(Primitive):
    """What adds to elements, once for each time an index stands there."""

    def forward(self, input, values, *, key, alpha=1):
        self.alpha, self.values_shape = alpha, values.shape
        out = input.copy()
        np.add.at(out, key, values if alpha == 1 else values * np.asarray(alpha, values.dtype))
        return out

    @rule("grad")
    def grad_input(self, grad):
        return grad

    @rule(words="grad * alpha, read where the values were added")
    def grad_values(self, grad, key):
        return grad[key] * self.alpha


class ScatterAdd(_Adding):
    pass


class IndexAdd(_Adding):
    pass


class IndexPutAdd(_Adding):
    torch_name = "IndexPut"


def index_select(input: Variable, dim: int, index: Any) -> Variable:
    """The slices along ``dim`` that a vector of indices names, in its order: a copy.

    Args:
        input: of any shape.
        dim: along which.
        index: integers: a vector, or one number.

    Raises:
        IndexError: an index or ``dim`` is out of range, or ``index`` is no vector of integers.

    >>> import microtorch
    >>> microtorch.index_select(microtorch.tensor([[1, 2], [3, 4]]), 1, microtorch.tensor([1, 1])).tolist()
    [[2, 2], [4, 4]]
    """
    axis, positions = axis_of(input, dim), _positions(input, dim, index, "index_select")
    if not input.array.ndim:
        if positions.size != 1:
            raise IndexError("index_select(): Index to scalar can have only 1 value")
        return IndexSelect.apply(input, key=(...,))
    return IndexSelect.apply(input, key=(slice(None),) * axis + (positions,))


def gather(input: Variable, dim: int, index: Variable) -> Variable:
    """Elements along ``dim`` that ``index`` names: ``out[i][j] = input[index[i][j]][j]`` for dim 0, and so on.

    Args:
        input: of any shape.
        dim: along which.
        index: integers, with as many dimensions as ``input``, and no longer but along ``dim``.

    Raises:
        RuntimeError: the shapes do not fit, ``index`` is not of int64, or an index is out of range.
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.gather(microtorch.tensor([[1, 2], [3, 4]]), 1, microtorch.tensor([[1], [0]])).tolist()
    [[2], [3]]
    """
    return Gather.apply(input, key=_key_along(input, dim, index, "gather"))


def scatter(input: Variable, dim: int, index: Variable, src: Any = None, *, value: Any = None) -> Variable:
    """A copy of ``input`` with elements of ``src``, or a number, put along ``dim`` where ``index`` says: the inverse of `gather`.

    Args:
        input: of any shape.
        dim: along which.
        index: int64, with as many dimensions as ``input``.
        src: a Variable no shorter than ``index``, or a number.
        value: a number, by this name too.

    Raises:
        RuntimeError: shapes or dtypes do not fit, or an index is out of range.
        IndexError: ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.scatter(microtorch.zeros(3), 0, microtorch.tensor([2]), 5.0).tolist()
    [0.0, 0.0, 5.0]
    """
    key = _key_along(input, dim, index, "scatter")
    src = value if src is None else src
    if not is_variable(src):
        return ScatterNumber.apply(input, key=key, value=src)
    return Scatter.apply(input, _source(input, index, src, "scatter"), key=key)


def scatter_add(input: Variable, dim: int, index: Variable, src: Variable) -> Variable:
    """A copy of ``input`` with elements of ``src`` added along ``dim`` where ``index`` says, else as `scatter`."""
    key = _key_along(input, dim, index, "scatter_add")
    return ScatterAdd.apply(input, _source(input, index, src, "scatter_add"), key=key)


def index_add(input: Variable, dim: int, index: Variable, source: Variable, *, alpha: float = 1) -> Variable:
    """A copy of ``input`` with the slices of ``source``, times ``alpha``, added along ``dim`` where ``index`` says.

    Raises:
        RuntimeError: the shapes or dtypes do not fit.
        IndexError: an index or ``dim`` is out of range.

    >>> import microtorch
    >>> microtorch.index_add(microtorch.zeros(3), 0, microtorch.tensor([1, 1]), microtorch.ones(2)).tolist()
    [0.0, 2.0, 0.0]
    """
    key = _slices(input, dim, index, source, "index_add")
    return IndexAdd.apply(input, source, key=key, alpha=alpha)


def index_copy(input: Variable, dim: int, index: Variable, source: Variable) -> Variable:
    """A copy of ``input`` with the slices of ``source`` put along ``dim`` where ``index`` says. Errors as `index_add`."""
    return IndexCopy.apply(input, source, key=_slices(input, dim, index, source, "index_copy"))


def index_fill(input: Variable, dim: int, index: Variable, value: Any) -> Variable:
    """A copy of ``input`` with ``value``, a number or a 0-dim Variable, in the slices along ``dim`` that ``index`` names.

    Raises:
        RuntimeError: ``value`` has dimensions.
        IndexError: an index or ``dim`` is out of range, or ``index`` is no vector of integers.
    """
    axis = axis_of(input, dim)
    key = (slice(None),) * axis + (_positions(input, dim, index, "index_fill"),) if input.array.ndim else (...,)
    if not is_variable(value):
        return IndexFillNumber.apply(input, key=key, value=value)
    if value.array.ndim:
        raise RuntimeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.array.ndim} dimension(s)"
        )
    return IndexFill.apply(input, value, key=key)


def index_put(input: Variable, indices: Any, values: Any, accumulate: bool = False) -> Variable:
    """A copy of ``input`` with ``values`` where a tuple of Variables of indices, or of bools, points.

    Args:
        input: of any shape.
        indices: a tuple of Variables, as in ``input[indices]``.
        values: a Variable that broadcasts to the shape of ``input[indices]``, or a number.
        accumulate: add, once for each time an index stands there, instead of replacing.

    Raises:
        IndexError: an index is out of range.
        RuntimeError: the shapes or dtypes do not fit.
    """
    if not isinstance(indices, tuple | list):
        raise TypeError(f"index_put(): argument 'indices' must be a tuple of Variables, not {type(indices).__name__}")
    key = tuple(array_of(each).copy() for each in indices)
    if is_variable(values):
        check_put(input, key, values)
    return (IndexPutAdd if accumulate else IndexPut).apply(input, values, key=key)


def masked_select(input: Variable, mask: Variable) -> Variable:
    """The elements where ``mask`` holds, in a row: a copy. Both broadcast.

    Raises:
        RuntimeError: ``mask`` is not of bools, or the shapes do not broadcast.

    >>> import microtorch
    >>> microtorch.masked_select(microtorch.tensor([1, 5, 2]), microtorch.tensor([True, False, True])).tolist()
    [1, 2]
    """
    shape = _masked_shape(input, mask, "masked_select")
    return MaskedSelect.apply(input, key=(np.broadcast_to(mask.array, shape).copy(),))


def masked_scatter(input: Variable, mask: Variable, source: Variable) -> Variable:
    """A copy of ``input`` with the elements of ``source``, one after the other, where ``mask`` holds.

    Raises:
        RuntimeError: ``mask`` is not of bools, ``source`` has too few elements, or dtypes or shapes do not fit.
    """
    shape = _masked_shape(input, mask, "masked_scatter")
    both = np.broadcast_to(mask.array, shape).copy()
    if array_of(source).dtype != input.array.dtype:
        raise RuntimeError(
            f"masked_scatter: expected self and source to have same dtypes but got {input.dtype} and {source.dtype}"
        )
    count = int(both.sum())
    if source.array.size < count:
        raise RuntimeError(f"masked_scatter: the mask holds for {count} elements, and source has {source.array.size}")
    return MaskedScatter.apply(input, source, mask=both)


def take(input: Variable, index: Variable) -> Variable:
    """The elements that ``index`` names, counted in a row, in the shape of ``index``.

    Raises:
        IndexError: an index is out of range.
        RuntimeError: ``index`` is not of int64.

    >>> import microtorch
    >>> microtorch.take(microtorch.tensor([[1, 2], [3, 4]]), microtorch.tensor([3, 0])).tolist()
    [4, 1]
    """
    positions, count = array_of(index), array_of(input).size
    if positions.dtype != np.int64:
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {index.dtype}")
    if positions.size and not (-count <= positions.min() and positions.max() < count):
        raise IndexError(f"take(): an index is out of range for {input._described()}, of {count} elements")
    return Take.apply(input, key=(positions.copy(),))


def take_along_dim(input: Variable, indices: Variable, dim: int | None = None) -> Variable:
    """`gather`, with ``input`` and ``indices`` broadcast first; without ``dim``, of all elements in a row.

    Raises:
        RuntimeError: the numbers of dimensions differ, or ``indices`` is not of int64.
        IndexError: ``dim`` is out of range.
    """
    if dim is None:
        return gather(reshape(input, -1), 0, reshape(indices, -1))
    axis = axis_of(input, dim)
    if array_of(indices).ndim != input.array.ndim:
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
            f"{input.array.ndim} dimensions for input, and {indices.array.ndim} dimensions for indices"
        )
    shapes = [list(each.array.shape) for each in (input, indices)]
    lengths = [shape.pop(axis) for shape in shapes]
    try:
        common = np.broadcast_shapes(*map(tuple, shapes))
    except ValueError:
        raise shapes_do_not_broadcast("take_along_dim", input.array.shape, indices.array.shape) from None
    wide = [(*common[:axis], length, *common[axis:]) for length in lengths]
    return gather(expand(input, wide[0]), axis, expand(indices, wide[1]))


def nonzero(input: Variable, *, as_tuple: bool = False) -> Any:
    """Where the elements are that are not 0, of dtype int64.

    Args:
        input: of any shape.
        as_tuple: return one vector for each dimension, with which the Variable can be indexed.

    Returns:
        Of shape (count, dimensions), a row for each; or the tuple of vectors.

    >>> import microtorch
    >>> microtorch.nonzero(microtorch.tensor([0, 7, 8])).tolist()
    [[1], [2]]
    """
    array = array_of(input)
    if as_tuple:
        return tuple(unrecorded(each.astype(np.int64)) for each in np.nonzero(np.atleast_1d(array)))
    return unrecorded(np.argwhere(array).astype(np.int64))


def argwhere(input: Variable) -> Variable:
    """`nonzero`, by its other name."""
    return nonzero(input)


def select(input: Variable, dim: int, index: int) -> Variable:
    """The slice along ``dim`` at ``index``, without that dimension: a view.

    Raises:
        IndexError: ``dim`` or ``index`` is out of range.
    """
    axis = axis_of(input, dim)
    if not input.array.ndim:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    return select_along(input, axis, index)


def narrow(input: Variable, dim: int, start: Any, length: int) -> Variable:
    """The part of ``input`` from ``start`` on, of so many slices along ``dim``: a view.

    Raises:
        RuntimeError: it does not lie in ``input``.
        IndexError: ``dim`` or ``start`` is out of range.

    >>> import microtorch
    >>> microtorch.narrow(microtorch.arange(5), 0, 1, 2).tolist()
    [1, 2]
    """
    axis = axis_of(input, dim)
    if not input.array.ndim:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    start, size = int(start), input.array.shape[axis]
    if length < 0:
        raise RuntimeError(f"narrow(): length must be non-negative, not {length}")
    if not -size <= start <= size:
        raise IndexError(f"start out of range (expected to be in range of [{-size}, {size}], but got {start})")
    start += size if start < 0 else 0
    if start + length > size:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({size}): {input._described()}")
    return slice_along(input, axis, slice(start, start + length))


def _positions(input: Variable, dim: int, index: Any, name: str) -> Array:
    positions = np.atleast_1d(index if isinstance(index, np.ndarray) else array_of(index)).copy()
    if positions.ndim > 1:
        raise IndexError(f"{name}(): Index is supposed to be a vector, but got dim: {positions.ndim}")
    if positions.dtype.kind not in "iu":
        raise RuntimeError(f"{name}(): Expected dtype int32 or int64 for index, not {positions.dtype}")
    length = input.array.shape[axis_of(input, dim)] if input.array.ndim else 1
    least = -length if name == "index_fill" else 0  # torch's choice
    if positions.size and not (positions.min() >= least and positions.max() < length):
        raise IndexError(
            f"{name}(): index out of range in self: of dimension {dim} with length {length}, in {input._described()}"
        )
    return positions


def _key_along(input: Variable, dim: int, index: Variable, name: str) -> tuple[Any, ...]:
    """NumPy's key for the elements that ``index`` names along ``dim``."""
    axis, positions = axis_of(input, dim), array_of(index)
    if positions.dtype != np.int64:
        raise RuntimeError(f"{name}(): Expected dtype int64 for index, not {index.dtype}")
    array, ndim = np.atleast_1d(input.array), max(input.array.ndim, 1)
    if max(positions.ndim, 1) != ndim and positions.size:
        raise RuntimeError(
            f"Index tensor must have the same number of dimensions as input tensor: {name}() of {input._described()}"
        )
    for at, (n, m) in enumerate(zip(positions.shape, array.shape, strict=False)):
        if n > m and at != axis:
            raise RuntimeError(
                f"Size does not match at dimension {at} expected index {list(positions.shape)} to be no larger than self "
                f"{list(input.array.shape)} apart from dimension {axis}"
            )
    if positions.size and not (positions.min() >= 0 and positions.max() < array.shape[axis]):
        wrong = positions[(positions < 0) | (positions >= array.shape[axis])].flat[0]
        raise RuntimeError(f"index {wrong} is out of bounds for dimension {axis} with size {array.shape[axis]}: {name}()")
    if not input.array.ndim and positions.ndim:
        raise RuntimeError(f"Index tensor must have the same number of dimensions as input tensor: {name}() of a number")
    if not input.array.ndim:
        return (...,)
    if not positions.size:
        return (np.zeros(positions.shape, np.intp),) * ndim
    grid = np.ogrid[tuple(slice(length) for length in positions.shape)] if positions.ndim else []
    key = [*grid]
    key[axis : axis + 1] = [positions.copy()]
    return tuple(key)


def _source(input: Variable, index: Variable, src: Variable, name: str) -> Variable:
    """The part of ``src`` that ``index`` covers."""
    if array_of(src).dtype != input.array.dtype:
        raise RuntimeError(f"{name}(): Expected self.dtype to be equal to src.dtype, but got {input.dtype} and {src.dtype}")
    lengths = index.array.shape
    if src.array.ndim != len(lengths):
        raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
    if any(n > m for n, m in zip(lengths, src.array.shape, strict=True)):
        raise RuntimeError(f"Expected index {list(lengths)} to be no larger than src {list(src.array.shape)}: {name}()")
    return src if lengths == src.array.shape else src[tuple(slice(n) for n in lengths)]


def _slices(input: Variable, dim: int, index: Variable, source: Variable, name: str) -> tuple[Any, ...]:
    axis, positions = axis_of(input, dim), _positions(input, dim, index, name)
    array = array_of(source)
    if array.dtype != input.array.dtype:
        raise RuntimeError(f"{name}(): self and source expected to have the same dtype, but got {input.dtype} and {source.dtype}")
    expected = (*input.array.shape[:axis], positions.size, *input.array.shape[axis + 1 :])
    if array.shape != expected and (array.ndim or expected != (1,)):
        raise (IndexError if name == "index_copy" else RuntimeError)(
            f"{name}(): source of shape {list(array.shape)} must have the shape of self, but for dimension {dim}, where it has "
            f"as many slices as there are indices: {list(expected)}"
        )
    return (slice(None),) * axis + (positions,)


def _masked_shape(input: Variable, mask: Variable, name: str) -> tuple[int, ...]:
    if array_of(mask).dtype != np.bool_:
        raise RuntimeError(f"{name}: expected BoolTensor for mask, not {mask.dtype}: compare, as in x > 0")
    try:
        return np.broadcast_shapes(array_of(input).shape, mask.array.shape)
    except ValueError:
        raise RuntimeError(f"{name}: the shapes {input.array.shape} and {mask.array.shape} do not broadcast") from None
