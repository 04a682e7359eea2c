"""Views: Variables that share the memory of another, their base, and so its history.

A view keeps how it is reached from its base: a chain of operations. When the base, or another view of it, is changed in place,
the base gets a new history (`CopySlices` where only a part of it changed), and the view one that begins at the base's
(`AsStrided`), made when somebody next asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .dtypes import Array
from .grad_mode import enable_grad, mode
from .node import LEAF_EDGE, NO_EDGE, VIEW_EDGE, Edge, Node, gradient_edge, new, next_sequence_nr, to_shape, wrap
from .versions import INFERENCE, version_of

if TYPE_CHECKING:
    from .variable import Variable

__all__ = ["View", "check_in_place", "overlaps", "rebase", "set_edge", "view_of", "viewing"]

_BLOCK = (
    " Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view "
    "and the inplace either both inside the {0} block (if you don't want the inplace to be tracked) or both outside (if you want "
    "the inplace to be tracked)."
)


Path = tuple[tuple[Any, dict[str, Any]], ...]  # from a base to a view of it: operations and their parameters


def part_of_array(array: Array, path: Path) -> Array:
    """The part of an array, laid out as a base, that a view is of the base."""
    for operation, parameters in path:
        array = operation().forward(array, **parameters)
    return array


def part_of_variable(variable: Variable, path: Path) -> Variable:
    """As `part_of_array`, recorded."""
    for operation, parameters in path:
        variable = operation.apply(variable, **parameters)
    return variable


class View:
    """How a Variable is a view of its base, and what it knows of its place in the graph."""

    __slots__ = ("base", "edge", "made_in", "number", "parent", "step")

    def __init__(self, source: Variable, step: tuple[Any, dict[str, Any]] | None, edge: Edge) -> None:
        self.parent = source._view
        self.base: Variable = source if self.parent is None else self.parent.base
        self.step = step  # the operation that gives this view of its source, and its parameters; None for all of it
        self.edge = edge  # right as long as the version is `number`
        self.number = 0
        self.made_in = "" if mode.recording else "inference mode" if mode.inference else "no_grad mode"
        if self.parent is not None:
            self.made_in = self.parent.made_in or self.made_in

    def path(self) -> Path:
        """From the base to this view. (A node keeps this and not the view, whose base would lead back to the node.)"""
        steps, view = [], self
        while view is not None:
            if view.step is not None:
                steps.append(view.step)
            view = view.parent  # type: ignore[assignment] # until there is none
        return tuple(reversed(steps))

    def edge_of(self, variable: Variable) -> Edge:
        """Where the gradient of this view goes: after a change in place, by way of its base's new history.

        Raises:
            RuntimeError: the view was made under ``no_grad()``, and then its base was changed where that is recorded.
        """
        cell = version_of(variable)
        if cell is INFERENCE or self.number == cell.number:
            return self.edge
        base_edge = gradient_edge(self.base)
        if base_edge is not NO_EDGE:
            if self.made_in:
                where = self.made_in if self.made_in.endswith("mode") else f"a custom Function ({self.made_in})"
                raise RuntimeError(
                    f"A view was created in {where} and its base or another view of its base has been modified inplace "
                    "with grad mode enabled." + _BLOCK.format(where.split()[0])
                )
            before, self.edge = self.edge, self._edge_anew(variable, base_edge)
            move_hooks(variable, before, self.edge)
        self.number = cell.number
        return self.edge

    def _edge_anew(self, variable: Variable, base_edge: Edge) -> Edge:
        if overlaps(variable.array):
            with enable_grad():
                return gradient_edge(part_of_variable(self.base, self.path()))
        return AsStrided.on_edge(self, variable.array, base_edge), 0


def overlaps(array: Array) -> bool:
    """Whether several elements are one in memory, as in what ``expand`` gives."""
    return any(not stride and length > 1 for stride, length in zip(array.strides, array.shape, strict=True)) and array.size > 0


def viewing(operation: Any, apply: Callable[..., Variable]) -> Callable[..., Variable]:
    """``apply`` of an operation whose output shares the memory of its input: the output knows that it is a view."""

    def apply_view(x: Any, **parameters: Any) -> Variable:
        result = apply(x, **parameters)
        if isinstance(x, Variable):
            _relate(result, x, (operation, parameters))
        return result

    return apply_view


def view_of(variable: Variable) -> Variable:
    """All of a Variable, as a view of it without a history yet."""
    result = wrap(variable.array.view())
    _relate(result, variable, None)
    return result


def _relate(result: Variable, source: Variable, step: tuple[Any, dict[str, Any]] | None) -> None:
    cell = result._version_cell = version_of(source)
    if cell is INFERENCE:
        return
    view = View(source, step, result._edge)
    if not mode.recording and view.base.requires_grad:
        view.edge = LEAF_EDGE  # nothing was recorded, but as in torch the view requires what its base does
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
        RuntimeError: it is a leaf that requires a gradient, or a view of one, or a view made where nothing is recorded.
    """
    view = variable._view
    remedy = f" ({operation}): change the values under microtorch.no_grad() or through .data, or compute a new Variable"
    if view is not None:
        if view.made_in.endswith("mode"):
            raise RuntimeError(
                f"A view was created in {view.made_in} and is being modified inplace with grad mode enabled."
                + _BLOCK.format(view.made_in.split()[0])
            )
        if view.made_in:
            raise RuntimeError(
                f"{view.made_in} is a view and is being modified inplace. This view was created inside "
                "a custom Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would "
                "override the custom backward associated with the custom Function, leading to incorrect gradients. This behavior "
                "is forbidden. You can fix this by cloning the output of the custom Function."
            )
        if variable.requires_grad and view.base.is_leaf:
            raise RuntimeError(
                f"a view of a leaf Variable that requires grad is being used in an in-place operation{remedy}: "
                f"{variable._described()}, a view of {view.base._described()}"
            )
    if variable.requires_grad and variable.is_leaf:
        raise RuntimeError(
            f"a leaf Variable that requires grad is being used in an in-place operation{remedy}: {variable._described()}"
        )


