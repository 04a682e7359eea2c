"""The backward pass: order, accumulation, what is freed and what is kept."""

import weakref
from functools import partial

import numpy as np
import pytest

import microtorch
from microtorch import autograd
from microtorch.core import engine
from tests import libraries
from tests.core.user_functions import made

leaf = partial(libraries.leaf, microtorch)


def visited(root):
    """The names of the nodes in the order the engine visits them."""
    return [node.name() for node, _, _ in engine.run([root.grad_fn], [np.ones(root.array.shape)])]


def test_the_seed_is_walked_from_the_mean_to_the_leaf():
    x = microtorch.ones(2, 2, requires_grad=True, dtype=microtorch.float64)
    y = x + 2
    out = (y * y * 3).mean()
    assert visited(out) == ["MeanBackward0", "MulBackward0", "MulBackward0", "AddBackward0", "AccumulateGrad"]


def test_an_accumulate_grad_runs_as_soon_as_its_last_gradient_is_there():
    a, b = leaf(2.0), leaf(3.0)
    early = a * 2
    late = early * b
    assert visited(late.sum()) == ["SumBackward0", "MulBackward0", "AccumulateGrad", "MulBackward0", "AccumulateGrad"]


def test_the_younger_of_two_ready_nodes_comes_first_whatever_its_place_among_the_inputs():
    for add in (lambda x, y: x + y, lambda x, y: y + x):
        x = leaf(1.0)
        older, younger = x.exp(), x.tanh()
        assert visited(add(older, younger))[:3] == ["AddBackward0", "TanhBackward0", "ExpBackward0"]


def test_every_step_yields_the_sums_that_arrived_and_what_was_made_of_them():
    x = leaf(5.0)
    y = x * x
    (mul, mul_in, mul_out), (accumulate, sums, nothing) = engine.run([y.grad_fn], [np.array([1.0])])
    assert (mul.name(), [each.tolist() for each in mul_in], [each.tolist() for each in mul_out]) == (
        "MulBackward0",
        [[1.0]],
        [[5.0], [5.0]],
    )
    assert (accumulate.variable, [each.tolist() for each in sums], nothing) == (x, [[10.0]], ())


def test_gradients_accumulate_over_calls():
    x = leaf(1.0, 2.0)
    for expected in ([3.0, 3.0], [6.0, 6.0]):
        (x * 3).sum().backward()
        assert x.grad.tolist() == expected


def test_accumulation_is_in_place_as_in_torch():
    x = leaf(1.0)
    (x * 3).backward()
    before = x.grad
    (x * 3).backward()
    assert x.grad is before


def test_grad_has_the_dtype_and_shape_of_its_leaf():
    x = microtorch.ones(3, 1, requires_grad=True)
    y = microtorch.ones(2, 1, 4, dtype=microtorch.float64, requires_grad=True)
    (x * y).sum().backward()
    assert (x.grad.dtype, x.grad.shape, x.grad.tolist()) == (microtorch.float32, (3, 1), [[8.0]] * 3)
    assert (y.grad.dtype, y.grad.shape, y.grad.tolist()) == (microtorch.float64, (2, 1, 4), [[[3.0] * 4]] * 2)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: x + y,
        lambda x, y: x.reshape(2) + y.view(2),
        lambda x, y: x.sum() + y.sum(),
        lambda x, y: x + y * 1,
    ],
)
def test_the_gradients_of_two_leaves_share_no_memory(function):
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    first = microtorch.ones(2, dtype=microtorch.float64)
    out = function(x, y)
    out.backward(first if out.dim() else None)
    x.grad.zero_()
    assert y.grad.tolist() == [1.0, 1.0]
    assert first.tolist() == [1.0, 1.0]


def test_a_leaf_gets_its_own_gradient_when_a_function_returns_a_saved_array():
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    x = leaf(7.0)
    made(microtorch, forward, lambda ctx, grad: ctx.saved_tensors[0]).apply(x).backward()
    x.grad.zero_()
    assert x.tolist() == [7.0]


def test_a_leaf_without_a_path_keeps_no_grad():
    x, y = leaf(1.0), leaf(2.0)
    (x * 2).backward()
    assert y.grad is None


def test_the_grad_of_a_non_leaf_is_none_without_a_warning():
    x = leaf(1.0)
    y = x * 2
    y.sum().backward()
    assert y.grad is None


def test_backward_on_a_leaf_sets_its_own_grad():
    x = leaf(1.0)
    x.backward()
    assert x.grad.tolist() == [1.0]


def test_several_roots_are_summed():
    x = leaf(1.0)
    autograd.backward([x * 2, x * 3], [None, microtorch.tensor([10.0], dtype=microtorch.float64)])
    assert x.grad.tolist() == [32.0]


def test_retain_graph_keeps_the_saved_values_for_a_second_backward():
    x = leaf(3.0)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [12.0]


def test_a_graph_that_saved_nothing_can_be_walked_again_as_in_torch():
    x = leaf(1.0, 2.0)
    y = (x + 2).mean()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_edges_stay_when_saved_values_are_freed():
    x = leaf(1.0)
    y = x * x
    y.sum().backward()
    assert [edge[0].name() for edge in y.grad_fn.next_functions] == ["AccumulateGrad"] * 2
    assert y.grad_fn.saved_values() is None


