"""History through views: a change of a view rewrites its base, a change of a base its views, and gradients follow both."""

import pytest

import microtorch
from tests.libraries import assert_same_outcome, gradients, graph, leaf, matrix

MUL = "MulBackward0(AccumulateGrad, None)"  # of x = a * 1

# ── The graph ────────────────────────────────────────────────────────────────────────────────────────────────────────

CHANGES_OF_A_VIEW = {  # of v = x[0], and what they make of x
    "v.add_(1)": f"CopySlices({MUL}, None)",
    "v.sub_(1)": f"CopySlices({MUL}, None)",
    "v.mul_(2)": f"CopySlices({MUL}, None)",
    "v.div_(2)": f"CopySlices({MUL}, None)",
    "v += 1": f"CopySlices({MUL}, None)",
    "v.mul_(b)": f"CopySlices({MUL}, AccumulateGrad)",
    "v.mul_(b * 2)": f"CopySlices({MUL}, MulBackward0(AccumulateGrad, None))",
    "v.copy_(b)": f"CopySlices({MUL}, AccumulateGrad)",
    "v.copy_(b.detach())": f"CopySlices({MUL}, None)",
    "v.zero_()": f"CopySlices({MUL})",
    "v.fill_(1)": f"CopySlices({MUL})",
    "v.exp_()": f"CopySlices({MUL})",
    "v.neg_()": f"CopySlices({MUL})",
    "v.mul_(2).add_(1)": f"CopySlices(CopySlices({MUL}, None), None)",
    "x.mul_(2); v.add_(1)": f"CopySlices(MulBackward0({MUL}, None), None)",
    "v.add_(1); x.mul_(2)": f"MulBackward0(CopySlices({MUL}, None), None)",
    "v.mul_(x[1])": f"CopySlices({MUL}, SelectBackward0({MUL}))",
    "v.unsqueeze_(0)": MUL,
}


@pytest.mark.parametrize("statement", CHANGES_OF_A_VIEW)
def test_a_change_of_a_view_gives_the_base_a_new_node(lib, statement):
    x = matrix(lib) * 1
    exec(statement, {"v": x[0], "x": x, "b": leaf(lib, 1, 2, 3)})
    assert graph(x) == CHANGES_OF_A_VIEW[statement]


@pytest.mark.parametrize(
    "expression",
    [
        "x.view(6)", "x.reshape(3, 2)", "x.t()", "x.T", "x.mT", "x.transpose(0, 1)", "x.permute(1, 0)", "x.squeeze()",
        "x.unsqueeze(0)", "x[1]", "x[0, 1]", "x[:, 1]", "x[:, ::2]", "x[:]", "x[...]", "x[None]", "x.expand(2, 3)",
        "x.view(6)[1:5].view(2, 2)", "x[0].t()", "x.view(6)[:3]",
    ],
)  # fmt: skip
def test_base_and_view_share_the_new_history_whatever_the_view(lib, expression):
    x = matrix(lib) * 1
    view = eval(expression, {"x": x})
    view.mul_(2)
    assert graph(x) == f"CopySlices({MUL}, None)"
    assert graph(view) == f"AsStridedBackward0({graph(x)})"


def test_all_views_are_part_of_the_new_history(lib):
    x = matrix(lib) * 1
    before, changed, below = x[:, 1], x[0], x.view(6)[1:5]
    changed.mul_(2)
    for each in (before, changed, below):
        assert graph(each) == f"AsStridedBackward0(CopySlices({MUL}, None))"
    assert graph(x[1]) == f"SelectBackward0(CopySlices({MUL}, None))"


def test_a_change_of_the_base_is_an_ordinary_node_and_its_views_follow(lib):
    x = matrix(lib) * 1
    view = x[0]
    x.mul_(2)
    assert graph(x) == f"MulBackward0({MUL}, None)"
    assert graph(view) == f"AsStridedBackward0(MulBackward0({MUL}, None))"
    assert view.tolist() == [2, 4, 6]


