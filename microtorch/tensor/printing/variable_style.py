"""The text that PyTorch 0.3.1 wrote: the tutorial's. Its rules, and its quirks."""

import itertools
import math
from typing import NamedTuple

import numpy as np

from ...arrays.dtypes import Array
from .elements import blocks, each_once
from .options import OPTIONS, Options, ends


def variable_style(array: Array, tensor_type: str, options: Options = OPTIONS) -> str:
    r"""Return the text of a raw tensor as PyTorch 0.3.1 wrote it, with the line ends before and after.

    Args:
        array: Of any shape; numbers or booleans.
        tensor_type: The name in the last line, such as ``"microtorch.FloatTensor"``.
        options: By default, those in force; ``sci_mode`` came later and means nothing here.

    >>> variable_style(np.array([0.5, np.nan]), "microtorch.DoubleTensor")
    '\n 0.5000\n    nan\n[microtorch.DoubleTensor of size 2]\n'
    """
    if array.ndim == 0:
        array = array.reshape(1)  # 2017 had no 0-dim values: a mean was a vector of one
    if array.shape == (0,):
        return f"[{tensor_type} with no dimension]\n"  # the one empty tensor there was; it had no line end before
    if array.size == 0:
        body = ""  # a shape with a 0 in it came later: its size says all
    elif array.ndim == 1:
        body = _vector(array, options)
    elif array.ndim == 2:
        body = _matrix(array, options)
    else:
        body = _slices(array, options)
    return f"\n{body}[{tensor_type} of size {'x'.join(map(str, array.shape))}]\n"


class _Format(NamedTuple):
    """How all numbers of one tensor are written: alike, and divided by a common factor."""

    spec: str
    width: int
    scale: float = 1.0

    @property
    def heading(self) -> str:
        return "" if self.scale == 1 else f"{self.scale:.5e} *\n"

    @property
    def indent(self) -> str:
        return "" if self.scale == 1 else " "

    def row(self, values: Array) -> str:
        return " ".join(format(value / self.scale, self.spec) for value in values.tolist())


def _format(array: Array, options: Options, least_width: int = 2) -> _Format:
    smallest, largest, whole, finite = _survey(array)
    low, high, precision = _digits(smallest), _digits(largest), options.precision
    if whole and high <= precision + 1:
        width = max(least_width, high + 1, 2 if finite else 3)
        return _Format(f"{width}.0f", width)
    if whole:
        return _Format(f"11.{precision}e", 7 + precision)
    if high - low > precision:
        width = 7 + precision + (max(abs(low), abs(high)) > 99)
        return _Format(f"{width}.{precision}e", width)
    if 0 <= high <= precision + 1:
        width = 6 + max(high, 1)
        return _Format(f"{width}.{precision}f", width)
    # Where the factor would be below the smallest float, 0.3.1 divided by zero.
    return _Format(f"7.{precision}f", 7, scale=10.0 ** (high - 1) or math.ulp(0.0))


def _digits(magnitude: float) -> int:
    """Return the number of digits before the point; below 0.1, minus that of the zeros after it."""
    return math.floor(math.log10(magnitude)) + 1 if magnitude else 1


def _survey(array: Array) -> tuple[float, float, bool, bool]:
    """Return the smallest and largest finite magnitude, and whether all finite values are whole, all values finite.

    The width of a number depends on all of them, shown or not. They are read in blocks: a large array is never copied.
    """
    array, least, greatest = each_once(array), np.minimum.reduce, np.maximum.reduce
    if array.dtype.kind != "f":
        return 0.0, float(max(max(-int(least(block)), int(greatest(block))) for block in blocks(array))), True, True
    # Without its sign bit, the bits of a number as an integer are in the order of magnitudes, and integers are compared faster.
    integer = np.dtype(f"u{array.itemsize}")
    infinite = int(np.array(np.inf, array.dtype).view(integer))
    smallest, largest, whole, finite = infinite, 0, True, True
    for block in blocks(array):
        magnitudes = block.view(integer) & integer.type(2 ** (8 * array.itemsize - 1) - 1)
        if greatest(magnitudes) >= infinite:
            finite = False
            magnitudes = magnitudes[magnitudes < infinite]
        if magnitudes.size:
            smallest, largest = min(smallest, int(least(magnitudes))), max(largest, int(greatest(magnitudes)))
            whole = whole and _is_whole(magnitudes.view(array.dtype))
    low, high = np.array([smallest if smallest < infinite else 0, largest], integer).view(array.dtype).tolist()
    return low, high, whole, finite


