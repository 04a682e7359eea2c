"""Two passes walked together: which steps correspond, and in what they differ."""

import gc
import json
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import microtorch
from microtorch.viz.passes.lockstep import Lockstep, lockstep
from microtorch.viz.passes.trace import trace
from tests.viz.passes_cases import leaf
from tests.viz.quizzes import Program, Value, arrays, programs, scalars

numbers = st.lists(st.sampled_from([0.0, 1.0, -1.0, 0.5, -2.0]), min_size=4, max_size=4)


def steps(found: Lockstep) -> list[tuple[int | None, int | None]]:
    return [pair.steps for pair in found.pairs]


@settings(max_examples=30, deadline=None)
@given(one=programs(), other=programs(), values=numbers)
def test_each_step_of_each_pass_stands_in_one_row_and_positions_only_grow(
    one: Program, other: Program, values: list[float]
) -> None:
    a, b = (trace(arrays(program, microtorch, values)) for program in (one, other))
    found = lockstep(a, b)
    for side, walk in enumerate((a, b)):
        assert [row[side] for row in steps(found) if row[side] is not None] == list(range(1, len(walk.steps) + 1))
        assert [pair.at[side] for pair in found.pairs] == sorted(pair.at[side] for pair in found.pairs)
        assert all(pair.steps[side] in (None, pair.at[side]) for pair in found.pairs)
    assert found.pairs[-1].at == (len(a.steps), len(b.steps))
    assert all(pair.differences for pair in found.pairs if None in pair.steps)


@settings(max_examples=30, deadline=None)
@given(program=programs(), values=numbers)
def test_a_program_twice_has_no_difference(program: Program, values: list[float]) -> None:
    found = lockstep(*(arrays(program, microtorch, values) for _ in range(2)))
    assert found.first is None
    assert steps(found) == [(k, k) for k in range(1, len(found.pairs) + 1)]
    assert "all that they send is the same" in repr(found)


def squares(x: Any) -> Any:
    return (x * x).sum()


DIFFERENCES: list[tuple[Callable[[], tuple[Any, Any]], int, str]] = [
    (lambda: (squares(leaf(1.0, 2.0)), squares(leaf(1.0, 3.0))), 1, "to leaf: [2, 4] in a, [2, 6] in b"),
    (lambda: (leaf(2.0) * 3, leaf(2.0) * 4), 1, "receives 3 in a, 4 in b; leaf.grad: 3 in a, 4 in b"),
    (lambda: ((leaf(2.0) * 3).tanh(), (leaf(2.0) * 3).exp().tanh()), 0, "sends to MulBackward0 only in a"),
    (lambda: ((leaf(2.0) * 3).tanh(), (leaf(2.0) * 3).exp().tanh()), 1, "only in b"),
    (lambda: ((leaf(2.0) * 3).exp().tanh(), (leaf(2.0) * 3).tanh()), 1, "only in a"),
    (lambda: (leaf(0.5).exp(), leaf(0.5).tanh()), 0, "to leaf: 1.649 in a, 0.7864 in b"),
    (lambda: (leaf(0.0, 1.0).log().sum(), leaf(0.5, 1.0).log().sum()), 1, "to leaf: [inf, 1] in a, [2, 1] in b"),
]


@pytest.mark.parametrize(("make", "row", "words"), DIFFERENCES)
def test_a_difference_is_told_at_its_step(make: Callable[[], tuple[Any, Any]], row: int, words: str) -> None:
    with np.errstate(all="ignore"):
        a, b = make()
        found = lockstep(a, b)
    assert words in "; ".join(found.pairs[row].differences), found
    assert found.first is not None
    assert found.first <= row


def test_what_a_leaf_held_before_and_an_error_are_differences() -> None:
    x, y = leaf(2.0), leaf(2.0)
    y.grad = microtorch.tensor(10.0)
    a, b = x * 3, y * 3
    assert "x.grad: 3 in a, 13 in b" in lockstep(a, b).pairs[-1].differences
    b.register_hook(lambda grad: 1 / 0)
    assert "fails: it does not in a, ZeroDivisionError: division by zero in b" in lockstep(a, b).pairs[0].differences


