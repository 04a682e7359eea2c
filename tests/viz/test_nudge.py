"""Nudge: finite differences beside the gradient, and what is said where the two differ."""

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
from microtorch.autograd import Function
from microtorch.viz.passes.nudge import nudge
from tests.viz.quizzes import Program, Value, applied, programs


def leaf(*values: float, dtype: Any = np.float64) -> microtorch.Variable:
    return microtorch.tensor(np.array(values if len(values) > 1 else values[0], dtype=dtype), requires_grad=True)


@settings(max_examples=40, deadline=None)
@given(program=programs("+*-tms"), numbers=st.lists(st.sampled_from([0.0, 0.3, -1.0, 0.5, -0.7, 1.1]), min_size=3, max_size=3))
def test_of_any_smooth_program_the_two_agree(program: Program, numbers: list[float]) -> None:
    def f(x: Any, y: Any) -> Any:
        values = [x, y]
        for name, i, j in program:
            values.append(applied(name, values[i % len(values)], values[j % len(values)]))
        return values[-1].sum() * 0.1 + x.sum()

    found = nudge(f, leaf(*numbers[:2]), leaf(numbers[2]), h=1e-4)
    for row in found.rows:  # of a cube at 0, no h is small enough to leave nothing
        assert row.verdict == "agrees" or (row.verdict == "h is too large" and row.error < 1e-7), found


class Wrong(Function):
    @staticmethod
    def forward(ctx: Any, x: microtorch.Variable) -> microtorch.Variable:
        return x * 3

    @staticmethod
    def backward(ctx: Any, grad: microtorch.Variable) -> microtorch.Variable:
        return grad * 2


def changed_unseen(x: microtorch.Variable) -> microtorch.Variable:
    y = x.exp()
    y.data += 2
    return y


def changed(x: microtorch.Variable) -> microtorch.Variable:
    y = x.exp()
    y += 2
    return y


x32 = {"dtype": np.float32}
VERDICTS: list[tuple[str, Callable[[Any], Any], microtorch.Variable, float, str]] = [
    ("agrees", lambda x: x**3, leaf(2.0), 1e-3, ""),
    ("agrees", lambda x: x * 0 + 7, leaf(2.0), 1e-3, ""),
    ("h is too large", lambda x: x**3, leaf(2.0), 1.0, "half of h gives 12.25"),
    ("h is too small", lambda x: x.tanh() + 5, leaf(0.7, **x32), 1e-6, "rounded (float32)"),
    ("h is too small", lambda x: x**3, leaf(2.0, **x32), 1e-9, "x + h is x"),
    ("h is too small", lambda x: x.tanh() + 5, leaf(0.7), 1e-14, "rounded (float64)"),
    ("kink", lambda x: x.relu(), leaf(0.0), 1e-3, "to the left the slope is 0, to the right 1"),
    ("kink", lambda x: x.abs(), leaf(0.0), 1e-3, "to the left the slope is -1, to the right 1"),
    ("jump", lambda x: x * (3 if x.item() > 1.9995 else 5), leaf(2.0), 1e-3, "just to the left the result jumps"),
    ("jump", lambda x: x * (5 if x.item() > 2.0 else 3), leaf(2.0), 1e-3, "just to the right the result jumps"),
    ("differs", Wrong.apply, leaf(2.0), 1e-3, "Function"),
    ("differs", changed_unseen, leaf(0.0), 1e-3, ".data"),
    ("no way back", lambda x: x.detach() * 3, leaf(2.0), 1e-3, "detach()"),
    ("no way back", lambda x: float(x.item() * 3), leaf(2.0), 1e-3, "detach()"),
    ("not finite", lambda x: x.log(), leaf(0.0), 1e-3, "not finite"),
]


@pytest.mark.parametrize(("verdict", "f", "x", "h", "words"), VERDICTS)
def test_a_difference_is_judged(verdict: str, f: Callable[[Any], Any], x: Any, h: float, words: str) -> None:
    with np.errstate(all="ignore"):
        found = nudge(f, x, h=h)
    (row,) = found.rows
    assert row.verdict == verdict, found
    assert words in row.remark
    assert words in repr(found)


