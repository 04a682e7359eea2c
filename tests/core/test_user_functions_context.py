"""Functions of one's own: what the context keeps for backward, and what it is told about inputs and outputs."""

import pytest

from tests.core.user_functions import doubled_in_place, made, square
from tests.libraries import leaf, values

# save_for_backward


def test_inputs_outputs_intermediates_and_none_can_be_saved(lib):
    def forward(ctx, x, leaf):
        between = x * 3
        result = between * leaf
        ctx.save_for_backward(x, leaf, between, None, result)
        return result

    w = leaf(lib, 7.0)
    x = leaf(lib, 2.0) * 1
    y = made(lib, forward).apply(x, w)
    saved_x, saved_w, between, nothing, result = y.grad_fn.saved_tensors
    assert (saved_x.tolist(), saved_x.grad_fn is x.grad_fn, saved_w is w) == ([2.0], True, True)
    assert (between.tolist(), between.requires_grad, nothing) == ([6.0], False, None)
    assert (result.tolist(), result.grad_fn is y.grad_fn) == ([42.0], True)


def test_without_save_for_backward_there_are_no_saved_tensors(lib):
    assert made(lib, lambda ctx, x: x * 2).apply(leaf(lib, 1.0)).grad_fn.saved_tensors == ()


def test_of_two_calls_of_save_for_backward_the_last_one_counts(lib):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        ctx.save_for_backward(x * 5, None)
        return x * 1

    first, second = made(lib, forward).apply(leaf(lib, 1.0)).grad_fn.saved_tensors
    assert (first.tolist(), second) == ([5.0], None)


def test_saved_tensors_are_freed_by_backward_unless_the_graph_is_retained(lib):
    x = leaf(lib, 3.0)
    y = square(lib).apply(x)
    y.backward(retain_graph=True)
    assert y.grad_fn.saved_tensors[0] is x
    y.backward()
    assert x.grad.tolist() == [12.0]
    for again in (y.backward, lambda: y.grad_fn.saved_tensors):
        with pytest.raises(RuntimeError, match=r"second time.*freed.*retain_graph=True"):
            again()


def test_a_function_that_saved_nothing_can_be_walked_again(lib):
    x = leaf(lib, 1.0)
    y = made(lib, lambda ctx, x: x * 2, lambda ctx, grad: grad * 2).apply(x)
    y.backward()
    y.backward()
    assert x.grad.tolist() == [4.0]


def save(lib, pick):
    """A Function that saves what ``pick`` picks of input, intermediate and output, and reads it in backward."""

    def forward(ctx, x):
        ctx.between = x * 3
        result = ctx.between * 2
        ctx.save_for_backward(pick(x, ctx.between, result))
        return result

    return made(lib, forward, lambda ctx, grad: grad * ctx.saved_tensors[0])


@pytest.mark.parametrize(
    ("pick", "change"),
    [
        (lambda x, between, result: x, lambda x, node, y: x.add_(1)),
        (lambda x, between, result: between, lambda x, node, y: node.between.add_(1)),
        (lambda x, between, result: result, lambda x, node, y: y.add_(1)),
    ],
    ids=["input", "intermediate", "output"],
)
@pytest.mark.parametrize(
    "read", [lambda y, node: y.sum().backward(), lambda y, node: node.saved_tensors], ids=["backward", "read"]
)
def test_a_saved_variable_that_was_changed_in_place_is_an_error(lib, pick, change, read):
    x = leaf(lib, 1.0) * 1
    y = save(lib, pick).apply(x)
    node = y.grad_fn
    change(x, node, y)
    with pytest.raises(RuntimeError, match=r"modified by an inplace operation.*is at version 1; expected version 0"):
        read(y, node)


def test_changes_through_data_and_changes_inside_of_forward_go_unseen(lib):
    def forward(ctx, x):
        between = x * 3
        ctx.save_for_backward(x, between)
        between.add_(1)
        return between * 1

    x = leaf(lib, 1.0)
    y = made(lib, forward, lambda ctx, grad: grad * ctx.saved_tensors[0] * ctx.saved_tensors[1]).apply(x)
    x.data.add_(1)
    y.backward()
    assert x.grad.tolist() == [8.0]


# mark_dirty


def test_a_dirty_input_is_returned_as_itself_with_a_new_place_in_the_graph(lib):
    x = leaf(lib, 1.0, 2.0)
    hidden = x * 3
    before = hidden.grad_fn
    y = doubled_in_place(lib).apply(hidden)
    assert (y is hidden, y.tolist(), y.grad_fn.name(), y.grad_fn.next_functions[0][0] is before) == (
        True,
        [6.0, 12.0],
        "DoubledBackward",
        True,
    )
    doubled_in_place(lib).apply(y).sum().backward()
    assert x.grad.tolist() == [12.0, 12.0]


def test_what_was_saved_of_a_dirty_input_before_is_stale(lib):
    x = leaf(lib, 1.0) * 1
    y = x * x
    doubled_in_place(lib).apply(x)
    with pytest.raises(RuntimeError, match=r"modified by an inplace operation.*expected version 0"):
        y.backward()


def test_a_dirty_view_changes_its_base_and_their_history(lib):
    x = leaf(lib, 1.0, 2.0)
    base = x * 1
    part = base[:1]
    assert doubled_in_place(lib).apply(part) is part
    base.sum().backward()
    assert (base.tolist(), base.grad_fn.name().rpartition("::")[2], x.grad.tolist()) == ([2.0, 2.0], "CopySlices", [2.0, 1.0])