def test_it_is_told_in_a_table() -> None:
    x = leaf(2.0)
    first, second = (x * 3).tanh(), (x * 3).exp().tanh()
    assert repr(lockstep(first, second)).splitlines()[:3] == [
        "first and second in lock-step: 3 steps of first, 4 of second; 3 correspond, the first difference is in row 0.",
        "  #  first  second  node                   what differs",
        "  0  1      1       TanhBackward0 (first)  sends to MulBackward0 only in first",
    ]


@settings(max_examples=30, deadline=None)
@given(program=programs("+*r"), values=numbers)
def test_a_students_engine_is_laid_beside_microtorch(program: Program, values: list[float]) -> None:
    ours = [microtorch.tensor(each, requires_grad=True) for each in values]
    for name, variable in zip("abcd", ours, strict=True):
        variable.name = name
    for name, i, j in program:
        x, y = ours[i % len(ours)], ours[j % len(ours)]
        ours.append(x + y if name == "+" else x * y if name == "*" else x.relu())
    found = lockstep(ours[-1] + ours[-2], scalars(program, values))
    words = [each for pair in found.pairs if None not in pair.steps for each in pair.differences]
    assert not [each for each in words if ".grad" in each], found


def test_the_first_wrong_step_of_a_students_engine_is_found() -> None:
    def program(a: Any, b: Any) -> Any:
        return (a * b + a) * b

    class Wrong(Value):
        def __mul__(self, other: Value) -> Value:
            return self.made(self.data * other.data, "*", (self, self.data), (other, other.data))

    found = lockstep(program(leaf(2.0), leaf(3.0)), program(Wrong(2.0), Wrong(3.0)))
    assert found.first == 2  # what a product makes here is a Value again, so only the first one is wrong
    assert found.pairs[2].title == "MulBackward0 #1"  # and not "MulBackward0 / *": they are known to be the same
    assert found.pairs[2].differences == ("to leaf #1: 9 in a, 6 in b", "to leaf #2: 6 in a, 9 in b")


def test_a_recursion_without_order_comes_to_a_node_once_more() -> None:
    def program(a: Any) -> Any:
        b = a * a
        return b * b + b

    wrong = program(Value(3.0))

    def visit(value: Value) -> None:
        value._backward()
        for each in value._prev:
            visit(each)

    def recursion() -> None:
        wrong.grad = 1.0
        visit(wrong)

    wrong.backward = recursion
    alone = [pair for pair in lockstep(wrong, program(leaf(3.0))).pairs if pair.steps[1] is None]
    assert [pair.differences for pair in alone] == [
        ("once more: in b it is step 3",),
        ("once more: in b it is step 4", "leaf.grad is then 228, in b 114"),
    ]


def test_it_moves_nothing_and_closes_only_what_it_has_opened() -> None:
    x = leaf(2.0)
    a = trace(x * 3)
    a.goto(2)
    lockstep(a, x * 5)
    assert a.is_open
    assert a.position == 2
    assert x.grad is not None
    assert x.grad.item() == 3.0


def test_it_keeps_no_leaf_and_no_graph_alive() -> None:
    x = leaf(1.0, 2.0)
    a, b = squares(x), squares(x * 2)
    kept = [weakref.ref(each) for each in (x, a, a.grad_fn, b.grad_fn)]
    found = lockstep(a, b)
    del x, a, b
    gc.collect()
    assert [each() for each in kept] == [None] * 4
    assert repr(found)


def test_the_page_is_told_in_plain_json_and_in_pieces() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(3000):
        y = y * 1.0
    found = lockstep(y, y)
    data = json.loads(json.dumps(found.rows(), allow_nan=False))
    page = json.loads(json.dumps(found.page(), allow_nan=False))
    assert [page["first"], page["last"], len(page["sides"]), len(page["rows"])] == [0, 3001, 2, 2000]
    assert found.answer({"rows": 2000}) == found.rows(2000)
    assert found.answer({"rows": "2000"}) is found.answer([]) is None
    assert (data["count"], data["first"], data["from"], len(data["rows"])) == (3001, None, 0, 2000)
    assert data["rows"][0] == {"title": "MulBackward0 (y)", "steps": [1, 1], "at": [1, 1], "differences": []}
    assert len(found.rows(2000)["rows"]) == 1001
    assert len(repr(found).splitlines()) < 50
