"""Conversions: of dtype (``to``, ``float``, ``type`` …), and of device, of which there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import dtypes
from ..devices import cpu, device, on_cpu
from ..dtypes import dtype as Dtype  # noqa: N812 - `dtype` is torch's argument name
from ..node import array_of, is_variable, wrap
from ..primitive import Primitive, rule
from .shaping import Clone

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["to", "type_as"]


class ToCopy(Primitive):
    def forward(self, input, *, dtype):
        return input.astype(dtype.dtype)

    @rule("grad")
    def grad_input(self, grad):
        return grad


def to(input: Variable, *args: Any, **kwargs: Any) -> Variable:
    """The values in another dtype, or on another device: ``input`` itself where nothing changes.

    Args:
        input: of any shape.
        args: ``dtype``; or ``device`` (the CPU), and ``dtype``; or another Variable, whose dtype is meant.
        kwargs: ``dtype=``, ``device=``, ``other=``; ``copy=True`` for a copy in any case; ``non_blocking=``, which has no effect.

    Raises:
        TypeError: it is none of these.
        RuntimeError: another device than the CPU.

    >>> import microtorch
    >>> microtorch.ones(2).to(microtorch.float64).dtype, microtorch.ones(2).to("cpu", microtorch.int64).dtype
    (microtorch.float64, microtorch.int64)
    """
    dtype, copy = _wanted(args, kwargs)
    if dtype is None or array_of(input).dtype is dtype.dtype:
        return Clone.apply(input) if copy else input
    return ToCopy.apply(input, dtype=dtype) if dtype.is_floating_point else wrap(input.array.astype(dtype.dtype))


def _wanted(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Dtype | None, bool]:
    """The dtype that the arguments of `to` name, if any, and whether a copy is wanted in any case."""
    options = dict(kwargs)
    names = ["non_blocking", "copy", "memory_format"]
    dtype, where, other = (options.pop(name, None) for name in ("dtype", "device", "other"))
    positional = list(args)
    if positional:
        first = positional.pop(0)
        if is_variable(first):
            other = first
        elif isinstance(first, Dtype):
            dtype = first
        elif first is None or (isinstance(first, str | device | int) and not isinstance(first, bool)):
            where = first
            if positional and (positional[0] is None or isinstance(positional[0], Dtype)):
                dtype = positional.pop(0)
        else:
            raise TypeError(f"to() takes a dtype, such as microtorch.float64, a device or a Variable, not {first!r}"[:200])
    flags = dict(zip(names, positional, strict=False)) | options
    if len(positional) > len(names) or not flags.keys() <= set(names):
        raise TypeError(f"to() received an invalid combination of arguments: {args}, {kwargs}"[:200])
    if dtype is not None and not isinstance(dtype, Dtype):
        raise TypeError(f"to() takes a dtype, such as microtorch.float64, not {dtype!r}")
    on_cpu(where)
    return (other.dtype if other is not None else dtype), bool(flags.get("copy"))


def to_type(input: Variable, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of the type of 2017; or the values as another.

    Args:
        input: of any shape.
        dtype: a dtype, a name such as "microtorch.LongTensor" (PyTorch's own will do), or one of the constructors of 2017.
        non_blocking: without effect.

    Raises:
        ValueError: there is no such type.

    >>> import microtorch
    >>> microtorch.ones(2).type(), microtorch.ones(2).type(microtorch.LongTensor).tolist()
    ('microtorch.FloatTensor', [1, 1])
    """
    if dtype is None:
        return input.dtype.tensor_type
    if isinstance(dtype, str):
        name = dtype.rpartition(".")[2]
        found = next((each for each in dtypes.ALL if each.tensor_type.endswith(f".{name}")), None)
        if found is None or "cuda" in dtype:
            raise ValueError(f"invalid type: {dtype!r}; such are 'microtorch.FloatTensor' and 'microtorch.LongTensor'")
        dtype = found
    elif not isinstance(dtype, Dtype):
        dtype = getattr(dtype, "dtype", dtype) or dtypes.get_default_dtype()
    return to(input, dtype)


def type_as(input: Variable, other: Variable) -> Variable:
    """``input`` in the dtype of ``other``."""
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
