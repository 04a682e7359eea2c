"""One backward pass, recorded: the engine runs once, and then the pass can be walked in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.variable import Variable
from ..graph.walk import what
from . import finding, page, still, story
from .asking import Quiz
from .leaves import fingerprint
from .making import making
from .of_engine import MicrotorchPass
from .of_nodes import NodesPass, has_rules
from .of_torch import TorchPass, is_tensor
from .of_values import ValuesPass, is_value
from .pictures import Pictures, pictures
from .recording import Engine, record
from .steps import Change, Recording, without_arrays

if TYPE_CHECKING:
    from ...widgets.stepper import BackwardStepper

NAMED = 3  # leaves in a note, before it says "and N more"


class Trace(Recording):
    """A recorded backward pass, standing at a position: 0 before the first step, k after k steps.

    With the way forth (`forward`), positions below 0 tell how the graph was made; there, every ``.grad`` is what it is at 0.
    Moving only assigns the leaves' real ``.grad``; nothing is computed again. A ``.grad`` that was there before is
    changed in place, as by backward(). Moving assigns what this pass says: where someone else has changed a ``.grad``
    meanwhile, the change is overwritten, and `overwritten` says so. A move that is interrupted has not been made.
    Where a node or a hook has raised, that is the last step, and ``error`` in it: every ``.grad`` is there what a backward() that
    fails so leaves behind.
    A trace holds the leaves, but not the graph; when it is closed, only its words are left.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine.snapshot, record(engine))
        self.order, self.lines, self.keeps = engine.order, engine.lines, isinstance(engine, ValuesPass)
        self._leaves = engine.leaves
        self._watch = engine.watch()
        for leaf in self._leaves:
            leaf.place.enter(leaf.before)

    def forward(self) -> None:
        """Take in the way forth, before the first step, and go to where it starts: nothing is made there."""
        if self.is_open:
            self.made = making(self.snapshot, self.steps)
        self.first()

    def __repr__(self) -> str:
        return story.tell(self)

    @cached_property
    def _pictures(self) -> Pictures:
        return pictures(self.snapshot)

    @cached_property
    def quiz(self) -> Quiz:
        """The questions about this pass, with what has been answered, in the page or in Python."""
        return Quiz(self)

    def page(self) -> dict[str, Any]:
        """What the stepper in the page is drawn from, as JSON-able data: of a very long pass, the beginning."""
        return page.page(self, self._pictures)

    def answer(self, message: Any) -> dict[str, Any] | None:
        """What the page is told when it asks for more: see ``page.py``; None where the message is no question."""
        return page.answer(self, message)

    def still(self, story: dict[str, Any], mark: str) -> dict[str, str]:
        """What a notebook keeps of the page that tells ``story``, for where no session is, by MIME type: see ``still.py``."""
        return still.still(self, self._pictures, story, mark)

    def note(self) -> str:
        """What the reader should know where it stands: what has changed meanwhile, or why there is no picture."""
        changed = [leaf.name for leaf in self._leaves if leaf.other_data()]
        names = [*changed[:NAMED], *[f"{len(changed) - NAMED} more"] * (len(changed) > NAMED)]
        verb = "has" if len(changed) == 1 else "have"
        stale = f"{' and '.join(names)} {verb} changed since this pass was recorded: its numbers are those of then."
        found = [story.overwritten(self), stale if changed else "", *self._watch(), self._pictures.note]
        return " ".join(filter(None, found))

    def find(self, what: Any) -> tuple[int, ...]:
        """The positions at which it has just happened.

        Args:
            what: a node or a Variable, by its name or title; a leaf itself; or one of the events "accumulates" (a ``.grad``
                grows), "nan" (a NaN or an infinity comes or goes), "error".

        Raises:
            ValueError: nothing in this pass is called so.

        >>> import microtorch
        >>> x = microtorch.ones(2, requires_grad=True)
        >>> out = (x * 3).sum()
        >>> walk = trace(out)
        >>> walk.find("x"), walk.find(x), walk.find("accumulates"), walk.find("nan")
        ((3,), (3,), (3,), ())
        """
        if isinstance(what, str):
            return finding.find(self, what)
        name = next((leaf.name for leaf in self._leaves if leaf.variable is what), None)
        if name is None:
            raise ValueError("that is no leaf of this pass; give the name of a node or of a Variable")
        return finding.find(self, name)

    def until(self, what: Any) -> bool:
        """Go on to where it happens next, as `find` finds it; where it does not happen any more, to the end: False."""
        ahead = [k for k in self.find(what) if k > self.position]
        self.goto(ahead[0] if ahead else self.end)
        return bool(ahead)

    def goto(self, position: int) -> None:
        """Put every leaf's ``.grad`` to what it is after ``position`` steps; below 0, to what it was before the pass.

        Raises:
            TypeError: ``position`` is no int.
            IndexError: there is no such position.
            RuntimeError: the trace is closed; or a leaf has got another shape or dtype meanwhile. No ``.grad`` has changed then.
        """
        if isinstance(position, bool) or not isinstance(position, (int, np.integer)):
            raise TypeError(f"a position is an int from {self.start} to {self.end}, not {position!r}")
        if not self.start <= position <= self.end:
            raise IndexError(f"this pass has the positions {self.start} to {self.end}, not {position}")
        if not self.is_open:
            raise RuntimeError("this trace is closed; make a new one with viz.trace(root)")
        stale = [not leaf.shows(self.position) for leaf in self._leaves]
        moving = [
            leaf for leaf, is_stale in zip(self._leaves, stale, strict=True)
            if is_stale or leaf.index(position) != leaf.index(self.position)
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

    def before_update(self) -> None:
        """Go to the end of the pass, where an update may begin; one that was told before is forgotten."""
        self.goto(len(self.steps))
        self.updates = ()
        for leaf in self._leaves:
            leaf.history = [(turn, grad) for turn, grad in leaf.history if turn <= self.position]

    def after_update(self, changes: Sequence[Change]) -> None:
        """Stand where an update has ended: a position for each kind of change, and each ``.grad`` that it has changed follows."""
        kinds = dict.fromkeys(change.kind for change in changes)
        self.updates = tuple(tuple(change for change in changes if change.kind == kind) for kind in kinds)
        for k, part in enumerate(self.updates, len(self.steps) + 1):
            changed = {change.name for change in part if change.kind != "update"}
            for leaf in self._leaves:
                if leaf.name in changed:
                    leaf.is_now(k)
        for leaf in self._leaves:
            leaf.print = fingerprint(leaf.variable)
        self.position = self.end

    def next(self) -> None:
        """Go one step on; at the end, stay."""
        self.goto(min(self.position + 1, self.end))

    def previous(self) -> None:
        """Go one step back; at the start, stay."""
        self.goto(max(self.position - 1, self.start))

    def first(self) -> None:
        """Go back to the start: every leaf's ``.grad`` is the object it was, with the numbers it had."""
        self.goto(self.start)

    def last(self) -> None:
        """Go to the end: every leaf's ``.grad`` is what backward() makes it, bit for bit; or what an update has left of it."""
        self.goto(self.end)

    def close(self) -> None:
        """Give the leaves back as they were and let go of them; a ``.grad`` that someone else has changed stays.

        Where other traces walk over the same leaves, they are given back as they were before all, when the last one closes.
        """
        for leaf in self._leaves:
            leaf.place.leave(leaf.before)
        self._leaves, self._watch, self.is_open = (), list, False
        self.steps = tuple(map(without_arrays, self.steps))


def trace(root: Any, gradient: Any = None, *, forward: bool = False) -> Trace:
    """Record the backward pass from ``root`` without doing it: every ``.grad`` and saved value is afterwards as before.

    The engine runs once, with the graph retained and without writing to any ``.grad``: what a user's own Functions and hooks do
    besides happens then, and only then. Two kinds of hooks have no part in it: those of `register_post_accumulate_grad_hook`,
    which wait for a ``.grad`` that backward() has added to, are never called; and those of `retain_grad` are passed over, so that
    only the ``.grad`` of leaves moves. (In PyTorch, those on an AccumulateGrad itself are not called either.)

    Args:
        root: what to start from, of any shape: a Variable; a tensor of PyTorch's; a value of an engine like micrograd
            (``_prev``, ``_backward``, ``backward()``), whose own backward() then runs and whose values in between keep their
            ``grad``, too; or a graph of nodes with ``gradients(grad_outputs)``.
        gradient: the gradient to begin with, of ``root``'s shape; may be left out for a single element.
        forward: begin before the graph exists: at positions below 0 it is made, node by node, in the order of creation.

    Raises:
        TypeError: ``root`` is nothing of that.
        RuntimeError: whatever ``root.backward(gradient)`` refuses to begin with: nothing requires grad, no scalar, a freed graph.
            What a Function or a hook raises on the way is the last step of the trace instead.

    >>> import microtorch
    >>> x = microtorch.ones(2, 2, requires_grad=True)
    >>> out = (x * 3).mean()
    >>> walk = trace(out)
    >>> walk
    backward() from out, 3 steps, at 0:
      0  Nothing has run yet: backward() will start at MeanBackward0 (out) with 1.
      1  MeanBackward0 (out) receives 1 and sends 0.25 in each of 2×2 to MulBackward0.
      2  MulBackward0 receives 0.25 in each of 2×2 and sends 0.75 in each of 2×2 to x.
      3  x accumulates 0.75 in each of 2×2: x.grad was None and is now 0.75 in each of 2×2.
    >>> walk.last()
    >>> x.grad.tolist()
    [[0.75, 0.75], [0.75, 0.75]]
    >>> walk.first()
    >>> x.grad is None
    True
    """
    walk = Trace(engine_for(root, gradient, "trace"))
    if forward:
        walk.forward()
    return walk


def engine_for(root: Any, gradient: Any, caller: str) -> Engine:
    """What can run the backward pass from ``root``.

    Raises:
        TypeError: nothing can.
    """
    if isinstance(root, Variable):
        return MicrotorchPass(root, gradient)
    if is_tensor(root):
        return TorchPass(root, gradient)
    if is_value(root):
        return ValuesPass(root, gradient)
    if has_rules(root):
        return NodesPass(root, gradient)
    raise TypeError(f"cannot walk the backward pass of {what(root, caller)}")


def step(root: Any, gradient: Any = None, *, forward: bool = False) -> BackwardStepper:
    """Walk the backward pass from ``root`` in a notebook, one node at a time, in both directions.

    Args:
        root: what to start from, of any shape: whatever `trace` takes; or a trace; or a `quiz`, whose questions are then asked;
            or two passes in `lockstep`, which are shown side by side; or a `nudge`, whose function's result is then walked.
        gradient: the gradient to begin with, of ``root``'s shape; may be left out for a single element.
        forward: begin before the graph exists: the lines of code that made it, one after the other, and the graph as it grows,
            node by node, with what each operation gave. Then the way back.

    Raises:
        TypeError: ``root`` is nothing that can be walked.
        ImportError: anywidget is not installed.
        RuntimeError: whatever ``root.backward(gradient)`` refuses to begin with.

    >>> import microtorch
    >>> x = microtorch.tensor(2.0, requires_grad=True)
    >>> out = x * 3
    >>> stepper = step(out)
    >>> stepper
    BackwardStepper: backward() from out, 2 steps, at 0:
      0  Nothing has run yet: backward() will start at MulBackward0 (out) with 1.
      1  MulBackward0 (out) receives 1 and sends 3 to x.
      2  x accumulates 3: x.grad was None and is now 3.
    >>> stepper.position = 2
    >>> x.grad.item()
    3.0
    """
    differences = root if hasattr(root, "walk") else None  # those of viz.nudge
    given: Any = root.trace if isinstance(root, Quiz) else root if differences is None else differences.walk()
    engine = None if hasattr(given, "goto") else engine_for(given, gradient, "step")
    try:
        from ...widgets.stepper import BackwardStepper
    except ImportError as error:
        raise ImportError(
            "viz.step needs anywidget, which comes with the extra `lab`; viz.trace(root) tells the same in words"
        ) from error
    walk = given if engine is None else Trace(engine)
    if forward:
        walk.forward()
    return BackwardStepper(walk, predict=isinstance(root, Quiz), nudge=differences)
