"""What may be out of the ordinary at a node's turn? Hooks, anomaly mode, a gradient nobody asked for, or one that is all that is.

The engine comes here for the nodes that have no `Node._shortcut`, and for those that a call has singled out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .accumulate_grad import AccumulateGrad, accumulate
from .anomaly import explain, refuse_nan
from .grad_mode import mode
from .hooks import call_after, call_after_accumulation, call_before, call_on_variables
from .node import Node
from .primitive import Primitive
from .unbroadcast import unbroadcast
from .variable import Variable, wrap

__all__ = ["Captured", "Wanted", "call", "finish", "visit"]

# Of nodes, and of the outputs of those that have several: which of its gradients a node computes; None for all that it can.
Wanted = dict[Any, Sequence[bool] | None]
Captured = dict[Any, Any]  # of the edges that are asked for, what has arrived there


def finish(leaf_node: AccumulateGrad, total: Any, captured: Captured | None, create_graph: bool) -> Any:
    """The end of a path, with everything that may be out of the ordinary: hooks, a gradient that is only asked for."""
    hooks = leaf_node._hooks
    if hooks is not None:
        (total,) = call_on_variables(hooks, (total,), create_graph)
    if captured is not None:
        captured[leaf_node] = total
        return total
    if hooks is not None:
        (total,) = call_before(hooks, (total,), create_graph)
    if total is not None:
        accumulate(leaf_node.variable, total, False)
    if hooks is not None:
        call_after_accumulation(hooks, leaf_node.variable, (total,), create_graph)
    return total


def visit(
    node: Node,
    grad_outputs: tuple[Any, ...],
    wanted: Wanted | None,
    captured: Captured | None,
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
        grad_outputs = call_on_variables(hooks, grad_outputs, create_graph)
    for number, grad in enumerate(grad_outputs if captured is not None else ()):
        if captured is not None and node.edge(number) in captured:
            captured[node.edge(number)] = grad
    if not runs:
        return grad_outputs, ()
    if hooks is not None:
        grad_outputs = call_before(hooks, call_on_variables(hooks, grad_outputs, create_graph), create_graph)
    try:
        grad_inputs = type(node).gradients(node, grad_outputs, which, create_graph)  # the class's, whatever ctx has
    except Exception as error:
        if mode.anomaly:
            explain(error, node)
        raise
    if mode.anomaly:
        refuse_nan(node, grad_inputs)
    if hooks is not None:
        grad_inputs = call_after(hooks, _as_hooks_see(grad_inputs, node), grad_outputs, create_graph)
    return grad_outputs, grad_inputs


def call(node: Node, *grad_outputs: Variable | None) -> Any:
    """``z.grad_fn(grad)``, as lessons explain a node: the gradients of its inputs, by its rules alone; no hook is called.

    As in PyTorch, broadcasting is not undone yet: the engine does that. An AccumulateGrad adds to the ``.grad`` of its leaf.

    Returns:
        A Variable (or None) for an operation of one input, else a tuple of them; each can itself be differentiated.

    Raises:
        TypeError: there are not as many gradients as the node has outputs, or one is no Variable.
        RuntimeError: what the node saved was freed, or changed in place.
    """
    if not hasattr(node, "_below"):
        name = type(node).__name__
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd function "
            f"with static forward method, and call it as {name}.apply(...), not as {name}()(...)"
        )
    count = 1 if node._shape is not None else len(node._outputs)
    if len(grad_outputs) != count:
        raise TypeError(
            f"{node.name()} has {count} output{'s' * (count > 1)}: expected {count} arguments, got {len(grad_outputs)}"
        )
    for position, each in enumerate(grad_outputs):
        if each is not None and not isinstance(each, Variable):
            raise TypeError(f"{node.name()}: argument {position} is not a Variable, but of type {type(each).__name__}")
    if isinstance(node, AccumulateGrad):
        if grad_outputs[0] is not None:
            accumulate(node.variable, grad_outputs[0].array, False)
        return None
    found = type(node).gradients(node, grad_outputs if mode.grad else _arrays(grad_outputs), None, mode.grad)
    gradients = tuple(each if each is None or isinstance(each, Variable) else wrap(each) for each in found)
    return gradients[0] if len(gradients) == 1 else gradients


def _arrays(gradients: Sequence[Variable | None]) -> tuple[Any, ...]:
    return tuple(None if each is None else each.array for each in gradients)


def _as_hooks_see(grad_inputs: Sequence[Any], node: Node) -> Sequence[Any]:
    """In the shapes and dtypes of the inputs; of a user's Function, what its backward has returned: torch's rule."""
    if not isinstance(node, Primitive):
        return grad_inputs
    edges: Any = node._below
    return [
        None if grad is None or edge is None else unbroadcast(grad, edge._shape, edge._dtype, node, edge)
        for grad, edge in zip(grad_inputs, edges, strict=True)
    ]