def _is_whole(values: Array) -> bool:
    """Whether all values are whole; where the first ones are not, the others are not looked at."""
    return all(bool((part == np.ceil(part)).all()) for part in (values[:64], values[64:]))


def _vector(vector: Array, options: Options) -> str:
    numbers, edge = _format(vector, options), options.edgeitems
    shorten = vector.size >= options.threshold  # but never a short one: 0.3.1 then wrote its middle twice
    shown = ends(vector.size, edge) if shorten else range(vector.size)
    lines = [numbers.row(vector[i : i + 1]) for i in shown]
    if len(shown) < vector.size:
        lines.insert(edge, f"{'⋮':^{numbers.width}}")
    return numbers.heading + "".join(f"{numbers.indent}{line}\n" for line in lines)


def _matrix(matrix: Array, options: Options) -> str:
    is_long = max(matrix.shape) > 2 * options.edgeitems
    numbers = _format(matrix, options, least_width=5 if is_long else 2)
    if is_long and matrix.size >= options.threshold:
        return numbers.heading + _shortened(matrix, numbers, options.edgeitems)
    return _in_columns(matrix, numbers, options.linewidth)


def _in_columns(matrix: Array, numbers: _Format, linewidth: int, indent: str = "") -> str:
    """Write a matrix whole, in as many blocks of columns as the line's width asks for."""
    text, columns = "", matrix.shape[1]
    per_block = max(1, (linewidth - len(indent)) // (numbers.width + 1))  # 0.3.1 hung where not even one would fit
    for first in range(0, columns, per_block):
        block = matrix[:, first : first + per_block]
        if per_block < columns:
            # Quirks: no line between before column 1; the first row is indented once more.
            text += "" if first == 1 else "\n"
            text += f"Columns {first} to {first + block.shape[1] - 1} \n{indent}"
        text += numbers.heading + "".join(f"{indent}{numbers.indent}{numbers.row(row)}\n" for row in block)
    return text


def _shortened(matrix: Array, numbers: _Format, edge: int, indent: str = "") -> str:
    """Write the corners of a matrix; of a small one, all."""
    rows, columns = matrix.shape

    def line(row: Array) -> str:
        if columns <= 2 * edge:
            return numbers.row(row)
        return f"{numbers.row(row[:edge])}  ...  {numbers.row(row[columns - edge :])}"

    lines = [indent + line(matrix[i]) for i in ends(rows, edge)]
    if rows > 2 * edge and columns > 2 * edge:
        dots = f"{'...':^{max(0, (numbers.width + 1) * edge - 1)}}"
        lines.insert(edge, f"{indent}{dots}   ⋱   {dots}")
    elif rows > 2 * edge:
        lines.insert(edge, f"{'⋮':^{len(line(matrix[0])) + 1}}")
    return "".join(f"{line}\n" for line in lines)


def _slices(array: Array, options: Options) -> str:
    """Write an array of three dimensions or more as its matrices, each under its index."""
    edge, shorten = options.edgeitems, array.size >= options.threshold
    numbers = _format(array, options, least_width=3 if max(array.shape[-2:]) > 2 * edge else 2)
    width = max(2, *(len(str(size)) for size in array.shape))
    shown = [ends(size, edge) if shorten else range(size) for size in array.shape[:-2]]
    texts: list[str] = []
    for previous, index in itertools.pairwise([(), *itertools.product(*shown)]):
        if shorten and previous:
            texts[-1] += _step_dots(previous, index, width + 1)
        text = f"({','.join(f'{i:^{width}}' for i in index)},.,.) = \n"
        if shorten:
            text += numbers.heading + _shortened(array[index], numbers, edge, " ")
        else:
            text += _in_columns(array[index], numbers, options.linewidth, " ")
        texts.append(text)
    return "\n".join(texts)


def _step_dots(previous: tuple[int, ...], index: tuple[int, ...], width: int) -> str:
    """Write the lines between two matrices shown: dots where a counter jumped, and where counters began again."""
    moved = next(axis for axis, (old, new) in enumerate(zip(previous, index, strict=True)) if old != new)
    jumped = ["..." if axis == moved else "" for axis in range(len(index))]
    restarted = ["⋮" if axis > moved else "" for axis in range(len(index))]
    text = ""
    if index[moved] > previous[moved] + 1:
        text += "".join(f"{mark:^{width}}" for mark in jumped) + "\n"
    if any(restarted):
        text += " " + "".join(f"{mark:^{width}}" for mark in restarted) + "\n"
    return text
