"""How a pass becomes steps: an `Engine` runs it once and tells a `Recorder` of each node's turn.

There is one Engine for each kind of graph: ``of_engine.py`` for microtorch's own, ``of_torch.py``, ``of_values.py`` for engines
like micrograd, ``of_nodes.py`` for any other whose nodes have rules. Nothing else in this room knows what kind of graph it walks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..graph.names import clean
from ..graph.snapshot import Snapshot, summarize
from ..words.text import chip
from .leaves import Leaf, same_bits
from .steps import Accumulated, Part, Sent, Step, Value

__all__ = ["Engine", "Message", "Recorder", "record"]

LIMIT = 2**26  # bytes of gradients that a trace keeps as arrays; of the rest it keeps summaries
MESSAGE = 300  # characters of an error


class Message(NamedTuple):
    """What a node sends to one of its inputs, in the shape in which it arrives."""

    port: int
    array: Any  # None where nothing is sent
    summed: tuple[int, ...] = ()  # the axes over which it was summed to undo a broadcast


class Engine(Protocol):
    """A graph whose backward pass can be run once, without a trace left behind, and told turn by turn."""

    order: str  # why it is a node's turn; "" where the one that was made last goes first, and a leaf does not wait
    lines: str  # how to let nodes know the line that makes them, in a sentence; "" where they cannot
    snapshot: Snapshot
    leaves: tuple[Leaf, ...]  # whose ``.grad`` the pass changes

    def run(self, tell: Recorder) -> None:
        """Run the pass: tell what it begins with, then each turn in its order. Every ``.grad`` is afterwards as before.

        What a node or a hook raises is let through: the pass ends there. Whatever ``backward()`` refuses to begin with is raised
        before anything is told, or when the Engine is made.
        """

    def watch(self) -> Callable[[], list[str]]:
        """A function that says, later, what has become of the graph since; it does not keep the graph alive."""


def record(engine: Engine) -> tuple[Step, ...]:
    """Run the pass of an engine and return its steps; the last one may be one that failed."""
    recorder = Recorder(engine.snapshot)
    try:
        engine.run(recorder)
    except Exception as error:
        if not recorder.begun:
            raise
        recorder.fails(error)
    return tuple(recorder.steps)


class Recorder:
    """Turns what an engine tells into steps."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.steps: list[Step] = []
        self.begun = False
        self.parts: defaultdict[int, list[Part]] = defaultdict(list)
        self.edges = {(edge.consumer, edge.port): edge for edge in snapshot.edges}
        self.open: tuple[int, tuple[Part, ...], tuple[Value | None, ...]] | None = None  # the turn that has begun
        self.room = LIMIT

    @property
    def now(self) -> int:
        """The position that the turn which has begun, or is next, will make."""
        return len(self.steps) + 1

    def given(self, node: int, output: int, array: Any, at: int = 0) -> None:
        """What ``backward()`` itself puts in, or what a node holds before anything arrives."""
        self.begun = True
        self.parts[node].insert(0, Part(at, None, output, self.value(array)))

    def turn(self, node: int, grad_outputs: Sequence[Any]) -> None:
        """A node's turn begins, with what has arrived for each of its outputs."""
        parts = tuple(self.parts.pop(node, ()))
        self.open = node, parts, tuple(self.received(parts, output, grad) for output, grad in enumerate(grad_outputs))

    def sends(self, messages: Iterable[Message]) -> None:
        """The turn ends, with what goes through the edges of the node."""
        assert self.open is not None
        sent = []
        for port, array, summed in messages:
            edge = self.edges[self.open[0], port]
            if edge.producer is not None:
                value = self.value(array)
                self.parts[edge.producer].append(Part(self.now, edge.id, edge.output, value))
                sent.append(Sent(edge, value, summed))
        self.ends(sent=tuple(sent))

    def accumulates(self, old: Any, new: Any) -> None:
        """The turn of a leaf ends: its ``.grad`` was the one, and is the other."""
        assert self.open is not None
        (received,) = self.open[2]
        self.ends(grad=Accumulated(self.value(old), received if old is None and new is not None else self.value(new)))

    def fails(self, error: Exception) -> None:
        """The turn has raised, or its hooks before it could begin; the pass ends here."""
        if self.open is None:
            node = self.due()
            arrived = [part.value.array for part in self.parts.get(node, ()) if part.value is not None]
            self.turn(node, (sum(arrived) if arrived and all(array is not None for array in arrived) else None,))
        words = " ".join(str(error).split())
        self.ends(error=clean(f"{type(error).__name__}: {words}" if words else type(error).__name__, MESSAGE))

    def ends(self, sent: tuple[Sent, ...] = (), grad: Accumulated | None = None, error: str = "") -> None:
        """The turn becomes a step."""
        assert self.open is not None
        (node, parts, received), self.open = self.open, None
        frees = () if error else tuple(chip(saved) for saved in self.snapshot.nodes[node].saved if not saved.freed)
        self.steps.append(Step(node, parts, received, sent, grad, frees, error))

    def due(self) -> int:
        """Whose turn is next: a leaf's, at which all has arrived, else that of the function which was made last."""
        done = {step.node for step in self.steps}
        waiting = {edge.producer for edge in self.snapshot.edges if edge.consumer not in done}
        left = [node for node in self.snapshot.nodes if node.id not in done]
        full = [node.id for node in left if node.kind == "leaf" and node.id not in waiting]
        return full[0] if full else max(node.id for node in left if node.kind == "function")

    def received(self, parts: tuple[Part, ...], output: int, grad: Any) -> Value | None:
        """What has arrived at an output: of a single part the part itself, which saves to record it twice."""
        there = [part.value for part in parts if part.output == output and part.value is not None]
        known = there[0].array if len(there) == 1 else None
        return there[0] if known is not None and grad is not None and same_bits(known, np.asarray(grad)) else self.value(grad)

    def value(self, array: Any) -> Value | None:
        """A gradient as it is now."""
        if array is None:
            return None
        array = np.asarray(array)
        self.room -= array.nbytes
        return Value(summarize(array), array.copy() if self.room >= 0 else None)
