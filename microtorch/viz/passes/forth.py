"""What the stepper's page is sent of the way forth, and of the update that follows a pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..graph.source import Line
from ..graph.view import View
from ..words.text import shape
from .cells import HEATED, cell
from .making import Making
from .steps import Change, Made, Value
from .story import Story
from .words import brief, sick

__all__ = ["forth", "ranges"]

LISTED = 500  # leaves in the table of an update


def forth(story: Story, view: View, lines: Iterable[Line]) -> dict[str, Any]:
    """The positions before the first step, from ``first`` on, and those after the last one, up to ``last``."""
    trace, places = story.trace, {line: i for i, line in enumerate(lines)}
    begun = {story.line(k): k for k in range(-1, trace.start, -1)}
    heated = [made.node for made in trace.made if story.nodes[made.node].kind == "leaf"][:HEATED]
    made = [made_data(story, k, places, heat=trace.made[k].node in heated) for k in range(trace.start + 1, 0)]
    start = {"node": -1, "title": "", "sentence": story.sentence(trace.start), "line": -1, "edges": []}
    return {
        "first": trace.start,
        "last": trace.end,
        "made": [start, *made] if made else [],
        "drawn": grown(trace.made, view),
        "begun": [begun.get(line, 0) for line in places] if made else [],
        "hint": "" if places else trace.lines,
        "updates": [update_data(story, k) for k in range(len(trace.steps) + 1, trace.end + 1)],
    }


def made_data(story: Story, k: int, places: dict[Line, int], *, heat: bool) -> dict[str, Any]:
    """One node that enters the graph."""
    making, made = story.making, story.trace.made[k]
    line = making.line(made)
    outputs = range(len(made.values))
    return {
        "node": made.node,
        "title": story.titles[made.node],
        "sentence": story.sentence(k),
        "line": -1 if line is None else places.get(line, -1),
        "reads": [{"of": of, "value": value} for of, value in making.reads(made)],
        "gives": [{"of": making.called(made.node, each), **held(making, made, each, heat=heat)} for each in outputs],
        "keeps": making.keeps(made),
        "back": making.back(made),
        "edges": [
            {"edge": edge.id, "to": edge.producer, **flowing(making, edge.producer, edge.output)}
            for edge in story.trace.snapshot.inputs.get(made.node, {}).values()
            if edge.producer is not None
        ],
        "bad": any(value is not None and sick(Value(value)) for value in made.values),
    }


def held(making: Making, made: Made, output: int, *, heat: bool) -> dict[str, Any]:
    """What one output holds, for the panel: a large leaf with its heat map."""
    value = made.values[output]
    known = cell(Value(value), heat=True) if value is not None and heat and value.norm is not None else {}
    return {"text": making.hold(made, output), **known, **tag(made, output)}


def flowing(making: Making, producer: int, output: int) -> dict[str, Any]:
    """What flows into a node along an edge."""
    made = making.held.get(producer)
    if made is None or output >= len(made.values):
        return {"tag": "", "value": "", "bad": False}
    value = made.values[output]
    bad = value is not None and sick(Value(value))
    return {**tag(made, output), "value": making.hold(made, output), "bad": bad}


def tag(made: Made, output: int) -> dict[str, Any]:
    """What a node gives, as it fits beside an edge: its numbers, where they are few, or else its shape."""
    value, size = made.values[output], made.shapes[output]
    words = "" if value is None or value.norm is None else brief(Value(value))
    if words and not words.startswith("‖") and "×" not in words:
        return {"tag": words, "known": True}
    return {"tag": "" if size is None else shape(size, "×"), "known": False}


def grown(made: Iterable[Made], view: View) -> dict[str, Any]:
    """When the nodes of each fold are made, and when each line of a picture with folds is there."""
    places = {each.node: k for k, each in enumerate(reversed([*made]), 1)}
    if not places or not view.folds:
        return {"folds": {}, "wires": {}}
    at = {node: -k for node, k in places.items()}
    return {
        "folds": {each.id: ranges(at.get(node, -1) for node in each.nodes) for each in view.folds},
        "wires": {link.edges[0].id: min(at.get(edge.consumer, -1) for edge in link.edges) for link in view.links},
    }


def ranges(positions: Iterable[int]) -> list[list[int]]:
    """Positions as first and last of each run.

    >>> ranges([5, 1, 2, 3])
    [[1, 3], [5, 5]]
    """
    found: list[list[int]] = []
    for k in sorted(set(positions)):
        if found and found[-1][1] == k - 1:
            found[-1][1] = k
        else:
            found.append([k, k])
    return found


def update_data(story: Story, k: int) -> dict[str, Any]:
    """One part of an update, as rows of a table."""
    changes = story.trace.updates[k - len(story.trace.steps) - 1]
    return {
        "node": changes[0].node if len(changes) == 1 else -1,
        "title": "update" if changes[0].kind == "update" else ".grad",
        "kind": changes[0].kind,
        "sentence": story.sentence(k),
        "rows": [row(change, heat=i < HEATED) for i, change in enumerate(changes[:LISTED])],
        "more": max(len(changes) - LISTED, 0),
    }


def row(change: Change, *, heat: bool) -> dict[str, Any]:
    """What has become of one leaf: old value, gradient, new value."""
    of_data = change.kind == "update"
    return {
        "node": change.node,
        "name": change.name,
        "old": cell(change.old, heat=heat),
        "by": "" if change.rate is None else f"{'−' if change.rate > 0 else '+'} {abs(change.rate):.4g} × ",
        "grad": cell(change.grad, heat=heat) if of_data else None,
        "new": cell(change.new, heat=heat),
    }
