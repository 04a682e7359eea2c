"""What ``backward()`` promises. Nearly every test runs on torch too, and so proves that what it expects is torch's."""

import inspect

import pytest

import microtorch
from tests.core.user_functions import undefined
from tests.libraries import values

pytestmark = [
    # What torch says where microtorch has nothing to say: it makes no cycle, and a non-leaf's `.grad` is simply None.
    pytest.mark.filterwarnings("ignore:Using backward.. with create_graph=True:UserWarning"),
    pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning"),
]


# The gradient to begin with.

BEGINNINGS = {  # a root of x = [1, 2], the gradient it begins with, x.grad
    "none for a scalar": (lambda x: x.sum(), lambda lib: None, [1.0, 1.0]),
    "none for one element in two dimensions": (lambda x: (x @ x).reshape(1, 1), lambda lib: None, [2.0, 4.0]),
    "one of the root's shape": (lambda x: x * 3, lambda lib: lib.tensor([1.0, 10.0], dtype=lib.float64), [3.0, 30.0]),
    "a scalar for a scalar": (lambda x: x.sum(), lambda lib: lib.tensor(5.0, dtype=lib.float64), [5.0, 5.0]),
    "one of another floating dtype": (lambda x: x * 3, lambda lib: lib.ones(2, dtype=lib.float32), [3.0, 3.0]),
    "one of integers": (lambda x: x * 3, lambda lib: lib.tensor([2, 0]), [6.0, 0.0]),
    "one of no elements": (lambda x: x[:0] * 3, lambda lib: lib.ones(0, dtype=lib.float64), [0.0, 0.0]),
    "one for the leaf itself": (lambda x: x, lambda lib: lib.tensor([4.0, 5.0], dtype=lib.float64), [4.0, 5.0]),
}


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_backward_begins_with(lib, leaf, beginning):
    root, gradient, expected = BEGINNINGS[beginning]
    x = leaf(1.0, 2.0)
    root(x).backward(gradient(lib))
    assert (x.grad.tolist(), x.grad.dtype) == (expected, lib.float64)


def test_one_element_is_a_gradient_for_a_scalar_here_though_not_in_torch():
    x = microtorch.ones(2, requires_grad=True)
    x.sum().backward(microtorch.tensor([3.0]))
    assert x.grad.tolist() == [3.0, 3.0]


def test_arguments_have_torchs_names_and_order_save_the_one_that_torch_calls_deprecated(lib, leaf):
    names = [each for each in inspect.signature(lib.autograd.backward).parameters if each != "grad_variables"]
    assert names == ["tensors", "grad_tensors", "retain_graph", "create_graph", "inputs"]
    assert list(inspect.signature(leaf(1.0).backward).parameters) == ["gradient", "retain_graph", "create_graph", "inputs"]


# Several roots.

ROOTS = {  # of x = [3] and y = x * x: the roots, their gradients, x.grad
    "two": (lambda x, y: [x * 2, y], None, [8.0]),
    "two with gradients": (lambda x, y: [x * 2, y], [1.0, 10.0], [62.0]),
    "two with a gradient for one": (lambda x, y: [x * 2, y], [None, 10.0], [62.0]),
    "the same one twice": (lambda x, y: [y, y], [1.0, 10.0], [66.0]),
    "one that another was computed from": (lambda x, y: [y * 2, y], None, [18.0]),
    "one and another computed from it": (lambda x, y: [y, y * 2], None, [18.0]),
    "the leaf itself too": (lambda x, y: [x, x * 2], None, [3.0]),
    "a tuple": (lambda x, y: (x * 2, x * 3), None, [5.0]),
    "none at all": (lambda x, y: [], None, None),
}


@pytest.mark.parametrize("roots", ROOTS)
def test_the_gradients_of_several_roots_are_summed(lib, leaf, numbers, roots):
    make, gradients, expected = ROOTS[roots]
    x = leaf(3.0)
    if gradients is not None:
        gradients = [None if each is None else numbers(each) for each in gradients]
    lib.autograd.backward(make(x, x * x), gradients)
    assert values(x.grad) == [expected]


# inputs=

