"""See the graph: pictures of Variables and of what they were computed from, and `backward` step by step."""

from __future__ import annotations

from .answers import Comparison, Reason, compare, why
from .drawing import Drawing, card, draw
from .graph.snapshot import Snapshot, snapshot
from .graph.source import track_source
from .page.export import export_html
from .passes.filmstrip import Filmstrip, filmstrip
from .passes.lockstep import Lockstep, lockstep
from .passes.nudge import Nudge, nudge
from .passes.quiz import Quiz, quiz
from .passes.trace import Trace, step, trace
from .passes.update import Update, update
from .picture.graphviz import GraphvizMissingError
from .training.run import Run, record

__all__ = [
    "Comparison", "Drawing", "Filmstrip", "GraphvizMissingError", "Lockstep", "Nudge", "Quiz", "Reason", "Run", "Snapshot",
    "Trace", "Update", "card", "compare", "draw", "export_html", "filmstrip", "lockstep", "nudge", "quiz", "record",
    "snapshot", "step", "trace", "track_source", "update", "why",
]  # fmt: skip
