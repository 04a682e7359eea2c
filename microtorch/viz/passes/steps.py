"""What a recorded backward pass consists of: a step for each node's turn, with the values that came and went. Plain data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from numpy.typing import NDArray

from ..graph.snapshot import Edge, Snapshot, Summary

__all__ = ["Accumulated", "Change", "Made", "Part", "Recording", "Sent", "State", "Step", "Value", "state", "without_arrays"]


@dataclass(frozen=True)
class Value:
    """A recorded gradient: its summary, and a copy of it while there is room."""

    summary: Summary
    array: NDArray[Any] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Part:
    """What arrives at a node's output, at position ``at``: through an edge, or (None) from ``backward()`` itself."""

    at: int
    edge: int | None
    output: int
    value: Value | None


@dataclass(frozen=True)
class Sent:
    """What a node sends through an edge, and the axes over which it was summed to undo a broadcast."""

    edge: Edge
    value: Value | None
    summed: tuple[int, ...]


@dataclass(frozen=True)
class Accumulated:
    """The ``.grad`` of a leaf: what it was, and what it is now; None where there is nothing."""

    old: Value | None
    new: Value | None


@dataclass(frozen=True)
class Step:
    """One node's turn: ``received`` sums ``parts`` for each output, ``frees`` names what backward() would free.

    Where ``error`` is not "", it is what the node's turn has raised: the pass ends with this step.
    """

    node: int
    parts: tuple[Part, ...]
    received: tuple[Value | None, ...]
    sent: tuple[Sent, ...]
    grad: Accumulated | None
    frees: tuple[str, ...]
    error: str = ""


@dataclass(frozen=True)
class Made:
    """A node that enters the graph: of each of its outputs the shape, and what it holds; None where that is not known.

    ``more`` nodes come with it where the graph is very large.
    """

    node: int
    shapes: tuple[tuple[int, ...] | None, ...]
    values: tuple[Summary | None, ...]
    more: int = 0


@dataclass(frozen=True)
class Change:
    """What an update makes of one leaf: of its data ("update"), or of its ``.grad``, cleared ("zero") or changed ("grad").

    ``grad`` is what the data have changed by, times ``rate``, where it is that.
    """

    kind: str
    node: int
    name: str
    sentence: str
    old: Value | None
    new: Value | None
    grad: Value | None = None
    rate: float | None = None


@dataclass(frozen=True)
class State:
    """Where a node stands: "unmade", "made", "waiting", "ready", "current", "done", "failed", "untracked".

    ``parts`` of ``expects`` are there.
    """

    name: str
    parts: tuple[Part, ...]
    expects: int


class Recording:
    """A recorded pass, standing at a position: 0 before the first step, k after k steps.

    Below 0 is the way forth, where that is walked, too: there the graph is made, and at ``start`` nothing of it is there yet.
    Above the number of steps are the parts of an update, where one was told.
    """

    def __init__(self, snapshot: Snapshot, steps: tuple[Step, ...]) -> None:
        self.snapshot = snapshot
        self.steps = steps
        self.position = 0
        self.made: tuple[Made, ...] = ()  # the way forth
        self.updates: tuple[tuple[Change, ...], ...] = ()
        self.lines = ""  # how to let nodes know the line that makes them
        self.is_open = True  # its arrays are there
        self.order = ""  # why it is a node's turn, where that is not that of the ready ones it was made last
        self.keeps = False  # whether the values in between keep their .grad, too
        self.overwritten: tuple[str, ...] = ()  # the leaves whose .grad someone else had changed, when it moved last

    @property
    def start(self) -> int:
        """The first position: 0, or where nothing is made yet."""
        return -len(self.made) - 1 if self.made else 0

    @property
    def end(self) -> int:
        """The last position."""
        return len(self.steps) + len(self.updates)

    def states(self) -> tuple[State, ...]:
        """Where each node stands now, by id."""
        if self.position < 0:
            count = self.position - self.start
            names = ["made"] * (count - 1) + ["current"] * (count > 0)
            return tuple(State((names[i : i + 1] or ["unmade"])[0], (), 0) for i in range(len(self.snapshot.nodes)))
        turns = self.turns()
        for step in self.steps[self.position - 1 : self.position]:  # in an engine without order it may run once more
            turns[step.node] = self.position, turns[step.node][1]
        return tuple(state(self.position, *turns.get(node.id, (0, None))) for node in self.snapshot.nodes)

    def turns(self) -> dict[int, tuple[int, Step]]:
        """The last turn of each node; in an engine without order, where it has several, with all that has arrived for any."""
        found: dict[int, tuple[int, Step]] = {}
        for k, step in enumerate(self.steps, 1):
            earlier = found[step.node][1].parts if step.node in found else None
            new = step.parts if earlier is None else tuple(part for part in step.parts if part.edge is not None)
            found[step.node] = k, replace(step, parts=(*earlier, *new)) if earlier else step
        return found

    def ready(self) -> tuple[int, ...]:
        """The nodes that could run now, in the order in which the engine takes them."""
        states = self.states()
        return tuple(step.node for step in self.steps if states[step.node].name == "ready")


def state(position: int, turn: int, step: Step | None) -> State:
    """Where a node stands whose turn makes position ``turn``; None: it has no turn in this pass."""
    if step is None:
        return State("untracked", (), 0)
    parts = tuple(part for part in step.parts if part.at <= position)
    if turn <= position:
        name = "failed" if step.error else "current" if turn == position else "done"
    else:
        name = "ready" if len(parts) == len(step.parts) else "waiting"
    return State(name, parts, len(step.parts))


def without_arrays(step: Step) -> Step:
    """A step of which only the summaries are left."""

    def light(value: Value | None) -> Value | None:
        return None if value is None else Value(value.summary)

    return replace(
        step,
        parts=tuple(replace(part, value=light(part.value)) for part in step.parts),
        received=tuple(map(light, step.received)),
        sent=tuple(replace(sent, value=light(sent.value)) for sent in step.sent),
        grad=step.grad and Accumulated(light(step.grad.old), light(step.grad.new)),
    )
