"""Everything that a picture of a view consists of, before anything is placed: boxes by name, and what joins them.

Boxes are called as the view calls them ("n3", "f1", "o3"); "r0" is the card of a root, "a7" the name of a leaf once more, at its
use that is edge 7, and "u7" an input without a gradient.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from ..graph.names import clean
from ..graph.snapshot import Edge, Node, VariableInfo
from ..graph.view import Link, View
from . import cards, folded, functions, pills
from .facts import Facts
from .shapes import Box

__all__ = ["DETAILS", "Join", "Scene", "ranks", "reach"]

DETAILS = ("none", "compact", "values", "full")  # each says more than the one before
CARDS = {"values", "full"}  # where Variables are cards
MANY = 3  # uses of a leaf from which on it stands once more at each
FAR = 4  # ranks between a leaf and a use, from which on it stands there once more
BEFORE = 8.0  # of a root's card, as much as the numbers at a function's inputs stand out
REACH = 2500  # ranks that all edges together may cross: Graphviz's time grows with the square, here to two seconds


@dataclass(frozen=True)
class Join:
    """What is drawn as a pair of arrows, or, where no gradient flows, as one: from a box's output to a box's input."""

    kind: str  # "edge"; "link" to a root's card; "feed" of an input without a gradient
    id: int  # of the edge, of the first of several, or of the root
    tail: str
    head: str
    output: int | None = None
    port: int | None = None
    edges: tuple[int, ...] = ()
    norm: float | None = None


@dataclass(frozen=True)
class Scene:
    """The boxes and what joins them; the names of boxes that stand for a node once more, with the node."""

    view: View
    detail: str
    direction: str
    facts: Facts
    boxes: dict[str, Box]
    joins: tuple[Join, ...]
    again: dict[str, int]
    lanes: dict[int, list[str]]  # for each order of derivative that a backward pass has made, its boxes

    @cached_property
    def nodes(self) -> dict[str, int]:
        """The nodes that boxes without one belong to: a name that stands for a node once more, an input without a gradient."""
        return {**self.again, **{join.tail: int(join.head[1:]) for join in self.joins if join.kind == "feed"}}

    @classmethod
    def of(cls, view: View, detail: str, direction: str) -> Scene:
        """The scene of a view, in one density."""
        facts = Facts(view.snapshot)
        joins, again = repeated(view, [*edges(view), *ends(view)])
        boxes = {name: drawn(view, facts, name, detail, direction) for name in dict.fromkeys(view.boxes.values())}
        for join in joins:
            if join.kind == "link":
                info = view.snapshot.roots[join.id].variable
                assert info is not None
                boxes[join.head] = of_variable(info, "", detail, direction)
                if (detail, direction) == ("full", "right"):
                    boxes[join.head] = boxes[join.head].with_room(BEFORE)
        stubs = {node: stub.label for stub in view.stubs.values() for node in stub.nodes}
        called = str if detail == "none" else facts.called
        boxes |= {name: pills.again(stubs.get(node) or called(node)) for name, node in again.items()}
        if detail != "full":
            joins += feeds(view, facts, boxes, named=detail != "none")
        if detail == "none":
            joins = [replace(join, norm=None) for join in joins]
        for box in boxes.values():
            box.width, box.height = math.ceil(box.width), math.ceil(box.height)
        joins = [join for join in joins if join.tail]
        return cls(view, detail, direction, facts, boxes, tuple(joins), again, lanes(view, joins))


def drawn(view: View, facts: Facts, name: str, detail: str, direction: str) -> Box:
    """One box of a view."""
    number = int(name[1:])
    if name[0] == "f":
        return folded.fold(next(each for each in view.folds if each.id == number))
    node = view.snapshot.nodes[number]
    if name[0] == "o":
        inside = set(view.boxes.values()) - {name}
        leads_in = any(link.source == name and link.target in inside for link in view.links)
        return folded.stub(f"{'from' if leads_in else 'to'} {view.stubs[name].label}")
    return of_node(facts, node, detail, direction)


def of_node(facts: Facts, node: Node, detail: str, direction: str) -> Box:
    """The box of a node."""
    if node.kind == "more":
        return pills.more(node)
    if node.kind == "leaf":
        words = f"{node.id}" if detail == "none" else clean(node.name, 24)
        return of_variable(node.variable, words, detail, direction)
    if detail == "full":
        return functions.function(facts, node, direction)
    return pills.function(facts, node, direction, named=detail != "none")


def of_variable(info: VariableInfo | None, words: str, detail: str, direction: str) -> Box:
    """The box of a leaf or a result; where nothing is known of it, or shall be said, with these words in it."""
    if info is None or detail == "none":
        return cards.nameless(words) if detail in CARDS else pills.nameless(words)
    return cards.card(info) if detail in CARDS else pills.variable(info, direction)


def edges(view: View) -> list[Join]:
    """What joins the boxes of the view: at folds one for all edges that lead the same way."""
    return [as_join(link) for link in view.links]


def as_join(link: Link) -> Join:
    """A link of the view as it is drawn."""
    first, alone = link.edges[0], len(link.edges) == 1
    ids = tuple(edge.id for edge in link.edges)
    output = first.output if alone and link.source[0] == "n" else None
    return Join("edge", first.id, link.source, link.target, output, first.port if alone else None, ids, norm(link.edges))


def norm(edges: Iterable[Edge]) -> float | None:
    """Of all the gradients that have come along some edges, as of one vector; None where not all are known."""
    known = [edge.norm for edge in edges]
    return None if None in known else math.hypot(*(each for each in known if each is not None))


def ends(view: View) -> list[Join]:
    """From the last nodes to the cards of the roots that are no leaves."""
    found = []
    for i, root in enumerate(view.snapshot.roots):
        box = view.boxes.get(-1 if root.node is None else root.node, "o")
        if root.node is not None and root.variable and view.snapshot.nodes[root.node].kind != "leaf" and box[0] != "o":
            found.append(Join("link", i, box, f"r{i}", root.output if box[0] == "n" else None))
    lone = [i for i, root in enumerate(view.snapshot.roots) if root.node is None and root.variable]
    return [*found, *(Join("link", i, "", f"r{i}") for i in lone)]


def feeds(view: View, facts: Facts, boxes: dict[str, Box], *, named: bool) -> list[Join]:
    """The inputs without a gradient that are more than a number, as pills of their own; the boxes get these pills, too."""
    found: list[Join] = []
    for number, box in view.boxes.items():
        node = view.snapshot.nodes[number]
        if box[0] == "n" and node.kind == "function":
            for port in facts.bare(node):
                if not facts.is_constant(node, port):
                    name = f"u{len(found)}"
                    boxes[name] = pills.untracked(facts.untracked(node, port) if named else "")
                    found.append(Join("feed", len(found), name, f"n{node.id}", None, port.index))
    return found


# ---- what a backward pass has made ----------------------------------------------------------------------------------


def lanes(view: View, joins: Iterable[Join]) -> dict[int, list[str]]:
    """The boxes of each order of derivative, with the names, data and results beside them; a fold that has several is in none."""
    orders: dict[str, set[int]] = defaultdict(set)
    for number, box in view.boxes.items():
        node = view.snapshot.nodes[number]
        if node.kind == "function" and box[0] != "o":
            orders[box].add(node.derivative)
    for join in joins:
        if join.tail[0] in "au":
            orders[join.tail] |= orders[join.head]
        if join.head[0] == "r":
            orders[join.head] |= orders[join.tail]
    found: dict[int, list[str]] = defaultdict(list)
    for box, several in orders.items():
        if len(several) == 1 and max(several):
            found[max(several)].append(box)
    return dict(sorted(found.items()))


# ---- names once more, in place of long edges ------------------------------------------------------------------------


def repeated(view: View, joins: list[Join]) -> tuple[list[Join], dict[str, int]]:
    """The joins with further uses of a leaf or stub starting at a pill with its name; the pills, with the nodes they stand for.

    Where the edges that remain are still so long that Graphviz would take minutes, the long ones of Functions, too.
    """
    leaves = {*view.stubs, *(f"n{node}" for node in view.boxes if view.snapshot.nodes[node].kind == "leaf")}
    rank = ranks(joins)
    uses: dict[str, list[Join]] = defaultdict(list)
    for join in joins:
        if join.tail in leaves:
            uses[join.tail].append(join)
    cut = set()
    for tail, mine in uses.items():
        heads = sorted({join.head for join in mine}, key=lambda head: (rank[head], head))
        many = len(heads) >= MANY
        cut |= {(tail, head) for head in heads[1:] if many or rank[head] - rank[tail] > FAR}
    if reach([join for join in joins if (join.tail, join.head) not in cut], rank) > REACH:
        cut |= {(join.tail, join.head) for join in joins if join.tail[:1] == "n" and rank[join.head] - rank[join.tail] > 2 * FAR}
    names: dict[tuple[str, str], str] = {}
    result, again = [], {}
    for join in joins:
        pair = (join.tail, join.head)
        if pair in cut and join.kind == "edge":
            name = names.setdefault(pair, f"a{join.id}")
            again[name] = int(join.tail[1:])
            join = Join(join.kind, join.id, name, join.head, None, join.port, join.edges, join.norm)  # noqa: PLW2901
        result.append(join)
    return result, again


def ranks(joins: Iterable[Join]) -> dict[str, int]:
    """How far before the end each box stands, as a number that grows towards the end. What lies on a circle stands at its end."""
    before: dict[str, list[str]] = defaultdict(list)
    open_: dict[str, int] = defaultdict(int)
    for join in joins:
        before[join.head].append(join.tail)
        open_[join.tail] += 1
    rank = dict.fromkeys((*before, *open_), 0)
    ready = [name for name in before if not open_[name]]
    for name in ready:  # grows while it is walked
        for other in before.get(name, ()):
            rank[other] = min(rank[other], rank[name] - 1)
            open_[other] -= 1
            if not open_[other]:
                ready.append(other)
    return rank


def reach(joins: Iterable[Join], rank: dict[str, int]) -> int:
    """How many ranks all joins cross together: what the time to place them grows with.

    A chain of 1,000 nodes has a reach of 1,000; three weights that a loop of 150 rounds uses would make one of 20,000, at which
    Graphviz works for minutes.
    """
    return sum(rank[join.head] - rank[join.tail] for join in joins)
