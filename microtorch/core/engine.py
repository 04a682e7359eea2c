"""The backward pass: a generator that visits the graph one node at a time; ``gradients.py`` drains it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import ndarray

from . import versions
from .anomaly import explain, refuse_nan
from .grad_mode import mode
from .node import LEAF_EDGE, NO_EDGE, AccumulateGrad, Edge, Node, Output, already_freed, new, node_of, to_shape
from .versions import count

if TYPE_CHECKING:
    from .variable import Variable

__all__ = ["Visit", "fitted", "run"]

_age, _below = attrgetter("_number"), attrgetter("_below")
_lock = Lock()
_acquire, _release = _lock.acquire, _lock.release  # a `with` block takes twice as long

# Of nodes, and of the outputs of those that have several: which of its gradients a node computes; None for all that it can.
Wanted = dict[Any, Sequence[bool] | None]
Visit = tuple[Node, tuple[Any, ...], Sequence[Any]]


def run(  # noqa: C901, PLR0912, PLR0915 - what every backward pays for, in one piece
    roots: Sequence[Edge],
    gradients: Sequence[Any],
    retain_graph: bool = False,
    create_graph: bool = False,
    only: Iterable[Edge] | None = None,
    captured: dict[Any, Any] | None = None,
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
    # The nodes that take the long way, whatever their plan: all in anomaly mode; else those that need not run, and those of which
    # the gradient that arrives is asked for.
    apart: set[Node] | None = None
    if only is None:
        nodes, arrived, awaited = _reachable(roots, must_be_whole=True)
    else:
        nodes, arrived, awaited = _reachable(roots, must_be_whole=False)
        apart = {node for node in map(node_of, only) if node is not None}
        # Where all paths lead to what is asked for, and none to a dead end, whatever is computed is wanted.
        if not apart.issuperset(awaited) or not all(map(any, map(_below, nodes))):
            wanted = _wanted_for(apart, nodes)
            apart.update(node for node in nodes if node not in wanted)
    if mode.anomaly:
        apart = {*nodes}
    fills = apart is None and not create_graph  # the ordinary end: leaves' .grad, as arrays
    take = arrived.pop
    # The first gradients come from the caller, not from a node: that is the turn of None.
    nodes.append(None)
    edges: Sequence[Edge] = roots
    grad_inputs: Any = gradients
    grad_outputs: Any = ()
    source: Node | None
    for source in reversed(nodes):
        if source is not None:
            edges = source._below
            grad = take(source)
            plan, saved = source._plan, source._saved
            if plan is None or saved is None or grad is None or (apart is not None and source in apart):
                grad_outputs = (grad,) if source._shape is not None else _of_outputs(source, arrived)
                grad_outputs, grad_inputs = _visited(source, grad_outputs, wanted, captured, create_graph)
                if not grad_inputs:
                    continue
            else:
                if source._versions is not None and source._number < versions.latest:
                    source._refuse_changes()
                if create_graph:
                    saved = source._rewrapped(plan, saved)  # type: ignore[union-attr] # a Primitive's
                grad_outputs = (grad,)
                grad_inputs = (plan.gradients if wanted is None else plan.only(wanted[source]))(source, grad, saved)
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
                    grad = to_shape(grad, node._shape, node._dtype, source, node)  # noqa: PLW2901 - the same, in its proper form
                before = arrived[node]
                arrived[node] = grad if before is None else before + grad
            if node in awaited:
                left = awaited[node] = awaited[node] - 1
                if left:
                    continue
                total = take(node)
                if fills and total is not None and node._hooks is None:
                    # What a rule has just computed, nobody else holds; what it passed on from its output, others may.
                    own = grad is not None and source is not None and source._plan is not None and total is not grad_outputs[0]
                    _accumulate(node.variable, total, own)
                elif (total is not None or node._hooks is not None) and (wanted is None or node in wanted):
                    total = _arrived(node, total, captured, create_graph)
                yield node, (total,), ()


def _arrived(leaf_node: AccumulateGrad, total: Any, captured: dict[Edge, Any] | None, create_graph: bool) -> Any:
    """The end of a path, with everything that may be out of the ordinary: hooks, a gradient that is only asked for."""
    hooks = leaf_node._hooks
    if hooks is not None:
        (total,) = hooks.on_variables((total,), create_graph)
    if captured is not None:
        captured[leaf_node] = total
        return total
    if hooks is not None:
        (total,) = hooks.before((total,), create_graph)
    if total is not None:
        _accumulate(leaf_node.variable, total, False)
    if hooks is not None:
        hooks.after_accumulation(leaf_node.variable, (total,), create_graph)
    return total


def _visited(
    node: Node,
    grad_outputs: tuple[Any, ...],
    wanted: Wanted | None,
    captured: dict[Any, Any] | None,
    create_graph: bool,
) -> tuple[tuple[Any, ...], Sequence[Any]]:
    """A node's turn, with everything that may be out of the ordinary: hooks, anomaly mode, gradients nobody asked for.

    Where nothing below it is ``wanted``, the node does not run, and there are no gradients of its inputs.
    """
    hooks = node._hooks
    which = None if wanted is None else wanted.get(node, ())
    runs = which is None or len(which) > 0
    # What is only asked for, has its hooks called first; what runs too, is taken before them: torch's rule.
    if not runs and hooks is not None and wanted is not None and node in wanted:
        grad_outputs = hooks.on_variables(grad_outputs, create_graph)
    for number, grad in enumerate(grad_outputs if captured is not None else ()):
        if captured is not None and node.edge(number) in captured:
            captured[node.edge(number)] = grad
    if not runs:
        return grad_outputs, ()
    if hooks is not None:
        grad_outputs = hooks.before(hooks.on_variables(grad_outputs, create_graph), create_graph)
    try:
        grad_inputs = type(node).gradients(node, grad_outputs, which, create_graph)  # the class's, whatever ctx has
    except Exception as error:
        if mode.anomaly:
            explain(error, node)
        raise
    if mode.anomaly:
        refuse_nan(node, grad_inputs)
    if hooks is not None:
        grad_inputs = hooks.after(grad_inputs, grad_outputs, create_graph)
    return grad_outputs, grad_inputs


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


def _wanted_for(ends: Iterable[Node], nodes: Iterable[Node]) -> Wanted:
    """Of the nodes on the way to those asked for, which gradients are wanted; of the ``ends``, none."""
    wanted: Wanted = {}
    for node in ends:
        _want(wanted, node, ())
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


def fitted(grad: Any, edge: Any, source: Node | None) -> Any:
    """``grad``, which ``source`` sends along ``edge``, in the shape and dtype of the output it belongs to.

    Raises:
        RuntimeError: the shape is another, and not one that broadcasting made of it.
    """
    return to_shape(grad, edge._shape, edge._dtype, source, edge)


def _accumulate(leaf: Variable, grad: Any, own: bool) -> None:
    """Add a gradient to ``leaf.grad``: in place where there is one, else in an array of the leaf's own."""
    if leaf._edge is not LEAF_EDGE and not _still_a_leaf(leaf):
        return
    if grad.__class__ is not ndarray:
        if isinstance(grad, Variable):  # create_graph: `.grad` is itself part of a graph, and never changed in place
            leaf._grad = grad.clone() if leaf._grad is None else leaf._grad + grad
            return
        grad = np.asarray(grad)
    if leaf._version_cell is not None and grad.shape != leaf.array.shape:
        grad = _reshaped(grad, leaf)
    _acquire()  # other threads may be adding to the same leaf
    try:
        before = leaf._grad
        if before is None:
            first = new(Variable)
            first.array = grad if own and grad.base is None else grad.copy()
            first._edge = NO_EDGE
            first._grad = first._view = first._version_cell = first._accumulator = None
            leaf._grad = first
        else:
            np.add(before.array, grad, before.array)
            count(before, operation="backward()")
    except ValueError:
        raise _no_longer_fits(leaf, grad) from None
    finally:
        _release()


def _still_a_leaf(leaf: Variable) -> bool:
    """Whether a Variable that was a leaf, and required a gradient, when the graph was made, does and is so still."""
    node = node_of(leaf._known_edge())
    if node is not None:
        raise RuntimeError(f"leaf variable has been moved into the graph interior: {leaf._described()} is now made by {node}")
    return leaf.requires_grad


def _reshaped(grad: Any, leaf: Variable) -> Any:
    """The gradient of a leaf that got another shape, in place, after the graph was made: as far as lengths of 1 make it so."""
    try:
        return np.broadcast_to(grad, leaf.array.shape)
    except ValueError:
        raise _no_longer_fits(leaf, grad) from None


def _no_longer_fits(leaf: Variable, grad: Any) -> RuntimeError:
    return RuntimeError(
        f"a gradient of shape {tuple(grad.shape)} arrived for {leaf._described()}, whose .grad is "
        f"{'None' if leaf._grad is None else f'of shape {tuple(leaf._grad.shape)}'}: set .grad to None where a leaf changes its "
        "shape, and compute the graph anew"
    )
