"""One backward pass, recorded: the engine runs once, and then the pass can be walked in both directions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..core import engine
from ..core.begin import begin
from ..core.node import Output, number_of
from ..core.unbroadcast import unbroadcast
from ..core.variable import Variable
from . import drawing, story
from .snapshot import Edge, Snapshot, freeze, key, summarize
from .steps import Accumulated, Part, Recording, Sent, Step, Value
from .text import chip

if TYPE_CHECKING:
    from ..widgets.stepper import BackwardStepper

LIMIT = 2**26  # bytes of gradients that a trace keeps as arrays; of the rest it keeps summaries


class Trace(Recording):
    """A recorded backward pass, standing at a position: 0 before the first step, k after k steps.

    Moving only assigns the leaves' real ``.grad``; nothing is computed again. A ``.grad`` that was there before is
    changed in place, as by backward(). Moving assigns what this pass says: where someone else has changed a ``.grad``
    meanwhile, the change is overwritten, and `overwritten` says so. A trace holds the leaves, but not the graph.
    """

    def __init__(self, snapshot: Snapshot, steps: tuple[Step, ...], leaves: tuple[Leaf, ...]) -> None:
        super().__init__(snapshot, steps)
        self._leaves = leaves
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
            RuntimeError: the trace is closed.
        """
        if isinstance(position, bool) or not isinstance(position, (int, np.integer)):
            raise TypeError(f"a position is an int from 0 to {len(self.steps)}, not {position!r}")
        if not 0 <= position <= len(self.steps):
            raise IndexError(f"this pass has the positions 0 to {len(self.steps)}, not {position}")
        if not self.is_open:
            raise RuntimeError("this trace is closed; make a new one with viz.trace(root)")
        changed = [leaf for leaf in self._leaves if not leaf.shows(self.position)]
        for leaf in self._leaves:
            if leaf in changed or leaf.done(position) != leaf.done(self.position):
                leaf.show(position)
        self.overwritten = tuple(leaf.name for leaf in changed)
        self.position = int(position)

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
        """Give the leaves back as they were and let go of them; a ``.grad`` that someone else has changed stays."""
        for leaf in self._leaves:
            if leaf.shows(self.position):
                leaf.show(0)
        self._leaves, self.is_open = (), False


class Leaf:
    """The ``.grad`` of one leaf before and after its step, and the object that stands in it now."""

    def __init__(self, name: str, variable: Variable) -> None:
        self.name = name
        self.variable = variable
        self.original = self.shown = variable.grad
        self.before = None if self.original is None else self.original.array.copy()
        self.after = self.before
        self.turn = 0

    def done(self, position: int) -> bool:
        """Whether its step has been made."""
        return 0 < self.turn <= position

    def value(self, position: int) -> NDArray[Any] | None:
        """What ``.grad`` holds at a position."""
        return self.after if self.done(position) else self.before

    def shows(self, position: int) -> bool:
        """Whether ``.grad`` is still what it was made to be at ``position``."""
        grad, value = self.variable.grad, self.value(position)
        if grad is not self.shown or grad is None or value is None:
            return grad is self.shown
        return grad.array.dtype == value.dtype and grad.array.shape == value.shape and grad.array.tobytes() == value.tobytes()

    def show(self, position: int) -> None:
        """Assign ``.grad``: always a copy of what was recorded, which nobody else can then change."""
        value = self.value(position)
        if value is None:
            self.shown = None
        elif self.original is None:
            self.shown = Variable(value.copy())
        else:
            self.shown = self.original
            if self.original.array.shape == value.shape and self.original.array.dtype == value.dtype:
                np.copyto(self.original.array, value)
            else:  # someone has given the object another array
                self.original.array = value.copy()
        self.variable.grad = self.shown


def trace(root: Variable, gradient: Variable | None = None) -> Trace:
    """Record the backward pass from ``root`` without doing it: every ``.grad`` and saved value is afterwards as before.

    The engine runs once, with the graph retained: side effects of a user's own Functions happen then, and only then.

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
    roots, first = begin((root,), gradient, create_graph=False)
    snapshot, nodes = freeze(root)
    names = story.titles(snapshot)
    variables = {i: getattr(node, "variable", None) for i, node in enumerate(nodes)}
    leaves = {i: Leaf(names[i], variable) for i, variable in variables.items() if variable is not None}
    recorder = Recorder(snapshot, {key(node): i for i, node in enumerate(nodes)})
    with set_aside(leaves):
        recorder.begin(roots, first)
        for node, grad_outputs, grad_inputs in engine.run(roots, first, retain_graph=True):
            recorder.visit(node, grad_outputs, grad_inputs, leaves)
    return Trace(snapshot, tuple(recorder.steps), tuple(leaves.values()))


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
    try:
        from ..widgets.stepper import BackwardStepper
    except ImportError as error:
        raise ImportError(
            "viz.step needs anywidget, which comes with the extra `lab`; viz.trace(root) tells the same in words"
        ) from error
    return BackwardStepper(trace(root, gradient))


@contextmanager
def set_aside(leaves: dict[int, Leaf]) -> Iterator[None]:
    """Let a pass accumulate into copies; then every ``.grad`` is again the object it was, whatever happened."""
    try:
        for leaf in leaves.values():
            leaf.variable.grad = None if leaf.before is None else Variable(leaf.before.copy())
        yield
    finally:
        for leaf in leaves.values():
            leaf.variable.grad = leaf.original


class Recorder:
    """Turns what the engine yields into steps."""

    def __init__(self, snapshot: Snapshot, ids: dict[int, int]) -> None:
        self.snapshot = snapshot
        self.ids = ids
        self.steps: list[Step] = []
        self.parts: defaultdict[int, list[Part]] = defaultdict(list)
        self.edges = {(edge.consumer, edge.port): edge for edge in snapshot.edges}
        self.room = LIMIT

    def begin(self, roots: Any, gradients: Any) -> None:
        """Note what backward() itself puts in."""
        for edge, grad in zip(roots, gradients, strict=True):
            self.parts[self.id_of(edge)].append(Part(0, None, number_of(edge), self.value(grad)))

    def visit(self, node: Any, grad_outputs: Any, grad_inputs: Any, leaves: dict[int, Leaf]) -> None:
        """Note one node's turn."""
        i = self.ids[key(node)]
        now = len(self.steps) + 1
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
                grad=self.accumulated(leaves[i], now, received[0]) if i in leaves else None,
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

    def accumulated(self, leaf: Leaf, now: int, received: Value | None) -> Accumulated:
        """What has become of a leaf's ``.grad``."""
        grad = leaf.variable.grad
        leaf.turn = now
        leaf.after = None if grad is None else grad.array.copy()
        new = received if leaf.before is None else self.value(leaf.after)
        return Accumulated(self.value(leaf.before), new)

    def value(self, array: Any) -> Value | None:
        """A gradient as it is now."""
        if array is None:
            return None
        array = np.asarray(array)
        self.room -= array.nbytes
        return Value(summarize(array), array.copy() if self.room >= 0 else None)