INPUTS = {  # of a = [3], b = [4], y = a * b and the root y * y: inputs, and the .grad of a, b, y
    "a leaf": (lambda a, b, y: [a], [[96.0], None, None]),
    "a leaf that is in no list": (lambda a, b, y: a, [[96.0], None, None]),
    "both leaves": (lambda a, b, y: (a, b), [[96.0], [72.0], None]),
    "the same leaf twice": (lambda a, b, y: [a, a], [[96.0], None, None]),
    "a non-leaf": (lambda a, b, y: [y], [None, None, [24.0]]),
    "the same non-leaf twice": (lambda a, b, y: [y, y], [None, None, [24.0]]),
    "a leaf and a non-leaf": (lambda a, b, y: [y, b], [None, [72.0], [24.0]]),
}


@pytest.mark.parametrize("inputs", INPUTS)
def test_backward_fills_the_grad_of_its_inputs_alone(leaf, inputs):
    make, expected = INPUTS[inputs]
    a, b = leaf(3.0), leaf(4.0)
    y = a * b
    (y * y).backward(inputs=make(a, b, y))
    assert values(a.grad, b.grad, y.grad) == expected


def test_an_input_that_is_the_root_gets_the_gradient_it_begins_with(leaf):
    a = leaf(3.0)
    y = a * a
    y.backward(inputs=[y, a])
    assert values(y.grad, a.grad) == [[1.0], [6.0]]


def test_an_input_that_was_not_used_keeps_no_grad_and_is_no_error(leaf):
    a, unused = leaf(3.0), leaf(4.0)
    (a * a).backward(inputs=[unused])
    assert values(a.grad, unused.grad) == [None, None]


def test_a_view_is_an_input_as_any_other(leaf):
    x = leaf(2.0, 3.0)
    first = x[0]
    (first * 3 + x.sum()).backward(inputs=[first])
    assert values(first.grad, x.grad) == [3.0, None]


def test_backward_to_inputs_accumulates_into_their_grad(lib, leaf):
    a = leaf(3.0)
    y = a * a
    z = y * 5
    z.backward(inputs=[a, y], retain_graph=True)
    lib.autograd.backward(z, inputs=[a, y])
    assert values(a.grad, y.grad) == [[60.0], [10.0]]


def test_backward_to_a_non_leaf_retains_its_grad_from_then_on(leaf):
    y = leaf(3.0) * 2
    assert y.retains_grad is False
    (y * 5).backward(inputs=[y])
    assert y.retains_grad is True


def test_backward_to_inputs_frees_only_what_it_walked(leaf):
    a, b = leaf(3.0), leaf(4.0)
    y, z = a * a, b * b
    (y + z).backward(inputs=[a])
    z.backward()
    assert values(a.grad, b.grad) == [[6.0], [8.0]]
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_backward_to_inputs_creates_a_graph_too(lib, leaf):
    x, w = leaf(2.0), leaf(3.0)
    (x * x * w).backward(inputs=[x], create_graph=True)
    assert values(*lib.autograd.grad(x.grad, [x, w])) == [[6.0], [4.0]]


# The graph: freed, retained, created.

WALKS = {  # a first walk from y = x * x, whether there may be a second
    "backward": (lambda grad, x, y: y.backward(), False),
    "backward, retained": (lambda grad, x, y: y.backward(retain_graph=True), True),
    "backward, created": (lambda grad, x, y: y.backward(create_graph=True), True),
    "backward, created but not retained": (lambda grad, x, y: y.backward(retain_graph=False, create_graph=True), False),
    "backward to an input": (lambda grad, x, y: y.backward(inputs=[x]), False),
    "grad": (lambda grad, x, y: grad(y, x), False),
    "grad, retained": (lambda grad, x, y: grad(y, x, retain_graph=True), True),
    "grad, created": (lambda grad, x, y: grad(y, x, create_graph=True), True),
    "grad, created but not retained": (lambda grad, x, y: grad(y, x, retain_graph=False, create_graph=True), False),
    "grad of the root itself": (lambda grad, x, y: grad(y, y), True),
}


