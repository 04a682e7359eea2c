"""The update after a pass: told from what was before and after, for optimizers and for lines written by hand."""

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import microtorch
from microtorch.viz.passes.trace import trace
from microtorch.viz.passes.update import Update, update
from tests.optim.table import NAMES
from tests.viz.passes_cases import leaf
from tests.viz.quizzes import Value


def sentences(told: Update) -> list[str]:
    return [each.sentence for each in told.changes]


def after(lines: Callable[[Any, Any], object], lib: Any = microtorch) -> list[str]:
    """What is said of these lines after a pass in which w, 0.5, gets the gradient 2, and v, [1, 2], gets [2, 3]."""
    w, v = lib.tensor(0.5, requires_grad=True), lib.tensor([1.0, 2.0], requires_grad=True)
    loss = w * 2 + (v * lib.tensor([2.0, 3.0])).sum()
    with update(trace(loss)) as told:
        lines(w, v)
    return sentences(told)


def by_hand(w: Any, v: Any) -> None:
    for each in (w, v):
        each.data -= 0.1 * each.grad


def steps(kind: str, zero: bool = False, **settings: Any) -> Callable[[Any, Any], None]:
    def lines(w: Any, v: Any) -> None:
        import torch

        lib = microtorch if isinstance(w, microtorch.Variable) else torch
        optimizer = getattr(lib.optim, kind)([w, v], **settings)
        optimizer.step()
        if zero:
            optimizer.zero_grad()

    return lines


PLAIN = ["w is updated: 0.5 − 0.1 × 2 = 0.3.", "v is updated: [1, 2] − 0.1 × [2, 3] = [0.8, 1.7]."]
CLEARED = ["w.grad is cleared: it was 2 and is now None.", "v.grad is cleared: it was [2, 3] and is now None."]
CASES: list[tuple[Callable[[Any, Any], object], list[str]]] = [
    (by_hand, PLAIN),
    (steps("SGD", lr=0.1), PLAIN),
    (steps("SGD", lr=0.1, zero=True), [*PLAIN, *CLEARED]),
    (steps("SGD", lr=0.1, maximize=True), [PLAIN[0].replace("−", "+").replace("0.3", "0.7"),
                                           "v is updated: [1, 2] + 0.1 × [2, 3] = [1.2, 2.3]."]),
    (steps("SGD", lr=0.1, weight_decay=0.5), ["w was 0.5 and is now 0.275.", "v was [1, 2] and is now [0.75, 1.6]."]),
    (lambda w, v: w.grad.zero_(), ["w.grad is cleared: it was 2 and is now 0."]),
    (lambda w, v: w.grad.mul_(0.5), ["w.grad is changed: it was 2 and is now 1."]),
    (lambda w, v: (w.grad.mul_(0.5), w.data.sub_(0.1 * w.grad)),
     ["w is updated: 0.5 − 0.1 × 1 = 0.4.", "w.grad is changed: it was 2 and is now 1."]),
    (lambda w, v: w.data.fill_(7.0), ["w was 0.5 and is now 7."]),
    (lambda w, v: None, []),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "words"), CASES)
def test_what_has_changed_is_told(lines: Callable[[Any, Any], object], words: list[str], lib: Any) -> None:
    assert after(lines, lib) == words


@pytest.mark.parametrize("kind", NAMES)
def test_every_optimizer_is_told_as_that_of_torch(kind: str, torch: Any) -> None:
    mine, theirs = (after(steps(kind, zero=True, lr=0.1), library) for library in (microtorch, torch))
    assert mine == theirs
    assert len(mine) == 4


def test_what_a_closure_computes_in_between_is_not_in_the_way(lib: Any) -> None:
    w = lib.tensor(0.5, requires_grad=True)
    optimizer = lib.optim.LBFGS([w], max_iter=3)

    def closure() -> Any:
        optimizer.zero_grad()
        (value := (w - 3) ** 2).backward()
        return value

    with update(trace((w - 3) ** 2), optimizer) as told:
        optimizer.step(closure)
    assert sentences(told)[0] == "w was 0.5 and is now 3."


