"""What a graph is to a viewer: nodes with ``name()`` and ``next_functions``. And is what looks like one true to that?

microtorch's nodes are believed. Those of other engines, a student's perhaps, are looked at first: what would lead a walk round in
a circle, or on for ever, ends in an error that says what to change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from ...core.node import Node

__all__ = ["GradNode", "Inputs", "inputs", "is_node", "key", "refuse_circles"]

MOST = 1_000_000  # nodes of another engine: a graph that has more is taken for one without an end
OUTPUTS = 10_000  # of one node


class GradNode(Protocol):
    """What a graph is to a viewer."""

    def name(self) -> str:
        """The kind of node, as "MulBackward0"."""

    @property
    def next_functions(self) -> Sequence[tuple[GradNode | None, int]]:
        """For each input of the operation: the node that made it (None: not tracked) and which output it was."""


Inputs = Sequence[tuple[GradNode | None, int]]  # the `next_functions` of a node


def is_node(value: Any) -> bool:
    """Whether a viewer may take ``value`` for a node."""
    if isinstance(value, type) or not callable(getattr(value, "name", None)):
        return False
    # One that is there and cannot be read is an error to tell: see `read`.
    return hasattr(type(value), "next_functions") or hasattr(value, "next_functions")


def key(node: GradNode) -> int:
    """One number a node while it lives; every AccumulateGrad of the same leaf has the same."""
    variable = getattr(node, "variable", None)
    return id(node if variable is None else variable)


def inputs(node: GradNode) -> Sequence[tuple[GradNode | None, int]]:
    """The ``next_functions`` of a node, of another engine's only after a look at it.

    Raises:
        TypeError: its name or its ``next_functions`` is not what a viewer can use.
    """
    if isinstance(node, Node):
        return node.next_functions
    kind = type(node).__name__
    refuse_name(node, kind)
    found, again = read(node, kind), read(node, kind)
    for pair, second in zip(found, again, strict=False):
        if not isinstance(pair, tuple) or len(pair) != 2 or not isinstance(pair[1], int) or not 0 <= pair[1] < OUTPUTS:
            raise TypeError(
                f"next_functions of a {kind} holds {a(pair)}: for each input a pair is wanted, the node that made it "
                "and which of its outputs it was, as in (node, 0)"
            )
        if pair[0] is not None and not is_node(pair[0]):
            raise TypeError(
                f"next_functions of a {kind} leads to {a(pair[0])}, which is no node: a node has a method name() and "
                "an attribute next_functions; None stands for an input without a gradient"
            )
        if pair[0] is not second[0]:
            raise TypeError(
                f"next_functions of a {kind} makes a new {type(pair[0]).__name__} each time it is read: make each node once "
                "and keep it (in an attribute, or in a dict), so that what is used twice is one node"
            )
    return found


def read(node: GradNode, kind: str) -> Sequence[Any]:
    """What is in ``next_functions``."""
    try:
        found: Any = node.next_functions
    except Exception as error:
        raise TypeError(f"next_functions of a {kind} cannot be read ({type(error).__name__}: {error})") from error
    if callable(found):
        raise TypeError(f"next_functions of a {kind} is a method: make it an attribute, with @property above it")
    if not isinstance(found, (tuple, list)):
        raise TypeError(f"next_functions of a {kind} is {a(found)}: a list or tuple of pairs (node, output number) is wanted")
    return found


def refuse_name(node: GradNode, kind: str) -> None:
    """Raise where a node cannot tell its name."""
    try:
        name: Any = node.name()
    except Exception as error:
        raise TypeError(f"name() of a {kind} failed ({type(error).__name__}: {error}): it returns a string") from error
    if not isinstance(name, str):
        raise TypeError(f"name() of a {kind} returned {a(name)}: a string is wanted, as in 'MulBackward0'")


def a(value: Any) -> str:
    """What kind of thing it is."""
    return "None" if value is None else f"a {type(value).__name__}"


def refuse_circles(nodes: Iterable[GradNode]) -> None:
    """Raise where some of these nodes lead back to themselves; none that microtorch made does.

    Raises:
        ValueError: they do; with the way around.
    """
    done: set[int] = set()
    for first in nodes:
        if isinstance(first, Node) or key(first) in done:
            continue
        path, open_, ways = [first], {key(first)}, [iter(first.next_functions)]
        while path:
            below = next((node for node, _ in ways[-1] if node is not None and key(node) not in done), None)
            if below is None:
                ways.pop()
                open_.discard(key(path[-1]))
                done.add(key(path.pop()))
            elif key(below) in open_:
                raise ValueError(circle(path, below))
            else:
                path.append(below)
                open_.add(key(below))
                ways.append(iter(below.next_functions))


def circle(path: list[GradNode], again: GradNode) -> str:
    """The error for nodes of which each leads to the next, and the last to one of them again."""
    start = next(i for i, node in enumerate(path) if key(node) == key(again))
    names = [" ".join(node.name()[:40].split()) for node in (*path[start:], again)]
    if len(names) > 9:
        names[4:-4] = [f"… {len(names) - 8:,} more …"]
    return (
        f"this graph goes round in a circle, {' → '.join(names)}: a graph that backward() can walk leads from the result to the "
        "inputs and never back. Each operation makes a new node; look for one that is used again"
    )
