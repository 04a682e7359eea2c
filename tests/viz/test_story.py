"""A backward pass in words."""

from collections.abc import Iterator

import numpy as np
import pytest

import microtorch
from microtorch import Variable
from microtorch.viz.graph.snapshot import summarize
from microtorch.viz.passes import page as page_data
from microtorch.viz.passes import story, words
from microtorch.viz.passes.steps import Value
from microtorch.viz.passes.trace import Trace, trace
from tests.viz.passes_cases import leaf


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


def test_the_whole_pass_is_told_in_words() -> None:
    x = microtorch.ones(2, 2, requires_grad=True)
    y = x + 2
    z = y * y * 3
    out = z.mean()
    walk = trace(out)
    walk.goto(4)
    assert repr(walk).splitlines() == [
        "backward() from out, 5 steps, at 4:",
        "  0  Nothing has run yet: backward() will start at MeanBackward0 (out) with 1.",
        "  1  MeanBackward0 (out) receives 1 and sends 0.25 in each of 2×2 to MulBackward0 (z).",
        "  2  MulBackward0 (z) receives 0.25 in each of 2×2 and sends 0.75 in each of 2×2 to MulBackward0.",
        "  3  MulBackward0 receives 0.75 in each of 2×2 and sends 2.25 in each of 2×2 to AddBackward0 (y), twice.",
        "  4  AddBackward0 (y) receives 2.25 + 2.25 = 4.5 in each of 2×2 and sends 4.5 in each of 2×2 to x.",
        "  5  x accumulates 4.5 in each of 2×2: x.grad was None and is now 4.5 in each of 2×2.",
    ]


def test_an_existing_grad_is_told_as_old_and_new() -> None:
    x = leaf(3.0)
    x.grad = microtorch.tensor(1.0)
    walk = trace(x * 2)
    assert repr(walk).splitlines()[-1] == "  2  x accumulates 2: x.grad held 1 and is now 1 + 2 = 3."
    assert page_data.step_data(story.Story(walk), 2)["grad"] == {
        "of": "x.grad",
        "sum": "1 + 2",
        "value": "3",
        "remark": "added to what it held before",
    }
    assert "x.grad already holds 1: this pass adds to it." in story.Story(walk).before()


def test_a_long_pass_is_told_by_its_ends() -> None:
    y = leaf(1.0)
    for _ in range(100):
        y = y + 1
    lines = repr(trace(y)).splitlines()
    assert len(lines) < 50
    assert "    …  61 more steps …" in lines
    assert lines[-1].startswith("  101  leaf accumulates 1")


def phases(walk: Trace, k: int) -> list[tuple[str, str]]:
    return [(phase.name, phase.text) for phase in story.Story(walk).phases(k)]


def test_a_step_is_told_phase_by_phase() -> None:
    x, y = leaf(2.0), leaf(3.0)
    z = x * y
    out = z * z
    walk = trace(out)
    assert phases(walk, 0) == []
    assert phases(walk, 2) == [
        ("taken", "MulBackward0 (z) is taken from the queue: both gradients have arrived."),
        ("receives", "It receives ∂out/∂z = 6 + 6 = 12."),
        ("applies", "It applies its rule: grad * y = 12 * 3."),
        ("applies", "It applies its rule: grad * x = 12 * 2."),
        ("sends", "It sends 36 to x and 24 to y."),
    ]
    assert phases(walk, 3) == [
        ("taken", "x is a leaf, and what it waited for has arrived."),
        ("receives", "It receives ∂out/∂x = 36."),
        ("accumulates", "x accumulates: x.grad was None and is now 36."),
    ]


def test_a_step_that_fails_ends_with_its_error() -> None:
    z = leaf(2.0) * 3
    z.register_hook(lambda grad: 1 / 0)
    assert phases(trace(z), 1)[-1] == (
        "fails",
        "MulBackward0 (z) fails: ZeroDivisionError: division by zero. The pass ends here.",
    )


def test_what_a_hook_makes_of_a_gradient_is_told() -> None:
    x = leaf(2.0)
    y = x * 5
    y.register_hook(lambda grad: grad * 3)
    assert "receives hook(1) = 3 and sends 15 to x" in repr(trace(y))


