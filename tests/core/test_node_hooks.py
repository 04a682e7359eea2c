"""Hooks on nodes and after accumulation, and what is left when a hook raises. Nearly every test runs on torch too."""

import traceback

import pytest

from tests.core.user_functions import passing, undefined
from tests.libraries import values

pytestmark = pytest.mark.filterwarnings("ignore:Using backward.. with create_graph=True:UserWarning")


# Nodes.


def test_a_node_has_a_name_edges_and_metadata(lib, leaf):
    x, w = leaf(2.0), leaf(3.0)
    first, second = passing(lib).apply(x, 7, w)
    y = second * first
    assert (y.grad_fn.name(), first.grad_fn.name()) == ("MulBackward0", "PassBackward")
    assert [(node.name(), number) for node, number in y.grad_fn.next_functions] == [("PassBackward", 1), ("PassBackward", 0)]
    assert (first.grad_fn is second.grad_fn, first.output_nr, second.output_nr) == (True, 0, 1)
    assert (y * 2).grad_fn.next_functions[1] == (None, 0)
    y.grad_fn.metadata["layer"] = 1
    assert y.grad_fn.metadata == {"layer": 1}


def test_a_leafs_node_knows_its_leaf_and_is_one_for_all_graphs(leaf):
    x = leaf(2.0)
    y = x * 1
    ((node, number), _) = y.grad_fn.next_functions
    assert node is (x * 2).grad_fn.next_functions[0][0]
    assert (node.variable is x, number, node.next_functions) == (True, 0, ())
    assert node.name().endswith("AccumulateGrad")


def test_a_function_has_an_edge_for_each_variable_it_took(lib, leaf, numbers):
    first, _ = passing(lib).apply(leaf(2.0), 7, numbers(3.0))
    assert [node and node.name().rpartition("::")[2] for node, _ in first.grad_fn.next_functions] == ["AccumulateGrad", None]


# Hooks on nodes: what they see.

SEEN = {  # of x = [2], w = [5]: a root, the gradients of its node's inputs, those of its outputs
    "two operands": (lambda lib, x, w: x * w, ([5.0], [2.0]), ([1.0],)),
    "a number": (lambda lib, x, w: x * 5, ([5.0], None), ([1.0],)),
    "an operand that needs no gradient": (lambda lib, x, w: x * w.detach(), ([5.0], None), ([1.0],)),
    "the same operand twice": (lambda lib, x, w: x * x, ([2.0], [2.0]), ([1.0],)),
    "one operand": (lambda lib, x, w: -x, ([-1.0],), ([1.0],)),
    "a Function with a number and an output nobody used": (
        lambda lib, x, w: passing(lib).apply(x, 7, w)[0],
        ([1.0], [0.0]),
        ([1.0], None),
    ),
}


@pytest.mark.parametrize("node", SEEN)
def test_a_hook_sees_the_gradients_of_all_inputs_and_outputs(lib, leaf, node):
    make, grad_inputs, grad_outputs = SEEN[node]
    y, seen = make(lib, leaf(2.0), leaf(5.0)), []
    y.grad_fn.register_prehook(lambda *args: seen.append(args))
    y.grad_fn.register_hook(lambda *args: seen.append(args))
    y.backward()
    assert [[type(each) for each in args] for args in seen] == [[tuple], [tuple, tuple]]
    assert [[tuple(values(*each)) for each in args] for args in seen] == [[grad_outputs], [grad_inputs, grad_outputs]]


def test_a_hook_sees_none_for_an_input_whose_gradient_nobody_asked_for(lib, leaf):
    x, w, seen = leaf(2.0), leaf(5.0), []
    y = x * w
    y.grad_fn.register_hook(lambda grad_inputs, grad_outputs: seen.append(values(*grad_inputs)))
    lib.autograd.grad(y, x)
    assert seen == [[[5.0], None]]


