"""What a node keeps for backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....core.primitive import Primitive
from ....core.rules import names_of_values
from ..data import Saved
from ..names import clean
from ..summary import array_of, summarize
from ..walk import GradNode
from .operations import torch_names

__all__ = ["saved"]

FREED = (Saved("", None, freed=True),)


def saved(node: GradNode, model: Primitive | None) -> tuple[Saved, ...]:
    """What the node keeps for backward: told by itself, or found in PyTorch's ``_saved_*`` attributes."""
    tell = getattr(node, "saved_values", None)
    if callable(tell):
        values = tell()
        return FREED if values is None else tuple(keep(name, value) for name, value in values)
    if hasattr(type(node), "saved_tensors"):  # a user's Function in PyTorch
        try:
            values = node.saved_tensors  # type: ignore[attr-defined]
        except RuntimeError:
            return FREED
        return tuple(keep(f"saved_tensors[{i}]", value) for i, value in enumerate(values))
    return of_torch(node, model)


def of_torch(node: GradNode, model: Primitive | None) -> tuple[Saved, ...]:
    """The tensors that a node of PyTorch keeps, in the order and with the names of microtorch's node, where there is one."""
    ours = torch_names(model) if model is not None else {}
    order = names_of_values(model) if model is not None else ()
    found = []
    for attribute in sorted(name for name in dir(node) if name.startswith("_saved_")):
        name = clean(attribute.removeprefix("_saved_"))
        name = ours.get(name, name)
        try:
            value = getattr(node, attribute)
        except RuntimeError as error:  # PyTorch's way to say that backward has freed it, or that it has been changed since
            found.append(Saved(name, None, freed="inplace" not in str(error)))
        else:
            if hasattr(value, "detach"):
                found.append(keep(name, value))
    return tuple(sorted(found, key=lambda each: order.index(each.name) if each.name in order else len(order)))


def keep(name: str, value: Any) -> Saved:
    """A saved value, summarized if it is a number or an array."""
    numeric = isinstance(value, (bool, int, float, np.generic, np.ndarray)) or hasattr(value, "detach")
    return Saved(clean(name), summarize(array_of(value), statistics=False) if numeric else None, freed=False)
