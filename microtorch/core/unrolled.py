"""How are the rules of a node called, without a loop? Each common form is written out, for speed alone: nothing new is here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from types import FunctionType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
Gradients = Callable[[Any, Any, Any], Sequence[Any]]  # from (node, grad, saved): a gradient, or None, for each input

__all__ = ["PASSED", "Call", "Gradients", "call_all", "own_code", "pick"]


def own_code(function: F) -> F:
    """``function`` with a code object of its own.

    CPython (since 3.11) adapts a piece of code to the types it meets there. What is shared by all operations meets all their
    classes, and stays slow; a copy for each class meets one, and setting the attributes of a node takes a tenth of the time.
    """
    assert isinstance(function, FunctionType)
    code = function.__code__.replace()
    return FunctionType(code, function.__globals__, code.co_name, function.__defaults__, function.__closure__)  # type: ignore[return-value]


Call = tuple[Callable[..., Any], list[int]]  # a rule's function, and which of the saved values it reads


def _passed(node: Any, grad: Any) -> Any:
    return grad


PASSED: Call = (_passed, [])


def call_all(calls: Sequence[Call | None]) -> Gradients:  # noqa: C901, PLR0912 - a table
    """A function that calls one set of rules, each with the saved values it reads; the commonest forms are written out."""
    passed = [call is PASSED for call in calls]
    match calls:
        case [_] if passed[0]:
            return own_code(lambda node, grad, saved: (grad,))
        case [_, None] if passed[0]:
            return own_code(lambda node, grad, saved: (grad, None))
        case [_, _] if all(passed):
            return own_code(lambda node, grad, saved: (grad, grad))
        case [(f, [])]:
            return own_code(lambda node, grad, saved: (f(node, grad),))
        case [(f, [i])]:
            return own_code(lambda node, grad, saved: (f(node, grad, saved[i]),))
        case [None, (g, [])]:
            return own_code(lambda node, grad, saved: (None, g(node, grad)))
        case [None, (g, [i])]:
            return own_code(lambda node, grad, saved: (None, g(node, grad, saved[i])))
        case [_, None, (h, [i])] if passed[0]:
            return own_code(lambda node, grad, saved: (grad, None, h(node, grad, saved[i])))
        case [_, (g, [i]), (h, [j])] if passed[0]:
            return own_code(lambda node, grad, saved: (grad, g(node, grad, saved[i]), h(node, grad, saved[j])))
        case [(f, []), None]:
            return own_code(lambda node, grad, saved: (f(node, grad), None))
        case [(f, [i]), None]:
            return own_code(lambda node, grad, saved: (f(node, grad, saved[i]), None))
        case [(f, []), (g, [])]:
            return own_code(lambda node, grad, saved: (f(node, grad), g(node, grad)))
        case [(f, [i]), (g, [j])]:
            return own_code(lambda node, grad, saved: (f(node, grad, saved[i]), g(node, grad, saved[j])))
    return lambda node, grad, saved: [
        None if call is None else call[0](node, grad, *[saved[i] for i in call[1]]) for call in calls
    ]


def pick(indices: Sequence[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """A function that picks these items out of a tuple, as a tuple: what itemgetter gives for two or more, or for a slice."""
    if len(indices) > 1:
        return itemgetter(*indices)
    start = indices[0] if indices else 0
    return itemgetter(slice(start, start + len(indices)))
