"""A value in a table or on a card of the stepper's page: in words, and a large one with its heat map and statistics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..graph.summary import Summary, table_of
from ..words.arithmetic import everywhere
from ..words.text import shape, statistics
from .steps import Value
from .words import full, label

__all__ = ["cell"]

HEATED = 60  # leaves with a heat map
FEW = 32  # characters of a value in a table: more open


def cell(value: Value | None, *, heat: bool) -> dict[str, Any]:
    """What a `.grad` holds, for the card in the picture and for the panel; a large one with its heat map and statistics."""
    if value is None:
        return {"text": "None", "short": "None", "known": False}
    summary, words = value.summary, {"text": full(value), "short": label(value), "known": True}
    if not heat or summary.norm is None or everywhere(summary) is not None or len(full(value)) <= FEW:
        return words
    return {**words, "heat": tiles(summary), "shape": shape(summary.shape, "×"), "statistics": statistics(summary)}


def tiles(summary: Summary) -> list[list[float | None]]:
    """The numbers of an array in rows, as those of a heat map; of a large one the means of its parts. None stands for a NaN."""
    if summary.values is None:
        return [[None if x is None else float(f"{x:.3g}") for x in row] for row in summary.heat or ()]
    flat = [x if isinstance(x, int | float) else None for x in flattened(summary.values)]
    rows, columns = table_of(summary.shape)
    return [flat[i * columns : (i + 1) * columns] for i in range(rows)]


def flattened(values: Any) -> Iterator[Any]:
    """The numbers in nested lists."""
    if isinstance(values, list):
        for each in values:
            yield from flattened(each)
    else:
        yield values
