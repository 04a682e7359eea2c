"""Modules as blocks: what was made in one call of a module, nested as the calls are."""

from __future__ import annotations

from .blocks import Block, Line


def modules(line: Line) -> Block:
    """All functions in one block, with a block in it for each call of a module.

    A call whose functions do not stand together in the line makes several blocks, one for each run of them.
    """
    everything = Block("all", [])
    path = [everything]
    calls: list[int] = []
    for i, node in enumerate(line.order):
        scope = line.snapshot.nodes[node].scope
        shared = 0
        while shared < min(len(calls), len(scope)) and calls[shared] == scope[shared].call:
            shared += 1
        del path[shared + 1 :], calls[shared:]
        for each in scope[shared:]:
            block = Block("module", [], scope=each)
            path[-1].items.append(block)
            path.append(block)
            calls.append(each.call)
        path[-1].items.append(i)
    return everything


def simplify(line: Line, block: Block) -> None:
    """Take away what would be a box around one box: around a function without leaves, around another module."""
    for j, item in enumerate(block.items):
        if not isinstance(item, Block) or len(item.items) > 1 or item.leaves:
            continue
        only = item.items[0]
        if isinstance(only, int) and only not in line.leaves_of:
            block.items[j] = only
        elif isinstance(only, Block) and item.kind == only.kind == "module":
            item.items, item.leaves = only.items, only.leaves
