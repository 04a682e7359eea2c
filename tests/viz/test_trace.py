"""The recorded backward pass: against the engine, in both directions, and in words."""

import gc
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from itertools import count
from types import FrameType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import microtorch
from microtorch import Variable
from microtorch.autograd import Function
from microtorch.core.accumulate_grad import gradient_edge
from microtorch.viz.passes import story
from microtorch.viz.passes.trace import Trace, trace
from tests.viz.passes_cases import Case, a_leaf, grads, leaf, matrices, three_ways, tutorial

CASES = [tutorial, three_ways, matrices, a_leaf]
each_case = pytest.mark.parametrize("make", CASES)


@each_case
@pytest.mark.parametrize("existing", [False, True])
def test_stepped_to_the_end_it_equals_backward_bit_for_bit(make: Callable[[], Case], existing: bool) -> None:
    walked, plain = make(), make()
    for case in (walked, plain):
        for variable in case.leaves.values() if existing else ():
            variable.grad = microtorch.ones_like(variable) / 3
    trace(walked.root).last()
    plain.root.backward()
    assert grads(walked) == grads(plain)
    assert None not in grads(walked).values()


@each_case
def test_recording_changes_no_grad_and_frees_nothing(make: Callable[[], Case]) -> None:
    case = make()
    kept = {name: microtorch.ones_like(variable) for name, variable in case.leaves.items()}
    for name, grad in kept.items():
        case.leaves[name].grad = grad
    trace(case.root)
    assert all(case.leaves[name].grad is grad and (grad.array == 1).all() for name, grad in kept.items())
    case.root.backward()  # would raise, had the recording freed anything


@each_case
@pytest.mark.parametrize("existing", [False, True])
def test_every_position_looks_the_same_whichever_way_it_is_reached(make: Callable[[], Case], existing: bool) -> None:
    case = make()
    for variable in case.leaves.values() if existing else ():
        variable.grad = microtorch.ones_like(variable)
    before = {name: variable.grad for name, variable in case.leaves.items()}
    numbers = grads(case)
    walk = trace(case.root)
    forth = [grads(case)]
    for _ in walk.steps:
        walk.next()
        forth.append(grads(case))
    back = [grads(case)]
    for _ in walk.steps:
        walk.previous()
        back.append(grads(case))
    assert forth == back[::-1]
    assert forth[0] == numbers != forth[-1]
    assert all(case.leaves[name].grad is grad for name, grad in before.items())


def test_a_grad_changes_exactly_when_its_leaf_has_run() -> None:
    case = three_ways()
    walk = trace(case.root)
    seen = [(walk.goto(k), grads(case))[1] for k in range(len(walk.steps) + 1)]
    for k, step in enumerate(walk.steps, 1):
        assert (seen[k] != seen[k - 1]) == (step.grad is not None)


def test_an_existing_grad_is_changed_in_place_as_by_backward() -> None:
    x = leaf(3.0)
    held = x.grad = microtorch.tensor(1.0)
    walk = trace(x * x)
    walk.last()
    assert x.grad is held
    assert held.item() == 7.0
    walk.first()
    assert x.grad is held
    assert held.item() == 1.0


def test_zeroing_a_grad_elsewhere_rewrites_nothing_recorded_and_is_reported_when_overwritten() -> None:
    x = leaf(3.0)
    walk = trace(x * x)
    walk.last()
    assert x.grad is not None
    x.grad.zero_()
    walk.last()
    assert walk.overwritten == ("x",)
    assert x.grad.item() == 6.0
    assert "x.grad had been changed" in story.overwritten(walk)
    walk.first()
    assert walk.overwritten == ()
    assert story.overwritten(walk) == ""
    assert x.grad is None


def test_zeroing_the_grad_that_was_there_before_is_undone_at_the_start() -> None:
    x = leaf(3.0)
    held = x.grad = microtorch.tensor(1.0)
    walk = trace(x * x)
    walk.last()
    held.zero_()
    walk.first()
    assert x.grad is held
    assert held.item() == 1.0
    assert walk.overwritten == ("x",)


def test_close_gives_the_leaves_back_but_not_over_someone_elses_change() -> None:
    x, y = leaf(3.0), leaf(4.0)
    walk = trace(x * y)
    walk.last()
    mine = y.grad = microtorch.tensor(100.0)
    walk.close()
    assert x.grad is None
    assert y.grad is mine
    with pytest.raises(RuntimeError, match="closed"):
        walk.goto(1)


