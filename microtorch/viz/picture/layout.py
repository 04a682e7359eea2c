"""Where everything goes: Graphviz places the boxes, in its own program or in the one that pygraphviz carries."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..graph.snapshot import Snapshot
from ..words.text import describe, title
from . import boxes as looks
from . import dot
from .boxes import GREY, INK, VERMILLION, Box, Rect, Text
from .graphviz import render

__all__ = ["REACH", "Arrow", "Picture", "Placed", "Wire", "arrange", "reach", "shapes"]

Point = tuple[float, float]
MARGIN = 14.0
LANE = 3.5  # half the distance of the two arrows of an edge
HEAD = 7.0  # length of an arrow's head


@dataclass(frozen=True)
class Placed:
    """A box in the picture; ``tip`` is shown when the mouse rests on it."""

    kind: str
    id: int
    box: Box
    x: float
    y: float
    tip: str = ""


@dataclass(frozen=True)
class Arrow:
    """A Bézier curve (3k + 1 points) with a head at its end."""

    points: tuple[Point, ...]
    backward: bool

    @property
    def color(self) -> str:
        """Grey for values, vermillion for gradients."""
        return VERMILLION if self.backward else "#333333"

    @property
    def line(self) -> float:
        """Thin for values, thick for gradients."""
        return 2.4 if self.backward else 1.2

    @property
    def dash(self) -> str:
        """Dashed for gradients."""
        return "5 3" if self.backward else ""

    @property
    def tip(self) -> Point:
        """Where the head ends."""
        (x, y), (u, v) = self.points[-1], heading(self.points)
        return x + HEAD * u, y + HEAD * v


@dataclass(frozen=True)
class Wire:
    """An edge of the graph, or the way from the last node to a root's card: the middle line of its two arrows."""

    kind: str
    id: int
    points: tuple[Point, ...]

    def forward(self) -> Arrow:
        """The way of the values."""
        return Arrow(shortened(beside(self.points, LANE)), backward=False)

    def backward(self) -> Arrow:
        """The way of the gradients."""
        return Arrow(shortened(beside(self.points[::-1], LANE)), backward=True)

    def label(self) -> Point:
        """Where a value is written: under the middle."""
        i = (len(self.points) - 1) // 6 * 3
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = self.points[i : i + 4]
        return (ax + 3 * bx + 3 * cx + dx) / 8, (ay + 3 * by + 3 * cy + dy) / 8 + LANE + 9


@dataclass(frozen=True)
class Picture:
    """Everything placed: what the SVG, and by way of Graphviz the PNG and the PDF, are written from."""

    width: float
    height: float
    placed: tuple[Placed, ...]
    wires: tuple[Wire, ...]
    legend: tuple[Arrow, ...]
    title: str
    description: str

    def arrows(self) -> Iterator[Arrow]:
        """All arrows."""
        for wire in self.wires:
            yield from (wire.forward(), wire.backward())
        yield from self.legend

    def items(self) -> Iterator[tuple[float, float, Rect | Text]]:
        """All rectangles and texts, each with the origin of its box."""
        return ((placed.x, placed.y, item) for placed in self.placed for item in placed.box.items)


REACH = 2500  # of a graph that Graphviz places within about two seconds; its time grows with the square


def reach(snapshot: Snapshot) -> int:
    """How many ranks all edges cross together: what the time to place them grows with.

    A chain of 1,000 nodes has a reach of 1,000; three weights that a loop of 150 rounds uses make one of 20,000, at which
    Graphviz works for minutes.
    """
    rank: dict[int, int] = {}
    edges = sorted((each.consumer, each.producer) for each in snapshot.edges if each.producer is not None)
    functions = {node.id for node in snapshot.nodes if node.kind == "function"}
    for consumer, producer in edges:  # in the order of creation, so a producer's rank is known before its consumer's
        if producer in functions:
            rank[consumer] = max(rank.get(consumer, 0), rank.get(producer, 0) + 1)
    first: dict[int, int] = {}  # a leaf stands just before the first that reads it
    for consumer, producer in edges:
        if producer not in functions:
            first[producer] = min(first.get(producer, len(rank)), rank.get(consumer, 0) - 1)
    return sum(rank.get(consumer, 0) - first.get(producer, rank.get(producer, 0)) for consumer, producer in edges)


