"""Modules as blocks: what was made in one call of a module, nested as the calls are."""

from __future__ import annotations

from ..snapshot import Scope
from .blocks import Block, Line


def modules(line: Line) -> Block:
    """All functions in one block, with a block in it for each call of a module.

    What stands between two functions of a call was made in it too, though it may not know: PyTorch's modules are told by their
    parameters, and a ReLU has none. A call that is interrupted by another one makes several blocks.
    """
    everything = Block("all", [])
    path = [everything]
    inside: tuple[Scope, ...] = ()
    scopes = [line.snapshot.nodes[node].scope for node in line.order]
    last = {scope.call: i for i, own in enumerate(scopes) for scope in own}
    for i, own in enumerate(scopes):
        shared = 0
        while shared < min(len(inside), len(own)) and inside[shared].call == own[shared].call:
            shared += 1
        if shared == len(own):
            while shared < len(inside) and last[inside[shared].call] > i:
                shared += 1
        inside = inside[:shared] + own[shared:]
        del path[shared + 1 :]
        for each in own[shared:]:
            block = Block("module", [], scope=each)
            path[-1].items.append(block)
            path.append(block)
        path[-1].items.append(i)
    return everything


def simplify(line: Line, block: Block, *, placed: bool) -> None:
    """Take away what would be a box around one box: around a function without leaves, around another module.

    Before the leaves are ``placed``, a function's leaves may all go into its module.
    """
    for j, item in enumerate(block.items):
        if not isinstance(item, Block) or len(item.items) > 1 or item.leaves:
            continue
        only = item.items[0]
        if isinstance(only, int) and (placed or only not in line.leaves_of):
            block.items[j] = only
        elif isinstance(only, Block) and item.kind == only.kind == "module":
            item.items, item.leaves = only.items, only.leaves
