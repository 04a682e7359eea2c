"""Sequences of several lengths in one batch: padded to the longest, or packed, which leaves the padding out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...arrays.dtypes import Array, float16, float32, float64, int64
from ...core.variable import Variable, array_of, unrecorded
from ...ops.network.packing import pack, unpack
from ...ops.selection.slices import index_select
from ...ops.shaping.reshaping import transpose
from ...tensor.creation import full

__all__ = [
    "PackedSequence", "invert_permutation", "pack_padded_sequence", "pack_sequence", "pad_packed_sequence", "pad_sequence",
    "unpack_sequence", "unpad_sequence",
]  # fmt: skip


class _Fields(NamedTuple):
    data: Variable
    batch_sizes: Variable
    sorted_indices: Variable | None
    unsorted_indices: Variable | None


class PackedSequence(_Fields):
    """Sequences of several lengths, step by step: the first steps of all, then the second steps of all that have one, and so on.

    What a recurrent network takes and returns. It is made by `pack_padded_sequence` and `pack_sequence`; a program makes one from
    the parts of another, as in ``PackedSequence(embedding(packed.data), packed.batch_sizes)``.

    Args:
        data: of shape (rows of all steps, …).
        batch_sizes: how many rows each step has, a vector of int64.
        sorted_indices: which sequence comes first, which second, and so on, where they were sorted by length; or None.
        unsorted_indices: where each sequence is now: the inverse, which follows from ``sorted_indices``.
    """

    __slots__ = ()

    def __new__(  # noqa: D102 - the class's own docstring says it
        cls, data: Any, batch_sizes: Any = None, sorted_indices: Any = None, unsorted_indices: Any = None
    ) -> PackedSequence:
        if batch_sizes is None:
            if not isinstance(data, tuple | list) or len(data) != 2:
                raise AssertionError("Expected data to be a list or tuple of length 2: (data, batch_sizes)")
            data, batch_sizes = data
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """With ``data.to(...)``: itself, where that changes nothing."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else self._replace(data=data)

    def cpu(self) -> PackedSequence:
        """Itself: it is on the CPU."""
        return self

    def cuda(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Refused, as for any Variable."""
        return self._replace(data=self.data.cuda(*args, **kwargs))

    def half(self) -> PackedSequence:
        """With ``data`` as float16."""
        return self.to(float16)

    def float(self) -> PackedSequence:
        """With ``data`` as float32."""
        return self.to(float32)

    def double(self) -> PackedSequence:
        """With ``data`` as float64."""
        return self.to(float64)

    def long(self) -> PackedSequence:
        """With ``data`` as int64."""
        return self.to(int64)

    @property
    def is_cuda(self) -> bool:
        """False."""
        return False


def invert_permutation(permutation: Variable | None) -> Variable | None:
    """Where each index stands in a permutation; None of None.

    >>> import microtorch
    >>> invert_permutation(microtorch.tensor([2, 0, 1])).tolist()
    [1, 2, 0]
    """
    return None if permutation is None else unrecorded(np.argsort(array_of(permutation)))


def pack_padded_sequence(
    input: Variable, lengths: Variable | Sequence[int], batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Leave the padding out.

    Args:
        input: of shape (steps, batch, …), or with ``batch_first`` (batch, steps, …).
        lengths: of the sequences, in steps.
        batch_first: which of the two.
        enforce_sorted: whether the longest sequence has to come first; if not, they are sorted, and what a network returns for
            them is brought back into their order.

    Raises:
        RuntimeError: there are no sequences, a length is not positive or greater than the steps of ``input``, or they are not as
            many as sequences, or not sorted.
        IndexError: ``input`` has fewer than two dimensions.

    >>> import microtorch
    >>> packed = pack_padded_sequence(microtorch.tensor([[1, 4, 6], [2, 5, 0], [3, 0, 0]]), [3, 2, 1])
    >>> packed.data.tolist(), packed.batch_sizes.tolist()
    ([1, 4, 6, 2, 5, 3], [3, 2, 1])
    """
    steps = _lengths(lengths)
    _check_packing(input, steps, batch_first)
    order = None
    if not enforce_sorted:
        places = np.argsort(-steps, kind="stable")
        steps, order = steps[places], unrecorded(places)
        input = index_select(input, 0 if batch_first else 1, order)
    if (steps[1:] > steps[:-1]).any():
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
            "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement"
        )
    data, batch_sizes = pack(input, steps, batch_first)
    return PackedSequence(data, unrecorded(batch_sizes), order)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Variable, Variable]:
    """The inverse of `pack_padded_sequence`.

    Args:
        sequence: a batch of packed sequences.
        batch_first: whether the result is of shape (batch, steps, …) instead of (steps, batch, …).
        padding_value: what stands where a sequence has ended.
        total_length: the number of steps; None for that of the longest sequence.

    Returns:
        The padded batch, and the lengths of its sequences.

    Raises:
        ValueError: ``total_length`` is less than the longest sequence.
    """
    batch_sizes = array_of(sequence.batch_sizes)
    longest = len(batch_sizes)
    if total_length is not None and total_length < longest:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, but got "
            f"total_length={total_length} and max sequence length being {longest}"
        )
    padded, steps = unpack(sequence.data, batch_sizes, batch_first, padding_value, total_length or longest)
    back = sequence.unsorted_indices
    if back is None:
        return padded, unrecorded(steps)
    return index_select(padded, 0 if batch_first else 1, back), unrecorded(steps[back.array])


