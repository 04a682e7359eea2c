"""The inputs of a node: what each is called, the rule for its gradient, and what stands where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from weakref import ref

import numpy as np

from ....core.primitive import Primitive
from ....core.variable import Variable
from ..data import Operand, Port
from ..names import Names, clean
from ..walk import GradNode, Inputs
from .constants import spelled
from .functions import inputs as named_inputs
from .functions import users_function
from .operations import torch_names

__all__ = ["ports"]

PORTS = 24  # of one node, when the size of the picture is limited


def ports(node: GradNode, inputs: Inputs, model: Primitive | None, called: Names, limit: int | None) -> tuple[Port, ...]:
    """The node's inputs, and behind them the data that it reads besides.

    Of very many inputs, where the picture's size is limited, the last stands for the rest.
    """
    tracked = [producer is not None for producer, _ in inputs]
    count = len(tracked)
    shown = min(count, PORTS) if limit else count
    names, rules = words(node, model, count)
    listed = [plain(i, names[i], rules[i]) for i in range(shown)]
    for i, name, operand in operands(node, model, names, tracked, called):
        if i < shown:
            listed[i] = Port(i, listed[i].name, listed[i].formula, operand)
        elif i >= count and shown == count:
            listed.append(Port(i, clean(name) or None, None, operand))
    return tuple(listed) if shown == count else (*listed, Port(shown, f"… {count - shown:,} more inputs", None))


@lru_cache(maxsize=4096)
def plain(i: int, name: str, rule: str) -> Port:
    """An input of which no more is known: one object for all nodes of an operation."""
    return Port(i, clean(name) or None, clean(rule, 160) or None)


def words(node: GradNode, model: Primitive | None, count: int) -> tuple[list[str], list[str]]:
    """The name of each input, and its rule."""
    function = users_function(node) if model is None else None
    source: Any = node if model is None else model
    names = named_inputs(node, function) if function is not None else [*getattr(source, "input_names", ())]
    rules = [*getattr(source, "formulas", ())] if function is None else []
    return [*names, *[""] * count][:count], [*rules, *[""] * count][:count]


def operands(
    node: GradNode, model: Primitive | None, names: list[str], tracked: list[bool], called: Names
) -> Iterator[tuple[int, str, Operand]]:
    """The inputs that have no edge, and what an operation reads besides its inputs: number, name, and what is known."""
    beside = (*model.parameter_names, *model.data_names) if model is not None else ()
    places = [(i, name) for i, name in enumerate(names) if not tracked[i]]
    places += [(len(names) + i, name) for i, name in enumerate(beside)]
    if not places:
        return
    if hasattr(node, "saved_values"):
        yield from of_ours(node, places, len(names), called)
    else:
        back = {ours: theirs for theirs, ours in torch_names(model).items()} if model is not None else {}
        for i, name in places:
            saved = kept(node, back.get(name, name)) if name else None
            if i < len(names) or saved is not None:
                yield i, name, Operand() if saved is None else known(saved, called.of(saved) or called.of_data(saved))


def of_ours(node: Any, places: list[tuple[int, str]], inputs: int, called: Names) -> Iterator[tuple[int, str, Operand]]:
    """As `operands`, of a node that remembers weakly what it was given."""
    bare = getattr(node, "_untracked", ())
    given = bare if isinstance(bare, tuple) else (bare,)
    for (i, name), each in zip(places, given, strict=False):
        value = each() if isinstance(each, ref) else each
        if value is None and isinstance(each, ref):
            value = dict(node.saved_values() or ()).get(name)  # it is gone, but perhaps not what was saved of it
        if isinstance(value, Variable):
            yield i, name, known(value, called.of(value) or called.of_data(value))
        elif isinstance(value, np.ndarray):
            yield i, name, known(value, called.of_data(value))
        elif isinstance(value, (bool, int, float, np.generic)) and i < inputs:
            yield i, name, Operand(value=spelled(value.item() if isinstance(value, np.generic) else value))
        elif i < inputs:
            yield i, name, Operand()


def known(value: Any, name: str) -> Operand:
    """Data, with its name, or where it has none and is a number, with that."""
    shape = tuple(value.shape)
    if shape or name:
        return Operand(name=name, shape=shape)
    return Operand(value=spelled(value.item()), shape=None)


def kept(node: Any, name: str) -> Any:
    """A tensor that a node of PyTorch has saved; None where it has not, or no longer."""
    try:
        value = getattr(node, f"_saved_{name}", None)
    except RuntimeError:
        return None
    return value if hasattr(value, "detach") else None