def test_it_is_told_in_a_table() -> None:
    x, w = leaf(1.0, 2.0), leaf(3.0)
    assert repr(nudge(lambda x, w: (x * w).sum(), x, w, h=0.5)).splitlines() == [
        "Nudge by h = 0.5:",
        "    x     (f(x + h) − f(x − h)) / 2h  slope  gradient  error",
        "    x[0]  (10.5 − 7.5) / 1            3      3         0      agrees",
        "    x[1]  (10.5 − 7.5) / 1            3      3         0      agrees",
        "    w     (10.5 − 7.5) / 1            3      3         0      agrees",
    ]


def test_another_h_is_tried_and_the_error_over_h_is_a_u() -> None:
    found = nudge(lambda x: x.exp(), leaf(1.0, dtype=np.float32))
    assert found.at(0.1).rows[0].error > found.at(0.01).rows[0].error
    errors = [error for _, error in found.curve() if error == error]  # noqa: PLR0124 - NaN
    least = errors.index(min(errors))
    assert 0 < least < len(errors) - 1
    assert [h for h, _ in found.curve()][:3] == [1.0, 0.1, 0.01]


def test_the_nudge_is_as_wide_as_rounding_has_left_it() -> None:
    (row,) = nudge(lambda x: x * 4, leaf(1000.0, dtype=np.float32), h=2e-4).rows
    assert row.slopes.width == float(np.float32(1000.0) + np.float32(2e-4)) - float(np.float32(1000.0) - np.float32(2e-4))
    assert row.slopes.width != 4e-4
    assert row.verdict == "agrees"


def test_where_only_half_of_h_is_rounded_away_h_is_not() -> None:
    (row,) = nudge(lambda x: x * 4, leaf(1000.0, dtype=np.float32), h=4e-5).rows
    assert row.slopes.width > 0
    assert row.verdict in {"agrees", "h is too small"}
    assert "x + h is x" not in row.remark


def test_nothing_changes() -> None:
    x, w = leaf(1.0, 2.0), leaf(3.0)
    held = x.grad = microtorch.tensor(np.array([5.0, 6.0]))
    seen = []

    def f(y: Any) -> Any:
        seen.append(y is x)
        y.detach().mul_(2)  # a copy, every time
        return (y * w).sum()

    nudge(f, x)
    assert x.tolist() == [1.0, 2.0]
    assert x.grad is held
    assert held.tolist() == [5.0, 6.0]
    assert w.grad is None
    assert not any(seen)


def test_of_a_large_input_some_elements_in_all_columns_are_nudged() -> None:
    found = nudge(lambda w: (w * w).sum(), microtorch.ones(30, 4, requires_grad=True))
    assert 8 < len(found.rows) <= 16
    assert {each.index[1] for each in found.rows} == {0, 1, 2, 3}
    assert f"{len(found.rows)} of 120 elements." in repr(found)


def test_what_requires_no_gradient_is_not_nudged_but_given() -> None:
    found = nudge(lambda x, y: (x * y).sum(), leaf(2.0), microtorch.tensor(5.0))
    assert [each.slope for each in found.rows] == [pytest.approx(5.0)]


def test_a_value_in_between_is_nudged_by_the_rest_of_the_program() -> None:
    x = leaf(2.0)
    y = x * 3
    (row,) = nudge(lambda y: y * y, y).rows
    assert row.title == "y"
    assert row.gradient == 12.0


def test_a_function_that_gives_another_result_each_time_is_told() -> None:
    found = nudge(lambda x: (x * microtorch.rand(2)).sum(), leaf(1.0, 2.0))
    assert not found.is_steady
    assert {each.verdict for each in found.rows} == {"unsteady"}
    assert "dropout?" in repr(found)


