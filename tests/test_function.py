"""Functions that users write: PyTorch's static forward and backward."""

import gc
import weakref

import pytest

import microtorch
from microtorch.autograd import Function, grad


class Exp(Function):
    @staticmethod
    def forward(ctx, x):
        result = x.exp()
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx, grad_output):
        (result,) = ctx.saved_tensors
        return grad_output * result


class SumAndDifference(Function):
    @staticmethod
    def forward(ctx, x, y, scale):
        ctx.scale = scale
        return (x + y) * scale, (x - y) * scale

    @staticmethod
    def backward(ctx, grad_sum, grad_difference):
        return (grad_sum + grad_difference) * ctx.scale, (grad_sum - grad_difference) * ctx.scale, None


def leaf(*values):
    return microtorch.tensor(list(values), dtype=microtorch.float64, requires_grad=True)


def test_a_function_is_a_node_with_its_own_name_and_edges():
    x = leaf(0.0)
    y = Exp.apply(x)
    assert (y.grad_fn.name(), repr(y.grad_fn), isinstance(y.grad_fn, Exp)) == ("ExpBackward", "<ExpBackward>", True)
    assert y.grad_fn.next_functions[0][0].variable is x


def test_its_backward_gives_the_gradient():
    x = leaf(0.0, 1.0)
    y = Exp.apply(x)
    y.sum().backward()
    assert x.grad.tolist() == y.tolist()


def test_a_saved_output_has_its_place_in_the_graph_so_double_backward_is_right():
    x = leaf(1.0)
    (first,) = grad(Exp.apply(x).sum(), x, create_graph=True)
    (second,) = grad(first.sum(), x)
    assert second.tolist() == first.tolist() == x.exp().tolist()


def test_a_saved_output_makes_no_reference_cycle():
    gc.disable()
    try:
        y = Exp.apply(leaf(1.0))
        node = weakref.ref(y.grad_fn)
        del y
        assert node() is None
    finally:
        gc.enable()


def test_several_outputs_and_arguments_that_are_no_variables():
    x, y = leaf(5.0), leaf(3.0)
    total, difference = SumAndDifference.apply(x, y, 10)
    assert (total.tolist(), difference.tolist(), difference.output_nr) == ([80.0], [20.0], 1)
    (total * 2 + difference).sum().backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([30.0], [10.0])


def test_an_output_nobody_used_has_a_gradient_of_zeros():
    x, y = leaf(5.0), leaf(3.0)
    _, difference = SumAndDifference.apply(x, y, 1)
    difference.sum().backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([1.0], [-1.0])


def test_needs_input_grad_tells_what_is_wanted():
    class Look(Exp):
        @staticmethod
        def forward(ctx, x, y, number):
            seen.append(ctx.needs_input_grad)
            return x * y

    seen = []
    Look.apply(leaf(1.0), microtorch.ones(1), 3)
    assert seen == [(True, False, False)]


def test_forward_is_not_recorded_and_without_grad_nothing_is():
    x = leaf(1.0)
    with microtorch.no_grad():
        assert Exp.apply(x).grad_fn is None
    assert Exp.apply(x.detach()).requires_grad is False


def test_saved_tensors_are_freed_by_backward():
    x = leaf(1.0)
    y = Exp.apply(x)
    y.backward()
    with pytest.raises(RuntimeError, match=r"second time.*ExpBackward.*retain_graph=True"):
        y.backward()
    with pytest.raises(RuntimeError, match="freed"):
        _ = y.grad_fn.saved_tensors


@pytest.mark.parametrize(
    ("returned", "error", "message"),
    [
        (lambda g: (), RuntimeError, r"BrokenBackward.*incorrect number of gradients.*returned 0.*took 1 argument"),
        (lambda g: (g, g), RuntimeError, r"incorrect number of gradients.*returned 2"),
        (lambda g: g.sum(), None, None),
        (lambda g: g[:1], RuntimeError, r"BrokenBackward returned an invalid gradient.*\(1,\).*\(2,\)"),
        (lambda g: 1.0, TypeError, r"Broken\.backward must return Variables or None, not float"),
    ],
)
def test_a_wrong_backward_is_reported_and_changes_nothing(returned, error, message):
    class Broken(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return returned(g)

    x = leaf(1.0, 2.0)
    if error is None:
        error, message = RuntimeError, r"invalid gradient.*\(\).*\(2,\)"
    with pytest.raises(error, match=message):
        Broken.apply(x).sum().backward()
    assert x.grad is None


def test_more_gradients_than_arguments_are_right_when_the_rest_is_none():
    class Generous(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g, None, None

    x = leaf(1.0)
    Generous.apply(x).backward()
    assert x.grad.tolist() == [1.0]


def test_forward_must_return_variables():
    class Broken(Function):
        @staticmethod
        def forward(ctx, x):
            return x.tolist()

    with pytest.raises(TypeError, match=r"Broken\.forward must return a Variable or a tuple of them, not list"):
        Broken.apply(leaf(1.0))


def test_a_function_without_methods_says_what_it_needs():
    class Empty(Function):
        pass

    with pytest.raises(NotImplementedError, match=r"static method forward\(ctx"):
        Empty.apply(leaf(1.0))
