"""A trace as the plain data that the stepper's page is drawn from: of a long pass a piece, and more of it on demand.

What the page is sent first has all steps of a pass of at most `WHOLE`, and the first ones of a longer pass. For the others it
asks with a message, and gets an answer:

    {"from": 2001, "to": 2400}          {"from": 2001, "steps": [...], "nodes": [...], "leaves": [...]}
    {"find": "x", "after": 17}          {"find": "x", "position": 40}          (null: it does not happen any more)
"""

from __future__ import annotations

from typing import Any

from .finding import find
from .steps import Recording, Sent, Step, Value
from .story import Story
from .words import axes_in_words, bare, brief, full, label, short, sick

WHOLE = 2_000  # steps that are sent at once; and at most in one answer
LANE = 2_000  # marks in the lane of the slider; each stands for one step, or for several


def page(trace: Recording, svg: str) -> dict[str, Any]:
    """All that the stepper in the page needs to begin with, as JSON-able data; ``svg`` is the picture of ``trace.snapshot``."""
    story = Story(trace)
    first = trace.steps[0]
    return {
        "title": story.title,
        "svg": svg,
        "count": len(trace.steps),
        "lane": lane(trace, story),
        "start": {
            "node": first.node,
            "sentence": story.sentence(0),
            "lines": story.before(),
            "value": " and ".join(brief(part.value) for part in first.parts if part.at == 0),
        },
        **piece(trace, 1, WHOLE),
    }


def piece(trace: Recording, start: int, end: int) -> dict[str, Any]:
    """The steps from one position to another, both included, at most `WHOLE`; and the nodes and leaves that they concern."""
    start, end = max(start, 1), min(end, len(trace.steps), start + WHOLE - 1)
    story = Story(trace)
    steps = trace.steps[start - 1 : end]
    turns = {step.node: step for step in trace.steps}
    whole = len(trace.steps) <= WHOLE
    concerned = {step.node for step in steps} | {sent.edge.producer for step in steps for sent in step.sent}
    shown = [node for node in trace.snapshot.nodes if whole or node.id in concerned]
    return {
        "from": start,
        "nodes": [
            {
                "id": node.id,
                "title": story.titles[node.id],
                "source": node.source or "",
                "parts": [
                    {"at": part.at, "output": part.output, "text": story.term(turns[node.id], part)}
                    for part in (turns[node.id].parts[:WHOLE] if node.id in turns else ())
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
        "received": [
            {"of": of, "sum": added, "value": full(value), "short": short(value)} for of, added, value in story.received(step)
        ],
        "sent": [sent_data(story, step, sent) for sent in step.sent],
        "grad": None
        if grad is None
        else {
            "of": f"{story.titles[step.node]}.grad",
            "sum": f"{bare(grad.old)} + {bare(step.received[0])}" if grad.old else "",
            "value": full(grad.new),
            "remark": "added to what it held before" if grad.old else "it was None before",
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
        "formula": story.nodes[step.node].ports[sent.edge.port].formula or "",
        "numbers": story.numbers(step, sent),
        "summed": axes_in_words(sent.summed),
        "value": full(sent.value),
        "short": brief(sent.value),
        "bad": sick(sent.value),
    }


def leaf_data(story: Story, k: int, step: Step) -> dict[str, Any]:
    """The `.grad` of one leaf over the pass, for the page."""
    grad = step.grad
    assert grad is not None
    return {
        "node": step.node,
        "name": story.titles[step.node],
        "step": k,
        "before": cell(grad.old),
        "after": cell(grad.new),
    }


def cell(value: Value | None) -> dict[str, Any]:
    """What a `.grad` holds, for the card in the picture and for the panel."""
    known = value is not None
    return {"text": full(value) if known else "None", "short": label(value) if known else "None", "known": known}
