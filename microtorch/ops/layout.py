"""How a Variable lies in memory, and what kind of numbers it holds: questions with plain answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..devices import cpu, device
from ..node import array_of, is_variable

if TYPE_CHECKING:
    from ..variable import Variable

__all__ = ["is_complex", "is_floating_point", "is_tensor", "numel"]


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
    return array_of(input).shape == array_of(other).shape


def is_contiguous(input: Variable, *, memory_format: Any = None) -> bool:
    """Whether its elements lie in memory one after the other."""
    return array_of(input).flags.c_contiguous


def stride(input: Variable, dim: int | None = None) -> Any:
    """For each dimension, or for one, how many elements further in memory its next element lies."""
    steps = tuple(step // array_of(input).itemsize for step in input.array.strides)
    return steps if dim is None else steps[dim]


def storage_offset(input: Variable) -> int:
    """How many elements of its memory lie before its first."""
    array = base = array_of(input)
    while isinstance(base.base, np.ndarray):
        base = base.base
    return (array.ctypes.data - base.ctypes.data) // array.itemsize


def data_ptr(input: Variable) -> int:
    """The address of its first element."""
    return array_of(input).ctypes.data


def element_size(input: Variable) -> int:
    """Bytes an element."""
    return array_of(input).itemsize


def nbytes(input: Variable) -> int:
    """Bytes of all elements."""
    return array_of(input).nbytes


def device_of(input: Variable) -> device:
    """The CPU."""
    array_of(input)
    return cpu


def no(input: Variable) -> bool:
    """False, of any Variable: it is on no GPU, not sparse, not quantised, not nested."""
    return array_of(input) is None
