"""``autograd.graph``: edges as values, hooks on several gradients, and saved values kept as copies."""

import pytest

import microtorch
from tests.libraries import leaf


@pytest.fixture
def x(lib):
    return leaf(lib, 1, 2)


@pytest.fixture
def w(lib):
    return leaf(lib, 3, 4)


def test_an_edge_is_the_node_and_the_number_of_its_output(lib, x):
    edge = lib.autograd.graph.get_gradient_edge(x * 2)
    assert (type(edge).__name__, edge.node.name(), edge.output_nr) == ("GradientEdge", "MulBackward0", 0)


def test_the_edge_of_a_leaf_leads_to_its_accumulate_grad(lib, x):
    assert "AccumulateGrad" in lib.autograd.graph.get_gradient_edge(x).node.name()


def test_grad_takes_an_edge_for_an_input(lib, x, w):
    y = x * w
    edge = lib.autograd.graph.get_gradient_edge(y)
    assert [each.tolist() for each in lib.autograd.grad(y.sum(), [edge, w])] == [[1, 1], [1, 2]]


def test_grad_takes_an_edge_for_an_output(lib, x, w):
    edge = lib.autograd.graph.get_gradient_edge(x * w)
    (grad,) = lib.autograd.grad(edge, x, lib.tensor([1.0, 10.0], dtype=lib.float64))
    assert grad.tolist() == [3, 40]


def test_backward_takes_an_edge(lib, x, w):
    lib.autograd.backward(lib.autograd.graph.get_gradient_edge((x * w).sum()))
    assert x.grad.tolist() == [3, 4]


def test_an_edge_stays_what_it_was_when_the_variable_is_changed_in_place(lib, x):
    y = x * 2
    edge = lib.autograd.graph.get_gradient_edge(y)
    y.mul_(3)
    assert lib.autograd.grad(y.sum(), edge)[0].tolist() == [3, 3]


def test_what_requires_no_gradient_has_no_edge(lib, x):
    with pytest.raises(RuntimeError, match="does not require gradients"):
        lib.autograd.graph.get_gradient_edge(x.detach())


def test_all_gradients_come_at_once(lib, x, w):
    seen = []
    lib.autograd.graph.register_multi_grad_hook((x, w), lambda grads: seen.append([each.tolist() for each in grads]))
    (x * w).sum().backward()
    (x * w).sum().backward()
    assert seen == [[[3, 4], [1, 2]]] * 2


def test_what_the_pass_does_not_reach_is_none(lib, x, w):
    seen = []
    lib.autograd.graph.register_multi_grad_hook((x, w), seen.append)
    x.sum().backward()
    (grads,) = seen
    assert (grads[0].tolist(), grads[1]) == ([1, 1], None)


def test_any_gradient_comes_first_and_once_a_pass(lib, x, w):
    seen = []
    lib.autograd.graph.register_multi_grad_hook((x, w), seen.append, mode="any")
    (x * w).sum().backward()
    (x * w).sum().backward()
    assert len(seen) == 2


def test_a_pass_inside_a_hook_is_a_pass_of_its_own():  # in torch, what is outside is then never told
    lib, seen = microtorch, []
    x, w = leaf(lib, 1, 2), leaf(lib, 3, 4)
    lib.autograd.graph.register_multi_grad_hook((x, w), lambda grads: seen.append([each is not None for each in grads]))
    y = x * 2

    def another_pass(grad):
        with lib.enable_grad():
            (w * 5).sum().backward()

    y.register_hook(another_pass)
    (y * w).sum().backward()
    assert sorted(seen) == [[False, True], [True, True]]


def test_a_pass_that_failed_leaves_nothing_behind(lib, x, w):
    seen = []
    lib.autograd.graph.register_multi_grad_hook((x, w), lambda grads: seen.append([each is not None for each in grads]))
    y = x * 2
    handle = y.register_hook(lambda grad: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        (y * w).sum().backward()
    handle.remove()
    w.sum().backward()
    assert seen == [[False, True]]


def test_the_hooks_are_taken_away_together(lib, x, w):
    seen = []
    lib.autograd.graph.register_multi_grad_hook((x, w), seen.append).remove()
    (x * w).sum().backward()
    assert seen == []


def test_another_mode_is_refused(lib, x):
    with pytest.raises(ValueError, match="mode"):
        lib.autograd.graph.register_multi_grad_hook((x,), print, mode="some")


def test_values_saved_on_the_cpu_are_what_they_are_without(lib, x, w):
    with lib.autograd.graph.save_on_cpu():
        y = (x * w).exp().sum()
    y.backward()
    there = x.grad.tolist()
    x.grad = None
    (x * w).exp().sum().backward()
    assert x.grad.tolist() == there


def test_a_change_that_nobody_could_see_can_be_told(lib, x):
    y = x * x
    lib.autograd.graph.increment_version(x)
    assert x._version == 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()
