"""A finished picture as DOT text with everything where it is, from which Graphviz makes its other formats."""

from __future__ import annotations

from typing import Any

from .curves import Arrow
from .dot import FIXED, SANS
from .graphviz import library
from .layout import Picture
from .shapes import Rect, Text

__all__ = ["pinned"]


def pinned(picture: Picture) -> str:
    """The picture with every rectangle, text and arrow where it is, for ``neato -n2``."""
    dot = library().Digraph(
        graph_attr={
            "viewport": f"{picture.width:.0f},{picture.height:.0f},1,{picture.width / 2:.1f},{picture.height / 2:.1f}",
            "dpi": "144", "bgcolor": "#FFFFFF", "pad": "0", "notranslate": "true", "outputorder": "nodesfirst",
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