@pytest.mark.parametrize("walk", WALKS)
def test_a_graph_is_walked_a_second_time_only_if_it_was_retained(lib, leaf, walk):
    first, again = WALKS[walk]
    x = leaf(3.0)
    y = x * x
    first(lib.autograd.grad, x, y)
    x.grad = None
    if again:
        y.backward()
        assert x.grad.tolist() == [6.0]
    else:
        with pytest.raises(RuntimeError, match=r"(?s)second time.*retain_graph=True"):
            y.backward()


def test_two_losses_share_a_trunk_if_the_first_retains_it(leaf):
    x = leaf(0.0)
    trunk = x.exp()
    (trunk * 2).backward(retain_graph=True)
    (trunk * 3).backward()
    assert x.grad.tolist() == [5.0]
    with pytest.raises(RuntimeError, match="second time"):
        (trunk * 4).backward()


def test_backward_with_create_graph_gives_gradients_of_gradients_up_to_the_third_order(leaf):
    x = leaf(2.0)
    value = x**4
    found = []
    for create_graph in (True, True, False):
        value.backward(create_graph=create_graph)
        value, x.grad = x.grad, None
        found.append((value.tolist(), value.requires_grad))
    assert found == [([32.0], True), ([48.0], True), ([48.0], False)]


def test_the_gradient_of_what_is_linear_requires_no_gradient_even_with_create_graph(leaf):
    x = leaf(2.0)
    (x * 3).backward(create_graph=True)
    assert (x.grad.tolist(), x.grad.requires_grad) == ([3.0], False)


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_gradient_to_begin_with_is_part_of_the_graph_if_one_is_created(leaf, create_graph):
    x, v = leaf(1.0, 2.0), leaf(1.0, 1.0)
    (x * x).backward(v, create_graph=create_graph)
    assert x.grad.requires_grad is create_graph
    if create_graph:
        x.grad.sum().backward()
    assert values(v.grad) == [[2.0, 4.0] if create_graph else None]


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("around", [False, True])
def test_backward_records_what_it_is_asked_to_record_whatever_the_mode_around_it(lib, leaf, around, create_graph):
    x = leaf(2.0)
    y = x * x
    with lib.set_grad_enabled(around):
        y.backward(create_graph=create_graph)
        assert lib.is_grad_enabled() is around
    assert (x.grad.tolist(), x.grad.requires_grad) == ([4.0], create_graph)


# Accumulation.


@pytest.mark.parametrize(
    ("first", "second", "in_place", "recorded"),
    [(False, False, True, False), (False, True, False, True), (True, False, True, True), (True, True, False, True)],
)
def test_the_second_gradient_is_added_in_place_unless_it_is_part_of_a_graph(leaf, first, second, in_place, recorded):
    x = leaf(2.0)
    (x**3).backward(create_graph=first)
    before = x.grad
    (x**3).backward(create_graph=second)
    assert (x.grad is before, values(before), values(x.grad)) == (in_place, [[24.0 if in_place else 12.0]], [[24.0]])
    assert x.grad.requires_grad is recorded


def test_a_grad_that_was_assigned_is_added_to_in_place(leaf, numbers):
    x, mine = leaf(2.0), numbers(10.0)
    x.grad = mine
    (x * 3).backward()
    assert x.grad is mine
    assert mine.tolist() == [13.0]


@pytest.mark.parametrize("forget", [lambda x: setattr(x, "grad", None), lambda x: delattr(x, "grad")], ids=["None", "del"])
def test_a_grad_that_was_taken_away_begins_anew(leaf, forget):
    x = leaf(1.0)
    (x * 2).backward()
    forget(x)
    assert x.grad is None
    (x * 3).backward()
    assert x.grad.tolist() == [3.0]


@pytest.mark.parametrize("make", [lambda leaf: leaf(1.0), lambda leaf: leaf(1.0) * 2, lambda leaf: leaf(1.0).detach()])
def test_any_tensor_takes_a_grad_and_keeps_it_as_the_object_it_is(leaf, numbers, make):
    x, mine = make(leaf), numbers(3.0)
    x.grad = mine
    assert x.grad is mine


