"""Dropout: elements, or whole channels, set to 0 at random, and the others scaled so that the mean stays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core.variable import Variable, array_of, unrecorded
from ...random import numbers_of
from ..shaping.reshaping import squeeze, unsqueeze

__all__ = ["alpha_dropout", "dropout", "dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout"]

_ALPHA = 1.7580993408473766  # to which alpha dropout sets, with the sign turned: where SELU ends, far to the left


def dropout(input: Variable, p: float = 0.5, training: bool = True, inplace: bool = False) -> Variable:
    """Each element set to 0 with the probability ``p``, the others divided by ``1 - p``; without ``training``, ``input`` itself.

    Args:
        input: of any shape.
        p: the probability.
        training: whether to do anything.
        inplace: write into the memory of ``input``.

    Raises:
        ValueError: ``p`` is not between 0 and 1.

    >>> import microtorch
    >>> x = microtorch.ones(3)
    >>> microtorch.nn.functional.dropout(x, training=False) is x
    True
    """
    return _dropped(input, array_of(input).shape, p, training, inplace)


def dropout1d(input: Variable, p: float = 0.5, training: bool = True, inplace: bool = False) -> Variable:
    """As `dropout`, for whole channels: of shape (N, C, L) or (C, L), that is, for each vector along the last dimension.

    Raises:
        ValueError: ``p`` is not between 0 and 1.
        RuntimeError: there are not 2 or 3 dimensions.
    """
    ndim = array_of(input).ndim
    if ndim not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, (N, C, L) or (C, L), but received a {ndim}D input: {input._described()}"
        )
    if ndim == 3:
        return _channels_dropped(input, p, training, inplace)
    out = squeeze(_channels_dropped(unsqueeze(input, 0), p, training, inplace), 0)
    return input if inplace else out


def dropout2d(input: Variable, p: float = 0.5, training: bool = True, inplace: bool = False) -> Variable:
    """As `dropout`, for whole channels of shape (N, C, H, W).

    Raises:
        ValueError: ``p`` is not between 0 and 1.
        RuntimeError: there are fewer than 2 dimensions.
    """
    return _channels_dropped(input, p, training, inplace)


def dropout3d(input: Variable, p: float = 0.5, training: bool = True, inplace: bool = False) -> Variable:
    """As `dropout`, for whole channels of shape (N, C, D, H, W). Errors are those of `dropout2d`."""
    return _channels_dropped(input, p, training, inplace)


def alpha_dropout(input: Variable, p: float = 0.5, training: bool = False, inplace: bool = False) -> Variable:
    """As `dropout`, for what SELU gives: elements are set to where SELU ends, and mean and variance stay.

    Raises:
        ValueError: ``p`` is not between 0 and 1.
    """
    return _dropped(input, array_of(input).shape, p, training, inplace, alpha=True)


def feature_alpha_dropout(input: Variable, p: float = 0.5, training: bool = False, inplace: bool = False) -> Variable:
    """As `alpha_dropout`, for whole channels. Errors are those of `dropout2d`."""
    return _channels_dropped(input, p, training, inplace, alpha=True)


def _channels_dropped(input: Variable, p: float, training: bool, inplace: bool, alpha: bool = False) -> Variable:
    shape = array_of(input).shape
    if len(shape) < 2:
        raise RuntimeError(f"Feature dropout requires at least 2 dimensions in the input: {input._described()}")
    return _dropped(input, (*shape[:2], *(1,) * (len(shape) - 2)), p, training, inplace, alpha)


def _dropped(input: Variable, shape: tuple[int, ...], p: float, training: bool, inplace: bool, alpha: bool = False) -> Variable:
    """The input times noise of a shape that broadcasts with it."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0 or not input.array.size:
        return input
    if input.array.dtype.kind != "f":
        raise RuntimeError(f"dropout: result type Float can't be cast to the desired output type {input.dtype}: use x.float()")
    multiply: Any = input.mul_ if inplace else input.mul
    if p == 1:
        return multiply(_constant(np.zeros(()), input))
    kept = numbers_of(None).random(shape) >= p
    if not alpha:
        return multiply(_constant(kept / (1 - p), input))
    scale = 1 / math.sqrt((_ALPHA**2 * p + 1) * (1 - p))
    shift = _constant(_ALPHA * scale * (kept + (p - 1)), input)
    out = multiply(_constant(kept * scale, input))
    return out.add_(shift) if inplace else out + shift


def _constant(values: Any, like: Variable) -> Variable:
    return unrecorded(np.asarray(values, like.array.dtype))
