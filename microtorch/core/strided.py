"""How does a gradient reach a base through a view of it, after one of them was changed in place? By parts of their memory.

Three operations, each the derivative of another: taking the part (`AsStrided`), zeros with the part put in (`Scatter`),
and a copy in which the part is replaced (`Put`); and the node that torch calls `CopySlices`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import ref

import numpy as np

from ..arrays.memory import Place
from .accumulate_grad import gradient_edge
from .node import Edge, Node, new
from .primitive import Primitive, rule
from .unbroadcast import unbroadcast
from .variable import Variable
from .versions import next_sequence_nr

__all__ = ["AsStrided", "CopySlices"]


class AsStrided(Primitive):
    def forward(self, input, *, place):
        self.place = place
        base, part = place.laid_out()
        base[...] = input
        return part.copy()

    @rule(words="zeros in the shape of the base, with grad where the view is")
    def grad_input(self, grad):
        return Scatter.on(grad, place=self.place)


class Scatter(Primitive):
    def forward(self, input, *, place):
        self.place = place
        return place.scattered(input)

    @rule(words="the part of grad that the view is")
    def grad_input(self, grad):
        return AsStrided.on(grad, place=self.place)


class Put(Primitive):
    def forward(self, input, values, *, place):
        self.place = place
        base, part = place.laid_out()
        base[...], part[...] = input, values
        return base

    @rule(words="grad, with zeros where the view is")
    def grad_input(self, grad):
        return Put.on(grad, 0.0, place=self.place)

    @rule(words="the part of grad that the view is")
    def grad_values(self, grad):
        return AsStrided.on(grad, place=self.place)


class CopySlices(Node):
    """What leads from a base to what it was before a view of it was changed in place by the operation whose node is ``fn``.

    What the view overwrote gets no gradient from here, but through ``fn``; the rest gets its own.
    """

    __slots__ = ("changed", "fn", "number", "place", "released")

    fn: Node
    number: int  # which output of `fn` the view is now
    place: Place
    released: bool
    changed: ref[Variable]  # the view

    @staticmethod
    def made_by(base: Variable, fn: Node, number: int, view: Variable, place: Place) -> CopySlices:
        """The node of a ``base``, whose ``view`` is now the output ``number`` of ``fn``."""
        node = new(CopySlices)
        node.changed = ref(view)
        node.fn, node.number, node.place, node.released = fn, number, place, False
        node._shape, node._dtype = base.array.shape, base.array.dtype
        node._below = (gradient_edge(base) or None, *fn._below[1:])
        node._shortcut = None
        node._number = next_sequence_nr()
        return node

    def name(self) -> str:
        """``CopySlices``."""
        return "CopySlices"

    @property
    def _saved(self) -> tuple[Node] | None:
        """The operation in between, with what that saved; None once it was released, even if that was nothing: torch's rule."""
        return None if self.released else (self.fn,)

    @_saved.setter
    def _saved(self, value: None) -> None:
        self.fn._saved, self.released = value, value is None

    _versions = property(lambda self: self.fn._versions)

    @property
    def input_names(self) -> tuple[str, ...]:
        """The base, then the operands of the operation in between."""
        return ("base", *getattr(self.fn, "input_names", ())[1:])

    @property
    def formulas(self) -> tuple[str, ...]:
        """In words; for the operands of ``fn``, its own."""
        rest = getattr(self.fn, "formulas", ())[1:]
        return (f"grad, with what {self.fn.name()} makes of it where the view was changed", *rest)

    def saved_values(self) -> tuple[tuple[str, Any], ...] | None:
        """Those of the operation that changed the view."""
        return self.fn.saved_values()

    def saved_edge(self, position: int) -> Edge:
        """As in the operation that changed the view."""
        return self.fn.saved_edge(position)

    def _fn_for_graph(self) -> Node:
        """``fn`` as a node of its own, freed when its own turn has come: a recorded gradient may lead through it.

        What it saved of its output is the view as it is now, with its way to the base.
        """
        fn, view = _twin(self.fn), self.changed()
        if view is not None:
            fn._edge_of_output = gradient_edge(view)
        return fn

    def gradients(self, grad_outputs: Sequence[Any], wanted: Sequence[bool] | None, create_graph: bool) -> Sequence[Any]:
        """For the base what arrives, with the view's part led through ``fn``; for the others of ``fn``, its own."""
        (grad,) = grad_outputs
        if grad is None:
            return [None] * len(self._below)
        fn = self._fn_for_graph() if create_graph else self.fn
        part = AsStrided.on(np.asarray(grad) if isinstance(grad, np.generic) else grad, place=self.place)
        count = len(fn._outputs) if fn._shape is None else 1
        own, *others = type(fn).gradients(fn, [part if nr == self.number else None for nr in range(count)], wanted, create_graph)
        values = 0.0 if own is None else unbroadcast(own, *type(fn).output(fn, self.number), fn)
        return (Put.on(grad, values, place=self.place), *others)


def _twin(node: Node) -> Node:
    """Another node with all that this one has, its hooks apart."""
    other = new(type(node))
    for cls in type(node).__mro__:
        for name in vars(cls).get("__slots__", ()):
            if not name.startswith("__") and hasattr(node, name):
                setattr(other, name, getattr(node, name))
    vars(other).update({name: value for name, value in vars(node).items() if name != "_hooks"})
    return other
