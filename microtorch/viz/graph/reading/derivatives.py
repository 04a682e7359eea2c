"""Which nodes were made by a backward pass that was recorded (``create_graph=True``), and of which order is what they compute?

A mark, at the node of a pass's result, holds the number of the clock when the pass began, and the order: what was made from then
on up to that node was made in it. PyTorch's nodes have no such marks, and nothing else tells.
"""

from __future__ import annotations

from collections.abc import Sequence

from ....core.node import Node
from ..walk import GradNode, is_leaf, sequence_number

__all__ = ["derivatives"]


def derivatives(nodes: Sequence[GradNode]) -> list[int]:
    """For each node, in order of creation, 0 where no backward pass made it, 1 for a derivative, 2 for that of one.

    Passes nest, where a user's backward begins one: so one walk along the clock with a stack finds the innermost.
    """
    ends: dict[tuple[int, int], int] = {}  # for each pass, when it began and its order, the last node that it made
    for node in nodes:
        if isinstance(node, Node) and node._pass is not Node._pass:
            ends[node._pass] = max(ends.get(node._pass, 0), node._number)
    coming = sorted(ends, reverse=True)
    inside: list[tuple[int, int]] = []
    found = [0] * len(nodes)
    for i, node in enumerate(nodes if coming else ()):
        if is_leaf(node):
            continue
        number = sequence_number(node) or 0
        while coming and coming[-1][0] < number:
            inside.append(coming.pop())
        while inside and ends[inside[-1]] < number:
            inside.pop()
        found[i] = inside[-1][1] if inside else 0
    return found
