"""Einstein's summation: products of any number of operands, along dimensions that letters name."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from string import ascii_lowercase, ascii_uppercase
from typing import Any, NamedTuple

from ...core.variable import Variable, array_of
from ..elementwise.arithmetic import mul
from ..reduction.sums import sum as sum_
from ..shaping.diagonals import diagonal
from ..shaping.flattening import movedim
from ..shaping.reshaping import Permute, reshape, unsqueeze, view
from .products import bmm

__all__ = ["einsum"]

LETTERS = ascii_uppercase + ascii_lowercase  # in the order in which torch puts what no output names
Label = str | int  # a letter; or a number for a dimension that "..." stands for, counted from the last, which is -1


def einsum(*args: Any) -> Variable:
    """The sum of products of the operands' elements, over each dimension whose letter the output does not have.

    Args:
        *args: an equation as ``"ij,jk->ik"`` and the operands, singly or in a list; or each operand with a list of numbers for
            its dimensions, as ``x, [0, 1], y, [1, 2]``, and last such a list for the output. Without ``->`` the output has the
            letters that stand once, in alphabetical order. ``...`` stands for any number of dimensions, which broadcast. A
            letter that stands twice in one operand takes its diagonal.

    Raises:
        RuntimeError: the equation does not fit the operands, or their lengths do not match.
        ValueError: there is no operand.

    >>> import microtorch
    >>> x = microtorch.tensor([[1, 2], [3, 4]])
    >>> microtorch.einsum("ij,kj->ik", x, x).tolist(), microtorch.einsum("ii", x).item()
    ([[5, 11], [11, 25]], 5)
    """
    equation, operands = _arguments(args)
    terms = _read(equation, operands)
    sizes = _sizes(terms, operands)
    order = terms.output + terms.summed
    aligned = [_aligned(each, labels, order) for each, labels in zip(operands, terms.inputs, strict=True)]
    if len(aligned) == 1:
        return sum_(aligned[0], tuple(range(len(terms.output), len(order)))) if terms.summed else aligned[0]
    # How many of the operands that are left have each summed dimension: with the last two of them it can be summed over.
    left = {dim: sum(each.array.shape[dim] != 1 for each in aligned) for dim in range(len(terms.output), len(order))}
    result = aligned[0]
    for other in aligned[1:]:
        result = _times(result, other, left)
    return view(result, [sizes[label] for label in terms.output]) if terms.summed else result


class _Terms(NamedTuple):
    """What an equation says: the labels of each operand's dimensions, of the output's, and those that are summed over."""

    inputs: list[list[Label]]
    output: list[Label]
    summed: list[Label]


def _arguments(args: tuple[Any, ...]) -> tuple[str, list[Variable]]:
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand and its subscripts list"
        )
    if isinstance(args[0], str):
        operands = args[1] if len(args) == 2 and isinstance(args[1], tuple | list) else args[1:]
        equation = args[0]
    else:
        operands = args[0 : len(args) - len(args) % 2 : 2]
        lists = ["".join(map(_letter, each)) for each in args[1::2]]
        equation = ",".join(lists) + (f"->{''.join(map(_letter, args[-1]))}" if len(args) % 2 else "")
    for each in operands:
        array_of(each)
    return equation, list(operands)


def _letter(number: Any) -> str:
    if number is Ellipsis:
        return "..."
    if not 0 <= number < len(LETTERS):
        raise ValueError(f"einsum(): subscript {number} in subscript list is not within the valid range [0, {len(LETTERS)})")
    return LETTERS[number]


def _read(equation: str, operands: Sequence[Variable]) -> _Terms:
    before, arrow, after = equation.partition("->")
    texts = before.split(",")
    if len(texts) != len(operands):
        few = "fewer" if len(texts) > len(operands) else "more"
        raise RuntimeError(
            f"einsum(): {few} operands were provided than specified in the equation: {len(operands)}, and {equation!r} has "
            f"{len(texts)}"
        )
    inputs: list[list[Label]] = []
    at = 0
    for i, (text, each) in enumerate(zip(texts, operands, strict=True)):
        inputs.append(_with_dims(_labels(text, at, f"operand {i}"), each, i))
        at += len(text) + 1
    every = [label for labels in inputs for label in labels]
    broad = list(range(min((label for label in every if isinstance(label, int)), default=0), 0))
    if arrow:
        output = [each for label in _labels(after, len(before) + 2, "output") for each in (broad if label == "..." else [label])]
        for label in output:
            if label not in every and isinstance(label, str):
                raise RuntimeError(f"einsum(): output subscript {label} does not appear in the equation for any input operand")
            if output.count(label) > 1:
                raise RuntimeError(f"einsum(): output subscript {label} appears more than once in the output")
    else:
        output = [*broad, *(letter for letter in LETTERS if every.count(letter) == 1)]
    return _Terms(inputs, output, [each for each in (*broad, *LETTERS) if each in every and each not in output])


def _labels(text: str, at: int, where: str) -> list[str]:
    """The letters and ``...`` of one term, which stands ``at`` this index in the equation."""
    labels = []
    for found in re.finditer(r"\.\.\.|\S", text):
        label = found.group()
        if label == "..." and label in labels:
            already = (
                "but an ellipsis (...) was already found" if where == "output" else "for which an ellipsis was already found"
            )
            raise RuntimeError(f"einsum(): found '.' for {where} {already}")
        if label == ".":
            raise RuntimeError(f"einsum(): found '.' for {where} that is not part of any ellipsis (...)")
        if label not in LETTERS and label != "...":
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {at + found.start()} in the equation string, "
                "subscripts must be in [a-zA-Z]"
            )
        labels.append(label)
    return labels


def _with_dims(labels: list[str], operand: Variable, number: int) -> list[Label]:
    """The labels of an operand, with a number for each of the dimensions that ``...`` stands for."""
    ndim, named = operand.array.ndim, len(labels) - labels.count("...")
    if "..." not in labels and named != ndim:
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({named}) does not match the number of dimensions ({ndim}) for "
            f"operand {number} and no ellipsis was given"
        )
    if named > ndim:
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({named}) is more than the number of dimensions ({ndim}) for "
            f"operand {number}"
        )
    return [each for label in labels for each in (range(named - ndim, 0) if label == "..." else (label,))]


def _sizes(terms: _Terms, operands: Sequence[Variable]) -> dict[Label, int]:
    """The length of what each label stands for; a length of 1 broadcasts."""
    sizes: dict[Label, int] = {}
    for i, (labels, each) in enumerate(zip(terms.inputs, operands, strict=True)):
        own: dict[Label, int] = {}
        for label, length in zip(labels, each.array.shape, strict=True):
            if own.setdefault(label, length) != length:
                raise RuntimeError(
                    f"einsum(): subscript {label} is repeated for operand {i} but the sizes don't match, {length} != {own[label]}"
                )
            if length != 1 and sizes.get(label, 1) not in (1, length):
                what = f"subscript {label}" if isinstance(label, str) else f"dimension {label} of those covered by ellipsis"
                raise RuntimeError(
                    f"einsum(): {what} has size {length} for operand {i} which does not broadcast with previously seen size "
                    f"{sizes[label]}"
                )
            sizes[label] = length if sizes.get(label, 1) == 1 else sizes[label]
    return sizes


def _aligned(operand: Variable, labels: list[Label], order: list[Label]) -> Any:
    """An operand with one dimension for each label of the equation, in this order."""
    places: dict[Label, int] = {}
    for label in labels:
        if label in places:
            operand = movedim(diagonal(operand, 0, places[label], len(places)), -1, places[label])
        else:
            places[label] = len(places)
    for label in order:
        if label not in places:
            operand = unsqueeze(operand, len(places))
            places[label] = len(places)
    return Permute.apply(operand, dims=tuple(places[label] for label in order))


def _times(x: Variable, y: Variable, left: dict[int, int]) -> Variable:
    """The product of two aligned operands, summed over the dimensions that no other operand has."""
    both: list[int] = []
    alone: tuple[list[int], list[int]] = ([], [])
    for dim, number in left.items():
        in_x, in_y = x.array.shape[dim] != 1, y.array.shape[dim] != 1
        remaining = number - (in_x and in_y)
        if remaining == 1 and (in_x or in_y):
            (both if in_x and in_y else alone[in_y]).append(dim)
            remaining = 0
        left[dim] = remaining
    x, y = (sum_(each, dims, True) if dims else each for each, dims in zip((x, y), alone, strict=True))
    return _batched(x, y, both) if both else mul(x, y)


def _batched(x: Variable, y: Variable, summed: list[int]) -> Variable:
    """The sum over dimensions that both have: as a product of matrices, one for each index of the rest that both have."""
    dims = [dim for dim in range(x.array.ndim) if dim not in summed]
    own = [{dim for dim in dims if each.array.shape[dim] != 1} for each in (x, y)]
    batch = [dim for dim in dims if dim in own[0] and dim in own[1]]
    rows = [dim for dim in dims if dim in own[0] - own[1]]
    columns = [dim for dim in dims if dim not in own[0]]
    if rows and columns and columns[-1] < rows[0]:  # so that the product lies in memory in the order of the output
        x, y, rows, columns = y, x, columns, rows
    x_shape, y_shape = x.array.shape, y.array.shape
    lengths = [m if n == 1 else n for m, n in zip(x_shape, y_shape, strict=True)]
    count_batch, count_rows, count_columns, count_summed = (
        math.prod(lengths[dim] for dim in each) for each in (batch, rows, columns, summed)
    )
    left = reshape(Permute.apply(x, dims=(*batch, *rows, *summed, *columns)), count_batch, count_rows, count_summed)
    right = reshape(Permute.apply(y, dims=(*batch, *summed, *columns, *rows)), count_batch, count_summed, count_columns)
    order = [*batch, *rows, *summed, *columns]
    product = view(bmm(left, right), [1 if dim in summed else lengths[dim] for dim in order])
    return Permute.apply(product, dims=tuple(order.index(dim) for dim in range(x.array.ndim)))
