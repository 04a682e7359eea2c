"""What of a snapshot stands in one picture: each node by itself or in a fold, and what joins them.

A `Fold` is a set of nodes shown as one box: a module, a time step, a block that repeats, a long chain. Folds nest. A `View` shows
a snapshot with some folds closed, or the inside of one fold, with the nodes around it as stubs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from .reading.operands import PORTS
from .snapshot import Edge, Snapshot

__all__ = ["STUBS", "Fold", "Link", "Stub", "View"]

STUBS = 8  # on each side of the inside of a fold


@dataclass(frozen=True)
class Fold:
    """Nodes that are shown as one box: ``times`` is how often the same comes in it, one after the other.

    Its ``kind`` is "module" (one call of it), "repeat" (blocks built alike), "step" (blocks that use the same leaves), "more"
    (the others of a repeat, after its first), "chain" (each function reads the one before), "part" (functions made one after
    another, of what is too much to show) or "leaves".
    """

    id: int
    kind: str
    label: str  # "net.0", "ReLU → Linear"
    note: str  # what is in it, in words
    nodes: frozenset[int]  # all in it, those of the folds in it too
    folds: tuple[Fold, ...] = ()  # those directly in it
    times: int = 1

    def walk(self) -> Iterator[Fold]:
        """Itself and all folds in it, the outer ones first."""
        waiting = [self]
        while waiting:
            fold = waiting.pop()
            yield fold
            waiting.extend(reversed(fold.folds))


@dataclass(frozen=True)
class Link:
    """An arrow of the picture: one edge of the graph; at a fold, all that lead the same way."""

    source: str
    target: str
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class Stub:
    """What stands outside of the inside of a fold and is joined to it: a node, those of a fold, or all there was no room for."""

    key: str
    label: str
    nodes: tuple[int, ...]


@dataclass(frozen=True)
class View:
    """A snapshot with these folds closed; or, where ``inside`` is one, what stands in that.

    Boxes are called "n3" (node 3), "f1" (fold 1), "r0" (the card of root 0). Outside of what is shown stand stubs, "o3": node 3,
    or several nodes of which 3 is the first; ``stubs`` has their labels. ``outermost`` holds all folds there are, open or closed.
    """

    snapshot: Snapshot
    folds: tuple[Fold, ...] = ()
    inside: Fold | None = None
    outermost: tuple[Fold, ...] = ()

    @cached_property
    def boxes(self) -> dict[int, str]:
        """For each node that can be seen, alone or in a fold, the box it stands in, in order of creation; then stubs' nodes."""
        closed = {node: f"f{fold.id}" for fold in self.folds for node in fold.nodes}
        shown = range(len(self.snapshot.nodes)) if self.inside is None else sorted(self.inside.nodes)
        found = {node: closed.get(node, f"n{node}") for node in shown}
        return found | {node: stub.key for stub in self.stubs.values() for node in stub.nodes}

    @cached_property
    def edges(self) -> Sequence[Edge]:
        """The edges that lead to what is shown, or away from it: a large graph has many folds, and each opens to few of them."""
        if self.inside is None:
            return self.snapshot.edges
        inputs, uses = self.snapshot.inputs, self.snapshot.uses
        found = [edge for node in self.inside.nodes for edge in (*inputs.get(node, {}).values(), *uses.get(node, ()))]
        return [self.snapshot.edges[i] for i in sorted({edge.id for edge in found})]

    @cached_property
    def stubs(self) -> dict[str, Stub]:
        """What stands around the inside of a fold, by key: first what is read in it, then what reads from it."""
        if self.inside is None:
            return {}
        within = self.inside.nodes
        read = {edge.producer for edge in self.edges if edge.producer is not None} - within
        reading = {edge.consumer for edge in self.edges} - within
        around = self.around()
        sides = *self.gathered(sorted(read), around), *self.gathered(sorted(reading - read), around)
        return {stub.key: stub for stub in sides}

    def around(self) -> list[Fold]:
        """The folds beside this one, and beside each that it is in."""
        found: list[Fold] = []
        level = self.outermost
        while self.inside is not None and level:
            holds = next((fold for fold in level if self.inside.nodes <= fold.nodes), None)
            found += [fold for fold in level if fold is not holds]
            level = () if holds is None or holds.id == self.inside.id else holds.folds
        return found

    def gathered(self, nodes: list[int], around: list[Fold]) -> list[Stub]:
        """The nodes on one side of what is shown, those of one fold together, and at most `STUBS` of them."""
        groups: dict[int, tuple[Fold | int, list[int]]] = {}
        for node in nodes:
            fold = next((each for each in around if node in each.nodes), None)
            key, each = (node, node) if fold is None else (-1 - fold.id, fold)
            groups.setdefault(key, (each, []))[1].append(node)
        listed = list(groups.values())
        kept = listed if len(listed) <= STUBS else listed[: STUBS - 1]
        stubs = [Stub(f"o{members[0]}", self.called(each), tuple(members)) for each, members in kept]
        others = [node for _, members in listed[len(kept) :] for node in members]
        return [*stubs, Stub(f"o{others[0]}", f"{len(others):,} more", tuple(others))] if others else stubs

    def called(self, each: Fold | int) -> str:
        """The label of a stub: the fold's, or the name of what a node made, or of the node."""
        if isinstance(each, Fold):
            return each.label
        node = self.snapshot.nodes[each]
        return node.label or next(filter(None, node.outputs), "") or node.operation or node.kind

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """What joins the boxes: of nodes edge by edge; at folds, and at inputs that have no row, one link for each pair."""
        found: dict[tuple[str, str, int], list[Edge]] = {}
        for edge in self.edges:
            source, target = self.boxes.get(-1 if edge.producer is None else edge.producer), self.boxes.get(edge.consumer)
            if source is None or target is None or source == target or source[0] == target[0] == "o":
                continue
            alone = edge.id if source[0] == target[0] == "n" and edge.port < PORTS else -1
            found.setdefault((source, target, alone), []).append(edge)
        return tuple(Link(source, target, tuple(edges)) for (source, target, _), edges in found.items())
