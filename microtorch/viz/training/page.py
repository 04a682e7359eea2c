"""A run as a page shows it: pictures that need no script, and with one a slider over the iterations."""

from __future__ import annotations

import base64
import json
import math
from collections import Counter
from dataclasses import asdict
from functools import cache
from html import escape
from typing import Any

from ..graph.fold import fold
from ..graph.snapshot import Snapshot
from ..page import source
from ..page.export import html
from ..page.notebook import attribute, starter
from ..picture import layout, svg
from ..picture.graphviz import GraphvizMissingError
from ..words.text import number
from .charts import HEAT, Chart, chart, columns, scale_of
from .measures import DATA, NANS, NORM, UPDATE, ZEROS
from .recorded import Recorded
from .story import summary, tell

__all__ = ["export", "json_of", "notebook_html", "static_svg"]

WIDE = 800.0  # pixels
WIDTHS = (WIDE, 560.0, 360.0)  # of what a page chooses from; it makes each a little larger, up to the next
GRAPHS = 6  # pictures in a page: those of most iterations


class Shown:
    """What of a run is shown: some iterations, all leaves."""

    def __init__(self, run: Recorded) -> None:
        run.flags  # noqa: B018 - what waits is measured
        self.run = run
        self.kept = [run.kept[i] for i in columns(run)]
        self.names = list(dict.fromkeys(name for kept in run.kept for name in kept.names))
        places = {name: row for row, name in enumerate(self.names)}
        self.cells: list[list[Any]] = []
        for kept in self.kept:
            column: list[Any] = [None] * len(self.names)
            for name, values in zip(kept.names, kept.stats.T.tolist(), strict=True):
                column[places[name]] = values
            self.cells.append(column)
        self.rows = [[None if cells[row] is None or math.isnan(cells[row][NANS]) else cells[row][NORM] for cells in self.cells]
                     for row in range(len(self.names))]  # fmt: skip
        self.places = places

    def chart(self, width: float) -> Chart:
        """The picture for a column of this width."""
        return chart(self.run, self.names, [kept.number for kept in self.kept], self.rows, width)

    def graphs(self) -> dict[int, dict[str, Any]]:
        """Pictures of graphs, by their number, each with the rows of the leaves that its boxes show."""
        found: dict[int, dict[str, Any]] = {}
        times = Counter(kept.structure.graph for kept in self.kept)
        for graph, _ in times.most_common(GRAPHS):
            if graph is None:
                continue
            first = next(kept for kept in self.kept if kept.structure.graph == graph)
            rows = {node: self.places[name] for node, name in zip(first.structure.nodes, first.names, strict=True)}
            try:
                found[graph] = picture(self.run.graphs[graph], rows)
            except GraphvizMissingError:
                break
        return found

    def data(self) -> dict[str, Any]:
        """What the script shows, as JSON-able data."""
        scale = scale_of(self.rows)
        return {
            "names": self.names,
            "charts": [plain(self.chart(width)) for width in WIDTHS],
            "graphs": self.graphs(),
            "heat": HEAT,
            "scale": [scale.low, scale.high],
            "iterations": [
                {
                    "number": kept.number,
                    "loss": number(kept.loss),
                    "graph": kept.structure.graph,
                    "leaves": [None if values is None else cell(values) for values in cells],
                }
                for kept, cells in zip(self.kept, self.cells, strict=True)
            ],
        }


def cell(values: list[float]) -> list[Any]:
    """A leaf in an iteration, for the page: the norm to colour it by, and in words the norm, the zeros and the update."""
    norm, share, update, data = values[NORM], values[ZEROS], values[UPDATE], values[DATA]
    if math.isnan(values[NANS]):
        return [None, "None", "", ""]
    ratio = number(update / data) if data and math.isfinite(update) else ""
    return [norm if math.isfinite(norm) else "bad", number(norm), f"{100 * share:.3g} %", ratio]


def plain(found: Chart) -> dict[str, Any]:
    """A chart as data."""
    return asdict(found) | {"edges": [round(each, 1) for each in found.edges]}


def picture(snapshot: Snapshot, rows: dict[int, int]) -> dict[str, Any]:
    """A graph, with some of it in folds; and for each box, by the selector that finds it, the rows of the leaves in it.

    Raises:
        GraphvizMissingError: there is nothing to place the boxes with.
    """
    view = fold(snapshot)
    boxes: dict[str, list[int]] = {}
    for node, row in rows.items():
        box = view.boxes[node]
        selector = f'[data-fold="{box[1:]}"]' if box[0] == "f" else f'[data-node="{node}"]'
        boxes.setdefault(selector, []).append(row)
    return {"svg": svg.draw(layout.arrange(view, "compact", "down")), "boxes": boxes}


def notebook_html(run: Recorded) -> str:
    """The run as HTML for a notebook, without ids and without blank lines."""
    shown = Shown(run)
    return f'<div class="mt-run">\n{static(run, shown)}\n</div>\n<script>{live(shown)}</script>'


def export(run: Recorded) -> str:
    """The run as a page of its own."""
    if not len(run):
        return html("A training run", "", f"<main><pre>{escape(tell(run))}</pre></main>", "")
    shown = Shown(run)
    last = len(shown.kept) - 1
    root = f'<main class="mt-run" data-position="{last}" data-last="{last}" tabindex="0" autofocus>'
    body = f"{root}\n{static(run, shown)}\n</main>"
    return html("A training run", "", body, live(shown), started=script())


def static(run: Recorded, shown: Shown) -> str:
    """What is there without scripts: the curve and the heat as an image, and everything in words."""
    drawn = shown.chart(WIDE)
    encoded = base64.b64encode(drawn.svg.encode()).decode()
    style = f"max-width: 100%; min-width: {0.8 * WIDE:.0f}px; height: auto"
    image = f'<img src="data:image/svg+xml;base64,{encoded}" alt="{attribute(summary(run))}" style="{style}"/>'
    lines = "\n".join(line if line.strip() else "&#32;" for line in escape(tell(run)).split("\n"))
    flags = "".join(f"<p>⚠ {escape(each)}</p>" for each in run.flags)
    return (
        f'<div style="overflow-x: auto">{image}</div>\n<div slot="flags">{flags}</div>\n'
        f'<details slot="words"><summary>In words</summary><pre style="overflow-x: auto">{lines}</pre></details>'
    )


def live(shown: Shown) -> str:
    """The script that puts a slider to it."""
    return starter("mt-run", {"text": script(), "css": source.css("run"), "run": shown.data()})


@cache
def script() -> str:
    """run.js as a script that shows the run it is put into, and leaves no name behind."""
    body = source.module("run").replace("export function", "function")
    return f"(() => {{\n{body}\nmount(document.currentScript.parentNode, document.currentScript);\n}})()"


def static_svg(run: Recorded) -> str:
    """The curve and the heat."""
    return Shown(run).chart(WIDE).svg


def json_of(run: Recorded) -> str:
    """The whole run as JSON, for other programs: NaN and infinities are text."""
    data = {
        "losses": run.losses,
        "flags": run.flags,
        "ended": run.ended,
        "iterations": [asdict(each) for each in run.iterations],
    }
    return json.dumps(finite(data), allow_nan=False, indent=1).replace("<", "\\u003c")


def finite(value: Any) -> Any:
    """Data without numbers that JSON has no word for."""
    if isinstance(value, dict):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(each) for each in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
