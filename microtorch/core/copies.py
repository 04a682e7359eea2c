"""Which Variables can be copied and pickled? Leaves, without their hooks: a graph lives in the process that computed it."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from ..arrays.dtypes import Array
from ..arrays.memory import root_of
from .variable import Variable

__all__ = ["copied", "deep_copied", "reduced"]


def reduced(leaf: Variable) -> tuple[Any, ...]:
    """What a pickle keeps of a leaf: not its ``.grad``, as in torch.

    Raises:
        RuntimeError: it is no leaf.
    """
    _only_leaves(leaf, "pickle")
    return _leaf, (type(leaf), leaf.array, leaf.requires_grad, _attributes(leaf))


def copied(leaf: Variable) -> Variable:
    """Another leaf on the same memory, without the ``.grad``.

    Raises:
        RuntimeError: it is no leaf.
    """
    _only_leaves(leaf, "copy")
    return _leaf(type(leaf), leaf.array, leaf.requires_grad, _attributes(leaf))


def deep_copied(leaf: Variable, memo: dict[int, Any]) -> Variable:
    """A leaf on memory of its own, and with a ``.grad`` of its own; what shared memory before, does so in the copies.

    Raises:
        RuntimeError: it is no leaf.
    """
    _only_leaves(leaf, "deepcopy")
    array = leaf.array
    owner = root_of(array)
    if owner.flags.forc and array.size:
        memory = memo.setdefault(id(owner), owner.copy(order="K"))
        memo[id(memory)] = owner  # kept alive meanwhile, so that its id stays its own
        offset = array.ctypes.data - owner.ctypes.data
        array = np.ndarray(array.shape, array.dtype, memory.ravel(order="K"), offset, array.strides)
    else:  # elements of memory that is not NumPy's own
        array = array.copy()
    result = memo[id(leaf)] = _leaf(type(leaf), array, leaf.requires_grad, {})
    vars(result).update(copy.deepcopy(_attributes(leaf), memo))
    result._grad = copy.deepcopy(leaf._grad, memo)
    return result


def _only_leaves(variable: Variable, protocol: str) -> None:
    if not variable.is_leaf:
        raise RuntimeError(
            f"Only Tensors created explicitly by the user (graph leaves) support the {protocol} protocol (and not deepcopy, "
            f"copy or pickle of results): {variable._described()} was made by {variable.grad_fn}. Use x.detach() first, or "
            "x.clone() for a copy that is part of the graph"
        )


def _attributes(variable: Variable) -> dict[str, Any]:
    return {name: value for name, value in vars(variable).items() if name != "_hooks"}


def _leaf(cls: type[Variable], array: Array, requires_grad: bool, attributes: dict[str, Any]) -> Variable:
    """A leaf, of the class that it was, from what a copy or a pickle keeps of one."""
    leaf = cls(array, requires_grad)
    vars(leaf).update(attributes)
    return leaf