def test_hooks_on_a_leafs_node_see_its_gradient_and_run_around_the_accumulation(leaf):
    x, seen = leaf(2.0), []
    y = x * 3
    node = y.grad_fn.next_functions[0][0]
    node.register_hook(lambda *args: seen.append(("hook", [values(*each) for each in args], values(x.grad))))
    x.register_post_accumulate_grad_hook(lambda each: seen.append(("after", each is x, values(x.grad))))
    node.register_prehook(lambda *args: seen.append(("prehook", [values(*each) for each in args], values(x.grad))))
    x.register_hook(lambda grad: seen.append(("tensor", values(grad), values(x.grad))))
    y.backward()
    assert seen == [
        ("tensor", [[3.0]], [None]),
        ("prehook", [[[3.0]]], [None]),
        ("after", True, [[3.0]]),
        ("hook", [[], [[3.0]]], [[3.0]]),
    ]


def test_hooks_on_a_tensor_run_before_those_on_its_node_and_each_kind_in_its_order(leaf):
    x, seen = leaf(2.0), []
    y = x * 1
    node = y.grad_fn
    x.register_hook(lambda grad: seen.append("x"))
    node.register_hook(lambda *_: seen.append("hook"))
    node.register_prehook(lambda *_: seen.append("prehook"))
    node.register_prehook(lambda *_: seen.append("second prehook"))
    node.register_hook(lambda *_: seen.append("second hook"))
    y.register_hook(lambda *_: seen.append("tensor"))
    y.backward()
    assert seen == ["tensor", "prehook", "second prehook", "hook", "second hook", "x"]


def test_hooks_on_a_node_run_only_where_the_node_does(lib, leaf):
    x, w, seen = leaf(2.0), leaf(3.0), []
    u = w * 1
    y = x * u
    for node in (u.grad_fn, u.grad_fn.next_functions[0][0], y.grad_fn.next_functions[0][0]):
        node.register_hook(lambda *_: seen.append("hook"))
        node.register_prehook(lambda *_: seen.append("prehook"))
    x.register_post_accumulate_grad_hook(lambda leaf: seen.append("after"))
    lib.autograd.grad(y, [x, u])
    assert seen == []


def test_hooks_on_a_node_are_told_of_gradients_that_are_none(lib, leaf):
    x, seen = leaf(2.0), []
    y = x * 2
    y.grad_fn.register_prehook(lambda *args: seen.append(args))
    y.grad_fn.register_hook(lambda *args: seen.append(args))
    undefined(lib).apply(y).backward()
    assert (seen, x.grad) == ([((None,),), ((None, None), (None,))], None)


# Hooks on nodes: what they change.


def test_a_hook_replaces_the_gradients_of_the_inputs_and_the_next_sees_that(leaf):
    x, w, seen = leaf(2.0), leaf(5.0), []
    y = x * w
    y.grad_fn.register_hook(lambda grad_inputs, _: (grad_inputs[0] * 10, grad_inputs[1] + 1))
    y.grad_fn.register_hook(lambda grad_inputs, _: seen.append(values(*grad_inputs)))
    y.backward()
    assert values(x.grad, w.grad) == [[50.0], [3.0]]
    assert seen == [[[50.0], [3.0]]]


def test_a_prehook_replaces_the_gradients_of_the_outputs_and_all_that_follows_sees_that(leaf):
    x, seen = leaf(2.0), []
    y = x * 3
    y.register_hook(lambda grad: grad + 1)
    y.grad_fn.register_prehook(lambda grad_outputs: (grad_outputs[0] * 10,))
    y.grad_fn.register_prehook(lambda grad_outputs: seen.append(values(*grad_outputs)))
    y.grad_fn.register_hook(lambda grad_inputs, grad_outputs: seen.append(values(*grad_inputs, *grad_outputs)))
    y.backward()
    assert seen == [[[20.0]], [[60.0], None, [20.0]]]
    assert x.grad.tolist() == [60.0]


def test_a_retained_grad_knows_nothing_of_what_a_prehook_makes_of_it(leaf):
    x = leaf(2.0)
    y = x * 3
    y.grad_fn.register_prehook(lambda grad_outputs: (grad_outputs[0] * 10,))
    y.retain_grad()
    y.backward()
    assert values(y.grad, x.grad) == [[1.0], [30.0]]


def test_a_prehook_on_a_leafs_node_replaces_what_is_accumulated(leaf):
    x = leaf(2.0)
    y = x * 3
    y.grad_fn.next_functions[0][0].register_prehook(lambda grad_outputs: (grad_outputs[0] * 10,))
    y.backward()
    assert x.grad.tolist() == [30.0]