def test_grad_has_the_leafs_dtype_and_shape_whatever_it_was_used_with(lib, leaf):
    x, y = lib.ones(2, 1, requires_grad=True), leaf(1.0, 2.0, 3.0)
    (x * y).sum().backward()
    assert (x.grad.dtype, tuple(x.grad.shape), x.grad.tolist()) == (lib.float32, (2, 1), [[6.0], [6.0]])
    assert (y.grad.dtype, tuple(y.grad.shape), y.grad.tolist()) == (lib.float64, (3,), [2.0, 2.0, 2.0])


SHARING = {  # (Through views, torch's own leaves do share memory; here none do, as test_engine.py shows.)
    "a sum": lambda x, y: x + y,
    "a chain of sums": lambda x, y: (x + 1) + (y + 2),
    "a root that is a leaf": lambda x, y: x,
    "one leaf used twice": lambda x, y: x + x + y,
    "a product with itself": lambda x, y: x * y,
    "a spread-out scalar": lambda x, y: (x.sum() + y.sum()).expand(2),
}


@pytest.mark.parametrize("program", SHARING)
def test_writing_into_a_grad_changes_no_other_number(lib, leaf, program):
    x, y, start = leaf(1.0, 2.0), leaf(3.0, 4.0), lib.ones(2, dtype=lib.float64)
    SHARING[program](x, y).backward(start)
    second = x.grad[1].item()
    others = values(y.grad, start, x, y)
    with lib.no_grad():
        x.grad[0] = 99.0
    assert x.grad.tolist() == [99.0, second]
    assert values(y.grad, start, x, y) == others


def test_a_retained_grad_shares_no_memory_with_those_below_and_above(lib, leaf):
    x = leaf(2.0)
    y = x + 1
    z = y + 1
    for each in (y, z):
        each.retain_grad()
    z.backward()
    for each in (x, y, z):
        each.grad.mul_(10)
    assert values(x.grad, y.grad, z.grad) == [[10.0], [10.0], [10.0]]


# Undefined gradients.


def test_a_gradient_that_is_none_stays_none_down_to_the_leaf(lib, leaf):
    x = leaf(1.0)
    undefined(lib).apply((x * 2).exp().sum()).backward()
    assert x.grad is None


def test_a_gradient_that_is_none_adds_nothing_to_the_others(lib, leaf):
    x = leaf(2.0)
    y = x * x
    (undefined(lib).apply(y) + y * 3).backward()
    assert x.grad.tolist() == [12.0]


def test_a_gradient_of_zero_is_not_none(leaf):
    x, y = leaf(1.0), leaf(2.0)
    (x * 0 + y.detach()).backward()
    assert values(x.grad, y.grad) == [[0.0], None]


# retain_grad


def test_a_non_leaf_has_no_grad_unless_it_retains_it(leaf):
    x = leaf(2.0)
    y, z = x * 3, x * 5
    assert y.retain_grad() is None
    (y * z).backward()
    assert values(y.grad, z.grad, x.grad) == [[10.0], None, [60.0]]
    assert [each.retains_grad for each in (x, y, z)] == [False, True, False]


def test_a_retained_grad_accumulates_out_of_place(leaf):
    y = leaf(2.0) * 3
    y.retain_grad()
    z = y * y
    z.backward(retain_graph=True)
    first = y.grad
    z.backward()
    assert values(first, y.grad) == [[12.0], [24.0]]


def test_to_retain_twice_is_to_retain_once(leaf):
    y = leaf(2.0) * 3
    y.retain_grad()
    y.retain_grad()
    (y * y).backward()
    assert y.grad.tolist() == [12.0]


def test_a_leaf_retains_its_grad_anyway(leaf):
    x = leaf(2.0)
    x.retain_grad()
    (x * 3).backward()
    assert (x.retains_grad, x.grad.tolist()) == (False, [3.0])


RETAINED = {  # of y = x * 3 with x = [2], which retains its grad, and z = y * y: a walk, y.grad
    "backward": (lambda grad, x, y, z: z.backward(), [12.0]),
    "backward to a leaf below it": (lambda grad, x, y, z: z.backward(inputs=[x]), [12.0]),
    "grad to a leaf below it": (lambda grad, x, y, z: grad(z, x), [12.0]),
    "grad to itself": (lambda grad, x, y, z: grad(z, y), [12.0]),
    "a walk past it": (lambda grad, x, y, z: (x * x).backward(), None),
}


