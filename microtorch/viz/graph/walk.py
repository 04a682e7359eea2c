"""The live graph: what counts as one, where it begins, all that is reachable, in which order it was made."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ...core.accumulate_grad import gradient_edge
from ...core.node import Node
from ...core.variable import Variable
from . import protocol
from .protocol import GradNode, Inputs, is_node, key

__all__ = [
    "GradNode",
    "Inputs",
    "Leaf",
    "in_order_of_creation",
    "is_leaf",
    "is_node",
    "is_variable",
    "key",
    "reachable",
    "start",
    "what",
]


class Leaf:
    """Stands for the AccumulateGrad of a leaf of another engine, which cannot be asked for it."""

    next_functions: tuple[tuple[GradNode | None, int], ...] = ()

    def __init__(self, variable: Any) -> None:
        self.variable = variable

    def name(self) -> str:
        """As the node it stands for."""
        return "AccumulateGrad"


def is_variable(value: Any) -> bool:
    """Whether a viewer may take ``value`` for a Variable."""
    return not isinstance(value, type) and hasattr(value, "grad_fn") and hasattr(value, "requires_grad")


def start(root: Any) -> tuple[GradNode, int]:
    """The node and the output from which ``root``'s graph is read."""
    if is_node(root):
        return root, 0
    if not is_variable(root):
        raise TypeError(f"cannot draw {what(root)}")
    if root.grad_fn is not None:
        return root.grad_fn, getattr(root, "output_nr", 0)
    if root.requires_grad:
        return (gradient_edge(root) if isinstance(root, Variable) else Leaf(root)), 0  # type: ignore[return-value]
    raise ValueError(
        f"this {type(root).__name__} has no graph: it does not require grad, so nothing was recorded. "
        "Make its inputs with requires_grad=True, and compute outside no_grad() and without .detach() or .data; "
        "card(v) shows a Variable without a graph"
    )


def what(value: Any, caller: str = "draw") -> str:
    """For an error of ``caller``: what was passed where a Variable was wanted, and what to do about it."""
    kind = type(value).__name__
    if value is None:
        return (
            "None (NoneType): a .grad is None until backward() has been called, and stays so where nothing requires grad. "
            "Call backward() first; card(x.grad) then shows it"
        )
    if caller != "draw" and (is_variable(value) or is_node(value)):
        return (
            f"a {kind}: {caller} takes what can run backward(), a Variable or a tensor (or nodes with gradients()); draw shows it"
        )
    if isinstance(value, (tuple, list, dict, set)):
        one = f"{caller}(*outputs)" if caller == "draw" else f"{caller}(outputs[0])"
        return f"a {kind} of {len(value)}: pass its Variables one by one, as in {one}"
    if isinstance(value, (np.ndarray, np.generic, int, float, complex, str)):
        return f"a {kind}, which records no operations: {caller} a result computed with Variable(array, requires_grad=True)"
    if isinstance(value, type):
        return f"the class {value.__name__}: {caller} a Variable computed with it"
    if callable(getattr(value, "forward", None)) or callable(getattr(value, "parameters", None)):
        return f"the module {kind} itself, which has no graph of its own: {caller} its output, as in {caller}(model(x))"
    if callable(value):
        called = str(getattr(value, "__name__", kind))[:40]
        return f"the function {called!r} itself, only what it returns: call it, as in {caller}(out.{called}())"
    return f"a {kind}: {caller} takes Variables" + " (or nodes, with name() and next_functions)" * (caller == "draw")


def is_leaf(node: GradNode) -> bool:
    """Whether the node is an AccumulateGrad."""
    return getattr(node, "variable", None) is not None or node.name().endswith("AccumulateGrad")


def reachable(starts: Iterable[GradNode]) -> list[GradNode]:
    """Every node that the starts lead to, nearest first.

    Raises:
        TypeError: a node of another engine does not keep the `GradNode` protocol.
        ValueError: such nodes lead in a circle, or have no end.
    """
    found: dict[int, GradNode] = {}
    waiting = deque(starts)
    foreign = False
    while waiting:
        node = waiting.popleft()
        if key(node) not in found:
            found[key(node)] = node
            waiting.extend(producer for producer, _ in protocol.inputs(node) if producer is not None)
            foreign = foreign or not isinstance(node, Node)
            if foreign and len(found) > protocol.MOST:
                raise ValueError(
                    f"this graph has more than {protocol.MOST:,} nodes: does next_functions of a {type(node).__name__} ever end?"
                )
    if foreign:
        protocol.refuse_circles(found.values())
    return list(found.values())


def in_order_of_creation(nodes: list[GradNode]) -> list[GradNode]:
    """Functions by their sequence number, or else inputs before users; each leaf just before its first use."""
    functions = [node for node in nodes if not is_leaf(node)]
    leaves = {key(node) for node in nodes}.difference(map(key, functions))
    numbers = dict(zip(functions, map(sequence_number, functions), strict=True))
    if None in numbers.values() or len(set(numbers.values())) < len(numbers):
        order = inputs_first(nodes)
    else:
        order = sorted(functions, key=lambda node: numbers[node] or 0)
    placed: dict[int, GradNode] = {}
    for node in order:
        for producer, _ in node.next_functions:
            if producer is not None and (leaf := key(producer)) in leaves:
                placed.setdefault(leaf, producer)
        placed.setdefault(key(node), node)
    for node in nodes:  # leaves that nothing here was computed from
        placed.setdefault(key(node), node)
    return list(placed.values())


def sequence_number(node: GradNode) -> int | None:
    """When the node was made: microtorch's attribute or PyTorch's method."""
    number = getattr(node, "_number", None)
    if number is None:
        method = getattr(node, "_sequence_nr", None)
        number = method() if callable(method) else None
    return number


def inputs_first(nodes: list[GradNode]) -> list[GradNode]:
    """The nodes so that each comes after those it was computed from: a depth-first walk without recursion."""
    todo = {key(node) for node in nodes}
    order: list[GradNode] = []
    for first in nodes:
        path: list[tuple[GradNode, Iterator[tuple[GradNode | None, int]]]] = []
        step: GradNode | None = first
        while step is not None or path:
            if step is not None and key(step) in todo:
                todo.remove(key(step))
                path.append((step, iter(step.next_functions)))
            elif not path:
                break
            node, inputs = path[-1]
            step = next((producer for producer, _ in inputs if producer is not None and key(producer) in todo), None)
            if step is None:
                order.append(node)
                path.pop()
    return order
