"""Making Variables: from numbers and arrays, of constants, of sequences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arrays.dtypes import Array, as_dtype, get_default_dtype, int64
from ..arrays.dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from ..core.grad_mode import mode
from ..core.node import LEAF_EDGE
from ..core.variable import Variable, array_of, is_variable, wrap
from ..core.versions import INFERENCE
from .devices import on_cpu
from .dims import integer_of
from .from_data import array_from, number_from, sharable

__all__ = [
    "arange", "as_tensor", "asarray", "empty", "empty_like", "eye", "from_numpy", "full", "full_like", "linspace", "logspace",
    "ones", "ones_like", "tensor", "tril_indices", "triu_indices", "zeros", "zeros_like",
]  # fmt: skip


def made(array: Array, requires_grad: bool) -> Variable:
    """A leaf around an array: a tensor of 2017, which no Variable wraps."""
    result = wrap(array)
    if requires_grad and result.array.dtype.kind == "f":
        result._edge = LEAF_EDGE
    elif requires_grad:
        result.requires_grad = True  # which says what has no gradient
    result._raw = True
    if mode.inference:
        result._version_cell = INFERENCE
    return result


def shape_of(sizes: tuple[Any, ...], size: Any = None) -> tuple[int, ...]:
    """The shape that ``f(2, 3)``, ``f((2, 3))``, ``f([2, 3])`` or ``f(size=(2, 3))`` names.

    Raises:
        TypeError: a length is no integer, or ``size`` no tuple.
        RuntimeError: one is negative.
    """
    given = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else sizes
    if size is not None:
        if sizes or not isinstance(size, tuple | list):
            raise TypeError(f"size must be a tuple of ints, given once, not {(*sizes, size)!r}"[:200])
        given = size
    for each in given:
        if each.__class__ is not int or each < 0:
            break
    else:
        return tuple(given)
    try:
        lengths = tuple(integer_of(each, "size") for each in given)
    except TypeError:
        raise TypeError(f"size must be a tuple of ints, not {given!r}"[:200]) from None
    if min(lengths, default=0) < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(lengths)}: {list(lengths)}")
    return lengths


def numpy_dtype(dtype: Any) -> np.dtype[Any]:
    """NumPy's for an argument ``dtype=``, and for the default one where it is left out."""
    return (get_default_dtype() if dtype is None else as_dtype(dtype)).dtype


def tensor(data: Any, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False) -> Variable:
    """A leaf with a copy of ``data``.

    Args:
        data: a number, nested lists of numbers of one length each, an array or a Variable.
        dtype: of the elements; left out, it follows from the data: bools, int64 for integers, the default dtype for floats,
            an array's own.
        device: the CPU.
        requires_grad: whether ``backward()`` shall compute a gradient for it.

    Raises:
        TypeError: there is something else than real numbers in it.
        ValueError: the lists are ragged, or hold Variables of several elements.
        RuntimeError: a number is out of the range of its dtype.

    >>> import microtorch
    >>> microtorch.tensor([[1, 2], [3, 4]]).dtype, microtorch.tensor(0.5).dtype
    (microtorch.int64, microtorch.float32)
    """
    on_cpu(device)
    return made(array_from(data, None if dtype is None else as_dtype(dtype)), requires_grad)


def as_tensor(data: Any, dtype: Dtype | None = None, device: Any = None) -> Variable:
    """``data`` as a Variable, without a copy where that is possible: a Variable itself, an array's own memory.

    Arguments and errors are those of `tensor`, and of `from_numpy` for an array; a Variable keeps its history.

    >>> import numpy, microtorch
    >>> a = numpy.zeros(2)
    >>> microtorch.as_tensor(a)[0] = 5
    >>> a.tolist()
    [5.0, 0.0]
    """
    on_cpu(device)
    if is_variable(data):
        return data if dtype is None else data.to(as_dtype(dtype))
    if isinstance(data, np.ndarray):
        array = sharable(data)
        return made(array if dtype is None else array.astype(as_dtype(dtype).dtype, copy=False), False)
    return tensor(data, dtype=dtype)


