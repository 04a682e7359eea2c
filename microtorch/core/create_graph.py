"""Where does a gradient of a gradient come from? With ``create_graph``, rules are called with Variables, and so are recorded.

There is no second set of rules. What a node saved as arrays is wrapped again, each with its place in the graph; the rule, written
in NumPy that works on whatever it is given, computes on these; and so the gradient that it gives has a graph of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from ..arrays.dtypes import Array
from .accumulate_grad import AccumulateGrad, gradient_edge
from .grad_mode import mode
from .node import Edge, Node, new
from .rules import RuleSet
from .unrolled import Gradients
from .variable import Variable, wrap
from .versions import next_sequence_nr

__all__ = ["record", "recorded", "rewrap", "rewrapped"]


def recorded(node: Any, rules: RuleSet, gradients: Gradients, grad: Any, saved: tuple[Any, ...]) -> Sequence[Any]:
    """The gradients that the rules of a Primitive's ``node`` give, as Variables that can be differentiated again.

    What a rule reads, its result hangs on. A ``flat`` rule may read nothing that has a history, though what it says holds for
    this input alone: there, as in torch, the gradient leads to the input with zeros, and not nowhere.
    """
    found = gradients(node, grad, rewrapped(node, rules, saved))
    if not rules.flat:
        return found
    return [
        each if each is None or below is None or i not in rules.flat else Flat.made_by(each, below)
        for i, (each, below) in enumerate(zip(found, node._below, strict=True))
    ]


def rewrapped(node: Any, rules: RuleSet, saved: tuple[Any, ...]) -> tuple[Any, ...]:
    """Saved arrays as Variables with their place in the graph, so that rules can be differentiated."""
    values: tuple[Any, ...] = ()
    for value, source in zip(saved, rules.sources):  # noqa: B905 - of one length
        values += (rewrap(value, node.edge_of_value(source)) if value.__class__ is ndarray else value,)
    return values


def rewrap(array: Array, edge: Edge) -> Variable:
    """A saved array as the Variable it was: a leaf that still has it is the leaf itself, else a new Variable on the same edge."""
    if isinstance(edge, AccumulateGrad) and edge.variable.array is array:
        return edge.variable
    return wrap(array, edge)


def record(visits: Iterator[tuple[Node, Any, Any]], captured: dict[Any, Any] | None) -> None:
    """Make all visits of a pass, and say at the nodes of its results that all since its beginning was made in it.

    For pictures, which draw that in a lane. Of which order the derivative is, such marks tell in turn: whatever is computed from
    a derivative leads to one.
    """
    begin = next_sequence_nr()
    visited = [node for node, _, _ in visits]
    known = (begin, 1 + max([node._pass[1] for node in visited], default=0))
    leaves = [node.variable for node in visited if isinstance(node, AccumulateGrad)]
    for each in [leaf._grad for leaf in leaves] if captured is None else captured.values():
        node = None if each is None else each.grad_fn
        if node is not None and node._number > begin:
            node._pass = max(node._pass, known)


class Flat(Node):
    """The way of a recorded gradient to an input on which it does not depend: the derivative there is zero."""

    __slots__ = ()

    input_names = ("grad", "input")
    formulas = ("grad", "zeros")

    @staticmethod
    def made_by(grad: Variable, edge: Edge) -> Variable:
        """``grad``, which leads to ``edge`` too."""
        if not mode.recording:
            return grad
        node = new(Flat)
        node._below = (gradient_edge(grad) or None, edge)
        node._number = next_sequence_nr()
        node._saved, node._versions, node._shortcut = (), None, None
        node._shape, node._dtype = grad.array.shape, grad.array.dtype
        return wrap(grad.array, node)

    def saved_values(self) -> tuple[tuple[str, Any], ...] | None:
        """Nothing."""
        return ()

    def gradients(self, grad_outputs: Sequence[Any], wanted: Sequence[bool] | None, create_graph: bool) -> Sequence[Any]:
        """What arrives, and zeros."""
        below: Any = self._below[1]
        zeros = np.zeros(below._shape, below._dtype)
        return grad_outputs[0], wrap(zeros) if create_graph else zeros
