"""Conversions: of dtype (``to``, ``float``, ``type`` …), and of device, of which there is one."""

from __future__ import annotations

from typing import Any

from ...arrays import dtypes
from ...arrays.dtypes import as_dtype
from ...arrays.dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of, is_variable, unrecorded
from ...tensor.devices import cpu, on_cpu
from ...tensor.dims import argument

__all__ = ["to", "type_as"]

_Wanted = tuple[Dtype | None, bool]


class ToCopy(Primitive):
    constants = shown("dtype")

    def forward(self, input, *, dtype):
        self.dtype = dtype.dtype.name
        return input.astype(dtype.dtype)

    @rule("grad")
    def grad_input(self, grad):
        return grad


def to(input: Variable, *args: Any, **kwargs: Any) -> Variable:
    """The values in another dtype, or on another device: ``input`` itself where nothing changes.

    Args:
        input: of any shape.
        args: ``dtype``; or ``device`` (the CPU), and ``dtype``; or another Variable, whose dtype is meant. Behind these,
            ``non_blocking``, which has no effect, and ``copy``: whether to copy in any case.
        kwargs: the same by their names.

    Raises:
        TypeError: it is none of these.
        RuntimeError: another device than the CPU.

    >>> import microtorch
    >>> microtorch.ones(2).to(microtorch.float64).dtype, microtorch.ones(2).to("cpu", microtorch.int64).dtype
    (microtorch.float64, microtorch.int64)
    """
    first = args[0] if args else None
    if first.__class__ is Dtype and len(args) == 1 and not kwargs:  # by far the commonest
        dtype: Dtype | None = first
        copy = False
    elif is_variable(first):
        dtype, copy = _like(*args, **kwargs)
    elif isinstance(first, Dtype | type):
        dtype, copy = _of_dtype(*args, **kwargs)
    else:
        dtype, copy = _on_device(*args, **kwargs)
    if not copy and (dtype is None or array_of(input).dtype is dtype.dtype):
        return input
    dtype = dtype or input.dtype
    return ToCopy.apply(input, dtype=dtype) if dtype.is_floating_point else unrecorded(input.array.astype(dtype.dtype))


# The three ways to call to(), as in torch: each gives the dtype that is wanted, if any, and whether to copy in any case.


def _like(other: Variable, non_blocking: bool = False, copy: bool = False, *, memory_format: Any = None) -> _Wanted:
    return other.dtype, copy


def _of_dtype(dtype: Any, non_blocking: bool = False, copy: bool = False, *, memory_format: Any = None) -> _Wanted:
    return as_dtype(dtype), copy


def _on_device(
    device: Any = None, dtype: Any = None, non_blocking: bool = False, copy: bool = False, *, memory_format: Any = None
) -> _Wanted:
    on_cpu(device)
    return None if dtype is None else as_dtype(dtype), copy


def to_type(input: Variable, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of the type of 2017; or the values as another.

    Args:
        input: of any shape.
        dtype: a dtype, a name such as "microtorch.LongTensor" (PyTorch's own will do), or one of the constructors of 2017.
        non_blocking: without effect.

    Raises:
        ValueError: there is no such type.
        TypeError: ``dtype`` is something else.

    >>> import microtorch
    >>> microtorch.ones(2).type(), microtorch.ones(2).type(microtorch.LongTensor).tolist()
    ('microtorch.FloatTensor', [1, 1])
    """
    return input.dtype.tensor_type if dtype is None else to(input, dtypes.dtype_of_type(dtype))


def type_as(input: Variable, other: Variable) -> Variable:
    """``input`` in the dtype of ``other``."""
    argument(other, "type_as", "other")
    return to(input, other.dtype)


def to_double(input: Variable) -> Variable:
    """The values as float64."""
    return to(input, dtypes.float64)


def to_float(input: Variable) -> Variable:
    """The values as float32."""
    return to(input, dtypes.float32)


def to_half(input: Variable) -> Variable:
    """The values as float16."""
    return to(input, dtypes.float16)


def to_long(input: Variable) -> Variable:
    """The values as int64, rounded towards zero."""
    return to(input, dtypes.int64)


def to_int(input: Variable) -> Variable:
    """The values as int32, rounded towards zero."""
    return to(input, dtypes.int32)


def to_short(input: Variable) -> Variable:
    """The values as int16, rounded towards zero."""
    return to(input, dtypes.int16)


def to_char(input: Variable) -> Variable:
    """The values as int8, rounded towards zero."""
    return to(input, dtypes.int8)


def to_byte(input: Variable) -> Variable:
    """The values as uint8, rounded towards zero."""
    return to(input, dtypes.uint8)


def to_bool(input: Variable) -> Variable:
    """Whether each value is not 0."""
    return to(input, dtypes.bool_)


def to_cpu(input: Variable) -> Variable:
    """``input`` itself: it is on the CPU."""
    return to(input, cpu)


def to_cuda(input: Variable, device: Any = None, non_blocking: bool = False) -> Variable:
    """Refused.

    Raises:
        RuntimeError: always: there is no GPU.
    """
    return to(input, "cuda" if device is None else device)


def refuse_complex(input: Variable) -> Variable:
    """Refused.

    Raises:
        RuntimeError: always: microtorch has real numbers only.
    """
    raise RuntimeError(f"microtorch has real numbers only: {array_of(input).dtype} cannot become complex")


def refuse_bfloat16(input: Variable) -> Variable:
    """Refused.

    Raises:
        RuntimeError: always: NumPy has no bfloat16.
    """
    raise RuntimeError(f"NumPy has no bfloat16: use half() or float() for {array_of(input).dtype}")


def refuse_sparse(input: Variable, *args: Any, **kwargs: Any) -> Variable:
    """Refused.

    Raises:
        RuntimeError: always: all is dense.
    """
    raise RuntimeError(f"microtorch has dense tensors only: {input._described()} cannot become sparse")