@pytest.mark.parametrize(
    ("position", "error"),
    [(-1, IndexError), (4, IndexError), (True, TypeError), (1.0, TypeError), ("1", TypeError), (None, TypeError)],
)
def test_what_is_no_position_is_refused_and_changes_nothing(position: object, error: type[Exception]) -> None:
    x = leaf(3.0)
    walk = trace((x * x).sum())
    walk.goto(2)
    with pytest.raises(error, match="0 to 3"):
        walk.goto(position)  # type: ignore[arg-type]
    assert walk.position == 2
    assert x.grad is None


def test_a_trace_keeps_no_graph_alive_and_after_closing_no_leaf() -> None:
    def walked() -> tuple[Trace, list[weakref.ref[object]]]:
        x = leaf(1.0, 2.0)
        y = x * x
        return trace(y.sum()), [weakref.ref(y.grad_fn), weakref.ref(x)]

    walk, (node, variable) = walked()
    gc.collect()
    assert node() is None
    walk.last()
    assert variable() is not None
    walk.close()
    gc.collect()
    assert variable() is None


# ---- nobody else's .grad ----


class Elsewhere(Function):
    """Hands its gradient on, and in between lets another thread run another backward pass."""

    @staticmethod
    def forward(ctx: Any, x: Variable, other: Variable) -> Variable:
        ctx.other = other
        return x * 1

    @staticmethod
    def backward(ctx: Any, grad: Variable) -> tuple[Variable, None]:
        thread = threading.Thread(target=ctx.other.backward)
        thread.start()
        thread.join()
        return grad, None


@pytest.mark.parametrize("existing", [False, True])
def test_what_another_thread_adds_to_a_grad_during_recording_is_not_lost(existing: bool) -> None:
    x, y = leaf(2.0), leaf(3.0)
    x.grad = microtorch.tensor(100.0) if existing else None
    trace(Elsewhere.apply(x * y, x * 5))
    assert x.grad is not None
    assert x.grad.item() == 5.0 + 100.0 * existing
    assert y.grad is None


def test_while_it_records_every_grad_is_the_one_it_was() -> None:
    x, y = leaf(2.0), leaf(3.0)
    held = y.grad = microtorch.tensor(1.0)
    seen = []
    z = x * y
    for each in (x, y, z):
        each.register_hook(lambda grad: seen.append((x.grad, y.grad, held.item())))
    trace(z * x)
    assert seen == [(None, held, 1.0)] * 3


HOOKS: dict[str, Callable[[Variable, Variable], object]] = {
    "of the leaf": lambda x, y: x.register_hook(lambda grad: grad * 2),
    "of what was computed": lambda x, y: y.register_hook(lambda grad: grad * 3),
    "before the node": lambda x, y: y.grad_fn.register_prehook(lambda grads: (grads[0] * 5,)),  # type: ignore[union-attr]
    "after the node": lambda x, y: y.grad_fn.register_hook(lambda ins, outs: tuple(each * 7 for each in ins)),  # type: ignore[union-attr]
    "before the leaf's node": lambda x, y: gradient_edge(x).register_prehook(lambda grads: (grads[0] * 11,)),  # type: ignore[union-attr]
    "after the leaf's node": lambda x, y: gradient_edge(x).register_hook(lambda ins, outs: None),  # type: ignore[union-attr]
}


@pytest.mark.parametrize("kind", HOOKS)
@pytest.mark.parametrize("existing", [False, True])
def test_hooks_run_once_and_what_they_replace_is_replaced(kind: str, existing: bool) -> None:
    results = []
    for walked in (True, False):
        x = leaf(1.0, 2.0)
        x.grad = microtorch.ones(2) / 3 if existing else None
        y = x * x
        out = y.sum()
        HOOKS[kind](x, y)
        if walked:
            walk = trace(out)
            walk.last()
            received = walk.steps[-1].received[0]
        else:
            out.backward()
        assert x.grad is not None
        results.append(x.grad.array.tobytes())
    assert results[0] == results[1]
    assert received is not None
    assert received.array is not None
    assert existing or received.array.tobytes() == results[0]


