"""Hooks: functions of the user's that backward calls on its way, at Variables and at nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import ref

from .grad_mode import Block

if TYPE_CHECKING:  # and found here once they run: variable.py closes the import circle
    from .node import wrap
    from .variable import Variable

__all__ = ["Hooks", "RemovableHandle"]

Gradients = tuple[Any, ...]  # arrays, or Variables while the backward pass is itself recorded; None where there is none

_next_id = count().__next__


class RemovableHandle:
    """What registering a hook returns: ``remove()`` takes the hook away again, as does the end of a ``with`` block.

    >>> import microtorch
    >>> x = microtorch.ones(2, requires_grad=True)
    >>> with x.register_hook(lambda grad: grad * 10):
    ...     x.sum().backward()
    >>> x.grad.tolist()
    [10.0, 10.0]
    """

    def __init__(self, hooks: dict[int, Any], hook: Any, *, calls: Any = None) -> None:
        called = hook if calls is None else calls
        if not callable(called):
            raise TypeError(f"a hook must be callable, and {type(called).__name__} is not")
        self.id = _next_id()
        self._hooks = hooks
        hooks[self.id] = hook

    def remove(self) -> None:
        """Take the hook away; a second time nothing happens."""
        self._hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()


class Hooks:
    """The hooks of one node, by kind, each in the order of registration; those of a leaf are those of its AccumulateGrad."""

    def __init__(self) -> None:
        self.tensor: dict[int, tuple[int, Callable[..., Any]]] = {}  # of a Variable: with its output number
        self.retained: dict[int, ref[Variable]] = {}  # by output number: who asked for its .grad with retain_grad()
        self.pre: dict[int, Callable[..., Any]] = {}
        self.post: dict[int, Callable[..., Any]] = {}
        self.accumulated: dict[int, Callable[..., Any]] = {}

    def on_variables(self, grad_outputs: Gradients, create_graph: bool) -> Gradients:
        """Call the hooks of the node's outputs, then give their ``.grad`` to those that retain it."""
        values = _variables(grad_outputs)
        with Block(grad=create_graph):
            for number, hook in list(self.tensor.values()):
                values[number] = _replaced(hook, values[number], hook(values[number]))
            for number, reference in self.retained.items():
                variable, grad = reference(), values[number]
                if variable is not None and grad is not None:
                    _retain(variable, grad, create_graph)
        return _gradients(values, create_graph)

    def before(self, grad_outputs: Gradients, create_graph: bool) -> Gradients:
        """Call the node's own hooks that come before it runs: each may replace the gradients of its outputs."""
        values = _variables(grad_outputs)
        with Block(grad=create_graph):
            for hook in list(self.pre.values()):
                values = _all_replaced(hook, values, hook(tuple(values)))
        return _gradients(values, create_graph)

    def after(self, grad_inputs: Sequence[Any], grad_outputs: Gradients, create_graph: bool) -> Gradients:
        """Call the node's own hooks once it has run: each may replace the gradients of its inputs."""
        values, outputs = _variables(grad_inputs), tuple(_variables(grad_outputs))
        with Block(grad=create_graph):
            for hook in list(self.post.values()):
                values = _all_replaced(hook, values, hook(tuple(values), outputs))
        return _gradients(values, create_graph)

    def after_accumulation(self, leaf: Variable, total: Gradients, create_graph: bool) -> None:
        """Call what waits for the leaf's ``.grad``, then the hooks of its AccumulateGrad."""
        with Block(grad=create_graph):
            for hook in list(self.accumulated.values()):
                if hook(leaf) is not None:
                    raise RuntimeError(f"post accumulate grad hooks should return None, and {_named(hook)} did not")
        self.after((), total, create_graph)


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