def test_what_looks_like_descent_is_told_so_of_an_optimizer_only_at_its_own_rate(lib: Any) -> None:
    told = []
    for kind in (lib.optim.Adam, lib.optim.SGD):
        w = lib.tensor(0.5, requires_grad=True)
        optimizer = kind([w], lr=0.1)
        with update(trace(w * 2), optimizer) as found:
            optimizer.step()
        told += sentences(found)
    assert told == ["w was 0.5 and is now 0.4.", PLAIN[0]]


def test_adam_is_no_descent_where_gradients_differ(lib: Any) -> None:
    assert after(steps("Adam", lr=0.1), lib) == ["w was 0.5 and is now 0.4.", "v was [1, 2] and is now [0.9, 1.9]."]


def test_of_a_students_engine_too() -> None:
    w, x = Value(0.5), Value(3.0)
    w.label, x.label = "w", "x"
    with update(trace(w * x)) as told:
        w.data -= 0.1 * w.grad
        w.grad = 0.0
    assert sentences(told) == ["w is updated: 0.5 − 0.1 × 3 = 0.2.", "w.grad is cleared: it was 3 and is now 0."]


def test_it_is_numbered_on_from_the_pass() -> None:
    w = leaf(0.5)
    walk = trace(w * 2)
    with update(walk) as told:
        w.data -= 0.1 * w.grad  # type: ignore[operator]
    assert repr(told).splitlines()[1] == "  3  w is updated: 0.5 − 0.1 × 2 = 0.3."
    assert (walk.position, walk.end, len(walk.steps)) == (3, 3, 2)
    assert repr(walk).splitlines()[-1].startswith(repr(told).splitlines()[1])
    with update(walk) as told:
        pass
    assert repr(told) == "After backward() from the root, 2 steps, no leaf has changed."


def test_the_pass_goes_to_its_end_first_and_walking_back_puts_back_only_grad() -> None:
    w = leaf(0.5)
    walk = trace(w * 2)
    with update(walk):
        assert walk.position == 2
        w.data -= 0.1 * w.grad  # type: ignore[operator]
    walk.first()
    assert w.grad is None
    assert w.item() == pytest.approx(0.3)
    assert walk.note() == ""
    w.data.zero_()
    assert "w has changed since this pass was recorded" in walk.note()


def test_lines_that_raise_are_not_told_and_their_error_is_theirs() -> None:
    w = leaf(0.5)
    told = update(trace(w * 2))
    with pytest.raises(ZeroDivisionError), told:
        w.data -= 1 / 0
    assert told.changes == ()


def test_a_closed_trace_is_refused_and_an_update_is_told_once() -> None:
    w = leaf(0.5)
    walk = trace(w * 2)
    with update(walk) as told:
        pass
    with pytest.raises(RuntimeError, match="told"), told:
        pass
    walk.close()
    with pytest.raises(RuntimeError, match="closed"), update(walk):
        pass


def test_of_many_leaves_the_text_tells_the_first() -> None:
    leaves = [leaf(1.0) for _ in range(60)]
    with update(trace(microtorch.stack(leaves).sum())) as told:
        for each in leaves:
            each.data -= 0.5 * each.grad  # type: ignore[operator]
    assert len(told.changes) == 60
    assert repr(told).endswith("20 more changes …")


def test_it_keeps_no_array_of_a_leaf() -> None:
    w = leaf(1.0, 2.0)
    walk = trace((w * 2).sum())
    with update(walk) as told:
        w.data -= 0.5 * w.grad  # type: ignore[operator]
    kept = weakref.ref(w)
    walk.close()
    del w, walk
    gc.collect()
    assert kept() is None
    assert told.changes


@settings(max_examples=50, deadline=None)
@given(
    rate=st.sampled_from([0.03, 0.1, 1.0, -0.5]),
    data=st.lists(st.floats(-4, 4, width=32), min_size=1, max_size=5),
    scale=st.floats(-3, 3, width=32).filter(lambda x: abs(x) > 0.5),
)
def test_descent_is_known_as_descent(rate: float, data: list[float], scale: float) -> None:
    w = microtorch.tensor(data, requires_grad=True)
    with update(trace((w * scale).sum())) as told:
        w.data -= rate * w.grad  # type: ignore[operator]
    assert told.changes
    assert f"{'−' if rate > 0 else '+'} {abs(rate):.4g} × " in told.changes[0].sentence