def test_a_view_keeps_its_node_until_something_is_changed_and_the_new_one_after(lib):
    x = matrix(lib) * 1
    view = x[0]
    before = view.grad_fn
    assert view.grad_fn is before
    x.mul_(2)
    after = view.grad_fn
    assert after is not before
    assert view.grad_fn is after


def test_what_was_computed_from_a_view_before_the_change_keeps_its_old_history(lib):
    x = matrix(lib) * 1
    view = x[0]
    y = view + 1
    x.mul_(2)
    assert graph(y) == f"AddBackward0(SelectBackward0({MUL}), None)"


def test_a_base_without_gradient_gets_a_history_that_begins_with_the_view(lib):
    x = lib.ones(2, 3, dtype=lib.float64)
    view, other = x[0], x[1]
    view.mul_(leaf(lib, 1, 2, 3))
    assert graph(x) == "CopySlices(None, AccumulateGrad)"
    assert graph(view) == graph(other) == f"AsStridedBackward0({graph(x)})"


def test_a_constant_written_into_a_view_of_a_constant_is_not_recorded(lib):
    x = lib.ones(2, 3, dtype=lib.float64)
    x[0].mul_(2)
    assert (x.grad_fn, x.requires_grad, x._version) == (None, False, 1)


def test_a_change_of_a_detached_variable_leaves_the_history_alone(lib):
    x = matrix(lib) * 1
    x.detach()[0].mul_(2)
    assert graph(x) == MUL


# ── Values and gradients, of the first and the second order ──────────────────────────────────────────────────────────


def changed(*changes, view=lambda x: x[0], of=lambda x, v: (x, v)):
    """A program on x = a * 1 and a view of it: the changes in turn, then what is asked for."""

    def program(lib, a, b):
        x = a * 1
        v = view(x)
        for change in changes:
            change(x, v, b)
        return of(x, v)

    return program


def chain(lib, a, b):
    x = a * b
    row, column = x[0], x[:, 1]
    row.mul_(b)
    column.mul_(b[:2])
    x.add_(a)
    row.mul_(row * 2)
    x[1, 1:] = row[:2].clone() * column[0].clone()
    return x, row, column


def half_of_it_from_the_old_history(lib, a, b):
    x = a * 1
    v = x[0]
    before = v + b
    v.mul_(b)
    return before, v, x


def constant_base(lib, a, b):
    x = lib.zeros(2, 3, dtype=lib.float64)
    x[0].copy_(b)
    row = x[1]
    row.copy_(a[0] * b)
    x.mul_(x * 1)
    return x, row


def filled_in_a_loop(lib, a, b):
    out = lib.zeros(3, 3, dtype=lib.float64)
    row = b
    for i in range(3):
        row = row * a[0]
        out[i] = row
    return (out.mm(out),)


def running_sum(lib, a, b):
    x = a * b
    flat = x.view(6)
    for i in range(1, 6):
        flat[i] = flat[i] + flat[i - 1]
    return (x,)


def sibling_views(lib, a, b):
    x = a * 1
    left, right = x[:, :2], x[:, 1:]
    left.mul_(2)
    right.mul_(b[1:])
    left.add_(right.clone())
    return left, right, x


def used_and_changed_by_turns(lib, a, b):
    x = a * 1
    total = x.sum() * 0
    for i in range(3):
        x[:, i].mul_(b[i])
        total = total + (x + 1).sum() * (i + 1)
    return (total,)


def reshaped_in_place(lib, a, b):
    x = a * b
    flat = x.view(6)
    x.t_()
    x.mul_(2)
    flat.add_(1)
    x[0].neg_()
    return x, flat


def after_a_change_under_no_grad(lib, a, b):
    x = a * b
    v = x[0]
    with lib.no_grad():
        v.mul_(5)
    v.add_(b)
    return x, v


def detached_change(lib, a, b):
    x = a + b
    x.detach()[0] = 9.0
    x[1].mul_(b)
    return (x,)


