"""``autograd.grad()``: gradients as results, with torch as the oracle."""

import inspect

import pytest

import microtorch
from tests.core.user_functions import made
from tests.libraries import values


def test_arguments_have_torchs_names_and_order_save_the_one_that_torch_calls_deprecated(lib):
    names = [each for each in inspect.signature(lib.autograd.grad).parameters if each != "only_inputs"]
    assert names == [
        "outputs", "inputs", "grad_outputs", "retain_graph", "create_graph", "allow_unused", "is_grads_batched",
        "materialize_grads",
    ]  # fmt: skip


GRADIENTS = {  # of x = [2], w = [5], y = x * w and z = y * y, and of an unused u: the arguments, the gradients
    "one input": (lambda x, w, u, y, z: (z, x), {}, [[100.0]]),
    "inputs in a list": (lambda x, w, u, y, z: (z, [w, x]), {}, [[40.0], [100.0]]),
    "inputs in a tuple, outputs too": (lambda x, w, u, y, z: ((z,), (x,)), {}, [[100.0]]),
    "the same input twice": (lambda x, w, u, y, z: (z, [x, x]), {}, [[100.0], [100.0]]),
    "a non-leaf": (lambda x, w, u, y, z: (z, y), {}, [[20.0]]),
    "a non-leaf and a leaf below it": (lambda x, w, u, y, z: (z, [x, y]), {}, [[100.0], [20.0]]),
    "the output itself": (lambda x, w, u, y, z: (z, z), {}, [[1.0]]),
    "the output itself and a leaf": (lambda x, w, u, y, z: (y, [y, x]), {}, [[1.0], [5.0]]),
    "a leaf that is the output": (lambda x, w, u, y, z: (x, x), {}, [[1.0]]),
    "several outputs": (lambda x, w, u, y, z: ([y, z], [x]), {}, [[105.0]]),
    "the same output twice": (lambda x, w, u, y, z: ([z, z], [x]), {}, [[200.0]]),
    "an unused input, allowed": (lambda x, w, u, y, z: (z, [u, x]), {"allow_unused": True}, [None, [100.0]]),
    "an unused input, as zeros": (lambda x, w, u, y, z: (z, [u, x]), {"materialize_grads": True}, [[[0.0, 0.0]], [100.0]]),
    "an unused input, allowed and as zeros": (
        lambda x, w, u, y, z: (z, [u]), {"materialize_grads": True, "allow_unused": True}, [[[0.0, 0.0]]]),
    "what was computed from the output": (lambda x, w, u, y, z: (y, z), {"allow_unused": True}, [None]),
    "no outputs": (lambda x, w, u, y, z: ([], x), {"allow_unused": True}, [None]),
}  # fmt: skip


@pytest.mark.parametrize("arguments", GRADIENTS)
def test_grad_of(lib, leaf, arguments):
    make, options, expected = GRADIENTS[arguments]
    x, w, unused = leaf(2.0), leaf(5.0), lib.ones(1, 2, requires_grad=True)
    y = x * w
    gradients = lib.autograd.grad(*make(x, w, unused, y, y * y), **options)
    assert isinstance(gradients, tuple)
    assert values(*gradients) == expected
    assert values(x.grad, w.grad, unused.grad) == [None, None, None]


def test_each_output_has_its_gradient_to_begin_with(lib, leaf, numbers):
    x = leaf(2.0)
    assert values(*lib.autograd.grad([x * 2, x * 3], x, [None, numbers(10.0)])) == [[32.0]]
    assert values(*lib.autograd.grad(x * 3, x, numbers(10.0))) == [[30.0]]


def test_a_gradient_has_its_inputs_dtype_and_shape_as_zeros_too(lib, leaf):
    x, unused = lib.ones(2, 1, requires_grad=True), lib.ones(1, 3, requires_grad=True)
    loss = (x * leaf(1.0, 2.0)).sum()
    for each, shape in zip(lib.autograd.grad(loss, [x, unused], materialize_grads=True), [(2, 1), (1, 3)], strict=True):
        assert (each.dtype, tuple(each.shape), each.requires_grad) == (lib.float32, shape, False)


