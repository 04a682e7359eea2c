"""What stands for many nodes: a fold as a stack of sheets, and the stubs of what is outside of an opened one."""

from __future__ import annotations

import re
import textwrap

from ..graph.names import clean
from ..graph.view import Fold
from .colours import BLUE, BLUE_PALE, FOG_PALE, GREY, INK, NAVY, WHITE
from .pills import pill
from .shapes import BLANK, PAD, Box, Rect, Text, glyph

SHEET = 3.5  # how far each sheet stands out under the one above
LINE = 30  # characters
SHAPED = re.compile(r"(?<=\w) (?=\d[\d×]*(?:,|$))")  # before a shape, which stays with its name


def fold(each: Fold) -> Box:
    """A module, a step, a block that repeats, a chain: what it is, how often it is there, what is in it."""
    box = Box(height=26)
    label = Text(PAD, 14, (clean(each.label, 28),), 11.5, bold=True)
    box.add(label)
    end = label.x + label.width
    if each.times > 1:
        times = Text(end + 5, 14, (f"×{each.times}",), 11.5, bold=True, fill=NAVY)
        box.add(times)
        end = times.x + times.width
    box.width = max(box.width, end + 26)
    note = SHAPED.sub(BLANK, clean(each.note, 3 * LINE))
    for line in textwrap.wrap(note, LINE)[:3]:
        box.add(Text(PAD, box.height + 4, (line,), 9, GREY))
        box.height += 12
    box.height += 4 if each.note else -1
    width, height = box.width, box.height
    box.items.append(Rect(width - 19, 8.5, 11, 11, WHITE, BLUE, 1, radius=2))
    box.items.append(Text(width - 13.5, 14, ("+",), 10, INK, bold=True, anchor="middle"))
    sheets = [Rect(1 + SHEET * i, 1 + SHEET * i, width - 2, height - 2, WHITE, BLUE, 1.1, radius=4) for i in (2, 1)]
    top = Rect(1, 1, width - 2, height - 2, BLUE_PALE, BLUE, 1.4, radius=4, role="mt-box")
    box.beneath(*sheets, top)
    box.items.append(glyph(width, 2))
    box.width, box.height = width + 2 * SHEET, height + 2 * SHEET
    return box


def stub(words: str) -> Box:
    """A node outside: "from y", "to loss"."""
    label = Text(7, 0, (words,), 9.5, GREY, italic=True)
    return pill(label.width + 14, [Text(7, 0, (words,), 9.5, GREY)], FOG_PALE, GREY, 0.9, height=17)
