"""A trace in words and numbers: its text form, and the plain data that the stepper's page is drawn from."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from ..graph.snapshot import Node, Snapshot, Summary
from ..words.arithmetic import everywhere, in_numbers
from ..words.text import number, shape, statistics, text
from .steps import Recording, Sent, Step, Value

SHOWN = 40  # steps in a text form; of a longer pass the first and the last ones
TERMS = 6  # of a sum before its middle is left out
LISTED = 4  # elements of an array that still fit into a sentence
BRIEF = 8  # characters of a value beside an edge


def tell(trace: Recording) -> str:
    """The whole pass in words: where it stands, then the start and a sentence for each step."""
    story, count = Story(trace), len(trace.steps)
    shown = range(count + 1) if count <= SHOWN else [*range(SHOWN // 2 + 1), *range(count + 1 - SHOWN // 2, count + 1)]
    width = len(str(count))
    lines = [f"  {k:>{width}}  {story.sentence(k)}" for k in shown]
    if count > SHOWN:
        lines.insert(SHOWN // 2 + 1, f"  {'…':>{width}}  {count - SHOWN:,} more steps …")
    return "\n".join([f"{headline(trace)}:", *lines])


def headline(trace: Recording) -> str:
    """What is walked, how long that is, and where it stands."""
    count = len(trace.steps)
    return f"backward() from {Story(trace).root}, {count} step{'' if count == 1 else 's'}, at {trace.position}"


def page(trace: Recording, svg: str) -> dict[str, Any]:
    """All that the stepper in the page needs, as JSON-able data; ``svg`` is the picture of ``trace.snapshot``."""
    story = Story(trace)
    turns = {step.node: (k, step) for k, step in enumerate(trace.steps, 1)}
    leaves = [(k, step) for k, step in enumerate(trace.steps, 1) if step.grad is not None]
    return {
        "title": f"backward() from {story.root}",
        "svg": svg,
        "start": {
            "node": trace.steps[0].node,
            "sentence": story.sentence(0),
            "lines": story.before(),
            "value": " and ".join(brief(part.value) for part in trace.steps[0].parts if part.at == 0),
        },
        "nodes": [
            {
                "id": node.id,
                "title": story.titles[node.id],
                "source": node.source or "",
                "parts": [
                    {"at": part.at, "output": part.output, "text": bare(part.value)}
                    for part in (turns[node.id][1].parts if node.id in turns else ())
                ],
            }
            for node in trace.snapshot.nodes
        ],
        "steps": [story.step(k) for k in range(1, len(trace.steps) + 1)],
        "leaves": [story.leaf(k, step) for k, step in leaves],
    }


class Story:
    """Words for one trace: nodes and gradients are called by the variables' names where these are known."""

    def __init__(self, trace: Recording) -> None:
        self.trace = trace
        self.nodes = trace.snapshot.nodes
        variable = trace.snapshot.roots[0].variable
        self.root = variable.name if variable is not None and variable.name else "the root"
        self.loss = "L" if self.root == "the root" else self.root
        self.titles = titles(trace.snapshot)

    def derivative(self, node: int, output: int = 0) -> str:
        """The gradient that arrives at a node, by the name of what it made: "∂out/∂z"."""
        name = dict(enumerate(self.nodes[node].outputs)).get(output)
        unnamed = self.titles[node] if self.nodes[node].kind == "leaf" else f"({self.titles[node]}'s output)"
        return f"∂{self.loss}/∂{name or unnamed}"

    def sentence(self, k: int) -> str:
        """What happens at position ``k``."""
        if k == 0:
            first = self.trace.steps[0]
            given = " and ".join(bare(part.value) for part in first.parts if part.at == 0)
            return f"Nothing has run yet: backward() will start at {self.titles[first.node]} with {given}."
        step = self.trace.steps[k - 1]
        title = self.titles[step.node]
        got = (
            "; ".join(f"{added} = {short(value)}" if added else short(value) for _, added, value in self.received(step))
            or "nothing"
        )
        if step.grad is None:
            return f"{title} receives {got} and sends {self.sends(step)}."
        if step.received == (None,):
            return f"{title} receives {got}: {title}.grad stays as it was."
        old = step.grad.old
        added = "was None and is now" if old is None else f"held {short(old)} and is now {bare(old)} + {bare(step.received[0])} ="
        return f"{title} receives {got}: {title}.grad {added} {short(step.grad.new)}."

    def sends(self, step: Step) -> str:
        """Everything a node sends, and where to."""
        sent = Counter(map(self.message, step.sent))
        times = {1: "", 2: ", twice"}
        return " and ".join(f"{words}{times.get(n, f', {n} times')}" for words, n in sent.items()) or "nothing on"

    def message(self, sent: Sent) -> str:
        """One gradient on its way."""
        summed = f" ({axes_in_words(sent.summed)})" if sent.summed else ""
        return f"{short(sent.value)}{summed} to {self.titles[sent.edge.producer or 0]}"

    def received(self, step: Step) -> list[tuple[str, str, Value | None]]:
        """For each output that anything arrived at: the gradient's name, its sum ("" of a single part), its value."""
        rows = []
        for output, value in enumerate(step.received):
            parts = [part for part in step.parts if part.output == output]
            if parts:
                added = total([bare(part.value) for part in parts]) if len(parts) > 1 else ""
                rows.append((self.derivative(step.node, output), added, value))
        return rows

    def step(self, k: int) -> dict[str, Any]:
        """One step for the page."""
        step = self.trace.steps[k - 1]
        grad = step.grad
        return {
            "node": step.node,
            "sentence": self.sentence(k),
            "received": [
                {"of": of, "sum": added, "value": full(value), "short": short(value)} for of, added, value in self.received(step)
            ],
            "sent": [self.sent(step, sent) for sent in step.sent],
            "grad": None
            if grad is None
            else {
                "of": f"{self.titles[step.node]}.grad",
                "sum": f"{bare(grad.old)} + {bare(step.received[0])}" if grad.old else "",
                "value": full(grad.new),
                "remark": "added to what it held before" if grad.old else "it was None before",
            },
            "frees": list(step.frees),
            "bad": any(map(sick, [*step.received, *(sent.value for sent in step.sent)])),
        }

    def sent(self, step: Step, sent: Sent) -> dict[str, Any]:
        """One gradient on its way, for the page."""
        node = self.nodes[step.node]
        formula = node.ports[sent.edge.port].formula or ""
        grad = step.received[0] if len(step.received) == 1 else None
        operands = {saved.name: saved.summary for saved in node.saved if saved.summary is not None}
        numbers = ""
        if grad is not None and sent.value is not None:
            times = math.prod(grad.summary.shape[axis] for axis in sent.summed)
            numbers = in_numbers(formula, {**operands, "grad": grad.summary}, times, sent.value.summary)
        return {
            "edge": sent.edge.id,
            "to": sent.edge.producer,
            "formula": formula,
            "numbers": numbers,
            "summed": axes_in_words(sent.summed),
            "value": full(sent.value),
            "short": brief(sent.value),
            "bad": sick(sent.value),
        }

    def leaf(self, k: int, step: Step) -> dict[str, Any]:
        """The `.grad` of one leaf over the pass, for the page."""
        grad = step.grad
        assert grad is not None
        return {
            "node": step.node,
            "name": self.titles[step.node],
            "step": k,
            "before": self.cell(grad.old),
            "after": self.cell(grad.new),
        }

    def cell(self, value: Value | None) -> dict[str, Any]:
        """What a `.grad` holds, for the card in the picture and for the panel."""
        known = value is not None
        return {"text": full(value) if known else "None", "short": label(value) if known else "None", "known": known}

    def before(self) -> list[str]:
        """What to know before the first step."""
        count = len(self.trace.steps)
        nodes = "1 node" if count == 1 else f"{count} nodes"
        lines = [f"{nodes} will run, from the loss on the right to the leaves on the left."]
        lines += [
            f"{self.titles[step.node]}.grad already holds {short(step.grad.old)}: this pass adds to it."
            for step in self.trace.steps
            if step.grad is not None and step.grad.old is not None
        ][:LISTED]
        return lines


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


