"""Where everything goes: Graphviz places the boxes, in its own program or in the one that pygraphviz carries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..graph.view import View
from ..words.text import derivative, describe, size_of, title
from . import dot
from .colours import CORAL, PEACH, RUST
from .curves import LANE, Arrow, Point, Wire
from .graphviz import render, told
from .labels import Frame, labelled
from .legend import legend
from .scene import Scene, ranks
from .shapes import Box, Rect, Text

__all__ = ["Picture", "Placed", "arrange", "arrange_all", "estimate"]

MARGIN = 10.0
LEAST = 300.0  # width of a picture with a legend


@dataclass(frozen=True)
class Placed:
    """A box in the picture; ``tip`` is shown when the mouse rests on it.

    ``node`` is the one that an "alias" stands for, or that reads an "input". The ``id`` of an alias is that of its edge.
    """

    kind: str  # "node", "root", "fold", "stub", "alias", "input", "legend", "lane"
    id: int
    box: Box
    x: float
    y: float
    tip: str = ""
    node: int = -1


@dataclass(frozen=True)
class Picture:
    """A view with everything placed: what the SVG, and by way of Graphviz the PNG and the PDF, are written from."""

    view: View
    width: float
    height: float
    lanes: tuple[Placed, ...]  # beneath everything
    placed: tuple[Placed, ...]
    wires: tuple[Wire, ...]
    legend: tuple[Arrow, ...]
    title: str
    description: str
    detail: str

    def arrows(self) -> Iterator[Arrow]:
        """All arrows."""
        for wire in self.wires:
            yield from wire.arrows()
        yield from self.legend

    def items(self) -> Iterator[tuple[float, float, Rect | Text]]:
        """All rectangles and texts, each with the origin of its box."""
        for placed in (*self.lanes, *self.placed):
            yield from ((placed.x, placed.y, item) for item in placed.box.items)
        for wire in self.wires:
            if wire.norm is not None:
                yield (*wire.label, Text(0, 0, (size_of(wire.norm),), 9.5, RUST, anchor="middle"))


def arrange(view: View, detail: str = "full", direction: str = "right") -> Picture:
    """The picture of a view in one of `DETAILS`, with its inputs on the left ("right": the way of the values) or above ("down").

    Raises:
        GraphvizMissingError: there is more than one box, and nothing to place them with.
    """
    return arrange_all([(view, detail, direction)])[0]


def arrange_all(asked: Iterable[tuple[View, str, str]]) -> list[Picture]:
    """The pictures of several views, each as `arrange` makes it, placed in one run of Graphviz.

    Raises:
        GraphvizMissingError: as `arrange`.
    """
    scenes = [Scene.of(*each) for each in asked]
    sources = [dot.graph(scene, words=False) for scene in scenes if len(scene.boxes) > 1]
    layouts = iter(told(render(*sources, form="json")) if sources else [])
    return [finished(scene, placed(scene, next(layouts)) if len(scene.boxes) > 1 else alone(scene)) for scene in scenes]


def finished(scene: Scene, plan: Plan) -> Picture:
    """The picture of a scene whose boxes and wires have their places."""
    view, boxes, direction = scene.view, scene.boxes, scene.direction
    plan = plan.straightened(boxes, direction).centred(LEAST if plan.wires else 0.0)
    shown = [put(scene, name, plan.places[name]) for name in boxes]
    width, height, arrows = plan.width, plan.height, list[Arrow]()
    wires = labelled(plan.wires, [(each.x, each.y, each.box) for each in shown], direction)
    if wires:
        key, arrows = legend(scene, MARGIN, height, width - 2 * MARGIN)
        shown.append(Placed("legend", 0, key, MARGIN, height))
        height += key.height + MARGIN
    words = describe(view.snapshot) if view.inside is None else f"{view.inside.label}: {view.inside.note}"
    if direction == "down":
        words = words.replace("from left to right", "from top to bottom").replace("from right to left", "from bottom to top")
    lanes = tuple(lane(order, frame) for order, frame in plan.lanes.items())
    said = title(view.snapshot) if view.inside is None else view.inside.label, words, scene.detail
    return Picture(view, width, height, lanes, tuple(shown), tuple(wires), tuple(arrows), *said)


def lane(order: int, frame: Frame) -> Placed:
    """The band on which stands what a backward pass has made."""
    left, top, right, bottom = frame
    box = Box(right - left, bottom - top)
    box.items.append(Rect(0, 0, box.width, box.height, PEACH, CORAL, 1, "", 6))
    box.items.append(Text(8, 14, (derivative(order),), dot.SIGN, RUST, italic=True))
    return Placed("lane", order, box, left, top)


def estimate(view: View, detail: str = "full", direction: str = "right") -> tuple[float, float]:
    """About the width and height that the picture will have, told without Graphviz: to choose a density and a direction."""
    scene = Scene.of(view, detail, direction)
    rank = ranks(scene.joins)
    across, beside = dot.gaps(detail, direction)
    down = direction == "down"
    deep: dict[int, float] = defaultdict(float)
    long: dict[int, float] = defaultdict(float)
    for name, box in scene.boxes.items():
        at = rank.get(name, 0)
        deep[at] = max(deep[at], box.height if down else box.width)
        long[at] += beside + (box.width if down else box.height)
    depth = sum(deep.values()) + across * (len(deep) - 1) + 2 * MARGIN
    breadth = max(long.values(), default=0) - beside + 2 * MARGIN
    width, height = (breadth, depth) if down else (depth, breadth)
    return max(width, LEAST), height + 30


KINDS = {"n": "node", "r": "root", "f": "fold", "o": "stub", "a": "alias", "u": "input"}


def put(scene: Scene, name: str, place: Point) -> Placed:
    """A box of the scene where it belongs."""
    number = int(name[1:])
    return Placed(KINDS[name[0]], number, scene.boxes[name], *place, tip(scene, name), scene.nodes.get(name, -1))


def tip(scene: Scene, name: str) -> str:
    """What a box is, in words."""
    number, facts = int(name[1:]), scene.facts
    if name[0] == "r":
        info = scene.view.snapshot.roots[number].variable
        return f"{info.name or info.type}, made by {info.grad_fn}" if info else ""
    if name[0] == "f":
        fold = next(each for each in scene.view.folds if each.id == number)
        return "\n".join(word for word in (f"{fold.label} ×{fold.times}" if fold.times > 1 else fold.label, fold.note) if word)
    if name[0] == "a":
        return f"{facts.called(scene.again[name])}, used here again"
    if name[0] == "u":
        return "an input without a gradient"
    return facts.tip(scene.view.snapshot.nodes[number])


@dataclass(frozen=True)
class Plan:
    """Where the boxes' upper left corners and the edges are, and the size of it all."""

    places: dict[str, Point]
    wires: list[Wire]
    width: float
    height: float
    lanes: dict[int, Frame]

    def centred(self, least: float) -> Plan:
        """In the middle of a picture that has to be wider."""
        if self.width >= least:
            return self
        move = (least - self.width) / 2
        places = {name: (x + move, y) for name, (x, y) in self.places.items()}
        wires = [replace(wire, points=tuple((x + move, y) for x, y in wire.points)) for wire in self.wires]
        lanes = {order: (left + move, top, right + move, bottom) for order, (left, top, right, bottom) in self.lanes.items()}
        return Plan(places, wires, least, self.height, lanes)

    def straightened(self, boxes: dict[str, Box], direction: str) -> Plan:
        """Short edges as plain curves where these cross no box: Graphviz bends them more than the eye likes."""
        frames = [(x - 3, y - 3, x + boxes[name].width + 3, y + boxes[name].height + 3) for name, (x, y) in self.places.items()]
        return replace(self, wires=[eased(wire, frames, direction) for wire in self.wires])


