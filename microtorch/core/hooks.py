"""Which functions of the user's does backward call, and when? Hooks on Variables, on nodes, and once a leaf's ``.grad`` grew.

They attach to the mechanism at two points: `register_hook` and its like put them into a node's `HookLists`; and the engine, where
a node has some, takes its longer way, `special_turns.visit` and `special_turns.finish`, which call what is below.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any
from weakref import ref

from .accumulate_grad import hooks_of_leaf
from .grad_mode import Block, mode
from .hook_lists import HookLists, RemovableHandle
from .node import node_of, number_of
from .variable import Variable, wrap

__all__ = [
    "call_after", "call_after_accumulation", "call_before", "call_on_variables", "end_pass", "of_this_pass", "register_hook",
    "register_post_accumulate_grad_hook", "retain_grad", "retains_grad",
]  # fmt: skip

Gradients = tuple[Any, ...]  # arrays, or Variables while the backward pass is itself recorded; None where there is none


def own_hooks(variable: Variable) -> HookLists:
    """Where hooks on a Variable are kept: with a leaf, which outlives its AccumulateGrad; else with its ``grad_fn``."""
    node = node_of(variable._history())
    return hooks_of_leaf(variable) if node is None else node._own_hooks()


def register_hook(variable: Variable, hook: Callable[[Variable], Variable | None]) -> RemovableHandle:
    """Call ``hook(grad)`` whenever the gradient with respect to this Variable is computed.

    What it returns, if not None, is used in place of the gradient. Hooks are called in the order of registration.

    Raises:
        RuntimeError: this Variable requires no gradient.
    """
    if not variable.requires_grad:
        raise RuntimeError(f"cannot register a hook on a tensor that doesn't require gradient: {variable._described()}")
    return RemovableHandle(own_hooks(variable).tensor, (variable.output_nr, hook), calls=hook)


def register_post_accumulate_grad_hook(variable: Variable, hook: Callable[[Variable], None]) -> RemovableHandle:
    """Call ``hook(variable)`` whenever backward has added to the ``.grad`` of this leaf.

    Raises:
        RuntimeError: this Variable requires no gradient, or is no leaf.
    """
    if not variable.requires_grad:
        raise RuntimeError(f"cannot register a hook on a tensor that doesn't require gradient: {variable._described()}")
    if not variable.is_leaf:
        raise RuntimeError(
            f"post accumulate grad hooks cannot be registered on non-leaf tensors, and {variable._described()} was made by "
            f"{variable.grad_fn}"
        )
    return RemovableHandle(own_hooks(variable).accumulated, hook)


def retain_grad(variable: Variable) -> None:
    """Let backward() set ``.grad`` here too, though this Variable is no leaf.

    Raises:
        RuntimeError: this Variable requires no gradient.
    """
    if not variable.requires_grad:
        raise RuntimeError(f"can't retain_grad on Tensor that has requires_grad=False: {variable._described()}")
    if not retains_grad(variable) and variable._known_edge():
        own_hooks(variable).retained[variable.output_nr] = ref(variable)


def retains_grad(variable: Variable) -> bool:
    """Whether this is no leaf, and backward() sets its ``.grad`` all the same."""
    node, number = node_of(variable._known_edge()), number_of(variable._known_edge())
    if node is None or node._hooks is None:
        return False
    reference = node._hooks.retained.get(number)
    return number in node._hooks.retained_earlier or (reference is not None and reference() is variable)


def of_this_pass(at_end: Callable[[dict[Any, Any]], None]) -> dict[Any, Any]:
    """A dict for what comes together in the backward pass that calls the hook that asks; ``at_end`` gets it when that has ended.

    The same for everyone who asks with the same ``at_end``; nothing is called where the pass ends with an error.
    """
    this = _current_pass()
    for of_pass, callback, found in mode.at_end:
        if of_pass is this and callback == at_end:
            return found
    mode.at_end = (*mode.at_end, (this, at_end, found := {}))
    return found


def _current_pass() -> object:
    """The pass that is going on: the frame of `backward._drain`, of which each, also one inside another, has its own."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_name != "_drain":
        frame = frame.f_back
    return frame


def end_pass(ended: object, *, failed: bool = False) -> None:
    """Call what waits for the end of a pass, and forget it."""
    waiting, mode.at_end = mode.at_end, tuple(each for each in mode.at_end if each[0] is not ended)
    for of_pass, callback, found in waiting:
        if of_pass is ended and not failed:
            callback(found)


