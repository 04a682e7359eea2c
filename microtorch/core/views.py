"""What does a view have for a history? That of its base: the Variable whose memory it shares.

When the base, or another view of it, is changed in place, the base gets a new history (`CopySlices` where only a part of it
changed), and the view one that begins at the base's (`AsStrided`), made when somebody next asks for it. Both are operations, in
``strided.py``, and are asked for as all operations are, by a method: `Variable._as_strided`, `Variable._copy_slices`.

Views attach to the mechanism at one point: in ``applying.py``, `relate` is told of what an operation with ``is_view`` gives.
"""

from __future__ import annotations

import numpy as np

from ..arrays.dtypes import Array
from ..arrays.memory import Place, root_of
from .accumulate_grad import gradient_edge
from .grad_mode import Block, mode
from .node import DEAD_EDGE, NO_EDGE, VIEW_EDGE, Edge, node_of, number_of
from .variable import History, Variable, wrap
from .versions import INFERENCE, count, version_of

__all__ = ["CUSTOM", "View", "check_in_place", "detach_", "memory_of", "rebase", "relate", "set_", "set_edge", "view_of"]

SEVERAL = "an operation with several outputs"
CUSTOM = "a custom Function"

_BLOCK = (
    " Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view "
    "and the inplace either both inside the {0} block (if you don't want the inplace to be tracked) or both outside (if you want "
    "the inplace to be tracked)."
)
_ONE_OF_SEVERAL = (
    " This view is the output of a function that returns multiple views. Such functions do not allow the output views to be "
    "modified inplace. You should replace the inplace operation by an out-of-place one."
)
_OWN_BACKWARD = (
    " This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle "
    "view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This "
    "behavior is forbidden. You can fix this by cloning the output of the custom Function."
)
# Where a view was made that must not be changed in place: how the change differs, and what to do.
_MADE_IN = {
    "no_grad mode": (" with grad mode enabled", _BLOCK.format("no_grad")),
    "inference mode": (" in normal mode", _BLOCK.format("inference_mode")),
    SEVERAL: ("", _ONE_OF_SEVERAL),
    CUSTOM: ("", _OWN_BACKWARD),
}


class View:
    """What a view knows of its base and of its place in the graph."""

    __slots__ = ("base", "edge", "made_in", "number")

    def __init__(self, source: Variable, edge: Edge, made_in: str) -> None:
        parent = source._view
        self.base: Variable = source if parent is None else parent.base
        self.edge = edge  # right as long as the version is `number`
        self.number = 0
        if not mode.recording:
            made_in = "inference mode" if mode.inference else "no_grad mode"
        self.made_in: str = made_in if parent is None else made_in or parent.made_in

    def edge_of(self, variable: Variable) -> Edge:
        """Where the gradient of this view goes: after a change in place, by way of its base's new history.

        Raises:
            RuntimeError: its base was changed in place, and the view was made where that is not allowed, as under ``no_grad()``.
        """
        cell = version_of(variable)
        if cell is INFERENCE:
            return self.edge
        changed = self.number != cell.number
        if not changed and self.base._edge is NO_EDGE:  # the commonest: there is no history
            return self.edge
        if changed and (mode.recording or not self.made_in) and (self.edge or self.base.requires_grad):
            self._renew(variable)
            self.number = cell.number
        # Where nothing was recorded, the view requires a gradient with its base, and has no way to it: torch's rule.
        return DEAD_EDGE if self.edge is NO_EDGE and self.base.requires_grad else self.edge

    def _renew(self, variable: Variable) -> None:
        if self.made_in:
            raise _refusal(self, "its base or another view of its base has been")
        edge = gradient_edge(self.base)
        with Block(grad=True, inference=False):  # (a base that was cut off with detach_() leaves a node that leads nowhere)
            base = wrap(self.base.array, DEAD_EDGE if edge is NO_EDGE else edge)
            part = base._as_strided(place=_place(self, variable))
        before, self.edge = self.edge, part._edge
        move_hooks(variable, before, self.edge)


def _refusal(view: History, what: str) -> RuntimeError:
    """Why a view that was made where it must not be changed cannot be: ``what`` is or has been modified."""
    node, (now, advice) = node_of(view.edge), _MADE_IN[view.made_in]
    if node is None:
        start = f"A view was created in {view.made_in}"
    elif now:
        start = f"Output {number_of(view.edge)} of {node.name()} is a view of a view which was created in {view.made_in}"
    else:
        start = f"Output {number_of(view.edge)} of {node.name()} is a view"
    return RuntimeError(f"{start} and {what} modified inplace{now}.{advice}")


def _place(view: History, variable: Variable) -> Place:
    """Where in the memory of its base this view lies.

    Raises:
        RuntimeError: the base has another memory by now, by ``.data = …`` or ``set_``.
    """
    if variable.array.size and not np.may_share_memory(variable.array, view.base.array):
        raise RuntimeError(
            f"{variable._described()} is a view of memory that its base, {view.base._described()}, no longer has: take the "
            "view anew, after the .data = ... or set_ that changed it"
        )
    return Place.of(view.base.array, variable.array)


def memory_of(variable: Variable) -> Array:
    """The array whose memory a Variable lies in: its own, or its base's, or what these are views of in NumPy."""
    return root_of(variable.array if variable._view is None else variable._view.base.array)