def rebase(variable: Variable, edge: Edge) -> None:
    """Give a Variable that was changed in place its new history: that of its base, where it is a view."""
    view = variable._view
    if view is None:
        before, variable._edge = variable._edge, edge
        move_hooks(variable, before, edge)
    else:
        base = view.base
        before, base._edge = base._edge, (CopySlices.on_edge(view, base, edge), 0)
        move_hooks(base, before, base._edge)


def move_hooks(variable: Variable, before: Edge, after: Edge) -> None:
    """What asked for the ``.grad`` of a Variable that is no leaf follows it to its new history; other hooks stay."""
    old = before[0]
    if old is None or old.hooks is None or after[0] is None:
        return
    reference = old.hooks.retained.get(before[1])
    if reference is not None and reference() is variable:
        del old.hooks.retained[before[1]]
        after[0]._own_hooks().retained[after[1]] = reference


class _OfBase(Node):
    """A node whose gradient has the shape and the layout of a base, and concerns a view of it."""

    __slots__ = ("base_dtype", "base_order", "base_shape", "path")

    path: Path

    def _begin(self, view: View, array: Array, base: Array, edges: tuple[Edge, ...]) -> None:
        self.path = view.path()
        self.base_shape, self.base_dtype = base.shape, base.dtype
        self.base_order = sorted(range(base.ndim), key=lambda axis: -abs(base.strides[axis]))
        self.shape, self.dtype = array.shape, array.dtype
        self.next_functions = edges
        self.hooks = self.plan = None
        self.sequence_nr = next_sequence_nr()

    def _zeros(self) -> Array:
        """Zeros laid out in memory as the base, so that what was a view of it is one of these."""
        zeros = np.zeros([self.base_shape[axis] for axis in self.base_order], self.base_dtype)
        return zeros.transpose(np.argsort(self.base_order)) if zeros.ndim > 1 else zeros


