"""The compact density: a pill for each Function, leaf, result and input without a gradient."""

from __future__ import annotations

from dataclasses import replace

from ..graph.names import clean
from ..graph.snapshot import Node, VariableInfo
from ..words.text import number, shape
from .colours import BLUE, FOG, GREY, INK, WHITE, YELLOW, YELLOW_DEEP
from .facts import Facts, short
from .shapes import Box, Rect, Text, glyph

HEIGHT = 22.0
SIDE = 10.0  # from the border to the words
APART = 11.0  # between two edges that end at one side
BELOW = 16.0  # between two names
TALLEST = 88.0
LONG = 90.0


def function(facts: Facts, node: Node, direction: str, *, named: bool = True) -> Box:
    """The operation with its constants; its inputs in their order, though without numbers; ``named``, what it has made."""
    tracked = facts.tracked(node)
    constants = [facts.untracked(node, port) for port in facts.bare(node) if facts.is_constant(node, port)]
    words = " · ".join([f"{clean(node.operation or node.name, 24)}", *constants])
    width, texts = side_by_side(words, facts.constants(node))
    strips = [facts.strip(node, output) if named else "" for output in range(facts.outputs(node))]
    width, texts = stacked(width, texts, direction)
    down = direction == "down"
    widths = [Text(0, 0, (words,), 9.5, bold=True).width + 12 for words in strips if words]
    if len(strips) > 1 and down:
        width = max(width, len(strips) * max(widths, default=0.0))
    lines = max(APART * len(tracked), (BELOW if widths else APART) * len(strips)) / APART
    box = pill(width, texts, WHITE, BLUE, 1.4, taller=1.0 if down else lines)
    spread(box, box.inputs, tracked, APART, down=down)
    spread(box, box.outputs, list(range(len(strips))), max(widths, default=APART) if down else BELOW, down=down)
    names(box, strips, down=down, over=5.0 if len(texts) == 1 else 1.0)
    return box


def names(box: Box, strips: list[str], *, down: bool, over: float) -> None:
    """The names of what was made, where it leaves: where that is below, they reach so far ``over`` the pill."""
    width, height = box.width, box.height
    for output, words in enumerate(strips):
        if not words:
            continue
        label = Text(0, 0, (words,), 9.5, bold=True, anchor="middle")
        room = label.width + 8
        x, y = (box.outputs[output] - room / 2, height - over) if down else (width - 6, box.outputs[output] - 7)
        box.items.append(Rect(x, y, room, 14, YELLOW_DEEP, INK, 1.0, "3 2", 3))
        box.items.append(Text(x + room / 2, y + 7, label.lines, 9.5, bold=True, anchor="middle"))
        box.width, box.height = (box.width, height + 14 - over) if down else (max(box.width, x + room), height)


def variable(info: VariableInfo, direction: str) -> Box:
    """A leaf or a result: its name and its shape, or its value if it is a number; in two lines, where the picture runs down."""
    summary = info.data
    known = summary is not None and info.shape == () and summary.values is not None
    what = number(summary.values) if known and summary is not None else shape(info.shape, "×")
    width, texts = side_by_side(short(info.name), f"= {what}" if known and info.name else what)
    return pill(*stacked(width, texts, direction), YELLOW, INK, 1.6, "5 3")


def stacked(width: float, texts: list[Text], direction: str) -> tuple[float, list[Text]]:
    """A long name and what else there is to say one below the other, where the picture runs down."""
    if direction == "right" or width < LONG or len(texts) == 1:
        return width, texts
    width = max(text.width for text in texts) + 2 * SIDE - 4
    return width, [replace(text, x=width / 2, y=y, anchor="middle") for text, y in zip(texts, (-6, 6), strict=True)]


def side_by_side(name: str, rest: str) -> tuple[float, list[Text]]:
    """A name and what else there is to say, meeting at a point, since neither's width is known exactly; and the pill's width."""
    first, second = Text(0, 0, (name,), 11, bold=True), Text(0, 0, (rest,), 10)
    if not name or not rest:
        known = first if name else second
        return known.width + 2 * SIDE, [replace(known, x=known.width / 2 + SIDE, anchor="middle")]
    meet = SIDE + first.width
    return meet + 4 + second.width + SIDE, [replace(first, x=meet, anchor="end"), replace(second, x=meet + 4)]


def nameless(words: str) -> Box:
    """A leaf or a result of which only this is said."""
    label = Text(SIDE, 0, (words,), 9.5, mono=True)
    return pill(label.width + 2 * SIDE, [label], YELLOW, INK, 1.6, "5 3")


def again(words: str) -> Box:
    """A Variable that stands elsewhere, at one of its further uses."""
    label = Text(8, 0, (words,), 10, bold=True)
    return pill(label.width + 16, [label], YELLOW, GREY, 1.1, "3 2", height=17)


def untracked(words: str) -> Box:
    """An input without a gradient."""
    label = Text(8, 0, (words,), 10)
    return pill(label.width + 16, [label], FOG, GREY, 1.0, height=18)


def more(node: Node) -> Box:
    """What stands for the nodes that were left out."""
    title, rest = Text(SIDE, 0, (f"{node.name} nodes",), 11, bold=True), "farther from the root"
    box = pill(max(title.width, Text(0, 0, (rest,), 9).width) + 2 * SIDE, [title], FOG, GREY, 1.2, "3 3", height=34)
    box.items[1] = Text(SIDE, 11, title.lines, 11, bold=True)
    box.items.append(Text(SIDE, 25, (rest,), 9, GREY))
    return box


def pill(
    width: float,
    words: list[Text],
    fill: str,
    stroke: str,
    line: float,
    dash: str = "",
    *,
    height: float = HEIGHT,
    taller: float = 1.0,
) -> Box:
    """A pill with a line of words; where several edges end at its side, it is taller."""
    two = 9.0 if len({text.y for text in words}) > 1 else 0.0
    box = Box(max(width, 30.0), min(max(height + two, taller * APART + 2), TALLEST))
    shift = (box.width - width) / 2
    radius = min(box.height, HEIGHT) / 2
    box.items.append(Rect(0.5, 0.5, box.width - 1, box.height - 1, fill, stroke, line, dash, radius, "mt-box"))
    for text in words:
        if text.lines[0]:
            box.items.append(replace(text, x=text.x + shift, y=text.y + box.height / 2))
    box.items.append(glyph(box.width, 1))
    return box


def spread(box: Box, places: dict[int, float], ports: list[int], apart: float, *, down: bool) -> None:
    """Where edges end at a side, next to each other about its middle."""
    side = box.width if down else box.height
    step = min(apart, (side - 8) / max(len(ports), 1))
    for i, port in enumerate(ports):
        places[port] = side / 2 + step * (i - (len(ports) - 1) / 2)