def broadcast_operand(lib, a, b):
    x = a * 1
    x.t().add_(b.unsqueeze(1) * 2)
    x.view(6)[2:].mul_(b[0])
    return (x,)


def gradient_for_the_view(lib, a, b):
    x = a * b
    v = x[0]
    v.mul_(b)
    y = (v * v * v).sum()
    return [
        each * 1 for each in lib.autograd.grad(y, (v, x, a, b), create_graph=True)
    ]  # versions of gradients are torch's own affair


PROGRAMS = {
    "v.mul_(b)": changed(lambda x, v, b: v.mul_(b)),
    "v.div_(b)": changed(lambda x, v, b: v.div_(b)),
    "v.exp_()": changed(lambda x, v, b: v.exp_()),
    "v.zero_()": changed(lambda x, v, b: v.zero_()),
    "v.copy_(b)": changed(lambda x, v, b: v.copy_(b)),
    "v.mul_(b).exp_()": changed(lambda x, v, b: v.mul_(b).exp_()),
    "v, base alone": changed(lambda x, v, b: v.mul_(b), of=lambda x, v: (x,)),
    "v, view alone": changed(lambda x, v, b: v.mul_(b), of=lambda x, v: (v,)),
    "x then v": changed(lambda x, v, b: x.mul_(b), lambda x, v, b: v.mul_(b)),
    "v then x": changed(lambda x, v, b: v.mul_(b), lambda x, v, b: x.mul_(b)),
    "x.exp_() seen by v": changed(lambda x, v, b: x.div_(10).exp_(), of=lambda x, v: (v,)),
    "v from x": changed(lambda x, v, b: v.mul_(x[1].clone())),
    "v from x as a whole": changed(lambda x, v, b: v.add_((x.clone() * b).sum())),
    "x from v": changed(lambda x, v, b: x.mul_(v.clone())),
    "column": changed(lambda x, v, b: v.mul_(b[:2]), view=lambda x: x[:, 1]),
    "step": changed(lambda x, v, b: v.mul_(b[1:]), view=lambda x: x[:, ::2]),
    "transposed": changed(lambda x, v, b: v.mul_(b[:2]), view=lambda x: x.t()),
    "flat": changed(lambda x, v, b: v.mul_(v * 2), view=lambda x: x.view(6)),
    "view of a view": changed(lambda x, v, b: v.mul_(b[0]), view=lambda x: x.view(6)[1:5].view(2, 2)),
    "element": changed(lambda x, v, b: v.mul_(b[0]), view=lambda x: x[1, 2]),
    "expanded by nothing": changed(lambda x, v, b: v.mul_(b), view=lambda x: x.unsqueeze(0).expand(1, 2, 3)),
    "nothing at all": changed(lambda x, v, b: v.mul_(5), view=lambda x: x[0:0]),
    "permuted and cut": changed(lambda x, v, b: v.mul_(b[:2]), view=lambda x: x.permute(1, 0)[1:]),
} | {
    each.__name__: each
    for each in (
        chain, half_of_it_from_the_old_history, constant_base, filled_in_a_loop, running_sum, sibling_views,
        used_and_changed_by_turns, reshaped_in_place, after_a_change_under_no_grad, detached_change, broadcast_operand,
        gradient_for_the_view,
    )
}  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_values_versions_and_gradients_of_both_orders_are_torchs(torch, program):
    assert_same_outcome(PROGRAMS[program], torch)


CLASHES = {  # a value that is saved lies in the memory that is written to
    "v from x": changed(lambda x, v, b: v.mul_(x[1])),
    "v from x as a whole": changed(lambda x, v, b: v.add_((x * b).sum())),
    "v from v": changed(lambda x, v, b: v.mul_(v)),
    "v squared, then x": changed(lambda x, v, b: x.add_(1), view=lambda x: x[0] * x[0]),
    "v used, then the other row": changed(lambda x, v, b: x[1].zero_(), view=lambda x: x[0] * x[0]),
    "v in place, then in place again": changed(lambda x, v, b: v.exp_(), lambda x, v, b: x.add_(1)),
}


