"""Nodes in the hand, as lessons take them: ``z.grad_fn(grad)`` calls the rules, ``_saved_self`` shows what they read."""

import pytest

import microtorch
from tests.libraries import leaf


@pytest.fixture
def x(lib):
    return leaf(lib, [1, 2], [3, 4])


@pytest.mark.parametrize(
    ("compute", "grads"),
    [
        (lambda x: x * x, [[[1, 2], [3, 4]]] * 2),
        (lambda x: x * 3, [[[3, 3], [3, 3]], None]),
        (lambda x: x @ x, [[[3, 7], [3, 7]], [[4, 4], [6, 6]]]),
    ],
    ids=["product", "by a number", "matrices"],
)
def test_a_node_gives_one_gradient_for_each_input(lib, x, compute, grads):
    found = compute(x).grad_fn(lib.ones(2, 2, dtype=lib.float64))
    assert [each if each is None else each.tolist() for each in found] == grads


def test_a_node_of_one_input_gives_its_gradient(lib, x):
    assert x.sum().grad_fn(lib.tensor(2.0, dtype=lib.float64)).tolist() == [[2, 2], [2, 2]]


def test_broadcasting_is_not_undone_by_hand(lib, x):
    _, grad = (x * leaf(lib, 1, 1)).grad_fn(lib.ones(2, 2, dtype=lib.float64))
    assert tuple(grad.shape) == (2, 2)


def test_what_a_node_gives_can_be_differentiated(lib, x):
    grad = x.exp().grad_fn(lib.ones(2, 2, dtype=lib.float64))
    assert lib.autograd.grad(grad.sum(), x)[0].tolist() == x.exp().tolist()


def test_under_no_grad_it_is_not_recorded(lib, x):
    node = (x * x).grad_fn
    with lib.no_grad():
        assert not node(lib.ones(2, 2, dtype=lib.float64))[0].requires_grad


def test_an_accumulate_grad_adds_to_its_leaf(lib, x):
    accumulate = (x * 2).grad_fn.next_functions[0][0]
    accumulate(lib.ones(2, 2, dtype=lib.float64))
    accumulate(lib.ones(2, 2, dtype=lib.float64))
    assert x.grad.tolist() == [[2, 2], [2, 2]]


def test_several_outputs_take_several_gradients(lib, x):
    first, _ = x.unbind()
    assert first.grad_fn(lib.ones(2, dtype=lib.float64), None).tolist() == [[1, 1], [0, 0]]


@pytest.mark.parametrize("arguments", [(), (1.0,), "two"])
def test_something_else_than_gradients_is_refused(lib, x, arguments):
    given = (x, x) if arguments == "two" else arguments
    with pytest.raises(TypeError, match="argument"):
        (x * x).grad_fn(*given)


def test_a_freed_node_says_so(lib, x):
    y = x.exp()
    y.sum().backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.grad_fn(lib.ones(2, 2, dtype=lib.float64))


def test_a_users_function_can_be_called_by_hand_too():
    class Double(microtorch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    y = Double.apply(microtorch.ones(2, requires_grad=True))
    assert y.grad_fn(microtorch.ones(2)).tolist() == [2, 2]


# ── What was saved, by PyTorch's names ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("compute", "name"),
    [
        (lambda lib, x: x * x, "self"), (lambda lib, x: x * x, "other"), (lambda lib, x: x.exp(), "result"),
        (lambda lib, x: x.tanh(), "result"), (lambda lib, x: lib.sigmoid(x), "result"), (lambda lib, x: lib.relu(x), "result"),
        (lambda lib, x: x.log(), "self"), (lambda lib, x: x**3, "self"), (lambda lib, x: x / x, "other"),
        (lambda lib, x: x @ x, "self"), (lambda lib, x: x @ x, "mat2"), (lambda lib, x: lib.softmax(x, 0), "result"),
    ],
)  # fmt: skip
def test_a_saved_value_has_pytorchs_name(lib, x, compute, name):
    y = compute(lib, x)
    assert getattr(y.grad_fn, f"_saved_{name}").tolist() == (y if name == "result" else x).tolist()


def test_a_saved_leaf_is_the_leaf_itself(lib, x):
    assert (x * x).grad_fn._saved_self is x


def test_what_no_rule_needed_was_not_saved(lib, x):
    assert (x * 3).grad_fn._saved_self is None


def test_what_the_operation_never_saves_has_no_name(lib, x):
    assert not hasattr((x + 1).grad_fn, "_saved_self")


def test_after_backward_it_is_gone(lib, x):
    y = x.exp()
    y.sum().backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.grad_fn._saved_result  # noqa: B018 - reading it is the test
