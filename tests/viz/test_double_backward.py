"""The graph of a gradient, made with create_graph=True, is walked like any other; here and in PyTorch."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import microtorch
from microtorch.viz import draw, lockstep, quiz, trace, track_source
from microtorch.viz.passes.filmstrip import filmstrip
from tests.viz.quizzes import Program, applied, check, programs


def slope(lib: Any, make: Callable[[Any, Any], Any], *leaves: Any) -> Any:
    """The sum of the squares of a program's gradient with respect to its first leaf."""
    (gradient,) = lib.autograd.grad(make(lib, leaves), leaves[0], create_graph=True)
    return (gradient * gradient).sum()


def cube_function(lib: Any) -> Any:
    class Cube(lib.autograd.Function):  # type: ignore[misc,name-defined]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad * 3 * x**2

    return Cube


PROGRAMS: dict[str, Callable[[Any, Any], Any]] = {
    "cube": lambda lib, v: (v[0] ** 3).sum(),
    "product": lambda lib, v: (v[0] * v[1] * v[0]).sum(),
    "relu net": lambda lib, v: ((v[2] @ v[0]).relu() * v[1]).sum(),
    "tanh net": lambda lib, v: ((v[2] @ v[0]).tanh() * v[1]).mean(),
    "exp, log": lambda lib, v: ((v[1] * v[0]).exp() + 1).log().sum(),
    "Function": lambda lib, v: cube_function(lib).apply(v[0] * v[1]).sum(),
}


def leaves(lib: Any) -> list[Any]:
    numbers = [[1.0, -2.0], [0.5, 3.0], [[1.0, 0.5], [-1.0, 2.0]]]
    return [lib.tensor(each, requires_grad=True) for each in numbers]


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_end_is_what_backward_gives_and_the_beginning_is_as_before(program: str, lib: Any) -> None:
    walked, plain = leaves(lib), leaves(lib)
    walk = trace(slope(lib, PROGRAMS[program], *walked))
    walk.last()
    slope(lib, PROGRAMS[program], *plain).backward()
    found = [None if each.grad is None else each.grad.tolist() for each in walked]
    assert found == [None if each.grad is None else each.grad.tolist() for each in plain]
    assert found[0] is not None
    walk.first()
    assert [each.grad for each in walked] == [None] * 3


@pytest.mark.parametrize("program", PROGRAMS)
def test_its_gradients_can_be_asked_for(program: str, lib: Any) -> None:
    root = slope(lib, PROGRAMS[program], *leaves(lib))
    check(lambda: quiz(root))


def test_the_second_derivative_is_told_in_words(lib: Any) -> None:
    x = lib.tensor(2.0, requires_grad=True)
    y = x**3
    (dy_dx,) = lib.autograd.grad(y, x, create_graph=True)
    walk = trace(dy_dx)
    lines = [line[5:] for line in repr(walk).replace("MulBackward1", "MulBackward0").splitlines()[1:]]
    assert lines == [
        "Nothing has run yet: backward() will start at MulBackward0 (dy_dx) with 1.",
        "MulBackward0 (dy_dx) receives 1 and sends 1 to MulBackward0.",
        "MulBackward0 receives 1 and sends 3 to PowBackward0.",
        "PowBackward0 receives 3 and sends 12 to x.",
        "x accumulates 12: x.grad was None and is now 12.",
    ]
    assert "dy_dx" in repr(filmstrip(dy_dx))
    assert "dy_dx" in repr(draw(dy_dx))


def test_the_third_derivative_too(lib: Any) -> None:
    x = lib.tensor(2.0, requires_grad=True)
    (first,) = lib.autograd.grad(x**4, x, create_graph=True)
    (second,) = lib.autograd.grad(first, x, create_graph=True)
    walk = trace(second)
    walk.last()
    assert x.grad.item() == 48.0


@pytest.mark.filterwarnings("ignore:Using backward\\(\\) with create_graph=True")  # torch says it once a process
def test_a_grad_made_with_create_graph_is_walked_and_given_back(lib: Any) -> None:
    x = lib.tensor(2.0, requires_grad=True)
    (x**3).backward(create_graph=True)
    held = x.grad
    walk = trace(held)
    walk.last()
    assert held.item() == 12.0 + 12.0
    walk.close()
    assert x.grad is held
    assert held.item() == 12.0


@settings(max_examples=25, deadline=None)
@given(
    program=programs("+*-tmsr"),
    values=st.lists(st.sampled_from([0.3, 1.0, -1.0, 0.5, -0.7]), min_size=2, max_size=2),
)
def test_of_any_program_both_passes_end_where_backward_does(program: Program, values: list[float]) -> None:
    def gradient() -> tuple[Any, Any]:
        x = microtorch.tensor(values, requires_grad=True)
        made = [x, x * x]
        for name, i, j in program:
            made.append(applied(name, made[i % len(made)], made[j % len(made)]))
        y = made[-1].sum() + (x * x * x).sum()
        (found,) = microtorch.autograd.grad(y, x, create_graph=True)
        return x, found.sum()

    (walked, root), (plain, other) = gradient(), gradient()
    assert lockstep(root, other).first is None
    trace(root).last()
    other.backward()
    assert walked.grad.tolist() == plain.grad.tolist()


def test_a_grad_that_has_a_graph_is_called_so(lib: Any) -> None:
    x = lib.tensor(2.0, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's, which comes once
        (x**3).backward(create_graph=True)
    assert repr(trace(x.grad)).startswith("backward() from x.grad, ")
    assert "  x.grad  " in repr(draw(x.grad * 2))
    slope = x.grad
    assert repr(trace(slope)).startswith("backward() from slope, ")


def test_it_is_told_what_the_first_pass_has_made_where_that_is_known() -> None:
    with track_source():
        x = microtorch.tensor(2.0, requires_grad=True)
        y = (x * x).exp()
        (slope,) = microtorch.autograd.grad(y, x, create_graph=True)
        root = slope * slope
    walk = trace(root)
    made = {node.name for node in walk.snapshot.nodes if node.by_backward}
    kept = [node for node in walk.snapshot.nodes if not node.by_backward]
    assert made == {"AddBackward0", "MulBackward0"}
    assert [node.name for node in kept] == ["AccumulateGrad", "MulBackward0", "ExpBackward0", "MulBackward0"]
    page = walk.page()
    assert "4 of them were made by an earlier backward pass, with create_graph=True" in " ".join(page["start"]["lines"])
    assert sum("earlier" in node for node in page["nodes"]) == 4
    with track_source():
        y.backward(create_graph=True)
    assert any(node.by_backward for node in trace(x.grad).snapshot.nodes)
    assert "earlier" not in str(trace(y).page())