def test_a_hook_may_take_a_gradient_away(leaf):
    x, w = leaf(2.0), leaf(5.0)
    y = x * w
    y.grad_fn.register_hook(lambda grad_inputs, _: (grad_inputs[0], None))
    y.backward(retain_graph=True)
    assert values(x.grad, w.grad) == [[5.0], None]
    y.grad_fn.register_prehook(lambda grad_outputs: (None,))
    y.backward()
    assert values(x.grad, w.grad) == [[5.0], None]


def test_replaced_gradients_stay_differentiable_if_a_graph_is_created(lib, leaf):
    x = leaf(3.0)
    y = x * x
    y.grad_fn.register_hook(lambda grad_inputs, _: tuple(each * x for each in grad_inputs))
    y.backward(create_graph=True)
    assert values(x.grad, *lib.autograd.grad(x.grad, x)) == [[18.0], [12.0]]


WRONG = {  # an answer made of the tuple that a hook on the node of y = x * 2 gets, the error, its key words
    "a gradient without a tuple": (lambda grads: grads[0], TypeError, "expected tuple, but hook returned"),
    "a list": (list, TypeError, "expected tuple, but hook returned 'list'"),
    "a number": (lambda grads: 3, TypeError, "expected tuple, but hook returned 'int'"),
    "a tuple of numbers": (lambda grads: (3,) * len(grads), TypeError, "hook returned 'int'"),
    "too few": (lambda grads: (), RuntimeError, r"hook.*lambda.*incorrect number of values \(got 0, but expected \d"),
    "too many": (
        lambda grads: (*grads, None),
        RuntimeError,
        r"hook.*lambda.*incorrect number of values \(got \d, but expected \d",
    ),
    "another shape": (lambda grads: (grads[0][:1], *grads[1:]), RuntimeError, "hook.*lambda.*changed the size of value"),
    "another dtype": (lambda grads: (grads[0].float(), *grads[1:]), RuntimeError, "hook.*lambda.*changed the type of value"),
}


@pytest.mark.parametrize("kind", ["register_hook", "register_prehook"])
@pytest.mark.parametrize("answer", WRONG)
def test_a_wrong_answer_is_an_error(leaf, answer, kind):
    make, error, message = WRONG[answer]
    x = leaf(1.0, 2.0)
    y = x * 2
    getattr(y.grad_fn, kind)(lambda grads, *_: make(grads))
    with pytest.raises(error, match=message):
        y.sum().backward()
    assert x.grad is None


def test_a_gradient_that_is_none_is_not_replaced_by_a_value(lib, leaf, numbers):
    x = leaf(2.0)
    y = x * 5
    y.grad_fn.register_hook(lambda grad_inputs, _: (grad_inputs[0], numbers(1.0)))
    with pytest.raises(RuntimeError, match="can't replace a None gradient with a non-None value"):
        y.backward()
    first, _ = passing(lib).apply(x, 7, leaf(3.0))
    first.grad_fn.register_prehook(lambda grad_outputs: (grad_outputs[0], numbers(1.0)))
    with pytest.raises(RuntimeError, match="can't replace a None gradient with a non-None value"):
        first.backward()
    assert x.grad is None


def test_a_leafs_node_has_no_inputs_whose_gradients_could_be_replaced(leaf, numbers):
    x = leaf(2.0)
    y = x * 3
    y.grad_fn.next_functions[0][0].register_hook(lambda *_: (numbers(1.0),))
    with pytest.raises(RuntimeError, match=r"incorrect number of values \(got 1, but expected 0"):
        y.backward()


# After accumulation.


def test_a_hook_after_accumulation_sees_what_has_been_accumulated_so_far(leaf):
    x, seen = leaf(2.0), []
    x.register_post_accumulate_grad_hook(lambda each: seen.append((each is x, values(each.grad))))
    for _ in range(2):
        (x * 3 + x).backward()
    assert seen == [(True, [[4.0]]), (True, [[8.0]])]


