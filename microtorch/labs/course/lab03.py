"""Lab 3, Every iteration can be different."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from ..exercise import Exercise, Lab
from ..kinds.calls import Calls, Case
from ..kinds.choices import Choice, Choices
from ..kinds.passes import Passes, Requirement
from ..kinds.value import Value

__all__ = ["LAB"]


# ---- one function, three graphs ----

COUNTS = Exercise(
    "L03-E1",
    "The Mul nodes behind f(x), for three x",
    Value(
        [2, 4, 1],
        [
            ("counted lines, not runs", [2, 2, 2]),
            ("counted the tests", [3, 5, 2]),
            ("forgot the line before the loop", [1, 3, 0]),
        ],
        "One node for each time that a line ran.",
    ),
    "Write down y after each turn: 3 * x, then half of it, as long as it is above 2.",
)

SLOPES = Exercise(
    "L03-E2",
    "x.grad of f(x), for three x",
    Value(
        [1.5, 0.375, 3],
        [
            ("counted lines, not runs", [1.5, 1.5, 1.5]),
            ("differentiated the first line alone", [3, 3, 3]),
            ("counted the tests", [0.75, 0.1875, 1.5]),
            ("took the result for its gradient", [1.5, 1.125, 1.5]),
        ],
        "Each node on the way back is one factor: a 3, and a 0.5 for each turn.",
    ),
    "Look at the two graphs above: multiply along the way from the result back to x.",
)

RAN = {"zero": "It stands in the line that ran: how fast does out grow with it?", "None": "Is it in the line that ran, or not?"}
NOT_RUN = "Which line with b in it has run? A node that was never made sends nothing, not even a 0."
DECIDES = "limit decides which line runs. Which operation that was recorded takes it as an input?"
PLAIN = "What does type(s.item()) say? Can that remember where it came from?"

BRANCHES = Exercise(
    "L03-E3",
    "What .grad will be: a number, zero or None",
    Choices(
        {
            "x": Choice("a number", RAN),
            "a": Choice("a number", RAN),
            "b": Choice("None", {"zero": NOT_RUN, "a number": NOT_RUN}),
            "limit": Choice("None", {"zero": DECIDES, "a number": DECIDES}),
            "s": Choice("None", {"zero": PLAIN, "a number": PLAIN}),
        }
    ),
    "Draw out, with viz.draw(out): from which names does an arrow lead into the graph?",
)


# ---- the order ----

USED_BY = {"a": "bc", "b": "cd", "c": "de", "d": ["out"], "e": ["out"], "out": []}


def names(order: Any) -> str:
    """Whether it is a list of the six names."""
    listed = isinstance(order, (list, tuple)) and all(isinstance(each, str) for each in order)
    strange = [each for each in order if each not in USED_BY] if listed else []
    if not listed or strange:
        return f"A list of the names {', '.join(USED_BY)} is asked for{f': {strange[0]!r} is none of them' if strange else ''}."
    return ""


def begins(order: list[str]) -> str:
    """Whether the walk begins at the result."""
    return "" if order and order[0] == "out" else "Your walk does not begin at out, the only one whose gradient is known: 1."


def once(order: list[str]) -> str:
    """Whether no name comes twice."""
    twice = [each for each in USED_BY if order.count(each) > 1]
    return f"{twice[0]} has its turn {order.count(twice[0])} times." if twice else ""


def waits(order: list[str]) -> str:
    """Whether each has its turn after all that it was used for."""
    for i, each in enumerate(order):
        late = [user for user in USED_BY[each] if user not in order[:i]]
        if late:
            return f"{each} has its turn while {late[0]}, which was made from it, has not had its own."
    return ""


def whole(order: list[str]) -> str:
    """Whether no name is missing."""
    missing = [each for each in USED_BY if each not in order]
    return f"{missing[0]} has no turn." if missing else ""


ORDER = Exercise(
    "L03-E4",
    "An order in which backward() may take the six",
    Passes(
        lambda: ["out", "e", "d", "c", "b", "a"],
        [
            Requirement(names),
            Requirement(begins, "walked from the leaves"),
            Requirement(once, "one turn for each path"),
            Requirement(waits, "did not wait for all"),
            Requirement(whole),
        ],
        [
            ("walked from the leaves", lambda: ["a", "b", "c", "d", "e", "out"]),
            ("one turn for each path", lambda: ["out", "d", "b", "a", "c", "b", "a", "a", "e", "c", "b", "a", "a"]),
            ("did not wait for all", lambda: ["out", "d", "b", "a", "c", "e"]),
        ],
    ),
    "Look at the dashed arrows of the picture: how many of them arrive at the box, and from where?",
)

RECURSION = Exercise(
    "L03-E5",
    "a.grad of c = b + b, b = a + a: as it should be, and after the recursion",
    Value(
        [4, 8],
        [
            ("walked in order", [4, 4]),
            ("followed one use before the other", [4, 6]),
            ("forgot one path", [2, 4]),
            ("forgot one path", [2, 2]),
            ("recursion without order", [8, 8]),
        ],
        "The second time that b has its turn, it sends on once more what it has sent before.",
    ),
    "Write down each call of visit, in its order, with b.grad and a.grad after it: c, b, a, a, and so on.",
)


class Number:
    """The number of the notebook, which also counts how often its inputs are looked at."""

    def __init__(self, clock: count[int], looks: count[int], most: int, data: float, inputs: Any = ()) -> None:
        self.own = clock, looks, most
        self.data = data
        self.grad = 0.0
        self.made = next(clock)
        self._inputs = inputs

    def __add__(self, other: Number) -> Number:
        return Number(*self.own, self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other: Number) -> Number:
        return Number(*self.own, self.data * other.data, [(self, other.data), (other, self.data)])

    @property
    def inputs(self) -> Any:
        """Pairs of a number and a slope."""
        _, looks, most = self.own
        if next(looks) > most:
            raise RuntimeError(f"stopped: inputs were looked at more than {most:,} times, in a graph of 31 numbers at most")
        return self._inputs

    def _backward(self) -> None:
        for each, slope in self.inputs:
            each.grad += slope * self.grad

    @property
    def _prev(self) -> list[Number]:
        return list(dict.fromkeys(each for each, _ in self.inputs))


def graph(label: str, make: Callable[..., dict[str, Number]], *data: float) -> Case:
    """The gradients of all numbers of a graph, whose last one is the result."""

    def call(backward: Callable[[Number], Any]) -> dict[str, float]:
        own = count(), count(), 5_000
        made = make(*(Number(*own, each) for each in data))
        backward(list(made.values())[-1])
        return {name: float(each.grad) for name, each in made.items()}

    return Case(label, call)


def chain(a: Number, b: Number) -> dict[str, Number]:
    """Each number is used once."""
    c = a * b
    return {"a": a, "b": b, "c": c}


def doubled(a: Number) -> dict[str, Number]:
    """The smallest graph on which a recursion fails."""
    b = a + a
    c = b + b
    return {"a": a, "b": b, "c": c}


def crossed(a: Number, b: Number) -> dict[str, Number]:
    """A number that is used at once, and once more later: it has to wait for the long way round."""
    c = a * b
    d = c * a
    out = c + d
    return {"a": a, "b": b, "c": c, "out": out}


def crossed_back(a: Number, b: Number) -> dict[str, Number]:
    """The same, its last inputs the other way round: whoever takes them by place is right in one of the two only."""
    c = a * b
    d = c * a
    out = d + c
    return {"a": a, "b": b, "c": c, "out": out}


def thirty(a: Number) -> dict[str, Number]:
    """Thirty doublings: 2 ** 30 paths, and 60 arrows."""
    out = a
    for _ in range(30):
        out = out + out
    return {"a": a, "out": out}


def backward(out: Number) -> None:
    """The youngest first."""
    out.grad = 1.0
    waiting = {out}
    while waiting:
        number = max(waiting, key=lambda each: each.made)
        waiting.remove(number)
        number._backward()
        waiting.update(number._prev)


def recursion(out: Number) -> None:
    """The notebook's."""

    def visit(number: Number) -> None:
        number._backward()
        for each, _ in number.inputs:
            visit(each)

    out.grad = 1.0
    visit(out)