def call_on_variables(hooks: HookLists, grad_outputs: Gradients, create_graph: bool) -> Gradients:
    """Call the hooks of the node's outputs, then give their ``.grad`` to those that retain it."""
    values = _variables(grad_outputs)
    with Block(grad=create_graph):
        for number, hook in list(hooks.tensor.values()):
            values[number] = _replaced(hook, values[number], hook(values[number]))
        for number, reference in hooks.retained.items():
            variable, grad = reference(), values[number]
            if variable is not None and grad is not None:
                _retain(variable, grad, create_graph)
    return _gradients(values, create_graph)


def call_before(hooks: HookLists, grad_outputs: Gradients, create_graph: bool) -> Gradients:
    """Call the node's own hooks that come before it runs: each may replace the gradients of its outputs."""
    values = _variables(grad_outputs)
    with Block(grad=create_graph):
        for hook in list(hooks.pre.values()):
            values = _all_replaced(hook, values, hook(tuple(values)))
    return _gradients(values, create_graph)


def call_after(hooks: HookLists, grad_inputs: Sequence[Any], grad_outputs: Gradients, create_graph: bool) -> Gradients:
    """Call the node's own hooks once it has run: each may replace the gradients of its inputs."""
    values, outputs = _variables(grad_inputs), tuple(_variables(grad_outputs))
    with Block(grad=create_graph):
        for hook in list(hooks.post.values()):
            values = _all_replaced(hook, values, hook(tuple(values), outputs))
    return _gradients(values, create_graph)


def call_after_accumulation(hooks: HookLists, leaf: Variable, total: Gradients, create_graph: bool) -> None:
    """Call what waits for the leaf's ``.grad``, then the hooks of its AccumulateGrad."""
    with Block(grad=create_graph):
        for hook in list(hooks.accumulated.values()):
            if hook(leaf) is not None:
                raise RuntimeError(f"post accumulate grad hooks should return None, and {_named(hook)} did not")
    call_after(hooks, (), total, create_graph)


def _variables(gradients: Sequence[Any]) -> list[Any]:
    return [each if each is None or isinstance(each, Variable) else wrap(each) for each in gradients]


def _gradients(variables: Sequence[Any], create_graph: bool) -> Gradients:
    return tuple(variables) if create_graph else tuple(None if each is None else each.array for each in variables)


def _retain(variable: Variable, grad: Variable, create_graph: bool) -> None:
    """Add to the ``.grad`` of a Variable that is no leaf: out of place, as torch does."""
    before = variable._grad
    if before is not None:
        variable._grad = before + grad
    else:
        variable._grad = grad.clone() if create_graph else wrap(grad.array.copy())


def _replaced(hook: Any, value: Variable | None, result: Any) -> Variable | None:
    """What a hook makes of a gradient: its result, or the gradient itself where it returns None."""
    if result is None:
        return value
    if not isinstance(result, Variable):
        raise TypeError(
            f"expected Variable, but hook returned {type(result).__name__!r}: {_named(hook)} has to return a Variable, or None "
            "to keep the gradient"
        )
    return _fitting(hook, value, result)


def _fitting(hook: Any, value: Variable | None, result: Variable) -> Variable:
    if value is None:
        raise RuntimeError(f"can't replace a None gradient with a non-None value ({_named(hook)})")
    if result.array.dtype != value.array.dtype:  # unpickled ones are equal, and not the same
        raise RuntimeError(f"{_named(hook)} has changed the type of value (was {value.dtype} got {result.dtype})")
    if result.array.shape != value.array.shape:
        raise RuntimeError(
            f"{_named(hook)} has changed the size of value (was {list(value.array.shape)} got {list(result.array.shape)})"
        )
    return result


def _all_replaced(hook: Any, values: list[Any], result: Any) -> list[Any]:
    """As `_replaced`, of a hook on a node: a tuple of gradients, any of which may be None to take it away."""
    if result is None:
        return values
    if not isinstance(result, tuple):
        raise TypeError(
            f"expected tuple, but hook returned {type(result).__name__!r}: {_named(hook)} has to return as many gradients as "
            "it was given, or None to keep them"
        )
    if len(result) != len(values):
        raise RuntimeError(
            f"{_named(hook)} has returned an incorrect number of values (got {len(result)}, but expected {len(values)})"
        )
    return [None if new is None else _replaced(hook, old, new) for old, new in zip(values, result, strict=True)]


def _named(hook: Any) -> str:
    return f"hook {getattr(hook, '__name__', repr(type(hook).__name__))!r}"
