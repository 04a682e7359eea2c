"""Pictures made by hand, as the renderer writes them: a graph with a fold in it, wide and narrow, and the fold's inside."""

from dataclasses import dataclass

from microtorch.viz.page.sheets import Layout, Sheet


def layout(width: int, height: int, *parts: str, least: float = 0.9) -> Layout:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="mt-graph" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="Helvetica,Arial,sans-serif" font-size="10" fill="#1f2328">'
        f'<title>A picture</title><desc>In words</desc><rect class="mt-panel" width="{width}" height="{height}" fill="#ffffff"/>'
        f"{''.join(parts)}</svg>"
    )
    return Layout(svg, width, height, least)


def box(kind: str, hook: str, x: int, y: int, words: str, tip: str = "") -> str:
    title = f"<title>{tip}</title>" if tip else ""
    return (
        f'<g class="mt-{kind}" {hook} transform="translate({x},{y})">{title}<rect width="80" height="40" rx="4" fill="#ffffff" '
        f'stroke="#0072b2" stroke-width="1.5"/><text x="40" y="24" text-anchor="middle">{words}</text></g>'
    )


def edge(number: int, start: tuple[int, int], end: tuple[int, int], tip: str) -> str:
    curve = f"M{start[0]},{start[1]}C{start[0]},{start[1]} {end[0]},{end[1]} {end[0]},{end[1]}"
    return (
        f'<g class="mt-edge" data-edge="{number}"><title>{tip}</title>'
        f'<path class="mt-forward" d="{curve}" fill="none" stroke="#1f2328" stroke-width="1.2"/></g>'
    )


W = box("node", 'data-node="0" data-state=""', 20, 30, "W 3×4", "W: shape (3, 4), norm 2.5")
NET = ("node mt-fold", 'data-fold="3"')
WIDE = layout(
    1100, 120, W, box(*NET, 500, 30, "net.0", "net.0: Linear, 3 functions"), box("root", 'data-root="0"', 1000, 30, "loss"),
    edge(0, (100, 50), (500, 50), "W to net.0: 3×4"), edge(1, (580, 50), (1000, 50), "net.0 to loss: 1 number"),
)  # fmt: skip
NARROW = layout(
    340, 900, W, box(*NET, 120, 400, "net.0", "net.0: Linear, 3 functions"), box("root", 'data-root="0"', 120, 840, "loss"),
    edge(0, (60, 70), (160, 400), "W to net.0: 3×4"), edge(1, (160, 440), (160, 840), "net.0 to loss: 1 number"),
)  # fmt: skip
INSIDE = layout(
    300, 120, box("node", 'data-node="1" data-state=""', 20, 30, "Addmm", "AddmmBackward0"),
    box("node mt-fold", 'data-fold="4"', 200, 30, "ReLU", "two"),
)  # fmt: skip
DEEPER = layout(120, 100, box("node", 'data-node="2" data-state=""', 20, 30, "Max", "MaximumBackward0"))


@dataclass
class Drawing:
    """What the viewer needs of a drawing."""

    sheets: tuple[Sheet, ...] = (
        Sheet("", "Graph of loss", (WIDE, NARROW)),
        Sheet("f3", "net.0", (INSIDE,)),
        Sheet("f4", "ReLU", (DEEPER,), "f3"),
    )
    alt: str = "Graph of loss: 1 leaf, 3 functions"

    def __repr__(self) -> str:
        return "Graph of loss: 1 leaf, 3 functions.\n\n  W  →  net.0  →  loss"
