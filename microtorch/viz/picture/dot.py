"""A graph as DOT text: for the layout, and to keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from ..graph.snapshot import Snapshot
from .boxes import VERMILLION, Box, Rect, Text
from .graphviz import library

SANS, FIXED = "Helvetica", "Courier"  # what Graphviz calls its sans-serif and monospaced fonts


def graph(snapshot: Snapshot, boxes: Mapping[str, Box], *, words: bool) -> str:
    """The graph, inputs left: boxes of exact size with a port for each edge, or as large as the words in them need.

    Nodes are called n0, n1 … and the roots' cards r0, r1 …; edges have the ids e0, e1 … and r0, r1 ….
    """
    dot = library().Digraph(
        graph_attr={"rankdir": "LR", "ranksep": "0.76", "nodesep": "0.26"},
        node_attr={"shape": "plain", "fontname": SANS, "fontsize": "10"},
        edge_attr={"color": "#333333"} if words else {"dir": "none"},
    )
    for name, box in boxes.items():
        dot.node(name, label=worded(box) if words else bare(box))
    for wire, tail, head in wires(snapshot, boxes):
        dot.edge(tail, head, id=wire)
        if words:
            back, to = head.partition(":")[0], tail.partition(":")[0]
            dot.edge(back, to, style="dashed", penwidth="2", color=VERMILLION, constraint="false")
    return str(dot.source)


def wires(snapshot: Snapshot, boxes: Mapping[str, Box]) -> Iterable[tuple[str, str, str]]:
    """Id, tail and head of everything that is drawn as an edge."""
    for edge in snapshot.edges:
        if edge.producer is not None:
            tail = outlet(f"n{edge.producer}", edge.output, boxes)
            yield f"e{edge.id}", tail, inlet(f"n{edge.consumer}", edge.port, boxes)
    for i, root in enumerate(snapshot.roots):
        if f"r{i}" in boxes and root.node is not None:
            yield f"r{i}", outlet(f"n{root.node}", root.output, boxes), f"r{i}:w"


def inlet(name: str, port: int, boxes: Mapping[str, Box]) -> str:
    """Where the edge of an input ends."""
    return f"{name}:y{round(boxes[name].inputs[port])}:w"


def outlet(name: str, output: int, boxes: Mapping[str, Box]) -> str:
    """Where the edges of an output begin; those of a card, in the middle of its side."""
    return f"{name}:y{round(boxes[name].outputs[output])}:e" if output in boxes[name].outputs else f"{name}:e"


TABLE = '<TABLE BORDER="{border}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}"{look}>{rows}</TABLE>'


def bare(box: Box) -> str:
    """A box without words: as an HTML-like table whose cells stand where the ports are."""
    rows, y = [], 0
    for middle in marks(box):
        top = max(middle - 8, y)
        rows += [cell(box, top - y), cell(box, 16, f"y{middle}")]
        y = top + 16
    rows.append(cell(box, round(box.height) - y))
    return f"<{TABLE.format(border=0, padding=0, look='', rows=''.join(rows))}>"


def cell(box: Box, height: int, port: str = "") -> str:
    """A row of exact size."""
    size = f'FIXEDSIZE="TRUE" WIDTH="{round(box.width)}" HEIGHT="{height}"'
    return f'<TR><TD {size} PORT="{port}"></TD></TR>' if height > 0 else ""


def marks(box: Box) -> list[int]:
    """The heights at which edges meet a box, from top to bottom: they are the names of its ports."""
    return sorted({round(y) for y in (*box.inputs, *box.outputs.values())})


def worded(box: Box) -> str:
    """A box as an HTML-like table of its words, line by line."""
    lines: dict[int, list[str]] = {}
    for item in box.items:
        if isinstance(item, Text):
            for i, words in enumerate(item.lines):
                middle = round(item.y + i * item.leading)
                if words:
                    row = next((y for y in lines if abs(y - middle) < 5), middle)
                    lines.setdefault(row, []).append(f"<B>{escape(words)}</B>" if item.bold else escape(words))
    frame = next(item for item in box.items if isinstance(item, Rect))
    ports = {y: f' PORT="y{middle}"' for middle in marks(box) for y in lines if abs(y - middle) < 5}
    rows = [f'<TR><TD ALIGN="LEFT"{ports.get(y, "")}>{"  ".join(lines[y])}</TD></TR>' for y in sorted(lines)]
    look = f' BGCOLOR="{frame.fill}" COLOR="{frame.stroke}"' + (' STYLE="DASHED"' if frame.dash else "")
    return f"<{TABLE.format(border=2 if frame.dash else 1, padding=2, look=look, rows=''.join(rows))}>"
