"""Where does every path end? At the AccumulateGrad of a leaf, which adds what arrives to ``leaf.grad``.

It is made when an operation first uses the leaf, and all graphs that use the leaf share it.
"""

from __future__ import annotations

from threading import RLock
from typing import Any
from weakref import ref

import numpy as np
from numpy import ndarray

from .grad_mode import mode
from .hook_lists import HookLists
from .node import LEAF_EDGE, NO_EDGE, VIEW_EDGE, Edge, Node, new, node_of
from .variable import Variable
from .versions import count, next_sequence_nr

__all__ = ["AccumulateGrad", "accumulate", "gradient_edge", "hooks_of_leaf"]

# Entered again where a signal handler computes gradients meanwhile. Only a `with` block is sure to be left, even by an interrupt.
_lock = RLock()


class AccumulateGrad(Node):
    """The end of every path: adds what arrives to the ``.grad`` of its leaf ``variable``."""

    __slots__ = ("variable",)

    variable: Variable

    _below = _saved = ()
    _versions = _shortcut = None

    def name(self) -> str:
        """``AccumulateGrad``."""
        return "AccumulateGrad"

    def saved_values(self) -> tuple[tuple[str, Any], ...] | None:
        """Nothing: it holds the leaf itself."""
        return ()

    def _own_hooks(self) -> HookLists:
        return hooks_of_leaf(self.variable)


def gradient_edge(variable: Variable) -> Edge:
    """Where the gradient of ``variable`` goes: to its ``grad_fn``, or to a leaf's AccumulateGrad.

    All graphs that use a leaf share its AccumulateGrad. The node holds its leaf, and the leaf holds the node weakly: no cycle,
    so a graph is freed as soon as nobody needs it.
    """
    edge = variable._edge
    if edge is not LEAF_EDGE:
        if edge is not VIEW_EDGE:
            return edge
        assert variable._view is not None
        # Where nothing is recorded, nothing is renewed, as in torch: a view may learn of its base's new history later.
        edge = variable._view.edge_of(variable) if mode.recording else variable._view.edge
        if edge is not LEAF_EDGE:
            return edge
    reference = variable._accumulator
    node = reference() if reference is not None else None
    return node or _new_accumulator(variable)


def _new_accumulator(leaf: Variable) -> AccumulateGrad:
    with _lock:  # two threads must not make two
        reference = leaf._accumulator
        node = reference() if reference is not None else None
        if node is None:
            node = AccumulateGrad()
            node.variable = leaf
            if leaf._hooks is not None:
                node._hooks = leaf._hooks
            node._number = next_sequence_nr()
            node._shape, node._dtype = leaf.array.shape, leaf.array.dtype
            leaf._accumulator = ref(node)
    return node  # type: ignore[return-value] # a leaf refers to no other


def hooks_of_leaf(leaf: Variable) -> HookLists:
    """Where hooks on a leaf are kept: with the leaf, since an AccumulateGrad goes with the last graph that uses it."""
    if leaf._hooks is None:
        leaf._hooks = HookLists()
    node = leaf._accumulator() if leaf._accumulator is not None else None
    if node is not None:
        node._hooks = leaf._hooks
    return leaf._hooks


def accumulate(leaf: Variable, grad: Any, own: bool) -> None:
    """Add a gradient to ``leaf.grad``: in place where there is one, else in an array of the leaf's own."""
    if leaf._edge is not LEAF_EDGE and not _still_a_leaf(leaf):
        return
    if grad.__class__ is not ndarray:
        if isinstance(grad, Variable):  # create_graph: `.grad` is itself part of a graph, and never changed in place
            with _lock:
                leaf._grad = grad.clone() if leaf._grad is None else leaf._grad + grad
            return
        grad = np.asarray(grad)
    if leaf._version_cell is not None and grad.shape != leaf.array.shape:
        grad = _reshaped(grad, leaf)
    try:
        with _lock:  # other threads may be adding to the same leaf
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