# ---- a gradient in words: bare in a sum, short in a sentence, on an edge as a label, full in the panel ----


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
    return f"{bare(value)} ({how_big})" if tiled(value.summary) else f"[{how_big}, {measure(value.summary)}]"


def label(value: Value | None) -> str:
    """As it fits on an edge or into a cell."""
    fits = value is None or listed(value.summary) or tiled(value.summary)
    return short(value) if value is None or fits else measure(value.summary)


def brief(value: Value | None) -> str:
    """As it fits beside an edge: the number that all elements have, or the norm."""
    if value is None:
        return "nothing"
    summary = value.summary
    same = everywhere(summary)
    if same is not None:
        return f"{same:.3g}"
    if summary.nans or summary.infs:
        return statistics(summary)[-1]
    listing = text(summary) if listed(summary) else ""
    return listing if 0 < len(listing) <= BRIEF else f"‖{summary.norm or 0.0:.3g}‖"


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
    return not short_row and everywhere(summary) is not None


def size(summary: Summary) -> str:
    """The shape in words."""
    return f"{summary.shape[0]} elements" if len(summary.shape) == 1 else shape(summary.shape)


def measure(summary: Summary) -> str:
    """The one number that says most about a large array."""
    return statistics(summary)[-1] if summary.nans or summary.infs else f"norm {number(summary.norm or 0.0)}"


def sick(value: Value | None) -> bool:
    """Whether there is a NaN or an infinity in it."""
    return value is not None and bool(value.summary.nans or value.summary.infs)


def axes_in_words(axes: tuple[int, ...]) -> str:
    """How a broadcast was undone."""
    return f"summed over {'axis' if len(axes) == 1 else 'axes'} {' and '.join(map(str, axes))}" if axes else ""


def overwritten(trace: Recording) -> str:
    """What to tell someone whose change of a `.grad` the last move has overwritten; "" when there was none."""
    names = " and ".join(f"{name}.grad" for name in trace.overwritten)
    return f"{names} had been changed outside the stepper; it is again what this pass says here." if names else ""
