"""What to think of a finite difference beside a gradient: rounding, curvature, a kink, a jump, or a wrong rule?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from ..words.text import number

__all__ = ["Precision", "Slopes", "judged"]

WITHIN = 1e-3  # of the larger of the two numbers: nearer than that, they agree


class Precision(NamedTuple):
    """How finely numbers are kept: the name of the dtype, and the distance from 1 to the next one."""

    name: str
    eps: float


@dataclass(frozen=True)
class Slopes:
    """The results at x, to the left and to the right of it."""

    x: float
    own: float
    left: float
    below: float
    right: float
    above: float

    @property
    def width(self) -> float:
        """From left to right, as far as the nudge was not rounded away."""
        return self.right - self.left

    @property
    def slope(self) -> float:
        """Over both sides."""
        return quotient_of(self.above - self.below, self.width)

    @property
    def sides(self) -> tuple[float, float]:
        """The slopes to the left and to the right."""
        return quotient_of(self.own - self.below, self.x - self.left), quotient_of(self.above - self.own, self.right - self.x)

    @property
    def bend(self) -> float:
        """By how much the slopes of the two sides differ."""
        left, right = self.sides
        return abs(right - left)


def quotient_of(rise: float, run: float) -> float:
    """Rise over run."""
    return rise / run if run else math.nan


def judged(there: Slopes, nearer: Slopes, gradient: float | None, precision: Precision) -> tuple[str, str]:
    """A verdict on a difference and a gradient, and a remark that says why; ``nearer`` is the same with half of h."""
    if not there.width:
        return "h is too small", f"x + h is x: {precision.name} has no number between"
    nearer = nearer if nearer.width else there
    if not all(map(math.isfinite, (there.slope, nearer.slope, there.own, gradient or 0.0))):
        return "not finite", "beside x the result, or its gradient, is not finite"
    error = abs(there.slope - (gradient or 0.0))
    scale = max(abs(there.slope), abs(gradient or 0.0))
    lost = 2 * precision.eps * max(abs(there.above), abs(there.below), abs(there.own)) / there.width
    left, right = there.sides
    if there.bend > max(20 * lost, 20 * WITHIN * scale) and nearer.bend > 0.75 * there.bend and error <= 1.01 * there.bend:
        if nearer.bend > 1.5 * there.bend:  # over half of the way the same rise
            side = "left" if abs(left) > abs(right) else "right"
            return "jump", f"just to the {side} the result jumps: the two runs took different ways; backward() knows only its own"
        sides = f"to the left the slope is {number(left)}, to the right {number(right)}"
        return "kink", f"{sides}; backward() knows only the one at x"
    if gradient is None and abs(there.slope) > lost:
        return "no way back", "the result depends on it, but no path of the graph leads there (detach(), .data, no_grad()?)"
    if error <= WITHIN * scale or error <= 1e-12:
        return "agrees", ""
    if error <= 4 * lost:
        return "h is too small", f"the results are rounded ({precision.name}), which alone makes ± {lost:.1g} of the slope"
    if abs(there.slope - nearer.slope) > error / 3:
        return "h is too large", f"the curve bends on the way: half of h gives {number(nearer.slope)}"
    causes = "is the rule of a Function wrong, or was what it saved changed through .data?"
    return "differs", f"{causes} Or does the function keep something from call to call?"
