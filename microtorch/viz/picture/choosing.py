"""Which density and which direction: the fullest picture of a view that fits a column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..graph.uncollected import uncollected
from ..graph.view import View
from .layout import Picture, arrange_all, estimate
from .scene import DETAILS

__all__ = ["COLUMNS", "DETAILS", "DIRECTIONS", "checked", "fitting", "fitting_each"]

DENSITIES, DIRECTIONS = ("full", "compact"), ("right", "down")  # best first
COLUMNS = (828.0, 360.0)  # a notebook's column at 1,280 px with the file browser open, and a narrow one
FULL = 8  # functions that are shown with their rules and values, where nothing is asked for
TALL = {
    "full": 1000.0,
    "values": 1200.0,
    "compact": 1400.0,
    "none": 1400.0,
}  # pixels: of what is higher, a denser picture says more at a glance


def checked(argument: str, value: Any, known: tuple[str, ...]) -> None:
    """Refuse what is no ``detail`` or ``direction``.

    Raises:
        ValueError: it is not.
    """
    if value != "auto" and value not in known:
        *others, last = map(repr, known)
        raise ValueError(f"{argument}= is 'auto', {', '.join(others)} or {last}; got {value!r}")


def fitting(views: Iterable[View], width: float, detail: str = "auto", direction: str = "auto") -> Picture:
    """The picture for a column: of the first view that fits it, and is not too high; or else the narrowest of the last.

    Args:
        views: of one graph, with more and more in folds.
        width: of the column, in pixels.
        detail: one of `DETAILS`, or "auto": "full" or "compact".
        direction: "right", "down" or "auto".

    Raises:
        GraphvizMissingError: there is nothing to place the boxes with.
    """
    return fitting_each([views], width, detail, direction)[0]


@uncollected
def fitting_each(graphs: Iterable[Iterable[View]], width: float, detail: str, direction: str) -> list[Picture]:
    """For each of several graphs its picture, as `fitting` has it, placed in as few runs of Graphviz as that takes."""
    waiting = dict(enumerate(candidates(views, width, detail, direction) for views in graphs))
    found: dict[int, Picture] = {}
    while waiting:
        asked = {i: form for i, coming in waiting.items() if (form := next(coming, None)) is not None}
        found |= zip(asked, arrange_all(asked.values()), strict=True)
        waiting = {i: waiting[i] for i in asked if found[i].width > width}
    return [found[i] for i in sorted(found)]


def candidates(views: Iterable[View], width: float, detail: str, direction: str) -> Iterator[tuple[View, str, str]]:
    """What seems to fit a column, best first; at last what is there when nothing does."""
    for view in views:
        sizes = {form: estimate(view, *form) for form in forms(view, detail, direction)}
        yield from ((view, *form) for form, (wide, high) in sizes.items() if wide <= width and high <= TALL[form[0]])
    yield view, *min(sizes, key=lambda form: sizes[form][0])


def forms(view: View, detail: str, direction: str) -> Iterator[tuple[str, str]]:
    """Density and direction, best first; of what is asked for, just that."""
    functions = sum(box[0] == "n" and view.snapshot.nodes[node].kind == "function" for node, box in view.boxes.items())
    small = functions <= FULL and not view.folds
    for one in DENSITIES if detail == "auto" else (detail,):
        if one == "full" and detail == "auto" and not small:
            continue
        for way in DIRECTIONS if direction == "auto" else (direction,):
            yield one, way
