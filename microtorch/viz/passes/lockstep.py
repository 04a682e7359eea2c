"""Two passes walked together: which step of one is which of the other, and in what they differ there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import Any

import numpy as np

from ..graph.comparing.align import align
from ..graph.comparing.compare import compare
from ..graph.data import Node, Snapshot
from ..graph.summary import summarize
from ..words.differences import names
from ..words.text import plural, table
from . import page
from .pictures import Pictures, pictures
from .steps import Recording, Step, Value, without_arrays
from .story import Story
from .trace import Trace, trace
from .words import short

__all__ = ["Lockstep", "Pair", "lockstep"]

CLOSE = 1e-5  # of a number: what two engines in float32 may differ by
SHOWN = 40  # rows in the text form
SENT = 2_000  # rows that a page is sent at once
CALLED = {"+": "Add", "*": "Mul", "-": "Sub", "/": "Div", "@": "Mm", "**": "Pow", "ReLU": "Relu"}  # what small engines say
STATISTICS = ("min", "max", "mean", "norm", "nans", "infs")


@dataclass(frozen=True)
class Pair:
    """Two steps that correspond, or one that only one of the passes has; and what differs there, in words."""

    title: str
    steps: tuple[int | None, int | None]  # the positions that the steps make: of a, of b
    at: tuple[int, int]  # where both stand afterwards
    differences: tuple[str, ...]


class Lockstep:
    """Two passes side by side, step by step: ``pairs``, in the order of both; `step` and `export_html` show both in one page.

    No ``.grad`` moves: `Pair.at` says where both stand. ``first`` is the number of the first pair in which they differ, None
    where there is none. It holds no array and no graph.
    """

    def __init__(self, a: Trace, b: Trace) -> None:
        self.names = names(a.snapshot, b.snapshot)
        self._lengths = len(a.steps), len(b.steps)
        self._sides = remembered(a), remembered(b)
        self.pairs = tuple(Walk(a, b, self.names).pairs())
        self.first = next((i for i, pair in enumerate(self.pairs) if pair.differences), None)
        self.position, self.start, self.end, self.is_open, self.quiz = 0, 0, len(self.pairs), True, None  # as a page walks it

    def goto(self, position: int) -> None:
        """Stand after so many rows. No ``.grad`` moves."""
        self.position = position

    def still(self, story: dict[str, Any], mark: str) -> dict[str, str]:
        """What a notebook keeps of it: words."""
        return {"text/html": f'<pre class="mt-still" data-of="{mark}">{escape(repr(self))}</pre>'}

    def close(self) -> None:
        """Nothing is held that would have to be given back."""

    def __repr__(self) -> str:
        a, b = self.names
        both = sum(None not in pair.steps for pair in self.pairs)
        lengths = f"{plural(self._lengths[0], 'step')} of {a}, {self._lengths[1]:,} of {b}"
        same = "and all that they send is the same" if self.first is None else f"the first difference is in row {self.first}"
        head = f"{a} and {b} in lock-step: {lengths}; {both:,} correspond, {same}."
        rows = [(str(i), *map(place, pair.steps), pair.title, "; ".join(pair.differences)) for i, pair in self._shown()]
        left = len(self.pairs) - len(rows)
        more = [f"  … {left:,} more rows …"] if left else []
        return "\n".join([head, *table([("#", a, b, "node", "what differs"), *rows]), *more])

    def _shown(self) -> list[tuple[int, Pair]]:
        """Of a long walk the rows from shortly before the first difference."""
        start = max(0, min((self.first or 0) - SHOWN // 4, len(self.pairs) - SHOWN))
        return list(enumerate(self.pairs))[start : start + SHOWN]

    @cached_property
    def _pictures(self) -> tuple[Pictures, ...]:
        return tuple(pictures(side.snapshot) for side in self._sides)

    def page(self) -> dict[str, Any]:
        """All that is drawn of the two, side by side, as JSON-able data: of very long passes, the beginning."""
        sides = [page.page(side, drawn) for side, drawn in zip(self._sides, self._pictures, strict=True)]
        return {
            "title": f"{' and '.join(self.names)} in lock-step",
            "sides": sides,
            **self.rows(),
            "first": self.start,
            "last": self.end,
        }

    def answer(self, message: Any) -> dict[str, Any] | None:
        """What the page is told when it asks for more, {"rows": 2000}; None where that is no question."""
        start = message.get("rows") if isinstance(message, dict) else None
        return self.rows(start) if type(start) is int else None

    def note(self) -> str:
        """Why there is no picture, where that is so."""
        return " ".join(dict.fromkeys(filter(None, (each.note for each in self._pictures))))

    def rows(self, start: int = 0) -> dict[str, Any]:
        """The rows from one on, some 2,000 at most, as JSON-able data."""
        rows = self.pairs[max(start, 0) : max(start, 0) + SENT]
        return {
            "names": list(self.names),
            "count": len(self.pairs),
            "first": self.first,
            "from": max(start, 0),
            "rows": [
                {"title": row.title, "steps": list(row.steps), "at": list(row.at), "differences": list(row.differences)}
                for row in rows
            ],
        }


def remembered(walk: Trace) -> Recording:
    """A pass in words, without its arrays, so that it may be shown when it is closed."""
    found = Recording(walk.snapshot, tuple(map(without_arrays, walk.steps)))
    found.order, found.keeps = walk.order, walk.keeps
    return found


def lockstep(a: Any, b: Any) -> Lockstep:
    """Walk two backward passes together: of two programs, of one program on two inputs, of a library and a student's engine.

    Args:
        a: whatever `trace` takes, or a trace.
        b: the other.

    Raises:
        TypeError: one is nothing that can be walked.
        RuntimeError: whatever backward() refuses to begin with.

    >>> import microtorch
    >>> x = microtorch.tensor(2.0, requires_grad=True)
    >>> lockstep(x * x * 3, x * x * 5)
    a and b in lock-step: 3 steps of a, 3 of b; 3 correspond, the first difference is in row 0.
      #  a  b  node             what differs
      0  1  1  MulBackward0 #2  to MulBackward0 #1: 3 in a, 5 in b
      1  2  2  MulBackward0 #1  receives 3 in a, 5 in b; to x: 12 in a, 20 in b
      2  3  3  x                receives 12 in a, 20 in b; x.grad: 12 in a, 20 in b
    """
    walks = [each if isinstance(each, Trace) else trace(each) for each in (a, b)]
    found = Lockstep(*walks)
    for walk, given in zip(walks, (a, b), strict=True):
        if walk is not given:
            walk.close()
    return found


class Walk:
    """The way through both passes."""

    def __init__(self, a: Trace, b: Trace, called: tuple[str, str]) -> None:
        self.a, self.b, self.called = a, b, called
        self.stories = Story(a), Story(b)
        self.met: tuple[set[int], set[int]] = (set(), set())  # the nodes whose turn has come, of a and of b
        self.back = compare(alike(a.snapshot), alike(b.snapshot)).back
        by_name = {node.label: node.id for node in a.snapshot.nodes if node.kind == "leaf" and node.label}
        named = {node.id: by_name[node.label] for node in b.snapshot.nodes if node.kind == "leaf" and node.label in by_name}
        # Some engines keep the inputs of an operation in no order: so what is called the same goes first.
        self.back = {j: i for j, i in self.back.items() if i not in named.values() and j not in named} | named

    def pairs(self) -> Iterator[Pair]:
        """All rows."""
        of_a = [step.node for step in self.a.steps]
        of_b = [self.back.get(step.node, -1 - step.node) for step in self.b.steps]  # what a has not, by numbers it has not
        turns = [{node: n for n, node in enumerate(nodes)} for nodes in (of_a, of_b)]
        i = j = 0
        for k, m in [*align(of_a, of_b), (len(of_a), len(of_b))]:
            for n in range(i, k):
                yield self.alone(0, n, (n + 1, j), turns[1].get(of_a[n]))
            for n in range(j, m):
                yield self.alone(1, n, (k, n + 1), turns[0].get(of_b[n]))
            if k < len(of_a) and m < len(of_b):
                yield self.together(k, m)
            i, j = k + 1, m + 1

    def alone(self, side: int, n: int, at: tuple[int, int], other: int | None) -> Pair:
        """A step that the other pass has not, or has at another time."""
        step = (self.a, self.b)[side].steps[n]
        title = self.stories[side].titles[step.node]
        words = f"only in {self.called[side]}"
        if other is not None:  # a recursion without order comes to a node again
            words = "once more" if step.node in self.met[side] else "another order"
            words += f": in {self.called[1 - side]} it is step {other + 1}"
        self.met[side].add(step.node)
        held = [f"{title}.grad is then {short(step.grad.new)}"] if step.grad is not None else []
        theirs = None if other is None else (self.a, self.b)[1 - side].steps[other].grad
        if held and theirs is not None:
            held[0] += f", in {self.called[1 - side]} {short(theirs.new)}"
        return Pair(title, (n + 1, None) if side == 0 else (None, n + 1), at, (words, *held))

    def together(self, k: int, m: int) -> Pair:
        """Two steps that correspond."""
        one, other = self.a.steps[k], self.b.steps[m]
        self.met[0].add(one.node)
        self.met[1].add(other.node)
        titles = self.stories[0].titles[one.node], self.stories[1].titles[other.node]
        kinds = [alike_name(walk.snapshot.nodes[step.node]) for walk, step in ((self.a, one), (self.b, other))]
        title = titles[0] if kinds[0] == kinds[1] else f"{titles[0]} / {titles[1]}"
        return Pair(title, (k + 1, m + 1), (k + 1, m + 1), tuple(self.differences(one, other)))

    def differences(self, one: Step, other: Step) -> Iterator[str]:
        """What arrives, what is sent, what a leaf's ``.grad`` becomes, and errors."""
        for output in range(max(len(one.received), len(other.received))):
            values = [step.received[output] if output < len(step.received) else None for step in (one, other)]
            if not equal(*values):
                yield f"receives {self.both(*map(short, values))}"
        titles = self.stories[0].titles
        sent, theirs = totals(one), {self.back.get(node): value for node, value in totals(other).items()}
        for node, value in sent.items():
            if node not in theirs:
                yield f"sends to {titles[node]} only in {self.called[0]}"
            elif not equal(value, theirs[node]):
                yield f"to {titles[node]}: {self.both(short(value), short(theirs[node]))}"
        if one.grad is not None and other.grad is not None and not equal(one.grad.new, other.grad.new):
            yield f"{titles[one.node]}.grad: {self.both(short(one.grad.new), short(other.grad.new))}"
        if one.error != other.error:
            yield f"fails: {self.both(one.error or 'it does not', other.error or 'it does not')}"

    def both(self, one: str, other: str) -> str:
        """What it is here and there."""
        return f"{one} in {self.called[0]}, {other} in {self.called[1]}"


