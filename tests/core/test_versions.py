"""Version counters: what counts as a change, who shares the count, and which change breaks whose backward."""

import inspect
import re
import sys
from types import SimpleNamespace

import pytest

import microtorch
from tests.core.user_functions import square
from tests.libraries import leaf, matrix

MODIFIED = "modified by an inplace operation"

# ── What counts ──────────────────────────────────────────────────────────────────────────────────────────────────────

CHANGES = [
    "x.add_(1)", "x.sub_(1)", "x.mul_(2)", "x.div_(2)", "x.pow_(2)", "x.add_(y)", "x.mul_(x)", "x.copy_(y)", "x.fill_(3)",
    "x.zero_()", "x.neg_()", "x.reciprocal_()", "x.exp_()", "x.log_()", "x.tanh_()", "x.sigmoid_()", "x.relu_()", "x.t_()",
    "x.transpose_(0, 1)", "x.unsqueeze_(0)", "x.squeeze_()", "x.set_(y)", "x += 1", "x -= 1", "x *= 2", "x /= 2",
    "x[0] = 1", "x[0, 1] = 1", "x[:, 1] = y[0]", "x[...] = y", "x[[0, 1]] = 1", "x[x > 0] = 1",
    "x.detach().add_(1)",
]  # fmt: skip
NO_CHANGES = [
    "x + 1", "x.exp()", "x.clone().add_(1)", "x.view(4)", "x[0]", "x.t()", "x.detach()", "x.data", "x.requires_grad_()",
    "x.detach_()", "y.add_(x)", "y.copy_(x)", "y[0] = x[0]", "x.data.add_(1)", "x.data[0] = 1", "x.data = y",
    "x.data.set_(y)", "x.double()", "x.to(y.dtype)", "x[[0]].add_(1)", "x.t().reshape(4).add_(1)",
]  # fmt: skip


def changed(lib, statement):
    """x after the statement, which may name a y of x's shape."""
    names = {"x": lib.ones(2, 2, dtype=lib.float64), "y": lib.ones(2, 2, dtype=lib.float64)}
    exec(statement, names)
    return names["x"]


@pytest.mark.parametrize("statement", CHANGES)
def test_a_change_counts_once(lib, statement):
    assert changed(lib, statement)._version == 1


@pytest.mark.parametrize("statement", NO_CHANGES)
def test_what_changes_no_value_or_does_it_behind_the_back_does_not_count(lib, statement):
    assert changed(lib, statement)._version == 0


def test_a_change_that_is_not_recorded_counts_all_the_same(lib):
    x = leaf(lib, 1, 2)
    with lib.no_grad():
        x.add_(1)
        x[0] = 5
    assert x._version == 2


def test_a_change_that_failed_does_not_count(lib):
    x = lib.ones(2)
    for mistake in (lambda: x.add_(lib.ones(3)), lambda: x.__setitem__(0, lib.ones(3)), lambda: x.pow_(lib.ones(2, 2))):
        with pytest.raises(RuntimeError):
            mistake()
    assert (x._version, x.tolist()) == (0, [1, 1])


def test_a_result_begins_at_version_0_whatever_its_inputs_went_through(lib):
    x = lib.ones(2).add_(1)
    assert [each._version for each in (x, x + 1, x.clone(), x.float() * 1, x[[0]])] == [1, 0, 0, 0, 0]


def test_nobody_can_set_a_version(lib):
    with pytest.raises(AttributeError):
        lib.ones(1)._version = 3


# ── Who shares it ────────────────────────────────────────────────────────────────────────────────────────────────────

SHARING = ["x[0]", "x.view(6)", "x.t()", "x.reshape(3, 2)", "x.unsqueeze(0)", "x[0][1:]", "x.detach()", "x[0].detach()[1:]"]


@pytest.mark.parametrize("expression", SHARING)
def test_views_and_detached_variables_share_the_count_with_their_origin(lib, expression):
    x = matrix(lib, requires_grad=False)
    x.add_(1)
    other = eval(expression, {"x": x})
    other.add_(1)
    x.add_(1)
    assert (x._version, other._version) == (3, 3)


def test_a_view_shares_the_count_with_views_made_before_and_after_it(lib):
    x = matrix(lib, requires_grad=False)
    first = x[0]
    second = x[1]
    second.add_(1)
    assert (first._version, x[:, 0]._version) == (1, 1)


