"""A Variable's card, after PyTorch's figure of 2017: pale yellow, dashed border, bold title, and cells for what it holds."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from ..graph.names import clean
from ..graph.snapshot import Nested, Summary, VariableInfo
from ..words.text import number, shape, statistics
from .colours import GREY, INK, RULE, WHITE, YELLOW
from .shapes import BLANK, PAD, Box, Rect, Text, glyph

TILE = 5.5  # side of a heat map's squares
GAP = 6.0
WIDEST = 250.0  # of two cells side by side
BADGE = 13.0  # height


def card(info: VariableInfo) -> Box:
    """A Variable: what it is, and its ``data``, ``grad`` and ``grad_fn``."""
    what = f"{shape(info.shape, '×')} {info.dtype}"
    head = [Text(0, 15, (clean(info.name or info.type),), 13, bold=True)]
    head.append(Text(0, 30, (clean(f"{info.type} {what}" if info.name else what),), 9, GREY))
    badges = [Text(0, 45, (word,), 9) for word in badge_words(info)]
    data, grad, maker = data_cell(info), grad_cell(info), cell("grad_fn", code(clean(info.grad_fn or "None", 32), size=9.0))
    grad.width = max(grad.width, data.width)  # a gradient has the shape of the data
    row = [data, grad]
    row_width = data.width + GAP + grad.width
    across = row_width <= WIDEST
    inner = max(
        *(text.width for text in head),
        sum(text.width + 14 for text in badges) - 4,
        row_width if across else grad.width,
        maker.width,
    )
    box = Box(inner + 2 * PAD, 55)
    center = box.width / 2
    for text in head:
        box.add(replace(text, x=center, anchor="middle"))
    x = center - (sum(text.width + 14 for text in badges) - 4) / 2
    for text in badges:
        box.add(Rect(x, 45 - BADGE / 2, text.width + 10, BADGE, WHITE, RULE, 0.8, radius=BADGE / 2))
        box.add(replace(text, x=x + 5 + text.width / 2, anchor="middle"))
        x += text.width + 14
    if across:
        grad.width += inner - row_width
        data.height = grad.height = max(data.height, grad.height)
        place(box, data, PAD, box.height)
        place(box, grad, PAD + data.width + GAP, box.height)
        box.height += data.height + GAP
    else:
        for part in row:
            part.width = inner
            place(box, part, PAD, box.height)
            box.height += part.height + GAP
    maker.width = inner
    place(box, maker, PAD, box.height)
    box.height += maker.height + PAD
    return framed(box)


def nameless(words: str) -> Box:
    """A leaf of which only its node is known."""
    box = Box(height=30)
    box.add(Text(PAD, 15, (words,), 10, mono=True))
    return framed(box)


def framed(box: Box) -> Box:
    """The card with its dashed border, and the place of its state."""
    box.add(glyph(box.width - 6, 12))
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


def code(*lines: str, size: float = 9.5) -> Text:
    """What a cell holds, as the interpreter would print it."""
    return Text(0, 0, lines, size, mono=True, anchor="middle")


def said(words: str) -> Text:
    """What a cell says where it holds nothing."""
    return Text(0, 0, tuple(textwrap.wrap(words, 12)), 9, GREY, italic=True, anchor="middle")


def shown(summary: Summary) -> Text:
    """A small array's values, a large one's statistics."""
    text = code(*values(summary))
    return text if summary.heat is None else replace(text, size=9.0, fill=GREY)


def cell(label: str, content: Text, summary: Summary | None = None) -> Box:
    """A cell without its frame, centred about 0: an italic label, the heat map of a large array, and the content."""
    box = Box(height=17)
    box.items.append(Text(0, 9, (label,), 9.5, italic=True, anchor="middle"))
    if summary is not None and summary.heat is not None:
        heat_map(box, summary.heat)
    box.items.append(replace(content, y=box.height + content.leading / 2))
    box.width = max(box.width, content.width, 32) + 8
    box.height += content.height + 4
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
