"""Bézier curves: the two arrows of an edge beside its middle line, and their heads."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .colours import GREY, VERMILLION, WIRE

__all__ = ["Arrow", "Point", "Wire"]

Point = tuple[float, float]
LANE = 3.2  # half the distance of the two arrows of an edge
HEAD = 7.0  # length of an arrow's head


@dataclass(frozen=True)
class Arrow:
    """A Bézier curve (3k + 1 points) with a head at its end."""

    points: tuple[Point, ...]
    kind: str  # "forward", "backward", or "feed"
    norm: float | None = None  # of the gradient that has come along it, where that is known

    @property
    def color(self) -> str:
        """Dark for values, vermillion for gradients, grey for what has none."""
        return {"forward": WIRE, "backward": VERMILLION, "feed": GREY}[self.kind]

    @property
    def line(self) -> float:
        """Thin for values, thick for gradients; the thicker, the larger the gradient: from 1e-4 to 1e4, more cannot be told."""
        if self.norm is None or not math.isfinite(self.norm):
            return {"forward": 1.2, "backward": 2.4, "feed": 1.0}[self.kind]
        return round(2.4 + 0.4 * min(max(math.log10(self.norm or 1e-9), -4), 4), 1)

    @property
    def dash(self) -> str:
        """Dashed for gradients."""
        return "5 3" if self.kind == "backward" else ""

    @property
    def tip(self) -> Point:
        """Where the head ends."""
        (x, y), (u, v) = self.points[-1], heading(self.points)
        return x + HEAD * u, y + HEAD * v


@dataclass(frozen=True)
class Wire:
    """What joins two boxes, as the middle line of its arrows, and where a value is written on it."""

    kind: str  # "edge", "link", "feed"
    id: int
    points: tuple[Point, ...]
    edges: tuple[int, ...] = ()
    label: Point = (0.0, 0.0)
    norm: float | None = None  # of the gradients that have come along it

    def arrows(self) -> tuple[Arrow, ...]:
        """The way of the values, and that of the gradients where there are any."""
        if self.kind == "feed":
            return (Arrow(shortened(self.points), "feed"),)
        forth, back = beside(self.points, LANE), beside(self.points[::-1], LANE)
        return Arrow(shortened(forth), "forward"), Arrow(shortened(back), "backward", self.norm)

    def at(self, share: float) -> Point:
        """A point of the middle line, at a share of its pieces."""
        pieces = (len(self.points) - 1) // 3
        i = min(int(share * pieces), pieces - 1)
        t = share * pieces - i
        a, b, c, d = self.points[3 * i : 3 * i + 4]
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        x, y = (sum(w * p[axis] for w, p in zip(weights, (a, b, c, d), strict=True)) for axis in (0, 1))
        return x, y


def heading(points: tuple[Point, ...]) -> Point:
    """The direction in which a curve ends."""
    end = points[-1]
    before = next((p for p in reversed(points) if math.dist(p, end) > 0.1), (end[0] - 1, end[1]))
    length = math.dist(before, end)
    return (end[0] - before[0]) / length, (end[1] - before[1]) / length


def beside(points: tuple[Point, ...], distance: float) -> tuple[Point, ...]:
    """A curve that keeps this distance to its left: each half of each piece is moved along its normals."""
    start, end = points[0], points[-1]
    for axis in (0, 1):  # straight: one line is enough
        if max(abs(point[1 - axis] - start[1 - axis]) for point in points) < 0.5:
            sign = math.copysign(distance, end[axis] - start[axis])
            dx, dy = (0.0, -sign) if axis == 0 else (sign, 0.0)
            steps = [(start[0] + (end[0] - start[0]) * i / 3, start[1] + (end[1] - start[1]) * i / 3) for i in range(4)]
            return tuple((x + dx, y + dy) for x, y in steps)
    moved: list[Point] = []
    for i in range(0, len(points) - 1, 3):
        for piece in halves(points[i : i + 4]):
            (u, v), (p, q) = heading(piece[::-1]), heading(piece)
            shifts = [(-v, u)] * 2 + [(q, -p)] * 2
            place = [(x + distance * a, y + distance * b) for (x, y), (a, b) in zip(piece, shifts, strict=True)]
            moved += place[bool(moved) :]
    return tuple(moved)


def halves(piece: tuple[Point, ...]) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """A piece of a Bézier curve, cut in the middle by de Casteljau's construction."""
    a, b, c, d = piece
    ab, bc, cd = middle(a, b), middle(b, c), middle(c, d)
    abc, bcd = middle(ab, bc), middle(bc, cd)
    cut = middle(abc, bcd)
    return (a, ab, abc, cut), (cut, bcd, cd, d)


def middle(a: Point, b: Point) -> Point:
    """Halfway."""
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def shortened(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """The curve without the part that its head will cover."""
    u, v = heading(points)
    return *points[:-2], *((x - HEAD * u, y - HEAD * v) for x, y in points[-2:])