def alone(scene: Scene) -> Plan:
    """A single box, for which no Graphviz is needed."""
    (name, box), *_ = scene.boxes.items()
    return Plan({name: (MARGIN, MARGIN)}, [], box.width + 2 * MARGIN, box.height + 2 * MARGIN, {})


def placed(scene: Scene, layout: Any) -> Plan:
    """What Graphviz makes of it, turned upside down: its y goes upwards."""
    _, _, width, height = map(float, layout["bb"].split(","))

    def points(text: str) -> list[Point]:
        pairs = (pair.split(",") for pair in text.split())
        return [(float(x) + MARGIN, height - float(y) + MARGIN) for x, y in pairs]

    places, lanes = {}, {}
    for item in layout["objects"]:
        if "nodes" in item:
            (left, bottom), (right, top) = points(" ".join(re.findall(r"[^,]+,[^,]+", item["bb"])))
            lanes[int(item["name"].partition("_")[2])] = (left, top, right, bottom)
        if item["name"] in scene.boxes:
            box, [(x, y)] = scene.boxes[item["name"]], points(item["pos"])
            places[item["name"]] = (x - box.width / 2, y - box.height / 2)
    found = {edge["id"]: tuple(points(edge["pos"])) for edge in layout.get("edges", ())}
    wires = [
        Wire(
            join.kind,
            join.id,
            reaching(found[f"{join.kind}_{join.id}"], scene.boxes[join.head].before),
            join.edges,
            norm=join.norm,
        )
        for join in scene.joins
    ]
    fan = sorted(fanned(wires, down=scene.direction == "down"), key=lambda wire: (wire.kind, wire.id))
    return Plan(places, fan, width + 2 * MARGIN, height + 2 * MARGIN, lanes)


def reaching(points: tuple[Point, ...], before: float) -> tuple[Point, ...]:
    """The curve through the room that a box has on its left."""
    (a, b), (c, d) = points[-2:]
    return *points[:-2], (a + before, b), (c + before, d)


SHORT = 60.0  # from rank to rank


def eased(wire: Wire, frames: list[Frame], direction: str) -> Wire:
    """A plain curve from end to end, unless that is long, or crosses a box."""
    (x, y), (u, v) = wire.points[0], wire.points[-1]
    dx, dy = u - x, v - y
    if (dy if direction == "down" else dx) > SHORT:
        return wire
    bend = (0.12 * dx, 0.5 * dy) if direction == "down" else (0.5 * dx, 0.12 * dy)
    plain = replace(wire, points=((x, y), (x + bend[0], y + bend[1]), (u - bend[0], v - bend[1]), (u, v)))
    on_the_way = [plain.at(i / 10) for i in range(2, 9)]
    crossed = any(left < a < right and top < b < bottom for a, b in on_the_way for left, top, right, bottom in frames)
    return wire if crossed else plain


def fanned(wires: list[Wire], *, down: bool) -> Iterator[Wire]:
    """Edges that leave from one point, moved apart there, so that each gradient that comes back has its own arrow."""
    bundles: dict[Point, list[Wire]] = {}
    for wire in wires:
        bundles.setdefault(wire.points[0], []).append(wire)
    side = 0 if down else 1
    for bundle in bundles.values():
        bundle.sort(key=lambda wire: (wire.points[3][side], wire.points[-1][side], wire.id))
        step = min(2.5 * LANE + 3, 44 / len(bundle))
        for i, wire in enumerate(bundle):
            move = step * (i - (len(bundle) - 1) / 2)
            dx, dy = (move, 0.0) if down else (0.0, move)
            start = tuple((x + dx, y + dy) for x, y in wire.points[:2])
            yield replace(wire, points=(*start, *wire.points[2:]))
