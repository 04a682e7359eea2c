"""The passes of a student's engine built like micrograd: its own ``backward()`` runs once, and each ``_backward`` is watched.

What such an engine needs: values with ``_prev`` (what they were computed from), ``data``, ``grad``, ``_backward()`` (adds to the
``grad`` of each in ``_prev``), and on the root ``backward()``, which calls ``_backward`` of all in its own order. ``_op`` and
``label`` are shown where there are any.

Here there is no AccumulateGrad: every ``grad`` grows with each ``_backward`` of those that it was used by, and values in between
keep theirs. So all of them follow a trace, and what a node sends is by how much its ``_backward`` has changed a ``grad``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..graph.names import named
from ..graph.snapshot import freeze
from .leaves import Leaf, PlainKeeper
from .recording import Message, Recorder
from .words import titles

__all__ = ["ValuesPass", "is_value"]


def is_value(root: Any) -> bool:
    """Whether it is of an engine like micrograd."""
    return not isinstance(root, type) and all(hasattr(root, name) for name in ("_prev", "_backward", "data", "grad"))


class Operation:
    """What made a value, as a node of a graph."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.next_functions: tuple[tuple[Any, int], ...] = ()

    def name(self) -> str:
        """The value's ``_op``; of a leaf the name that such nodes have elsewhere."""
        return str(getattr(self.value, "_op", "") or type(self.value).__name__) if self.next_functions else "AccumulateGrad"

    def computed(self) -> tuple[Any]:
        """The value is its own result."""
        return (self.value.data,)

    def saved_values(self) -> tuple[()]:
        """What a closure keeps, it does not tell."""
        return ()


class End(Operation):
    """A leaf as a node."""

    def __init__(self, variable: Value) -> None:
        super().__init__(variable.value)
        self.variable = variable


class Value:
    """A value as a Variable is to a viewer."""

    requires_grad = retains_grad = True

    def __init__(self, value: Any) -> None:
        self.value = value
        self.is_leaf = not value._prev
        self.node: Operation = End(self) if self.is_leaf else Operation(value)
        self.grad_fn = None if self.is_leaf else self.node
        own = getattr(value, "label", None) or getattr(value, "name", None)
        self.name = own if isinstance(own, str) else None

    @property
    def data(self) -> Any:
        """The number."""
        return self.value.data

    @property
    def grad(self) -> Any:
        """The gradient, or what stands there before any was computed."""
        return self.value.grad


