"""The backward stepper in a notebook: a view on a `Trace`, drawn by viz/static/stepper.js."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from microtorch.viz import story
from microtorch.viz.drawing import LIMIT
from microtorch.viz.layout import REACH, GraphvizMissingError, reach
from microtorch.viz.svg import render
from microtorch.viz.trace import Trace

STATIC = Path(story.__file__).parent / "static"


class BackwardStepper(anywidget.AnyWidget):
    """Walks a recorded backward pass: where it stands, there the leaves' real ``.grad`` stands too.

    ``position`` can be set from Python as well as by the reader; a value that is no position is ignored. Made by
    `microtorch.viz.step`.
    """

    _esm = STATIC / "stepper.js"
    _css = STATIC / "stepper.css"

    data = traitlets.Dict().tag(sync=True)
    # Any: what a browser sends is judged by _judge, instead of being answered by a traceback.
    position = traitlets.Any(0).tag(sync=True)
    note = traitlets.Unicode("").tag(sync=True)

    def __init__(self, walk: Trace) -> None:
        self.trace = walk
        svg, self._without_picture = picture(walk)
        super().__init__(data=story.page(walk, svg), position=walk.position, note=self._without_picture)

    @traitlets.validate("position")
    def _judge(self, proposal: Any) -> int:
        value = proposal["value"]
        known = type(value) is int and 0 <= value <= len(self.trace.steps) and self.trace.is_open
        return value if known else self.trace.position

    @traitlets.observe("position")
    def _follow(self, change: Any) -> None:
        self.trace.goto(change["new"])
        self.note = story.overwritten(self.trace) or self._without_picture

    def close(self) -> None:
        """Give the leaves back as they were before the pass, and remove the view."""
        self.trace.close()
        super().close()

    def __repr__(self) -> str:
        return f"BackwardStepper: {story.tell(self.trace)}"


def picture(walk: Trace) -> tuple[str, str]:
    """The graph as SVG; or "" and the reason, where it is too large to be read or nothing can place it."""
    if len(walk.snapshot.nodes) > LIMIT or reach(walk.snapshot) > REACH:
        return "", f"A graph of {len(walk.snapshot.nodes)} nodes is too large for a picture: here are its steps in words."
    try:
        return render(walk.snapshot), ""
    except GraphvizMissingError as missing:
        return "", f"There is no picture, only the steps in words: {missing}"
