"""One backward pass, recorded: the engine runs once, and then the pass can be walked in both directions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import engine
from ...core.accumulate_grad import AccumulateGrad
from ...core.begin import begin
from ...core.node import Output, number_of
from ...core.unbroadcast import unbroadcast
from ...core.variable import Variable
from .. import drawing
from ..graph.snapshot import Edge, Snapshot, freeze, key, summarize
from ..graph.walk import what
from ..words.text import chip
from . import story
from .leaves import Leaf
from .steps import Accumulated, Part, Recording, Sent, Step, Value, without_arrays

if TYPE_CHECKING:
    from ...widgets.stepper import BackwardStepper

LIMIT = 2**26  # bytes of gradients that a trace keeps as arrays; of the rest it keeps summaries


class Trace(Recording):
    """A recorded backward pass, standing at a position: 0 before the first step, k after k steps.

    Moving only assigns the leaves' real ``.grad``; nothing is computed again. A ``.grad`` that was there before is
    changed in place, as by backward(). Moving assigns what this pass says: where someone else has changed a ``.grad``
    meanwhile, the change is overwritten, and `overwritten` says so. A move that is interrupted has not been made.
    A trace holds the leaves, but not the graph; when it is closed, only its words are left.
    """

    def __init__(self, snapshot: Snapshot, steps: tuple[Step, ...], leaves: tuple[Leaf, ...]) -> None:
        super().__init__(snapshot, steps)
        self._leaves = leaves
        for leaf in leaves:
            leaf.place.enter(leaf.before)
        self.is_open = True

    def __repr__(self) -> str:
        return story.tell(self)

    @cached_property
    def _picture(self) -> tuple[str, str]:
        return drawing.whole(self.snapshot)

    def page(self) -> dict[str, Any]:
        """All that the stepper in the page is drawn from, as JSON-able data."""
        return story.page(self, self._picture[0])

    def note(self) -> str:
        """What the reader should know where it stands: which ``.grad`` was overwritten, or why there is no picture."""
        return story.overwritten(self) or self._picture[1]

    def goto(self, position: int) -> None:
        """Put every leaf's ``.grad`` to what it is after ``position`` steps.

        Raises:
            TypeError: ``position`` is no int.
            IndexError: there is no such position.
            RuntimeError: the trace is closed; or a leaf has got another shape or dtype meanwhile. No ``.grad`` has changed then.
        """
        if isinstance(position, bool) or not isinstance(position, (int, np.integer)):
            raise TypeError(f"a position is an int from 0 to {len(self.steps)}, not {position!r}")
        if not 0 <= position <= len(self.steps):
            raise IndexError(f"this pass has the positions 0 to {len(self.steps)}, not {position}")
        if not self.is_open:
            raise RuntimeError("this trace is closed; make a new one with viz.trace(root)")
        stale = [not leaf.shows(self.position) for leaf in self._leaves]
        moving = [
            leaf for leaf, is_stale in zip(self._leaves, stale, strict=True)
            if is_stale or leaf.done(position) != leaf.done(self.position)
        ]  # fmt: skip
        names = tuple(leaf.name for leaf, is_stale in zip(self._leaves, stale, strict=True) if is_stale and leaf.changed())
        wanted = [leaf.prepared(position) for leaf in moving]
        before = [(leaf.place, leaf.now(), leaf.place.shown) for leaf in moving]
        stood, told = self.position, self.overwritten
        try:
            for leaf, grad in zip(moving, wanted, strict=True):
                leaf.place.put(grad)
            self.overwritten, self.position = names, int(position)
        except BaseException:  # an interruption may come anywhere: then everything is as it was
            for place, grad, shown in before:
                place.put(grad)
                place.shown = shown
            self.overwritten, self.position = told, stood
            raise

    def next(self) -> None:
        """Go one step on; at the end, stay."""
        self.goto(min(self.position + 1, len(self.steps)))

    def previous(self) -> None:
        """Go one step back; at the start, stay."""
        self.goto(max(self.position - 1, 0))

    def first(self) -> None:
        """Go back to the start: every leaf's ``.grad`` is the object it was, with the numbers it had."""
        self.goto(0)

    def last(self) -> None:
        """Go to the end: every leaf's ``.grad`` is what backward() makes it, bit for bit."""
        self.goto(len(self.steps))

    def close(self) -> None:
        """Give the leaves back as they were and let go of them; a ``.grad`` that someone else has changed stays.

        Where other traces walk over the same leaves, they are given back as they were before all, when the last one closes.
        """
        for leaf in self._leaves:
            leaf.place.leave(leaf.before)
        self._leaves, self.is_open = (), False
        self.steps = tuple(map(without_arrays, self.steps))


