"""A live graph frozen into plain data: all that a renderer may look at.

Any graph will do whose nodes have ``name()`` and ``next_functions``: microtorch's, PyTorch's, a student's own.
A snapshot holds strings and numbers only, so it keeps no graph alive and cannot change when the graph does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from .data import Edge, Node, Operand, Port, Root, Saved, Scope, Snapshot, VariableInfo
from .names import Names, checked, clean
from .reading.constants import constants
from .reading.derivatives import derivatives
from .reading.functions import about, told, users_function
from .reading.kept import saved
from .reading.operands import ports
from .reading.operations import model_of
from .reading.scopes import scopes
from .reading.values import values
from .source import made_by_backward
from .summary import Nested, Summary, array_of, summarize
from .uncollected import uncollected
from .walk import GradNode, Inputs, in_order_of_creation, is_leaf, is_variable, key, reachable, start

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


@uncollected
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

    inside, orders = scopes(kept, called), derivatives(kept)
    inputs = [node.next_functions for node in kept]
    frozen = [freeze_node(i, node, inputs[i], called, limit, inside[i], orders[i]) for i, node in enumerate(kept)]
    omitted = len(nodes) - len(kept)
    if omitted:
        frozen.append(Node(len(kept), "more", f"{omitted:,} more", "", "", (), (), None, (), None))
    edges: list[Edge] = []
    for consumer, read in enumerate(inputs):
        for port, (producer, output) in enumerate(read):
            source = None if producer is None else ids.get(key(producer), len(kept))
            edges.append(Edge(len(edges), consumer, port, source, output))
    ends = tuple(
        Root(ids[key(node)], output, describe(root, called) if is_variable(root) else None)
        for root, (node, output) in zip(roots, starts, strict=True)
    )
    return Snapshot(tuple(frozen), tuple(edges), ends, omitted), kept


# ---- one node, one Variable -----------------------------------------------------------------------------------------


def freeze_node(
    i: int, node: GradNode, inputs: Inputs, called: Names, limit: int | None, scope: tuple[Scope, ...], derivative: int
) -> Node:
    """One node as data."""
    name, operation = called_so(node.name())
    line = called.line(node)
    words = getattr(node, "source", None) if line is None else str(line)
    source = clean(words, 200) if isinstance(words, str) else None
    if is_leaf(node):
        variable = getattr(node, "variable", None)
        info = None if variable is None else describe(variable, called)
        return Node(i, "leaf", name, "", info.name if info else "", (), (), info, (), source, scope=scope)
    model = model_of(node)
    function = users_function(node) if model is None else None
    return Node(
        id=i,
        kind="function",
        name=name,
        operation=operation,
        label="",
        ports=ports(node, inputs, model, called, limit),
        saved=saved(node, model),
        variable=None,
        outputs=called.made_by(node),
        source=source,
        constants=constants(node, model) if function is None else told(node, function),
        scope=scope,
        about="" if function is None else clean(about(function), 160),
        line=line,
        derivative=derivative,
        values=values(node, called),
        by_backward=made_by_backward(node),
    )


@lru_cache(maxsize=1024)
def called_so(told: str) -> tuple[str, str]:
    """A node's name, and the operation that it is of."""
    name = clean(told.rpartition("::")[2], 200)
    return name, re.sub(r"Backward\d*$", "", name)


def describe(variable: Any, called: Names | None = None) -> VariableInfo:
    """A Variable as data, read without side effects (PyTorch warns when the ``grad`` of a non-leaf is asked for)."""
    maker = getattr(variable, "grad_fn", None)  # a value of another engine may have none of the three
    is_leaf = bool(getattr(variable, "is_leaf", maker is None))
    tracked = bool(getattr(variable, "requires_grad", True))
    grad = None
    if not tracked:
        state = "not tracked"
    elif not is_leaf and not getattr(variable, "retains_grad", False):
        state = "kept for leaves only"
    else:
        grad = getattr(variable, "grad", None)
        state = "not computed yet" if grad is None else "value"
    data = summarize(array_of(variable))
    return VariableInfo(
        name=(called or Names([], [variable], [])).of(variable),
        shape=data.shape,
        dtype=clean(str(getattr(variable, "dtype", data.dtype)).rpartition(".")[2]),
        data=data,
        grad=None if grad is None else summarize(array_of(grad)),
        grad_state=state,
        requires_grad=tracked,
        is_leaf=is_leaf,
        grad_fn=None if maker is None else clean(maker.name()),
        type=clean(type(variable).__name__),
    )