def test_a_leaf_is_updated_and_its_grad_freed_as_backward_goes(lib, leaf):
    x, w = leaf(2.0), leaf(10.0)

    def step(leaf):
        with lib.no_grad():
            leaf -= leaf.grad
        leaf.grad = None

    for each in (x, w):
        each.register_post_accumulate_grad_hook(step)
    (x * 3 + w * 5).backward()
    (x * 3 + w * 5).backward()
    assert values(x, x.grad, w, w.grad) == [[-4.0], None, [0.0], None]


def test_a_hook_after_accumulation_returns_nothing(leaf):
    x = leaf(2.0)
    x.register_post_accumulate_grad_hook(lambda each: each.grad * 2)
    with pytest.raises(RuntimeError, match="post accumulate grad hooks should return None"):
        (x * 3).backward()


# A hook that raises.


class Mine(Exception):  # noqa: N818 - not an error of the library's
    """What a user's hook raises."""


def raises(*_):
    raise Mine("says the hook")


PLACES = {  # in y = a * 3 and z = y * b, which are computed from a = [1] and b = [2]: where the hook is, what is filled then
    "the root": (lambda a, b, y, z: z.register_hook, [None, None, None]),
    "the root's node, before it runs": (lambda a, b, y, z: z.grad_fn.register_prehook, [None, None, None]),
    "the root's node": (lambda a, b, y, z: z.grad_fn.register_hook, [None, None, None]),
    "a leaf that comes first": (lambda a, b, y, z: b.register_hook, [None, None, None]),
    "that leaf, after accumulation": (lambda a, b, y, z: b.register_post_accumulate_grad_hook, [None, [3.0], None]),
    "a non-leaf": (lambda a, b, y, z: y.register_hook, [None, [3.0], None]),
    "its node": (lambda a, b, y, z: y.grad_fn.register_hook, [None, [3.0], [2.0]]),
    "a leaf that comes last": (lambda a, b, y, z: a.register_hook, [None, [3.0], [2.0]]),
    "that leaf's node": (lambda a, b, y, z: y.grad_fn.next_functions[0][0].register_hook, [[6.0], [3.0], [2.0]]),
    "that leaf, after accumulation too": (lambda a, b, y, z: a.register_post_accumulate_grad_hook, [[6.0], [3.0], [2.0]]),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_hook_that_raises_leaves_the_gradients_that_had_arrived_and_a_graph_that_can_be_walked(leaf, place):
    where, filled = PLACES[place]
    a, b = leaf(1.0), leaf(2.0)
    y = a * 3
    y.retain_grad()
    z = y * b
    handle = where(a, b, y, z)(raises)
    with pytest.raises(Mine, match="says the hook"):
        z.backward(retain_graph=True)
    assert values(a.grad, b.grad, y.grad) == filled
    handle.remove()
    a.grad = b.grad = y.grad = None
    z.backward()
    assert values(a.grad, b.grad, y.grad) == [[6.0], [3.0], [2.0]]


def test_what_had_run_is_freed_when_a_hook_raises_and_what_had_not_can_still_run(leaf):
    a, b = leaf(1.0), leaf(2.0)
    y = a * a
    handle = y.register_hook(raises)
    z = y * b
    with pytest.raises(Mine):
        z.backward()
    handle.remove()
    with pytest.raises(RuntimeError, match="second time"):
        z.backward()
    y.backward()
    assert values(a.grad, b.grad) == [[2.0], [1.0]]


def test_the_hooks_own_frame_is_in_the_traceback(leaf):
    x = leaf(1.0)
    x.register_hook(raises)
    with pytest.raises(Mine) as caught:
        x.backward()
    assert "raises" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("around", [False, True])
def test_the_mode_is_what_it_was_when_a_hook_has_raised(lib, leaf, around, create_graph):
    x = leaf(1.0)
    y = x * x
    x.register_hook(raises)
    with lib.set_grad_enabled(around):
        with pytest.raises(Mine):
            y.backward(create_graph=create_graph)
        assert lib.is_grad_enabled() is around


def test_a_hook_that_raised_leaves_nothing_behind_in_the_next_walk_over_other_graphs(leaf):
    x, w = leaf(2.0), leaf(3.0)
    y = x * w
    y.grad_fn.register_hook(raises)
    with pytest.raises(Mine):
        (y + x * 5).backward()
    x.grad = w.grad = None
    (x * w).backward()
    assert values(x.grad, w.grad) == [[3.0], [2.0]]


@pytest.mark.parametrize("exception", [KeyboardInterrupt, StopIteration, GeneratorExit])
def test_an_exception_of_any_kind_comes_out_as_it_is(leaf, exception):
    x = leaf(1.0)

    def hook(grad):
        raise exception

    handle = x.register_hook(hook)
    with pytest.raises(exception):
        (x * 2).backward()
    handle.remove()
    (x * 2).backward()
    assert x.grad.tolist() == [2.0]


# ── What hooks after a node see: each gradient as its input gets it ──────────────────────────────────────────────────

BROADCAST = {
    "a sum": lambda lib, x, b: x + b,
    "a product": lambda lib, x, b: x * b,
    "a choice": lambda lib, x, b: lib.where(x > 2, x, b),
    "three operands": lambda lib, x, b: lib.addcmul(b, x, x),
    "a layer": lambda lib, x, b: lib.nn.functional.linear(x, lib.eye(2, dtype=lib.float64), b.double()),
    "an expansion": lambda lib, x, b: b.expand(2, 2),
    "a cast": lambda lib, x, b: b.to(lib.float64) + 0 * x[0],
}


@pytest.mark.parametrize("program", BROADCAST.values(), ids=BROADCAST)
def test_hooks_after_a_node_see_gradients_in_shape_and_dtype_of_the_inputs(lib, program):
    x = lib.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=lib.float64, requires_grad=True)
    b = lib.tensor([1.0, 2.0], requires_grad=True)
    y, seen = program(lib, x, b), []
    y.grad_fn.register_hook(lambda grad_inputs, grad_outputs: seen.extend(grad_inputs))
    y.sum().backward()
    into = {id(node.variable): node.variable for node, _ in y.grad_fn.next_functions if hasattr(node, "variable")}
    for (node, _), grad in zip(y.grad_fn.next_functions, seen, strict=True):
        if hasattr(node, "variable"):
            assert (grad.shape, grad.dtype) == (into[id(node.variable)].shape, into[id(node.variable)].dtype)


