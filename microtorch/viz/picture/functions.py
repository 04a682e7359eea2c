"""A Function in full: a white box with a blue header, and a row for each input.

A number on the border is an input; its row has the rule for the gradient that backward sends there, or a grey pill with what has
no gradient. Chips are saved values, yellow strips the Variables that were made.
"""

from __future__ import annotations

import ast
import textwrap
from functools import lru_cache

from ..graph.names import clean
from ..graph.snapshot import Node, Port
from .colours import BLUE, BLUE_PALE, FOG, GREY, INK, RULE, RUST, WHITE, YELLOW_DEEP
from .facts import GENERIC, Facts
from .shapes import PAD, Box, Rect, Text, glyph

RADIUS = 6.5  # of a numbered input, half of which stands out of its box
HEADER = 33.0
ROW = 18.0
CODE, WORDS = 26, 13  # characters a line; a rule of many words may be wider
LINES = 4
STRIP = 15.0  # height of a name
STATE, SIGN = 34.0, 20.0  # room for the sign of a state with "1/2", and without
CROWDED, BEFORE = 3, 8.0  # inputs from which on values between the edges need room, and that room
BESIDE = 26.0  # between the numbers on an upper border


def function(facts: Facts, node: Node, direction: str) -> Box:
    """A function node."""
    down = direction == "down"
    left, top = (1.0, RADIUS + 1) if down else (RADIUS + 1, 1.0)
    box = Box(height=top + HEADER + 2 + (4 if down else 0))
    constants = head(box, facts, node, left + PAD, box.height - HEADER)
    edges = facts.snapshot.inputs.get(node.id, {})
    ends = {}
    for port in node.ports:
        edge = edges.get(port.index)
        pill = facts.untracked(node, port) if edge is None or edge.producer is None else ""
        ends[port.index] = row(box, port, facts.rule(node, port), pill, left, numbered=not down or len(node.ports) > 1)
    saved = [(words, freed, "mt-saved") for words, freed in facts.chips(node)]
    chips(box, [(constants, False, "")] * bool(constants) + saved, left)
    if node.about:
        about = Text(left + PAD, box.height + 6, wrapped(clean(node.about, 100), CODE), 9, GREY, mono=True)
        box.add(about)
        box.height += about.height + 2
    strips = [facts.strip(node, output) for output in range(facts.outputs(node))]
    if down:
        tracked = [port for port, edge in edges.items() if edge.producer is not None]
        finish_down(box, strips, tracked)
    else:
        finish_right(box, strips, ends)
    return box if down or len(edges) < CROWDED else box.with_room(BEFORE)


def head(box: Box, facts: Facts, node: Node, left: float, top: float) -> str:
    """The operation with its constants, and the name of its node. Returns the constants if they do not fit there."""
    title = Text(left, top + 11, (clean(node.operation),), 12.5, bold=True)
    box.add(title)
    end = left + title.width
    box.add(Text(left, top + 24.5, (clean(node.name),), 9, GREY, mono=True))
    words = Text(end + 5, top + 11, (facts.constants(node),), 10)
    beside = words.x + words.width + SIGN <= max(box.width, end + STATE)
    if beside and words.lines[0]:
        box.add(words)
    box.width = max(box.width, end + STATE)
    return "" if beside else words.lines[0]


def row(box: Box, port: Port, rule: str, pill: str, left: float, *, numbered: bool) -> float:
    """An input: its number, and what backward sends there; or a pill with what has no gradient. Returns the row's end."""
    middle = box.height + ROW / 2
    many = bool(port.name and port.name.startswith("…"))
    x = left
    if left > 1 or numbered:
        x = left if left > 1 else left + PAD + RADIUS - 2
        disc(box, x, middle, "…" if many else f"{port.index + 1}", BLUE if not pill else RULE)
        x += RADIUS
    else:
        x += PAD - 4
    if left > 1:
        box.inputs[port.index] = middle
    x += 4
    box.height += ROW
    name = clean(port.name or "", 24)
    if pill:
        words = Text(x + 5, middle, (pill,), 9, INK)
        box.add(Rect(x, middle - 7, words.width + 10, 14, FOG, GREY, 0.9, radius=7))
        box.add(words)
        return words.x + words.width + 5
    if not rule or name not in GENERIC:
        label = Text(x, middle, (name,), 9, INK, mono=True)
        box.add(label)
        x += label.width + (2 if name else 0)
    if not rule:
        return x
    box.add(Text(x, middle, ("←",), 10, RUST, bold=True))
    code = is_code(rule)
    narrow = not code and len(wrapped(rule, WORDS)) <= LINES
    formula = Text(x + 12.5, middle, wrapped(rule, WORDS if narrow else CODE), 9, INK, mono=code, italic=not code)
    box.height += formula.leading * (len(formula.lines) - 1)
    box.add(formula)
    return formula.x + formula.width


