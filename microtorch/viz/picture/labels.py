"""Where values are written on edges: beside the middle line, off all boxes, off each other, and off the other edges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import inf

from .curves import LANE, Point, Wire
from .shapes import Box, Rect

__all__ = ["Frame", "labelled"]

Frame = tuple[float, float, float, float]  # left, top, right, bottom

WIDTH, HEIGHT = 40.0, 10.0  # of a value of eight characters
SHARES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)
POINTS = [i / 12 for i in range(13)]
CROSSED = 30.0  # what a point of another edge under a value costs, in pixels of a box under it


def labelled(wires: list[Wire], boxes: Iterable[tuple[float, float, Box]], direction: str) -> list[Wire]:
    """The wires, each with the middle of its value: the first place in which it covers nothing, or else the least."""
    frames = [each for x, y, box in boxes for each in solid(x, y, box)]
    lines = [(wire, [wire.at(share) for share in POINTS]) for wire in wires]
    taken: list[Frame] = []
    result = []
    for wire in wires:
        if wire.kind == "feed":
            result.append(wire)
            continue
        room = around(wire)
        near = [each for each in (*frames, *taken) if overlap(room, each)]
        points = [p for other, line in lines if other is not wire for p in line if is_in(p, room, 0)]
        best, least = wire.label, inf
        for place in places(wire, direction):
            covered = cost(about(place), near, points)
            if covered < least:
                best, least = place, covered
            if not covered:
                break
        taken.append(about(best))
        result.append(replace(wire, label=best))
    return result


def places(wire: Wire, direction: str) -> Iterator[Point]:
    """Where its value could stand, best first: under or above the wire, or to its right or left."""
    for away in (0, HEIGHT):
        for share in SHARES:
            x, y = wire.at(share)
            for sign in (1, -1):
                if direction == "down":
                    yield x + sign * (LANE + 2 + away + WIDTH / 2), y
                else:
                    yield x, y + sign * (LANE + 2.5 + away + HEIGHT / 2)


def about(middle: Point) -> Frame:
    """The room of a value."""
    x, y = middle
    return x - WIDTH / 2, y - HEIGHT / 2, x + WIDTH / 2, y + HEIGHT / 2


def solid(x: float, y: float, box: Box) -> Iterator[Frame]:
    """What of a box may not be covered: its frame, and what stands out of that."""
    rects = [item for item in box.items if isinstance(item, Rect)]
    main = next((item for item in rects if item.role == "mt-box"), None)
    if main is None:  # the legend
        return
    for item in rects:
        inside = main.x <= item.x and main.y <= item.y and item.x + item.width <= main.x + main.width
        if item is main or not inside or item.y + item.height > main.y + main.height:
            yield x + item.x, y + item.y, x + item.x + item.width, y + item.y + item.height


def around(wire: Wire) -> Frame:
    """The room in which its value can stand."""
    xs, ys = zip(*wire.points, strict=True)
    return min(xs) - 2 * WIDTH, min(ys) - 3 * HEIGHT, max(xs) + 2 * WIDTH, max(ys) + 3 * HEIGHT


def cost(room: Frame, others: Iterable[Frame], points: Iterable[Point]) -> float:
    """How much it would cover."""
    return sum(overlap(room, other) for other in others) + CROSSED * sum(is_in(point, room, LANE) for point in points)


def is_in(point: Point, room: Frame, margin: float) -> bool:
    """Whether a point is in a room, or nearer than that to it."""
    return room[0] - margin < point[0] < room[2] + margin and room[1] - margin < point[1] < room[3] + margin


def overlap(a: Frame, b: Frame) -> float:
    """The area that two share."""
    return max(min(a[2], b[2]) - max(a[0], b[0]), 0.0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)