def test_a_hook_after_a_node_may_replace_a_gradient_in_the_shape_of_its_input(lib):
    x = lib.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=lib.float64, requires_grad=True)
    b = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x + b
    y.grad_fn.register_hook(lambda grad_inputs, grad_outputs: (grad_inputs[0], lib.full((2,), 7.0)))
    y.sum().backward()
    assert b.grad.tolist() == [7.0, 7.0]


def test_a_gradient_in_the_shape_of_the_output_is_refused_from_a_hook(lib):
    x, b = lib.ones(2, 2, requires_grad=True), lib.ones(2, requires_grad=True)
    y = x + b
    y.grad_fn.register_hook(lambda grad_inputs, grad_outputs: (grad_inputs[0], lib.ones(2, 2)))
    with pytest.raises(RuntimeError, match="has changed the size of value"):
        y.sum().backward()


def test_a_node_that_inputs_name_runs_with_its_hooks(lib):
    x = lib.ones(2, requires_grad=True)
    y, seen = x * 2, []
    y.grad_fn.register_prehook(lambda grad_outputs: seen.append("before"))
    y.grad_fn.register_hook(lambda grad_inputs, grad_outputs: seen.append("after"))
    y.sum().backward(inputs=[y])
    assert (seen, y.grad.tolist(), x.grad) == (["before", "after"], [1.0, 1.0], None)


@pytest.mark.parametrize(("change", "shape"), [("t_", (2, 3)), ("unsqueeze_", (2, 3))])
def test_who_asked_for_a_grad_before_the_shape_changed_in_place_gets_it_in_the_older_shape(lib, change, shape):
    x = lib.ones(2, 3, requires_grad=True)
    y = x * 2
    y.retain_grad()
    getattr(y, change)(*([0] if change == "unsqueeze_" else []))
    weights = lib.arange(6.0).reshape(y.shape)
    (y * weights).sum().backward()
    assert tuple(y.grad.shape) == shape
    assert y.retains_grad
    assert y.grad.tolist() == (weights.t() if change == "t_" else weights[0]).tolist()
