"""The ``.grad`` of the leaves of recorded passes: put where a trace stands, and given back when the last trace closes.

Several traces may walk over one leaf. What stood there before the first of them, and what one of them put there last, is kept in
a `Place` that they share: so each can tell its own work from a change by someone else, in whatever order they close.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from ...core.accumulate_grad import AccumulateGrad, accumulate
from ...core.assigning import check_grad
from ...core.hooks import call_after, call_before
from ...core.variable import Variable
from ...core.versions import count

__all__ = ["Leaf"]


class Grad(NamedTuple):
    """A ``.grad`` as it is or shall be: the object, and the numbers in it."""

    variable: Variable | None
    values: NDArray[Any] | None
    by: object  # the mark of the trace that puts it there

    def stands_in(self, leaf: Variable) -> bool:
        """Whether it is this that stands in ``leaf.grad``, to the bit."""
        grad = leaf._grad
        if grad is not self.variable or grad is None or self.values is None:
            return grad is self.variable
        return same_bits(grad.array, self.values)


class Place:
    """The ``.grad`` of one leaf that traces walk over."""

    known: ClassVar[WeakValueDictionary[int, Place]] = WeakValueDictionary()  # by the id of the leaf, which a place holds

    def __init__(self, leaf: Variable) -> None:
        self.leaf = leaf
        self.open: set[object] = set()  # the marks of the traces
        self.start: Grad  # what is given back in the end
        self.shown: tuple[Grad, ...] = ()  # what a trace has put here last; while it is put here, also what was here before

    @classmethod
    def of(cls, leaf: Variable) -> Place:
        """The place of this leaf: the one that other traces use."""
        return cls.known.setdefault(id(leaf), cls(leaf))

    def enter(self, grad: Grad) -> None:
        """One more trace begins here, with this ``.grad``: if no other trace put it there, it is what will be given back."""
        if self.last() is None:
            self.start, self.shown = grad, (grad,)
        self.open.add(grad.by)

    def last(self) -> Grad | None:
        """What stands here, if it is a trace's work; None if someone else has changed it."""
        return next((grad for grad in self.shown if grad.stands_in(self.leaf)), None)

    def put(self, grad: Grad) -> None:
        """Let this stand here: an object that was there is changed in place, as by backward()."""
        self.shown = (*self.shown, grad)  # an interruption may come after any line
        if grad.variable is not None and grad.values is not None and not same_bits(grad.variable.array, grad.values):
            if like(grad.variable.array, grad.values):
                np.copyto(grad.variable.array, grad.values)
                count(grad.variable, operation="a move of the stepper")
            else:  # someone has given the object another array
                grad.variable.array = grad.values.copy()
        self.leaf._grad = grad.variable
        self.shown = (grad,)

    def leave(self, before: Grad) -> None:
        """The trace that began with this ``.grad`` closes: its work goes; with the last trace, that of all."""
        last = self.last()
        if last is not None and self.open == {before.by}:
            self.put(self.start)
        elif last is not None and last.by is before.by:
            self.put(before)
        self.open.discard(before.by)


class Leaf:
    """The ``.grad`` of one leaf before and after its step in one recorded pass."""

    def __init__(self, name: str, variable: Variable) -> None:
        self.name = name
        self.variable = variable
        self.mark = object()
        self.turn = 0
        self.before = self.after = self.now()
        self.place = Place.of(variable)

    def now(self) -> Grad:
        """What stands in ``.grad``, with a copy of its numbers."""
        grad = self.variable._grad
        return Grad(grad, None if grad is None else grad.array.copy(), self.mark)

    def receive(self, node: AccumulateGrad, total: Any, turn: int) -> Any:
        """Note what backward() would make of ``.grad`` with what has arrived; return that as the hooks of ``node`` leave it."""
        hooks = node._hooks
        if hooks is not None:
            (total,) = call_before(hooks, (total,), create_graph=False)
        if total is not None:
            twin = copy_of(self.variable, self.before.values)
            accumulate(twin, total, own=False)
            self.after = self.before._replace(values=None if twin._grad is None else twin._grad.array)
        if hooks is not None:
            call_after(hooks, (), (total,), create_graph=False)
        self.turn = turn
        return total

    def done(self, position: int) -> bool:
        """Whether its step has been made."""
        return 0 < self.turn <= position

    def shows(self, position: int) -> bool:
        """Whether ``.grad`` is what this pass says it is at a position."""
        return (self.after if self.done(position) else self.before).stands_in(self.variable)

    def changed(self) -> bool:
        """Whether someone else has put something there."""
        last = self.place.last()
        return last is None or last.by is not self.mark

    def prepared(self, position: int) -> Grad:
        """What shall stand in ``.grad``, refused if it cannot: where there was none before, always a new object.

        Raises:
            RuntimeError: the leaf has got another shape or dtype meanwhile.
        """
        if not self.done(position):
            return self.before
        if self.after.values is not None:
            check_grad(self.variable, Variable(self.after.values))
            if self.before.variable is None:
                self.after = self.after._replace(variable=Variable(self.after.values.copy()))
        return self.after


def copy_of(leaf: Variable, grad: NDArray[Any] | None) -> Variable:
    """A second Variable that is to the engine what the leaf is, with a ``.grad`` of its own: there a pass may add."""
    twin = object.__new__(type(leaf))
    for slot in ("array", "_edge", "_view", "_version_cell", "_accumulator"):
        setattr(twin, slot, getattr(leaf, slot))
    twin.__dict__.update(leaf.__dict__)
    twin._grad = None if grad is None else Variable(grad.copy())
    return twin


def like(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Whether one can hold what the other holds."""
    return a.shape == b.shape and a.dtype == b.dtype


def same_bits(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Whether two arrays hold the same, NaN for NaN and -0 for -0."""
    bits = f"u{a.itemsize}"
    return like(a, b) and np.array_equal(a.view(bits), b.view(bits))
