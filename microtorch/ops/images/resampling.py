"""Images in other sizes: ``interpolate``, and ``pixel_shuffle`` and its inverse."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ...arrays.dtypes import Array
from ...core.primitive import Primitive, rule
from ...core.telling import shown
from ...core.variable import Variable, array_of
from .adaptive_pooling import adaptive_avg_pool1d, adaptive_avg_pool2d
from .image_windows import lengths_of

__all__ = ["interpolate", "pixel_shuffle", "pixel_unshuffle"]

# ── Pixels for channels ──────────────────────────────────────────────────────────────────────────────────────────────


class PixelShuffle(Primitive):
    constants = shown("upscale_factor")
    upscale_factor = property(lambda self: self.factor)

    def forward(self, input, *, factor):
        self.factor = factor
        *lead, channels, height, width = input.shape
        parts = input.reshape(-1, channels // factor**2, factor, factor, height, width)
        return parts.transpose(0, 1, 4, 2, 5, 3).reshape(*lead, channels // factor**2, height * factor, width * factor)

    @rule(words="grad, its pixels back in the channels")
    def grad_input(self, grad):
        return PixelUnshuffle.on(grad, factor=self.factor)


class PixelUnshuffle(Primitive):
    constants = shown("downscale_factor")
    downscale_factor = property(lambda self: self.factor)

    def forward(self, input, *, factor):
        self.factor = factor
        *lead, channels, height, width = input.shape
        parts = input.reshape(-1, channels, height // factor, factor, width // factor, factor)
        return parts.transpose(0, 1, 3, 5, 2, 4).reshape(*lead, channels * factor**2, height // factor, width // factor)

    @rule(words="grad, its channels back among the pixels")
    def grad_input(self, grad):
        return PixelShuffle.on(grad, factor=self.factor)


def pixel_shuffle(input: Variable, upscale_factor: int) -> Variable:
    """Channels made into pixels: (…, C · f², H, W) to (…, C, H · f, W · f), for a factor f.

    Raises:
        RuntimeError: there are fewer than 3 dimensions, or the number of channels is not divisible by f².

    >>> import microtorch
    >>> microtorch.nn.functional.pixel_shuffle(microtorch.tensor([[[1.0]], [[2.0]], [[3.0]], [[4.0]]]), 2).tolist()
    [[[1.0, 2.0], [3.0, 4.0]]]
    """
    channels = _channels("pixel_shuffle", "upscale_factor", input, upscale_factor)
    if channels % upscale_factor**2:
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but "
            f"input.size(-3)={channels} is not divisible by {upscale_factor**2}"
        )
    return PixelShuffle.apply(input, factor=upscale_factor)


def pixel_unshuffle(input: Variable, downscale_factor: int) -> Variable:
    """The inverse of `pixel_shuffle`: (…, C, H · f, W · f) to (…, C · f², H, W), for a factor f.

    Raises:
        RuntimeError: there are fewer than 3 dimensions, or height or width is not divisible by f.
    """
    _channels("pixel_unshuffle", "downscale_factor", input, downscale_factor)
    for axis, name in ((-2, "height"), (-1, "width")):
        if input.array.shape[axis] % downscale_factor:
            raise RuntimeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but input.size({axis})="
                f"{input.array.shape[axis]} is not divisible by {downscale_factor}"
            )
    return PixelUnshuffle.apply(input, factor=downscale_factor)


def _channels(name: str, argument: str, input: Variable, factor: int) -> int:
    if array_of(input).ndim < 3:
        raise RuntimeError(
            f"{name} expects input to have at least 3 dimensions, but got input with {input.array.ndim} dimension(s)"
        )
    (factor,) = lengths_of(name, argument, factor, 1)
    if factor < 1:
        raise RuntimeError(f"{name} expects a positive {argument}, but got {factor}")
    return input.array.shape[-3]


# ── Other sizes ──────────────────────────────────────────────────────────────────────────────────────────────────────


Runs = list[tuple[Any, Any]]  # pairs of keys: what stands at the second is to be added at the first


class Reading(NamedTuple):
    """Where each element of the output reads along a dimension, and how much that counts; there are one or two in its sum."""

    at: Array  # never falling
    weight: Array | None
    runs: Runs


class Upsample(Primitive):
    """One dimension after the other, each element of the output is one of the input, or a weighted sum of two."""

    constants = shown("output_size", align_corners=False)
    output_size = property(lambda self: self.output(0)[0][2:])

    def name(self):
        """As torch: UpsampleBilinear2DBackward0."""
        return f"Upsample{self.kind}Backward0"

    def forward(self, input, *, kind, sources, align_corners=False):
        self.kind, self.sources, self.image, self.align_corners = kind, sources, input.shape[2:], align_corners
        for axis, source in _in_turn(sources):
            input = sum(_weighted(input.take(each.at, axis), each.weight, axis) for each in source)
        return input

    @rule(words="for each element, the sum of grad, by its weight, over all that was made of it")
    def grad_input(self, grad):
        return Downsample.on(grad, kind=self.kind, sources=self.sources, image=self.image)


class Downsample(Primitive):
    """The transpose of `Upsample`."""

    def forward(self, input, *, kind, sources, image):
        self.kind, self.sources = kind, sources
        for axis, (source, length) in enumerate(zip(sources, image, strict=True), 2):
            input = sum(_added_up(_weighted(input, each.weight, axis), each.runs, axis, length) for each in source)
        return input

    @rule(words="grad, upsampled in the same way")
    def grad_input(self, grad):
        return Upsample.on(grad, kind=self.kind, sources=self.sources)


def _weighted(values: Array, weight: Any, axis: int) -> Array:
    return values if weight is None else values * weight.reshape(-1, *(1 for _ in range(values.ndim - axis - 1)))


def _in_turn(sources: list[list[Reading]]) -> list[tuple[int, list[Reading]]]:
    """The dimensions of the image: where nothing is rounded, the last first, since its elements are picked one by one."""
    return [*enumerate(sources, 2)][:: -1 if sources[0][0].weight is None else 1]


def _added_up(values: Array, runs: Runs, axis: int, length: int) -> Array:
    """Zeros, with each of ``values`` added at its place."""
    total, before = np.zeros((*values.shape[:axis], length, *values.shape[axis + 1 :]), values.dtype), (slice(None),) * axis
    for to, of in runs:
        total[(*before, to)] += values[(*before, of)]
    return total


def _reading(at: Array, weight: Array | None = None) -> Reading:
    """A reading, with its transpose: the first of all that read at one place, then the second, … name no place twice."""
    rank = np.arange(len(at)) - np.searchsorted(at, at)
    runs: Runs = []
    for number in range(rank.max(initial=-1) + 1):
        of = np.flatnonzero(rank == number)
        to = at[of]
        bends = np.flatnonzero((np.diff(of, 2) != 0) | (np.diff(to, 2) != 0)) + 2
        if len(bends) <= 4:  # few slices are faster than indices
            runs += zip(map(_slice, np.split(to, bends)), map(_slice, np.split(of, bends)), strict=True)
        else:
            runs.append((to, of))
    return Reading(at, weight, runs)


def _slice(progression: Array) -> slice:
    first, last = int(progression[0]), int(progression[-1])
    return slice(first, last + 1, max((last - first) // max(len(progression) - 1, 1), 1))


_MODES = {
    "nearest": ("Nearest1D", "Nearest2D", "Nearest3D"), "nearest-exact": ("NearestExact1D", "NearestExact2D", "NearestExact3D"),
    "linear": ("Linear1D",), "bilinear": (None, "Bilinear2D"), "trilinear": (None, None, "Trilinear3D"),
}  # fmt: skip


def interpolate(
    input: Variable,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Variable:
    """An image in another size.

    Args:
        input: of shape (samples, channels, …), with one to three dimensions more.
        size: of the output: an int, or one for each dimension.
        scale_factor: how many times as large the output is, if ``size`` is not given.
        mode: "nearest", "nearest-exact" (nearest to the middle of each pixel), "area" (means, of at most two dimensions), or,
            for one, two or three dimensions, "linear", "bilinear", "trilinear".
        align_corners: whether the middles of the first and the last pixels, not their outer edges, fall together.
        recompute_scale_factor: whether the scale is that of the sizes, where ``scale_factor`` gives one with a fraction.

    Raises:
        ValueError: ``size`` and ``scale_factor`` are both given, or none is, or of another number of dimensions; or
            ``align_corners`` is, where a mode has no corners.
        NotImplementedError: ``mode`` is unknown, or not for so many dimensions, or the dtype is of integers.
        RuntimeError: a length of the output or of ``input`` is 0.

    >>> import microtorch
    >>> signal = microtorch.tensor([[[1.0, 3.0]]])
    >>> microtorch.nn.functional.interpolate(signal, scale_factor=2).tolist()
    [[[1.0, 1.0, 3.0, 3.0]]]
    >>> microtorch.nn.functional.interpolate(signal, size=3, mode="linear", align_corners=True).tolist()
    [[[1.0, 2.0, 3.0]]]
    """
    shape, dims = array_of(input).shape, array_of(input).ndim - 2
    corners = mode in ("linear", "bilinear", "trilinear")
    if not corners and align_corners is not None:
        raise ValueError("align_corners option can only be set with the interpolating modes: linear | bilinear | trilinear")
    if not 1 <= dims <= 3 or (mode not in _MODES and mode != "area"):
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {dims + 2}D) for the modes: {' | '.join(_MODES)} | "
            f"area (got {mode})"
        )
    sizes, scales = _sizes(shape[2:], size, scale_factor)
    if mode == "area" and dims < 3:
        return (adaptive_avg_pool1d if dims == 1 else adaptive_avg_pool2d)(input, sizes)
    kind = (_MODES.get(mode, ()) + (None,) * 3)[dims - 1]
    if kind is None or input.array.dtype.kind != "f":
        raise NotImplementedError(
            f"Got {dims + 2}D input of {input.dtype}: {mode} mode is for floats, and bilinear mode needs 4D input, linear "
            "mode 3D input, trilinear mode 5D input, area mode 3D or 4D input"
        )
    if min(*sizes, *shape[1:]) < 1:
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input {list(shape)} and output {sizes}: "
            "Non-empty data expected"
        )
    if recompute_scale_factor:
        scales = [None] * dims
    dtype = input.array.dtype
    sources = [
        _linear(n, m, scale, bool(align_corners), dtype) if corners else _nearest(n, m, scale, 0.5 if "exact" in mode else 0.0)
        for n, m, scale in zip(shape[2:], sizes, scales, strict=True)
    ]
    return Upsample.apply(input, kind=kind, sources=sources, align_corners=bool(align_corners))


def _sizes(image: Any, size: Any, scale_factor: Any) -> tuple[list[int], list[float | None]]:
    """The lengths of the output, and by which factor, if one was given."""
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined, and both are given")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined, and none is given")
    given, name = (scale_factor, "scale_factor") if size is None else (size, "output size")
    each = [*given] if isinstance(given, tuple | list) else [given] * len(image)
    if len(each) != len(image):
        raise ValueError(
            f"Input and {name} must have the same number of spatial dimensions, but got input with spatial dimensions of "
            f"{list(image)} and {name} of {given}"
        )
    if size is not None:
        return [*lengths_of("interpolate", "size", each, len(image))], [None] * len(image)
    return [math.floor(n * float(scale)) for n, scale in zip(image, each, strict=True)], [float(scale) for scale in each]


@lru_cache(maxsize=64)
def _nearest(length: int, size: int, scale: float | None, middle: float) -> list[Reading]:
    step = np.float32(length / size if scale is None else 1 / scale)  # torch's precision: it decides where a place is at a border
    at = np.floor((np.arange(size, dtype=np.float32) + np.float32(middle)) * step).astype(np.intp)
    return [_reading(np.minimum(at, length - 1))]


@lru_cache(maxsize=64)
def _linear(length: int, size: int, scale: float | None, align_corners: bool, dtype: Any) -> list[Reading]:
    places = np.arange(size, dtype=np.float64)
    if length == size:
        pass  # a copy, in torch, whatever the scale
    elif align_corners:
        places *= (length - 1) / (size - 1) if size > 1 else 0.0
    else:
        places = np.maximum((places + 0.5) * (length / size if scale is None else 1 / scale) - 0.5, 0.0)
    low = np.minimum(places.astype(np.intp), length - 1)
    share = np.clip(places - low, 0.0, 1.0).astype(dtype)
    return [_reading(low, 1 - share), _reading(np.minimum(low + 1, length - 1), share)]