@pytest.mark.parametrize("walk", RETAINED)
def test_a_grad_is_retained_by_every_walk_that_computes_it(lib, leaf, walk):
    action, expected = RETAINED[walk]
    x = leaf(2.0)
    y = x * 3
    y.retain_grad()
    action(lib.autograd.grad, x, y, y * y)
    assert values(y.grad) == [expected]


def test_a_retained_grad_is_part_of_the_graph_if_one_is_created(lib, leaf):
    y = leaf(2.0) * 3
    y.retain_grad()
    (y**3).backward(create_graph=True)
    assert values(*lib.autograd.grad(y.grad, y)) == [[36.0]]


IN_PLACE = {  # of y = x * 2 with x = [1]: what is done to y, the root, the grad y retains, x.grad
    "retained, then changed": (lambda y: (y.retain_grad(), y.mul_(3)), lambda y: y * y, [12.0], [72.0]),
    "changed, then retained": (lambda y: (y.mul_(3), y.retain_grad()), lambda y: y * y, [12.0], [72.0]),
    "changed twice": (lambda y: (y.retain_grad(), y.mul_(3), y.add_(1)), lambda y: y * 7, [7.0], [42.0]),
}


@pytest.mark.parametrize("change", IN_PLACE)
def test_the_grad_retained_is_that_of_the_value_after_the_last_change_in_place(leaf, change):
    action, root, retained, expected = IN_PLACE[change]
    x = leaf(1.0)
    y = x * 2
    action(y)
    root(y).backward()
    assert values(y.grad, x.grad) == [retained, expected]


def test_what_was_read_before_a_change_in_place_adds_nothing_to_the_retained_grad(leaf):
    x = leaf(1.0)
    y = x * 2
    y.retain_grad()
    before = y + 0
    y.mul_(3)
    (before * 7 + y).backward()
    assert values(y.grad, x.grad) == [[1.0], [20.0]]


# Leaves.

LEAVES = {  # of x, which requires a gradient, and c, which does not: is_leaf, requires_grad
    "what was made to require a gradient": (lambda lib, x, c: x, True, True),
    "what requires none": (lambda lib, x, c: c, True, False),
    "what was computed from what requires none": (lambda lib, x, c: c * 2, True, False),
    "what was computed from what requires one": (lambda lib, x, c: x * c, False, True),
    "what was detached": (lambda lib, x, c: (x * 2).detach(), True, False),
    "data": (lambda lib, x, c: x.data, True, False),
    "a view": (lambda lib, x, c: x[0], False, True),
    "a comparison": (lambda lib, x, c: x > 0, True, False),
    "integers": (lambda lib, x, c: x.to(lib.int64), True, False),
    "another dtype": (lambda lib, x, c: x.to(lib.float32), False, True),
    "the same dtype": (lambda lib, x, c: x.to(lib.float64), True, True),
    "a computed constant that is made to require one": (lambda lib, x, c: (c * 2).requires_grad_(), True, True),
    "a non-leaf that is told what it does already": (lambda lib, x, c: (x * 2).requires_grad_(), False, True),
    "what changed in place by a variable": (lambda lib, x, c: c.mul_(x), False, True),
}


@pytest.mark.parametrize("what", LEAVES)
def test_a_leaf_is_what_no_recorded_operation_made(lib, leaf, numbers, what):
    make, is_leaf, requires_grad = LEAVES[what]
    made = make(lib, leaf(2.0), numbers(3.0))
    assert (made.is_leaf, made.requires_grad, made.grad_fn is None) == (is_leaf, requires_grad, is_leaf)


def test_what_is_computed_without_grad_is_a_leaf(lib, leaf):
    with lib.no_grad():
        made = leaf(2.0) * 3
    assert (made.is_leaf, made.requires_grad) == (True, False)


def test_a_leaf_that_no_longer_requires_a_gradient_gets_none_from_graphs_it_is_in(leaf):
    x, w = leaf(2.0), leaf(3.0)
    y = x * w
    x.requires_grad_(False)
    y.backward()
    assert values(x.grad, w.grad) == [None, [2.0]]