def test_zeros_for_an_unused_input_can_be_differentiated_further_if_a_graph_is_created(lib, leaf):
    x, unused = leaf(2.0), leaf(3.0)
    dx, zeros = lib.autograd.grad(x * x, [x, unused], create_graph=True, materialize_grads=True)
    (dx + zeros).backward()
    assert values(zeros, x.grad, unused.grad) == [[0.0], [2.0], None]
    assert zeros.requires_grad is True


def test_a_gradient_that_a_function_calls_none_counts_as_unused(lib, leaf):
    x, y = leaf(1.0), leaf(2.0)
    z = made(lib, lambda ctx, x, y: x * 1, lambda ctx, grad: (grad, None)).apply(x, y)
    assert values(*lib.autograd.grad(z, [x, y], retain_graph=True, allow_unused=True)) == [[1.0], None]
    assert values(*lib.autograd.grad(z, [x, y], retain_graph=True, materialize_grads=True)) == [[1.0], [0.0]]
    with pytest.raises(RuntimeError, match=r"index 1|input 1"):
        lib.autograd.grad(z, [x, y])


def test_an_element_read_before_is_an_input_apart_from_the_whole(lib, leaf):
    x = leaf(1.0, 2.0)
    first = x[0]
    assert values(*lib.autograd.grad(x.sum() + first * 3, [x, first])) == [[4.0, 1.0], 3.0]


def test_a_walk_down_to_a_non_leaf_leaves_the_graph_below_it_for_a_second_walk(lib, leaf):
    x = leaf(2.0)
    y = x * x
    (dy,) = lib.autograd.grad(y * y, y)
    assert values(*lib.autograd.grad(y, x, dy)) == [[32.0]]


def test_a_retained_graph_is_walked_to_one_input_after_the_other(lib, leaf):
    x = leaf(2.0)
    y = x * 3
    z = y * y
    assert values(*lib.autograd.grad(z, y, retain_graph=True) + lib.autograd.grad(z, x)) == [[12.0], [36.0]]


def test_a_part_that_was_freed_is_no_obstacle_where_the_walk_does_not_lead_through_it(lib, leaf):
    x, w = leaf(2.0), leaf(3.0)
    part = w * w
    total = x * x + part
    part.backward()
    assert values(*lib.autograd.grad(total, x)) == [[4.0]]


# Higher orders.


def test_gradients_of_gradients_up_to_the_third_order(lib, leaf):
    x = leaf(2.0)
    value, found = x**4, []
    for create_graph in (True, True, False):
        (value,) = lib.autograd.grad(value, x, create_graph=create_graph)
        found.append((value.tolist(), value.requires_grad))
    assert found == [([32.0], True), ([48.0], True), ([48.0], False)]


def test_mixed_partial_derivatives(lib, leaf):
    x, y = leaf(2.0), leaf(3.0)
    (dx,) = lib.autograd.grad(x * x * y * y * y, x, create_graph=True)
    (dxdy,) = lib.autograd.grad(dx, y, create_graph=True)
    assert values(*lib.autograd.grad(dxdy, [x, y])) == [[54.0], [72.0]]


def test_the_gradient_of_what_is_linear_has_no_gradient(lib, leaf):
    x = leaf(2.0)
    (dx,) = lib.autograd.grad(x * 3, x, create_graph=True)
    assert (dx.tolist(), dx.requires_grad) == ([3.0], False)


def test_a_forward_derivative_is_the_gradient_of_a_gradient_with_respect_to_what_it_began_with(lib, leaf, numbers):
    x, v = leaf(1.0, 2.0), leaf(0.0, 0.0)
    (vjp,) = lib.autograd.grad(x * x, x, v, create_graph=True)
    assert values(*lib.autograd.grad(vjp, v, numbers(1.0, 10.0))) == [[2.0, 40.0]]


def test_a_gradient_to_begin_with_takes_its_graph_nowhere_unless_one_is_created(lib, leaf):
    x, v = leaf(1.0), leaf(5.0)
    (dx,) = lib.autograd.grad(x * 2, x, v)
    assert (dx.tolist(), dx.requires_grad) == ([10.0], False)


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("around", [False, True])
def test_grad_records_what_it_is_asked_to_record_whatever_the_mode_around_it(lib, leaf, around, create_graph):
    x = leaf(2.0)
    y = x * x
    with lib.set_grad_enabled(around):
        (dx,) = lib.autograd.grad(y, x, create_graph=create_graph)
        assert lib.is_grad_enabled() is around
    assert (dx.tolist(), dx.requires_grad) == ([4.0], create_graph)