def test_data_is_the_same_memory_with_a_count_of_its_own(lib):
    x = matrix(lib, requires_grad=False)
    x.add_(1)
    raw = x.data
    raw.zero_()
    assert (x._version, raw._version, x.sum().item()) == (1, 1, 0)
    assert x.data._version == 0


def test_data_of_a_view_has_a_count_of_its_own_too(lib):
    x = matrix(lib, requires_grad=False)
    x[0].data.zero_()
    assert (x._version, x[0].tolist()) == (0, [0, 0, 0])


def test_a_variable_whose_data_was_replaced_keeps_its_count(lib):
    x, y = leaf(lib, 1, 2, requires_grad=False), leaf(lib, 3, 4, requires_grad=False)
    x.add_(1)
    x.data = y
    x.add_(1)
    assert (x._version, y._version, y.tolist()) == (2, 0, [4, 5])


def test_set_takes_over_the_memory_and_not_the_count(lib):
    x, y = leaf(lib, 1, 2, requires_grad=False), leaf(lib, 3, 4, 5, requires_grad=False)
    x.set_(y)
    x.add_(1)
    assert (x._version, y._version, y.tolist()) == (2, 0, [4, 5, 6])


# ── Which change breaks which backward: what is saved ────────────────────────────────────────────────────────────────

SAVED = [  # an expression in x and y, and which of x, y and the result may not be changed before backward
    ("x + y", ""), ("x - y", ""), ("x + 2", ""), ("-x", ""), ("x * y", "x y"), ("x * 2", ""), ("x / y", "x y"), ("x / 2", ""),
    ("x * y.detach()", "y"), ("x.detach() * y", "x"), ("x / y.detach()", "y"), ("x.detach() / y", "x y"),
    ("x ** 2", "x"), ("x ** y", "x y out"), ("2 ** x", "x out"), ("x.detach() ** y", "x y out"), ("x.reciprocal()", "out"),
    ("x.exp()", "out"), ("x.log()", "x"), ("x.tanh()", "out"), ("x.sigmoid()", "out"), ("x.relu()", "out"),
    ("x.sum()", ""), ("x.mean()", ""), ("x.clone()", ""), ("x.float()", ""), ("x[[0, 1]]", ""), ("x[x > 2]", ""),
    ("x.mm(y)", "x y"), ("x @ y.t()", "x y"), ("x.mm(y.detach())", "y"), ("x.detach().mm(y)", "x"), ("x.mv(y[0])", "x y"),
    ("x[0].dot(y[0])", "x y"), ("lib.where(x > y, x, y)", ""),
    ("x.view(-1)", ""), ("x.reshape(4)", ""), ("x.t()", ""), ("x[0]", ""), ("x[:, 1:]", ""), ("x.unsqueeze(0)", ""),
    ("x.squeeze()", ""), ("x.permute(1, 0)", ""),
    ("x.add_(y)", ""), ("x.sub_(y)", ""), ("x.mul_(2)", ""), ("x.div_(2)", ""), ("x.mul_(y)", "y"), ("x.div_(y)", "y"),
    ("x.pow_(2)", ""), ("x.pow_(y)", "y out"), ("x.neg_()", ""), ("x.log_()", ""), ("x.exp_()", "out"), ("x.tanh_()", "out"),
    ("x.sigmoid_()", "out"), ("x.relu_()", "out"), ("x.reciprocal_()", "out"), ("x.copy_(y)", ""), ("x.zero_()", ""),
    ("x.fill_(2)", ""),
]  # fmt: skip


def breaks(lib, expression, name):
    """Whether a change of ``name`` between the expression and its backward makes backward raise."""
    a, b = leaf(lib, [1, 2], [3, 4]), leaf(lib, [2, 1], [4, 3])
    names = {"lib": lib, "x": a * 1, "y": b * 1}
    names["out"] = out = eval(expression, names)
    if names[name] is out and name != "out":
        return False  # in place: x is the result
    with lib.no_grad():
        names[name].mul_(1)
    try:
        lib.autograd.grad(out.sum(), (a, b), allow_unused=True)
    except RuntimeError as error:
        return MODIFIED in str(error)
    return False


@pytest.mark.parametrize(("expression", "saved"), SAVED)
def test_only_a_change_of_what_an_operation_saved_breaks_its_backward(lib, expression, saved):
    assert [name for name in ("x", "y", "out") if breaks(lib, expression, name)] == saved.split()


