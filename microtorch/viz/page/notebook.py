"""What a notebook keeps of a drawing: HTML that is a picture without scripts, and the live viewer with them."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Sequence
from html import escape
from typing import Any

from . import source
from .pdf import pdf
from .sheets import Drawn, Sheet, data

__all__ = ["loader", "mimebundle", "notebook_html", "packed", "picture", "starter"]

# Of an SVG: words that are read when it is pointed at, hooks, places for what a pass writes; an arrow; a group without a look.
UNSEEN = re.compile(
    r'<(title|desc)>.*?</\1>\n?| (?:class|data-[a-z]+|tabindex|role)="[^"]*"|<text[^>]*></text>\n?', flags=re.DOTALL
)
ARROW = re.compile(r'<path(?: class="[^"]*")? d="([^"]*)"([^>]*)/>')
PLAIN = re.compile(r"<g>(.*?)</g>\n?")

UNPACK = """await new Response(new Blob([Uint8Array.from(atob("PACKED"), each => each.charCodeAt())])
.stream().pipeThrough(new DecompressionStream("deflate"))).json()"""

# Deflated, since a notebook has many drawings: the code alone would be larger than most of their pictures. As an element,
# and not by `eval`, because the code then runs wherever this script itself may run.
LOADER = """(async host => {
host.dataset.live = "";
host.append(Object.assign(document.createElement("script"), PACKED));
})(document.currentScript.parentNode.querySelector(".HOST:not([data-live])"))"""


def notebook_html(sheets: Sequence[Sheet], alt: str, words: str) -> str:
    """A drawing as HTML, without ids and without blank lines, so that it can stand anywhere, in Markdown too.

    Args:
        sheets: the whole graph first, then the insides of its folds.
        alt: the picture in a sentence or two.
        words: all that the picture says, as text.
    """
    return f'<div class="mt-drawing">\n{picture(sheets, alt, words)}\n</div>\n<script>{loader(sheets)}</script>'


def mimebundle(drawn: Drawn) -> dict[str, str]:
    """All that a notebook keeps of a drawing: words, HTML for pages and Markdown, and for LaTeX a small PDF."""
    first, words = drawn.sheets[0].layouts[0].svg, repr(drawn)
    return {
        "text/plain": words,
        "text/html": notebook_html(drawn.sheets, drawn.alt, words),
        "application/pdf": base64.b64encode(pdf(first)).decode(),
    }


def picture(sheets: Sequence[Sheet], alt: str, words: str) -> str:
    """What is there without scripts.

    As an image, because JupyterLab shows that in notebooks it does not trust, too: of SVG within HTML it leaves only the words
    there, and of a bare SVG nothing. And an image has a text for those who do not see it.
    """
    layout = sheets[0].layouts[0]
    style = f"max-width: 100%; min-width: {layout.least * layout.width:.0f}px; height: auto"  # smaller at first, then scrolled
    encoded = base64.b64encode(still(layout.svg).encode()).decode()
    image = f'<img src="data:image/svg+xml;base64,{encoded}" alt="{attribute(alt)}" style="{style}"/>'
    lines = "\n".join(
        line if line.strip() else "&#32;" for line in escape(words).split("\n")
    )  # a blank one ends HTML in Markdown
    return (
        f'<div style="overflow-x: auto">{image}</div>\n'
        f'<details slot="words"><summary>In words</summary><pre style="overflow-x: auto">{lines}</pre></details>'
    )


def still(svg: str) -> str:
    """A smaller SVG that looks the same: without what only scripts find, and with all arrows of one look as one path."""
    svg = UNSEEN.sub("", svg)
    arrows: dict[str, list[str]] = {}
    for curve, look in ARROW.findall(svg):
        arrows.setdefault(look, []).append(curve)
    before, _, after = svg.partition("<path")
    paths = "".join(f'<path d="{"".join(curves)}"{look}/>' for look, curves in arrows.items())
    return before + paths + PLAIN.sub(r"\1", ARROW.sub("", f"<path{after}")) if arrows else svg


def attribute(text: str) -> str:
    """A text as an attribute's value, on one line."""
    return " ".join(escape(text).split())


def loader(sheets: Sequence[Sheet]) -> str:
    """The script that makes the picture before it live."""
    return starter("mt-drawing", {"text": source.script(), "css": source.css("viewer"), "sheets": data(sheets)})


def starter(host: str, script: dict[str, Any]) -> str:
    """A script that puts another, with all that is given to it, into the last element before it that has the class ``host``."""
    return LOADER.replace("HOST", host).replace("PACKED", packed(script))


def packed(value: Any) -> str:
    """JSON-able data as an expression of JavaScript that waits for it: an eighth of its size, and without any markup."""
    text = json.dumps(value, separators=(",", ":"))
    return UNPACK.replace("PACKED", base64.b64encode(zlib.compress(text.encode(), 9)).decode())
