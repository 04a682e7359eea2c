"""A live graph frozen into plain data: all that a renderer may look at.

Any graph will do whose nodes have ``name()`` and ``next_functions``: microtorch's, PyTorch's, a student's own.
A snapshot holds strings and numbers only, so it keeps no graph alive and cannot change when the graph does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .names import Names, checked, clean
from .summary import Nested, Summary, array_of, summarize
from .walk import GradNode, in_order_of_creation, is_leaf, is_variable, key, reachable, start

__all__ = [
    "Edge",
    "GradNode",
    "Nested",
    "Node",
    "Operand",
    "Port",
    "Root",
    "Saved",
    "Scope",
    "Snapshot",
    "Summary",
    "VariableInfo",
    "freeze",
]
__all__ += ["key", "snapshot", "summarize"]

PORTS = 24  # of one node, when the size of the picture is limited


@dataclass(frozen=True)
class VariableInfo:
    """A Variable as its card shows it; ``grad_state`` is "value" or the reason why there is none."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    data: Summary | None
    grad: Summary | None
    grad_state: str
    requires_grad: bool
    is_leaf: bool
    grad_fn: str | None
    type: str = "Variable"


@dataclass(frozen=True)
class Saved:
    """A value that a node keeps for backward; its summary has statistics only where that is cheap."""

    name: str
    summary: Summary | None
    freed: bool


@dataclass(frozen=True)
class Operand:
    """What stands at an input that has no gradient: a number as it was written, or data, with what is known of it."""

    name: str = ""  # of the Variable
    value: str = ""  # of the number
    shape: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Port:
    """One input of a node, with the rule for the gradient that backward sends to it; ``operand`` where nothing is sent."""

    index: int
    name: str | None
    formula: str | None
    operand: Operand | None = None


@dataclass(frozen=True)
class Scope:
    """A module in whose ``forward`` a node was made: one call of it, its name for the reader ("net.0"), its class ("Linear")."""

    call: int
    name: str
    kind: str


@dataclass(frozen=True)
class Node:
    """A "function", a "leaf" (AccumulateGrad and its Variable), or the "more" that stands for what was left out."""

    id: int
    kind: str
    name: str
    operation: str
    label: str
    ports: tuple[Port, ...]
    saved: tuple[Saved, ...]
    variable: VariableInfo | None
    outputs: tuple[str, ...]
    source: str | None
    constants: tuple[tuple[str, str], ...] = ()  # name and value of what else decides the result: an exponent, axes, a stride
    scope: tuple[Scope, ...] = ()  # the modules it was made in, the outermost first
    about: str = ""  # of a user's Function, the first line of its backward


@dataclass(frozen=True)
class Edge:
    """One input of ``consumer``; ``producer`` is None where nothing is tracked."""

    id: int
    consumer: int
    port: int
    producer: int | None
    output: int


@dataclass(frozen=True)
class Root:
    """What the graph was asked for: output ``output`` of ``node``, with its Variable where that is known."""

    node: int | None
    output: int
    variable: VariableInfo | None


