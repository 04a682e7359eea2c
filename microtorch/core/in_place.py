"""How is ``x.mul_(y)`` recorded? As ``x * y``, written into the memory of ``x``, which gets the product's place in the graph.

And ``out=``, which writes a result into memory that is there already, and records nothing. Which operation has a form in place is
said in the binding table, ``methods.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..arrays.dtypes import Array, category
from ..arrays.memory import overlaps
from .accumulate_grad import gradient_edge
from .grad_mode import mode, no_grad
from .node import NO_EDGE, Node, node_of
from .variable import Variable, is_variable, wrap
from .versions import INFERENCE, count, version_of
from .views import check_in_place, rebase

__all__ = ["change", "in_place", "into"]


def in_place(name: str, operation: Callable[..., Variable], ufunc: np.ufunc | None = None) -> Callable[..., Variable]:
    """The in-place form of an operation: the method ``name`` of a Variable, which returns that Variable.

    Args:
        name: of the method.
        operation: out of place.
        ufunc: that computes it, if one does: for changes that are not recorded, as those of an optimiser, into memory at once.
    """

    def method(self: Variable, *args: Any, **kwargs: Any) -> Variable:
        if ufunc is not None and len(args) == 1 and not kwargs and _changed_at_once(self, name, ufunc, args[0]):
            return self
        return change(self, name, operation, *args, **kwargs)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"``{name.strip('_')}``, in place: the values change, the Variable stays, and gets the result's history."
    return method


def _changed_at_once(variable: Variable, name: str, ufunc: np.ufunc, other: Any) -> bool:
    """Change floats in place by floats of their dtype, or a number, where nothing is recorded; False if it is another case."""
    array, value = variable.array, other.array if is_variable(other) else other
    if mode.recording and (variable.requires_grad or (is_variable(other) and other.requires_grad)):
        return False
    fits = value.dtype is array.dtype if isinstance(value, np.ndarray) else value.__class__ is float or value.__class__ is int
    plain = fits and array.dtype.kind == "f" and array.flags.writeable and not overlaps(array)
    if not plain or variable._version_cell is INFERENCE:
        return False
    try:
        ufunc(array, value, array)
    except ValueError:  # of shapes: nothing was written
        return False
    count(variable, operation=name)
    return True


def in_place_view(name: str, operation: Callable[..., Variable], overloads: tuple[int, ...] = (1,)) -> Callable[..., Variable]:
    """The in-place form of a view: the method ``name`` of a Variable, which has the other shape from then on.

    Args:
        name: of the method.
        operation: that gives the view.
        overloads: the number that torch gives the node in place, for each that it has out of place.
    """

    def method(self: Variable, *args: Any, **kwargs: Any) -> Variable:
        _refuse_inference(self, name)
        recorded = mode.recording and self.requires_grad
        if recorded:
            check_in_place(self, name)
        result = operation(wrap(self.array, gradient_edge(self) if recorded else NO_EDGE), *args, **kwargs)
        count(self, operation=name)
        edge = gradient_edge(result)
        if edge:
            edge.overload = overloads[edge.overload]  # type: ignore[union-attr]
            rebase(self, edge, result.array)
        self.array = result.array
        return self

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"``{name.strip('_')}``, in place: the Variable gets the view's shape, and its history."
    return method


def change(variable: Variable, name: str, operation: Callable[..., Variable], *args: Any, **kwargs: Any) -> Variable:
    """Give ``variable`` the values of ``operation(variable, *args, **kwargs)`` and, where that is recorded, its history.

    Raises:
        RuntimeError: the change cannot be recorded (a leaf, a view of one …), or the result does not fit into the memory.
    """
    _refuse_inference(variable, name)
    operands = (variable, *args, *kwargs.values())
    _check_memory(variable, operands, name)
    differentiable = variable.array.dtype.kind == "f"  # what is written into integers has no gradient
    if not mode.recording or not differentiable or not any(is_variable(each) and each.requires_grad for each in operands):
        with no_grad():
            _write(variable, operation(variable.detach(), *args, **kwargs).array, name)
        return variable
    check_in_place(variable, name)
    # The operation works on a copy: what its rule reads of the input shall be there when the memory has changed.
    before = wrap(variable.array.copy(), gradient_edge(variable))
    result = operation(before, *args, **kwargs)
    _write(variable, result.array, name)
    edge = gradient_edge(result)
    node = node_of(edge)
    if node is not None:
        _share_output(node, variable)
        rebase(variable, edge)
    return variable


def into(out: Variable, result: Variable, name: str) -> Variable:
    """Write ``result``, of the function ``name``, into ``out``, and return that; an empty ``out`` takes any shape.

    Raises:
        RuntimeError: the result or ``out`` requires a gradient, or it does not fit into the memory.
    """
    if mode.recording and (result.requires_grad or out.requires_grad):
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments "
            "requires grad. Leave out= away, or compute under microtorch.no_grad()"
        )
    _refuse_inference(out, name)
    if not out.array.size:
        out.array = np.empty(result.array.shape, out.array.dtype)
    _write(out, result.array, name)
    return out


def _share_output(node: Node, variable: Variable) -> None:
    """Let a node that saved its output save the Variable that has it now, so that later changes are noticed."""
    out = len(getattr(node, "input_names", ())) + len(getattr(node, "parameter_names", ()))
    sources = node.rule_set.sources if hasattr(node, "rule_set") else ()
    if out in sources and node._saved.__class__ is tuple:
        assert node._versions is not None
        at, cell = sources.index(out), version_of(variable)
        node._saved = (*node._saved[:at], variable.array, *node._saved[at + 1 :])
        node._versions = (*node._versions[:at], (cell, cell.number), *node._versions[at + 1 :])


def _refuse_inference(variable: Variable, name: str) -> None:
    if variable._version_cell is INFERENCE and not mode.inference:
        raise RuntimeError(
            f"Inplace update to inference tensor outside InferenceMode is not allowed ({name} on {variable._described()}). You "
            "can make a clone to get a normal tensor before doing inplace update."
        )


def _write(variable: Variable, values: Array, name: str) -> None:
    """Put values into the memory of a Variable, and count it."""
    array = variable.array
    if values.shape != array.shape:
        raise RuntimeError(
            f"{name}: output with shape {list(array.shape)} doesn't match the broadcast shape {list(values.shape)}: a result "
            f"in place has the shape of what it is written into, {variable._described()}"
        )
    if category(values.dtype) > category(array.dtype):
        raise RuntimeError(
            f"{name}: result type {values.dtype} can't be cast to the desired output type {array.dtype}: {variable._described()}"
        )
    if not array.flags.writeable:
        raise RuntimeError(f"{name}: {variable._described()} is on an array that is read-only; clone() it first")
    count(variable, operation=name)
    np.copyto(array, values, casting="unsafe")


def _check_memory(variable: Variable, operands: tuple[Any, ...], name: str) -> None:
    """Refuse what depends on the order in which elements are written: operands may share the memory, since all is read first.

    Raises:
        RuntimeError: several elements are one in memory, as in what ``expand`` gives.
    """
    unchanged = name == "copy_" and any(each is variable for each in operands[1:])
    if overlaps(variable.array) and name not in {"fill_", "zero_"} and not unchanged:
        raise RuntimeError(
            f"{name}: unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
            f"Please clone() the tensor before performing the operation: {variable._described()}"
        )