def without_one(out: Number) -> None:
    """Begins with the 0 that was there."""
    for number in ordered(out):
        number._backward()


def never_taken_out(out: Number) -> None:
    """Looks at who waits, and leaves it there."""
    out.grad = 1.0
    waiting = {out}
    while waiting:
        number = max(waiting, key=lambda each: each.made)
        number._backward()
        waiting.update(number._prev)


def kept_twice(out: Number) -> None:
    """A list, in which a number is as often as it was used."""
    out.grad = 1.0
    waiting = [out]
    while waiting:
        number = max(waiting, key=lambda each: each.made)
        waiting.remove(number)
        number._backward()
        waiting += number._prev


def from_the_leaves(out: Number) -> None:
    """The oldest first."""
    out.grad = 1.0
    for number in reversed(ordered(out)):
        number._backward()


def overwriting(out: Number) -> None:
    """Assigns where it should add."""
    out.grad = 1.0
    for number in ordered(out):
        for each, slope in number.inputs:
            each.grad = slope * number.grad


def last_in_first_out(out: Number) -> None:
    """Whatever was put there last: a number may be taken while another that was made from it still waits."""
    out.grad = 1.0
    waiting = [out]
    while waiting:
        number = waiting.pop()
        number._backward()
        waiting += number._prev


