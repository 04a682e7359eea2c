"""The text that today's PyTorch writes: ``tensor([[1., 1.]], requires_grad=True)``."""

import math
from typing import Any

import numpy as np

from ...arrays.dtypes import Array
from .options import OPTIONS, Options, ends


def tensor_style(
    array: Array,
    dtype: str,
    *,
    default_dtype: str = "microtorch.float32",
    grad_fn: str | None = None,
    requires_grad: bool = False,
    options: Options = OPTIONS,
) -> str:
    """Return the text as today's PyTorch writes it.

    Args:
        array: Of any shape; numbers or booleans.
        dtype: The type's name, such as ``"microtorch.float64"``; shown unless the values tell it.
        default_dtype: The name of the floating type that need not be shown.
        grad_fn: The name of the node that made it, such as ``"MulBackward0"``.
        requires_grad: Shown for a leaf, which has no ``grad_fn``.
        options: By default, those in force.

    >>> tensor_style(np.array(0.5), "microtorch.float64", grad_fn="MeanBackward0")
    'tensor(0.5000, dtype=microtorch.float64, grad_fn=<MeanBackward0>)'
    """
    prefix = "tensor("
    is_told = dtype == default_dtype or (array.size > 0 and array.dtype in (np.int64, np.bool_))
    suffixes = []
    if (array.size == 0 and array.ndim != 1) or (array.size > 0 and options.edgeitems == 0):
        suffixes.append(f"size={array.shape}")
    if not is_told:
        suffixes.append(f"dtype={dtype}")
    if grad_fn is not None:
        suffixes.append(f"grad_fn=<{grad_fn}>")
    elif requires_grad:
        suffixes.append("requires_grad=True")
    return _with_suffixes(prefix + _brackets_of(array, len(prefix), options), suffixes, len(prefix), options.linewidth)


def _with_suffixes(text: str, suffixes: list[str], indent: int, linewidth: int) -> str:
    used = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if used + len(suffix) + 2 > linewidth:
            text += f",\n{' ' * indent}{suffix}"
            used = indent + len(suffix)
        else:
            text += f", {suffix}"
            used += len(suffix) + 2
    return text + ")"


def _brackets_of(array: Array, indent: int, options: Options) -> str:
    if array.size == 0:
        return "[]"
    if array.ndim == 0 or array.size <= options.threshold:
        return _brackets(array, indent, _Writer(array, options), options.linewidth, edge=array.size)
    edge = options.edgeitems
    corners = array[np.ix_(*(ends(size, edge) for size in array.shape))]  # these alone are read, and set the width
    return _brackets(array, indent, _Writer(corners, options), options.linewidth, edge)


def _brackets(array: Array, indent: int, writer: "_Writer", linewidth: int, edge: int) -> str:
    if array.ndim == 0:
        return writer.write(array.item())
    shown = ends(len(array), edge)
    gap = ["..."] if len(shown) < len(array) else []
    if array.ndim > 1:
        parts = [_brackets(array[i], indent + 1, writer, linewidth, edge) for i in shown]
        parts[edge:edge] = gap
        return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(parts) + "]"
    words = [writer.write(value) for value in array[shown].tolist()]
    words[edge:edge] = [" ..."] if gap and edge else gap  # the space is PyTorch's
    per_line = max(1, (linewidth - indent) // (writer.width + 2))
    lines = [", ".join(words[i : i + per_line]) for i in range(0, len(words), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


class _Writer:
    """Writes the numbers of one array, all equally wide."""

    def __init__(self, array: Array, options: Options) -> None:
        self.spec, self.point = "", ""
        if array.dtype.kind == "f":
            array = array[np.isfinite(array) & (array != 0)]  # the others have no say in the format
            self.spec, self.point = self._choose(array, options)
        self.width = 1
        self.width = max((len(self.write(value)) for value in array.ravel().tolist()), default=1)

    @staticmethod
    def _choose(values: Array, options: Options) -> tuple[str, str]:
        if values.size == 0:
            return ".0f", "."
        magnitudes = np.abs(values)
        low, high = float(magnitudes.min()), float(magnitudes.max())
        scientific = high / low > 1000 or high > 1e8 or low < 1e-4
        if scientific if options.sci_mode is None else options.sci_mode:
            return f".{options.precision}e", ""
        if (values == np.ceil(values)).all():
            return ".0f", "."
        return f".{options.precision}f", ""

    def write(self, value: Any) -> str:
        point = self.point if self.point and math.isfinite(value) else ""
        return (format(value, self.spec) + point).rjust(self.width)
