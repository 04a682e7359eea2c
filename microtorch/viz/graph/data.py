"""What a snapshot is made of: strings and numbers only, so that it keeps no graph alive."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from .source import Line
from .summary import Summary

__all__ = ["Edge", "Node", "Operand", "Port", "Root", "Saved", "Scope", "Snapshot", "VariableInfo"]


@dataclass(frozen=True)
class VariableInfo:
    """A Variable as its card shows it; ``grad_state`` is "value" or the reason why there is none."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    data: Summary | None
    grad: Summary | None
    grad_state: str
    requires_grad: bool
    is_leaf: bool
    grad_fn: str | None
    type: str = "Variable"


@dataclass(frozen=True)
class Saved:
    """A value that a node keeps for backward; its summary has statistics only where that is cheap."""

    name: str
    summary: Summary | None
    freed: bool


@dataclass(frozen=True)
class Operand:
    """What stands at an input that has no gradient: a number as it was written, or data, with what is known of it."""

    name: str = ""  # of the Variable
    value: str = ""  # of the number
    shape: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Port:
    """One input of a node, with the rule for the gradient that backward sends to it; ``operand`` where nothing is sent."""

    index: int
    name: str | None
    formula: str | None
    operand: Operand | None = None


@dataclass(frozen=True)
class Scope:
    """A module in whose ``forward`` a node was made: one call of it, its name for the reader ("net.0"), its class ("Linear")."""

    call: int
    name: str
    kind: str


@dataclass(frozen=True)
class Node:
    """A "function", a "leaf" (AccumulateGrad and its Variable), or the "more" that stands for what was left out."""

    id: int
    kind: str
    name: str
    operation: str
    label: str
    ports: tuple[Port, ...]
    saved: tuple[Saved, ...]
    variable: VariableInfo | None
    outputs: tuple[str, ...]
    source: str | None
    constants: tuple[tuple[str, str], ...] = ()  # name and value of what else decides the result: an exponent, axes, a stride
    scope: tuple[Scope, ...] = ()  # the modules it was made in, the outermost first
    about: str = ""  # of a user's Function, the first line of its backward
    line: Line | None = None  # which `source` tells in words
    derivative: int = 0  # 1 for what a backward pass with create_graph=True has made, 2 for what one through that has made, …
    values: tuple[Summary | None, ...] = ()  # of a function, what its outputs hold, as far as that is known and small
    by_backward: bool = False  # made by a backward pass with create_graph=True, as far as that is known


@dataclass(frozen=True)
class Edge:
    """One input of ``consumer``; ``producer`` is None where nothing is tracked."""

    id: int
    consumer: int
    port: int
    producer: int | None
    output: int
    norm: float | None = None  # of the gradient that has come along it, where that is known


@dataclass(frozen=True)
class Root:
    """What the graph was asked for: output ``output`` of ``node``, with its Variable where that is known."""

    node: int | None
    output: int
    variable: VariableInfo | None


@dataclass(frozen=True)
class Snapshot:
    """A graph: nodes by id (in the order of their making, a leaf just before its first use), edges, roots."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    roots: tuple[Root, ...]
    omitted: int

    @cached_property
    def inputs(self) -> dict[int, dict[int, Edge]]:
        """For each node, its edges by port."""
        found: dict[int, dict[int, Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.consumer, {})[edge.port] = edge
        return found

    @cached_property
    def uses(self) -> dict[int, list[Edge]]:
        """For each node, the edges that read what it made."""
        found: dict[int, list[Edge]] = {}
        for edge in self.edges:
            if edge.producer is not None:
                found.setdefault(edge.producer, []).append(edge)
        return found
