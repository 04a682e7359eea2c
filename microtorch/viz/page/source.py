"""The page's JavaScript and CSS, as they are put into pages."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

__all__ = ["css", "module", "script"]

PACKAGE = Path(__file__).parents[2]
STATIC = {"viewer": PACKAGE / "viz/page/static", "stepper": PACKAGE / "widgets/static", "run": PACKAGE / "viz/training/static"}
SMALL = {"viewer": ".min", "stepper": ".min", "run": ""}  # which of them are made small (CONTRIBUTING.md)


@cache
def css(name: str) -> str:
    """The style sheet of "viewer", "stepper" or "run"."""
    text = re.sub(r"/\*.*?\*/", "", (STATIC[name] / f"{name}.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"\s*([{};,>])\s*|(?<=:) ", r"\1", without_margins(text))


@cache
def module(name: str) -> str:
    """The ES module "stepper" or "run", to be followed by what uses it."""
    return javascript(name)


@cache
def script() -> str:
    """The viewer as a script that shows the drawing it is put into."""
    return javascript("viewer")


def javascript(name: str) -> str:
    """The source of a page."""
    return without_margins((STATIC[name] / f"{name}{SMALL[name]}.js").read_text(encoding="utf-8"))


def without_margins(source: str) -> str:
    """A source without indentation, blank lines and lines of comment.

    Which changes nothing as long as no string and no template runs over lines in which that matters.
    """
    lines = map(str.strip, source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