@pytest.mark.parametrize(
    ("shape", "bare", "short", "label"),
    [
        ((), "1", "1", "1"),
        ((2,), "[1, 1]", "[1, 1]", "[1, 1]"),
        ((1, 1), "[[1]]", "[[1]]", "[[1]]"),
        ((2, 2), "1", "1 in each of 2×2", "1 each"),
        ((7,), "1", "1 in each of 7 elements", "1 each"),
    ],
)
def test_a_gradient_in_words(shape: tuple[int, ...], bare: str, short: str, label: str) -> None:
    value = Value(summarize(np.ones(shape)))
    assert (words.bare(value), words.short(value), words.label(value)) == (bare, short, label)


@pytest.mark.parametrize(
    ("array", "beside"),
    [
        (1.0, "1"),
        ([1.0, 0.0, 0.0], "[1, 0, 0]"),
        ([0.0, 1.0, 0.0], "[0, 1, 0]"),  # not to be taken for the row above, whose norm is the same
        ([1.0, 1.0, 1.0], "[1, 1, 1]"),
        ([1.0, 2.0, 3.0, 4.0], "[1, 2, 3, 4]"),
        ([[1.0, 2.0]], "[[1, 2]]"),
        ([[1.0, 2.0], [0.0, 3.0]], "2×2"),
        (np.arange(100.0).reshape(10, 10), "‖573‖"),
        ([[2.0, 2.0], [2.0, 2.0]], "2"),
        ([1.0] * 7, "1"),
        ([*range(7)], "‖9.54‖"),
        ([0.1234, 0.2345, 0.3456], "‖0.435‖"),
    ],
)
def test_a_gradient_beside_an_edge(array: object, beside: str) -> None:
    assert words.brief(Value(summarize(np.asarray(array)))) == beside


def test_what_begins_with_a_vector_is_told_as_the_gradient_of_what_it_weighs() -> None:
    """A gradient of y itself, of three numbers, would be a matrix: nothing may call the vector v, or v times J, so."""
    x = leaf([1.0, 2.0])
    y = microtorch.tensor([[1.0, 2.0], [3.0, 0.0], [-1.0, 4.0]]) @ x
    walk = trace(y, microtorch.tensor([2.0, 0.0, 1.0]))
    assert story.Story(walk).sentence(0).endswith("will start at MvBackward0 (y) with v = [2, 0, 1].")
    assert story.Story(walk).before()[1] == (
        "v is what backward(v) is given: gradients are those of v·y, the sum of v's elements times those of y."
    )
    assert [of for k in (0, 1) for of, _, _ in story.Story(walk).received(walk.steps[k])] == ["∂(v·y)/∂y", "∂(v·y)/∂x"]


def test_a_grad_of_zeros_is_nothing_to_warn_of() -> None:
    x = leaf(3.0)
    x.grad = microtorch.tensor(0.0)
    assert story.Story(trace(x * 2)).before() == ["2 nodes will run, from the result back to the leaves."]


def test_a_large_gradient_is_told_by_its_size_and_norm() -> None:
    value = Value(summarize(np.arange(100.0).reshape(10, 10)))
    assert (words.bare(value), words.short(value), words.label(value)) == ("[10×10]", "[10×10, norm 573]", "norm 573")


# ---- where something happens ----


def sick() -> tuple[Variable, Trace]:
    x, y = leaf(0.0), leaf(2.0)
    out = x.log() * y
    return x, trace(out)


def test_what_happens_where_is_found_by_name_by_leaf_and_by_event() -> None:
    x, walk = sick()
    assert [walk.find(what) for what in ("out", "MulBackward0", "y", "x", x, "accumulates", "nan", "error")] == [
        *[(1,), (1,), (2,), (4,), (4,), (2, 4), (1, 2, 3, 4), ()],
    ]


def test_a_walk_runs_until_it_happens_next() -> None:
    x, walk = sick()
    assert walk.until("accumulates")
    assert walk.position == 2
    assert walk.until("accumulates")
    assert (walk.position, x.grad is None) == (4, False)
    assert not walk.until("accumulates")
    walk.goto(2)
    assert not walk.until("error")
    assert walk.position == 4


def test_a_variable_called_as_an_event_goes_before_it() -> None:
    nan = leaf(1.0)
    walk = trace(nan * 2)
    assert walk.find("nan") == (2,)


@pytest.mark.parametrize("what", ["w", "", leaf(1.0), None, 3])
def test_what_is_not_there_is_not_looked_for(what: object) -> None:
    with pytest.raises(ValueError, match=r"nothing in this pass is called|no leaf of this pass"):
        sick()[1].until(what)
