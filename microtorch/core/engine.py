"""In which order do gradients travel? Youngest node first: a generator visits the graph one node at a time.

`backward.py` drains it; the stepper and the recorder of ``viz`` look at each visit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from . import versions
from .accumulate_grad import AccumulateGrad, accumulate
from .create_graph import recorded
from .grad_mode import mode
from .node import Edge, Node, Output, node_of
from .saved import already_freed, refuse_changes
from .special_turns import Captured, Wanted, finish, visit
from .unbroadcast import unbroadcast

__all__ = ["Visit", "run"]

_age, _below = attrgetter("_number"), attrgetter("_below")

Visit = tuple[Node, tuple[Any, ...], Sequence[Any]]


def run(  # noqa: C901, PLR0912, PLR0915 - what every backward pays for, in one piece
    roots: Sequence[Edge],
    gradients: Sequence[Any],
    retain_graph: bool = False,
    create_graph: bool = False,
    only: Iterable[Edge] | None = None,
    captured: Captured | None = None,
) -> Iterator[Visit]:
    """Visit every node below ``roots``, youngest first, and carry gradients from each to those it read from.

    A node is younger than all it read from. So from youngest to oldest is an order in which every gradient has arrived
    when its node's turn comes; only an AccumulateGrad does not wait for its turn, but runs as soon as its last gradient is there.

    Args:
        roots: the edges at which the walk begins.
        gradients: one for each root: arrays, or Variables where ``create_graph``.
        retain_graph: leave the saved values of the visited nodes in place.
        create_graph: compute on Variables, and so record the backward pass itself.
        only: where given, the walk goes only to these edges.
        captured: where given, the gradients that arrive at its edges are put into it, and every ``.grad`` is left alone.

    Yields:
        ``(node, grad_outputs, grad_inputs)`` after each node: the sum that arrived for each of its outputs (None where
        nothing did), and what the node made of them: a gradient or None for each entry of its ``next_functions``, before
        it is brought to the shape of what it belongs to. An AccumulateGrad has no inputs: its gradient is in ``.grad`` now.
    """
    wanted: Wanted | None = None
    # The nodes that take the longer way, `_visit`, in any case: all in anomaly mode; else those that need not run, and those of
    # which the gradient that arrives is asked for.
    inspected: set[Node] | None = None
    if only is None:
        nodes, arrived, awaited = _reachable(roots, must_be_whole=True)
    else:
        nodes, arrived, awaited = _reachable(roots, must_be_whole=False)
        inspected = {node for node in map(node_of, only) if node is not None}
        # Where all paths lead to what is asked for, and none to a dead end, whatever is computed is wanted.
        if not inspected.issuperset(awaited) or not all(map(any, map(_below, nodes))):
            wanted = _wanted_for(inspected, nodes, ends_run=captured is None)
            inspected.update(node for node in nodes if node not in wanted)
    if mode.anomaly:
        inspected = {*nodes}
    fills = inspected is None and not create_graph  # the ordinary end: leaves' .grad, as arrays
    take = arrived.pop
    # The first gradients come from the caller, not from a node: that is the turn of None.
    nodes.append(None)
    edges: Sequence[Edge] = roots
    grad_inputs: Any = gradients
    grad_outputs: Any = ()
    source: Any  # a node, or None; one with a shortcut is a Primitive
    for source in reversed(nodes):
        if source is not None:
            edges = source._below
            grad = take(source)
            rules, saved = source._shortcut, source._saved
            if rules is None or saved is None or grad is None or (inspected is not None and source in inspected):
                grad_outputs = (grad,) if source._shape is not None else _of_outputs(source, arrived)
                grad_outputs, grad_inputs = visit(source, grad_outputs, wanted, captured, create_graph)
                if not grad_inputs:
                    continue
            else:
                if source._versions is not None and source._number < versions.latest:
                    refuse_changes(source)
                grad_outputs = (grad,)
                compute = rules.gradients if wanted is None else rules.only(wanted[source])
                grad_inputs = recorded(source, rules, compute, grad, saved) if create_graph else compute(source, grad, saved)
            if saved and not retain_graph:
                source._saved = saved = None  # the values, never the edges: the graph can still be drawn
            yield source, grad_outputs, grad_inputs
        node: Any
        for node, grad in zip(edges, grad_inputs):  # noqa: B905 - of one length
            if node is None:
                continue
            if grad is not None:
                array = grad.array if create_graph else grad
                if array.shape != node._shape or array.dtype is not node._dtype:
                    grad = unbroadcast(grad, node._shape, node._dtype, source, node)  # noqa: PLW2901 - the same, in its proper form
                before = arrived[node]
                arrived[node] = grad if before is None else before + grad
            if node in awaited:
                left = awaited[node] = awaited[node] - 1
                if left:
                    continue
                total = take(node)
                if fills and total is not None and node._hooks is None:
                    # What a rule has just computed, nobody else holds; what it passed on from its output, others may.
                    own = (
                        grad is not None and source is not None and source._shortcut is not None and total is not grad_outputs[0]
                    )
                    accumulate(node.variable, total, own)
                elif (total is not None or node._hooks is not None) and (wanted is None or node in wanted):
                    total = finish(node, total, captured, create_graph)
                yield node, (total,), ()


def _reachable(roots: Sequence[Edge], must_be_whole: bool) -> tuple[list[Any], dict[Any, Any], dict[Node, int]]:  # noqa: C901
    """The nodes below the roots, oldest first; a place for what arrives at each; how many gradients each leaf awaits.

    Raises:
        RuntimeError: the graph ``must_be_whole``, and of some node the saved values were freed. (Before anything has changed: no
            leaf shall get half a pass.)
    """
    arrived: dict[Any, Any] = {}
    awaited: dict[Node, int] = {}
    nodes: list[Any] = []
    found = nodes.append
    node: Any
    for edges in chain((roots,), map(_below, nodes)):  # of which there are more on the way
        for node in edges:
            if node is None:
                continue
            if node not in arrived:
                arrived[node] = None
                if type(node) is AccumulateGrad:
                    awaited[node] = 1
                    continue
                if node._saved is None:
                    if type(node) is Output:
                        node = node.node  # noqa: PLW2901 - it is the node that has a turn
                        if node in arrived:
                            continue
                        arrived[node] = None
                    if node._saved is None and must_be_whole:
                        raise already_freed(node)
                found(node)
            elif node in awaited:
                awaited[node] += 1
    nodes.sort(key=_age)
    return nodes, arrived, awaited


def _wanted_for(ends: Iterable[Node], nodes: Iterable[Node], ends_run: bool) -> Wanted:
    """Of the nodes on the way to those asked for, which gradients are wanted; of the ``ends``, none.

    In ``backward(inputs=…)`` they run all the same, with their hooks: torch's rule.
    """
    wanted: Wanted = {}
    for node in ends:
        _want(wanted, node, (False,) * len(node._below) if ends_run else ())
    for node in nodes:  # oldest first: what a node reads from is decided before the node
        some, others = False, False
        for below in node._below:
            if below in wanted:
                some = True
            elif below is not None:
                others = True
        if some:
            _want(wanted, node, [below in wanted for below in node._below] if others else None)
    return wanted


def _want(wanted: Wanted, node: Node, which: Sequence[bool] | None) -> None:
    """Note which gradients of a node are wanted, and that its outputs are on the way to them."""
    wanted[node] = which
    if node._shape is None:
        wanted.update(dict.fromkeys([node.edge(number) for number in range(len(node._outputs))]))


def _of_outputs(node: Node, arrived: dict[Any, Any]) -> tuple[Any, ...]:
    """What has arrived for each output of a node that has several."""
    return tuple([arrived.pop(node.edge(number), None) for number in range(len(node._outputs))])
