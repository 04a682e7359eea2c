"""The visual language: every node and every Variable as a box of rectangles and texts, before anything is placed.

A Variable is a card after PyTorch's figure of 2017: pale yellow, dashed border, bold title, cells ``data``, ``grad``
and ``grad_fn``. A Function is a white box with a blue header; its numbered inputs stand on the left border, each with
the rule for the gradient sent back, and a yellow strip names the Variable it made. Pixels, y downwards.
"""

from __future__ import annotations

import ast
import textwrap
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from ..graph.names import clean
from ..graph.snapshot import Nested, Node, Port, Saved, Summary, VariableInfo
from ..words.text import chip, number, shape, statistics

INK, GREY, RULE, WHITE = "#1A1A1A", "#595959", "#8C8C8C", "#FFFFFF"
BLUE, BLUE_PALE = "#0072B2", "#E3EFF7"  # blue and vermillion are Okabe and Ito's
VERMILLION, RUST = "#D55E00", "#9C4500"  # rust: vermillion dark enough for small text
YELLOW, YELLOW_DEEP = "#FFFBD9", "#FBF0AE"

MONO = 0.61  # em: the width of a character
PAD = 10.0
RADIUS = 7.0  # of a numbered input, half of which stands out of its box
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
    """A drawing, its size, and where edges meet it: inputs on its left side, outputs on its right."""

    width: float = 0.0
    height: float = 0.0
    items: list[Rect | Text] = field(default_factory=list)
    inputs: list[float] = field(default_factory=list)
    outputs: dict[int, float] = field(default_factory=dict)

    def add(self, item: Rect | Text) -> None:
        """Draw something; text that starts somewhere widens the box."""
        self.items.append(item)
        if isinstance(item, Text) and item.anchor == "start":
            self.width = max(self.width, item.x + item.width + PAD)

    def beneath(self, *items: Rect) -> None:
        """Draw what the rest stands on, now that the size is known."""
        self.items[:0] = items


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
    0.95: "mMW%@",
}
WIDTHS = {character: width for width, characters in CLASSES.items() for character in characters}


# ---- a Function -----------------------------------------------------------------------------------------------------

LEFT = RADIUS + 1  # where the frame of a function box begins
HEADER = 37.0
ROW = 21.0
FORMULA = 24  # characters a line
PILL = 18  # characters


def function(node: Node, untracked: Collection[int], carded: Collection[int], outputs: int) -> Box:
    """A function node; ``untracked`` are inputs without a gradient, ``carded`` the outputs that have a card."""
    box = Box(height=HEADER + 3)
    title = Text(LEFT + PAD, 13, (node.operation,), 13, bold=True)
    box.add(title)
    box.add(Text(LEFT + PAD, 28, (node.name,), 9, GREY, mono=True))
    box.width = max(box.width, title.x + title.width + 40)  # room for the glyph
    ends = [row(box, port, port.index in untracked) for port in node.ports]
    middles = [*box.inputs]
    while len(middles) < outputs:
        middles.append((middles[-1] if middles else HEADER + 14 - ROW) + ROW)
    box.height = max(box.height, middles[-1] + 11)
    chips(box, node.saved)
    border = box.width
    pills = [pill(node, i, middle, outputs, carded) for i, middle in enumerate(middles[:outputs])]
    for label, end in zip(pills, [*ends, *[0.0] * outputs], strict=False):
        if label.lines[0]:
            border = max(border, end + 8 + label.width + 12 - overhang(label))
    box.width = border + max([overhang(label) for label in pills if label.lines[0]], default=0)
    box.height += 3
    box.outputs = {i: label.y for i, label in enumerate(pills)}
    box.beneath(
        Rect(LEFT, 0, border - LEFT, box.height, stroke=BLUE, line=1.4, radius=4, role="mt-box"),
        Rect(LEFT + 1, 1, border - LEFT - 2, HEADER - 2, BLUE_PALE, radius=3),
    )
    for label in pills:
        if label.lines[0]:
            width = label.width + 12
            box.items.append(Rect(box.width - width, label.y - 8, width, 16, YELLOW_DEEP, INK, 1.1, "3 2", 3))
            box.items.append(replace(label, x=box.width - width / 2))
    box.items.append(Text(border - 7, 13, ("",), 12, anchor="end", role="mt-glyph"))
    return box


