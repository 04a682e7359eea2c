"""A picture as SVG: a pure function, with presentation attributes only, since sanitisers drop styles.

Every part that the stepper changes has a class: ``mt-node``, ``mt-edge``, ``mt-root`` with their ids in ``data-``
attributes; in them ``mt-glyph``, ``mt-grad``, ``mt-saved``, ``mt-value``, ``mt-forward`` and ``mt-backward``.
"""

from __future__ import annotations

from html import escape

from ..graph.view import View
from ..words.text import number, size_of
from .colours import INK, PEACH, RUST, WHITE
from .curves import Arrow, Wire
from .layout import Picture, Placed, arrange
from .shapes import Rect, Text

SANS = "Helvetica,Arial,sans-serif"
XMLNS = "http://www.w3.org/2000/svg"
SEAM = 'stroke-width="3" stroke-linejoin="round" paint-order="stroke"'  # about a text over whatever is there
VALUES = f'fill="{RUST}" stroke="{WHITE}" {SEAM} font-size="9.5" text-anchor="middle"'
FIXED = "'DejaVu Sans Mono',Menlo,Consolas,monospace"
TABBED = ' tabindex="0"'


def render(view: View, detail: str = "full", direction: str = "right") -> str:
    """The view's picture as SVG.

    Raises:
        GraphvizMissingError: there is more than one box, and nothing to place them with.
    """
    return draw(arrange(view, detail, direction))


def draw(picture: Picture) -> str:
    """The SVG of a picture."""
    width, height = n(picture.width), n(picture.height)
    size = f'width="{width}" height="{height}"'
    look = f'font-family="{SANS}" font-size="10" fill="{INK}"'
    return "\n".join(
        [
            f'<svg xmlns="{XMLNS}" class="mt-graph" role="img" {size} viewBox="0 0 {width} {height}" {look}>',
            f"<title>{escape(picture.title)}</title>",
            f"<desc>{escape(picture.description)}</desc>",
            f'<rect class="mt-panel" {size} rx="6" fill="{WHITE}"/>',
            *(lane(placed, Rect) for placed in picture.lanes),
            *(group(placed, focus=picture.detail != "full") for placed in picture.placed),
            f"<g {VALUES}>",
            *(edge(wire) for wire in picture.wires),
            "</g>",
            *(lane(placed, Text) for placed in picture.lanes),
            *(arrow(each) for each in picture.legend),
            "</svg>\n",
        ]
    )


def edge(wire: Wire) -> str:
    """An edge: both ways, and room for a value."""
    arrows = "".join(map(arrow, wire.arrows()))
    if wire.kind == "feed":
        return f'<g class="mt-feed" data-feed="{wire.id}">{arrows}</g>'
    x, y = wire.label
    hook = f'class="mt-edge" data-edge="{wire.id}"' if wire.kind == "edge" else f'class="mt-link" data-root="{wire.id}"'
    hook += f' data-edges="{" ".join(map(str, wire.edges))}"' if len(wire.edges) > 1 else ""
    known = "" if wire.norm is None else size_of(wire.norm)
    tip = f"<title>a gradient of norm {number(wire.norm)}</title>" if wire.norm is not None else ""
    return f'<g {hook}>{tip}{arrows}<text class="mt-value" x="{n(x)}" y="{n(y + 3.5)}">{known}</text></g>'


def arrow(each: Arrow) -> str:
    """A curve and its head: shapes, not a marker, so that no two pictures on a page can share an id."""
    name = "mt-backward" if each.kind == "backward" else "mt-forward"
    (x, y), *rest = each.points
    curve = " ".join(f"{n(a)},{n(b)}" for a, b in rest)
    line = f'stroke="{each.color}" stroke-width="{each.line}"'
    line += f' stroke-dasharray="{each.dash}"' if each.dash else ""
    (ex, ey), (tx, ty) = each.points[-1], each.tip
    half = 0.55 if each.kind == "backward" else 0.42
    u, v = (tx - ex) * half, (ty - ey) * half
    head = f"M{n(tx)},{n(ty)} {n(ex - v)},{n(ey + u)} {n(ex + v)},{n(ey - u)}Z"
    return (
        f'<path class="{name}" d="M{n(x)},{n(y)}C{curve}" fill="none" {line}/>'
        f'<path class="{name}-head" d="{head}" fill="{each.color}" stroke="none"/>'
    )


