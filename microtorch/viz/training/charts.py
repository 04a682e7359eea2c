"""The loss as a curve, and under it the gradients' norms as heat: one picture, in SVG with presentation attributes only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from ..picture.colours import BLUE, GREY, INK, RULE, WHITE
from ..picture.svg import SANS, XMLNS, n
from ..words.text import number
from .recorded import Recorded
from .story import summary

__all__ = ["COLUMNS", "HEAT", "Chart", "Scale", "chart", "colour", "columns"]

Rows = Sequence[Sequence[float | None]]  # of norms: for each leaf, those of the iterations that are shown

COLUMNS = 120  # iterations in the heat map, of a longer run
POINTS = 600  # of the curve
LEAVES = 40  # rows of the heat map
HEAT = ((255, 247, 236), (253, 192, 106), (226, 93, 10))  # from small to large: ever darker, and words can be read on all of them
NOTHING = "#D9DDE3"  # a gradient of zeros: it has no logarithm
SHADES = 32  # that the eye tells apart, more or less
HEADING = 310.0  # pixels: the longest one
CURVE = 150.0  # pixels: the height of the curve
ROW, TOP, RIGHT = 14.0, 26.0, 12.0
SPAN = 8.0  # powers of ten in the scale, at most: below the least of them all looks alike


@dataclass(frozen=True)
class Scale:
    """Norms as colours, by their logarithm: from 10**low to 10**high."""

    low: float
    high: float
    cut: bool = False  # there are smaller ones, too

    def share(self, norm: float) -> float:
        """Where a norm stands between the least, 0, and the largest, 1."""
        return min(1.0, max(0.0, (math.log10(norm) - self.low) / (self.high - self.low)))


@dataclass(frozen=True)
class Chart:
    """The picture, and where in it the columns of the heat map begin and end: the same places as on the axis of the curve."""

    svg: str
    width: float
    height: float
    edges: tuple[float, ...]
    heat: tuple[float, float]  # from where to where, downwards


def columns(run: Recorded) -> list[int]:
    """Of what the run has kept, the iterations to show: all, or so many at equal distances, the first and the last among them."""
    count = len(run.kept)
    if count <= COLUMNS:
        return list(range(count))
    return [round(i * (count - 1) / (COLUMNS - 1)) for i in range(COLUMNS)]


def colour(norm: float | None, scale: Scale) -> str:
    """The colour of a norm; of None, where there is no gradient, and of NaN: white."""
    if norm is None or not math.isfinite(norm):
        return WHITE
    if norm == 0:
        return NOTHING
    at = round(scale.share(norm) * SHADES) / SHADES * (len(HEAT) - 1)
    low = min(int(at), len(HEAT) - 2)
    mixed = (round(a + (b - a) * (at - low)) for a, b in zip(HEAT[low], HEAT[low + 1], strict=True))
    return "#" + "".join(f"{each:02X}" for each in mixed)


def scale_of(rows: Rows) -> Scale:
    """A scale for all of these norms."""
    known = [math.log10(each) for row in rows for each in row if each is not None and 0 < each < math.inf]
    if not known:
        return Scale(-1.0, 0.0)
    high = max(known)
    return Scale(min(max(min(known), high - SPAN), high - 0.3), high, min(known) < high - SPAN)


def chart(run: Recorded, names: Sequence[str], numbers: Sequence[int], rows: Rows, width: float) -> Chart:
    """Draw the run: ``rows`` are the norms of the leaves called ``names`` in the iterations of these ``numbers``."""
    scale = scale_of(rows)
    labels = [name if len(name) <= 22 else f"…{name[-21:]}" for name in names]
    left = min(max([52.0, *(8 + 5.6 * len(label) for label in labels[:LEAVES])]), 0.4 * width)
    total = len(run)
    edge = [0.0, *((a + b + 1) / 2 for a, b in pairwise(numbers)), float(total)]
    edges = tuple(left + each / total * (width - left - RIGHT) for each in edge)
    top = TOP + CURVE + 40
    shown = rows[:LEAVES]
    foot = top + ROW * len(shown)
    height = foot + (42 if width >= 500 else 58) + 14 * (len(rows) > LEAVES)
    parts = [
        *curve(run, left, width - RIGHT),
        heading(min(left, width - HEADING), top - 7, "Norm of each leaf’s gradient, first used on top"),
        *(label_at(left - 5, top + ROW * i + 10, label, "end") for i, label in enumerate(labels[:LEAVES])),
        *cells(shown, edges, top, scale),
        *legend(scale, left, foot + 14, width),
    ]
    if len(rows) > LEAVES:
        parts.append(label_at(left, height - 8, f"{len(rows) - LEAVES:,} more leaves are in the table", "start"))
    look = f'font-family="{SANS}" font-size="10" fill="{INK}"'
    size = f'width="{n(width)}" height="{n(height)}"'
    svg = "\n".join(
        [
            f'<svg xmlns="{XMLNS}" class="mt-chart" role="img" {size} viewBox="0 0 {n(width)} {n(height)}" {look}>',
            "<title>A training run: its loss and its gradients</title>",
            f"<desc>{escape(' '.join([summary(run), *run.flags]))}</desc>",
            f'<rect {size} rx="6" fill="{WHITE}"/>',
            *parts,
            "</svg>\n",
        ]
    )
    return Chart(svg, width, height, edges, (top, foot))


def curve(run: Recorded, left: float, right: float) -> list[str]:
    """The losses as a line, with its axes; where one is no number, a mark stands at the top."""
    losses = run.losses
    total, bottom = len(losses), TOP + CURVE
    finite = [each for each in losses if math.isfinite(each)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    log = low > 0 and high > 100 * low
    place = math.log10 if log else float
    a, b = place(low), place(high)
    room = b - a or 1.0

    def x(number: int) -> float:
        return left + (number + 0.5) / total * (right - left)

    def y(loss: float) -> float:
        return bottom - 4 - (place(loss) - a) / room * (CURVE - 10)

    parts = [heading(left, TOP - 9, "Loss" + ", on a logarithmic scale" * log)]
    parts += [line(left, TOP, left, bottom), line(left, bottom, right, bottom)]
    ticks = [a + room * share for share in ((0, 0.5, 1) if b > a else (0,))]
    values = [10**each if log else each for each in ticks]
    parts += [label_at(left - 5, y(value) + 3.5, number(float(f"{value:.3g}")), "end") for value in values]
    for tick in sorted({0, total // 2, total - 1}):
        anchor = "start" if tick == 0 < total - 1 else "end" if tick == total - 1 > 0 else "middle"
        parts.append(label_at(x(tick), bottom + 13, f"iteration {tick:,}" if tick == total - 1 else f"{tick:,}", anchor))
    step = max(1, -(-total // POINTS))
    stretch, marked = list[str](), -math.inf
    for start in range(0, total, step):
        several = losses[start : start + step]
        broken = next((i for i, each in enumerate(several) if not math.isfinite(each)), -1)
        if broken >= 0:
            at = x(start + broken)
            if at - marked > 12:  # of many in a row, some
                parts.append(cross(at, TOP + 6))
                marked = at
            parts += joined(stretch)
            stretch = []
            continue
        pair = sorted({several.index(min(several)), several.index(max(several))})  # no peak is left out
        stretch += [f"{n(x(start + i))},{n(y(several[i]))}" for i in pair]
    return [*parts, *joined(stretch)]


def joined(points: list[str]) -> list[str]:
    """A line through points; a single one is a dot."""
    if len(points) == 1:
        x, y = points[0].split(",")
        return [f'<circle cx="{x}" cy="{y}" r="2.5" fill="{BLUE}"/>']
    return [f'<polyline points="{" ".join(points)}" fill="none" stroke="{BLUE}" stroke-width="1.5"/>'] if points else []


def cells(rows: Rows, edges: Sequence[float], top: float, scale: Scale) -> list[str]:
    """The cells of the heat map, those of one colour as one shape: there may be thousands. Neighbours alike are one cell."""
    shapes: dict[str, list[str]] = {}
    marks = []
    for i, row in enumerate(rows):
        y, begin = top + ROW * i, 0
        drawn = [(colour(norm, scale), norm is not None and not math.isfinite(norm)) for norm in row]
        for at, (fill, bad) in enumerate(drawn):
            if at + 1 < len(drawn) and drawn[at + 1] == (fill, bad):
                continue
            left, wide = edges[begin], edges[at + 1] - edges[begin]
            shapes.setdefault(fill, []).append(f"M{n(left)},{n(y)}h{n(wide + 0.3)}v{n(ROW - 1)}h-{n(wide + 0.3)}z")
            if bad:
                count = max(1, int(wide / 24))
                marks += [cross(left + wide * (j + 0.5) / count, y + ROW / 2 - 0.5) for j in range(count)]
            begin = at + 1
    return [*(f'<path fill="{fill}" d="{"".join(parts)}"/>' for fill, parts in shapes.items()), *marks]


def legend(scale: Scale, left: float, y: float, width: float) -> list[str]:
    """What the colours mean."""
    wide = min(150.0, width - left - RIGHT - 30)
    steps = 24
    parts = [
        f'<rect x="{n(left + wide * i / steps)}" y="{n(y)}" width="{n(wide / steps + 0.3)}" height="9" '
        f'fill="{colour(10 ** (scale.low + (scale.high - scale.low) * i / (steps - 1)), scale)}"/>'
        for i in range(steps)
    ]
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        norm = 10 ** (scale.low + (scale.high - scale.low) * share)
        words = "≤ " * (scale.cut and share == 0) + number(float(f"{norm:.2g}"))
        parts.append(label_at(left + wide * share, y + 20, words, anchor))
    at, below = (left + wide + 18, y) if width >= 500 else (left, y + 28)
    parts.append(f'<rect x="{n(at)}" y="{n(below)}" width="9" height="9" fill="{NOTHING}"/>')
    parts.append(label_at(at + 13, below + 8.5, "all 0", "start"))
    parts += [cross(at + 54, below + 4.5), label_at(at + 62, below + 8.5, "NaN or inf", "start")]
    return parts


def line(x: float, y: float, u: float, v: float) -> str:
    """A line of an axis."""
    return f'<path d="M{n(x)},{n(y)}L{n(u)},{n(v)}" stroke="{RULE}" stroke-width="1" fill="none"/>'


def cross(x: float, y: float) -> str:
    """The mark of what is no number."""
    return (
        f'<path d="M{n(x - 3)},{n(y - 3)}L{n(x + 3)},{n(y + 3)}M{n(x - 3)},{n(y + 3)}L{n(x + 3)},{n(y - 3)}" '
        f'stroke="{INK}" stroke-width="1.6" fill="none"/>'
    )


def label_at(x: float, y: float, words: str, anchor: str) -> str:
    """Small words."""
    return f'<text x="{n(x)}" y="{n(y)}" text-anchor="{anchor}" font-size="10" fill="{GREY}">{escape(words)}</text>'


def heading(x: float, y: float, words: str) -> str:
    """The heading of a part."""
    return f'<text x="{n(x)}" y="{n(y)}" font-size="11" font-weight="bold">{escape(words)}</text>'
