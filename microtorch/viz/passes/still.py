"""What a notebook keeps of a stepper: for pages in which no session and no widget runs, in other programs and years later."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import Any

from ..drawing import draw
from ..page import source
from ..page.notebook import mimebundle, picture, starter
from .pictures import Pictures
from .steps import Recording

__all__ = ["still"]

LARGE = 400_000  # characters of script: a longer pass is kept in words and as a picture, and a notebook stays small
NOTE = "This is what the notebook has kept: it walks, but no session stands behind it, so no .grad moves with it."
EXPORTED = re.compile(r"\bexport (?:default\b|(?=function\b))")  # in a script that is no module, and may be one line

# The widget removes the host when it comes; only where it does not, the pass walks here.
START = """(() => {
const {currentScript: script} = document, host = script.parentNode;
MODULE
setTimeout(() => {
if (!host.isConnected) return;
host.replaceChildren(Object.assign(document.createElement("style"), {textContent: script.css}));
mount(host, script.story, {position: script.position}).tell(script.note);
}, 1500);
})()"""


def still(trace: Recording, pictures: Pictures, story: dict[str, Any], mark: str) -> dict[str, str]:
    """The pass for a notebook's file, by MIME type: a picture with the gradients, all in words, and a script that walks it.

    Args:
        trace: what is shown; its ``repr`` tells it in words.
        pictures: those of its graph; where there are none, there are words only.
        story: its page, as data.
        mark: by which the widget finds it in the page, to take its place.
    """
    words = repr(trace)
    shown = f"<pre>{escape(words)}</pre>"
    bundle: dict[str, str] = {}
    if pictures.layouts:
        drawing = draw(trace)
        shown = picture(drawing.sheets, drawing.alt, f"{words}\n\n{drawing!r}")
        bundle = mimebundle(drawing)
    host = f'<div class="mt-still" data-of="{mark}">\n{shown}\n</div>'
    script = {"text": script_text(), "css": source.css("stepper"), "story": story, "position": trace.position, "note": NOTE}
    live = starter("mt-still", script)
    return bundle | {"text/plain": words, "text/html": host if len(live) > LARGE else f"{host}\n<script>{live}</script>"}


@cache
def script_text() -> str:
    """The stepper as a script that leaves no name behind."""
    return START.replace("MODULE", EXPORTED.sub(lambda found: "void" * found[0].endswith("default"), source.module("stepper")))