def pad_sequence(
    sequences: Iterable[Variable], batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Variable:
    """Several sequences in one batch, as long as the longest of them.

    Args:
        sequences: each of shape (its steps, …).
        batch_first: whether the result is of shape (batch, steps, …) instead of (steps, batch, …).
        padding_value: what stands where a sequence has no steps.
        padding_side: "right", behind its end; or "left", before its beginning.

    Raises:
        RuntimeError: there are none, or they differ in more than their lengths, or there is no such side.

    >>> import microtorch
    >>> pad_sequence([microtorch.tensor([1, 2, 3]), microtorch.tensor([4])], batch_first=True).tolist()
    [[1, 2, 3], [4, 0, 0]]
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}")
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    parts: list[Any] = list(sequences)
    shapes = {array_of(each).shape[1:] for each in parts if array_of(each).ndim}
    if not parts:
        raise RuntimeError("received an empty list of sequences")
    if len(shapes) != 1 or not all(each.array.ndim for each in parts):
        raise RuntimeError(
            "pad_sequence: sequences must be of shape (their length, …) and equal in all but that, but got the shapes "
            f"{', '.join(str(list(each.shape)) for each in parts)}"
        )
    longest = max(len(each) for each in parts)
    size = (len(parts), longest) if batch_first else (longest, len(parts))
    out: Any = full((*size, *shapes.pop()), padding_value, dtype=parts[0].dtype)
    for number, each in enumerate(parts):
        steps = slice(0, len(each)) if padding_side == "right" else slice(longest - len(each), longest)
        out[(number, steps) if batch_first else (steps, number)] = each
    return out  # type: ignore[no-any-return]


def unpad_sequence(padded_sequences: Variable, lengths: Variable, batch_first: bool = False) -> list[Variable]:
    """The inverse of `pad_sequence`: the sequences, of the given lengths, as views."""
    rows: Any = padded_sequences if batch_first else transpose(padded_sequences, 0, 1)
    return [row[:length] for row, length in zip(rows, _lengths(lengths).tolist(), strict=True)]


def pack_sequence(sequences: Sequence[Variable], enforce_sorted: bool = True) -> PackedSequence:
    """Several sequences, packed: `pad_sequence`, then `pack_padded_sequence`, whose errors are the same."""
    lengths = [len(array_of(each)) for each in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Variable]:
    """The inverse of `pack_sequence`: the sequences, one by one."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)


def _lengths(given: Any) -> Array:
    return np.array(given.tolist() if isinstance(given, Variable) else [int(each) for each in given]).astype(np.int64)


def _check_packing(input: Variable, steps: Array, batch_first: bool) -> None:
    shape = array_of(input).shape
    if len(shape) < 2:
        raise IndexError(f"pack_padded_sequence: input must have dimensions of steps and of batch: {input._described()}")
    if not input.array.size:
        raise RuntimeError("Cannot pack empty tensors.")
    if steps.ndim != 1:
        raise RuntimeError(f"'lengths' argument should be a 1D CPU int64 tensor, but got {steps.ndim}D")
    batch, longest = shape[:2] if batch_first else shape[1::-1]
    if len(steps) != batch:
        raise RuntimeError(f"Expected `len(lengths)` to be equal to batch_size, but got {len(steps)} (batch_size={batch})")
    if steps.min() <= 0:
        raise RuntimeError("Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0")
    if steps.max() > longest:
        raise RuntimeError(f"pack_padded_sequence: a length is {steps.max()}, but input has only {longest} steps")
