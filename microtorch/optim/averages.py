"""Running averages, in place: of gradients, and of their squares."""

from __future__ import annotations

import numpy as np

from ..arrays.dtypes import Array

__all__ = ["average", "average_square"]


def average(running: Array, value: Array, weight: float) -> None:
    """``running += weight * (value - running)``, written so that a weight of 1 gives the value itself, as torch's ``lerp_``."""
    if weight < 0.5:
        running += weight * (value - running)
    else:
        np.subtract(value, (1 - weight) * (value - running), out=running)


def average_square(running: Array, value: Array, keep: float) -> None:
    """``running = keep * running + (1 - keep) * value²``."""
    running *= keep
    running += (1 - keep) * value * value
