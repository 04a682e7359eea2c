"""Words for what a pass consists of: titles of nodes; a gradient bare in a sum, short in a sentence, and so on."""

from __future__ import annotations

import math
from collections import Counter

from ..graph.snapshot import Node, Snapshot, Summary
from ..words.arithmetic import everywhere
from ..words.text import number, shape, statistics, text
from .steps import Value

TERMS = 6  # of a sum before its middle is left out
LISTED = 4  # elements of an array that still fit into a sentence
BESIDE = 6  # elements of an array that still fit beside an edge
BRIEF = 12  # characters there


def titles(snapshot: Snapshot) -> list[str]:
    """One title a node; nodes that would have the same one are numbered in the order of their making."""
    plain = [node.label or "leaf" if node.kind == "leaf" else made(node) for node in snapshot.nodes]
    repeated, seen, result = Counter(plain), Counter[str](), []
    for title in plain:
        seen[title] += 1
        result.append(f"{title} #{seen[title]}" if repeated[title] > 1 else title)
    return result


def made(node: Node) -> str:
    """A function's name with the names of what it made."""
    known = [name for name in node.outputs if name]
    return f"{node.name} ({', '.join(known)})" if known else node.name


def bare(value: Value | None) -> str:
    """As a term of a sum: where all elements are the same, that number; of a large array, its size."""
    if value is None:
        return "nothing"
    if tiled(value.summary):
        return number(value.summary.min or 0.0)
    return text(value.summary) if listed(value.summary) else f"[{size(value.summary)}]"


def short(value: Value | None) -> str:
    """As a sentence says it."""
    if value is None or (listed(value.summary) and not tiled(value.summary)):
        return bare(value)
    how_big = size(value.summary)
    return f"{bare(value)} in each of {how_big}" if tiled(value.summary) else f"[{how_big}, {measure(value.summary)}]"


def label(value: Value | None) -> str:
    """As it fits into a cell."""
    if value is not None and tiled(value.summary):
        return f"{bare(value)} each"
    return bare(value) if value is None or listed(value.summary) else measure(value.summary)


def brief(value: Value | None) -> str:
    """As it fits beside an edge: all its numbers, the one that all elements have, the shape of a small matrix, or the norm.

    A vector is written out even where its elements are the same: [1, 0, 0] and [1, 1, 1] are to be told apart at sight.
    """
    if value is None:
        return "nothing"
    summary = value.summary
    same = everywhere(summary)
    if same is not None and (len(summary.shape) != 1 or math.prod(summary.shape) > LISTED):
        return f"{same:.3g}"
    if summary.nans or summary.infs:
        return statistics(summary)[-1]
    listing = text(summary) if math.prod(summary.shape) <= BESIDE else ""
    if 0 < len(listing) <= BRIEF:
        return listing
    if len(summary.shape) > 1 and summary.values is not None:  # its numbers are few enough for the sentence and the panel
        return shape(summary.shape, "×")
    return f"‖{summary.norm or 0.0:.3g}‖"


def full(value: Value | None) -> str:
    """With all its numbers if they can be listed, a row of a matrix a line."""
    if value is None or tiled(value.summary):
        return short(value)
    return text(value.summary).replace("], [", "],\n [")


def total(terms: list[str]) -> str:
    """A sum, its middle left out if it is long."""
    if len(terms) > TERMS:
        terms = [*terms[:2], f"({len(terms) - 4} more)", *terms[-2:]]
    return " + ".join(terms)


def listed(summary: Summary) -> bool:
    """Whether all elements fit everywhere."""
    return math.prod(summary.shape) <= LISTED


def tiled(summary: Summary) -> bool:
    """Whether one number and a size say all, and say it better than a list."""
    short_row = len(summary.shape) < 2 and listed(summary)
    return not short_row and math.prod(summary.shape) > 1 and everywhere(summary) is not None


def size(summary: Summary) -> str:
    """The shape in words."""
    return f"{summary.shape[0]} elements" if len(summary.shape) == 1 else shape(summary.shape, "×")


def measure(summary: Summary) -> str:
    """The one number that says most about a large array."""
    return statistics(summary)[-1] if summary.nans or summary.infs else f"norm {number(summary.norm or 0.0)}"


def sick(value: Value | None) -> bool:
    """Whether there is a NaN or an infinity in it."""
    return value is not None and bool(value.summary.nans or value.summary.infs)


def axes_in_words(axes: tuple[int, ...]) -> str:
    """How a broadcast was undone."""
    return f"summed over {'axis' if len(axes) == 1 else 'axes'} {' and '.join(map(str, axes))}" if axes else ""