def shapes(snapshot: Snapshot) -> dict[str, Box]:
    """The box of each node (n0, n1 …), and of each root that is not itself such a box (r0, r1 …)."""
    untracked: dict[int, list[int]] = defaultdict(list)
    carded: dict[int | None, list[int]] = defaultdict(list)
    outputs: dict[int | None, int] = defaultdict(lambda: 1)
    leaves = {node.id for node in snapshot.nodes if node.kind == "leaf"}
    roots = {f"r{i}": root for i, root in enumerate(snapshot.roots) if root.variable and root.node not in leaves}
    for edge in snapshot.edges:
        outputs[edge.producer] = max(outputs[edge.producer], edge.output + 1)
        if edge.producer is None:
            untracked[edge.consumer].append(edge.port)
    for root in roots.values():
        outputs[root.node] = max(outputs[root.node], root.output + 1)
        carded[root.node].append(root.output)
    found = {}
    for node in snapshot.nodes:
        if node.kind == "more":
            found[f"n{node.id}"] = looks.more(node)
        elif node.kind == "leaf":
            found[f"n{node.id}"] = looks.card(node.variable) if node.variable else looks.nameless(node)
        else:
            count = max(outputs[node.id], len(node.outputs))
            found[f"n{node.id}"] = looks.function(node, untracked[node.id], carded[node.id], count)
    found |= {name: looks.card(root.variable) for name, root in roots.items() if root.variable}
    for box in found.values():
        box.width, box.height = math.ceil(box.width), math.ceil(box.height)
    return found


def arrange(snapshot: Snapshot) -> Picture:
    """The picture of a snapshot.

    Raises:
        GraphvizMissingError: there is more than one box, and nothing to place them with.
    """
    found = shapes(snapshot)
    if len(found) == 1:
        (name, box), *_ = found.items()
        plan = Plan({name: (MARGIN, MARGIN)}, [], box.width, box.height)
    else:
        plan = graphviz_layout(snapshot, found)
    width, height = plan.width + 2 * MARGIN, plan.height + 2 * MARGIN
    placed = [Placed(KINDS[name[0]], int(name[1:]), box, *plan.places[name], tip(snapshot, name)) for name, box in found.items()]
    arrows: list[Arrow] = []
    if plan.wires:
        width = max(width, 450.0)
        key, arrows = legend(width - 2 * MARGIN, height)
        placed.append(Placed("legend", 0, key, MARGIN, height))
        height += key.height + MARGIN
    return Picture(width, height, tuple(placed), tuple(plan.wires), tuple(arrows), title(snapshot), describe(snapshot))


KINDS = {"n": "node", "r": "root", "e": "edge"}


def tip(snapshot: Snapshot, name: str) -> str:
    """What a box is, in words."""
    if name[0] == "r":
        info = snapshot.roots[int(name[1:])].variable
        return f"{info.name or info.type}, made by {info.grad_fn}" if info else ""
    node = snapshot.nodes[int(name[1:])]
    words = [f"{node.id}: {node.label or 'leaf' if node.kind == 'leaf' else node.name}", node.source or ""]
    return ", ".join(word for word in words if word)


@dataclass(frozen=True)
class Plan:
    """Where the boxes' upper left corners and the edges are, and the size of it all."""

    places: dict[str, Point]
    wires: list[Wire]
    width: float
    height: float


def graphviz_layout(snapshot: Snapshot, found: dict[str, Box]) -> Plan:
    """What Graphviz makes of it, turned upside down: its y goes upwards."""
    told = json.loads(render(dot.graph(snapshot, found, words=False), "json"))
    _, _, width, height = map(float, told["bb"].split(","))

    def points(text: str) -> list[Point]:
        pairs = (pair.split(",") for pair in text.split())
        return [(float(x) + MARGIN, height - float(y) + MARGIN) for x, y in pairs]

    places = {}
    for item in told["objects"]:
        if item["name"] in found:
            box, [(x, y)] = found[item["name"]], points(item["pos"])
            places[item["name"]] = (x - box.width / 2, y - box.height / 2)
    wires = [Wire(KINDS[e["id"][0]], int(e["id"][1:]), tuple(points(e["pos"]))) for e in told.get("edges", ())]
    return Plan(places, sorted(fanned(wires), key=lambda wire: (wire.kind, wire.id)), width, height)


