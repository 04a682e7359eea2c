"""The ``.grad`` of the leaves of recorded passes: put where a trace stands, and given back when the last trace closes.

Several traces may walk over one leaf. What stood there before the first of them, and what one of them put there last, is kept in
a `Place` that they share: so each can tell its own work from a change by someone else, in whatever order they close. How a
``.grad`` is read, compared and changed is a library's own: it is said by a `Keeper`.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, Protocol
from weakref import WeakValueDictionary
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ..graph.summary import array_of

__all__ = ["Keeper", "Leaf", "PlainKeeper", "same_bits"]

SAMPLE = 1024  # elements of a leaf by which a change of its data is noticed


class Keeper(Protocol):
    """How a library keeps a ``.grad``: an object, with numbers in it that can be copied, compared and written back."""

    def get(self, leaf: Any) -> Any:
        """The object that stands in ``leaf.grad``, or None."""

    def put(self, leaf: Any, grad: Any) -> None:
        """Let this object, or None, stand there."""

    def numbers(self, grad: Any) -> Any:
        """A copy of the numbers in it."""

    def holds(self, grad: Any, numbers: Any) -> bool:
        """Whether these numbers are in it, to the bit."""

    def write(self, grad: Any, numbers: Any) -> None:
        """Change the object in place."""

    def new(self, leaf: Any, numbers: Any, grad: Any) -> Any:
        """What shall stand in ``leaf.grad``: ``grad``, with these numbers; where that is None, a new object.

        Raises:
            RuntimeError: they cannot stand there: the leaf has got another shape or dtype meanwhile.
        """


class Grad(NamedTuple):
    """A ``.grad`` as it is or shall be: the object, and the numbers in it."""

    object: Any
    numbers: Any
    by: object  # the mark of the trace that puts it there


class Place:
    """The ``.grad`` of one leaf that traces walk over."""

    known: ClassVar[WeakValueDictionary[int, Place]] = WeakValueDictionary()  # by the id of the leaf, which a place holds

    def __init__(self, leaf: Any, keeper: Keeper) -> None:
        self.leaf = leaf
        self.keeper = keeper
        self.open: set[object] = set()  # the marks of the traces
        self.start: Grad  # what is given back in the end
        self.shown: tuple[Grad, ...] = ()  # what a trace has put here last; while it is put here, also what was here before

    @classmethod
    def of(cls, leaf: Any, keeper: Keeper) -> Place:
        """The place of this leaf: the one that other traces use."""
        return cls.known.setdefault(id(leaf), cls(leaf, keeper))

    def enter(self, grad: Grad) -> None:
        """One more trace begins here, with this ``.grad``: if no other trace put it there, it is what will be given back."""
        if self.last() is None:
            self.start, self.shown = grad, (grad,)
        self.open.add(grad.by)

    def last(self) -> Grad | None:
        """What stands here, if it is a trace's work; None if someone else has changed it."""
        return next((grad for grad in self.shown if self.stands(grad)), None)

    def stands(self, grad: Grad) -> bool:
        """Whether it is this that stands here, to the bit."""
        now = self.keeper.get(self.leaf)
        if now is None or grad.numbers is None:
            return now is grad.object
        return (now is grad.object or isinstance(now, (int, float))) and self.keeper.holds(now, grad.numbers)

    def put(self, grad: Grad) -> None:
        """Let this stand here: an object that was there is changed in place, as by backward()."""
        self.shown = (*self.shown, grad)  # an interruption may come after any line
        if grad.object is not None and grad.numbers is not None and not self.keeper.holds(grad.object, grad.numbers):
            self.keeper.write(grad.object, grad.numbers)
        self.keeper.put(self.leaf, grad.object)
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
    """The ``.grad`` of one leaf over one recorded pass: what it was before, and what each step that changed it made of it."""

    def __init__(self, name: str, variable: Any, keeper: Keeper) -> None:
        self.name = name
        self.variable = variable
        self.keeper = keeper
        self.mark = object()
        self.place = Place.of(variable, keeper)
        self.history = [(0, self.now())]  # from which position on, what
        self.print = fingerprint(variable)

    @property
    def before(self) -> Grad:
        """What stood there when the pass was recorded."""
        return self.history[0][1]

    @property
    def after(self) -> Grad:
        """What stands there at the end of the pass."""
        return self.history[-1][1]

    def now(self) -> Grad:
        """What stands in ``.grad``, with a copy of its numbers."""
        grad = self.keeper.get(self.variable)
        return Grad(grad, None if grad is None else self.keeper.numbers(grad), self.mark)

    def becomes(self, turn: int, numbers: Any, grad: Any = None) -> None:
        """Note what a step makes of ``.grad``: of the object that was there before, or of this one."""
        self.history.append((turn, Grad(self.before.object if grad is None else grad, numbers, self.mark)))

    def is_now(self, turn: int) -> None:
        """Note that from a position on ``.grad`` is what someone else's lines, which the trace tells, have put there."""
        grad = self.now()
        self.history.append((turn, grad))
        self.place.put(grad)

    def index(self, position: int) -> int:
        """Which entry of its history holds at a position; below 0, the first."""
        return max(i for i, (turn, _) in enumerate(self.history) if turn <= max(position, 0))

    def shows(self, position: int) -> bool:
        """Whether ``.grad`` is what this pass says it is at a position."""
        return self.place.stands(self.history[self.index(position)][1])

    def changed(self) -> bool:
        """Whether someone else has put something there."""
        last = self.place.last()
        return last is None or last.by is not self.mark

    def other_data(self) -> bool:
        """Whether the leaf itself is no longer what it was when the pass was recorded."""
        return fingerprint(self.variable) != self.print

    def prepared(self, position: int) -> Grad:
        """What shall stand in ``.grad``, refused if it cannot: where there was none before, always a new object.

        Raises:
            RuntimeError: the leaf has got another shape or dtype meanwhile.
        """
        i = self.index(position)
        turn, grad = self.history[i]
        if i and grad.numbers is not None:
            known = None if self.before.object is None else grad.object
            grad = grad._replace(object=self.keeper.new(self.variable, grad.numbers, known))
            self.history[i] = turn, grad
        return grad


