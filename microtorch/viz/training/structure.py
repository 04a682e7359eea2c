"""The graph of an iteration: is it the one of before? Told by a signature that is cheap, since each iteration asks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any
from weakref import ref

import numpy as np

from ...core.accumulate_grad import AccumulateGrad
from ...core.node import Node, Output
from ..graph.snapshot import Snapshot, freeze, key
from ..graph.walk import is_leaf, start
from .measures import Shapes, Table

__all__ = ["Structure", "Tables", "read"]

Tables = dict[tuple[Shapes, np.dtype[Any]], Table]

NAMINGS = 20  # of one structure: a leaf that is a new one in each iteration, as an input is, is then called as those before it


class Structure:
    """A graph that iterations have in common: functions of the same kinds, joined alike, with leaves of the same shapes.

    The leaves have a column each, in the order of their first use; ``nodes`` are theirs in the snapshot, and ``graph`` is the
    number of that, where it was kept.
    """

    def __init__(self, root: Any, found: Sequence[Any], tables: Tables) -> None:
        self.graph: int | None = None
        self.snapshot: Snapshot | None
        self.snapshot, nodes = freeze(root)
        places = {id(leaf): place for place, leaf in enumerate(found) if math.prod(leaf.shape)}
        columns = [(places[key(node)], i) for i, node in enumerate(nodes) if is_leaf(node) and key(node) in places]
        self.order, self.nodes = [place for place, _ in columns], tuple(i for _, i in columns)
        self.shapes: Shapes = tuple(tuple(found[place].shape) for place in self.order)
        self.sizes = list(map(math.prod, self.shapes))
        weights = [column for column, shape in enumerate(self.shapes) if len(shape) > 1]
        self.layers = (weights[0], weights[-1]) if len(weights) > 1 else None  # the first and the last that has weights
        single = all(str(leaf.dtype).endswith("float32") for leaf in found)
        kind = self.shapes, np.dtype(np.float32 if single else np.float64)
        self.table = tables.get(kind) or tables.setdefault(kind, Table(*kind))
        self.names: tuple[str, ...] = called(self.snapshot, self.nodes)
        self.known: list[tuple[list[ref[Any]], tuple[str, ...]]] = [([ref(leaf) for leaf in self.leaves(found)], self.names)]

    def kept(self, graphs: list[Snapshot], most: int) -> Structure:
        """Itself, with its snapshot among those of the run, or without one where there are enough."""
        if self.snapshot is not None and len(graphs) < most:
            self.graph = len(graphs)
            graphs.append(self.snapshot)
        self.snapshot = None
        return self

    def release(self) -> None:
        """Let go of what is needed only while the loop runs."""
        del self.table, self.known

    def leaves(self, found: Sequence[Any]) -> list[Any]:
        """The leaves by column, of those that `read` has found."""
        return [found[place] for place in self.order]

    def named(self, root: Any, leaves: Sequence[Any]) -> tuple[str, ...]:
        """What these leaves are called, looked for in the caller's code where they stand here for the first time."""
        names: tuple[str, ...]
        for references, names in reversed(self.known):
            if all(reference() is leaf for reference, leaf in zip(references, leaves, strict=True)):
                return names
        if len(self.known) < NAMINGS:
            self.names = called(freeze(root)[0], self.nodes)
            self.known.append(([ref(leaf) for leaf in leaves], self.names))
        return self.names


def called(snapshot: Snapshot, nodes: Sequence[int]) -> tuple[str, ...]:
    """The names of leaves, no two alike."""
    plain = [snapshot.nodes[i].label or f"leaf {column}" for column, i in enumerate(nodes)]
    repeated, seen = Counter(plain), Counter[str]()
    for column, name in enumerate(plain):
        seen[name] += 1
        plain[column] = f"{name} #{seen[name]}" if repeated[name] > 1 else name
    return tuple(plain)


def read(root: Any) -> tuple[tuple[Any, ...], list[Any]]:
    """The signature of the graph behind a loss, and its leaves in the order in which they are found."""
    first: Any = root.grad_fn or start(root)[0]
    own = isinstance(first, Node)
    nodes, places = [first], {first: 0}
    signature: list[Any] = []
    leaves = []
    for node in nodes:
        kind = type(node)
        signature.append(kind)
        if kind is AccumulateGrad or (not own and kind.__name__ in FOREIGN_LEAVES):
            leaves.append(node.variable)
            signature.append(node._shape if own else node.variable.shape)
            continue
        for below in node._below if own else [edge[0] for edge in node.next_functions]:
            if below is not None:
                if type(below) is Output:
                    below = below.node  # noqa: PLW2901 - which of its outputs is not asked
                place = places.setdefault(below, len(nodes))
                if place == len(nodes):
                    nodes.append(below)
                signature.append(place)
            else:
                signature.append(None)
    return tuple(signature), leaves


FOREIGN_LEAVES = {"AccumulateGrad", "Leaf"}
