"""A scene as DOT text: for the layout, and to keep."""

from __future__ import annotations

from html import escape

from ..words.text import derivative
from .colours import CORAL, GREY, PEACH, VERMILLION, WIRE
from .graphviz import library
from .scene import Join, Scene
from .shapes import Box, Rect, Text

SANS, FIXED = "Helvetica", "Courier"  # what Graphviz calls its sans-serif and monospaced fonts
# Between ranks, where values are written on edges, and between neighbours, above which a sum grows: in pixels.
SIGN = 9.5  # size of the words in a lane
GAPS = {"full right": (32, 18), "full down": (32, 14), "right": (32, 12), "down": (28, 12)}


def graph(scene: Scene, *, words: bool) -> str:
    """The scene: boxes of exact size with a place for each edge; or, to keep, as large as the words in them need."""
    across, beside = gaps(scene.detail, scene.direction)
    down = scene.direction == "down"
    dot = library().Digraph(
        graph_attr={"rankdir": "TB" if down else "LR", "ranksep": f"{across / 72:.3f}", "nodesep": f"{beside / 72:.3f}"},
        node_attr={"shape": "plain", "fontname": SANS, "fontsize": "10"},
        edge_attr={"color": WIRE} if words else {"dir": "none"},
    )
    for order, names in scene.lanes.items():
        sign = Text(0, 0, (derivative(order),), SIGN)
        label = sign.lines[0] if words else f"<{frame(cell(sign.width + 20, sign.height))}>"
        with dot.subgraph(name=f"cluster_{order}", graph_attr={"label": label, "labeljust": "l", "margin": "6"}) as lane:
            lane.attr(style="filled", fillcolor=PEACH, color=CORAL, fontname=SANS, fontsize="10")
            for name in names:
                lane.node(name)
    for name, box in scene.boxes.items():
        dot.node(name, label=worded(box) if words else table(box, down=down))
    for join in scene.joins:
        tail, head = (join.tail, join.head) if words else ends(join, scene.boxes, down=down)
        look = {"color": GREY} if words and join.kind == "feed" else {}
        line = join.kind == "link" or bool(scene.boxes[join.tail].inputs)  # what is computed keeps to one line
        dot.edge(tail, head, id=f"{join.kind}_{join.id}", weight="3" if line else "1", **look)
        if words and join.kind != "feed":
            dot.edge(join.head, join.tail, style="dashed", penwidth="2", color=VERMILLION, constraint="false")
    return str(dot.source)


def gaps(detail: str, direction: str) -> tuple[int, int]:
    """Between ranks, and between neighbours."""
    return GAPS[f"full {direction}" if detail == "full" else direction]


def ends(join: Join, boxes: dict[str, Box], *, down: bool) -> tuple[str, str]:
    """Where an edge begins and ends: at its places, or in the middle of a side."""
    leave, enter = ("s", "n") if down else ("e", "w")
    outputs, inputs = boxes[join.tail].outputs, boxes[join.head].inputs
    tail = f"{join.tail}:o{join.output}:{leave}" if join.output in outputs else f"{join.tail}:{leave}"
    head = f"{join.head}:i{join.port}:{enter}" if join.port in inputs else f"{join.head}:{enter}"
    return tail, head


def table(box: Box, *, down: bool) -> str:
    """A box without words: as HTML-like tables whose cells stand where the places of its edges are."""
    if not box.inputs and not box.outputs:
        return f"<{frame(cell(box.width, box.height))}>"
    length = box.width if down else box.height
    other = box.height if down else box.width
    first, last = (lane(places, sign, length, other / 2, down=down) for places, sign in ((box.inputs, "i"), (box.outputs, "o")))
    if down:
        return f"<{frame(f'<TD>{first}</TD></TR><TR><TD>{last}</TD>')}>"
    return f"<{frame(f'<TD>{first}</TD><TD>{last}</TD>')}>"


def lane(places: dict[int, float], sign: str, length: float, other: float, *, down: bool) -> str:
    """One side of a box, with a narrow cell about each place. Graphviz counts whole pixels."""
    deep = round(other)
    cells, at = [], 0
    for key, place in sorted(places.items(), key=lambda pair: pair[1]):
        start = max(round(place) - 2, at)
        cells += [cell(*turned(start - at, deep, down=down)), cell(*turned(4, deep, down=down), f"{sign}{key}")]
        at = start + 4
    cells.append(cell(*turned(max(round(length) - at, 0), deep, down=down)))
    cells = [each for each in cells if each]
    return frame("".join(cells) if down else "</TR><TR>".join(cells))


def turned(along: float, deep: float, *, down: bool) -> tuple[float, float]:
    """Width and height."""
    return (along, deep) if down else (deep, along)


def frame(cells: str) -> str:
    """A table without any room of its own."""
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{cells}</TR></TABLE>'


def cell(width: float, height: float, port: str = "") -> str:
    """A cell of exact size."""
    if round(width) <= 0 or round(height) <= 0:
        return ""
    return f'<TD FIXEDSIZE="TRUE" WIDTH="{round(width)}" HEIGHT="{round(height)}" PORT="{port}"></TD>'


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
    shape = next(item for item in box.items if isinstance(item, Rect) and item.role == "mt-box")
    rows = "".join(f'<TR><TD ALIGN="LEFT">{"  ".join(lines[y])}</TD></TR>' for y in sorted(lines))
    look = f' BGCOLOR="{shape.fill}" COLOR="{shape.stroke}"' + (' STYLE="DASHED"' if shape.dash else "")
    return f'<<TABLE BORDER="{2 if shape.dash else 1}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"{look}>{rows}</TABLE>>'
