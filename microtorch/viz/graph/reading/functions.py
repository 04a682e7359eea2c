"""What is known of a user's Function, microtorch's or PyTorch's: what its inputs are called, and how its backward begins."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import lru_cache
from typing import Any

from ....core.function import Function
from ....core.primitive import Primitive
from .constants import spelled

__all__ = ["about", "inputs", "told", "users_function"]


def users_function(node: Any) -> type | None:
    """The class that a user has written, of which ``node`` is one application; None for other nodes."""
    if isinstance(node, Function):
        return None if isinstance(node, Primitive) else type(node)
    found = getattr(type(node), "_forward_cls", None)  # PyTorch's node is of another class, made of the user's
    return found if isinstance(found, type) else None


@lru_cache(maxsize=256)
def parameters(function: type) -> tuple[str, ...]:
    """The names of the arguments that ``apply`` takes."""
    try:
        names = [*inspect.signature(function.forward).parameters]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return ()
    separate = any("setup_context" in vars(each) for each in function.__mro__[:-1] if each.__module__ not in LIBRARIES)
    return tuple(names if separate else names[1:])


LIBRARIES = {"torch.autograd.function", Function.__module__}


def inputs(node: Any, function: type) -> list[str]:
    """The name of each input, "" where it cannot be told: of PyTorch's nodes, where some arguments are no tensors."""
    names, count = parameters(function), len(node.next_functions)
    if isinstance(node, Function):
        return [names[i] if i < len(names) else "" for i in node._variables]
    if len(node.needs_input_grad) == count:
        return [*names[:count], *[""] * (count - len(names))]
    tracked = iter([i for i, needed in enumerate(node.needs_input_grad) if needed])
    places = [None if producer is None else next(tracked, None) for producer, _ in node.next_functions]
    return ["" if place is None or place >= len(names) else names[place] for place in places]


def told(node: Any, function: type) -> tuple[tuple[str, str], ...]:
    """Name and value of the arguments that are numbers or words, where the node remembers them."""
    names = parameters(function)
    plain = getattr(node, "_plain", ()) if isinstance(node, Function) else ()
    return tuple((names[i] if i < len(names) else f"argument {i}", spelled(value)) for i, value in plain)


def about(function: type) -> str:
    """The first line that there is of a backward: of its docstring, or else of its code; "" where there is no source."""
    backward = next((vars(each)[name] for each in function.__mro__ for name in ("backward", "vjp") if name in vars(each)), None)
    backward = getattr(backward, "__func__", backward)
    return "" if backward is None or getattr(backward, "__module__", "") in LIBRARIES else first_line(inspect.unwrap(backward))


@lru_cache(maxsize=256)
def first_line(function: Any) -> str:
    """The first line of a function's docstring, or of its code."""
    try:
        doc = function.__doc__
        if isinstance(doc, str) and doc.strip():
            return doc.strip().splitlines()[0]
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        body = tree.body[0].body if isinstance(tree.body[0], ast.FunctionDef) else []
        return ast.unparse(body[0]).splitlines()[0] if body else ""
    except (OSError, TypeError, SyntaxError, ValueError, IndexError):  # there is no source, or not of this alone
        return ""
