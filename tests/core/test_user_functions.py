"""Functions of one's own, on the way forward: what ctx offers, what may go in, and what comes out."""

import warnings

import pytest

import microtorch
from tests.core.user_functions import exp, made, square, sum_and_difference
from tests.libraries import leaf, values

# The node, which is the context


def test_the_node_has_the_name_of_its_class(lib):
    Exp = exp(lib)
    derived = type("Grown", (Exp,), {})
    assert [function.apply(leaf(lib, 0.0)).grad_fn.name() for function in (Exp, derived)] == ["ExpBackward", "GrownBackward"]


def test_the_node_is_an_instance_of_its_class_and_prints_without_an_address():
    Exp = exp(microtorch)
    node = Exp.apply(leaf(microtorch, 0.0)).grad_fn
    assert (isinstance(node, Exp), repr(node)) == (True, "<ExpBackward>")


def test_the_node_is_the_context_and_keeps_what_forward_set_on_it(lib):
    contexts = []

    def forward(ctx, x):
        ctx.note = "kept"
        contexts.append(ctx)
        return x * 2

    node = made(lib, forward).apply(leaf(lib, 1.0)).grad_fn
    assert (node is contexts[0], node.note) == (True, "kept")


def test_every_call_has_a_context_of_its_own(lib):
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x * factor

    Scaled = made(lib, forward, lambda ctx, grad: (grad * ctx.factor, None))
    x = leaf(lib, 1.0)
    y, z = Scaled.apply(x, 2), Scaled.apply(x, 5)
    assert y.grad_fn is not z.grad_fn
    (y + 10 * z).sum().backward()
    assert x.grad.tolist() == [52.0]


def test_a_node_has_one_edge_for_each_variable_and_none_for_anything_else(lib):
    x, constant = leaf(lib, 1.0), lib.ones(1, dtype=lib.float64)
    hidden = x * 2
    y = made(lib, lambda ctx, *args: args[1] * 1).apply("word", x, None, [x], constant, hidden).grad_fn
    (accumulate, _), nothing, (made_hidden, number) = y.next_functions
    assert (accumulate.variable is x, nothing[0], made_hidden is hidden.grad_fn, number) == (True, None, True, 0)


def test_a_node_has_a_dict_for_notes(lib):
    node = exp(lib).apply(leaf(lib, 1.0)).grad_fn
    node.metadata["note"] = 1
    assert node.metadata == {"note": 1}


def test_hooks_on_the_node_see_its_gradients(lib):
    seen = []
    x = leaf(lib, 3.0)
    y = square(lib).apply(x)
    y.grad_fn.register_prehook(lambda grads: seen.append(("before", grads[0].tolist())))
    y.grad_fn.register_hook(lambda inputs, outputs: seen.append(("after", inputs[0].tolist(), outputs[0].tolist())))
    y.backward()
    assert seen == [("before", [1.0]), ("after", [6.0], [1.0])]


# Forward is not recorded


def test_forward_sees_the_inputs_themselves_and_records_nothing(lib):
    seen = []

    def forward(ctx, x):
        result = x * 2
        seen.append((x.requires_grad, result.requires_grad, lib.is_grad_enabled()))
        return result

    made(lib, forward).apply(leaf(lib, 1.0))
    assert seen == [(True, False, False)]


@pytest.mark.parametrize("wanted", [True, False])
def test_a_mode_that_forward_sets_ends_with_it(lib, wanted):
    def forward(ctx, x):
        lib.set_grad_enabled(wanted)
        return x * 2

    try:
        assert made(lib, forward).apply(leaf(lib, 1.0)).requires_grad is True
        assert lib.is_grad_enabled() is True
    finally:
        lib.set_grad_enabled(True)


