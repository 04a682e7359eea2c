"""Marks on a finished picture: nodes that stand out, by the colour of their frame and by a badge with a sign."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping

from .svg import XMLNS

__all__ = ["beside", "mark"]

ET.register_namespace("", XMLNS)
TAG = f"{{{XMLNS}}}"
GAP = 24  # pixels
WHITE = "#FFFFFF"


def mark(svg: str, signs: Mapping[str, str], color: str) -> str:
    """The picture with some boxes marked, each with its sign: nodes ("n3") and folds ("f1"), as far as it shows them."""
    picture = ET.fromstring(svg)
    for group in picture.iter(f"{TAG}g"):
        sign = signs.get(box(group))
        frame = next((rect for rect in group.iter(f"{TAG}rect") if rect.get("class") == "mt-box"), None)
        if sign is not None and frame is not None:
            group.set("data-mark", sign)
            frame.set("stroke", color)
            frame.set("stroke-width", "3")
            group.extend(badge(sign, float(frame.get("x", "0")) + 4, float(frame.get("y", "0")) + 4, color))
    return ET.tostring(picture, encoding="unicode") + "\n"


def box(group: ET.Element) -> str:
    """What a part of a picture is called."""
    kind = {"mt-node": "node", "mt-fold": "fold"}.get(group.get("class", ""))
    return f"{kind[0]}{group.get(f'data-{kind}')}" if kind else ""


def badge(sign: str, x: float, y: float, color: str) -> list[ET.Element]:
    """A disc with a sign in it."""
    disc = ET.Element(f"{TAG}circle", {"cx": f"{x:g}", "cy": f"{y:g}", "r": "8", "fill": color, "stroke": WHITE})
    look = {"x": f"{x:g}", "y": f"{y + 4:g}", "font-size": "12", "font-weight": "bold", "fill": WHITE, "text-anchor": "middle"}
    text = ET.Element(f"{TAG}text", look)
    text.text = sign
    return [disc, text]


def beside(title: str, *svgs: str) -> str:
    """Several pictures in one, side by side."""
    pictures = [ET.fromstring(svg) for svg in svgs]
    left, height = 0.0, 0.0
    for picture in pictures:
        picture.set("x", f"{left:g}")
        left += float(picture.get("width", "0")) + GAP
        height = max(height, float(picture.get("height", "0")))
    size = {"width": f"{left - GAP:g}", "height": f"{height:g}"}
    root = ET.Element(f"{TAG}svg", {**size, "viewBox": f"0 0 {left - GAP:g} {height:g}", "role": "img"})
    ET.SubElement(root, f"{TAG}title").text = title
    root.extend(pictures)
    return ET.tostring(root, encoding="unicode") + "\n"