def alike(snapshot: Snapshot) -> Snapshot:
    """A graph whose operations are called as microtorch's: in a student's engine "+" is what is Add here."""
    return replace(snapshot, nodes=tuple(replace(node, operation=alike_name(node)) for node in snapshot.nodes))


def alike_name(node: Node) -> str:
    """What an operation is called here."""
    name = node.operation or node.name
    known = CALLED.get(re.sub(r"^\*\*.*", "**", name), name)
    return known if node.kind == "leaf" else known[:1].upper() + known[1:]


def totals(step: Step) -> dict[int, Value | None]:
    """What a step sends to each node: where it uses a value twice, some engines send the sum at once."""
    found: dict[int, Value | None] = {}
    for sent in step.sent:
        node = sent.edge.producer or 0
        before = found.get(node)
        both = [each.array for each in (before, sent.value) if each is not None]
        if len(both) == 2 and both[0] is not None and both[1] is not None and both[0].shape == both[1].shape:
            total = np.asarray(both[0] + both[1])
            found[node] = Value(summarize(total), total)
        else:
            found[node] = before or sent.value
    return found


def equal(one: Value | None, other: Value | None) -> bool:
    """Whether two gradients are the same, but for rounding."""
    if one is None or other is None:
        return one is other
    if one.summary.shape != other.summary.shape:
        return False
    if one.array is not None and other.array is not None:
        if not one.array.size:
            return True
        finite = np.abs(np.where(np.isfinite(one.array), one.array, 0))
        rounded = [each.array.dtype for each in (one, other) if each.array is not None and each.array.dtype == np.float16]
        share = 8 * float(np.finfo(np.float16).eps) if rounded else CLOSE
        return bool(np.allclose(one.array, other.array, rtol=share, atol=share * float(finite.max()), equal_nan=True))
    pairs = [(getattr(one.summary, name), getattr(other.summary, name)) for name in STATISTICS]
    return all(x == y or (x is not None and y is not None and bool(np.isclose(x, y, rtol=CLOSE))) for x, y in pairs)


def place(step: int | None) -> str:
    """A step's number, nothing where there is none."""
    return "" if step is None else str(step)