def test_a_students_engine_is_nudged() -> None:
    a, b = Value(2.0), Value(-3)
    found = nudge(lambda a, b: a * b + a * a, a, b, h=1e-4)
    assert [(each.title, each.gradient, each.verdict) for each in found.rows] == [("a", 1.0, "agrees"), ("b", 2.0, "agrees")]
    assert (a.grad, b.grad, a.data, b.data) == (0.0, 0.0, 2.0, -3)


REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: nudge(lambda x: x * 2, leaf(1.0, 2.0)), TypeError, r"single number, as .sum\(\).*shape \(2,\)"),
    (lambda: nudge(changed, leaf(1.0)), RuntimeError, "backward.. fails with RuntimeError: .*modified by an inplace operation"),
    (lambda: nudge(lambda x: None, leaf(1.0)), TypeError, "a NoneType"),
    (lambda: nudge(lambda x: x, 3.0), TypeError, "got a float"),
    (lambda: nudge(lambda: 3.0), ValueError, "requires a gradient"),
    (lambda: nudge(lambda x: x, microtorch.tensor(2.0)), ValueError, "requires a gradient"),
    *[(lambda h=h: nudge(lambda x: x, leaf(1.0), h=h), ValueError, "above 0") for h in (0, -1.0, float("nan"), True, "1")],  # type: ignore[misc]
]


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_what_cannot_be_nudged_is_refused(call: Callable[[], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_the_page_is_told_in_plain_json_and_may_ask_for_another_h() -> None:
    found = nudge(lambda x: x**3, leaf(2.0), h=0.5)
    data = json.loads(json.dumps(found.page(), allow_nan=False))
    assert data == found.page()
    assert data["rows"][0]["verdict"] == "h is too large"
    told = found.reply({"nudge": 0.001})
    assert told is not None
    assert (told["h"], told["rows"][0]["verdict"]) == (0.001, "agrees")
    json.dumps(nudge(lambda x: x**3, leaf(2.0), h=1e-30).page(), allow_nan=False)


@pytest.mark.parametrize("message", [None, {}, {"nudge": "1"}, {"nudge": 0}, {"nudge": float("nan")}, {"nudge": True}, [1]])
def test_what_is_no_question_is_not_answered(message: Any) -> None:
    assert nudge(lambda x: x**3, leaf(2.0)).reply(message) is None


def test_it_keeps_no_graph_alive() -> None:
    made: list[weakref.ref[Any]] = []

    def f(x: Any) -> Any:
        y = x * 3
        made.append(weakref.ref(y.grad_fn)) if y.grad_fn is not None else None
        return y

    found = nudge(f, leaf(2.0))
    gc.collect()
    assert made
    assert all(each() is None for each in made)
    assert found.rows[0].gradient == 3.0


def test_a_nudge_is_walked_from_what_its_function_makes_of_the_inputs_themselves() -> None:
    x, data = microtorch.tensor([1.0, 2.0], requires_grad=True), microtorch.tensor([3.0, 4.0])
    found = nudge(lambda x, data: (x * data).sum(), x, data)
    walk = found.walk()
    (leaf,) = (step.node for step in walk.steps if step.grad is not None)
    assert found.nodes(walk) == {leaf: [0, 1]}
    walk.last()
    assert x.grad is not None
    assert x.grad.tolist() == [3.0, 4.0]
    walk.close()


def test_the_page_is_told_how_the_error_changes_with_h_and_how_large_it_is() -> None:
    found = nudge(lambda x: x**3, microtorch.tensor(2.0, requires_grad=True, dtype=microtorch.float64), h=0.1)
    answer = found.reply({"curve": 0})
    assert answer is not None
    assert [h for h, _ in answer["points"]][:2] == [1.0, 0.1]
    assert answer["points"][1][1] == pytest.approx(0.01)
    assert found.page()["rows"][0]["relative"] == pytest.approx(0.01 / 12.01)
    assert found.reply({"curve": 1}) is found.reply({"curve": -1}) is found.reply({"curve": "0"}) is None