@dataclass(frozen=True)
class Snapshot:
    """A graph: nodes by id (in the order of their making, a leaf just before its first use), edges, roots."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    roots: tuple[Root, ...]
    omitted: int


def snapshot(*roots: Any, names: Mapping[str, Any] | None = None) -> Snapshot:
    """The whole graph behind ``roots`` (Variables, PyTorch's tensors, or nodes), however deep, as plain data.

    ``names`` maps names to Variables and goes before ``variable.name`` and the names in the caller's code.

    Raises:
        TypeError: a root is neither a Variable nor a node.
        ValueError: a root has no graph.

    >>> import microtorch
    >>> x = microtorch.ones(2, 2, requires_grad=True)
    >>> y = x * x
    >>> [(node.kind, node.name, node.label) for node in snapshot(y).nodes]
    [('leaf', 'AccumulateGrad', 'x'), ('function', 'MulBackward0', '')]
    >>> [(edge.producer, edge.consumer, edge.port) for edge in snapshot(y).edges]
    [(0, 1, 0), (0, 1, 1)]
    """
    return freeze(*roots, names=names)[0]


def freeze(*roots: Any, names: Mapping[str, Any] | None = None, limit: int | None = None) -> tuple[Snapshot, list[GradNode]]:
    """The snapshot and, for those who go on to run the graph, its live nodes by id.

    Of a graph with more than ``limit`` nodes the part nearest to the roots is kept; the last node, with no live one,
    stands for the rest.
    """
    if not roots:
        raise TypeError("nothing to draw: pass the Variable whose graph you want to see, as in draw(out)")
    explicit = checked(names)
    starts = [start(root) for root in roots]
    nodes = reachable(node for node, _ in starts)
    kept = in_order_of_creation(nodes[:limit])
    ids = {key(node): i for i, node in enumerate(kept)}
    called = Names(explicit, [root for root in roots if is_variable(root)], kept)

    frozen = [freeze_node(i, node, called, limit) for i, node in enumerate(kept)]
    omitted = len(nodes) - len(kept)
    if omitted:
        frozen.append(Node(len(kept), "more", f"{omitted:,} more", "", "", (), (), None, (), None))
    edges: list[Edge] = []
    for consumer, node in enumerate(kept):
        for port, (producer, output) in enumerate(node.next_functions[: PORTS if limit else None]):
            source = None if producer is None else ids.get(key(producer), len(kept))
            edges.append(Edge(len(edges), consumer, port, source, output))
    ends = tuple(
        Root(ids[key(node)], output, describe(root, called) if is_variable(root) else None)
        for root, (node, output) in zip(roots, starts, strict=True)
    )
    return Snapshot(tuple(frozen), tuple(edges), ends, omitted), kept


# ---- one node, one Variable -----------------------------------------------------------------------------------------


def freeze_node(i: int, node: GradNode, called: Names, limit: int | None) -> Node:
    """One node as data."""
    name = clean(node.name().rpartition("::")[2])
    source = getattr(node, "source", None)
    source = clean(source, 200) if isinstance(source, str) else None
    if is_leaf(node):
        variable = getattr(node, "variable", None)
        info = None if variable is None else describe(variable, called)
        return Node(i, "leaf", name, "", info.name if info else "", (), (), info, (), source)
    operation = re.sub(r"Backward\d*$", "", name)
    return Node(i, "function", name, operation, "", ports(node, limit), saved(node), None, called.made_by(node), source)


def ports(node: GradNode, limit: int | None) -> tuple[Port, ...]:
    """The node's inputs; of very many, where the picture's size is limited, the last stands for the rest."""
    count = len(node.next_functions)
    shown = min(count, PORTS) if limit else count
    names = [clean(name) for name in getattr(node, "input_names", ())[:shown]]
    rules = [clean(formula, 160) for formula in getattr(node, "formulas", ())[:shown]]
    names += [""] * (shown - len(names))
    rules += [""] * (shown - len(rules))
    listed = tuple(Port(i, names[i] or None, rules[i] or None) for i in range(shown))
    return listed if shown == count else (*listed, Port(shown, f"… {count - shown:,} more inputs", None))


def saved(node: GradNode) -> tuple[Saved, ...]:
    """What the node keeps for backward: told by itself, or found in PyTorch's ``_saved_*`` attributes."""
    tell = getattr(node, "saved_values", None)
    if callable(tell):
        values = tell()
        return (Saved("", None, freed=True),) if values is None else tuple(keep(name, value) for name, value in values)
    if hasattr(type(node), "saved_tensors"):  # a user's Function in PyTorch
        try:
            values = node.saved_tensors  # type: ignore[attr-defined]
        except RuntimeError:
            return (Saved("", None, freed=True),)
        return tuple(keep(f"saved_tensors[{i}]", value) for i, value in enumerate(values))
    found = []
    for attribute in sorted(name for name in dir(node) if name.startswith("_saved_")):
        name = clean(attribute.removeprefix("_saved_"))
        try:
            value = getattr(node, attribute)
        except RuntimeError:  # PyTorch's way to say that backward has freed it
            found.append(Saved(name, None, freed=True))
        else:
            if hasattr(value, "detach"):
                found.append(keep(name, value))
    return tuple(found)


def keep(name: str, value: Any) -> Saved:
    """A saved value, summarized if it is a number or an array."""
    numeric = isinstance(value, (bool, int, float, np.generic, np.ndarray)) or hasattr(value, "detach")
    return Saved(clean(name), summarize(array_of(value), statistics=False) if numeric else None, freed=False)


def describe(variable: Any, called: Names | None = None) -> VariableInfo:
    """A Variable as data, read without side effects (PyTorch warns when the ``grad`` of a non-leaf is asked for)."""
    is_leaf = bool(getattr(variable, "is_leaf", variable.grad_fn is None))
    grad = None
    if not variable.requires_grad:
        state = "not tracked"
    elif not is_leaf and not getattr(variable, "retains_grad", False):
        state = "kept for leaves only"
    else:
        grad = variable.grad
        state = "not computed yet" if grad is None else "value"
    data = summarize(array_of(variable))
    return VariableInfo(
        name=(called or Names([], [variable], [])).of(variable),
        shape=data.shape,
        dtype=clean(str(getattr(variable, "dtype", data.dtype)).rpartition(".")[2]),
        data=data,
        grad=None if grad is None else summarize(array_of(grad)),
        grad_state=state,
        requires_grad=bool(variable.requires_grad),
        is_leaf=is_leaf,
        grad_fn=None if variable.grad_fn is None else clean(variable.grad_fn.name()),
        type=clean(type(variable).__name__),
    )