def test_a_change_breaks_the_backward_of_a_view_that_was_saved_even_if_it_is_elsewhere_in_the_memory(lib):
    x = matrix(lib) * 1
    row = x[0]
    y = (row * row).sum()
    x[1] = 0
    with pytest.raises(RuntimeError, match=MODIFIED):
        y.backward()


def test_a_change_through_a_view_breaks_the_backward_of_the_base_that_was_saved(lib):
    x = matrix(lib) * 1
    y = (x * x).sum()
    x[0].add_(1)
    with pytest.raises(RuntimeError, match=MODIFIED):
        y.backward()


def test_a_leaf_changed_by_an_optimiser_breaks_a_second_backward_over_the_old_graph(lib):
    w, v = leaf(lib, 2), leaf(lib, 3)
    loss = (w * v).sum()
    loss.backward(retain_graph=True)
    with lib.no_grad():
        w -= 0.5 * w.grad
    with pytest.raises(RuntimeError, match=MODIFIED):
        loss.backward()


def test_what_a_function_saved_is_checked_when_backward_asks_for_it(lib):
    x = leaf(lib, 1, 2) * 1
    y = square(lib).apply(x).sum()
    x.add_(1)
    with pytest.raises(RuntimeError, match=MODIFIED):
        y.backward()


def test_a_change_before_the_value_was_saved_does_no_harm(lib):
    a = leaf(lib, 1, 2)
    x = a * 1
    x.mul_(3)
    (x * x).sum().backward()
    assert a.grad.tolist() == [18, 36]


def test_a_change_of_what_no_wanted_gradient_reads_does_no_harm(lib):
    a, b = leaf(lib, 1, 2), leaf(lib, 3, 4)
    x = a * 1
    y = x.exp()
    y.detach().zero_()
    assert lib.autograd.grad((y + b).sum(), b)[0].tolist() == [1, 1]


# ── What the error leaves behind, and what it says ───────────────────────────────────────────────────────────────────


def test_a_leaf_behind_the_error_keeps_its_grad(lib):
    a, b = leaf(lib, 1, 2), leaf(lib, 3, 4)
    (a * 5).sum().backward()
    y = b + (a * 1).exp().mul_(2).exp()
    bad = (a * 1).exp()
    z = (y + bad).sum()
    bad.detach().add_(1)
    with pytest.raises(RuntimeError, match=MODIFIED):
        z.backward()
    assert a.grad.tolist() == [5, 5]


def test_the_error_comes_again_until_the_graph_is_computed_anew(lib):
    a = leaf(lib, 1, 2)
    x = a * 1
    y = (x * x).sum()
    x.add_(1)
    for _ in range(2):
        with pytest.raises(RuntimeError, match=MODIFIED):
            y.backward()
    (x * x).sum().backward()
    assert a.grad.tolist() == [4, 6]


def exp_changed(lib):
    y = leaf(lib, 1, 2).exp()
    y.add_(1)
    return y.sum()


def leaf_changed(lib):
    x, w = leaf(lib, 1, 2), leaf(lib, 3, 4)
    y = x * w
    with lib.no_grad():
        x.add_(1)
    return y.sum()


def changed_before_and_twice_after(lib):
    y = (leaf(lib, [1, 2, 3]) * 1).add_(1)
    z = y * y
    y.detach().add_(1).add_(1)
    return z.sum()


ERRORS = {
    exp_changed: r"DoubleTensor \[2\]\], which is output 0 of Exp.*is at version 1; expected version 0 instead",
    leaf_changed: r"DoubleTensor \[2\]\].* is at version 1; expected version 0 instead",
    changed_before_and_twice_after: r"DoubleTensor \[1, 3\]\], which is output 0 of Add.*version 3; expected version 1 instead",
}


@pytest.mark.parametrize("program", ERRORS)
def test_the_error_says_type_shape_origin_and_both_versions(lib, program):
    loss = program(lib)
    with pytest.raises(
        RuntimeError, match=f"one of the variables needed for gradient computation has been {MODIFIED}: .*{ERRORS[program]}"
    ):
        loss.backward()


def message(loss):
    with pytest.raises(RuntimeError, match=MODIFIED) as caught:
        loss.backward()
    return str(caught.value)


def test_the_error_names_the_node_that_needed_the_value_and_the_operation_that_changed_it():
    said = message(exp_changed(microtorch))
    assert "ExpBackward0" in said
    assert "add_" in said


