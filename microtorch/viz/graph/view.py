"""What of a snapshot stands in one picture: each node by itself or in a fold, and what joins them.

A `Fold` is a set of nodes shown as one box: a module, a time step, a block that repeats, a long chain. Folds nest. A `View` shows
a snapshot with some folds closed, or the inside of one fold, with the nodes around it as stubs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from .snapshot import Edge, Snapshot

__all__ = ["Fold", "Link", "View"]


@dataclass(frozen=True)
class Fold:
    """Nodes that are shown as one box: ``kind`` is "module", "step", "repeat" or "chain"; ``times`` how often it repeats."""

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
class View:
    """A snapshot with these folds closed; or, where ``inside`` is one, what stands in that.

    Boxes are called "n3" (node 3), "f1" (fold 1), "r0" (the card of root 0) and "o3" (node 3, outside of what is shown).
    """

    snapshot: Snapshot
    folds: tuple[Fold, ...] = ()
    inside: Fold | None = None

    @cached_property
    def boxes(self) -> dict[int, str]:
        """For each node that can be seen, alone or in a fold, the box it stands in, in the order of creation."""
        closed = {node: f"f{fold.id}" for fold in self.folds for node in fold.nodes}
        shown = range(len(self.snapshot.nodes)) if self.inside is None else sorted(self.inside.nodes)
        found = {node: closed.get(node, f"n{node}") for node in shown}
        return found if self.inside is None else found | {node: f"o{node}" for node in self.neighbours(found)}

    def neighbours(self, inside: Iterable[int]) -> list[int]:
        """The nodes outside to which an edge leads."""
        near = set(inside)
        ends = ((edge.producer, edge.consumer) for edge in self.snapshot.edges if edge.producer is not None)
        return sorted({node for pair in ends if len(near & set(pair)) == 1 for node in pair} - near)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """What joins the boxes: of nodes edge by edge, at folds one link for each pair."""
        found: dict[tuple[str, str, int], list[Edge]] = {}
        for edge in self.snapshot.edges:
            source, target = self.boxes.get(-1 if edge.producer is None else edge.producer), self.boxes.get(edge.consumer)
            if source is None or target is None or source == target or source[0] == target[0] == "o":
                continue
            alone = edge.id if source[0] == target[0] == "n" else -1
            found.setdefault((source, target, alone), []).append(edge)
        return tuple(Link(source, target, tuple(edges)) for (source, target, _), edges in found.items())
