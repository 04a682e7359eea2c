"""The way forth, before backward() begins: the graph is made node by node, in the order in which that has happened.

It is told from what was recorded of the way back. What an operation gave is known where a Variable has a name, where a node
has kept it for its rule, or where it can be worked out from what is known; else its shape, which is that of its gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph.snapshot import Edge, Node, Snapshot, Summary, summarize
from ..graph.source import Line
from ..graph.summary import SMALL
from ..words.rules import known as words_of
from ..words.text import chip, decided, given, shape
from .applying import numbers_of
from .steps import Made, Step, Value
from .words import short, titles

__all__ = ["Making", "making"]

MOST = 2_000  # nodes that are made one by one; of a larger graph the others come all at once

# Operations by the name of their nodes; their inputs in order, then the constants named here.
WORKED_OUT: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "AddBackward0": (np.add, ()),
    "SubBackward0": (np.subtract, ()),
    "MulBackward0": (np.multiply, ()),
    "DivBackward0": (np.divide, ()),
    "NegBackward0": (np.negative, ()),
    "ReciprocalBackward0": (np.reciprocal, ()),
    "PowBackward0": (np.power, ("exponent",)),
    "ExpBackward0": (np.exp, ()),
    "LogBackward0": (np.log, ()),
    "SqrtBackward0": (np.sqrt, ()),
    "TanhBackward0": (np.tanh, ()),
    "SigmoidBackward0": (lambda x: 1 / (1 + np.exp(-x)), ()),
    "ReluBackward0": (lambda x: np.maximum(x, 0), ()),
    "SumBackward0": (np.sum, ()),
    "MeanBackward0": (lambda x, count: np.mean(x), ("count",)),
    "DotBackward0": (np.matmul, ()),
    "MvBackward0": (np.matmul, ()),
    "MmBackward0": (np.matmul, ()),
}


def making(snapshot: Snapshot, steps: Sequence[Step]) -> tuple[Made, ...]:
    """How the graph of a pass was made, one node after the other; of a very large one the first `MOST`.

    >>> import microtorch
    >>> from microtorch.viz import trace
    >>> x = microtorch.tensor(2.0, requires_grad=True)
    >>> walk = trace(x * 3 + 1)
    >>> [(walk.snapshot.nodes[each.node].name, each.values[0].values) for each in making(walk.snapshot, walk.steps)]
    [('AccumulateGrad', 2.0), ('MulBackward0', 6.0), ('AddBackward0', 7.0)]
    """
    known = told(snapshot)
    received = {step.node: step.received for step in steps}
    nodes = snapshot.nodes[:MOST]
    found = []
    for node in nodes:
        grads = received.get(node.id, ())
        holds = [known.get((node.id, output)) for output in range(max(len(grads), len(node.values), 1))]
        shapes = [of(value, grad) for value, grad in zip(holds, [*grads, *[None] * len(holds)], strict=False)]
        more = len(snapshot.nodes) - len(nodes) if node is nodes[-1] else 0
        found.append(Made(node.id, tuple(shapes), tuple(holds), more))
    return tuple(found)


def of(value: Summary | None, grad: Value | None) -> tuple[int, ...] | None:
    """The shape of a value: of one that is not known, that of its gradient."""
    if value is not None:
        return value.shape
    return None if grad is None else grad.summary.shape


# ---- what each operation gave ----

Known = dict[tuple[int, int], Summary]  # by node and output


def told(snapshot: Snapshot) -> Known:
    """What each output of each node holds, as far as that is told by somebody or can be worked out."""
    known: Known = {}
    for root in snapshot.roots:
        if root.node is not None and root.variable is not None and root.variable.data is not None:
            known[root.node, root.output] = root.variable.data
    for node in snapshot.nodes:
        if node.variable is not None and node.variable.data is not None:
            known[node.id, 0] = node.variable.data
        known |= {(node.id, output): value for output, value in enumerate(node.values) if value is not None}
    for node in snapshot.nodes:
        for (producer, output), value in kept(snapshot, node).items():
            known.setdefault((producer, output), value)
    for node in snapshot.nodes:
        if (node.id, 0) not in known and node.name in WORKED_OUT:
            result = worked_out(snapshot, node, known)
            if result is not None:
                known[node.id, 0] = summarize(result)
    return known


def kept(snapshot: Snapshot, node: Node) -> Known:
    """What a node has kept for its rule: one of its inputs, which another node has made, or its own output."""
    places = {"out": (node.id, 0)}
    for port in node.ports:
        edge = snapshot.inputs.get(node.id, {}).get(port.index)
        if port.name and edge is not None and edge.producer is not None:
            places[port.name] = edge.producer, edge.output
    saved = [(places.get(each.name), each.summary) for each in node.saved]
    return {place: summary for place, summary in saved if place is not None and summary is not None}


def worked_out(snapshot: Snapshot, node: Node, known: Known) -> NDArray[Any] | None:
    """What a small operation gives for its inputs, in float64; None where it needs more than is known."""
    function, constants = WORKED_OUT[node.name]
    if not {name for name, _ in node.constants} <= set(constants):
        return None
    edges = snapshot.inputs.get(node.id, {})
    inputs = [operand(node, edges[port], known) for port in sorted(edges)] + [numbers_of(value) for _, value in node.constants]
    if any(each is None or each.size > SMALL for each in inputs):
        return None
    try:
        with np.errstate(all="ignore"):
            result = np.asarray(function(*inputs))
    except (TypeError, ValueError):  # other inputs than the operation of this name has here
        return None
    return result if result.size <= SMALL else None


def operand(node: Node, edge: Edge, known: Known) -> NDArray[Any] | None:
    """One input: what another node has made, or a number."""
    if edge.producer is not None:
        value = known.get((edge.producer, edge.output))
        return None if value is None or value.values is None else numbers_of(value.values)
    here = node.ports[edge.port].operand if edge.port < len(node.ports) else None
    return numbers_of(here.value) if here is not None and here.value else None


# ---- in words ----


class Making:
    """Words for how a graph was made."""

    def __init__(self, snapshot: Snapshot, made: tuple[Made, ...]) -> None:
        self.snapshot = snapshot
        self.made = made
        self.titles = titles(snapshot)
        self.held = {each.node: each for each in made}

    def sentence(self, k: int) -> str:
        """What happens at a position before 0."""
        if -k > len(self.made):
            return "Nothing is there yet: no value is computed, and there is no graph. Each operation will add a node to it."
        made = self.made[k]
        node = self.snapshot.nodes[made.node]
        more = f" With it, {made.more:,} more nodes are made." if made.more else ""
        if node.kind == "leaf":
            held = self.holds(made)
            return f"{self.titles[node.id]} enters the graph: a leaf{f', {held}' if held else ''}.{more}"
        sources = " and ".join(word for word, _ in self.reads(made)) or "nothing"
        held = self.holds(made)
        gives = f": from {sources}{decided(node)} it gives {held}" if held else f" from {sources}{decided(node)}"
        return f"{self.titles[node.id]} is made{gives}.{more}"

    def reads(self, made: Made) -> list[tuple[str, str]]:
        """What a node is made from: each input as it is called, and what it holds."""
        found = []
        for edge in self.snapshot.inputs.get(made.node, {}).values():
            if edge.producer is None:
                found.append((given(self.snapshot, edge), ""))
            else:
                source = self.held.get(edge.producer)
                found.append((self.called(edge.producer, edge.output), self.hold(source, edge.output) if source else ""))
        return found

    def called(self, node: int, output: int) -> str:
        """What a node made, by its name; or else by the node."""
        names = dict(enumerate(self.snapshot.nodes[node].outputs))
        return names.get(output) or self.titles[node]

    def holds(self, made: Made) -> str:
        """All that a node gives."""
        return " and ".join(filter(None, (self.hold(made, output) for output in range(len(made.values)))))

    def hold(self, made: Made, output: int) -> str:
        """What one output holds, or how many numbers; "" where neither is known."""
        value, size = (each[output] if output < len(each) else None for each in (made.values, made.shapes))
        if isinstance(value, Summary) and (value.values is not None or value.norm is not None):
            return short(Value(value))
        if not isinstance(size, tuple):
            return ""
        return "1 number" if not size else f"{shape(size, '×').strip('(,)')} numbers"

    def line(self, made: Made) -> Line | None:
        """The line that made a node; a leaf enters with the one that uses it first."""
        nodes = self.snapshot.nodes
        return next((nodes[i].line for i in range(made.node, len(nodes)) if nodes[i].kind != "leaf"), None)

    def keeps(self, made: Made) -> list[str]:
        """What a node keeps for the way back, by the program's names."""
        node = self.snapshot.nodes[made.node]
        words = {name: word for name, word in words_of(self.snapshot, node).items() if not numbers_of(word)}
        chips = [chip(replace(saved, name=words.get(saved.name, saved.name)), "×") for saved in node.saved]
        return list(dict.fromkeys(chips))

    def back(self, made: Made) -> list[str]:
        """Where a node leads back to: its ``next_functions``."""
        producers = [edge.producer for edge in self.snapshot.inputs.get(made.node, {}).values()]
        return list(dict.fromkeys(self.titles[each] for each in producers if each is not None))
