"""The functions of a snapshot in a line, and blocks of them while they are being found.

Every block is an interval of one line in which each function stands behind those it reads. That is why folds can never make a
circle: what lies on a path between two functions of an interval is in the interval. Leaves read nothing, so that each may go to
the block that uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heapify, heappop, heappush
from operator import attrgetter

from ..snapshot import Scope, Snapshot


@dataclass(eq=False, slots=True)
class Block:
    """A fold in the making: the functions (by place in the line) and blocks directly in it, and leaves (by id)."""

    kind: str
    items: list[int | Block]
    leaves: list[int | Block] = field(default_factory=list)  # a block among them holds leaves only
    scope: Scope | None = None
    times: int = 1
    first: int = 1  # the number of its first unit, where it is some of many
    unit: str = ""  # "step" or "repeat", where it is some of many
    pattern: tuple[str, str] = ("", "")  # what stands in such a unit, in few words and in more
    shared: tuple[int, ...] = ()  # the leaves that each of its units uses
    token: int = -1  # equal for blocks that are built alike

    @property
    def start(self) -> int:
        """The place of its first function."""
        item: int | Block = self
        while isinstance(item, Block):
            item = item.items[0]
        return item

    @property
    def stop(self) -> int:
        """The place after its last function."""
        item: int | Block = self
        while isinstance(item, Block):
            item = item.items[-1]
        return item + 1

    @property
    def inner(self) -> list[Block]:
        """The blocks directly in it."""
        return [item for item in (*self.leaves, *self.items) if isinstance(item, Block)]

    def walk(self) -> Iterator[Block]:
        """Itself and all blocks in it, the outer ones first."""
        waiting = [self]
        while waiting:
            block = waiting.pop()
            yield block
            waiting.extend(reversed(block.inner))


def start(item: int | Block) -> int:
    """The place of its first function."""
    return item if isinstance(item, int) else item.start


def stop(item: int | Block) -> int:
    """The place after its last function."""
    return item + 1 if isinstance(item, int) else item.stop


class Line:
    """The functions of a snapshot, each behind those it reads; as far as possible in the order in which they were made."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        sources: list[list[int]] = [[] for _ in snapshot.nodes]
        for edge in sorted(snapshot.edges, key=attrgetter("consumer")):
            sources[edge.consumer].append(-1 if edge.producer is None else edge.producer)
        functions = [node.id for node in snapshot.nodes if node.kind == "function" or max(sources[node.id], default=-1) >= 0]
        self.order = in_line(functions, sources)
        place = {node: i for i, node in enumerate(self.order)}
        self.inputs = [tuple([place.get(source, -1) for source in sources[node]]) for node in self.order]  # -1: no function
        self.uses: dict[int, list[int]] = {node.id: [] for node in snapshot.nodes if node.id not in place}
        for i, node in enumerate(self.order):
            for source in sources[node]:
                if source in self.uses:
                    self.uses[source].append(i)
        self.numbers: dict[object, int] = {}
        nodes = [snapshot.nodes[node] for node in self.order]
        self.tokens = [self.number((node.name, node.derivative, len(sources[node.id]))) for node in nodes]

    def number(self, structure: object) -> int:
        """The same small number for the same structure."""
        return self.numbers.setdefault(structure, len(self.numbers))

    def token(self, item: int | Block) -> int:
        """Equal for what is built alike."""
        return self.tokens[item] if isinstance(item, int) else item.token

    @cached_property
    def leaves_of(self) -> dict[int, list[int]]:
        """The leaves that functions read, by place."""
        found: dict[int, list[int]] = {}
        for leaf, places in self.uses.items():
            for i in places:
                found.setdefault(i, []).append(leaf)
        return found

    def reads(self, items: list[int | Block]) -> tuple[list[int], list[int]]:
        """What each item reads from outside itself: the item's index, and that of what it reads (-1: none of these)."""
        base = start(items[0])
        owner: list[int] = []
        for j, item in enumerate(items):
            owner += [j] if isinstance(item, int) else [j] * (item.stop - item.start)
        readers, sources = [], []
        for j, item in enumerate(items):
            first, end = (item, item + 1) if isinstance(item, int) else (item.start, item.stop)
            for i in range(first, end):
                for source in self.inputs[i]:
                    if not first <= source < i:
                        readers.append(j)
                        sources.append(owner[source - base] if base <= source < first else -1)
        return readers, sources


def in_line(functions: list[int], sources: list[list[int]]) -> list[int]:
    """The functions so that each is behind those it reads; those in a circle, which a student's engine may make, at the end."""
    if all(source < node for node in functions for source in sources[node]):
        return functions
    known = set(functions)
    missing = {node: sum(source in known for source in sources[node]) for node in functions}
    readers: dict[int, list[int]] = {}
    for node in functions:
        for source in sources[node]:
            readers.setdefault(source, []).append(node)
    ready = [node for node in functions if not missing[node]]
    heapify(ready)
    order: list[int] = []
    while ready:
        node = heappop(ready)
        order.append(node)
        for reader in readers.get(node, ()):
            missing[reader] -= 1
            if not missing[reader]:
                heappush(ready, reader)
    placed = set(order)
    return order + [node for node in functions if node not in placed]


def inside_out(block: Block, change: Callable[[Block], None]) -> None:
    """Change a block and all in it, the inner ones first."""
    for each in reversed(list(block.walk())):
        change(each)