def test_what_forward_records_all_the_same_is_no_part_of_the_graph(lib):
    def forward(ctx, x):
        with lib.enable_grad():
            return x * 2

    x = leaf(lib, 1.0)
    y = made(lib, forward, lambda ctx, grad: grad * 100).apply(x)
    assert (y.grad_fn.name(), y.grad_fn.next_functions[0][0].variable is x) == ("MadeBackward", True)
    y.backward()
    assert x.grad.tolist() == [100.0]


def test_forward_may_differentiate_on_its_own(lib):
    def forward(ctx, x):
        with lib.enable_grad():
            inner = x.detach().requires_grad_()
            value = (inner * inner).sum()
            (ctx.slope,) = lib.autograd.grad(value, inner)
        return value.detach()

    x = leaf(lib, 1.0, 2.0)
    made(lib, forward, lambda ctx, grad: ctx.slope * grad).apply(x).backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_a_function_inside_of_forward_leaves_no_trace(lib):
    inner = []

    def forward(ctx, x):
        inner.append(square(lib).apply(x))
        return inner[0] * 3

    y = made(lib, forward).apply(leaf(lib, 2.0))
    assert (inner[0].grad_fn, y.grad_fn.next_functions[0][0].name().rpartition("::")[2]) == (None, "AccumulateGrad")


def test_nothing_is_recorded_without_grad_mode_or_without_an_input_that_needs_it(lib):
    x = leaf(lib, 1.0)
    with lib.no_grad():
        silent = exp(lib).apply(x)
    constant = exp(lib).apply(x.detach())
    no_input = made(lib, lambda ctx, size: lib.ones(size)).apply(2)
    assert [(y.requires_grad, y.grad_fn) for y in (silent, constant, no_input)] == [(False, None)] * 3


def test_a_forward_that_raises_leaves_the_modes_as_they_were(lib):
    def forward(ctx, x):
        raise ValueError("no such value")

    x = leaf(lib, 1.0)
    with pytest.raises(ValueError, match="no such value"):
        made(lib, forward).apply(x)
    assert lib.is_grad_enabled() is True
    exp(lib).apply(x).backward()
    assert x.grad.tolist() == x.detach().exp().tolist()


# Arguments


def test_needs_input_grad_tells_forward_and_backward_what_is_wanted(lib):
    seen = []

    def look(ctx, *args):
        seen.append(ctx.needs_input_grad)
        return args[0] * 1

    Look = made(lib, look, lambda ctx, grad: (seen.append(ctx.needs_input_grad), grad, None, None, None)[1:])
    x, constant = leaf(lib, 1.0), lib.ones(1, dtype=lib.float64)
    Look.apply(x, constant, 3, [x]).backward()
    with lib.no_grad():
        Look.apply(constant, x)  # what it tells is about the inputs, not about the mode
    assert seen == [(True, False, False, False)] * 2 + [(False, True)]


def test_keyword_arguments_take_the_places_that_forward_names(lib):
    seen = []

    def forward(ctx, x, y=None, scale=1):
        seen.append(ctx.needs_input_grad)
        ctx.save_for_backward(x, y)
        ctx.scale = scale
        return x * y * scale

    def backward(ctx, grad):
        x, y = ctx.saved_tensors
        return grad * y * ctx.scale, grad * x * ctx.scale, None

    x, y = leaf(lib, 2.0), leaf(lib, 3.0)
    made(lib, forward, backward).apply(x, scale=10, y=y).backward()
    assert (seen, x.grad.tolist(), y.grad.tolist()) == ([(True, True, False)], [30.0], [20.0])

    with pytest.raises(TypeError, match="unexpected keyword argument 'shift'"):
        made(lib, forward, backward).apply(x, shift=1)


def test_variables_inside_of_a_list_are_not_tracked(lib):
    x = leaf(lib, 2.0)
    First = made(lib, lambda ctx, items, word, nothing: items[0] * 2)
    y = First.apply([x], "word", None)
    assert (y.requires_grad, y.tolist()) == (False, [4.0])


# Results