# is_grads_batched


def rows(lib, *values):
    return lib.tensor(list(values), dtype=lib.float64)


BATCHES = {  # of x = [1, 2]: the outputs, a batch of gradients for each, the batch that comes out
    "a Jacobian": (lambda lib, x: x * x, lambda lib: lib.eye(2, dtype=lib.float64), [[2.0, 0.0], [0.0, 4.0]]),
    "a batch for a scalar": (
        lambda lib, x: (x * x).sum(), lambda lib: rows(lib, 1.0, 2.0, 3.0), [[2.0, 4.0], [4.0, 8.0], [6.0, 12.0]]),
    "batches for several outputs": (
        lambda lib, x: [x * x, x.sum()], lambda lib: [lib.eye(2, dtype=lib.float64), rows(lib, 1.0, 10.0)],
        [[3.0, 1.0], [10.0, 14.0]]),
    "a Function of one's own": (
        lambda lib, x: made(lib, lambda ctx, x: x * 2, lambda ctx, grad: grad * 2).apply(x),
        lambda lib: lib.eye(2, dtype=lib.float64), [[2.0, 0.0], [0.0, 2.0]]),
    "a matrix product": (
        lambda lib, x: rows(lib, [1.0, 2.0], [3.0, 4.0]) @ x, lambda lib: lib.eye(2, dtype=lib.float64),
        [[1.0, 2.0], [3.0, 4.0]]),
}  # fmt: skip


@pytest.mark.parametrize("batch", BATCHES)
def test_a_batch_of_gradients_to_begin_with_gives_a_batch_of_gradients(lib, leaf, batch):
    make, gradients, expected = BATCHES[batch]
    x, unused = leaf(1.0, 2.0), leaf(5.0)
    found = lib.autograd.grad(make(lib, x), [x, unused], gradients(lib), is_grads_batched=True, allow_unused=True)
    assert values(*found) == [expected, None]


def test_a_batch_can_be_differentiated_further_if_a_graph_is_created(lib, leaf):
    x = leaf(1.0, 2.0)
    eye = lib.eye(2, dtype=lib.float64)
    (jacobian,) = lib.autograd.grad(x**3, x, eye, is_grads_batched=True, create_graph=True)
    assert values(*lib.autograd.grad(jacobian.sum(), x)) == [[6.0, 12.0]]


def test_a_batch_frees_the_graph_as_one_gradient_does(lib, leaf):
    x = leaf(1.0, 2.0)
    y = x * x
    eye = lib.eye(2, dtype=lib.float64)
    lib.autograd.grad(y, x, eye, is_grads_batched=True, retain_graph=True)
    lib.autograd.grad(y, x, eye, is_grads_batched=True)
    with pytest.raises(RuntimeError, match="second time"):
        y.sum().backward()


def test_a_result_is_the_callers_own_here_though_not_in_torch():
    x, start = microtorch.ones(2, requires_grad=True), microtorch.ones(2)
    y = x + 1
    for each in microtorch.autograd.grad(y, [x, y, x], start):
        each.mul_(10)
        assert each.tolist() == [10.0, 10.0]
    assert start.tolist() == [1.0, 1.0]


def test_the_order_of_arguments_is_torchs(lib, leaf):
    x, unused = leaf(2.0), leaf(3.0)
    first, nothing = lib.autograd.grad(x * x, (x, unused), None, None, False, True, True)
    assert (first.tolist(), nothing) == ([4.0], None)


def test_what_leads_nowhere_is_not_run_and_so_not_missed(lib):
    x = lib.tensor([1.5, -0.5], requires_grad=True)
    squares = x * x
    with lib.no_grad():
        view = squares[0]  # it requires a gradient with its base, and has no way to it
    y = view * view
    z = y * y
    y[...] = z  # which z's gradient would need
    assert lib.autograd.grad((z * z).sum(), [x, view], allow_unused=True) == (None, None)
