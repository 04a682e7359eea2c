"""What is recorded of a backward pass: the order, sums as they grow, broadcasts undone, rules in numbers."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

import microtorch
from microtorch import Variable
from microtorch.autograd import Function
from microtorch.viz.passes import page as page_data
from microtorch.viz.passes import recording, story, words
from microtorch.viz.passes.trace import trace
from tests.viz.passes_cases import leaf, matrices, three_ways


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


def test_the_nodes_run_in_the_engines_order_which_the_ready_queue_foretells() -> None:
    case = three_ways()
    walk = trace(case.root)
    order = [walk.snapshot.nodes[step.node].name for step in walk.steps]
    assert order[:2] == ["SumBackward0", "AddBackward0"]
    for k, step in enumerate(walk.steps):
        walk.goto(k)
        assert walk.ready()[0] == step.node or walk.steps[k].grad is not None
        assert step.node in walk.ready()
    walk.last()
    assert walk.ready() == ()


def test_a_sum_grows_while_its_node_waits() -> None:
    a = leaf(2.0)
    walk = trace(a * 3 + a * a + a.exp())
    names = words.titles(walk.snapshot)
    grown = []
    for k in range(len(walk.steps)):
        walk.goto(k)
        state = walk.states()[names.index("a")]
        if state.parts:
            grown.append((state.name, " + ".join(words.bare(part.value) for part in state.parts), state.expects))
    assert grown == sorted(grown, key=lambda row: len(row[1]))
    assert grown[0] == ("waiting", "7.389", 4)
    assert grown[-1][0] == "ready" or len(grown[-1][1].split(" + ")) == 3


def test_a_variable_used_twice_by_one_node_receives_two_gradients() -> None:
    y = leaf(3.0)
    walk = trace(y * y)
    step = walk.steps[-1]
    assert [part.edge for part in step.parts] == [0, 1]
    assert story.Story(walk).received(step)[0][:2] == ("∂L/∂y", "3 + 3")


def test_what_arrives_is_the_sum_of_its_parts_and_of_the_shape_of_the_output() -> None:
    for step in trace(matrices().root).steps:
        total = sum(part.value.array for part in step.parts if part.value is not None and part.value.array is not None)
        received = step.received[0]
        assert received is not None
        np.testing.assert_allclose(total, received.array, rtol=1e-6)
        assert np.shape(total) == received.summary.shape


@pytest.mark.parametrize(
    ("shape", "axes", "axes_words"),
    [
        ((2,), (0,), "summed over axis 0"),
        ((3, 1), (1,), "summed over axis 1"),
        ((), (0, 1), "summed over axes 0 and 1"),
        ((3, 2), (), ""),
    ],
)
def test_undoing_a_broadcast_names_the_summed_axes(shape: tuple[int, ...], axes: tuple[int, ...], axes_words: str) -> None:
    x = microtorch.ones(3, 2, requires_grad=True)
    b = microtorch.ones(*shape).data if shape else microtorch.tensor(1.0)
    b.requires_grad = True
    walk = trace((x * b).sum())
    (sent,) = (sent for step in walk.steps for sent in step.sent if sent.edge.port == 1)
    assert sent.summed == axes
    assert sent.value is not None
    assert sent.value.summary.shape == shape
    page = page_data.step_data(story.Story(walk), 2)["sent"][1]
    assert page["summed"] == axes_words
    assert page["numbers"] == "1 * 1"
    assert (axes_words or "receives") in story.Story(walk).sentence(2)


@pytest.mark.parametrize(
    ("make", "numbers"),
    [
        (lambda x: x * 5, "1 * 5"),
        (lambda x: x * -5, "1 * -5"),
        (lambda x: x / 4, "1 / 4"),
        (lambda x: x.exp(), "1 * 7.389"),
        (lambda x: x.relu(), "where(2 <= 0, 0, 1)"),
        (lambda x: x.tanh(), "1 * (1 - 0.964 * 0.964)"),
        (lambda x: x + 1, ""),
    ],
)
def test_the_chain_rule_is_shown_with_numbers(make: Callable[[Variable], Variable], numbers: str) -> None:
    assert page_data.step_data(story.Story(trace(make(leaf(2.0)))), 1)["sent"][0]["numbers"] == numbers


def test_numbers_are_not_shown_where_one_number_would_not_be_the_truth() -> None:
    x = microtorch.ones(2, 2, requires_grad=True)
    sent = page_data.step_data(story.Story(trace((x @ x).sum())), 2)["sent"]
    assert [each["numbers"] for each in sent] == ["", ""]
    mixed = page_data.step_data(story.Story(trace((leaf(1.0, 2.0) * leaf(3.0, 4.0)).sum())), 2)["sent"]
    assert [(each["numbers"], each["value"]) for each in mixed] == [("", "[3, 4]"), ("", "[1, 2]")]


def test_what_backward_would_free_is_listed_while_nothing_is_freed() -> None:
    y = microtorch.ones(2, 2, requires_grad=True)
    walk = trace((y * 3 + 2).mean())
    frees = {walk.snapshot.nodes[step.node].name: step.frees for step in walk.steps}
    assert frees == {"MeanBackward0": (), "AddBackward0": (), "MulBackward0": ("other = 3",), "AccumulateGrad": ()}


def test_nan_and_infinity_are_marked_where_they_arise() -> None:
    x = leaf(0.0, 1.0)
    with np.errstate(all="ignore"):
        walk = trace((x.log() * 0).sum())
    bad = [page_data.step_data(story.Story(walk), k)["bad"] for k in range(1, 5)]
    assert bad == [False, False, True, True]


def test_above_the_byte_limit_only_summaries_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    x = microtorch.ones(100, requires_grad=True)
    monkeypatch.setattr(recording, "LIMIT", 500)
    walk = trace((x * 2).sum())
    values = [value for step in walk.steps for value in step.received if value is not None]
    assert [value.array is None for value in values] == [False, False, True]
    assert values[-1].summary.norm == 20.0
    walk.last()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0] * 100


def test_a_recorded_gradient_is_not_the_leafs_own_array() -> None:
    x = leaf(1.0, 2.0)
    walk = trace(x.sum())
    walk.last()
    assert x.grad is not None
    x.grad.array[...] = 99.0
    assert [value.array.tolist() for value in walk.steps[-1].received if value and value.array is not None] == [[1.0, 1.0]]


def test_a_users_function_runs_once_and_never_again_when_stepping() -> None:
    runs = []

    class Double(Function):
        @staticmethod
        def forward(ctx: object, x: Variable) -> Variable:
            return x * 2

        @staticmethod
        def backward(ctx: object, grad: Variable) -> Variable:
            runs.append(grad)
            return grad * 2

    x = leaf(1.0)
    walk = trace(Double.apply(x))
    walk.last()
    walk.first()
    walk.last()
    assert len(runs) == 1
    assert x.grad is not None
    assert x.grad.item() == 2.0
