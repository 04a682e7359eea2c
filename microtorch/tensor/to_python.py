"""Variables as Python's numbers and lists, and as NumPy's arrays: what ``float(x)``, ``x.item()`` and ``np.asarray(x)`` give."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays.dtypes import Array
from ..core.variable import Variable

__all__ = ["item", "numpy", "tolist"]


def item(variable: Variable) -> float | int | bool:
    """The only element, as a Python number.

    Raises:
        RuntimeError: there are several elements, or none.
    """
    if variable.array.size != 1:
        raise RuntimeError(f"a Tensor with {variable.array.size} elements cannot be converted to Scalar: {variable._described()}")
    return variable.array.item()  # type: ignore[no-any-return]


def tolist(variable: Variable) -> Any:
    """The elements as nested lists of Python numbers; a number for 0 dimensions."""
    return variable.array.tolist()


def numpy(variable: Variable, *, force: bool = False) -> Array:
    """The array itself, on the same memory.

    Args:
        variable: whose array it is.
        force: of a Variable that requires a gradient too.

    Raises:
        RuntimeError: this Variable requires a gradient, which would not see what is done to the array.
    """
    if variable.requires_grad and not force:
        raise RuntimeError("Can't call numpy() on Variable that requires grad. Use var.detach().numpy() instead.")
    return variable.array


def to_array(variable: Variable, dtype: Any = None, copy: bool | None = None) -> Array:
    return np.array(numpy(variable), dtype=dtype, copy=copy)


def formatted(variable: Variable, spec: str) -> str:
    if variable.array.ndim and spec:
        raise TypeError(
            f"unsupported format string {spec!r} for {variable._described()}: a number has one, and several are printed as "
            "set_printoptions() says"
        )
    return format(variable.array.item() if not variable.array.ndim else str(variable), spec)


def to_index(variable: Variable) -> int:
    if variable.array.dtype.kind not in "iub" or variable.array.size != 1:
        raise TypeError(f"only integer tensors of a single element can be converted to an index: {variable._described()}")
    return int(variable.array.item())


def to_float(variable: Variable) -> float:
    return float(_only_number(variable))


def to_int(variable: Variable) -> int:
    return int(_only_number(variable))


def to_complex(variable: Variable) -> complex:
    return complex(_only_number(variable))


def _only_number(variable: Variable) -> Any:
    if variable.array.size != 1:
        raise ValueError(f"only one element tensors can be converted to Python scalars: {variable._described()}")
    return variable.array.item()


def to_bool(variable: Variable) -> bool:
    if variable.array.size != 1:
        raise RuntimeError(
            f"Boolean value of Tensor with {'more than one value' if variable.array.size else 'no values'} is ambiguous: "
            f"{variable._described()}"
        )
    return bool(variable.array.item())


def length(variable: Variable) -> int:
    if not variable.array.ndim:
        raise TypeError("len() of a 0-d tensor")
    return len(variable.array)


def to_dlpack(variable: Variable, **options: Any) -> Any:
    """``x.__dlpack__()``: the array for another library, as for ``torch.tensor(x)``; on the same memory, where that asks for it.

    Raises:
        BufferError: this Variable requires a gradient, which would not see what is done to the array.
    """
    if variable.requires_grad:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    return variable.array.__dlpack__(**options)


def dlpack_device(variable: Variable) -> tuple[int, int]:
    """Where the array lies: in the memory of the CPU."""
    return variable.array.__dlpack_device__()
