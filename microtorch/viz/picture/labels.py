"""Where values are written on edges: beside the middle line, off all boxes and off each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .curves import LANE, Point, Wire
from .shapes import Box

WIDTH, HEIGHT = 44.0, 11.0  # of a value of eight characters
SHARES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.12, 0.88)
Frame = tuple[float, float, float, float]


def labelled(wires: list[Wire], boxes: Iterable[tuple[float, float, Box]], direction: str) -> list[Wire]:
    """The wires, each with the middle of its value: the first place in which it covers nothing, or else the least."""
    frames = [frame(x, y, box) for x, y, box in boxes]
    taken: list[Frame] = []
    result = []
    for wire in wires:
        if wire.kind == "feed":
            result.append(wire)
            continue
        near = [each for each in frames if overlap(around(wire), each)] + taken
        tries = [(cost(about(place), near), i, place) for i, place in enumerate(places(wire, direction))]
        best = min(tries)[2]
        taken.append(about(best))
        result.append(replace(wire, label=best))
    return result


def places(wire: Wire, direction: str) -> Iterable[Point]:
    """Where its value could stand, best first: under or above the wire, or to its right or left."""
    for share in SHARES:
        x, y = wire.at(share)
        for sign in (1, -1):
            if direction == "down":
                yield x + sign * (LANE + 3 + WIDTH / 2), y
            else:
                yield x, y + sign * (LANE + 2.5 + HEIGHT / 2)


def about(middle: Point) -> Frame:
    """The room of a value."""
    x, y = middle
    return x - WIDTH / 2, y - HEIGHT / 2, x + WIDTH / 2, y + HEIGHT / 2


def frame(x: float, y: float, box: Box) -> Frame:
    """The room of a box."""
    return x, y, x + box.width, y + box.height


def around(wire: Wire) -> Frame:
    """The room in which its value can stand."""
    xs, ys = zip(*wire.points, strict=True)
    return min(xs) - 2 * WIDTH, min(ys) - 3 * HEIGHT, max(xs) + 2 * WIDTH, max(ys) + 3 * HEIGHT


def cost(room: Frame, others: Iterable[Frame]) -> float:
    """How much of it is taken."""
    return sum(overlap(room, other) for other in others)


def overlap(a: Frame, b: Frame) -> float:
    """The area that two share."""
    return max(min(a[2], b[2]) - max(a[0], b[0]), 0.0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)
