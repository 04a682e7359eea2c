"""Which operation a node is of: its own, or for PyTorch's nodes microtorch's of the same name, whose words then serve both."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from ....core.primitive import Primitive
from ..walk import GradNode

__all__ = ["model_of", "saved_attribute", "shape_of", "torch_names"]

PACKAGE = Primitive.__module__.partition(".")[0]
NAME = re.compile(r"(\w+?)Backwards?(\d*)(_\w+)?")
WRAPPED = 2**63  # PyTorch tells negative dimensions as what they are modulo 2**64
REDUCTIONS = ("none", "mean", "sum")


@cache
def by_name() -> dict[str, list[type[Primitive]]]:
    """Every operation of the package by PyTorch's name for it: several have the same, as those with a number and without."""
    for module in pkgutil.walk_packages(importlib.import_module(f"{PACKAGE}.ops").__path__, f"{PACKAGE}.ops."):
        importlib.import_module(module.name)
    found: dict[str, list[type[Primitive]]] = {}
    for each in subclasses(Primitive):
        if each.__module__.startswith(f"{PACKAGE}.") and not each.__name__.startswith("_"):
            found.setdefault(each.torch_name, []).append(each)
    return found


def subclasses(kind: type[Primitive]) -> Iterator[type[Primitive]]:
    """All classes below a class, each once where no class has two parents."""
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


def model_of(node: GradNode) -> Primitive | None:
    """A node to ask for names, rules and constants: ``node`` itself, or one that nothing computed, of the operation of its name.

    Where several fit, that node does not tell their rules.
    """
    if isinstance(node, Primitive):
        return node
    parsed = NAME.fullmatch(node.name().rpartition("::")[2])
    if parsed is None or hasattr(node, "_forward_cls"):
        return None
    count, overload = len(node.next_functions), int(parsed[2] or 0)
    models = [blank(each, count, overload) for each in by_name().get(parsed[1], ())]
    fitting = [each for each in models if len(each.input_names) == count and not contradicts(node, each)]
    if not fitting:
        return None
    best = max(rank(node, each, overload) for each in fitting)
    chosen = [each for each in fitting if rank(node, each, overload) == best]
    if len({each.formulas for each in chosen}) > 1:
        chosen[0].__dict__["rules"] = ()
    return chosen[0]


def blank(operation: type[Primitive], count: int, overload: int) -> Primitive:
    """A node of an operation, of so many inputs, that knows its names and rules and no values."""
    node = operation()
    node._below = (None,) * count
    node._untracked = ()
    if operation.overload != overload:
        node.overload = overload
    return node


def contradicts(node: GradNode, model: Primitive) -> bool:
    """Whether a constant that all nodes of an operation have is another one here: the rounding of `DivFloor` is "floor"."""
    fixed = {name: vars(type(model))[name] for name in model.constants if isinstance(vars(type(model)).get(name), str | int)}
    return any(saved_attribute(node, name, value) != value for name, value in fixed.items())


def rank(node: GradNode, model: Primitive, overload: int) -> tuple[int, ...]:
    """How well an operation fits: by the number in the name, by its constants that are not the default, by how few it has."""
    told = [name for name, default in model.constants.items() if saved_attribute(node, name, default) not in (default, None)]
    fixed = [name for name in model.constants if name in vars(type(model))]
    return type(model).overload == overload, len(told), len(fixed), -len(model.constants)


def saved_attribute(node: Any, name: str, default: Any = None) -> Any:
    """What a node of PyTorch keeps in ``_saved_<name>``, in microtorch's words; ``default`` where it keeps nothing such."""
    try:
        value = getattr(node, f"_saved_{name}", default)
    except RuntimeError:  # it has been freed
        return default
    if name == "reduction" and isinstance(value, int):
        return REDUCTIONS[value]
    if isinstance(value, (tuple, list)):
        return tuple(map(signed, value))
    return signed(value)


def signed(value: Any) -> Any:
    """A number that was negative once, as it was."""
    return value - 2 * WRAPPED if type(value) is int and value >= WRAPPED else value


def torch_names(model: Primitive) -> dict[str, str]:
    """What PyTorch calls what a node of this operation saves: its first input "self", its output "result"."""
    return {"self": model.input_names[0] if model.input_names else "input", "result": "out"}


def shape_of(node: Any, output: int = 0) -> tuple[int, ...] | None:
    """The shape of what a node made, where it tells."""
    variable = getattr(node, "variable", None)
    if variable is not None:
        return tuple(variable.shape)
    told = getattr(node, "_input_metadata", None)  # of its backward: the gradients that it gets
    if told is not None:
        return tuple(told[output].shape) if output < len(told) else None
    tell = getattr(node, "output", None)
    return tuple(tell(output)[0]) if callable(tell) else None
