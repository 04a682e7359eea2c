"""A run in words: for the terminal, for screen readers, and where there is no script."""

from __future__ import annotations

import math
import statistics

from ..words.text import number, plural, shape
from .measures import DATA, NORM, UPDATE
from .recorded import Recorded

__all__ = ["nothing", "summary", "tell"]

ROWS = 40  # leaves in the table


def tell(run: Recorded) -> str:
    """The run: its losses, its leaves, what was noticed."""
    if not len(run):
        return "\n".join(filter(None, [nothing(run), ended(run)]))
    rows = [("leaf", "shape", "gradient’s norm: first", "least", "most", "last", "update ÷ data: median"), *leaves(run)]
    return "\n".join([summary(run), *filter(None, [ended(run)]), "", *left(rows), "", *flagged(run)])


def summary(run: Recorded) -> str:
    """How many iterations there are, and what became of the loss."""
    losses = run.losses
    finite = [(loss, i) for i, loss in enumerate(losses) if abs(loss) < float("inf")]
    graphs = plural(len(run.graphs), "graph")
    words = f"Training run: {plural(len(run), 'iteration')}, {graphs}. "
    words += f"Loss: {number(losses[0])} at first, {number(losses[-1])} at last"
    if finite:
        least, where = min(finite)
        words += f", least {number(least)} (iteration {where})"
    return f"{words}."


def nothing(run: Recorded) -> str:
    """Where there are no iterations, what would be one."""
    if run.is_recording:
        return "Training run: recording; no backward() yet."
    return (
        "Training run: no iterations. An iteration is a loss.backward(), from a loss of a single number, inside the block "
        "`with viz.record() as run:` and in its thread; of PyTorch’s, where torch was imported before the block."
    )


def ended(run: Recorded) -> str:
    """What ended the loop, if it was an error."""
    return f"It was ended by {run.ended}." if run.ended else ""


def flagged(run: Recorded) -> list[str]:
    """What went wrong, or that nothing did."""
    return [f"! {each}" for each in run.flags] or ["No gradient was NaN, exploding, vanishing, dead or left uncleared."]


def leaves(run: Recorded) -> list[tuple[str, ...]]:
    """A row for each leaf: how its gradient and its updates were."""
    found: dict[str, list[tuple[float, float]]] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for kept in run.kept:
        shapes |= zip(kept.names, kept.structure.shapes, strict=True)
        for name, norm, data, update in zip(kept.names, *kept.stats[[NORM, DATA, UPDATE]].tolist(), strict=True):
            found.setdefault(name, []).append((norm, update / data if data else float("nan")))
    rows: list[tuple[str, ...]] = []
    for name, pairs in list(found.items())[:ROWS]:
        norms = [norm for norm, _ in pairs]
        ratios = [ratio for _, ratio in pairs if abs(ratio) < float("inf")]
        known = [norm for norm in norms if not math.isnan(norm)]
        extremes = (number(min(known)), number(max(known))) if known else ("", "")
        middle = number(statistics.median(ratios)) if ratios else "not known"
        rows.append((name, shape(shapes[name]), number(norms[0]), *extremes, number(norms[-1]), middle))
    if len(found) > ROWS:
        rows.append((f"{len(found) - ROWS:,} more", *[""] * 6))
    return rows


def left(rows: list[tuple[str, ...]]) -> list[str]:
    """A table whose first column is words."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(["", *map(str.ljust, row, widths)]).rstrip() for row in rows]
