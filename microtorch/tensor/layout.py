"""How a Variable lies in memory, and what kind of numbers it holds: questions with plain answers."""

from __future__ import annotations

import math
from typing import Any

from numpy.lib.array_utils import byte_bounds

from ..arrays.shapes import Size
from ..core.variable import Variable, array_of, is_variable
from ..core.views import memory_of
from .devices import cpu, device, layout, strided
from .dims import own_axis_of

__all__ = ["get_device", "is_complex", "is_floating_point", "is_nonzero", "is_same_size", "is_signed", "is_tensor", "numel"]


def size(input: Variable, dim: int | None = None) -> Size | int:
    """The shape, or the length of one dimension."""
    return input.shape if dim is None else input.array.shape[own_axis_of(input, dim)]


def ndim(input: Variable) -> int:
    """How many dimensions there are."""
    return input.array.ndim


def numel(input: Variable) -> int:
    """How many elements there are."""
    return array_of(input).size


def is_tensor(obj: Any) -> bool:
    """Whether it is a Variable, the only tensor there is."""
    return is_variable(obj)


def is_floating_point(input: Variable) -> bool:
    """Whether it holds floats, which can have gradients."""
    return array_of(input).dtype.kind == "f"


def is_complex(input: Variable) -> bool:
    """False: there are real numbers only."""
    return array_of(input) is None


def is_signed(input: Variable) -> bool:
    """Whether its dtype has negative numbers."""
    return array_of(input).dtype.kind in "fi"


def is_same_size(input: Variable, other: Variable) -> bool:
    """Whether both have the same shape."""
    same: bool = array_of(input).shape == array_of(other).shape
    return same


def is_contiguous(input: Variable, *, memory_format: Any = None) -> bool:
    """Whether its elements lie in memory one after the other."""
    return array_of(input).flags.c_contiguous


def stride(input: Variable, dim: int | None = None) -> Any:
    """For each dimension, or for one, how many elements further in memory its next element lies."""
    array = array_of(input)
    if array.size:
        steps = tuple(step // array.itemsize for step in array.strides)
    else:  # which NumPy leaves at 0 where there is no element to step to
        steps = tuple(math.prod(max(length, 1) for length in array.shape[i + 1 :]) for i in range(array.ndim))
    return steps if dim is None else steps[own_axis_of(input, dim)]


def storage_offset(input: Variable) -> int:
    """How many elements of its memory lie before its first."""
    array = array_of(input)
    start, _ = byte_bounds(memory_of(input))
    return (array.ctypes.data - start) // array.itemsize


def data_ptr(input: Variable) -> int:
    """The address of its first element."""
    return array_of(input).ctypes.data


def element_size(input: Variable) -> int:
    """Bytes an element."""
    return array_of(input).itemsize


def nbytes(input: Variable) -> int:
    """Bytes of all elements."""
    return array_of(input).nbytes


def is_nonzero(input: Variable) -> bool:
    """Whether the only element is not 0.

    Raises:
        RuntimeError: there are several elements, or none.
    """
    array_of(input)
    return bool(input)


def get_device(input: Variable) -> int:
    """The number of the GPU: -1, for the CPU."""
    array_of(input)
    return -1


def layout_of(input: Variable) -> layout:
    """``strided``: everything is dense."""
    array_of(input)
    return strided


def device_of(input: Variable) -> device:
    """The CPU."""
    array_of(input)
    return cpu


def yes(input: Variable) -> bool:
    """True, of any Variable: it is on the CPU."""
    return array_of(input) is not None


def no(input: Variable) -> bool:
    """False, of any Variable: it is on no GPU, not sparse, not quantised, not nested."""
    return array_of(input) is None
