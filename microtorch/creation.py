"""Making Variables: from numbers and arrays, of constants, of sequences."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from .devices import on_cpu
from .dtypes import Array, from_numpy_dtype, get_default_dtype, int64
from .dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from .grad_mode import mode
from .node import LEAF_EDGE, array_of, is_variable, wrap
from .versions import INFERENCE

if TYPE_CHECKING:
    from .variable import Variable

__all__ = [
    "arange", "as_tensor", "asarray", "empty", "empty_like", "eye", "from_numpy", "full", "full_like", "linspace", "logspace",
    "ones", "ones_like", "tensor", "zeros", "zeros_like",
]  # fmt: skip


def made(array: Any, dtype: Dtype | None, requires_grad: bool) -> Variable:
    """A leaf around an array: a tensor of 2017, which no Variable wraps."""
    result = wrap(array if dtype is None else np.asarray(array, dtype.dtype))
    if requires_grad and result.array.dtype.kind == "f":
        result._edge = LEAF_EDGE
    elif requires_grad:
        result.requires_grad = True  # which says what has no gradient
    result._raw = True
    if mode.inference:
        result._version_cell = INFERENCE
    return result


def shape_of(size: tuple[Any, ...]) -> tuple[int, ...]:
    """The shape that ``f(2, 3)``, ``f((2, 3))`` or ``f([2, 3])`` names.

    Raises:
        TypeError: a length is no integer.
        RuntimeError: one is negative.
    """
    given = size[0] if len(size) == 1 and isinstance(size[0], tuple | list) else size
    for each in given:
        if each.__class__ is not int or each < 0:
            break
    else:
        return tuple(given)
    try:
        lengths = tuple(operator.index(each) for each in given)
    except TypeError:
        raise TypeError(f"size must be a tuple of ints, not {given!r}"[:200]) from None
    if min(lengths, default=0) < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(lengths)}: {list(lengths)}")
    return lengths


def or_default(dtype: Dtype | None) -> Dtype:
    """``dtype``, or the default one where it is left out."""
    return get_default_dtype() if dtype is None else dtype


def array_from(data: Any) -> Array:
    """A new array of what `tensor` takes: floats that do not come from NumPy are of the default dtype.

    Raises:
        TypeError: ``data`` is nothing to make a tensor of.
        ValueError: lists are ragged, or hold something else than real numbers.
    """
    if is_variable(data):
        return data.array.copy()
    if isinstance(data, np.ndarray | np.generic):
        from_numpy_dtype(data.dtype)  # which says what cannot be in a tensor
        return np.array(data)
    if isinstance(data, set | dict) or hasattr(data, "__next__"):
        raise TypeError(f"tensor() takes numbers, lists of numbers and arrays, not {type(data).__name__}: make a list of it")
    try:
        array = np.array(_plain(data))
    except ValueError as error:
        raise ValueError(f"tensor() needs lists of equal lengths: {error}") from None
    if array.dtype.kind not in "biuf":
        raise ValueError(f"tensor() holds real numbers only, not {array.dtype}: {data!r}"[:200])
    return array if array.dtype.kind != "f" else array.astype(get_default_dtype().dtype)


def _plain(data: Any) -> Any:
    """Nested lists in which Variables of one element are numbers."""
    if isinstance(data, list | tuple):
        return [_plain(each) for each in data]
    if not is_variable(data):
        return data
    if data.array.size != 1:
        raise ValueError(
            f"only one element tensors can be converted to Python scalars, and {data._described()} has {data.array.size}: use "
            "stack"
        )
    return data.array.item()


def tensor(data: Any, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False) -> Variable:
    """A leaf with a copy of ``data``.

    Args:
        data: a number, nested lists of numbers of one length each, an array or a Variable.
        dtype: of the elements; left out, it follows from the data: bools, int64 for integers, the default dtype for floats,
            an array's own.
        device: the CPU.
        requires_grad: whether ``backward()`` shall compute a gradient for it.

    Raises:
        ValueError: the lists are ragged, or hold something else than numbers.
        TypeError: ``data`` is nothing to make a tensor of.

    >>> import microtorch
    >>> microtorch.tensor([[1, 2], [3, 4]]).dtype, microtorch.tensor(0.5).dtype
    (microtorch.int64, microtorch.float32)
    """
    on_cpu(device)
    return made(array_from(data), dtype, requires_grad)


def as_tensor(data: Any, dtype: Dtype | None = None, device: Any = None) -> Variable:
    """``data`` as a Variable, without a copy where that is possible: a Variable itself, an array's own memory.

    Arguments and errors are those of `tensor`; a Variable keeps its history.

    >>> import numpy, microtorch
    >>> a = numpy.zeros(2)
    >>> microtorch.as_tensor(a)[0] = 5
    >>> a.tolist()
    [5.0, 0.0]
    """
    on_cpu(device)
    if is_variable(data):
        return data if dtype is None else data.to(dtype)
    if isinstance(data, np.ndarray):
        return made(from_numpy(data).array, dtype, False)
    return made(array_from(data), dtype, False)


def asarray(
    obj: Any, *, dtype: Dtype | None = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False
) -> Variable:
    """``obj`` as a Variable: without a copy where that is possible, or with one, if ``copy``. Else as `tensor`.

    Raises:
        ValueError: ``copy`` is False, and one is needed.
    """
    result = tensor(obj, dtype=dtype, device=device) if copy else as_tensor(obj, dtype, device)
    if copy is False and not np.shares_memory(result.array, obj.array if is_variable(obj) else np.asarray(obj)):
        raise ValueError("can't alias the memory of obj without copying: leave copy=False away")
    if requires_grad and not result.requires_grad:
        result = result.detach().requires_grad_()
    return result


def from_numpy(ndarray: Array) -> Variable:
    """A Variable on the memory of an array: what is written into one stands in the other.

    Raises:
        TypeError: it is no array, or of a dtype that no tensor has.

    >>> import numpy, microtorch
    >>> microtorch.from_numpy(numpy.array([1.5])).dtype
    microtorch.float64
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    from_numpy_dtype(ndarray.dtype)  # which says what cannot be in a tensor
    return made(ndarray, None, False)


