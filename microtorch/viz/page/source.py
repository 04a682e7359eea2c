"""The page's JavaScript and CSS, as they are put into pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["css", "module", "script"]

PACKAGE = Path(__file__).parents[2]
STATIC = {"viewer": PACKAGE / "viz/page/static", "stepper": PACKAGE / "widgets/static"}


@cache
def css(name: str) -> str:
    """The style sheet of "viewer" or "stepper"."""
    return without_margins(STATIC[name] / f"{name}.css")


@cache
def module(name: str) -> str:
    """The ES module, to be followed by what uses it."""
    return without_margins(STATIC[name] / f"{name}.js")


@cache
def script() -> str:
    """The viewer as a script that shows the drawing it is put into: made of viewer.js, made small (CONTRIBUTING.md)."""
    return without_margins(STATIC["viewer"] / "viewer.min.js")


def without_margins(path: Path) -> str:
    """A source without indentation, blank lines and lines of comment.

    Which changes nothing as long as no string and no template runs over lines in which that matters.
    """
    lines = map(str.strip, path.read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