def row(box: Box, port: Port, off: bool) -> float:
    """An input: its number on the border, and ``input ← grad * other``, what backward sends there. Returns the row's end."""
    middle = box.height + 11
    box.inputs.append(middle)
    box.add(Rect(1, middle - RADIUS, 2 * RADIUS, 2 * RADIUS, WHITE, GREY if off else BLUE, 1.2, radius=RADIUS))
    ink = GREY if off else INK
    sign = "∅" if off else "…" if port.name and port.name.startswith("…") else f"{port.index + 1}"
    box.add(Text(LEFT, middle, (sign,), 9, ink, anchor="middle"))
    name = Text(LEFT + RADIUS + 5, middle, (port.name or "",), 9.5, ink, mono=True)
    box.add(name)
    box.height += ROW
    end = name.x + name.width
    if off:
        rule = Text(end + 6, middle, ("no gradient",), 9, GREY, italic=True)
    elif port.formula:
        box.add(Text(end + 3, middle, ("←",), 11, VERMILLION, bold=True))
        code, lines = is_code(port.formula), balanced(port.formula)
        rule = Text(end + 16, middle, lines, 9.5, mono=code, italic=not code)
        box.height += rule.leading * (len(lines) - 1)
    else:
        return end
    box.add(rule)
    return rule.x + rule.width


def balanced(formula: str) -> tuple[str, ...]:
    """The formula in as few lines as it needs, of about the same length."""
    wrapped = (textwrap.wrap(formula, width) for width in range(8, FORMULA))
    fewest = textwrap.wrap(formula, FORMULA)
    return tuple(next((lines for lines in wrapped if len(lines) == len(fewest)), fewest))