def group(placed: Placed, *, focus: bool) -> str:
    """A box with its hooks: rectangles beneath, then words, then what is set in a monospaced font.

    What says more than it shows can be reached by keyboard, too.
    """
    hooks = {
        "node": f'class="mt-node" data-node="{placed.id}" data-state=""{TABBED * focus}',
        "root": f'class="mt-root" data-root="{placed.id}"',
        "fold": f'class="mt-fold" data-fold="{placed.id}" data-state=""{TABBED}',
        "stub": f'class="mt-stub" data-node="{placed.id}"',
        "alias": f'class="mt-alias" data-node="{placed.node}" data-use="{placed.id}"',
        "input": f'class="mt-input" data-feed="{placed.id}" data-use="{placed.node}"',
        "legend": 'class="mt-key"',
    }
    tip = f"<title>{escape(placed.tip)}</title>" if placed.tip else ""
    rects: list[str] = []
    words: list[str] = []
    code: list[str] = []
    for item in placed.box.items:
        if isinstance(item, Rect):
            rects.append(rect(item))
        else:
            (code if item.mono else words).append(text(item))
    fixed = [f'<g font-family="{FIXED}">', *code, "</g>"] if code else []
    items = "\n".join([*rects, *words, *fixed])
    return f'<g {hooks[placed.kind]} transform="translate({n(placed.x)},{n(placed.y)})">{tip}\n{items}\n</g>'


def lane(placed: Placed, kind: type[Rect | Text]) -> str:
    """The band of a lane, beneath everything; or its words, above the edges that enter it."""
    items = "".join(rect(item) if isinstance(item, Rect) else text(item) for item in placed.box.items if isinstance(item, kind))
    seam = f' {SEAM} stroke="{PEACH}"' if kind is Text else ""
    return f'<g class="mt-lane" transform="translate({n(placed.x)},{n(placed.y)})"{seam}>{items}</g>'


def rect(item: Rect) -> str:
    """A rectangle."""
    where = f'x="{n(item.x)}" y="{n(item.y)}" width="{n(item.width)}" height="{n(item.height)}"'
    look = f' stroke="{item.stroke}" stroke-width="{n(item.line)}"' if item.stroke != "none" else ""
    look += f' stroke-dasharray="{item.dash}"' if item.dash else ""
    look += f' rx="{n(item.radius)}"' if item.radius else ""
    return f'<rect{role(item)} {where} fill="{item.fill}"{look}/>'


def text(item: Text) -> str:
    """Text; further lines are tspans."""
    style = f' font-size="{n(item.size)}"' if item.size != 10 else ""
    style += f' fill="{item.fill}"' if item.fill != INK else ""
    style += ' font-weight="bold"' if item.bold else ""
    style += ' font-style="italic"' if item.italic else ""
    style += f' text-anchor="{item.anchor}"' if item.anchor != "start" else ""
    first, *rest = map(escape, item.lines)
    more = "".join(f'<tspan x="{n(item.x)}" dy="{n(item.leading)}">{line}</tspan>' for line in rest)
    return f'<text{role(item)} x="{n(item.x)}" y="{n(item.y + 0.35 * item.size)}"{style}>{first}{more}</text>'


def role(item: Rect | Text) -> str:
    """The class of a part that is looked up later."""
    return f' class="{item.role}"' if item.role else ""


def n(number: float) -> str:
    """A coordinate, to a tenth of a pixel.

    >>> n(12.0), n(0.25), n(-0.01), n(1234.56)
    ('12', '0.2', '0', '1234.6')
    """
    tenths = round(number * 10)
    return f"{tenths / 10:.1f}" if tenths % 10 else str(tenths // 10)
