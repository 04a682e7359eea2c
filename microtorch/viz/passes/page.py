"""A trace as the plain data that the stepper's page is drawn from: of a long pass a piece, and more of it on demand.

What the page is sent first has all steps of a pass of at most `WHOLE`, and the first ones of a longer pass. For the others it
asks with a message, and gets an answer:

    {"from": 2001, "to": 2400}          {"from": 2001, "steps": [...], "nodes": [...], "leaves": [...]}
    {"find": "x", "after": 17}          {"find": "x", "position": 40}          (null: it does not happen any more)
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import asdict
from typing import Any

from ..graph.source import Line
from ..graph.view import View
from .cells import HEATED, cell
from .finding import find
from .forth import forth, ranges
from .pictures import Pictures
from .steps import Recording, Sent, Step, Value
from .story import Story
from .words import axes_in_words, bare, brief, full, short, sick

WHOLE = 2_000  # steps that are sent at once; and at most in one answer
LEAVES = 500  # that are listed from the beginning; the others as their steps come
LINES = 400  # of code
LISTED = 64  # characters of a value in the panel: more at the mouse
LANE = 2_000  # marks in the lane of the slider; each stands for one step, or for several


def page(trace: Recording, pictures: Pictures) -> dict[str, Any]:
    """All that the stepper in the page needs to begin with, as JSON-able data; ``pictures`` are those of ``trace.snapshot``."""
    story = Story(trace)
    first = trace.steps[0]
    turns = {step.node: k for k, step in enumerate(trace.steps, 1)}
    lines = code(trace, turns)
    alone = {node for node, box in pictures.view.boxes.items() if box[0] == "n"} if pictures.view.folds else set()
    return {
        "title": story.title,
        "pictures": [asdict(each) for each in pictures.layouts],
        **folded(pictures.view, turns),
        "code": lines,
        "count": len(trace.steps),
        "lane": lane(trace, story),
        "start": {
            "node": first.node,
            "sentence": story.sentence(0),
            "lines": story.before(),
            "value": " and ".join(brief(part.value) for part in first.parts if part.at == 0),
        },
        **piece(trace, 1, WHOLE, alone),
        **leaves(story, turns),
        **forth(story, pictures.view, [Line(each["where"], each["number"], each["text"]) for each in lines]),
    }


def leaves(story: Story, turns: dict[int, int]) -> dict[str, Any]:
    """The first leaves in the order of their turns, then those that are not reached; and how many there are in all."""
    steps = story.trace.steps
    reached = [(k, step) for k, step in enumerate(steps, 1) if step.grad is not None and step.parts]
    later: dict[int, list[dict[str, Any]]] = {}
    for k, step in reached:
        later.setdefault(step.node, []).append(leaf_data(story, k, step))
    reached = [(k, step) for k, step in reached if later[step.node][0]["step"] == k]
    missed = [node for node in story.nodes if node.kind == "leaf" and node.id not in turns]
    told = [
        leaf_data(story, k, step, heat=i < HEATED) | ({"later": later[step.node][1:]} if len(later[step.node]) > 1 else {})
        for i, (k, step) in enumerate(reached[:LEAVES])
    ]
    told = [*between(story)[:LEAVES], *told]
    for node in missed[: LEAVES - len(told)]:
        grad = cell(None if node.variable is None or node.variable.grad is None else Value(node.variable.grad), heat=True)
        told.append({"node": node.id, "name": story.titles[node.id], "step": len(steps) + 1, "before": grad, "after": grad})
    return {"leaves": told, "leaf_count": len(reached) + len(missed)}


def between(story: Story) -> list[dict[str, Any]]:
    """The `.grad` of the values in between, where an engine keeps them: from the moment when the last part has arrived."""
    if not story.trace.keeps:
        return []
    found: dict[int, dict[str, Any]] = {}
    for step in story.trace.steps:
        name = dict(enumerate(story.nodes[step.node].outputs)).get(0)
        if name and step.grad is None and step.node not in found and len(step.received) == 1:
            at, grad = max((part.at for part in step.parts), default=0), cell(step.received[0], heat=True)
            unknown = {"text": "", "short": "", "known": False}
            found[step.node] = {"node": step.node, "name": name, "step": at or 1, "before": unknown, "after": grad}
    return [*found.values()]


def folded(view: View, turns: dict[int, int]) -> dict[str, Any]:
    """When the nodes of each fold have their turns, and when something is sent along each line of a picture with folds."""
    if not view.folds:
        return {"folds": [], "wires": {}}
    return {
        "folds": [
            {"id": each.id, "label": each.label, "at": ranges(turns[node] for node in each.nodes if node in turns)}
            for each in view.folds
        ],
        "wires": {link.edges[0].id: ranges(turns[e.consumer] for e in link.edges if e.consumer in turns) for link in view.links},
    }


def code(trace: Recording, turns: dict[int, int]) -> list[dict[str, Any]]:
    """The lines that made the graph, where they are known, in their order; each with its nodes, and the first of their turns."""
    made: dict[Line, list[int]] = {}
    for node in trace.snapshot.nodes:
        if node.line is not None:
            made.setdefault(node.line, []).append(node.id)
    places = list(dict.fromkeys(line.where for line in made))
    lines = sorted(made, key=lambda line: (places.index(line.where), line.number))[:LINES]
    return [
        {
            "where": line.where,
            "number": line.number,
            "text": line.text,
            "nodes": made[line][:LINES],
            "at": min((turns[node] for node in made[line] if node in turns), default=0),
        }
        for line in lines
    ]


def piece(trace: Recording, start: int, end: int, also: Set[int] = frozenset()) -> dict[str, Any]:
    """The steps from one position to another, both included, at most `WHOLE`; and the nodes and leaves that they concern."""
    start, end = max(start, 1), min(end, len(trace.steps), start + WHOLE - 1)
    story = Story(trace)
    steps = trace.steps[start - 1 : end]
    turns = trace.turns()
    whole = len(steps) == len(trace.steps)
    concerned = {step.node for step in steps} | {sent.edge.producer for step in steps for sent in step.sent} | also
    shown = [node for node in trace.snapshot.nodes if whole or node.id in concerned]
    return {
        "from": start,
        "nodes": [
            {
                "id": node.id,
                "title": story.titles[node.id],
                "source": node.source or "",
                **({"earlier": True} if node.by_backward else {}),
                "turn": turns[node.id][0] if node.id in turns else 0,
                "parts": [
                    {"at": part.at, "output": part.output, "text": story.term(turns[node.id][1], part)}
                    for part in (turns[node.id][1].parts[:WHOLE] if node.id in turns else ())
                ],
            }
            for node in shown
        ],
        "steps": [step_data(story, k) for k in range(start, end + 1)],
        "leaves": [leaf_data(story, k, step) for k, step in enumerate(steps, start) if step.grad is not None],
    }


def answer(trace: Recording, message: Any) -> dict[str, Any] | None:
    """What the page is told when it asks; None where that is no question: what a browser sends is not trusted."""
    if not isinstance(message, dict):
        return None
    start, end = message.get("from"), message.get("to")
    if type(start) is int and type(end) is int and 1 <= start <= end and start <= len(trace.steps):
        return piece(trace, start, end)
    what, after = message.get("find"), message.get("after")
    if isinstance(what, str) and type(after) is int:
        try:
            found = find(trace, what)
        except ValueError:
            found = ()
        return {"find": what, "position": next((k for k in found if k > after), None)}
    return None


def lane(trace: Recording, story: Story) -> str:
    """A mark for each step, or for each few: "e" an error, "b" a NaN or an infinity, "a" accumulates, "f" a function."""
    marks = "".join(
        "e" if step.error else "b" if story.bad(step) else "a" if step.grad is not None else "f" for step in trace.steps
    )
    each = -(-len(marks) // LANE)
    return marks if each <= 1 else "".join(min(marks[i : i + each], key="ebaf".index) for i in range(0, len(marks), each))


def step_data(story: Story, k: int) -> dict[str, Any]:
    """One step for the page."""
    step = story.trace.steps[k - 1]
    grad = step.grad
    return {
        "node": step.node,
        "sentence": story.sentence(k),
        "phases": [{"name": phase.name, "text": phase.text} for phase in story.phases(k)],
        "received": [{"of": of, "sum": added, **told(value), "short": short(value)} for of, added, value in story.received(step)],
        "sent": [sent_data(story, step, sent) for sent in step.sent],
        "grad": None
        if grad is None
        else {
            "of": f"{story.titles[step.node]}.grad",
            "sum": f"{bare(grad.old)} + {bare(step.received[0])}" if grad.old and step.parts else "",
            **told(grad.new),
            "remark": "it was None before" if not grad.old else "added to what it held before" if step.parts else "as before",
        },
        "frees": list(step.frees),
        "bad": story.bad(step),
        "error": step.error,
    }


def sent_data(story: Story, step: Step, sent: Sent) -> dict[str, Any]:
    """One gradient on its way, for the page."""
    return {
        "edge": sent.edge.id,
        "to": sent.edge.producer,
        "formula": story.formula(step.node, sent.edge.port),
        "numbers": story.numbers(step, sent),
        "summed": axes_in_words(sent.summed),
        **told(sent.value),
        "short": brief(sent.value),
        "bad": sick(sent.value),
    }


def leaf_data(story: Story, k: int, step: Step, *, heat: bool = True) -> dict[str, Any]:
    """The `.grad` of one leaf over the pass, for the page."""
    grad = step.grad
    assert grad is not None
    return {
        "node": step.node,
        "name": story.titles[step.node],
        "step": k,
        "before": cell(grad.old, heat=heat),
        "after": cell(grad.new, heat=heat),
    }


def told(value: Value | None) -> dict[str, str]:
    """A value in the panel: with all its numbers where these are few; else the one that says most, and behind it the others."""
    return {"value": full(value)} if len(full(value)) <= LISTED else {"value": short(value), "more": full(value)}
