"""The passes of any other graph: its nodes have rules, and here is the smallest engine that applies them.

Beyond what a picture needs (``name()`` and ``next_functions``), a graph that is to be walked offers two things:

- each node ``gradients(grad_outputs)``: from one gradient for each of its outputs (None where nothing arrives), a gradient or
  None for each entry of ``next_functions``, in the shape of that input; it changes nothing;
- each leaf's node ``variable``, an object with ``data`` and ``grad``.

Gradients are numbers or NumPy arrays. Nodes run from the youngest to the oldest, by ``_sequence_nr()`` where there is one; a leaf
accumulates as soon as its last gradient has arrived.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ...core.node import Node
from ..graph.snapshot import freeze
from ..graph.walk import GradNode, is_leaf, is_node, is_variable, start
from .leaves import Leaf, PlainKeeper
from .recording import Message, Recorder
from .words import titles

__all__ = ["NodesPass", "RuledNode", "has_rules"]


class RuledNode(GradNode, Protocol):
    """A node that can be walked: it knows its rule."""

    def gradients(self, grad_outputs: Sequence[Any]) -> Sequence[Any]:
        """A gradient or None for each entry of ``next_functions``."""


def has_rules(root: Any) -> bool:
    """Whether the graph behind it can be walked here: not microtorch's own, whose engine does that."""
    if not (is_node(root) or is_variable(root)):
        return False
    node = root if is_node(root) else root.grad_fn
    return callable(getattr(node, "gradients", None)) and not isinstance(node, Node)


class NodesPass:
    """A backward pass over nodes that have rules."""

    order = ""
    lines = ""

    def __init__(self, root: Any, gradient: Any) -> None:
        self.first = 1.0 if gradient is None else gradient
        self.output = start(root)[1]
        self.snapshot, nodes = freeze(root)
        self.nodes: list[Any] = list(nodes)
        names, keeper = titles(self.snapshot), PlainKeeper()
        self.by_id = {i: Leaf(names[i], node.variable, keeper) for i, node in enumerate(self.nodes) if is_leaf(node)}
        self.leaves = tuple(self.by_id.values())

    def run(self, tell: Recorder) -> None:
        """Apply the rules, youngest node first."""
        root = self.snapshot.roots[0].node
        assert root is not None
        tell.given(root, self.output, self.first)
        arrived = {(root, self.output): self.first}
        for i in range(len(self.nodes) - 1, -1, -1):
            if i not in self.by_id:
                self.turn(tell, i, arrived)

    def turn(self, tell: Recorder, i: int, arrived: dict[tuple[int, int], Any]) -> None:
        """One node's, and then those of the leaves at which its gradients are the last to arrive."""
        outputs = 1 + max((output for node, output in arrived if node == i), default=0)
        grad_outputs = tuple(arrived.pop((i, output), None) for output in range(outputs))
        tell.turn(i, grad_outputs)
        sent = list(self.nodes[i].gradients(grad_outputs))
        tell.sends(Message(port, grad) for port, grad in enumerate(sent))
        mine = [edge for edge in self.snapshot.edges if edge.consumer == i and edge.producer is not None]
        for edge in mine:
            if edge.producer is not None and sent[edge.port] is not None:
                place = edge.producer, edge.output
                arrived[place] = arrived[place] + sent[edge.port] if place in arrived else sent[edge.port]
        done = {step.node for step in tell.steps}
        for leaf in dict.fromkeys(edge.producer for edge in mine if edge.producer in self.by_id):
            if leaf is not None and all(edge.consumer in done for edge in self.snapshot.edges if edge.producer == leaf):
                self.accumulate(tell, leaf, arrived.pop((leaf, 0), None))

    def accumulate(self, tell: Recorder, i: int, total: Any) -> None:
        """A leaf's turn."""
        leaf = self.by_id[i]
        before = leaf.before.numbers
        tell.turn(i, (total,))
        if total is not None:
            new = total if before is None else before + total
            leaf.becomes(tell.now, new, new)
        tell.accumulates(before, leaf.after.numbers)

    def watch(self) -> Callable[[], list[str]]:
        """Nothing is known of what could be freed."""
        return list