def trace(root: Variable, gradient: Variable | None = None) -> Trace:
    """Record the backward pass from ``root`` without doing it: every ``.grad`` and saved value is afterwards as before.

    The engine runs once, with the graph retained and without writing to any ``.grad``: what a user's own Functions and hooks do
    besides happens then, and only then. Two kinds of hooks have no part in it: those of `register_post_accumulate_grad_hook`,
    which wait for a ``.grad`` that backward() has added to, are never called; and those of `retain_grad` are passed over, so that
    only the ``.grad`` of leaves moves.

    Args:
        root: the Variable to start from, of any shape.
        gradient: the gradient to begin with, of ``root``'s shape; may be left out for a single element.

    Raises:
        TypeError: ``root`` is no Variable.
        RuntimeError: whatever ``root.backward(gradient)`` raises: nothing requires grad, no scalar, a freed graph.

    >>> import microtorch
    >>> x = microtorch.ones(2, 2, requires_grad=True)
    >>> out = (x * 3).mean()
    >>> walk = trace(out)
    >>> walk
    backward() from out, 3 steps, at 0:
      0  Nothing has run yet: backward() will start at MeanBackward0 (out) with 1.
      1  MeanBackward0 (out) receives 1 and sends 0.25 (2x2) to MulBackward0.
      2  MulBackward0 receives 0.25 (2x2) and sends 0.75 (2x2) to x.
      3  x receives 0.75 (2x2): x.grad was None and is now 0.75 (2x2).
    >>> walk.last()
    >>> x.grad.tolist()
    [[0.75, 0.75], [0.75, 0.75]]
    >>> walk.first()
    >>> x.grad is None
    True
    """
    check(root, "trace")
    roots, first = begin((root,), gradient, create_graph=False)
    snapshot, nodes = freeze(root)
    names = story.titles(snapshot)
    leaves = {i: Leaf(names[i], node.variable) for i, node in enumerate(nodes) if isinstance(node, AccumulateGrad)}
    recorder = Recorder(snapshot, {key(node): i for i, node in enumerate(nodes)}, leaves)
    recorder.begin(roots, first)
    # The engine is asked only for the gradients of the leaves: as it is by grad(), it then writes to no `.grad`.
    captured = {node: None for node in nodes if isinstance(node, AccumulateGrad)}
    try:
        with without_retaining(nodes):
            for visit in engine.run(roots, first, retain_graph=True, only=captured, captured=captured):
                recorder.visit(*visit)
    except RuntimeError as error:
        if isinstance(error.__cause__, StopIteration):  # a hook's, which would have ended the engine's generator
            raise error.__cause__ from None
        raise
    return Trace(snapshot, tuple(recorder.steps), tuple(leaves.values()))


def check(root: Any, caller: str) -> None:
    """Refuse what has no backward pass that could be recorded.

    Raises:
        TypeError: it is no Variable.
    """
    if not isinstance(root, Variable):
        raise TypeError(f"cannot walk the backward pass of {what(root, caller)}")