def test_several_outputs_share_a_node_and_are_numbered(lib):
    seen = []
    x, y = leaf(lib, 5.0), leaf(lib, 3.0)
    total, difference = sum_and_difference(lib, seen).apply(x, y, 10)
    assert (total.grad_fn is difference.grad_fn, total.output_nr, difference.output_nr) == (True, 0, 1)
    (total * 2 + difference).sum().backward()
    assert (values(*seen[0]), x.grad.tolist(), y.grad.tolist()) == ([[2.0], [1.0]], [30.0], [10.0])


def test_a_tuple_of_one_stays_a_tuple(lib):
    (y,) = made(lib, lambda ctx, x: (x * 2,)).apply(leaf(lib, 1.0))
    assert y.grad_fn.name() == "MadeBackward"


@pytest.mark.parametrize("result", [3.0, "word", None, (1.0,), ()])
def test_a_result_that_is_no_variable_is_passed_on(lib, result):
    assert made(lib, lambda ctx, x: result).apply(leaf(lib, 1.0)) == result


def test_among_several_results_one_that_is_no_variable_has_the_gradient_none(lib):
    seen = []
    x = leaf(lib, 1.0)
    Mixed = made(lib, lambda ctx, x: (x * 2, 3, x * 5), lambda ctx, *grads: (seen.append(values(*grads)), grads[2])[1])
    _, number, z = Mixed.apply(x)
    z.backward()
    assert (number, z.output_nr, seen) == (3, 2, [[[0.0], None, [1.0]]])


@pytest.mark.parametrize("method", ["__bool__", "__len__"])
def test_a_function_that_could_be_false_is_refused_since_its_gradients_would_be_lost(method):
    with pytest.raises(TypeError, match="must not define __bool__ or __len__"):
        type("Empty", (microtorch.autograd.Function,), {method: lambda self: False})


def test_a_list_of_variables_is_refused_because_their_gradients_would_be_lost():
    Listing = made(microtorch, lambda ctx, x: [x * 2])
    with pytest.raises(TypeError, match=r"Made\.forward must return a Variable or a tuple of them, not list"):
        Listing.apply(leaf(microtorch, 1.0))


@pytest.mark.parametrize(
    "forward", [lambda ctx, x: x, lambda ctx, x: x.view(2), lambda ctx, x: x[:]], ids=["same", "view", "part"]
)
def test_an_input_returned_as_it_is_or_as_a_view_is_a_new_variable_on_its_memory(lib, forward):
    x = leaf(lib, 1.0, 2.0)
    y = made(lib, forward, lambda ctx, grad: grad * 10).apply(x)
    assert (y is x, x.is_leaf, y.grad_fn.name()) == (False, True, "MadeBackward")
    y.sum().backward()
    x.data.zero_()
    assert (x.grad.tolist(), y.tolist()) == ([10.0, 10.0], [0.0, 0.0])


@pytest.mark.parametrize(
    ("forward", "change", "message"),
    [
        (lambda ctx, x: x, lambda x, y: y.add_(1), r"Output 0 of Made.*is a view and is being modified inplace.*clon"),
        (lambda ctx, x: x[:1], lambda x, y: y.add_(1), r"is a view and is being modified inplace.*custom Function.*clon"),
        (lambda ctx, x: x[:1], lambda x, y: x.add_(1), r"base or another view of its base has been modified inplace"),
    ],
    ids=["the input itself", "a view", "the base of a view"],
)
def test_a_view_that_a_function_returned_is_not_changed_in_place(lib, forward, change, message):
    x = leaf(lib, 1.0, 2.0) * 1
    y = made(lib, forward, lambda ctx, grad: grad * 10).apply(x)
    with pytest.raises(RuntimeError, match=message):
        _ = (change(x, y), y.grad_fn)


# setup_context, vmap and jvp