def test_a_dirty_base_changes_its_views_and_their_history(lib):
    x = leaf(lib, 1.0, 2.0)
    base = x * 1
    view = base.view(2)
    doubled_in_place(lib).apply(base)
    view.sum().backward()
    assert (view.tolist(), x.grad.tolist()) == ([2.0, 4.0], [2.0, 2.0])


def test_a_dirty_input_may_be_one_of_several_outputs_unless_it_is_a_view(lib):
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x, x * 1

    Both = made(lib, forward, lambda ctx, first, second: 2 * (first + second))
    x = leaf(lib, 1.0)
    hidden = x * 1
    y, z = Both.apply(hidden)
    (y + 10 * z).sum().backward()
    assert (y is hidden, x.grad.tolist()) == (True, [22.0])
    with pytest.raises(RuntimeError, match=r"view of another Tensor.*more than one"):
        Both.apply((x * 1)[:1])


def test_where_nothing_is_recorded_a_dirty_input_just_changes(lib):
    x, w = lib.ones(1), leaf(lib, 1.0)
    assert (doubled_in_place(lib).apply(x) is x, x.tolist(), x.requires_grad) == (True, [2.0], False)
    with lib.no_grad():
        doubled_in_place(lib).apply(w)
    assert (w.tolist(), w.is_leaf, w.requires_grad) == ([2.0], True, True)


def test_marking_dirty_what_is_no_input_is_warned_about(lib):
    def forward(ctx, x):
        result = x * 1
        ctx.mark_dirty(result)
        return result

    with pytest.warns(UserWarning, match=r"mark_dirty.*not an input"):
        made(lib, forward).apply(leaf(lib, 1.0))


# mark_non_differentiable, set_materialize_grads


@pytest.mark.parametrize("mark", [True, False])
@pytest.mark.parametrize("extra", [lambda x: x > 1, lambda x: x.long(), lambda x: x * 3], ids=["bool", "integer", "floating"])
def test_an_output_marked_or_not_floating_is_a_constant_with_a_gradient_of_zeros(lib, extra, mark):
    seen = []

    def forward(ctx, x):
        other = extra(x)
        if mark:
            ctx.mark_non_differentiable(other)
        return x * 2, other

    x = leaf(lib, 1.0, 2.0)
    y, other = made(lib, forward, lambda ctx, *grads: (seen.append(grads), grads[0])[1]).apply(x)
    constant = mark or other.dtype != lib.float64
    assert (other.requires_grad, other.grad_fn is None, other.is_leaf) == (not constant, constant, constant)
    y.sum().backward()
    ((_, zeros),) = seen
    assert (zeros.tolist(), zeros.dtype) == ([0, 0], other.dtype)


def test_when_every_output_is_marked_nothing_requires_grad(lib):
    def forward(ctx, x):
        result = x * 2
        ctx.mark_non_differentiable(result)
        return result

    assert made(lib, forward).apply(leaf(lib, 1.0)).requires_grad is False


@pytest.mark.parametrize(
    ("materialize", "unused"), [(None, [0.0, 0.0]), (True, [0.0, 0.0]), (False, None)], ids=["default", "True", "False"]
)
def test_the_gradient_of_an_output_nobody_used_is_zeros_or_none_as_the_context_says(lib, materialize, unused):
    seen = []

    def forward(ctx, x):
        if materialize is not None:
            ctx.set_materialize_grads(materialize)
        whole = x.long()
        ctx.mark_non_differentiable(whole)
        return x * 2, x * 3, whole

    _, y, _ = made(lib, forward, lambda ctx, *grads: (seen.append(values(*grads)), grads[1])[1]).apply(leaf(lib, 1.0, 2.0))
    y.sum().backward()
    assert seen == [[unused, [1.0, 1.0], unused]]


@pytest.mark.parametrize(("materialize", "arrives"), [(True, [0.0]), (False, None)])
def test_a_gradient_that_a_later_function_gave_as_none_arrives_as_zeros_or_none(lib, materialize, arrives):
    seen = []

    def forward(ctx, x):
        ctx.set_materialize_grads(materialize)
        return x * 2

    x = leaf(lib, 1.0)
    y = made(lib, forward, lambda ctx, grad: (seen.append(grad), grad)[1]).apply(x)
    made(lib, lambda ctx, x: x * 2, lambda ctx, grad: None).apply(y).backward()
    assert (values(*seen), values(x.grad)) == ([arrives], [arrives])


def test_what_is_saved_and_neither_argument_nor_result_keeps_its_history(lib):
    w, x = leaf(lib, 2.0), leaf(lib, 3.0)
    square = w * w

    def forward(ctx, x):
        ctx.save_for_backward(square)
        return x * square

    (first,) = lib.autograd.grad(made(lib, forward, lambda ctx, g: g * ctx.saved_tensors[0]).apply(x), x, create_graph=True)
    assert lib.autograd.grad(first, w)[0].tolist() == [4.0]


def test_a_graph_made_inside_of_forward_can_be_differentiated_in_backward(lib):
    def forward(ctx, x):
        with lib.enable_grad():
            inner = x.detach().requires_grad_()
            result = inner**3
        ctx.save_for_backward(inner, result)
        return result.detach()

    def backward(ctx, grad):
        inner, result = ctx.saved_tensors
        return lib.autograd.grad(result, inner, grad)

    x = leaf(lib, 2.0)
    made(lib, forward, backward).apply(x).backward()
    assert x.grad.tolist() == [12.0]