def step(root: Variable, gradient: Variable | None = None) -> BackwardStepper:
    """Walk the backward pass from ``root`` in a notebook, one node at a time, in both directions.

    Args:
        root: the Variable to start from, of any shape.
        gradient: the gradient to begin with, of ``root``'s shape; may be left out for a single element.

    Raises:
        TypeError: ``root`` is no Variable.
        ImportError: anywidget is not installed.
        RuntimeError: whatever ``root.backward(gradient)`` raises: nothing requires grad, no scalar, a freed graph.

    >>> import microtorch
    >>> x = microtorch.tensor(2.0, requires_grad=True)
    >>> out = x * 3
    >>> stepper = step(out)
    >>> stepper
    BackwardStepper: backward() from out, 2 steps, at 0:
      0  Nothing has run yet: backward() will start at MulBackward0 (out) with 1.
      1  MulBackward0 (out) receives 1 and sends 3 to x.
      2  x receives 3: x.grad was None and is now 3.
    >>> stepper.position = 2
    >>> x.grad.item()
    3.0
    """
    check(root, "step")
    try:
        from ...widgets.stepper import BackwardStepper
    except ImportError as error:
        raise ImportError(
            "viz.step needs anywidget, which comes with the extra `lab`; viz.trace(root) tells the same in words"
        ) from error
    return BackwardStepper(trace(root, gradient))


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


class Recorder:
    """Turns what the engine yields into steps."""

    def __init__(self, snapshot: Snapshot, ids: dict[int, int], leaves: dict[int, Leaf]) -> None:
        self.snapshot = snapshot
        self.ids = ids
        self.leaves = leaves
        self.steps: list[Step] = []
        self.parts: defaultdict[int, list[Part]] = defaultdict(list)
        self.edges = {(edge.consumer, edge.port): edge for edge in snapshot.edges}
        self.room = LIMIT

    def begin(self, roots: Any, gradients: Any) -> None:
        """Note what backward() itself puts in."""
        for edge, grad in zip(roots, gradients, strict=True):
            self.parts[self.id_of(edge)].append(Part(0, None, number_of(edge), self.value(grad)))

    def visit(self, node: Any, grad_outputs: Any, grad_inputs: Any) -> None:
        """Note one node's turn."""
        i = self.ids[key(node)]
        now = len(self.steps) + 1
        leaf = self.leaves.get(i)
        if leaf is not None:
            grad_outputs = (leaf.receive(node, grad_outputs[0], now),)
        sent = []
        for port, (edge, grad) in enumerate(zip(node._below, grad_inputs, strict=False)):
            if edge is not None:
                arriving = self.sent(self.edges[i, port], edge, node, grad)
                self.parts[self.id_of(edge)].append(Part(now, arriving.edge.id, number_of(edge), arriving.value))
                sent.append(arriving)
        parts = tuple(self.parts.pop(i, ()))
        received = tuple(self.received(parts, output, grad) for output, grad in enumerate(grad_outputs))
        self.steps.append(
            Step(
                node=i,
                parts=parts,
                received=received,
                sent=tuple(sent),
                grad=None if leaf is None else self.accumulated(leaf, received[0]),
                frees=tuple(chip(saved) for saved in self.snapshot.nodes[i].saved if not saved.freed),
            )
        )

    def received(self, parts: tuple[Part, ...], output: int, grad: Any) -> Value | None:
        """What has arrived at an output: of a single part the part itself, which saves to record it twice."""
        there = [part.value for part in parts if part.output == output and part.value is not None]
        return there[0] if len(there) == 1 else self.value(grad)

    def id_of(self, edge: Any) -> int:
        """The number of the node that one of the engine's edges leads to."""
        return self.ids[key(edge.node if isinstance(edge, Output) else edge)]

    def sent(self, edge: Edge, target: Any, source: Any, grad: Any) -> Sent:
        """What goes through one edge, after the engine has brought it to the shape of what it belongs to."""
        if grad is None:
            return Sent(edge, None, ())
        sent = unbroadcast(grad, target._shape, target._dtype, source, target)
        lead = len(grad.shape) - len(sent.shape)
        summed = [axis for axis, n in enumerate(grad.shape) if axis < lead or n != sent.shape[axis - lead]]
        return Sent(edge, self.value(sent), tuple(summed))

    def accumulated(self, leaf: Leaf, received: Value | None) -> Accumulated:
        """What has become of a leaf's ``.grad``."""
        new = received if leaf.before.values is None else self.value(leaf.after.values)
        return Accumulated(self.value(leaf.before.values), new)

    def value(self, array: Any) -> Value | None:
        """A gradient as it is now."""
        if array is None:
            return None
        array = np.asarray(array)
        self.room -= array.nbytes
        return Value(summarize(array), array.copy() if self.room >= 0 else None)
