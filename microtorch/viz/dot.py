"""DOT texts: of a graph for the layout, of a graph to keep, and of a finished picture for Graphviz's other formats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from .boxes import VERMILLION, Box, Rect, Text

if TYPE_CHECKING:
    from .layout import Arrow, Picture
    from .snapshot import Snapshot

SANS, FIXED = "Helvetica", "Courier"  # what Graphviz calls its sans-serif and monospaced fonts


class GraphvizMissingError(RuntimeError):
    """There is nothing that could place boxes: neither the program ``dot`` nor pygraphviz, or no package graphviz."""

    def __init__(self) -> None:
        super().__init__(
            "drawing a graph needs Graphviz, and neither its program dot nor pygraphviz was found: "
            'pip install "microtorch-autograd[lab]" brings one, or install graphviz from your system; '
            "print(drawing) and .txt work without"
        )


def library() -> Any:
    """The Python package graphviz, which is imported only where something is drawn."""
    try:
        import graphviz
    except ImportError:
        raise GraphvizMissingError from None
    return graphviz


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


# ---- a finished picture ---------------------------------------------------------------------------------------------


def pinned(picture: Picture) -> str:
    """The picture with every rectangle, text and arrow where it is, for ``neato -n2``."""
    dot = library().Digraph(
        graph_attr={
            "viewport": f"{picture.width:.0f},{picture.height:.0f},1,{picture.width / 2:.1f},{picture.height / 2:.1f}",
            "dpi": "144", "bgcolor": "#FFFFFF", "pad": "0", "notranslate": "true",
        },
        node_attr={"label": "", "fixedsize": "true", "margin": "0"},
    )  # fmt: skip
    anchors = {"width": "0.01", "height": "0.01", "shape": "point", "style": "invis"}
    dot.node("a", pos="0,0", **anchors)
    dot.node("b", pos=f"{picture.width:.1f},{picture.height:.1f}", **anchors)
    for arrow in picture.arrows():
        dot.edge("a", "b", **stroke(arrow, picture.height))
    for x, y, item in picture.items():
        if isinstance(item, Rect):
            dot.node(f"s{len(dot.body)}", **rectangle(item, x, picture.height - y))
        else:
            for i, words in enumerate(item.lines):
                if words:
                    dot.node(f"s{len(dot.body)}", **line(item, words, x, picture.height - y - i * item.leading))
    return str(dot.source)


def stroke(arrow: Arrow, height: float) -> dict[str, str]:
    """An arrow as the attributes of an edge."""
    *points, tip = [f"{x:.1f},{height - y:.1f}" for x, y in (*arrow.points, arrow.tip)]
    look = {
        "color": arrow.color,
        "penwidth": f"{arrow.line}",
        "arrowsize": "0.55",
        "style": "dashed" if arrow.dash else "",
    }
    return {**look, "pos": f"e,{tip} {' '.join(points)}"}


def rectangle(item: Rect, x: float, y: float) -> dict[str, str]:
    """A rectangle as the attributes of a node; ``x``, ``y`` is the origin of its box, y upwards."""
    left, middle = x + item.x, y - item.y - item.height / 2
    disc = item.width == item.height == 2 * item.radius
    styles = ["filled"] if item.fill != "none" else []
    styles += ["rounded"] if item.radius > 4 and not disc else []  # Graphviz rounds more than we would
    styles += ["dotted" if item.dash.startswith("1") else "dashed"] if item.dash else []
    return {
        "shape": "circle" if disc else "box",
        "pos": f"{left + item.width / 2:.1f},{middle:.1f}",
        "width": f"{item.width / 72:.4f}",
        "height": f"{item.height / 72:.4f}",
        "style": ",".join(styles),
        "fillcolor": item.fill if item.fill != "none" else "#FFFFFF",
        "color": item.stroke if item.stroke != "none" else item.fill,
        "penwidth": f"{item.line if item.stroke != 'none' else 0}",
    }


def line(item: Text, words: str, x: float, y: float) -> dict[str, Any]:
    """One line of text as the attributes of a node, in a frame so wide that Graphviz does not complain."""
    room = 2 * item.width + 20
    shift, side = {"start": (room / 2, "\\l"), "end": (-room / 2, "\\r"), "middle": (0.0, "")}[item.anchor]
    face = (FIXED if item.mono else SANS) + ("-Bold" if item.bold else "-Oblique" if item.italic else "")
    label = library().escape(words.replace("&", "&amp;"))
    return {
        "shape": "plaintext",
        "pos": f"{x + item.x + shift:.1f},{y - item.y:.1f}",
        "width": f"{room / 72:.3f}",
        "height": f"{2 * item.size / 72:.3f}",
        "label": f"{label}{side}" if side else label,
        "fontname": face,
        "fontsize": f"{item.size}",
        "fontcolor": item.fill,
    }