def view_of(variable: Variable, made_in: str) -> Variable:
    """All of a Variable, as a view of it without a history yet, which ``made_in`` says must not be changed in place."""
    if variable.requires_grad and not mode.recording:
        return variable.detach()
    result = wrap(variable.array.view())
    relate(result, variable, made_in)
    return result


def relate(result: Variable, source: Variable, made_in: str = "") -> None:
    """Let ``result`` know that it shares the memory of ``source``, and why, if ``made_in`` says so, it must not be changed.

    Of the outputs of an operation that has several, torch lets none be changed in place: `check_in_place` refuses.
    """
    cell = result._version_cell = version_of(source)
    if cell is INFERENCE:
        return
    view = View(source, result._edge, made_in)
    view.number = cell.number
    result._view, result._edge = view, VIEW_EDGE


def set_edge(variable: Variable, edge: Edge, made_in: str = "") -> None:
    """Give a Variable that has none a place in the graph; ``made_in`` says why, as a view, it must not be changed in place."""
    view = variable._view
    if view is None:
        variable._edge = edge
    else:
        view.edge, view.number, view.made_in = edge, version_of(variable).number, made_in


def check_in_place(variable: Variable, operation: str) -> None:
    """Refuse to change a Variable in place where that cannot be recorded.

    Raises:
        RuntimeError: it is a leaf that requires a gradient, or a view of one, or a view made where that is not allowed.
    """
    view = variable._view
    remedy = f", in {operation}. Change the values under microtorch.no_grad() or through .data, or compute a new Variable"
    if view is not None:
        if view.made_in:
            raise _refusal(view, "is being")
        if variable.requires_grad and view.base.is_leaf:
            raise RuntimeError(
                f"a view of a leaf Variable that requires grad is being used in an in-place operation: {variable._described()}, "
                f"a view of {view.base._described()}{remedy}"
            )
    if variable.requires_grad and not variable._known_edge():
        raise RuntimeError(
            f"a leaf Variable that requires grad is being used in an in-place operation: {variable._described()}{remedy}"
        )


def rebase(variable: Variable, edge: Edge, array: Array | None = None) -> None:
    """Give a Variable that was changed in place its new history: that of its base, where it is a view.

    Args:
        variable: whose version was raised already.
        edge: its new place in the graph.
        array: what it will have from now on, where that is another view of the same memory.
    """
    view = variable._view
    if array is not None:  # the values are as they were, and so is a base
        _note_retained(variable, variable._known_edge(), edge)
        if view is None:
            variable._edge = edge
        else:
            view.edge, view.number = edge, version_of(variable).number
    elif view is None:
        before, variable._edge = variable._edge, edge
        move_hooks(variable, before, edge)
    else:
        base, node = view.base, node_of(edge)
        assert node is not None
        before, base._edge = base._edge, base._copy_slices(node, number_of(edge), variable, _place(view, variable))
        move_hooks(base, before, base._edge)


def move_hooks(variable: Variable, before: Edge, after: Edge) -> None:
    """What asked for the ``.grad`` of a Variable that is no leaf follows it to its new history; other hooks stay."""
    old, new = node_of(before), node_of(after)
    if old is None or old._hooks is None or new is None:
        return
    reference = old._hooks.retained.get(number_of(before))
    if reference is not None and reference() is variable:
        del old._hooks.retained[number_of(before)]
        new._own_hooks().retained[number_of(after)] = reference


def _note_retained(variable: Variable, before: Edge, after: Edge) -> None:
    """Whose shape changes in place, gets the ``.grad`` it has asked for as it was before, in the older shape: torch's rule."""
    old, new = node_of(before), node_of(after)
    if old is None or old._hooks is None or new is None:
        return
    reference = old._hooks.retained.get(number_of(before))
    if (reference is not None and reference() is variable) or number_of(before) in old._hooks.retained_earlier:
        new._own_hooks().retained_earlier.add(number_of(after))


def base_of(variable: Variable) -> Variable | None:
    """The Variable whose memory this one is a view of; None where it is no view."""
    return None if variable._view is None else variable._view.base


def is_view(variable: Variable) -> bool:
    """Whether this shares the memory, and the history, of another Variable."""
    return variable._view is not None


def detach_(variable: Variable) -> Variable:
    """Cut this Variable off from its graph: it becomes a leaf that requires no gradient.

    Raises:
        RuntimeError: it is a view, whose history is that of its base.
    """
    if variable._view is not None:
        raise RuntimeError("Can't detach views in-place. Use detach() instead.")
    variable._edge = NO_EDGE
    return variable


def set_(variable: Variable, source: Variable | None = None) -> Variable:
    """Let this Variable share the memory of ``source`` from now on (without one, be empty), and return it.

    Raises:
        RuntimeError: this is a leaf that requires a gradient, or a view of one, outside of ``no_grad()``; or ``source`` has
            another dtype.
    """
    if source is None:
        source = wrap(np.empty(0, variable.array.dtype))
    if source.array.dtype != variable.array.dtype:
        raise RuntimeError(
            f"set_: could not set a {source.dtype.tensor_type} as the memory of a {variable.dtype.tensor_type}: convert it "
            "with .to()"
        )
    if mode.recording and variable.requires_grad:
        check_in_place(variable, "set_")
    count(variable, operation="set_")
    variable.data = source
    return variable
