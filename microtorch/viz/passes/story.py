"""A trace in words: a sentence for each step, and one for each phase of a step."""

from __future__ import annotations

import math
from collections import Counter
from functools import cached_property
from typing import NamedTuple

from ..graph.source import Line
from ..words.arithmetic import everywhere, in_numbers
from ..words.rules import spelled
from ..words.text import number, plural
from .making import Making
from .steps import Change, Part, Recording, Sent, Step, Value
from .words import LISTED, axes_in_words, bare, short, sick, titles, total

KINDS = {"": "leaves", ".grad": "gradients"}
GIVEN = "v"  # the gradient that a pass from several numbers begins with, as in "vector-Jacobian product"
NAMED = 2  # leaves of an update
SHOWN = 40  # steps in a text form; of a longer pass the first and the last ones


def tell(trace: Recording) -> str:
    """The whole pass in words: where it stands, then the start and a sentence for each step."""
    story, count = Story(trace), trace.end - trace.start
    whole = range(trace.start, trace.end + 1)
    shown = whole if count <= SHOWN else [*whole[: SHOWN // 2 + 1], *whole[-SHOWN // 2 :]]
    width = max(len(str(trace.start)), len(str(trace.end)))
    lines, above = [], None
    for i, k in enumerate(shown):
        if i == SHOWN // 2 + 1 and count > SHOWN:
            lines.append(f"  {'…':>{width}}  {count - SHOWN:,} more steps …")
        line = story.line(k)
        lines += [f"  {'':>{width}}  {line}"] * (line not in (None, above))
        above = line or above
        lines.append(f"  {k:>{width}}  {story.sentence(k)}")
    return "\n".join([f"{story.title}, {story.length}, at {trace.position}:", *lines])


def overwritten(trace: Recording) -> str:
    """What to tell someone whose change of a `.grad` the last move has overwritten; "" when there was none."""
    names = " and ".join(f"{name}.grad" for name in trace.overwritten)
    return (
        f"{names} had been changed outside the stepper (backward(), zero_grad(), an assignment?); "
        "it is again what this pass says here."
        if names
        else ""
    )


class Phase(NamedTuple):
    """A part of a step: "taken", "receives", "applies", "sends", "accumulates" or "fails", in words."""

    name: str
    text: str


class Story:
    """Words for one trace: nodes and gradients are called by the variables' names where these are known."""

    def __init__(self, trace: Recording) -> None:
        self.trace = trace
        self.nodes = trace.snapshot.nodes
        variable = trace.snapshot.roots[0].variable
        self.root = variable.name if variable is not None and variable.name else "the root"
        self.loss = "L" if self.root == "the root" else self.root
        self.weighed = variable is not None and math.prod(variable.shape) != 1
        if self.weighed:  # backward(v) walks back from a number that it does not compute: the sum of v * y
            self.loss = f"({GIVEN}·{'out' if self.root == 'the root' else self.root})"
        self.title = f"backward() from {self.root}"
        before = f"{len(self.nodes):,} node{'' if len(self.nodes) == 1 else 's'} made before it, " if trace.made else ""
        self.length = f"{before}{len(trace.steps):,} step{'' if len(trace.steps) == 1 else 's'}"
        self.titles = titles(trace.snapshot)

    @cached_property
    def making(self) -> Making:
        """Words for the way forth."""
        return Making(self.trace.snapshot, self.trace.made)

    def derivative(self, node: int, output: int = 0) -> str:
        """The gradient that arrives at a node, by the name of what it made: "∂out/∂z", or "∂(v·y)/∂z" where y is no scalar."""
        name = dict(enumerate(self.nodes[node].outputs)).get(output)
        unnamed = self.titles[node] if self.nodes[node].kind == "leaf" else f"({self.titles[node]}'s output)"
        return f"∂{self.loss}/∂{name or unnamed}"

    def sentence(self, k: int) -> str:
        """What happens at position ``k``."""
        if k < 0:
            return self.making.sentence(k)
        if k > len(self.trace.steps):
            return self.updated(k)
        if k == 0:
            first = self.trace.steps[0]
            given = " and ".join(bare(part.value) for part in first.parts if part.at == 0)
            given = f"{GIVEN} = {given}" if self.weighed else given
            whole = "The graph is whole. " if self.trace.made else ""
            return f"{whole}Nothing has run yet: backward() will start at {self.titles[first.node]} with {given}."
        step = self.trace.steps[k - 1]
        title, got = self.titles[step.node], self.got(step)
        if step.error:
            return f"{title} receives {got} and fails: {step.error}. The pass ends here."
        if step.grad is None:
            return f"{title} receives {got} and sends {self.sends(step)}."
        if not step.parts:
            return f"{title} has another turn, though nothing new has come: {title}.grad stays {short(step.grad.new)}."
        if step.received == (None,):
            return f"{title} receives {got}: {title}.grad stays as it was."
        return f"{title} accumulates {got}: {self.becomes(step)}."

    def place(self, k: int) -> str:
        """Where a position is: in the pass, or on the way forth, or in the update."""
        trace, count = self.trace, len(self.trace.steps)
        if k < 0:
            return f"forward {k - trace.start} / {len(trace.made)}"
        if k > count:
            return f"update {k - count} / {len(trace.updates)}"
        return f"{'back ' if trace.made else ''}{k} / {count}"

    def head(self, k: int) -> str:
        """Whose turn it is."""
        if self.trace.start < k < 0:
            return self.titles[self.trace.made[k].node]
        if k > len(self.trace.steps):
            return "The update"
        if k > 0:
            return self.titles[self.trace.steps[k - 1].node]
        return "Before the first step" if k == 0 else "Before the first line"

    def line(self, k: int) -> Line | None:
        """On the way forth, the line of code that a position belongs to, where it is known."""
        return self.making.line(self.trace.made[k]) if self.trace.start < k < 0 else None

    def updated(self, k: int) -> str:
        """What an update makes of the leaves, where one follows the pass."""
        changes = self.trace.updates[k - len(self.trace.steps) - 1]
        cleared = any(each.kind == "zero" for part in self.trace.updates for each in part)
        stay = "" if cleared or k < self.trace.end else " The gradients stay until zero_grad(): the next backward() adds to them."
        if len(changes) == 1:
            return changes[0].sentence + stay
        dot = "" if changes[0].kind == "update" else ".grad"
        names = [f"{each.name}{dot}" for each in changes]
        named = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) <= NAMED else f"{len(names):,} {KINDS[dot]}"
        return f"{named} are {self.verb(changes[0])}.{stay}"

    def verb(self, change: Change) -> str:
        """What has been done to several leaves."""
        if change.kind != "update":
            return "cleared" if change.kind == "zero" else "changed"
        if change.rate is None:
            return "updated"
        return f"updated, each by {'−' if change.rate > 0 else '+'} {number(abs(change.rate))} × its gradient"

    def phases(self, k: int) -> list[Phase]:
        """What happens at position ``k``, one thing after the other; nothing where no node runs."""
        if not 1 <= k <= len(self.trace.steps):
            return []
        step = self.trace.steps[k - 1]
        title = self.titles[step.node]
        found = [Phase("taken", self.taken(step))]
        rows = self.received(step)
        found += [Phase("receives", f"It receives {of} = {f'{sum_} = ' * bool(sum_)}{short(got)}.") for of, sum_, got in rows]
        if step.error:
            return [*found, Phase("fails", f"{title} fails: {step.error}. The pass ends here.")]
        rules = dict.fromkeys(self.rule(step, sent) for sent in step.sent)
        found += [Phase("applies", f"It applies its rule: {rule}.") for rule in rules if rule]
        if step.grad is None:
            return [*found, Phase("sends", f"It sends {self.sends(step)}.")]
        return [*found, Phase("accumulates", f"{title} accumulates: {self.becomes(step)}.")]

    def taken(self, step: Step) -> str:
        """Why it is this node's turn."""
        title, count = self.titles[step.node], len(step.parts)
        if self.trace.order:
            return f"It is the turn of {title}: {self.trace.order}."
        if self.nodes[step.node].kind == "leaf":
            return f"{title} is a leaf, and {'all it waited for' if count > 1 else 'what it waited for'} has arrived."
        if count <= 1:
            return f"{title} is taken from the queue: of the nodes that are ready, it was made last."
        return f"{title} is taken from the queue: {'both' if count == 2 else f'all {count}'} gradients have arrived."

    def rule(self, step: Step, sent: Sent) -> str:
        """The rule of one edge, in symbols and with numbers."""
        formula = self.formula(step.node, sent.edge.port)
        numbers = self.numbers(step, sent)
        return f"{formula} = {numbers}" if numbers else formula

    def formula(self, node: int, port: int) -> str:
        """The rule of one input in symbols, with the program's names for the inputs."""
        return spelled(self.trace.snapshot, self.nodes[node], self.nodes[node].ports[port])

    def numbers(self, step: Step, sent: Sent) -> str:
        """The rule of one edge with numbers for its names, where that is the whole truth."""
        node = self.nodes[step.node]
        grad = step.received[0] if len(step.received) == 1 else None
        if grad is None or sent.value is None:
            return ""
        operands = {saved.name: saved.summary for saved in node.saved if saved.summary is not None}
        times = math.prod(grad.summary.shape[axis] for axis in sent.summed)
        formula = node.ports[sent.edge.port].formula or ""
        return in_numbers(formula, {**operands, "grad": grad.summary}, times, sent.value.summary)

    def got(self, step: Step) -> str:
        """All that has arrived."""
        rows = self.received(step)
        return "; ".join(f"{added} = {short(value)}" if added else short(value) for _, added, value in rows) or "nothing"

    def becomes(self, step: Step) -> str:
        """What has become of a leaf's ``.grad``."""
        grad, name = step.grad, f"{self.titles[step.node]}.grad"
        if grad is None or not step.parts or step.received == (None,):
            return f"{name} stays as it was"
        if grad.old is None:
            return f"{name} was None and is now {short(grad.new)}"
        return f"{name} held {short(grad.old)} and is now {bare(grad.old)} + {bare(step.received[0])} = {short(grad.new)}"

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
                terms = [self.term(step, part) for part in parts]
                by_hook = len(parts) == 1 and value is not None and parts[0].value != value
                summed = len(parts) > 1 or self.kept(step, parts[0])
                added = f"hook({terms[0]})" if by_hook else total(terms) if summed else ""
                rows.append((self.derivative(step.node, output), added, value))
        return rows if step.parts else [(self.derivative(step.node), "", None)]

    def term(self, step: Step, part: Part) -> str:
        """One of the gradients that arrive; or what a value has kept from an earlier turn, where an engine lets it."""
        return f"{bare(part.value)} (kept from before)" if self.kept(step, part) else bare(part.value)

    def kept(self, step: Step, part: Part) -> bool:
        """Whether it has not arrived, but was there."""
        return part.edge is None and step.node != self.trace.snapshot.roots[0].node

    def bad(self, step: Step) -> bool:
        """Whether a NaN or an infinity has come or gone."""
        there = [*step.received, *(sent.value for sent in step.sent), None if step.grad is None else step.grad.new]
        return any(map(sick, there))

    def before(self) -> list[str]:
        """What to know before the first step."""
        steps = self.trace.steps
        first = {step.node: step for step in reversed(steps)}  # in an engine without order a node may have several turns
        lines = [f"{plural(len(first), 'node')} will run, from the result back to the leaves."]
        if len(first) < len(steps):
            lines[0] = f"{plural(len(first), 'node')} will run, in {len(steps):,} turns: some more often than once."
        if self.weighed:
            given = f"{GIVEN} is what backward({GIVEN}) is given: gradients are those of {self.loss[1:-1]}"
            lines.append(f"{given}, the sum of {GIVEN}'s elements times those of {self.root}.")
        earlier = sum(node.by_backward for node in self.nodes)
        if earlier:
            here = "1 of them was" if earlier == 1 else f"{earlier:,} of them were"
            lines.append(f"{here} made by an earlier backward pass, with create_graph=True: now its gradient is differentiated.")
        lines += [
            f"{self.titles[step.node]}.grad already holds {short(step.grad.old)}: this pass adds to it."
            for step in reversed(first.values())
            if step.grad is not None and step.grad.old is not None and everywhere(step.grad.old.summary) != 0
        ][:LISTED]
        return lines
