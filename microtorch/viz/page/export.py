"""``export_html``: a drawing or a recorded pass as a page of its own: one file, which asks no network for anything."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from pathlib import Path
from typing import Any, Protocol

from ...tensor.serialization import write_whole
from . import source
from .notebook import attribute, loader, packed, picture
from .sheets import Drawn

__all__ = ["Walked", "export_html"]

STYLE = """:root { color-scheme: light dark; }
body { margin: 0; padding: 12px; background: light-dark(#ffffff, #16191d); color: light-dark(#1f2328, #e6e8eb); }
main { max-width: 1400px; margin: 0 auto; }
main:focus-visible { outline: 2px solid #0072b2; outline-offset: 2px; }
@media print { body { padding: 0; } }"""


class Asking(Protocol):
    """What asks about a pass: a `microtorch.viz.Quiz` is one."""

    def page(self) -> dict[str, Any]:
        """The questions with their answers, as JSON-able data."""


class Walked(Protocol):
    """What can be walked in a page: a `microtorch.viz.Trace` is one. Its ``repr`` tells the same in words."""

    position: int

    @property
    def quiz(self) -> Asking | None:
        """The questions about it; None where nothing is asked."""

    def page(self) -> dict[str, Any]:
        """All that the stepper draws, as JSON-able data."""

    def note(self) -> str:
        """What the reader should know where it stands; "" for nothing."""


def export_html(what: Any, path: str | Path | None = None) -> str:
    """A page that shows ``what`` and needs nothing else: no network, no notebook, no Python.

    Its one element with ``data-position`` and ``data-last`` has the focus, and obeys ← → Home End: they walk through the steps of
    a pass, or through a drawing's folds, 0 being the whole graph.

    Args:
        what: a drawing (`draw`, `card`), a recorded pass (`trace`, `step`; a `quiz` asks about it; two in `lockstep`), or a
            training run (`record`).
        path: where to write the page, too; a file that is there is replaced at once, or, where that fails, not at all.

    Raises:
        TypeError: it is none of these.
        OSError: the file cannot be written.
    """
    # A stepper and a quiz have a trace.
    walk = next((each for each in (getattr(what, "trace", None), what) if hasattr(each, "page")), None)
    if walk is not None:
        asks = getattr(what, "predict", False)
        page = walked(walk, repr(what if asks else walk), predict=asks)
    elif getattr(what, "sheets", None):
        page = drawn(what)
    elif hasattr(what, "as_page"):
        page = what.as_page()
    else:
        raise TypeError(
            "export_html takes a drawing (viz.draw(out), viz.card(v)), a recorded pass (viz.trace(out), viz.step(out)) or a run "
            "(viz.record()), "
            f"not {'None' if what is None else f'a {type(what).__name__}'}"
        )
    if path is not None:
        write_whole(Path(path).resolve(), page.encode())
    return page


def drawn(what: Drawn) -> str:
    """The page of a drawing."""
    sheets = what.sheets
    root = f'<main class="mt-drawing" data-position="0" data-last="{len(sheets) - 1}" tabindex="0" autofocus>'
    body = f"{root}\n{picture(sheets, what.alt, repr(what))}\n</main>"
    return html(sheets[0].title, "", body, loader(sheets), started=source.script())


def walked(what: Walked, words: str, *, predict: bool) -> str:
    """The page of a recorded pass, and what stands there where no script runs."""
    story = what.page() | ({} if what.quiz is None else {"quiz": what.quiz.page()})
    told = {"story": story, "options": {"position": what.position, "predict": predict}, "note": what.note()}
    start = f"""{source.module("stepper")}
const root = document.querySelector("main");
root.replaceChildren();
const {{ story, options, note }} = {packed(told)};
mount(root, story, options).tell(note);
root.focus();
"""
    first, label = story["first"], attribute(story["title"])
    root = f'<main data-position="{what.position - first}" data-last="{story["last"] - first}" tabindex="0" aria-label="{label}">'
    body = f"{root}\n<pre>{escape(words)}</pre>\n</main>"
    return html(story["title"], source.css("stepper"), body, start, kind=' type="module"')


def html(title: str, style: str, body: str, script: str, kind: str = "", started: str = "") -> str:
    """A page with one script, which is all that may run in it, with what it starts, and which may fetch nothing."""
    allowed = " ".join(f"'sha256-{digest(each)}'" for each in (script, started) if each)
    policy = (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {allowed}; base-uri 'none'; form-action 'none'"
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{attribute(title)}</title>
<style>
{STYLE}
{style}
</style>
</head>
<body>
{body}
<script{kind}>{script}</script>
</body>
</html>
"""


def digest(script: str) -> str:
    """By which a page knows a script as its own."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
