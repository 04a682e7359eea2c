"""The pictures that a stepper walks through: laid out wide and narrow, so that the page can take the one that fits its column."""

from __future__ import annotations

from dataclasses import dataclass

from ..graph.fold import fold
from ..graph.snapshot import Snapshot
from ..graph.view import View
from ..page.sheets import Layout
from ..picture import layout, svg
from ..picture.graphviz import GraphvizMissingError
from ..picture.shapes import Text

__all__ = ["Pictures", "pictures"]

FULL = 8  # functions that are shown with their rules and values
SINGLE = 60  # functions that are shown one by one; more of them in folds
BOXES = 60  # in a picture with folds
MOST = 100_000  # nodes that are folded before a reader gets impatient
WIDE = 1_500.0  # pixels: a wider picture would be panned everywhere
LEAST = 9.0  # pixels: the height of the smallest letters on the screen


@dataclass(frozen=True)
class Pictures:
    """One graph in up to three layouts, in order of preference; ``view`` tells which of it stands in folds."""

    view: View
    layouts: tuple[Layout, ...] = ()
    note: str = ""  # why there is none


def pictures(snapshot: Snapshot) -> Pictures:
    """All layouts of a graph that are of use in a column of 350 to 1,600 pixels."""
    count = sum(node.kind == "function" for node in snapshot.nodes)
    if len(snapshot.nodes) > MOST:
        return Pictures(
            View(snapshot),
            note=f"A graph of {len(snapshot.nodes):,} nodes is too large for a picture: here are its steps in words.",
        )
    view = View(snapshot) if count <= SINGLE else fold(snapshot, limit=BOXES)
    wanted = [("full", "right"), ("compact", "right")] if count <= FULL else [("compact", "right")]
    fit = [each for each in wanted if layout.estimate(view, *each)[0] <= WIDE]
    try:
        return Pictures(view, tuple(drawn(view, *each) for each in [*fit, ("compact", "down")]))
    except GraphvizMissingError as missing:
        return Pictures(view, note=f"There is no picture, only the steps in words: {missing}")


def drawn(view: View, detail: str, direction: str) -> Layout:
    """One of them."""
    picture = layout.arrange(view, detail, direction)
    smallest = min((item.size for _, _, item in picture.items() if isinstance(item, Text)), default=LEAST)
    return Layout(svg.draw(picture), picture.width, picture.height, min(1.0, LEAST / smallest))
