"""Runs and chains as blocks: the lists of items of all blocks, grouped."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from .blocks import Block, Line, start, stop
from .naming import pattern
from .repeats import Run, Wiring, runs

FEW = 4  # items that need no grouping; a unit of so few boxes gets no fold of its own
WIDE = 36  # boxes of repeated units that stand side by side
GROUPS = 20  # in which what is more than that is laid
CHAIN = 12  # functions, one after the other, that are worth a fold
PASSES = 4  # through a list: what was grouped may repeat in its turn


class Grouping:
    """Groups what repeats. Blocks that are built alike are looked at once."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.plans: dict[object, tuple[Run, ...]] = {}

    def group(self, block: Block) -> None:
        """Put what repeats directly in a block into blocks of their own, then give the block its token."""
        for _ in range(PASSES):
            if len(block.items) < FEW or not (plan := self.plan(block.items)):
                break
            block.items = self.laid_out(block.items, plan)
        block.items = chained(self.line, block.items, whole=block.kind != "all")
        readers, sources = self.line.reads(block.items) if block.items else ([], [])
        kind = block.scope.kind if block.scope else ""
        tokens = tuple(map(self.line.token, block.items))
        block.token = self.line.number((block.kind, kind, tokens, tuple(readers), tuple(sources)))

    def plan(self, items: list[int | Block]) -> tuple[Run, ...]:
        """The runs in a list."""
        tokens = [self.line.token(item) for item in items]
        readers, sources = self.line.reads(items)
        structure = (tuple(tokens), tuple(readers), tuple(sources))
        if structure not in self.plans:
            sizes = [stop(item) - start(item) for item in items]
            self.plans[structure] = runs(Wiring(tokens, sizes, readers, sources))
        return self.plans[structure]

    def laid_out(self, items: list[int | Block], plan: tuple[Run, ...]) -> list[int | Block]:
        """A list with each run of it in a block."""
        found: list[int | Block] = []
        done = 0
        for run in plan:
            units = [
                self.laid_out(items[at : at + run.period], run.inner) for at in range(run.start, run.stop, run.period)
            ]  # one in the other at most as often as a list can be halved
            found += [*items[done : run.start], self.repeat(units)]
            done = run.stop
        return [*found, *items[done:]]

    def repeat(self, units: list[list[int | Block]]) -> Block:
        """A block of its first unit and of the others, which stand in a block that is opened only when it is asked for."""
        shared, steps = self.alike(units)
        kind, size = "step" if steps else "repeat", sum(map(self.weight, units[0]))
        token = self.line.number((kind, len(units), tuple(map(self.line.token, units[0]))))
        common: Any = {"unit": kind, "pattern": pattern(self.line, units[0]), "shared": shared, "token": token}

        def unit(number: int) -> list[int | Block]:
            items = units[number - 1]
            if len(items) == 1 or size <= FEW:
                return items
            return [Block(kind, items, first=number, **common)]

        def more(first: int, last: int) -> Block:
            """The units with these numbers, in as many levels as it takes."""
            count = last - first + 1
            width = max(1, WIDE // (1 if len(unit(first)) == 1 else size))
            if count <= width:
                items = [item for number in range(first, last + 1) for item in unit(number)]
            else:
                pieces = min(GROUPS, -(-count // width))
                borders = [first + count * i // pieces for i in range(pieces + 1)]
                items = [more(a, b - 1) for a, b in pairwise(borders)]
            return Block("more", items, times=count, first=first, **common)

        others = more(2, len(units))
        if len(others.items) == 1 and isinstance(others.items[0], Block):
            others = others.items[0]
        return Block(kind, [*units[0], others], times=len(units), **common)

    def weight(self, item: int | Block) -> int:
        """How many boxes an item makes, with its leaves."""
        return 1 + len(self.line.leaves_of.get(item, ())) if isinstance(item, int) else 1

    def alike(self, units: list[list[int | Block]]) -> tuple[tuple[int, ...], bool]:
        """The leaves that all units use; and whether the units are steps: one reads from the other, and uses mostly those."""
        first, second, last = (self.leaves(unit) for unit in (units[0], units[1], units[-1]))
        shared = [leaf for leaf in first if leaf in second and leaf in last]
        for unit in units[2:-1] if shared else ():
            used = self.leaves(unit)
            shared = [leaf for leaf in shared if leaf in used]
        before = range(start(units[0][0]), stop(units[0][-1]))
        reads = any(source in before for i in places(units[1]) for source in self.line.inputs[i])
        return tuple(shared), reads and bool(shared) and 2 * len(shared) >= len(second)

    def leaves(self, unit: list[int | Block]) -> dict[int, None]:
        """The leaves that a unit uses, in order, each once."""
        return {leaf: None for i in places(unit) for leaf in self.line.leaves_of.get(i, ())}


def places(unit: list[int | Block]) -> range:
    """The places in the line of all functions of a unit."""
    return range(start(unit[0]), stop(unit[-1]))


def chained(line: Line, items: list[int | Block], *, whole: bool) -> list[int | Block]:
    """A list with its long chains in blocks: functions of which each reads only the one before, and alone reads it.

    What is one chain as a ``whole`` block needs no other around it.
    """
    if len(items) < CHAIN:
        return items
    readers, sources = line.reads(items)
    read: list[set[int]] = [set() for _ in items]
    uses = [0] * len(items)
    for reader, source in zip(readers, sources, strict=True):
        if source >= 0:
            read[reader].add(source)
            uses[source] += 1
    found: list[int | Block] = []
    begin = 0
    for j in range(1, len(items) + 1):
        follows = (
            j < len(items)
            and read[j] == {j - 1}
            and uses[j - 1] == 1
            and isinstance(items[j], int)
            and isinstance(items[j - 1], int)
        )
        if not follows:
            piece = items[begin:j]
            long = len(piece) >= CHAIN and not (whole and len(piece) == len(items))
            found += [Block("chain", piece, token=line.number(("chain", tuple(map(line.token, piece)))))] if long else piece
            begin = j
    return found