def test_hooks_that_wait_for_a_grad_that_has_grown_are_not_called() -> None:
    x = leaf(1.0, 2.0)

    def descend(x: Variable) -> None:
        pytest.fail("no step of training was asked for")

    x.register_post_accumulate_grad_hook(descend)
    walk = trace((x * x).sum())
    walk.last()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 4.0]


def test_what_retains_its_grad_has_none_from_recording_and_still_retains_it() -> None:
    x = leaf(3.0)
    y = x * x
    y.retain_grad()
    walk = trace(y * 2)
    walk.last()
    assert y.grad is None
    (y * 2).backward()
    assert y.grad is not None
    assert y.grad.item() == 2.0


def test_an_interruption_of_recording_is_raised_and_nothing_has_changed() -> None:
    x, y = leaf(1.0), leaf(2.0)
    held = y.grad = microtorch.tensor(5.0)

    def stop(grad: Variable) -> None:
        raise KeyboardInterrupt

    z = x * y
    z.register_hook(stop)
    with pytest.raises(KeyboardInterrupt):
        trace(z * x)
    assert x.grad is None
    assert y.grad is held
    assert held.item() == 5.0


# ---- all or nothing ----


class Interrupted:
    """Raises a KeyboardInterrupt before the n-th bytecode of the modules that move a trace."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self, frame: FrameType, event: str, argument: object) -> object:
        if not frame.f_code.co_filename.endswith(("trace.py", "leaves.py")):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt
        return self


def interrupted(n: int, move: Callable[[], None]) -> bool:
    """Make a move, with an interruption at one of its bytecodes; whether there are so many."""
    before = sys.gettrace()
    sys.settrace(Interrupted(n))  # type: ignore[arg-type]
    try:
        move()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.parametrize(("start", "end"), [(0, 4), (4, 0), (3, 4)])
@pytest.mark.parametrize("stranger", [False, True])
def test_a_move_that_is_interrupted_anywhere_is_made_or_not_made(start: int, end: int, stranger: bool) -> None:
    for n in count():
        x, y = leaf(2.0), leaf(3.0)
        held = y.grad = microtorch.tensor(1.0)
        walk = trace((x * y).exp())
        walk.goto(start)
        if stranger:
            held.fill_(50.0)
        before = walk.position, walk.overwritten, grads(Case({"x": x, "y": y}, x))
        was_interrupted = interrupted(n, lambda: walk.goto(end))  # noqa: B023 - called at once
        after = walk.position, walk.overwritten, grads(Case({"x": x, "y": y}, x))
        assert y.grad is held
        made = walk.position == end
        assert after == before or made
        if made:
            assert walk.overwritten == (("y",) if stranger else ())
            walk.goto(end)
            assert walk.overwritten == ()
            assert grads(Case({"x": x, "y": y}, x)) == after[2]
        walk.close()
        assert x.grad is None
        assert held.item() == (50.0 if stranger and not made else 1.0)
        if not was_interrupted:
            break
    assert n > 100


def test_closing_that_is_interrupted_anywhere_can_be_repeated() -> None:
    for n in count():
        x, y = leaf(2.0), leaf(3.0)
        held = y.grad = microtorch.tensor(1.0)
        walk = trace(x * y)
        walk.last()
        was_interrupted = interrupted(n, walk.close)
        walk.close()
        assert not walk.is_open
        assert x.grad is None
        assert y.grad is held
        assert held.item() == 1.0
        if not was_interrupted:
            break
    assert n > 100


def test_a_move_that_fails_halfway_changes_nothing_and_blames_nobody() -> None:
    x, y = leaf(2.0), leaf(3.0)
    walk = trace(x * y)
    y.data = microtorch.ones(3)
    with pytest.raises(RuntimeError, match="assign a gradient of size"):
        walk.last()
    assert (walk.position, walk.overwritten, x.grad, y.grad) == (0, (), None, None)
    y.data = microtorch.tensor(3.0)
    walk.last()
    assert walk.overwritten == ()
    assert grads(Case({"x": x, "y": y}, x)) == {name: np.float32(value).tobytes() for name, value in (("x", 3), ("y", 2))}


def test_a_move_in_place_is_noticed_by_a_graph_that_needs_the_old_numbers() -> None:
    x, w = leaf(3.0), leaf(2.0)
    x.grad = microtorch.tensor(1.0)
    uses_it = w * x.grad
    trace(x * x).last()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        uses_it.backward()


# ---- several traces over one leaf ----


@settings(max_examples=200, deadline=None)
@given(
    existing=st.booleans(),
    moves=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=8),
    opened=st.lists(st.integers(0, 8), min_size=3, max_size=3),
    order=st.permutations(range(3)),
)
def test_traces_closed_in_any_order_give_the_leaf_back_as_it_was_before_all(
    existing: bool, moves: list[tuple[int, int]], opened: list[int], order: list[int]
) -> None:
    x = leaf(3.0)
    held = x.grad = microtorch.tensor(1.0) if existing else None
    out = (x * x).exp()
    walks: dict[int, Trace] = {}
    for k in range(9):
        for i, when in enumerate(opened):
            if when == k:
                walks[i] = trace(out)
        if k < len(moves) and moves[k][0] in walks:
            walks[moves[k][0]].goto(moves[k][1])
    for i in order:
        walks[i].close()
    assert x.grad is held
    assert held is None or held.item() == 1.0


def test_a_change_by_someone_else_stays_though_several_traces_close() -> None:
    x = leaf(3.0)
    first, second = trace(x * x), trace(x * x)
    first.last()
    second.last()
    mine = x.grad = microtorch.tensor(100.0)
    third = trace(x * x)
    third.last()
    assert mine.item() == 106.0
    for walk in (second, third, first):
        walk.close()
    assert x.grad is mine
    assert mine.item() == 100.0


def test_a_trace_says_that_another_has_moved() -> None:
    x = leaf(3.0)
    first, second = trace(x * x), trace(x * x)
    first.last()
    second.last()
    assert second.overwritten == ("x",)
    second.first()
    assert second.overwritten == ()


def test_a_closed_trace_holds_no_array_and_still_tells_its_story() -> None:
    x = leaf(1.0, 2.0)
    x.grad = microtorch.ones(2)
    walk = trace((x * x).sum())
    story_told = repr(walk)
    values = [
        value for step in walk.steps for value in (*step.received, *(sent.value for sent in step.sent)) if value is not None
    ]
    arrays = [weakref.ref(value.array) for value in values if value.array is not None]
    del values
    assert len(arrays) > 4
    walk.close()
    assert [array() for array in arrays] == [None] * len(arrays)
    assert repr(walk) == story_told


# ---- what raises, and what changes meanwhile ----


class Broken(Function):
    @staticmethod
    def forward(ctx: Any, x: Variable) -> Variable:
        return x * 1

    @staticmethod
    def backward(ctx: Any, grad: Variable) -> Variable:
        raise ValueError("no way\nback")


def broken() -> Case:
    x, y = leaf(2.0), leaf(3.0)
    return Case({"x": x, "y": y}, (Broken.apply(x) * 2) * y)


def test_a_function_that_raises_is_the_last_step_and_grads_are_as_after_the_failing_backward() -> None:
    walked, plain = broken(), broken()
    walk = trace(walked.root)
    with pytest.raises(ValueError, match="no way"):
        plain.root.backward()
    assert walk.steps[-1].error == "ValueError: no way back"
    assert walk.steps[-1].received[0] is not None
    assert walk.find("error") == (len(walk.steps),)
    walk.last()
    assert walk.states()[walk.steps[-1].node].name == "failed"
    assert grads(walked) == grads(plain)
    assert walked.leaves["y"].grad is not None
    walk.first()
    assert walked.leaves["y"].grad is None


@pytest.mark.parametrize("error", [StopIteration("enough"), ZeroDivisionError(), RuntimeError("stop")])
def test_what_a_hook_raises_ends_the_pass_at_its_node(error: Exception) -> None:
    def stop(grad: Variable) -> None:
        raise error

    for of in ("z", "x"):
        x, y = leaf(2.0), leaf(3.0)
        z = x * y
        {"z": z, "x": x}[of].register_hook(stop)
        walk = trace(z * 5)
        assert walk.steps[-1].error.startswith(type(error).__name__)
        node = walk.snapshot.nodes[walk.steps[-1].node]
        assert of in (*node.outputs, node.label)
        walk.last()
        assert x.grad is None


def test_a_graph_freed_meanwhile_and_a_backward_are_told() -> None:
    x = leaf(3.0)
    out = x * x
    walk = trace(out)
    assert "freed" not in walk.note()
    out.backward()
    assert "backward() has run since and freed the graph" in walk.note()
    walk.last()
    assert "x.grad had been changed outside the stepper" in walk.note()
    assert x.grad is not None
    assert x.grad.item() == 6.0


@pytest.mark.parametrize(
    "change", [lambda x: x.data.mul_(2), lambda x: x.data.fill_(7.0), lambda x: x.__setattr__("data", x.data * 2)]
)
def test_a_leaf_that_has_changed_since_is_told(change: Callable[[Variable], object]) -> None:
    x, y = leaf(3.0), leaf(4.0)
    walk = trace(x * y)
    assert "changed" not in walk.note()
    change(x)
    assert "x has changed since this pass was recorded: its numbers are those of then." in walk.note()
    walk.close()
    assert "changed" not in walk.note()


# ---- refused, with nothing changed ----


def freed() -> Variable:
    root = (leaf(1.0) * leaf(2.0)).exp()
    root.backward()
    return root


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: 3.0, TypeError, "a float.*trace a result computed with Variable"),
        (lambda: [leaf(1.0)], TypeError, r"a list of 1.*trace\(outputs\[0\]\)"),
        (lambda: leaf(1.0).grad, TypeError, r"None.*Call backward\(\) first"),
        (lambda: (leaf(1.0) * 2).grad_fn, TypeError, "trace takes what can run backward.*draw shows it"),
        (lambda: microtorch.ones(2), RuntimeError, "does not require grad"),
        (lambda: microtorch.ones(2, requires_grad=True) * 2, RuntimeError, "scalar"),
        (freed, RuntimeError, "second time"),
    ],
)
def test_what_cannot_be_walked_is_refused(make: Callable[[], Variable], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        trace(make())


def test_a_pass_that_breaks_halfway_leaves_every_grad_alone() -> None:
    x, y = leaf(1.0), leaf(2.0)
    x.grad = held = microtorch.tensor(5.0)
    inner = x * y
    inner.backward()  # frees what x * y has saved
    assert held.item() == 7.0
    y.grad = None
    with pytest.raises(RuntimeError, match="second time"):
        trace(y + inner)
    assert x.grad is held
    assert held.item() == 7.0
    assert y.grad is None


def test_a_vector_can_be_walked_with_a_gradient_to_begin_with() -> None:
    x = leaf(1.0, 2.0)
    walk = trace(x * 3, microtorch.tensor([1.0, 10.0]))
    walk.last()
    assert x.grad is not None
    assert x.grad.tolist() == [3.0, 30.0]
    with pytest.raises(RuntimeError, match="shape"):
        trace(x * 3, microtorch.ones(3))


# ---- random graphs ----


@st.composite
def programs(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    size = draw(st.integers(1, 8))
    operation = st.sampled_from(["+", "*", "-", "tanh", "exp"])
    return [(draw(operation), draw(st.integers(0, i + 2)), draw(st.integers(0, i + 2))) for i in range(size)]


def run(program: list[tuple[str, int, int]]) -> Case:
    values = [leaf(0.5), leaf(-0.25, 0.75), leaf(1.5)]
    leaves = dict(zip("abc", values, strict=True))
    for name, i, j in program:
        a, b = values[i], values[j]
        values.append({"+": a + b, "*": a * b, "-": a - b, "tanh": a.tanh(), "exp": (a * 0.1).exp()}[name])
    return Case(leaves, values[-1].sum())


@settings(max_examples=60, deadline=None)
@given(program=programs(), moves=st.lists(st.integers(0, 40), max_size=6))
def test_any_walk_over_any_graph_ends_where_backward_does(program: list[tuple[str, int, int]], moves: list[int]) -> None:
    walked, plain = run(program), run(program)
    walk = trace(walked.root)
    plain.root.backward()
    for move in moves:
        walk.goto(min(move, len(walk.steps)))
    walk.last()
    assert grads(walked) == grads(plain)
    walk.first()
    assert set(grads(walked).values()) == {None}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


def test_a_deep_graph_is_walked_without_recursion() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(5000):
        y = y * 1.0
    walk: Trace = trace(y)
    walk.last()
    assert len(walk.steps) == 5001
    assert x.grad is not None
    assert x.grad.item() == 1.0