def disc(box: Box, x: float, y: float, sign: str, colour: str = BLUE) -> None:
    """A numbered input."""
    box.add(Rect(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS, WHITE, colour, 1.2, radius=RADIUS))
    box.add(Text(x, y, (sign,), 9, INK, anchor="middle"))


@lru_cache(1000)
def wrapped(formula: str, limit: int) -> tuple[str, ...]:
    """Words in as few lines as they need, of about the same length."""
    fewest = textwrap.wrap(formula, limit)
    tries = (textwrap.wrap(formula, width) for width in range(8, limit))
    return tuple(next((lines for lines in tries if len(lines) == len(fewest)), fewest))


def is_code(formula: str) -> bool:
    """Whether a rule is an expression, or says in words what it does."""
    try:
        ast.parse(formula, mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def chips(box: Box, values: list[tuple[str, bool, str]], left: float) -> None:
    """Constants and saved values, each with whether it is freed and its role, as many a line as fit."""
    start = left + PAD - 2
    x, limit = start, max(box.width, 90.0)
    for i, (words, freed, role) in enumerate(values):
        label = Text(0, 0, (words,), 9, GREY if freed else INK, mono=True)
        if i and x + label.width + 8 > limit - 4:
            x, box.height = start, box.height + 17
        fill, dash = (WHITE, "2 2") if freed else (FOG, "")
        box.add(Rect(x, box.height + 1, label.width + 8, 14, fill, RULE, 0.8, dash, 3, role))
        box.items.append(Text(x + 4, box.height + 8, label.lines, 9, label.fill, mono=True, role=role))
        x += label.width + 12
        box.width = max(box.width, x)
    box.height += 19 if values else 0


def finish_right(box: Box, strips: list[str], ends: dict[int, float]) -> None:
    """The frame, and the names of the outputs on its right border, at the heights of the rows."""
    middles = [*box.inputs.values()]
    while len(middles) < len(strips):
        middles.append((middles[-1] if middles else HEADER + 12 - ROW) + ROW)
    box.height = max(box.height, middles[len(strips) - 1] + 10) + 2
    labels = [Text(0, middle, (words,), 10, bold=True, anchor="middle") for words, middle in zip(strips, middles, strict=False)]
    border, rows = box.width, [*ends.values()]
    for i, label in enumerate(labels):
        if label.lines[0]:
            border = max(border, (rows[i] if i < len(rows) else 0) + 5 + label.width + 10 - overhang(label))
    box.width = border + max([overhang(label) for label in labels if label.lines[0]], default=0)
    frame(box, RADIUS + 1, 1, border, box.height - 1)
    for i, label in enumerate(labels):
        box.outputs[i] = label.y
        strip(box, label, border + overhang(label) - (label.width + 10) / 2)


def finish_down(box: Box, strips: list[str], tracked: list[int]) -> None:
    """The frame, the numbers on its upper border, and the names of the outputs on its lower one."""
    labels = [Text(0, 0, (words,), 10, bold=True, anchor="middle") for words in strips]
    room = sum(label.width + 18 for label in labels)
    box.width = max(box.width, room + 2 * PAD, BESIDE * len(tracked) + 2 * PAD)
    box.height += 3 + (STRIP / 2 if any(strips) else 0)
    frame(box, 1, RADIUS + 1, box.width - 1, box.height)
    step = min((box.width - 2 * PAD) / max(len(tracked), 1), 60)
    for i, port in enumerate(tracked):
        x = box.width / 2 + step * (i - (len(tracked) - 1) / 2)
        box.inputs[port] = x
        disc(box, x, RADIUS + 1, f"{port + 1}")
    for i, label in enumerate(labels):
        x = box.width * (i + 0.5) / len(labels)
        box.outputs[i] = x
        strip(box, Text(0, box.height, label.lines, 10, bold=True, anchor="middle"), x)
    box.height += STRIP / 2 if any(strips) else 1


def frame(box: Box, left: float, top: float, right: float, bottom: float) -> None:
    """The box with its header, beneath everything; and the place of its state."""
    down = top > 1
    box.add(glyph(right - 6, top + (15 if down else 11)))
    box.beneath(
        Rect(left, top, right - left, bottom - top, stroke=BLUE, line=1.4, radius=4, role="mt-box"),
        Rect(left + 1, top + 1, right - left - 2, HEADER - 2 + (4 if down else 0), BLUE_PALE, radius=3),
    )


def strip(box: Box, label: Text, middle: float) -> None:
    """The name of what was made."""
    if label.lines[0]:
        width = label.width + 10
        box.items.append(Rect(middle - width / 2, label.y - STRIP / 2, width, STRIP, YELLOW_DEEP, INK, 1.1, "3 2", 3))
        box.items.append(Text(middle, label.y, label.lines, label.size, bold=True, anchor="middle"))


def overhang(label: Text) -> float:
    """How far a name stands out of its box."""
    return min((label.width + 10) / 2, 9)