class PlainKeeper:
    """Of a student's engine: ``.grad`` is an attribute, a number or an array."""

    def get(self, leaf: Any) -> Any:
        """The attribute."""
        return leaf.grad

    def put(self, leaf: Any, grad: Any) -> None:
        """The attribute."""
        leaf.grad = grad

    def numbers(self, grad: Any) -> Any:
        """An array is copied; a number cannot change."""
        return grad.copy() if isinstance(grad, np.ndarray) else grad

    def holds(self, grad: Any, numbers: Any) -> bool:
        """Whether they are the same, NaN for NaN."""
        if isinstance(grad, np.ndarray) or isinstance(numbers, np.ndarray):
            return same_bits(np.asarray(grad), np.asarray(numbers))
        return bool(grad == numbers) or (grad != grad and numbers != numbers)  # noqa: PLR0124 - NaN

    def write(self, grad: Any, numbers: Any) -> None:
        """Only arrays are changed in place."""
        np.copyto(grad, numbers)

    def new(self, leaf: Any, numbers: Any, grad: Any) -> Any:
        """Anything can stand there."""
        return self.numbers(numbers) if grad is None else grad


def fingerprint(leaf: Any) -> tuple[Any, ...]:
    """By what a change of a leaf's data is noticed: its shape and dtype, and some of its elements."""
    array = array_of(leaf)
    flat = array.reshape(-1)
    sample = flat[:: max(1, flat.size // SAMPLE)]
    return array.shape, str(array.dtype), crc32(sample.tobytes())


def like(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Whether one can hold what the other holds."""
    return a.shape == b.shape and a.dtype == b.dtype


def same_bits(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Whether two arrays hold the same, NaN for NaN and -0 for -0."""
    bits = f"u{a.itemsize}"
    return like(a, b) and np.array_equal(a.view(bits), b.view(bits))
