"""See the graph: pictures of Variables and of what they were computed from, and `backward` step by step."""

from __future__ import annotations

from .drawing import Drawing, card, draw
from .graphviz import GraphvizMissingError
from .snapshot import Snapshot, snapshot
from .trace import Trace, step, trace

__all__ = ["Drawing", "GraphvizMissingError", "Snapshot", "Trace", "card", "draw", "snapshot", "step", "trace"]