def asarray(
    obj: Any, *, dtype: Dtype | None = None, device: Any = None, copy: bool | None = None, requires_grad: bool | None = None
) -> Variable:
    """``obj`` as a Variable: without a copy where that is possible, or with one, if ``copy``. Else as `as_tensor`.

    Args:
        obj: what `as_tensor` takes.
        dtype: of the elements; left out, it follows from ``obj``.
        device: the CPU.
        copy: True for a copy in any case, False to refuse one.
        requires_grad: whether the result is a leaf that requires a gradient; a Variable keeps its history, if this is left out.

    Raises:
        ValueError: ``copy`` is False, and one is needed.
    """
    result = as_tensor(obj, dtype, device)
    shared = isinstance(obj, np.ndarray) or is_variable(obj)
    kept = shared and np.may_share_memory(result.array, obj.array if is_variable(obj) else obj)
    if copy is False and not kept:
        raise ValueError(f"can't alias the memory of a {type(obj).__name__} without copying: leave copy=False away")
    if copy and kept:
        result = result.clone()
    if requires_grad is None:
        return result
    return result.detach().requires_grad_(requires_grad)


def from_numpy(ndarray: Array) -> Variable:
    """A Variable on the memory of an array: what is written into one stands in the other.

    Raises:
        TypeError: it is no array, or of a dtype that no tensor has.
        ValueError: its bytes or its elements are in another order than a tensor's.

    >>> import numpy, microtorch
    >>> microtorch.from_numpy(numpy.array([1.5])).dtype
    microtorch.float64
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    return made(sharable(ndarray), False)


def zeros(*sizes: Any, size: Any = None, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False) -> Variable:
    """Zeros of the given shape.

    Raises:
        TypeError: a length is no integer.
        RuntimeError: a length is negative, or ``device`` is not the CPU.

    >>> import microtorch
    >>> microtorch.zeros(2, 3).shape, microtorch.zeros((2,)).tolist()
    (torch.Size([2, 3]), [0.0, 0.0])
    """
    on_cpu(device)
    return made(np.zeros(shape_of(sizes, size), numpy_dtype(dtype)), requires_grad)


def ones(*sizes: Any, size: Any = None, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False) -> Variable:
    """Ones of the given shape. Errors are those of `zeros`."""
    on_cpu(device)
    array = np.empty(shape_of(sizes, size), numpy_dtype(dtype))
    array.fill(1)  # which takes half the time of numpy.ones
    return made(array, requires_grad)


def empty(
    *sizes: Any,
    size: Any = None,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Variable:
    """Whatever is in memory, in the given shape. Errors are those of `zeros`."""
    on_cpu(device)
    return made(np.empty(shape_of(sizes, size), numpy_dtype(dtype)), requires_grad)


def full(size: Any, fill_value: Any, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False) -> Variable:
    """The number ``fill_value`` in the given shape; its kind decides the dtype, as in `tensor`. Errors are those of `zeros`."""
    on_cpu(device)
    value = array_from(number_from("fill_value", fill_value), None if dtype is None else as_dtype(dtype))
    return made(np.full(shape_of((), size), value), requires_grad)


def eye(n: int, m: int | None = None, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False) -> Variable:
    """Ones on the diagonal of zeros, of shape (n, m), or (n, n). Errors are those of `zeros`."""
    on_cpu(device)
    rows, columns = shape_of((n, n if m is None else m))
    return made(np.eye(rows, columns, dtype=numpy_dtype(dtype)), requires_grad)


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Dtype | None = None) -> Variable:
    """Where the lower triangle of a (row, col) matrix stands: its indices of rows, and below them those of columns.

    Raises:
        RuntimeError: ``row`` or ``col`` is negative.
        TypeError: an argument is no integer.

    >>> import microtorch
    >>> microtorch.tril_indices(2, 2).tolist()
    [[0, 1, 1], [0, 0, 1]]
    """
    return _where(np.tri(*_rows_and_columns(row, col), integer_of(offset, "offset")), dtype)


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Dtype | None = None) -> Variable:
    """Where the upper triangle of a (row, col) matrix stands: its indices of rows, and below them those of columns.

    Raises:
        RuntimeError: ``row`` or ``col`` is negative.
        TypeError: an argument is no integer.
    """
    return _where(1 - np.tri(*_rows_and_columns(row, col), integer_of(offset, "offset") - 1), dtype)


def _where(triangle: Array, dtype: Dtype | None) -> Variable:
    return made(np.stack(np.nonzero(triangle)).astype(as_dtype(dtype or int64).dtype, copy=False), False)


def _rows_and_columns(row: int, col: int) -> tuple[int, int]:
    for name, length in (("row", row), ("col", col)):
        if integer_of(length, name) < 0:
            raise RuntimeError(f"{name} must be non-negative, got {length}")
    return row, col


def arange(
    start: Any = 0, end: Any = None, step: Any = 1, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """``start``, ``start + step``, … below ``end``; with one argument, from 0 below that. Integers where all three are.

    Raises:
        TypeError: they are no numbers.
        RuntimeError: ``step`` is 0 or leads away from ``end``, or there is no end.

    >>> import microtorch
    >>> microtorch.arange(3).tolist(), microtorch.arange(1, 2, 0.5).tolist()
    ([0, 1, 2], [1.0, 1.5])
    """
    on_cpu(device)
    given = {"start": 0, "end": start, "step": step} if end is None else {"start": start, "end": end, "step": step}
    first, last, distance = (number_from(f"arange(): {name}", each) for name, each in given.items())
    if not math.isfinite(first) or not math.isfinite(last):
        raise RuntimeError(f"unsupported range: {first} -> {last}")
    if dtype is None:
        target = (int64 if all(isinstance(each, int) for each in (first, last, distance)) else get_default_dtype()).dtype
    else:
        target = as_dtype(dtype).dtype
    if target.kind != "f":
        first, last, distance = int(first), int(last), int(distance)
    if distance == 0 or (last - first) / distance < 0:
        raise RuntimeError(
            f"arange from {first} to {last} with step {distance} never ends: step must be nonzero and lead to the end"
        )
    return made(np.arange(first, last, distance).astype(target, copy=False), requires_grad)


def linspace(
    start: Any, end: Any, steps: int, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """``steps`` numbers from ``start`` to ``end``, both included, at equal distances.

    Raises:
        TypeError: they are no numbers.
        RuntimeError: ``steps`` is negative.

    >>> import microtorch
    >>> microtorch.linspace(0, 1, 5).tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    on_cpu(device)
    numbers = np.linspace(*_ends(start, end), _count(steps))
    return made(numbers.astype(numpy_dtype(dtype), copy=False), requires_grad)