def test_only_what_a_needed_rule_reads_is_saved():
    w, x = leaf(2.0), microtorch.ones(1, dtype=microtorch.float64)
    assert [name for name, _ in (w * x).grad_fn.saved_values()] == ["other"]
    assert [name for name, _ in (x * w).grad_fn.saved_values()] == ["input"]
    assert (w + x).grad_fn.saved_values() == ()


def test_grad_returns_gradients_and_leaves_every_grad_alone():
    x, w = leaf(2.0), leaf(5.0)
    y = x * w
    dx, dy = autograd.grad((y * y).sum(), [x, y])
    assert (dx.tolist(), dy.tolist(), x.grad, w.grad) == ([100.0], [20.0], None, None)


def test_grad_walks_only_where_it_must():
    def backward(ctx, grad):
        raise AssertionError("no gradient was asked for here")

    x, w = leaf(2.0), leaf(5.0)
    untouched = made(microtorch, lambda ctx, w: w * 1, backward).apply(w)
    assert autograd.grad((untouched * x).sum(), x)[0].tolist() == [5.0]


def test_an_unused_input_is_an_error_unless_it_is_allowed():
    x, w = leaf(2.0), leaf(5.0)
    y = (x * x).sum()
    with pytest.raises(RuntimeError, match=r"not have been used.*input 1.*allow_unused=True"):
        autograd.grad(y, [x, w], retain_graph=True)
    assert autograd.grad(y, [x, w], allow_unused=True)[1] is None


def test_create_graph_makes_gradients_of_any_order():
    x = leaf(2.0)
    value = (x**4).sum()
    for expected in (32.0, 48.0, 48.0, 24.0):
        (value,) = autograd.grad(value.sum(), x, create_graph=True)
        assert value.tolist() == [expected]


def test_backward_with_create_graph_gives_a_grad_that_is_part_of_a_graph():
    x = leaf(3.0)
    (x * x * x).sum().backward(create_graph=True)
    (x.grad * 1).sum().backward()
    assert x.grad.tolist() == [27.0 + 18.0]


def test_a_graph_of_a_million_operations_is_built_walked_and_freed_without_recursion():
    x = microtorch.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(1_000_000):
        y = y + 0.0
    y.backward()
    assert x.grad.item() == 1.0
    node = weakref.ref(y.grad_fn)
    del y
    assert node() is None


@pytest.mark.usefixtures("no_collector")
def test_no_reference_cycles_are_left_to_the_garbage_collector():
    x = leaf(1.0, 2.0)
    y = ((x * x).tanh() @ x).exp()
    nodes = [weakref.ref(node) for node, _, _ in engine.run([y.grad_fn], [np.float64(1)], retain_graph=True)]
    y.backward()
    del y
    assert [node() for node in nodes] == [None] * len(nodes)


def test_a_leaf_that_nobody_holds_lives_in_its_graph():
    y = leaf(1.0) * 2
    y.backward()
    (accumulate, _), _ = y.grad_fn.next_functions
    assert accumulate.variable.grad.tolist() == [2.0]


def test_all_graphs_that_use_a_leaf_share_its_accumulate_grad():
    x = leaf(1.0)
    y, z = x * 2, x + 1
    assert y.grad_fn.next_functions[0][0] is z.grad_fn.next_functions[0][0]


def order_in_torch(root):
    """The names of the nodes in the order torch's engine runs them."""
    names, nodes, seen = [], [root.grad_fn], {root.grad_fn}
    for node in nodes:
        name = node.name().rpartition("::")[2]
        node.register_hook(lambda *_, name=name: names.append(name))
        below = {each for each, _ in node.next_functions if each is not None} - seen
        seen |= below
        nodes += below
    root.backward()
    return names


def seed(library, a, b):
    y = a + 2
    return (y * y * 3).mean()


def branches(library, a, b):
    u, v, w = a.exp(), b.sigmoid(), (a + b).tanh()
    return (w * u + v / w).sum()


PROGRAMS = {
    "the seed": seed,
    "two leaves of one node": lambda library, a, b: (a * b + a).sum(),
    "a leaf used early and late": lambda library, a, b: ((a @ b).tanh() @ a + a).exp().sum(),
    "a loop over one weight": lambda library, a, b: ((((b @ a).tanh() @ a).tanh() @ a).tanh() * b).sum(),
    "branches of different age": branches,
    "views": lambda library, a, b: (a.t()[0] * b[:, 1] + a.view(4)[2:]).sum(),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_nodes_run_in_torchs_order(torch, program):
    def value(library, dtype):
        a, b = (library.ones(2, 2, dtype=dtype, requires_grad=True) for _ in range(2))
        return PROGRAMS[program](library, a, b)

    assert visited(value(microtorch, microtorch.float64)) == order_in_torch(value(torch, torch.float64))


def test_a_gradient_that_nobody_asked_for_is_not_computed():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y = x * w
    of_x = y.grad_fn.next_functions[0][0]
    (_, _, (for_x, for_w)), *_ = engine.run([y.grad_fn], [np.ones(2)], only=[of_x], captured={of_x: None})
    assert (for_x.tolist(), for_w) == ([3, 4], None)
