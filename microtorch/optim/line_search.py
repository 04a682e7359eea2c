"""How far to go in a direction: far enough that the loss falls, and its slope flattens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays.dtypes import Array

__all__ = ["Point", "strong_wolfe"]

Number = Any  # a float, or a number of NumPy's in the parameters' dtype


@dataclass
class Point:
    """A place on the line: how far along it is, the loss there, its gradient, and the slope in the line's direction."""

    at: Number
    loss: float
    gradient: Array
    slope: Number

    def is_too_high(self, start: Point) -> bool:
        """Whether the loss has not fallen by what the slope at the start promises, or a ten thousandth of it."""
        return bool(self.loss > start.loss + 1e-4 * self.at * start.slope)

    def is_flat(self, start: Point) -> bool:
        """Whether no more than nine tenths of the slope at the start are left."""
        return bool(abs(self.slope) <= -0.9 * start.slope)


def strong_wolfe(
    look: Callable[[Number], Point], start: Point, first: Number, largest: Number, max_looks: int
) -> tuple[Point, int]:
    """A point that satisfies the strong Wolfe conditions, neither too high nor too steep, by cubic interpolation.

    Nocedal and Wright, "Numerical Optimization", 2006, algorithms 3.5 and 3.6, with the safeguards of torch's.

    Args:
        look: what is at a distance.
        start: the point at distance 0.
        first: the distance to try first.
        largest: the largest absolute value of the direction, which tells how much a distance changes the parameters.
        max_looks: how often to look at most, after the first time.

    Returns:
        The point, and how often it was looked; at the best of the last two, where ``max_looks`` was reached.
    """
    bracket, looks = _bracket(look, start, first, max_looks)
    if len(bracket) == 1:
        return bracket[0], looks + 1
    low, high = _by_loss(bracket)
    stuck = False
    while looks < max_looks and abs(bracket[1].at - bracket[0].at) * largest >= 1e-9:
        at, stuck = _inside(bracket, stuck)
        new, looks = look(at), looks + 1
        if new.is_too_high(start) or new.loss >= bracket[low].loss:
            bracket[high] = new
            low, high = _by_loss(bracket)
            continue
        if new.is_flat(start):
            return new, looks + 1
        if new.slope * (bracket[high].at - bracket[low].at) >= 0:
            bracket[high] = bracket[low]
        bracket[low] = new
    return bracket[low], looks + 1


def _bracket(look: Callable[[Number], Point], start: Point, first: Number, max_looks: int) -> tuple[list[Point], int]:
    """Go out until what is looked for must lie between the last two points; or, if it was met on the way, that alone."""
    last, new = start, look(first)
    for looks in range(max_looks):
        has_risen = new.is_too_high(start) or (looks > 1 and new.loss >= last.loss)
        if new.is_flat(start) and not has_risen:
            return [new], looks
        if has_risen or new.slope >= 0:
            return [last, new], looks
        at = _cubic_minimum(last, new, new.at + 0.01 * (new.at - last.at), new.at * 10)
        last, new = new, look(at)
    return [start, new], max_looks


def _by_loss(bracket: list[Point]) -> tuple[int, int]:
    """Which of the two is lower, and which is not."""
    return (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)


def _inside(bracket: list[Point], stuck: bool) -> tuple[Number, bool]:
    """Where to look between two points; near one of them only once, or the bracket might never become narrow."""
    left, right = min(each.at for each in bracket), max(each.at for each in bracket)
    at, margin = _cubic_minimum(bracket[0], bracket[1], left, right), 0.1 * (right - left)
    near = min(right - at, at - left) < margin
    if near and (stuck or at >= right or at <= left):
        return (right - margin if abs(at - right) < abs(at - left) else left + margin), False
    return at, near


def _cubic_minimum(one: Point, other: Point, smallest: Number, largest: Number) -> Number:
    """Where the cubic through two points, with their slopes, is lowest, within bounds: Nocedal and Wright, equation 3.59."""
    d1 = one.slope + other.slope - 3 * (one.loss - other.loss) / (one.at - other.at)
    square = d1**2 - one.slope * other.slope
    if not square >= 0:
        return (smallest + largest) / 2
    left, right = (one, other) if one.at <= other.at else (other, one)
    d2 = np.sqrt(square)
    share = (right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2)
    return min(max(right.at - (right.at - left.at) * share, smallest), largest)