@pytest.mark.parametrize("program", CLASHES)
def test_a_change_that_reaches_what_was_saved_is_an_error_in_backward(lib, program):
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        gradients(lib, CLASHES[program])


def test_base_and_view_have_the_gradients_of_the_same_numbers(lib):
    a = matrix(lib)
    x = a * 1
    view = x[0]
    view.mul_(10)
    x.mul_(2)
    assert lib.autograd.grad(view.sum(), a, retain_graph=True)[0].tolist() == [[20, 20, 20], [0, 0, 0]]
    assert lib.autograd.grad(x.sum(), a)[0].tolist() == [[20, 20, 20], [2, 2, 2]]


def test_what_was_overwritten_gets_no_gradient_and_what_stands_there_now_gets_it(lib):
    a, b = matrix(lib), leaf(lib, 7, 8, 9)
    x = a * 1
    x[0].copy_(b)
    (x * 3).sum().backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([[0, 0, 0], [3, 3, 3]], [3, 3, 3])


def test_a_base_is_differentiable_by_the_view_that_was_changed_not_the_other_way_round(lib):
    x = matrix(lib) * 1
    view = x[0]
    view.mul_(2)
    assert lib.autograd.grad((view * view).sum(), x)[0].tolist() == [[4, 8, 12], [0, 0, 0]]
    assert lib.autograd.grad((x * x).sum(), view, allow_unused=True)[0] is None


@pytest.mark.parametrize("operand", [2, [1, 2, 3]])
def test_a_change_of_a_view_can_be_walked_once_whether_or_not_it_saved_something(lib, operand):
    x = matrix(lib) + 1
    x[0].mul_(leaf(lib, *operand) if isinstance(operand, list) else operand)
    total = x.sum()
    total.backward(retain_graph=True)
    total.backward()
    with pytest.raises(RuntimeError, match="second time"):
        total.backward()


def test_an_older_view_of_a_constant_that_got_a_history_can_be_written_to_as_well(lib):
    x = lib.ones(2, 3, dtype=lib.float64)
    first, second = x[0], x[1]
    first.mul_(leaf(lib, 1, 2, 3))
    assert not second.is_leaf  # unless it was asked for its history, torch takes the second for a leaf, and refuses
    second.mul_(2)
    assert graph(x) == "CopySlices(CopySlices(None, AccumulateGrad), None)"


def test_the_memory_of_the_gradient_is_nobody_elses(lib):
    a = matrix(lib)
    x = a * 1
    x[0].mul_(2)
    start = lib.ones(2, 3, dtype=lib.float64)
    x.backward(start)
    assert start.tolist() == [[1, 1, 1], [1, 1, 1]]
    assert a.grad.tolist() == [[2, 2, 2], [1, 1, 1]]


def test_a_view_of_a_leaf_in_the_graph_is_differentiated_after_the_leaf_was_changed_under_no_grad(lib):
    w = matrix(lib)
    row = w[0]
    with lib.no_grad():
        w.mul_(10)
    (row * 2).sum().backward()
    assert (row.tolist(), w.grad.tolist()) == ([10, 20, 30], [[2, 2, 2], [0, 0, 0]])


def test_a_name_given_to_a_base_stays_when_a_view_is_changed():
    x = matrix(microtorch) * 1
    x.name = "hidden"
    x[0].mul_(2)
    assert x.name == "hidden"


def twice_hooked(lib, a, b):
    x = a * b
    v = x[:, 0]
    v.tanh_()
    x.register_hook(lambda grad: grad * 2)
    return (x * x,)


def test_a_saved_output_leads_through_the_views_new_history_so_that_hooks_act_on_second_gradients(torch):
    assert_same_outcome(twice_hooked, torch)
