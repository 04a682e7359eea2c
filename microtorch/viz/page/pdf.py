"""A picture's SVG as PDF, for LaTeX: of the few elements that the renderer writes, in the fonts that every reader of PDF has.

Graphviz makes PDF, too; but it takes 50 ms and 40 kB a picture, fonts most of them, and every drawing in a notebook carries one.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator
from itertools import groupby

__all__ = ["pdf"]

POINT = 0.75  # of a pixel
FONTS = ["Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Courier", "Courier-Bold", "Symbol"]
SYMBOL = dict(zip("αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΦΨΩ", "abgdezhqiklmnxoprstufcywGDQLXPSFYW", strict=True))
SYMBOL |= dict(zip("−←↑→↓∂∑∅∞≤≥√∇∈≠≈", "-\xac\xad\xae\xaf\xb6\xe5\xc6\xa5\xa3\xb3\xd6\xd1\xce\xb9\xbb", strict=True))
HELVETICA = dict(  # by width in thousandths of the size; what is not here is 556 wide
    [(c, 222) for c in "ijl'"]
    + [(c, 278) for c in " !,./:;I[]\\ft·"]
    + [(c, 333) for c in "()-`r"]
    + [(c, 500) for c in "Jcksvxyz"]
    + [(c, 584) for c in "+<=>~×"]
    + [(c, 611) for c in "FTZ"]
    + [(c, 667) for c in "ABEKPSVXY&"]
    + [(c, 722) for c in "CDHNRUw"]
    + [(c, 778) for c in "GOQ"]
    + [(c, 833) for c in "Mm"]
    + [(c, 944) for c in "W%"]
    + [(c, 1000) for c in "…@←→"]
)
CORNER = 0.5523  # how far along a Bézier curve's handles are, for a quarter of a circle of radius 1
Look = dict[str, str]


def pdf(svg: str) -> bytes:
    """The picture on a page of its size."""
    root = ET.fromstring(svg)
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    drawn = "\n".join([f"{POINT} 0 0 -{POINT} 0 {n(height * POINT)} cm 1 j", *element(root, {})])
    title = root.findtext("{*}title") or ""
    return document(drawn.encode("latin-1"), width * POINT, height * POINT, title)


def element(node: ET.Element, above: Look) -> Iterator[str]:
    """An element and what is in it, with what it inherits."""
    look = {**above, **node.attrib}
    name = node.tag.rpartition("}")[2]
    if name == "rect":
        yield from painted(rectangle(look), look)
    elif name == "path":
        yield from painted(path(look["d"]), look)
    elif name == "text":
        yield from text(node, look)
    elif name in {"g", "svg"}:
        x, y = re.findall(r"[-\d.]+", look.pop("transform", "0,0"))
        yield f"q 1 0 0 1 {x} {y} cm"
        for child in node:
            yield from element(child, look)
        yield "Q"


def painted(shape: str, look: Look) -> Iterator[str]:
    """A shape, filled and with its outline, as far as it has these."""
    fill, stroke = look.get("fill", "#000000"), look.get("stroke", "none")
    if fill == stroke == "none":
        return
    paint = {(True, True): "B", (True, False): "f", (False, True): "S"}[fill != "none", stroke != "none"]
    dash = " ".join(re.findall(r"[\d.]+", look.get("stroke-dasharray", "")))
    yield f"[{dash}] 0 d {look.get('stroke-width', '1')} w {colour(fill, 'rg')}{colour(stroke, 'RG')}{shape} {paint}"


def colour(name: str, operator: str) -> str:
    """A six-digit colour; nothing for none."""
    return "" if name == "none" else " ".join(n(int(name[i : i + 2], 16) / 255, 3) for i in (1, 3, 5)) + f" {operator} "


def rectangle(look: Look) -> str:
    """A rectangle, its corners rounded where they are."""
    x, y, w, h, r = (float(look.get(name, 0)) for name in ("x", "y", "width", "height", "rx"))
    r = min(r, w / 2, h / 2)
    if not r:
        return f"{n(x)} {n(y)} {n(w)} {n(h)} re"
    k = r * (1 - CORNER)
    right, bottom = x + w, y + h
    corners = [
        (right - r, y, right - k, y, right, y + k, right, y + r),
        (right, bottom - r, right, bottom - k, right - k, bottom, right - r, bottom),
        (x + r, bottom, x + k, bottom, x, bottom - k, x, bottom - r),
        (x, y + r, x, y + k, x + k, y, x + r, y),
    ]
    sides = [f"{n(a)} {n(b)} l {' '.join(map(n, curve))} c" for a, b, *curve in corners]
    return f"{n(x + r)} {n(y)} m {' '.join(sides)} h"


def path(d: str) -> str:
    """The commands M, L, C and Z, with absolute coordinates; a list of points goes on with the same command."""
    steps = []
    for command, rest in re.findall(r"([MLCZ])([^A-Za-z]*)", d):
        numbers = re.findall(r"-?[\d.]+", rest)
        size = 6 if command == "C" else 2
        parts = [numbers[i : i + size] for i in range(0, len(numbers), size)]
        steps += [f"{' '.join(part)} {'l' if command == 'M' and i else command.lower()}" for i, part in enumerate(parts)]
        steps += ["h"] if command == "Z" else []
    return " ".join(steps)


def text(node: ET.Element, look: Look) -> Iterator[str]:
    """A text, and its further lines; first its seam, where it has one."""
    x, y = float(look.get("x", 0)), float(look.get("y", 0))
    lines = [(x, y, node.text or "")]
    for line in node:
        x, y = float(line.get("x", x)), y + float(line.get("dy", 0))
        lines.append((x, y, line.text or ""))
    seam = look.get("stroke", "none") != "none"
    for mode in ([f"1 Tr [] 0 d {look.get('stroke-width', '1')} w {colour(look['stroke'], 'RG')}"] if seam else []) + ["0 Tr"]:
        for left, base, words in lines:
            yield f"BT {colour(look.get('fill', '#000000'), 'rg')}{mode} {shown(left, base, words, look)} ET"


def shown(x: float, y: float, words: str, look: Look) -> str:
    """One line of text, each run of characters in its font."""
    size, face = float(look.get("font-size", 10)), font(look)
    runs = [("Symbol" if is_symbol else face, "".join(run)) for is_symbol, run in groupby(words, SYMBOL.__contains__)]
    total = sum(advance(name, c) for name, run in runs for c in run) * size
    x -= total * {"middle": 0.5, "end": 1.0}.get(look.get("text-anchor", ""), 0.0)
    pieces = [f"/F{FONTS.index(name)} {n(size)} Tf <{code(name, run)}> Tj" for name, run in runs]
    return f"1 0 0 -1 {n(x)} {n(y)} Tm {' '.join(pieces)}"


def font(look: Look) -> str:
    """Which of the fonts comes nearest."""
    bold = look.get("font-weight") == "bold"
    if "Mono" in look.get("font-family", ""):
        return "Courier-Bold" if bold else "Courier"
    return "Helvetica-Bold" if bold else "Helvetica-Oblique" if look.get("font-style") == "italic" else "Helvetica"


def advance(name: str, character: str) -> float:
    """The width of a character, in sizes of the font."""
    if name.startswith("Courier"):
        return 0.6
    return HELVETICA.get(character, 556) / 1000 * (1.06 if name == "Helvetica-Bold" else 1)


def code(name: str, run: str) -> str:
    """The characters in the font's own numbers; what it does not have is a question mark."""
    symbols = "".join(map(SYMBOL.__getitem__, run)) if name == "Symbol" else run
    return symbols.encode("latin-1" if name == "Symbol" else "cp1252", "replace").hex()


def document(drawn: bytes, width: float, height: float, title: str) -> bytes:
    """A PDF of one page."""
    packed = zlib.compress(drawn, 9)
    encoding = "/Encoding /WinAnsiEncoding"
    fonts = " ".join(
        f"/F{i} << /Type /Font /Subtype /Type1 /BaseFont /{name} {'' if name == 'Symbol' else encoding} >>"
        for i, name in enumerate(FONTS)
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {n(width)} {n(height)}] /Contents 4 0 R "
        f"/Resources << /Font << {fonts} >> >> >>".encode(),
        f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode() + packed + b"\nendstream",
        f"<< /Title <feff{title.encode('utf-16-be', 'replace').hex()}> >>".encode(),
    ]
    made, starts = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        starts.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = "".join(f"{start:010d} 00000 n \n" for start in starts)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R /Info 5 0 R >>\n"
    return made + f"{end}startxref\n{len(made)}\n%%EOF\n".encode()


def n(number: float, digits: int = 2) -> str:
    """A number as short as can be.

    >>> n(12.0), n(-0.254), n(-0.001), n(100)
    ('12', '-0.25', '0', '100')
    """
    short = f"{number:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short
