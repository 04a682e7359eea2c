"""More at the edges, or less: a constant, the mirror image, the last value, or what stands at the other end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...arrays.dtypes import Array
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of, wrap
from ..selection.indexing import slice_along

__all__ = ["pad"]

Pairs = tuple[tuple[int, int], ...]  # for each dimension, how many elements more before it, and behind it


class ConstantPadNd(Primitive):
    """Its own inverse: what was added is cut off again, and what was cut off is 0."""

    constants = shown("pad", value=0)
    pad = property(lambda self: tuple([-n for pair in self.back[::-1] for n in pair]))

    def forward(self, input, *, pairs, value):
        self.value, self.back = value, tuple([(-before, -behind) for before, behind in pairs])
        whole, lengths = zip(pairs, input.shape, strict=True), input.shape
        out = np.full([before + length + behind for (before, behind), length in whole], value, input.dtype)
        kept = [slice(max(-before, 0), n - max(-behind, 0)) for (before, behind), n in zip(pairs, lengths, strict=True)]
        place = [slice(max(before, 0), n - max(behind, 0)) for (before, behind), n in zip(pairs, out.shape, strict=True)]
        out[tuple(place)] = input[tuple(kept)]
        return out

    @rule("nn.functional.pad(grad, [n for pair in back[::-1] for n in pair])")
    def grad_input(self, grad):
        return ConstantPadNd.on(grad, pairs=self.back, value=0.0)


class _EdgePad(Primitive):
    """What stands at each place of a padded dimension is what stands somewhere in the input: at ``source``."""

    __slots__ = ("lengths", "padded")

    def forward(self, input, *, padded):
        """``padded`` says of each dimension: its number, how many elements come before it, and the ``source`` of each place."""
        self.padded, self.lengths = padded, input.shape
        for axis, _, source in padded:
            input = input.take(source, axis)
        return input

    @rule(words="for each element, the sum of grad over all places where it stands", flat=True)
    def grad_input(self, grad):
        return Folded.on(grad, padded=self.padded, lengths=self.lengths)


class Folded(Primitive):
    """The inverse of padding with what is at the edges: each padded element is added to the one that it is a copy of."""

    __slots__ = ("padded",)

    def forward(self, input, *, padded, lengths):
        self.padded = padded
        for axis, before, source in reversed(padded):
            input = folded(input.swapaxes(0, axis), before, source, lengths[axis]).swapaxes(0, axis)
        return input

    @rule(words="grad, padded")
    def grad_input(self, grad):
        return ReflectionPad1D.on(grad, padded=self.padded)


class ReflectionPad1D(_EdgePad):
    pass


class ReflectionPad2D(_EdgePad):
    pass


class ReflectionPad3D(_EdgePad):
    pass


class ReplicationPad1D(_EdgePad):
    pass


class ReplicationPad2D(_EdgePad):
    pass


class ReplicationPad3D(_EdgePad):
    pass


def folded(rows: Array, before: int, source: Array, length: int) -> Array:
    """``rows``, added at ``source``: those that stand where they stood in one piece, the copies at the edges one by one."""
    own = slice(max(before, 0), min(before + length, len(rows)))
    out = np.zeros((length, *rows.shape[1:]), rows.dtype)
    out[own.start - before : own.stop - before] = rows[own]
    for at in (*range(own.start), *range(own.stop, len(rows))):
        out[source[at]] += rows[at]
    return out


def _mirrored(places: Array, length: int) -> Array:
    return (length - 1) - np.abs((length - 1) - np.abs(places))


def _nearest(places: Array, length: int) -> Array:
    return np.clip(places, 0, length - 1)


_AT_EDGES: dict[str, tuple[Any, tuple[type[Primitive], ...]]] = {
    "reflect": (_mirrored, (ReflectionPad1D, ReflectionPad2D, ReflectionPad3D)),
    "replicate": (_nearest, (ReplicationPad1D, ReplicationPad2D, ReplicationPad3D)),
}


def pad(input: Variable, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Variable:
    """``input`` with more elements at its edges: a copy.

    Args:
        input: of any shape for "constant"; for the other modes with one dimension or two more than are padded.
        pad: how many before and behind the last dimension, then before and behind the last but one …; a negative number takes
            elements away.
        mode: "constant"; "reflect" for the mirror image, without the edge itself; "replicate" for the element at the edge;
            "circular" for what stands at the other end.
        value: the constant; None for 0.

    Raises:
        TypeError: ``input`` is no Variable, or ``pad`` no integers.
        RuntimeError: ``pad`` has an odd length or names too many dimensions, or is larger than what there is to copy; or
            ``value`` is given, and not used.
        NotImplementedError: there is no such mode, or not for as many dimensions.

    >>> import microtorch
    >>> x = microtorch.tensor([[1.0, 2.0, 3.0]])
    >>> microtorch.nn.functional.pad(x, (1, 0)).tolist()
    [[0.0, 1.0, 2.0, 3.0]]
    >>> microtorch.nn.functional.pad(x, (2, 1), mode="reflect").tolist()
    [[3.0, 2.0, 1.0, 2.0, 3.0, 2.0]]
    """
    x, given = array_of(input), tuple(pad)
    if not all(isinstance(each, int) for each in given):
        raise TypeError(f"pad(): argument 'pad' must be tuple of ints, not {pad!r}")
    if len(given) % 2:
        raise RuntimeError(f"pad: Padding length must be divisible by 2, a number before and one behind each dimension: {given}")
    if len(given) > 2 * x.ndim:
        raise RuntimeError(
            f"pad: Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(given)} and input of dimension {x.ndim}"
        )
    pairs = (*((0, 0),) * (x.ndim - len(given) // 2), *zip(given[-2::-2], given[-1::-2], strict=True))
    shape = tuple(before + length + behind for (before, behind), length in zip(pairs, x.shape, strict=True))
    for (before, behind), length in zip(pairs, x.shape, strict=True):
        if length + min(before, 0) + min(behind, 0) < 0:
            raise RuntimeError(
                f"pad: {given} takes more away than there is, and a length must be non-negative: {input._described()}"
            )
    if mode == "constant":
        return ConstantPadNd.apply(input, pairs=pairs, value=0 if value is None else value)
    if value is not None:
        raise RuntimeError(f'pad: Padding mode "{mode}" doesn\'t take in value argument')
    if mode not in (*_AT_EDGES, "circular"):
        raise NotImplementedError(f"pad: Unrecognised padding mode {mode}; there are constant, reflect, replicate and circular")
    count = len(given) // 2
    if not 1 <= count <= 3 or x.ndim not in (count + 1, count + 2):
        raise NotImplementedError(
            f"pad: Padding size {len(given)} is not supported for {x.ndim}D input tensor in mode {mode}: with one number or two "
            "for the batch and its channels before them, 1, 2 or 3 dimensions are padded"
        )
    return _circular(input, pairs, shape, count) if mode == "circular" else _at_edges(input, pairs, mode, count)


def _at_edges(input: Variable, pairs: Pairs, mode: str, count: int) -> Variable:
    source, operations = _AT_EDGES[mode]
    if 0 in input.array.shape[-count - 1 :]:
        raise RuntimeError(f"pad: Expected an input whose dimensions are not 0, a batch's apart, but got {list(input.shape)}")
    padded = []
    for axis in range(input.array.ndim - count, input.array.ndim):
        (before, behind), length = pairs[axis], input.array.shape[axis]
        if mode == "reflect" and max(before, behind) >= max(length, 1):
            raise RuntimeError(
                f"pad: Padding size should be less than the corresponding input dimension, but got: padding {pairs[axis]} at "
                f"dimension {axis} of input {list(input.shape)}"
            )
        if before + length + behind < 1:
            raise RuntimeError(f"pad: input is too small: {input._described()}, padded by {pairs[axis]} at dimension {axis}")
        padded.append((axis, before, source(np.arange(-before, length + behind), length)))
    return operations[count - 1].apply(input, padded=padded)


def _circular(input: Variable, pairs: Pairs, shape: tuple[int, ...], count: int) -> Variable:
    """As torch does it: the input is copied into what is empty, and then edges of that to the other end."""
    out = wrap(np.empty(shape, input.array.dtype))
    inside, kept = out, input
    axes = range(input.array.ndim - 1, input.array.ndim - 1 - count, -1)
    for axis in axes:
        (before, behind), length = pairs[axis], input.array.shape[axis]
        left = length + min(before, 0) + min(behind, 0)
        if max(before, behind) > left:
            raise RuntimeError(f"pad: Padding value causes wrapping around more than once: {pairs[axis]}, where {left} are left")
        inside = slice_along(inside, axis, slice(max(before, 0), shape[axis] - max(behind, 0)))
        kept = slice_along(kept, axis, slice(max(-before, 0), length - max(-behind, 0)))
    inside.copy_(kept)
    for axis in axes:
        before, behind, end = *(max(each, 0) for each in pairs[axis]), shape[axis]
        if before:
            slice_along(out, axis, slice(0, before)).copy_(slice_along(out, axis, slice(end - before - behind, end - behind)))
        if behind:
            slice_along(out, axis, slice(end - behind, end)).copy_(slice_along(out, axis, slice(before, before + behind)))
    return out