def is_code(formula: str) -> bool:
    """Whether a rule is an expression, or says in words what it does."""
    try:
        ast.parse(formula, mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def pill(node: Node, output: int, middle: float, outputs: int, carded: Collection[int]) -> Text:
    """What is written where an output leaves: the name of the Variable; the number, where there are several outputs."""
    name = dict(enumerate(node.outputs)).get(output, "") if output not in carded else ""
    number = f"{output}" if outputs > 1 else ""
    words = clean(": ".join(word for word in (number, name) if word), PILL)
    return Text(0, middle, (words,), 10.5, bold=True, anchor="middle")


def overhang(label: Text) -> float:
    """How far a pill stands out of its box."""
    return min((label.width + 12) / 2, 12)


def chips(box: Box, values: tuple[Saved, ...]) -> None:
    """The saved values, as many a line as fit."""
    if not values:
        return
    x, limit = LEFT + PAD, max(box.width, 150.0)
    for saved in values:
        label = Text(x + 5, box.height + 8, (chip(saved, "×"),), 9, GREY if saved.freed else INK, mono=True)
        if x > LEFT + PAD and x + label.width + 10 > limit - PAD:
            x, box.height = LEFT + PAD, box.height + 18
            label = replace(label, x=x + 5, y=box.height + 8)
        look = (WHITE, RULE, 0.8, "2 2", 3) if saved.freed else ("#EFEFEF", RULE, 0.8, "", 3)
        box.add(Rect(x, box.height, label.width + 10, 15, *look))
        box.add(label)
        box.width = max(box.width, x + label.width + 10 + PAD)
        x += label.width + 14
    box.height += 21


def more(node: Node) -> Box:
    """What stands for the nodes that were left out."""
    box = Box(height=44)
    box.add(Text(PAD, 15, (f"{node.name} nodes",), 12, bold=True))
    box.add(Text(PAD, 31, ("farther from the root",), 9.5, GREY))
    box.beneath(Rect(0, 0, box.width, box.height, "#F4F4F4", GREY, 1.2, "3 3", 4, role="mt-box"))
    return box


# ---- a Variable -----------------------------------------------------------------------------------------------------

TILE = 5.5  # side of a heat map's squares
GAP = 7.0


def card(info: VariableInfo) -> Box:
    """A Variable: what it is, and its ``data``, ``grad`` and ``grad_fn``."""
    what = f"{shape(info.shape, '×')} {info.dtype}"
    head = [Text(0, 17, (info.name or info.type,), 14, bold=True)]
    head.append(Text(0, 33, (f"{info.type} {what}" if info.name else what,), 9.5, GREY))
    badges = [Text(0, 50, (word,), 9) for word in badge_words(info)]
    data, grad, maker = data_cell(info), grad_cell(info), cell("grad_fn", code(info.grad_fn or "None"))
    for part in (data, grad):
        part.width, part.height = max(data.width, grad.width), max(data.height, grad.height)
    across = 2 * data.width + GAP <= 250
    inner = max(
        *(text.width for text in head),
        sum(text.width + 16 for text in badges) - 4,
        2 * data.width + GAP if across else data.width,
        maker.width,
    )
    box = Box(inner + 2 * PAD, 62)
    center = box.width / 2
    for text in head:
        box.add(replace(text, x=center, anchor="middle"))
    x = center - (sum(text.width + 16 for text in badges) - 4) / 2
    for text in badges:
        box.add(Rect(x, 43, text.width + 12, 14, WHITE, RULE, 0.8, radius=7))
        box.add(replace(text, x=x + 6 + text.width / 2, anchor="middle"))
        x += text.width + 16
    if across:
        place(box, data, center - GAP / 2 - data.width, box.height)
        place(box, grad, center + GAP / 2, box.height)
        box.height += data.height + GAP
    else:
        for part in (data, grad):
            place(box, part, center - part.width / 2, box.height)
            box.height += part.height + GAP
    maker.width = max(maker.width, inner * 0.6)
    place(box, maker, center - maker.width / 2, box.height)
    box.height += maker.height + PAD
    box.add(Text(box.width - 7, 14, ("",), 12, anchor="end", role="mt-glyph"))
    box.beneath(Rect(1, 1, box.width - 2, box.height - 2, YELLOW, INK, 2, "7 4", 2, role="mt-box"))
    return box


def nameless(node: Node) -> Box:
    """A leaf of which only its node is known."""
    box = Box(height=30)
    box.add(Text(PAD, 15, (node.name,), 10, mono=True))
    box.add(Text(box.width - 7, 8, ("",), 12, anchor="end", role="mt-glyph"))
    box.beneath(Rect(1, 1, box.width - 2, box.height - 2, YELLOW, INK, 2, "7 4", 2, role="mt-box"))
    return box


def badge_words(info: VariableInfo) -> list[str]:
    """The two facts on which everything depends."""
    return ["leaf"] * info.is_leaf + ["requires_grad" if info.requires_grad else "requires_grad=False"]


def data_cell(info: VariableInfo) -> Box:
    """The values, or their heat map."""
    return cell("data", said("not known") if info.data is None else shown(info.data), info.data)


def grad_cell(info: VariableInfo) -> Box:
    """The gradient's values, or why there is none."""
    if info.grad is not None:
        return cell("grad", replace(shown(info.grad), role="mt-grad"), info.grad)
    words = info.grad_state if info.grad_state == "not computed yet" else f"None ({info.grad_state})"
    return cell("grad", replace(said(words), role="mt-grad"))


def code(*lines: str) -> Text:
    """What a cell holds, as the interpreter would print it."""
    return Text(0, 0, lines, mono=True, anchor="middle")


def said(words: str) -> Text:
    """What a cell says where it holds nothing."""
    return Text(0, 0, tuple(textwrap.wrap(words, 13)), fill=GREY, italic=True, anchor="middle")


def shown(summary: Summary) -> Text:
    """A small array's values, a large one's statistics."""
    text = code(*values(summary))
    return text if summary.heat is None else replace(text, size=9.0, fill=GREY)


def cell(label: str, content: Text, summary: Summary | None = None) -> Box:
    """A cell without its frame, centred about 0: an italic label, the heat map of a large array, and the content."""
    box = Box(height=22)
    box.items.append(Text(0, 11, (label,), italic=True, anchor="middle"))
    if summary is not None and summary.heat is not None:
        heat_map(box, summary.heat)
    box.items.append(replace(content, y=box.height + content.leading / 2))
    box.width = max(box.width, content.width, 40) + 12
    box.height += content.height + 6
    return box


def heat_map(box: Box, heat: tuple[tuple[float | None, ...], ...]) -> None:
    """A tile for each block of the array."""
    largest = max((abs(value) for row in heat for value in row if value is not None), default=0) or 1
    box.width, height = TILE * len(heat[0]), TILE * len(heat)
    left, top = -box.width / 2, box.height
    for i, row in enumerate(heat):
        for j, value in enumerate(row):
            box.items.append(Rect(left + TILE * j, top + TILE * i, TILE, TILE, shade(value, largest), role="mt-heat"))
    box.items.append(Rect(left, top, box.width, height, "none", RULE, 0.6))
    box.height += height + 6


def place(box: Box, part: Box, x: float, y: float) -> None:
    """Put a cell, whose contents are centred about 0, into a card."""
    box.items.append(Rect(x, y, part.width, part.height, WHITE, RULE, 1, "1.5 2"))
    box.items += [replace(item, x=item.x + x + part.width / 2, y=item.y + y) for item in part.items]


def values(summary: Summary) -> tuple[str, ...]:
    """A small array as aligned rows, a large one as its statistics."""
    if summary.values is None:
        return tuple(statistics(summary)) or (shape(summary.shape, "×"),)
    flat = flatten(summary.values)
    if not flat:
        return ("empty",)
    columns = summary.shape[-1] if summary.shape else 1
    if columns > (4 if len(summary.shape) < 2 else 8):
        columns = 4
    width = max(map(len, flat))
    flat += [""] * (-len(flat) % columns)
    return tuple(BLANK.join(word.rjust(width, BLANK) for word in flat[i : i + columns]) for i in range(0, len(flat), columns))


def flatten(values: Nested) -> list[str]:
    """Nested lists of numbers as their texts in order."""
    return [word for value in values for word in flatten(value)] if isinstance(values, list) else [number(values)]


def shade(value: float | None, largest: float) -> str:
    """Blue below 0, white at 0, vermillion above; black where there is no number."""
    if value is None:
        return "#000000"
    strength = abs(value) / largest
    full = (0xD5, 0x5E, 0x00) if value > 0 else (0x00, 0x72, 0xB2)
    return "#" + "".join(f"{round(255 + strength * (channel - 255)):02X}" for channel in full)