class ValuesPass:
    """A backward pass over the values of an engine like micrograd.

    Raises:
        TypeError: a gradient to begin with is given, which such a ``backward()`` does not take; or there is no ``backward()``.
    """

    order = "the engine's own backward() calls it now"
    lines = ""

    def __init__(self, root: Any, gradient: Any) -> None:
        if gradient is not None or not callable(getattr(root, "backward", None)):
            raise TypeError(f"{type(root).__name__}.backward() begins with 1: it can be walked without gradient= only")
        self.root = root
        seen = {id(value): Value(value) for value in reached(root)}
        for each in seen.values():
            each.node.next_functions = tuple((seen[id(below)].node, 0) for below in each.value._prev)
        names: dict[str, Value] = {}
        for name, value in named():
            if id(value) in seen and seen[id(value)] not in names.values():
                names.setdefault(name, seen[id(value)])
        start = seen[id(root)]
        self.snapshot, nodes = freeze(start, names=names)
        # To `freeze`, what is not a leaf's End is an Operation.
        self.values = [getattr(node, "value") for node in nodes]  # noqa: B009
        self.ids = {id(value): i for i, value in enumerate(self.values)}
        called = titles(self.snapshot)
        self.keeper = PlainKeeper()
        self.leaves = tuple(Leaf(name, value, self.keeper) for name, value in zip(called, self.values, strict=True))
        self.ran: dict[int, tuple[int, Any]] = {}  # when a value had its last turn, and its ``grad`` there

    def run(self, tell: Recorder) -> None:
        """Let the engine's own backward() run, and put every ``grad`` back."""
        own = [vars(value).get("_backward") for value in self.values]
        try:
            for i, value in enumerate(self.values):
                value._backward = Turn(self, tell, i, value._backward)
            self.root.backward()
        finally:
            for value, backward in zip(self.values, own, strict=True):
                if backward is None:
                    vars(value).pop("_backward", None)
                else:
                    value._backward = backward
            self.note(range(len(self.values)), max(tell.now - 1, 1))
            for leaf in self.leaves:
                self.put_back(leaf)

    def put_back(self, leaf: Leaf) -> None:
        """Let a ``grad`` be what it was before."""
        grad, numbers, _ = leaf.before
        if grad is not None and not self.keeper.holds(grad, numbers):
            self.keeper.write(grad, numbers)
        self.keeper.put(leaf.variable, grad)

    def turn(self, tell: Recorder, i: int, backward: Callable[[], Any]) -> None:
        """One value's ``_backward``, watched. An order that is none gives a value more turns than one: see `again`."""
        now, leaf, value = tell.now, self.leaves[i], self.values[i]
        if not tell.begun:
            self.begins(tell)
        before = self.again(tell, i) if i in self.ran else leaf.before.numbers
        self.ran[i] = now, self.keeper.numbers(value.grad)
        if not value._prev:
            tell.turn(i, (value.grad if before is None else value.grad - before,))
            backward()
            self.note([i], now)
            tell.accumulates(before, value.grad)
            return
        below = [self.ids[id(each)] for each in value._prev]
        old = [self.leaves[j].now().numbers for j in below]
        tell.turn(i, (value.grad,))
        try:
            backward()
        finally:
            self.note([i, *below], now)
        new = [self.values[j].grad for j in below]
        uses = Counter(below)
        tell.sends(
            Message(port, share(difference(*pair), uses[j])) for port, (j, *pair) in enumerate(zip(below, old, new, strict=True))
        )

    def again(self, tell: Recorder, i: int) -> Any:
        """One more turn: what was in the value's ``grad`` at the last one is still there, and a function sends it once more."""
        at, grad = self.ran[i]
        if self.values[i]._prev:
            tell.given(i, 0, grad, at)
        return grad

    def begins(self, tell: Recorder) -> None:
        """What the root is given, and what the values in between have kept from an earlier pass."""
        root = self.ids[id(self.root)]
        self.note(range(len(self.values)), 1)
        for i, value in enumerate(self.values):
            if i == root or (value._prev and value.grad is not None and np.any(value.grad)):
                tell.given(i, 0, value.grad)

    def note(self, which: Any, turn: int) -> None:
        """What has become of some ``grad`` in this turn."""
        for i in which:
            leaf, grad = self.leaves[i], self.values[i].grad
            was = leaf.after
            if grad is not was.object or not self.keeper.holds(grad, was.numbers):
                leaf.becomes(turn, self.keeper.numbers(grad), grad)

    def watch(self) -> Callable[[], list[str]]:
        """There is nothing that could be freed."""
        return list


class Turn:
    """Stands for a value's ``_backward`` while the pass is recorded."""

    def __init__(self, the_pass: ValuesPass, tell: Recorder, i: int, backward: Callable[[], Any]) -> None:
        self.begin = the_pass, tell, i, backward

    def __call__(self) -> None:
        the_pass, tell, i, backward = self.begin
        the_pass.turn(tell, i, backward)


def difference(old: Any, new: Any) -> Any:
    """By how much a ``grad`` has grown; None where it is none."""
    return new if old is None or new is None else new - old


def share(grown: Any, uses: int) -> Any:
    """What went along one of the arrows: of a value that is used twice, as in a + a or a * a, only the sum is seen."""
    return grown if grown is None or uses == 1 else grown / uses


def reached(root: Any) -> Iterator[Any]:
    """All values that a root was computed from, itself first."""
    found = {id(root)}
    waiting = [root]
    while waiting:
        value = waiting.pop()
        yield value
        for below in value._prev:
            if id(below) not in found:
                found.add(id(below))
                waiting.append(below)
