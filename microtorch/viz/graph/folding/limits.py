"""Blocks of a size to look at: each leaf in the block that uses it, and of what is still too much, the earlier parts folded."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate, pairwise

from .blocks import Block, Line, start

GROUPS = 16  # parts of one block


def place_leaves(line: Line, everything: Block) -> None:
    """Put each leaf into the innermost block that holds all its uses; but not into a module that it does not belong to.

    So a parameter is in its module, and the data outside.
    """
    inner: list[Block] = [everything] * len(line.order)
    parents: dict[Block, Block] = {}
    ends: dict[Block, int] = {}
    for block in everything.walk():
        ends[block] = block.stop if block.items else 0
        for item in block.items:
            if isinstance(item, int):
                inner[item] = block
            else:
                parents[item] = block
    for leaf, uses in line.uses.items():
        block = inner[uses[0]] if uses else everything
        own = {scope.call for scope in line.snapshot.nodes[leaf].scope}
        holds: list[Block] = []
        while block is not everything:
            if uses[0] < block.start or ends[block] <= uses[-1] or (block.scope and block.scope.call not in own):
                holds.clear()
            else:
                holds.append(block)
            block = parents[block]
        block = holds[0] if holds else everything
        block.leaves.append(leaf)


def limit(line: Line, everything: Block, most: int) -> None:
    """Divide what shows more than ``most`` boxes when it is opened, until nothing does."""
    waiting = [everything]
    while waiting:
        block = waiting.pop()
        if len(block.items) + len(block.leaves) > most:
            divide(line, block, most)
        waiting.extend(block.inner)


def divide(line: Line, block: Block, most: int) -> None:
    """Bundle the leaves of a block where they are many, then put its earlier items into parts, with the leaves only they use."""
    own, wide = by_item(line, block)
    own = [bundled(leaves, most // 8, most // 2) for leaves in own]
    leaves = [leaf for each in own for leaf in each]
    if len(block.items) + len(leaves) + min(len(wide), GROUPS) > most:
        block.items = parts(block.items, [1 + len(each) for each in own], most)
        block.leaves = [*leaves, *wide]
        own, wide = by_item(line, block)
        for item, each in zip(block.items, own, strict=True):
            if isinstance(item, Block) and item.kind == "part":
                item.leaves, each[:] = [*each], []
        leaves = [leaf for each in own for leaf in each]
    block.leaves = [*leaves, *bundled(wide, GROUPS, most // 2)]


def by_item(line: Line, block: Block) -> tuple[list[list[int | Block]], list[int | Block]]:
    """The leaves of a block: those of each item, and those that several items use."""
    starts = [start(item) for item in block.items]
    own: list[list[int | Block]] = [[] for _ in starts]
    wide: list[int | Block] = []
    for leaf in block.leaves:
        first, last = (bisect_right(starts, place) - 1 for place in used(line, leaf))
        (own[first] if first == last >= 0 else wide).append(leaf)
    return own, wide


def used(line: Line, leaf: int | Block) -> tuple[int, int]:
    """The first and the last use of a leaf, or of a bundle of them."""
    while isinstance(leaf, Block):  # bundles are made of leaves that one item uses, so any of them will do
        leaf = leaf.leaves[0]
    uses = line.uses[leaf]
    return (uses[0], uses[-1]) if uses else (0, len(line.order))


def parts(items: list[int | Block], weights: list[int], most: int) -> list[int | Block]:
    """The last items, which are nearest to the root, as they are; the earlier ones in a few blocks."""
    total = list(accumulate(weights, initial=0))
    groups = min(GROUPS, 1 + total[-1] // most)
    room = most - GROUPS - groups  # beside the parts, and the leaves that are used in several
    tail = min(max(bisect_left(total, total[-1] - room), 1), len(items) - 1)
    borders = sorted({bisect_left(total, total[tail] * i // groups) for i in range(groups + 1)})
    pieces = [items[a:b] for a, b in pairwise(borders)]
    return [*(piece[0] if len(piece) == 1 else Block("part", piece) for piece in pieces), *items[tail:]]


def bundled(leaves: list[int | Block], most: int, size: int) -> list[int | Block]:
    """The leaves; where they are more than ``most``, in at most so many bundles, if that will do of ``size`` leaves each."""
    if len(leaves) <= most:
        return leaves
    groups = min(most, -(-len(leaves) // size))
    borders = [len(leaves) * i // groups for i in range(groups + 1)]
    return [Block("leaves", [], leaves[a:b]) for a, b in pairwise(borders)]