def zeros(*size: Any, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False) -> Variable:
    """Zeros of the given shape.

    Raises:
        TypeError: a length is no integer.
        RuntimeError: a length is negative, or ``device`` is not the CPU.

    >>> import microtorch
    >>> microtorch.zeros(2, 3).shape, microtorch.zeros((2,)).tolist()
    (torch.Size([2, 3]), [0.0, 0.0])
    """
    on_cpu(device)
    return made(np.zeros(shape_of(size), or_default(dtype).dtype), None, requires_grad)


def ones(*size: Any, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False) -> Variable:
    """Ones of the given shape. Errors are those of `zeros`."""
    on_cpu(device)
    return made(np.ones(shape_of(size), or_default(dtype).dtype), None, requires_grad)


def empty(*size: Any, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False) -> Variable:
    """Whatever is in memory, in the given shape. Errors are those of `zeros`."""
    on_cpu(device)
    return made(np.empty(shape_of(size), or_default(dtype).dtype), None, requires_grad)


def full(size: Any, fill_value: Any, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False) -> Variable:
    """``fill_value`` in the given shape; its kind decides the dtype, as in `tensor`. Errors are those of `zeros`."""
    on_cpu(device)
    value = array_from(fill_value)
    return made(np.full(shape_of((size,)), value, value.dtype if dtype is None else dtype.dtype), None, requires_grad)


def eye(n: int, m: int | None = None, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False) -> Variable:
    """Ones on the diagonal of zeros, of shape (n, m), or (n, n). Errors are those of `zeros`."""
    on_cpu(device)
    rows, columns = shape_of((n, n if m is None else m))
    return made(np.eye(rows, columns, dtype=or_default(dtype).dtype), None, requires_grad)


def arange(
    start: float = 0,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: Dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Variable:
    """``start``, ``start + step``, … below ``end``; with one argument, from 0 below that. Integers where all three are.

    Raises:
        RuntimeError: ``step`` is 0 or leads away from ``end``.

    >>> import microtorch
    >>> microtorch.arange(3).tolist(), microtorch.arange(1, 2, 0.5).tolist()
    ([0, 1, 2], [1.0, 1.5])
    """
    on_cpu(device)
    if end is None:
        start, end = 0, start
    start, end, step = (each.item() if is_variable(each) else each for each in (start, end, step))
    if step == 0 or (end - start) / step < 0:
        raise RuntimeError(f"arange from {start} to {end} with step {step} never ends: step must be nonzero and lead to the end")
    if dtype is None:
        dtype = int64 if all(isinstance(each, int) for each in (start, end, step)) else get_default_dtype()
    return made(np.arange(start, end, step), dtype, requires_grad)


def linspace(
    start: Any, end: Any, steps: int, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """``steps`` numbers from ``start`` to ``end``, both included, at equal distances.

    Raises:
        RuntimeError: ``steps`` is negative.

    >>> import microtorch
    >>> microtorch.linspace(0, 1, 5).tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    on_cpu(device)
    if steps < 0:
        raise RuntimeError(f"number of steps must be non-negative, not {steps}")
    first, last = (float(each) for each in (start, end))
    return made(np.linspace(first, last, steps), or_default(dtype), requires_grad)


def logspace(
    start: float,
    end: float,
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
    if steps < 0:
        raise RuntimeError(f"number of steps must be non-negative, not {steps}")
    return made(np.logspace(float(start), float(end), steps, base=base), or_default(dtype), requires_grad)


def zeros_like(input: Variable, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False) -> Variable:
    """Zeros in the shape and dtype of ``input``."""
    return zeros(array_of(input).shape, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def ones_like(input: Variable, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False) -> Variable:
    """Ones in the shape and dtype of ``input``."""
    return ones(array_of(input).shape, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def empty_like(input: Variable, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False) -> Variable:
    """Whatever is in memory, in the shape and dtype of ``input``."""
    return empty(array_of(input).shape, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def full_like(
    input: Variable, fill_value: Any, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """``fill_value`` in the shape and dtype of ``input``."""
    return full(array_of(input).shape, fill_value, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def new_tensor(
    input: Variable, data: Any, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """A leaf with a copy of ``data``, of the dtype of ``input``."""
    array_of(input)
    return tensor(data, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def new_zeros(
    input: Variable, *size: Any, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """Zeros of the given shape, of the dtype of ``input``."""
    return zeros(*size, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def new_ones(
    input: Variable, *size: Any, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """Ones of the given shape, of the dtype of ``input``."""
    return ones(*size, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def new_empty(
    input: Variable, *size: Any, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """Whatever is in memory, in the given shape, of the dtype of ``input``."""
    return empty(*size, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def new_full(
    input: Variable, size: Any, fill_value: Any, *, dtype: Dtype | None = None, device: Any = None, requires_grad: bool = False
) -> Variable:
    """``fill_value`` in the given shape, of the dtype of ``input``."""
    return full(size, fill_value, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def new(input: Variable, *args: Any) -> Variable:
    """What the constructor of 2017 for this dtype gives: ``x.new(2, 3)`` is uninitialised, ``x.new([1, 2])`` of these values."""
    if len(args) == 1 and not isinstance(args[0], int):
        return new_tensor(input, args[0])
    return new_empty(input, *args) if args else new_empty(input, 0)
