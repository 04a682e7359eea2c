"""Where values are written on edges: beside the middle line, off all boxes, off each other, and off the other edges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from math import inf

from .curves import LANE, Point, Wire
from .shapes import Box, Rect

__all__ = ["Frame", "labelled"]

Frame = tuple[float, float, float, float]  # left, top, right, bottom

WIDTH, HEIGHT = 38.0, 10.0  # of a value of eight characters
AWAY = (0.0, 1.5, 3.0, 6.0, 12.0, 20.0)
SHARES = (0.5, 0.55, 0.45, 0.6, 0.4, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9)
POINTS = [i / 12 for i in range(13)]
CELL = 80.0
CROSSED = 0.1  # what a point of another edge under a value costs, in square pixels of a box under it


class Grid:
    """Frames by where they are, so that a wire is compared with its neighbours only."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], list[Frame]] = defaultdict(list)

    def over(self, frame: Frame) -> Iterator[tuple[int, int]]:
        """The cells that a frame touches."""
        left, top, right, bottom = (int(side // CELL) for side in frame)
        return product(range(left, right + 1), range(top, bottom + 1))

    def add(self, frame: Frame) -> None:
        """Remember a frame."""
        for cell in self.over(frame):
            self.cells[cell].append(frame)

    def near(self, frame: Frame) -> set[Frame]:
        """The frames about one."""
        return {each for cell in self.over(frame) for each in self.cells.get(cell, ())}


def labelled(wires: list[Wire], boxes: Iterable[tuple[float, float, Box]], direction: str) -> list[Wire]:
    """The wires, each with the middle of its value: the first place in which it covers nothing, or else the least."""
    taken, lines = Grid(), Grid()
    for x, y, box in boxes:
        for each in solid(x, y, box):
            taken.add(each)
    drawn = {wire: [spot(wire.at(share)) for share in POINTS] for wire in wires}
    for spots in drawn.values():
        for each in spots:
            lines.add(each)
    result = []
    for wire in wires:
        if wire.kind == "feed":
            result.append(wire)
            continue
        room = around(wire)
        near, others = taken.near(room), lines.near(room).difference(drawn[wire])
        best, least = wire.label, inf
        for place in places(wire, direction):
            covered = cost(about(place), near, others)
            if covered < least:
                best, least = place, covered
            if not covered:
                break
        taken.add(about(best))
        result.append(replace(wire, label=best))
    return result


def places(wire: Wire, direction: str) -> Iterator[Point]:
    """Where its value could stand, best first: under or above the wire, or to its right or left."""
    for away in AWAY:
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
    return min(xs) - WIDTH - LANE, min(ys) - 3 * HEIGHT, max(xs) + WIDTH + LANE, max(ys) + 3 * HEIGHT


def spot(point: Point) -> Frame:
    """A point of a wire, as wide as its two arrows."""
    return point[0] - LANE, point[1] - LANE, point[0] + LANE, point[1] + LANE


def cost(room: Frame, boxes: Iterable[Frame], lines: Iterable[Frame]) -> float:
    """How much it would cover."""
    return sum(overlap(room, each) for each in boxes) + CROSSED * sum(overlap(room, each) > 0 for each in lines)


def overlap(a: Frame, b: Frame) -> float:
    """The area that two share."""
    return max(min(a[2], b[2]) - max(a[0], b[0]), 0.0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)
