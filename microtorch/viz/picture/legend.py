"""What the arrows and boxes of a picture mean, in as many lines as its width asks for: only what is in it."""

from __future__ import annotations

from .colours import BLUE, BLUE_PALE, FOG, GREY, INK, WHITE, YELLOW
from .curves import Arrow, shortened
from .scene import Scene
from .shapes import Box, Rect, Text

LINE = 18.0


def signs(scene: Scene) -> list[tuple[str, str]]:
    """What is to be explained: a sign's name, and its words."""
    letters = {name[0] for name in scene.boxes}
    full = scene.detail == "full"
    known = any(join.norm is not None for join in scene.joins)
    back = "gradients flow backward" + ", of this ‖norm‖" * known
    found = [("forward", "values flow forward"), ("backward", back), ("variable", "Variable")]
    found.append(("function", "Function: input ← rule for its gradient" if full else "Function"))
    if "f" in letters:
        found.append(("fold", "many Functions: opens"))
    if scene.again:
        found.append(("again", "the same Variable again"))
    rows = (scene.view.snapshot.nodes[node] for node, name in scene.view.boxes.items() if full and name[0] == "n")
    if "u" in letters or any(map(scene.facts.bare, rows)):
        found.append(("none", "no gradient"))
    return found


def legend(scene: Scene, left: float, top: float, width: float) -> tuple[Box, list[Arrow]]:
    """The words with their boxes; and the arrows."""
    box, arrows = Box(width, LINE), []
    x, y = 0.0, LINE / 2
    for sign, words in signs(scene):
        room = 30.0 if sign in {"forward", "backward"} else 18.0
        text = Text(0, 0, (words,), 9.5, GREY)
        if x and x + room + 5 + text.width > width:
            x, y = 0.0, y + LINE
        if sign in {"forward", "backward"}:
            arrows.append(arrow(sign, left + x, left + x + room, y + top))
        else:
            box.items += symbol(sign, x, y)
        box.items.append(Text(x + room + 5, y, (words,), 9.5, GREY))
        x += room + text.width + 20
    box.height = y + LINE / 2
    return box, arrows


def arrow(sign: str, start: float, end: float, y: float) -> Arrow:
    """A straight one."""
    if sign == "backward":
        start, end = end, start
    return Arrow(shortened(tuple((start + (end - start) * i / 3, y) for i in range(4))), sign)


def symbol(sign: str, x: float, y: float) -> list[Rect]:
    """A small box of its kind."""
    return {
        "variable": [Rect(x + 1, y - 6, 16, 12, YELLOW, INK, 1.4, "4 2.5", 1)],
        "function": [Rect(x + 1, y - 6, 16, 12, BLUE_PALE, BLUE, 1.4, "", 2.5)],
        "fold": [Rect(x + 4, y - 3, 14, 10, WHITE, BLUE, 1.1, "", 2), Rect(x + 1, y - 6, 14, 10, BLUE_PALE, BLUE, 1.2, "", 2)],
        "again": [Rect(x + 1, y - 6, 16, 12, YELLOW, GREY, 1.1, "3 2", 6)],
        "none": [Rect(x + 1, y - 6, 16, 12, FOG, GREY, 1.0, "", 6)],
    }[sign]
