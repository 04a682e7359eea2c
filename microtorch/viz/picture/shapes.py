"""What everything is drawn with: rectangles, lines of text, and boxes of both that know their size. Pixels, y downwards."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from functools import lru_cache

from .colours import INK, WHITE

PAD = 8.0
MONO = 0.61  # em: the width of a character
BLANK = "\N{NO-BREAK SPACE}"  # aligns numbers: renderers drop ordinary spaces


@dataclass(frozen=True)
class Rect:
    """A rectangle; with a radius of half its height a disc or a pill."""

    x: float
    y: float
    width: float
    height: float
    fill: str = WHITE
    stroke: str = "none"
    line: float = 1.0
    dash: str = ""
    radius: float = 0.0
    role: str = ""


@dataclass(frozen=True)
class Text:
    """Lines of text; ``y`` is the middle of the first."""

    x: float
    y: float
    lines: tuple[str, ...]
    size: float = 10.0
    fill: str = INK
    mono: bool = False
    bold: bool = False
    italic: bool = False
    anchor: str = "start"
    role: str = ""

    @property
    def width(self) -> float:
        """An upper bound in the usual fonts."""
        widest = max((sum(advance(c, self.mono) for c in line) for line in self.lines), default=0)
        return widest * self.size * (1.18 if self.bold and not self.mono else 1)

    @property
    def height(self) -> float:
        """Of all the lines."""
        return self.leading * len(self.lines)

    @property
    def leading(self) -> float:
        """From line to line."""
        return self.size * 1.25


@dataclass
class Box:
    """A drawing, its size, and where edges meet it.

    A place of an edge is a height where the picture runs to the right, and a distance from the left side where it runs down;
    an input or output without a place is met in the middle. ``before`` is room on the left, through which edges go on.
    """

    width: float = 0.0
    height: float = 0.0
    items: list[Rect | Text] = field(default_factory=list)
    inputs: dict[int, float] = field(default_factory=dict)
    outputs: dict[int, float] = field(default_factory=dict)
    before: float = 0.0

    def add(self, item: Rect | Text) -> None:
        """Draw something; text that starts somewhere widens the box."""
        self.items.append(item)
        if isinstance(item, Text) and item.anchor == "start":
            self.width = max(self.width, item.x + item.width + PAD)

    def with_room(self, before: float) -> Box:
        """The box with room on its left, for values on the edges to it."""
        moved = [replace(item, x=item.x + before) for item in self.items]
        return replace(self, width=self.width + before, items=moved, before=before)

    def beneath(self, *items: Rect) -> None:
        """Draw what the rest stands on, now that the size is known."""
        self.items[:0] = items


def glyph(x: float, y: float) -> Text:
    """The place where the stepper draws a node's state: it ends at ``x``."""
    return Text(x, y, ("",), 10, anchor="end", role="mt-glyph")


@lru_cache(2000)
def advance(character: str, mono: bool) -> float:
    """The width of a character in em: Helvetica's and Arial's, and a little more since other fonts are wider."""
    if unicodedata.east_asian_width(character) in "WF":
        return 2 * MONO if mono else 1.05
    if mono:
        return MONO
    return 1.08 * WIDTHS.get(character, 0.85 if character.isupper() or ord(character) > 0xFF else 0.556)


CLASSES = {
    0.25: "ijl'|",
    0.3: "ftI !.,:;/[]",
    0.34: "r()-",
    0.5: "ckszvxyJ",
    0.67: "ABEFKLPSTVXYZ",
    0.72: "w",
    0.78: "×=+<>~",
    0.95: "mMW%@",
}
WIDTHS = {character: width for width, characters in CLASSES.items() for character in characters}
