"""Rows of a table, looked up by their numbers: ``embedding``; and ``one_hot``, which is the same with an identity matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.dtypes import Array
from ...core.primitive import Primitive, rule
from ...core.variable import Variable, array_of, unrecorded
from ...core.versions import count
from ..selection.adding import add_at

__all__ = ["embedding", "one_hot"]


class Embedding(Primitive):
    def forward(self, weight, *, indices, factors):
        self.length = len(weight)
        return weight[indices]

    @rule(words="zeros in the shape of the weight, with grad added to the rows that were looked up, times a factor for each")
    def grad_weight(self, grad, indices, factors):
        return FromRows.on(grad, indices=indices, factors=factors, length=self.length)


class FromRows(Primitive):
    """The inverse of looking up: each row, times its factor, is added where it was read."""

    torch_name = "EmbeddingDense"

    def forward(self, rows, *, indices, factors, length):
        out = np.zeros((length, rows.shape[-1]), rows.dtype)
        add_at(out, indices, rows if factors is None else rows * factors)
        return out

    @rule(words="grad, read at the same places, times the factors")
    def grad_rows(self, grad, indices, factors):
        return grad[indices] if factors is None else grad[indices] * factors


def embedding(
    input: Variable,
    weight: Variable,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Variable:
    """The rows of ``weight`` that ``input`` names.

    Args:
        input: integers, of any shape.
        weight: of shape (number of rows, length of a row).
        padding_idx: a row that gets no gradient; negative where it is counted from the end.
        max_norm: where given, rows that are looked up and longer are first shortened to it, in place.
        norm_type: the p of that norm.
        scale_grad_by_freq: divide the gradient of each row by how often it was looked up.
        sparse: refused, since here all gradients are dense.

    Returns:
        A Variable of the shape of ``input``, with a dimension more: the rows.

    Raises:
        TypeError: ``input`` or ``weight`` is no Variable.
        RuntimeError: ``input`` is not of integers, or ``weight`` no matrix.
        IndexError: there is no such row.
        ValueError: there is no row ``padding_idx``, or ``sparse`` is asked for.

    >>> import microtorch
    >>> weight = microtorch.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> microtorch.nn.functional.embedding(microtorch.tensor([1, 1, 0]), weight).tolist()
    [[3.0, 4.0], [3.0, 4.0], [1.0, 2.0]]
    """
    indices, table = array_of(input), array_of(weight)
    if indices.dtype.char not in "ilq":
        raise RuntimeError(f"embedding: Expected the indices to be of dtype int64 or int32, but got {input.dtype}")
    if table.ndim != 2:
        raise RuntimeError(f"embedding: 'weight' must be 2-D, not of shape {list(table.shape)}")
    if indices.size and not 0 <= indices.min() <= indices.max() < len(table):
        wrong = indices[(indices < 0) | (indices >= len(table))].flat[0]
        raise IndexError(f"embedding: index out of range: {wrong}, where weight has {len(table)} rows")
    if padding_idx is not None and not -len(table) <= padding_idx < len(table):
        raise ValueError(
            f"embedding: padding_idx must be within num_embeddings: {padding_idx}, where weight has {len(table)} rows"
        )
    if sparse:
        raise ValueError("embedding: sparse gradients are not supported; leave sparse=True away")
    if max_norm is not None:
        _shorten(weight, indices, max_norm, norm_type)
    factors = _factors(indices, table, padding_idx, scale_grad_by_freq)
    return Embedding.apply(weight, indices=input, factors=factors)


def _factors(indices: Array, table: Array, padding_idx: int | None, by_frequency: bool) -> Any:
    """What the gradient of each row that is looked up is multiplied by; None for 1."""
    if padding_idx is None and not by_frequency:
        return None
    factors = np.ones((*indices.shape, 1), table.dtype)
    if by_frequency:
        factors /= np.bincount(indices.reshape(-1), minlength=1)[indices][..., None]
    if padding_idx is not None:
        factors[indices == padding_idx % len(table)] = 0
    return factors


def _shorten(weight: Variable, indices: Array, max_norm: float, norm_type: float) -> None:
    rows = np.unique(indices)
    norms = np.linalg.norm(weight.array[rows], norm_type, 1)
    long = norms > max_norm
    count(weight, operation="embedding")
    weight.array[rows[long]] *= (max_norm / (norms[long] + 1e-7))[:, None].astype(weight.array.dtype)


def one_hot(input: Variable, num_classes: int = -1) -> Variable:
    """For each number a vector with a 1 at its place, and 0 elsewhere.

    Args:
        input: int64, of any shape.
        num_classes: the length of the vectors; -1 for the largest number, plus 1.

    Raises:
        RuntimeError: ``input`` is not of int64, or a number is negative or not below ``num_classes``.

    >>> import microtorch
    >>> microtorch.nn.functional.one_hot(microtorch.tensor([2, 0])).tolist()
    [[0, 0, 1], [1, 0, 0]]
    """
    classes = array_of(input)
    if classes.dtype != np.int64:
        raise RuntimeError(f"one_hot is only applicable to index tensor of type LongTensor, not {input.dtype}: use x.long()")
    if not classes.size and num_classes <= 0:
        raise RuntimeError("one_hot: Can not infer total number of classes from empty tensor: give num_classes")
    if classes.size and classes.min() < 0:
        raise RuntimeError(f"one_hot: Class values must be non-negative, and one is {classes.min()}")
    length = int(classes.max()) + 1 if num_classes == -1 else num_classes
    if classes.size and classes.max() >= length:
        raise RuntimeError(f"one_hot: Class values must be smaller than num_classes: {classes.max()} is not below {length}")
    return unrecorded((classes[..., None] == np.arange(length)).astype(np.int64))