class AsStrided(_OfBase):
    """What leads from a view to its base, after the base was changed in place: all the steps between them at once."""

    __slots__ = ()

    @classmethod
    def on_edge(cls, view: View, array: Array, base_edge: Edge) -> AsStrided:
        """The node of a view whose base has a new history."""
        node = new(cls)
        node._begin(view, array, view.base.array, (base_edge,))
        node.saved, node.versions = (), None
        return node

    def name(self) -> str:
        """The name PyTorch gives such a node."""
        return "AsStridedBackward0"

    formulas = ("zeros in the shape of the base, with grad where the view is",)

    def saved_values(self) -> tuple[tuple[str, Any], ...]:
        """Nothing."""
        return ()

    def gradients(self, grad_outputs: Sequence[Any], wanted: Sequence[bool] | None, create_graph: bool) -> Sequence[Any]:
        """Zeros, with the gradient in the place of the view."""
        (grad,) = grad_outputs
        if grad is None:
            return (None,)
        zeros = self._zeros()
        if not create_graph:
            part_of_array(zeros, self.path)[...] = grad
            return (zeros,)
        result = wrap(zeros)
        part_of_variable(result, self.path).copy_(grad)
        return (result,)


class CopySlices(_OfBase):
    """What leads from a base to what it was before a view of it was changed in place by the operation whose node is ``fn``.

    What the view overwrote gets no gradient from here, but through ``fn``; the rest gets its own.
    """

    __slots__ = ("fn", "number")

    fn: Node
    number: int

    @classmethod
    def on_edge(cls, view: View, base: Variable, edge: Edge) -> CopySlices:
        """The node of a base of which a view has a new history, at ``edge``."""
        node = new(cls)
        fn, node.number = edge
        assert fn is not None
        node.fn = fn
        node._begin(view, base.array, base.array, (gradient_edge(base), *fn.next_functions[1:]))
        return node

    def name(self) -> str:
        """``CopySlices``."""
        return "CopySlices"

    # What is saved, is saved by the operation in between.
    saved = property(lambda self: self.fn.saved, lambda self, value: setattr(self.fn, "saved", value))
    versions = property(lambda self: self.fn.versions)

    @property
    def formulas(self) -> tuple[str, ...]:
        """In words."""
        rest = getattr(self.fn, "formulas", ())[1:]
        return (f"grad, with {self.fn.name()}'s where the view was changed", *rest)

    def saved_values(self) -> tuple[tuple[str, Any], ...] | None:
        """Those of the operation that changed the view."""
        return self.fn.saved_values()

    def gradients(self, grad_outputs: Sequence[Any], wanted: Sequence[bool] | None, create_graph: bool) -> Sequence[Any]:
        """For the base what arrives, with the view's part led through ``fn``; for the others of ``fn``, its own."""
        (grad,) = grad_outputs
        if grad is None:
            return [None] * len(self.next_functions)
        if create_graph:
            result: Any = wrap(self._zeros())
            result.copy_(grad)
            part = part_of_variable(result, self.path)
            own, *others = self.fn.gradients(self._only_output(part.clone()), wanted, create_graph)
            part.zero_() if own is None else part.copy_(self._fitted(own))
        else:
            result = self._zeros()
            result[...] = grad
            part = part_of_array(result, self.path)
            own, *others = self.fn.gradients(self._only_output(part.copy()), wanted, create_graph)
            part[...] = 0 if own is None else self._fitted(own)
        return (result, *others)

    def _only_output(self, grad: Any) -> list[Any]:
        """Gradients for the outputs of ``fn``: this one alone."""
        count = len(self.fn.outputs) if self.fn.shape is None else 1
        return [grad if number == self.number else None for number in range(count)]

    def _fitted(self, grad: Any) -> Any:
        shape, dtype = self.fn.output(self.number)
        return to_shape(grad, shape, dtype, self.fn)
