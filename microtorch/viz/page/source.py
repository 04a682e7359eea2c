"""The page's JavaScript and CSS, as they are put into pages."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

__all__ = ["css", "module", "script"]

PACKAGE = Path(__file__).parents[2]
STATIC = {"viewer": PACKAGE / "viz/page/static", "stepper": PACKAGE / "widgets/static", "run": PACKAGE / "viz/training/static"}
FILES = {
    "viewer": ["viewer"], "stepper": ["dom", "pass", "picture", "panel", "frame", "stepper"], "run": ["run"],
}  # fmt: skip
IMPORT = re.compile(r"^import \{[^}]*\} from \"\./[a-z]+\.js\";\n", re.MULTILINE)


@cache
def css(name: str) -> str:
    """The style sheet of "viewer", "stepper" or "run"."""
    return without_margins((STATIC[name] / f"{name}.css").read_text(encoding="utf-8"))


@cache
def module(name: str) -> str:
    """All files of "viewer" or "stepper" as one ES module, to be followed by what uses it."""
    sources = ((STATIC[name] / f"{each}.js").read_text(encoding="utf-8") for each in FILES[name])
    return "\n".join(without_margins(IMPORT.sub("", source)) for source in sources)


@cache
def script() -> str:
    """The viewer as a script that shows the drawing it is put into: made of viewer.js, made small (CONTRIBUTING.md)."""
    return without_margins((STATIC["viewer"] / "viewer.min.js").read_text(encoding="utf-8"))


def without_margins(source: str) -> str:
    """A source without indentation, blank lines and lines of comment.

    Which changes nothing as long as no string and no template runs over lines in which that matters.
    """
    lines = map(str.strip, source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
