"""How large the gradients are that have come along the edges: vanishing and exploding ones are to be seen at a glance."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from .snapshot import Snapshot, Summary

__all__ = ["norm", "of_leaves", "with_norms"]


def norm(summary: Summary) -> float:
    """The Euclidean norm of an array; NaN where anything in it is not finite, or where it is not known."""
    return math.nan if summary.nans or summary.infs or summary.norm is None else summary.norm


def of_leaves(snapshot: Snapshot) -> dict[int, float]:
    """Of the edges to leaves that are used once: there, what has come along is what stands in ``.grad``."""
    uses = Counter(edge.producer for edge in snapshot.edges)
    found = {}
    for edge in snapshot.edges:
        info = None if edge.producer is None or uses[edge.producer] > 1 else snapshot.nodes[edge.producer].variable
        if info is not None and info.grad is not None:
            found[edge.id] = norm(info.grad)
    return found


def with_norms(snapshot: Snapshot, norms: Mapping[int, float]) -> Snapshot:
    """The snapshot, knowing these of its edges."""
    if not norms:
        return snapshot
    return replace(
        snapshot, edges=tuple(replace(edge, norm=norms[edge.id]) if edge.id in norms else edge for edge in snapshot.edges)
    )