def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Variable:
    """``base`` to the power of ``steps`` exponents from ``start`` to ``end``, at equal distances. Errors as `linspace`.

    >>> import microtorch
    >>> microtorch.logspace(0, 2, 3).tolist()
    [1.0, 10.0, 100.0]
    """
    on_cpu(device)
    numbers = np.logspace(*_ends(start, end), _count(steps), base=base)
    return made(numbers.astype(numpy_dtype(dtype), copy=False), requires_grad)


def _ends(start: Any, end: Any) -> tuple[float, float]:
    # A range is a number, whether or not a gradient is asked for where it came from: torch has no derivative for it either.
    first, last = (each.detach() if is_variable(each) else each for each in (start, end))
    return float(number_from("start", first)), float(number_from("end", last))


def _count(steps: Any) -> int:
    count = integer_of(steps, "steps")
    if count < 0:
        raise RuntimeError(f"number of steps must be non-negative, not {count}")
    return count


def zeros_like(
    input: Variable, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None
) -> Variable:
    """Zeros in the shape and dtype of ``input``."""
    on_cpu(device)
    return made(np.zeros_like(array_of(input), _or_own(dtype)), requires_grad)


def ones_like(
    input: Variable, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None
) -> Variable:
    """Ones in the shape and dtype of ``input``."""
    on_cpu(device)
    return made(np.ones_like(array_of(input), _or_own(dtype)), requires_grad)


def empty_like(
    input: Variable, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False, memory_format: Any = None
) -> Variable:
    """Whatever is in memory, in the shape and dtype of ``input``."""
    on_cpu(device)
    return made(np.empty_like(array_of(input), _or_own(dtype)), requires_grad)


def full_like(
    input: Variable,
    fill_value: Any,
    *,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Variable:
    """``fill_value`` in the shape and dtype of ``input``."""
    return full(array_of(input).shape, fill_value, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def _or_own(dtype: Dtype | None) -> np.dtype[Any] | None:
    return None if dtype is None else as_dtype(dtype).dtype


def new_tensor(
    input: Variable, data: Any, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """A leaf with a copy of ``data``, of the dtype of ``input``."""
    return tensor(data, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def new_zeros(
    input: Variable, *sizes: Any, size: Any = None, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """Zeros of the given shape, of the dtype of ``input``."""
    return zeros(*sizes, size=size, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def new_ones(
    input: Variable, *sizes: Any, size: Any = None, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """Ones of the given shape, of the dtype of ``input``."""
    return ones(*sizes, size=size, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def new_empty(
    input: Variable, *sizes: Any, size: Any = None, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """Whatever is in memory, in the given shape, of the dtype of ``input``."""
    return empty(*sizes, size=size, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def new_full(
    input: Variable, size: Any, fill_value: Any, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """``fill_value`` in the given shape, of the dtype of ``input``."""
    return full(size, fill_value, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)