def scaled(lib, seen):
    def setup_context(ctx, inputs, output):
        seen.append((len(inputs), inputs[1], output.tolist(), output.requires_grad, lib.is_grad_enabled()))
        ctx.save_for_backward(inputs[0], output)
        ctx.scale = inputs[1]
        return "ignored"

    def backward(ctx, grad):
        seen.append([each.tolist() for each in ctx.saved_tensors])
        return grad * ctx.scale, None

    return made(lib, lambda x, scale=2: x * scale, backward, setup_context=staticmethod(setup_context))


@pytest.mark.parametrize(("args", "kwargs", "scale"), [((), {}, 2), ((3,), {}, 3), ((), {"scale": 3}, 3)])
def test_forward_without_context_is_followed_by_setup_context(lib, args, kwargs, scale):
    seen = []
    x = leaf(lib, 5.0)
    scaled(lib, seen).apply(x, *args, **kwargs).backward()
    assert seen == [(2, scale, [5.0 * scale], False, False), [[5.0], [5.0 * scale]]]
    assert x.grad.tolist() == [scale]


def test_setup_context_gets_several_outputs_as_a_tuple_and_marks_them(lib):
    def setup_context(ctx, inputs, output):
        ctx.mark_non_differentiable(output[1])
        ctx.save_for_backward(output[0])

    Two = made(lib, lambda x: (x * 2, x * 3), setup_context=staticmethod(setup_context))
    y, z = Two.apply(leaf(lib, 1.0))
    assert (y.requires_grad, z.requires_grad, y.grad_fn.saved_tensors[0].tolist()) == (True, False, [2.0])


def test_a_function_made_for_vmap_and_jvp_too_works_without_them(lib):
    def forward(ctx, x):
        ctx.save_for_forward(x)
        return x * 2

    extras = {"generate_vmap_rule": True, "jvp": staticmethod(lambda ctx, tangent: tangent * 2)}
    x = leaf(lib, 1.0)
    made(lib, forward, lambda ctx, grad: grad * 2, **extras).apply(x).backward()
    assert (x.grad.tolist(), lib.autograd.Function.generate_vmap_rule) == ([2.0], False)


@pytest.mark.parametrize(
    ("call", "message", "more"),
    [
        (lambda Made: Made.vmap(None, (0,)), "vmap", "microtorch has no vmap"),
        (lambda Made: Made.jvp(None), "jvp.*forward mode AD", "microtorch has no forward mode"),
    ],
)
def test_vmap_and_jvp_are_refused(lib, call, message, more):
    with pytest.raises(NotImplementedError, match=message) as caught:
        call(made(lib, lambda ctx, x: x))
    assert lib is not microtorch or more in str(caught.value)


@pytest.mark.parametrize("static", [True, False])
def test_a_function_is_not_called_like_the_instances_of_old(lib, static):
    def forward(ctx, x):
        return x * 2

    Old = type("Old", (lib.autograd.Function,), {"forward": staticmethod(forward) if static else forward})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # torch warns of the instance, and raises at the call
        with pytest.raises(RuntimeError, match="static forward method"):
            Old()(leaf(lib, 1.0))


# The context is the user's


@pytest.mark.parametrize(
    "name",
    [
        "shape",
        "dtype",
        "hooks",
        "plan",
        "saved",
        "versions",
        "outputs",
        "number",
        "recorded",
        "gradients",
        "output",
        "path",
        "fn",
    ],
)
def test_any_attribute_of_the_context_is_the_users(lib, name):
    seen = []

    def forward(ctx, x):
        setattr(ctx, name, (7,))
        return x.expand(4, 3) * 1

    def backward(ctx, grad):
        seen.append((tuple(grad.shape), getattr(ctx, name)))
        return grad.sum(0)

    x = leaf(lib, 1.0, 2.0, 3.0)
    y = made(lib, forward, backward).apply(x)
    (y * y).sum().backward()
    assert (seen, x.grad.tolist()) == ([((4, 3), (7,))], [8.0, 16.0, 24.0])
