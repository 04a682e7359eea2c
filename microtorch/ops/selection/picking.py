"""Elements out of all in a row (``take``, ``put``), where a mask holds (``masked_…``), and where they are not 0 (``nonzero``)."""

from __future__ import annotations

import numpy as np

from ...arrays.shapes import shapes_do_not_broadcast
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of, unrecorded
from ...tensor.dims import argument, check_index, check_mask
from .indexing import Deposit, FromPlaces, write

__all__ = ["argwhere", "masked_scatter", "masked_select", "nonzero", "put", "take"]


class Take(FromPlaces):
    def forward(self, input, *, index):
        self.input_shape = input.shape
        return np.asarray(input.take(index))

    @rule("put(zeros_like(input), index, grad, True)")
    def grad_input(self, grad, index):
        return Put.on(self.zeros(grad), grad, index=index, accumulate=True)


class Put(Primitive):
    constants = shown(accumulate=False)

    def forward(self, input, source, *, index, accumulate):
        self.accumulate, self.source_shape, out = accumulate, np.shape(source), input.copy()
        write(out.reshape(-1), index, source.reshape(index.shape) if np.ndim(source) else source, accumulate)
        return out

    @rule(words="grad, with zeros where the source was put, unless it was added")
    def grad_input(self, grad, index):
        return grad if self.accumulate else Put.on(grad, 0.0, index=index, accumulate=False)

    @rule("take(grad, index).reshape(source_shape)")
    def grad_source(self, grad, index):
        return Take.on(grad, index=index).reshape(self.source_shape)


class MaskedSelect(FromPlaces):
    def forward(self, input, *, mask):
        shape = self.input_shape = np.broadcast_shapes(input.shape, mask.shape)  # after broadcasting
        return np.broadcast_to(input, shape)[np.broadcast_to(mask, shape)]

    @rule(words="zeros in the shape of the input, with grad put where the mask holds")
    def grad_input(self, grad, mask):
        return MaskedScatter.on(self.zeros(grad), grad, mask=mask, count=len(grad))


class MaskedScatter(Primitive):
    def forward(self, input, source, *, mask, count):
        self.source_shape, self.flat, self.read = source.shape, (source.size,), (slice(count),)
        out = np.broadcast_to(input, np.broadcast_shapes(input.shape, mask.shape)).copy()
        out[np.broadcast_to(mask, out.shape)] = source.reshape(-1)[self.read]
        return out

    @rule("where(mask, 0, grad)")
    def grad_input(self, grad, mask):
        return np.where(mask, 0.0, grad)

    @rule(words="grad where the mask holds, one after the other, and zeros for what was left over")
    def grad_source(self, grad, mask):
        return Deposit.on(MaskedSelect.on(grad, mask=mask), key=self.read, shape=self.flat).reshape(self.source_shape)


def take(input: Variable, index: Variable) -> Variable:
    """The elements that ``index`` names among all in a row; -1 is the last.

    Raises:
        IndexError: an index is out of range.
        RuntimeError: ``index`` holds no integers.

    >>> import microtorch
    >>> microtorch.take(microtorch.tensor([[1.0, 2.0], [3.0, 4.0]]), microtorch.tensor([0, 3])).tolist()
    [1.0, 4.0]
    """
    _check_flat(input, index, "take")
    return Take.apply(input, index=index)


def put(input: Variable, index: Variable, source: Variable, accumulate: bool = False) -> Variable:
    """``input`` with the elements of ``source`` at the places that ``index`` names among all in a row.

    Args:
        input: of any shape.
        index: integers; -1 is the last.
        source: as many elements, of the dtype of ``input``.
        accumulate: add them to what is there.

    Raises:
        IndexError: an index is out of range, or their number is not that of the elements of ``source``.
        RuntimeError: ``index`` holds no integers, or the dtypes differ.
    """
    _check_flat(input, index, "put")
    array = argument(source, "put", "source")
    if array.dtype != input.array.dtype:
        raise RuntimeError(
            f"put(): self and source expected to have the same dtype, but got {input.dtype} and {source.dtype}: convert one with "
            ".to()"
        )
    if array.size != index.array.size:
        raise IndexError(
            "put(): Expected source and index to have the same number of elements, but got "
            f"source.numel() = {array.size}, index.numel() = {index.array.size}"
        )
    return Put.apply(input, source, index=index, accumulate=accumulate)


def masked_select(input: Variable, mask: Variable) -> Variable:
    """The elements of ``input`` where ``mask`` holds, one after the other; the two broadcast.

    Raises:
        RuntimeError: ``mask`` is not of bools, or the shapes do not broadcast.

    >>> import microtorch
    >>> x = microtorch.tensor([1.0, -2.0, 3.0])
    >>> microtorch.masked_select(x, x > 0).tolist()
    [1.0, 3.0]
    """
    check_mask(mask, "masked_select")
    _broadcast(input, mask, "masked_select")
    return MaskedSelect.apply(input, mask=mask)


def masked_scatter(input: Variable, mask: Variable, source: Variable) -> Variable:
    """``input`` with the elements of ``source``, one after the other, where ``mask`` holds.

    Args:
        input: of any shape.
        mask: bools, of a shape that broadcasts with it.
        source: at least as many elements as ``mask`` has places, of the dtype of ``input``.

    Raises:
        RuntimeError: ``mask`` is not of bools, ``source`` is too short or of another dtype, or the shapes do not broadcast.
    """
    check_mask(mask, "masked_scatter")
    array, shape = argument(source, "masked_scatter", "source"), _broadcast(input, mask, "masked_scatter")
    if array.dtype != input.array.dtype:
        raise RuntimeError(
            f"masked_scatter: expected self and source to have same dtypes but got {input.dtype} and {source.dtype}: convert one "
            "with .to()"
        )
    places = np.count_nonzero(np.broadcast_to(mask.array, shape))
    if array.size < places:
        raise RuntimeError(
            f"masked_scatter: Number of elements of source < number of ones in mask: {array.size} elements for {places} places"
        )
    return MaskedScatter.apply(input, source, mask=mask, count=places)


def nonzero(input: Variable, *, as_tuple: bool = False) -> Variable | tuple[Variable, ...]:
    """Where the elements stand that are not 0: a row of indices for each; or ``as_tuple``, their indices along each dimension.

    >>> import microtorch
    >>> x = microtorch.tensor([[0.0, 5.0], [7.0, 0.0]])
    >>> microtorch.nonzero(x).tolist()
    [[0, 1], [1, 0]]
    >>> x[microtorch.nonzero(x, as_tuple=True)].tolist()
    [5.0, 7.0]
    """
    if as_tuple:
        return tuple(map(unrecorded, np.nonzero(np.atleast_1d(array_of(input)))))
    return argwhere(input)


def argwhere(input: Variable) -> Variable:
    """Where the elements stand that are not 0: a row of indices for each."""
    return unrecorded(np.argwhere(array_of(input)))


def _check_flat(input: Variable, index: Variable, operation: str) -> None:
    size = array_of(input).size
    if not size and argument(index, operation, "index").size:
        raise IndexError(f"{operation}(): tried to {operation} from an empty tensor: {input._described()} has no elements")
    check_index(index, operation, 0, size, from_end=True)


def _broadcast(input: Variable, mask: Variable, operation: str) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(array_of(input).shape, mask.array.shape)
    except ValueError:
        raise shapes_do_not_broadcast(operation, input.array.shape, mask.array.shape) from None