def fanned(wires: list[Wire]) -> Iterator[Wire]:
    """Edges that leave from one point, moved apart there, so that each gradient that comes back has its own arrow."""
    bundles: dict[Point, list[Wire]] = {}
    for wire in wires:
        bundles.setdefault(wire.points[0], []).append(wire)
    for bundle in bundles.values():
        bundle.sort(key=lambda wire: (wire.points[3][1], wire.points[-1][1], wire.id))
        step = min(2.5 * LANE + 3, 44 / len(bundle))
        for i, wire in enumerate(bundle):
            move = step * (i - (len(bundle) - 1) / 2)
            start = tuple((x, y + move) for x, y in wire.points[:2])
            yield replace(wire, points=(*start, *wire.points[2:]))


# ---- curves ---------------------------------------------------------------------------------------------------------


def heading(points: tuple[Point, ...]) -> Point:
    """The direction in which a curve ends."""
    end = points[-1]
    before = next((p for p in reversed(points) if math.dist(p, end) > 0.1), (end[0] - 1, end[1]))
    length = math.dist(before, end)
    return (end[0] - before[0]) / length, (end[1] - before[1]) / length


def beside(points: tuple[Point, ...], distance: float) -> tuple[Point, ...]:
    """A curve that keeps this distance to its left: each half of each piece is moved along its normals."""
    (x0, y0), (x1, _) = points[0], points[-1]
    if max(abs(y - y0) for _, y in points) < 0.5:  # straight
        y = y0 - math.copysign(distance, x1 - x0)
        return (x0, y), ((2 * x0 + x1) / 3, y), ((x0 + 2 * x1) / 3, y), (x1, y)
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


# ---- the legend -----------------------------------------------------------------------------------------------------


def legend(width: float, top: float) -> tuple[Box, list[Arrow]]:
    """What the arrows and boxes mean, in as many lines as the width asks for."""
    box, arrows = Box(width, 18), []
    x, y = 0.0, 9.0
    for sign, words in (
        ("forward", "values flow forward"),
        ("backward", "gradients flow backward"),
        ("variable", "Variable"),
        ("function", "Function: input ← rule for its gradient"),
        ("none", "no gradient"),
    ):
        text = Text(0, 0, (words,), 10, GREY)
        sign_width = 32.0 if sign in {"forward", "backward"} else 18.0
        if x and x + sign_width + 6 + text.width > width:
            x, y = 0.0, y + 18
        if sign == "forward":
            arrows.append(arrow(x, y + top, x + sign_width, backward=False))
        elif sign == "backward":
            arrows.append(arrow(x + sign_width, y + top, x, backward=True))
        else:
            box.items += symbol(sign, x, y)
        box.items.append(Text(x + sign_width + 6, y, (words,), 10, GREY))
        x += sign_width + text.width + 22
    box.height = y + 9
    return box, arrows


def arrow(start: float, y: float, end: float, *, backward: bool) -> Arrow:
    """A straight one."""
    ends = [MARGIN + start + (end - start) * i / 3 for i in range(4)]
    return Arrow(shortened(tuple((x, y) for x in ends)), backward)


def symbol(sign: str, x: float, y: float) -> list[Rect | Text]:
    """A small box of its kind."""
    if sign == "variable":
        return [Rect(x + 1, y - 6, 16, 12, looks.YELLOW, INK, 1.4, "4 2.5", 1)]
    if sign == "function":
        return [Rect(x + 1, y - 6, 16, 12, looks.BLUE_PALE, looks.BLUE, 1.4, "", 2.5)]
    disc = Rect(x + 2, y - looks.RADIUS, 2 * looks.RADIUS, 2 * looks.RADIUS, looks.WHITE, GREY, 1.2, "", looks.RADIUS)
    return [disc, Text(x + 2 + looks.RADIUS, y, ("∅",), 9, GREY, anchor="middle")]
