"""The passes of microtorch's own engine, which is a generator: it yields after each node's turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import ref

import numpy as np

from ...core import engine
from ...core.accumulate_grad import AccumulateGrad, accumulate
from ...core.assigning import check_grad
from ...core.begin import begin
from ...core.hooks import call_after, call_before
from ...core.node import Output, number_of
from ...core.saved import already_freed
from ...core.unbroadcast import unbroadcast
from ...core.variable import Variable
from ...core.versions import count
from ..graph.snapshot import freeze, key
from .leaves import Leaf, like, same_bits
from .recording import Message, Recorder
from .words import titles

__all__ = ["MicrotorchPass"]


class MicrotorchPass:
    """A backward pass over a graph of Variables.

    Raises:
        RuntimeError: whatever ``root.backward(gradient)`` raises before it begins.
    """

    order = ""
    lines = "With %load_ext microtorch, or viz.track_source(), before the code is run, its lines are shown here, too."

    def __init__(self, root: Variable, gradient: Any) -> None:
        self.roots, self.first = begin((root,), gradient, create_graph=False)
        self.snapshot, nodes = freeze(root)
        self.nodes: list[Any] = list(nodes)
        for node in self.nodes:
            if node._saved is None:
                raise already_freed(node)
        self.ids = {key(node): i for i, node in enumerate(self.nodes)}
        names = titles(self.snapshot)
        ends = [(i, node) for i, node in enumerate(self.nodes) if isinstance(node, AccumulateGrad)]
        self.by_id = {i: Leaf(names[i], node.variable, VariableKeeper()) for i, node in ends}
        self.leaves = tuple(self.by_id.values())

    def run(self, tell: Recorder) -> None:
        """Let the engine run once, with the graph retained."""
        for edge, grad in zip(self.roots, self.first, strict=True):
            tell.given(self.id_of(edge), number_of(edge), grad)
        # The engine is asked only for the gradients of the leaves: as it is by grad(), it then writes to no `.grad`.
        captured = {node: None for node in self.nodes if isinstance(node, AccumulateGrad)}
        try:
            with without_retaining(self.nodes):
                for visit in engine.run(self.roots, self.first, retain_graph=True, only=captured, captured=captured):
                    self.visited(tell, *visit)
        except RuntimeError as error:
            if isinstance(error.__cause__, StopIteration):  # a hook's, which would have ended the engine's generator
                raise error.__cause__ from None
            raise

    def visited(self, tell: Recorder, node: Any, grad_outputs: Any, grad_inputs: Any) -> None:
        """One node has had its turn."""
        i = self.ids[key(node)]
        leaf = self.by_id.get(i)
        if leaf is None:
            tell.turn(i, grad_outputs)
            tell.sends(message(port, edge, node, grad) for port, (edge, grad) in enumerate(zip(node._below, grad_inputs)))  # noqa: B905
            return
        total = grow(leaf, node, grad_outputs[0], tell.now)
        tell.turn(i, (total,))
        tell.accumulates(leaf.before.numbers, leaf.after.numbers)

    def id_of(self, edge: Any) -> int:
        """The number of the node that one of the engine's edges leads to."""
        return self.ids[key(edge.node if isinstance(edge, Output) else edge)]

    def watch(self) -> Callable[[], list[str]]:
        """It is noticed when backward() has freed what a node saved."""
        saving = [ref(node) for node in self.nodes if node._saved]

        def look() -> list[str]:
            freed = any(node is not None and node._saved is None for node in (each() for each in saving))
            return ["backward() has run since and freed the graph: this walk is a record, and goes on."] if freed else []

        return look


class VariableKeeper:
    """The ``.grad`` of a Variable is a Variable, and backward() adds to it in place."""

    def get(self, leaf: Variable) -> Variable | None:
        """The Variable, or None."""
        return leaf._grad

    def put(self, leaf: Variable, grad: Variable | None) -> None:
        """Without the checks of an assignment, which `new` has made."""
        leaf._grad = grad

    def numbers(self, grad: Variable) -> Any:
        """A copy of its array."""
        return grad.array.copy()

    def holds(self, grad: Variable, numbers: Any) -> bool:
        """Whether its array has these bits."""
        return same_bits(grad.array, numbers)

    def write(self, grad: Variable, numbers: Any) -> None:
        """A change in place, which counts as one."""
        if like(grad.array, numbers):
            np.copyto(grad.array, numbers)
            count(grad, operation="a move of the stepper")
        else:  # someone has given the object another array
            grad.array = numbers.copy()

    def new(self, leaf: Variable, numbers: Any, grad: Variable | None) -> Variable:
        """A Variable with an array of its own.

        Raises:
            RuntimeError: the leaf has got another shape or dtype meanwhile.
        """
        check_grad(leaf, Variable(numbers))
        return Variable(numbers.copy()) if grad is None else grad


def message(port: int, edge: Any, source: Any, grad: Any) -> Message:
    """What goes through one edge, after the engine has brought it to the shape of what it belongs to."""
    if edge is None or grad is None:
        return Message(port, None)
    sent = unbroadcast(grad, edge._shape, edge._dtype, source, edge)
    lead = len(grad.shape) - len(sent.shape)
    summed = [axis for axis, n in enumerate(grad.shape) if axis < lead or n != sent.shape[axis - lead]]
    return Message(port, sent, tuple(summed))


def grow(leaf: Leaf, node: AccumulateGrad, total: Any, turn: int) -> Any:
    """Note what backward() would make of ``.grad`` with what has arrived; return that as the hooks of ``node`` leave it."""
    hooks = node._hooks
    if hooks is not None:
        (total,) = call_before(hooks, (total,), create_graph=False)
    if total is not None:
        twin = copy_of(leaf.variable, leaf.before.numbers)
        accumulate(twin, total, own=False)
        leaf.becomes(turn, None if twin._grad is None else twin._grad.array)
    if hooks is not None:
        call_after(hooks, (), (total,), create_graph=False)
    return total


def copy_of(leaf: Variable, grad: Any) -> Variable:
    """A second Variable that is to the engine what the leaf is, with a ``.grad`` of its own: there a pass may add."""
    twin = object.__new__(type(leaf))
    for slot in ("array", "_edge", "_view", "_version_cell", "_accumulator"):
        setattr(twin, slot, getattr(leaf, slot))
    twin.__dict__.update(leaf.__dict__)
    twin._grad = None if grad is None else Variable(grad.copy())
    return twin


@contextmanager
def without_retaining(nodes: Iterable[Any]) -> Iterator[None]:
    """For the length of a pass, let nobody but leaves have a ``.grad``, though `retain_grad` asked for one."""
    kept = [(node._hooks, node._hooks.retained) for node in nodes if node._hooks is not None]
    try:
        for hooks, _ in kept:
            hooks.retained = {}
        yield
    finally:
        for hooks, retained in kept:
            hooks.retained = retained
