"""Programs to be asked about, for every kind of graph, and what has to hold of each of their questions."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from microtorch.viz.passes.mistakes import MISTAKES, wrong
from microtorch.viz.passes.question import Question
from microtorch.viz.passes.quiz import Quiz

Program = list[tuple[str, int, int]]


@st.composite
def programs(draw: st.DrawFn, operations: str = "+*-tmrs@") -> Program:
    """Operations on earlier values, by number."""
    size = draw(st.integers(1, 7))
    return [(draw(st.sampled_from(operations)), draw(st.integers(0, 9)), draw(st.integers(0, 9))) for _ in range(size)]


def arrays(program: Program, library: Any, numbers: list[float]) -> Any:
    """The result of a program on matrices, a row and a scalar: with broadcasts, means, sums and matrix products."""
    a, b, c, d = numbers

    def leaf(values: Any) -> Any:
        return library.tensor(values, requires_grad=True)

    values = [leaf([[a, b], [c, d]]), leaf([d, a]), leaf(b), leaf([[a, b, c], [d, 1.0, a]])]
    for name, i, j in program:
        x, y = values[i % len(values)], values[j % len(values)]
        values.append(applied(name, x, y))
    return sum(each.sum() for each in values[4:])


def applied(name: str, x: Any, y: Any) -> Any:
    """One operation; where the shapes do not fit, of one value alone."""
    fits = x.ndim == 0 or y.ndim == 0 or x.shape[-1] == y.shape[-1]
    match name:
        case "+" | "*" | "-" if fits:
            return {"+": lambda: x + y, "*": lambda: x * y, "-": lambda: x - y}[name]()
        case "@" if x.ndim == y.ndim == 2 and x.shape[1] == y.shape[0]:
            return x @ y
        case "m":
            return x.mean()
        case "s":
            return x.sum()
        case "r":
            return x.relu()
    return (x * 0.5).tanh()


class Value:
    """An engine like micrograd, in as few lines as a student writes."""

    def __init__(self, data: float, prev: tuple["Value", ...] = (), op: str = "") -> None:
        self.data, self.grad, self._prev, self._op = data, 0.0, prev, op
        self._backward = lambda: None
        self.label = ""

    def made(self, data: float, op: str, *inputs: tuple["Value", float]) -> "Value":
        out = Value(data, tuple(dict.fromkeys(each for each, _ in inputs)), op)

        def backward() -> None:
            for each, slope in inputs:
                each.grad += slope * out.grad

        out._backward = backward
        return out

    def __add__(self, other: "Value") -> "Value":
        return self.made(self.data + other.data, "+", (self, 1.0), (other, 1.0))

    def __mul__(self, other: "Value") -> "Value":
        return self.made(self.data * other.data, "*", (self, other.data), (other, self.data))

    def relu(self) -> "Value":
        return self.made(max(self.data, 0.0), "relu", (self, float(self.data > 0)))

    def backward(self) -> None:
        order: dict[Value, None] = {}

        def visit(value: Value) -> None:
            if value not in order:
                for each in value._prev:
                    visit(each)
                order[value] = None

        visit(self)
        self.grad = 1.0
        for value in reversed(order):
            value._backward()


def scalars(program: Program, numbers: list[float]) -> Value:
    """The result of a program on values of that engine."""
    values = [Value(each) for each in numbers]
    for name, value in zip("abcd", values, strict=True):
        value.label = name
    for name, i, j in program:
        x, y = values[i % len(values)], values[j % len(values)]
        values.append(x + y if name == "+" else x * y if name == "*" else x.relu())
    return values[-1] + values[-2]


# ---- what has to hold ----


def distractors(question: Question) -> list[tuple[str, Any]]:
    """The wrong answers to a question, with their names."""
    return wrong(question._walk.snapshot, question._step, question._sent)


def ways(array: Any) -> Iterator[Any]:
    """Of an array: itself, in lists, as typed, and (where it is the same everywhere) one number for all."""
    yield array
    yield array.tolist()
    yield str(array.tolist())
    if (array == array.flat[0]).all():
        yield array.flat[0].item()


def check(make: Any) -> None:
    """Of each question of a fresh quiz: right is right, in every form; each distractor is wrong, with its own name."""
    asking: Quiz = make()
    counted: dict[str, int] = {}
    for question in asking.questions:
        found = distractors(question)
        assert found
        for name, array in found:
            verdict = question.answer(array)
            assert (verdict.right, verdict.mistake) == (False, name)
            assert MISTAKES[name] in verdict.text
            assert verdict.hint
            counted[name] = counted.get(name, 0) + 1
        solution = question.solution
        options = question.options()
        assert len(options) == len(set(question.choices)) >= 2
        assert options == question.options()
        for i, (name, _) in enumerate(options):
            if name:
                verdict = question.choose(i)
                assert (verdict.right, verdict.mistake) == (False, name)
                counted[name] += 1
        for answer in ways(solution):
            verdict = question.answer(answer)
            assert verdict.right, (question, answer, verdict)
        assert question.choose([name for name, _ in options].index("")).right
    score = asking.score()
    assert score["mistakes"] == counted
    count = len(asking.questions)
    assert (score["questions"], score["asked"], score["right"], score["right_at_first_try"]) == (count, count, count, 0)
    assert json.loads(json.dumps(score, allow_nan=False)) == score
    json.dumps(asking.page(), allow_nan=False)
    assert shown(make()) == shown(asking)


def shown(asking: Quiz) -> list[tuple[str, list[tuple[str, str]]]]:
    """All that is asked and offered."""
    return [(repr(each), each.options()) for each in asking.questions]