def first_in_first_out(out: Number) -> None:
    """Whatever was put there first."""
    out.grad = 1.0
    waiting = [out]
    while waiting:
        number = waiting.pop(0)
        number._backward()
        waiting += number._prev


def as_found(out: Number) -> None:
    """Each number once, as soon as it is found."""
    out.grad = 1.0
    waiting, seen = [out], {out}
    while waiting:
        number = waiting.pop()
        number._backward()
        new = [each for each in dict.fromkeys(number._prev) if each not in seen]
        seen.update(new)
        waiting += new


def first_found(out: Number) -> None:
    """Each number once, in the order in which they are found."""
    out.grad = 1.0
    waiting, seen = [out], {out}
    while waiting:
        number = waiting.pop(0)
        number._backward()
        new = [each for each in dict.fromkeys(number._prev) if each not in seen]
        seen.update(new)
        waiting += new


def path_by_path(out: Number) -> None:
    """Right, and never done: it hands each part on alone."""

    def send(number: Number, grad: float) -> None:
        number.grad += grad
        for each, slope in number.inputs:
            send(each, slope * grad)

    send(out, 1.0)


def ordered(out: Number) -> list[Number]:
    """All that a number was made from, the youngest first."""
    found, waiting = {out}, [out]
    while waiting:
        new = [each for each in waiting.pop()._prev if each not in found]
        found.update(new)
        waiting += new
    return sorted(found, key=lambda each: -each.made)


BACKWARD = Exercise(
    "L03-E6",
    "backward(out), each number once and in order",
    Calls(
        backward,
        [
            graph("a = 2; b = 5; c = a * b", chain, 2.0, 5.0),
            graph("a = 3; b = a + a; c = b + b", doubled, 3.0),
            graph("a = 2; b = 3; c = a * b; d = c * a; out = c + d", crossed, 2.0, 3.0),
            graph("a = 2; b = 3; c = a * b; d = c * a; out = d + c", crossed_back, 2.0, 3.0),
            graph("thirty doublings", thirty, 1.0),
        ],
        [
            ("recursion without order", recursion),
            ("did not wait for all", last_in_first_out),
            ("did not wait for all", first_in_first_out),
            ("did not wait for all", as_found),
            ("did not wait for all", first_found),
            ("never taken out", never_taken_out),
            ("kept it twice", kept_twice),
            ("began without the 1", without_one),
            ("walked from the leaves", from_the_leaves),
            ("overwrote instead of added", overwriting),
            ("one turn for each path", path_by_path),
        ],
    ),
    "Go through your lines by hand, with b = a + a; c = b + b: who waits after each turn, and what is in b.grad and a.grad?",
)

LAB = Lab(
    "L03",
    "Every iteration can be different",
    45,
    "differentiate loops and branches, order the nodes of a graph, and write the walk back",
    (COUNTS, SLOPES, BRANCHES, ORDER, RECURSION, BACKWARD),
)