def test_the_error_names_the_variable_by_its_name():
    x = leaf(microtorch, 1, 2)
    hidden = x * 1
    hidden.name = "hidden"
    y = (hidden * hidden).sum()
    hidden.zero_()
    assert "'hidden'" in message(y)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.add_(1),
        lambda x: x.detach().mul_(2),
        lambda x: x[0].zero_(),
        lambda x: x.__setitem__(0, 5),
        lambda x: x.t_(),
    ],
)
def test_the_error_names_the_line_that_changed_the_value(change):
    x = matrix(microtorch) * 1
    y = (x * x).sum()
    change(x)
    assert re.search(rf"test_versions\.py\D+{change.__code__.co_firstlineno}\b", message(y))


def test_of_several_changes_the_error_names_the_last():
    x = matrix(microtorch) * 1
    y = (x * x).sum()
    x.add_(1)
    line = inspect.currentframe().f_lineno + 1
    x.mul_(2)
    assert re.search(rf"test_versions\.py\D+{line}\b", said := message(y))
    assert "mul_" in said


def test_the_error_names_the_cell_of_a_notebook(monkeypatch):
    compiler = SimpleNamespace(format_code_name=lambda name: ("Cell", "In[3]") if name == "cell.py" else None)
    shell = SimpleNamespace(compile=compiler)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    x = microtorch.ones(2, requires_grad=True)
    names = {"y": x.exp()}
    exec(compile("y.detach()\ny.add_(1)", "cell.py", "exec"), names)
    with pytest.raises(RuntimeError, match=r"add_ changed it last, at In \[3\], line 2\. "):
        names["y"].sum().backward()


# ── The bypass ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_change_through_data_is_not_seen_and_the_gradient_is_silently_wrong(lib):
    x = leaf(lib, 1, 2)
    y = x.exp()
    y.data.zero_()
    y.sum().backward()
    assert x.grad.tolist() == [0, 0]


def test_the_same_change_through_detach_is_seen(lib):
    x = leaf(lib, 1, 2)
    y = x.exp()
    y.detach().zero_()
    with pytest.raises(RuntimeError, match=MODIFIED):
        y.sum().backward()


def test_the_same_change_of_a_leaf_under_no_grad_is_seen(lib):
    x = leaf(lib, 1, 2)
    y = x * x
    with lib.no_grad():
        x.zero_()
    with pytest.raises(RuntimeError, match=MODIFIED):
        y.sum().backward()


def test_a_leaf_changed_through_data_is_read_as_it_is_now(lib):
    x = leaf(lib, 1, 2)
    y = x * x
    x.data.mul_(10)
    y.sum().backward()
    assert x.grad.tolist() == [20, 40]


# ── What else is noticed ─────────────────────────────────────────────────────────────────────────────────────────────


def an_index(lib, x, w):
    i = lib.tensor([0, 1])
    y = x[i]
    i[0] = 1
    return y


def a_condition(lib, x, w):
    mask = x > 1
    y = lib.where(mask, x, 0.0)
    mask.zero_()
    return y


def a_variable_of_the_same_memory(lib, x, w):
    v = lib.autograd.Variable(x * 1)
    y = v * w
    lib.autograd.Variable(v).mul_(5)
    return y


def a_grad_that_grows(lib, x, w):
    (x * 1).sum().backward()
    y = w * x.grad
    (x * 2).sum().backward()
    return y


@pytest.mark.parametrize("program", [a_condition, a_variable_of_the_same_memory, a_grad_that_grows])
def test_a_change_of_it_is_noticed(lib, program):
    y = program(lib, leaf(lib, 1, 2), leaf(lib, 3, 4))
    with pytest.raises(RuntimeError, match=MODIFIED):
        y.sum().backward()


def test_an_index_is_kept_as_it_was():
    x = leaf(microtorch, 1, 2)
    an_index(microtorch, x, x).sum().backward()
    assert x.grad.tolist() == [1, 1]


def test_an_index_and_a_condition_are_freed_like_other_saved_values(lib):
    for y in (leaf(lib, 1, 2)[[1, 0]].sum(), lib.where(leaf(lib, 1, 2) > 1, leaf(lib, 1, 2), 0.0).sum()):
        y.backward()
        with pytest.raises(RuntimeError, match="a second time"):
            y.backward()
