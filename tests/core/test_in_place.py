"""In-place arithmetic: what is recorded, what a leaf allows, dtypes and shapes, and the idioms of 2017."""

import pytest

import microtorch
from tests.libraries import assert_same_outcome, graph, leaf, matrix, running

X = "MulBackward0(AccumulateGrad, None)"  # of x = a * 1

# ── What is recorded ─────────────────────────────────────────────────────────────────────────────────────────────────

FORMS = {  # a statement on x of shape (2, 3) with b of shape (3,), and what it makes of x
    "x.add_(b)": f"AddBackward0({X}, AccumulateGrad)",
    "x.add_(1)": f"AddBackward0({X}, None)",
    "x.sub_(b)": f"SubBackward0({X}, AccumulateGrad)",
    "x.sub_(1)": f"SubBackward0({X}, None)",
    "x.mul_(b)": f"MulBackward0({X}, AccumulateGrad)",
    "x.mul_(2)": f"MulBackward0({X}, None)",
    "x.mul_(b.detach())": f"MulBackward0({X}, None)",
    "x.div_(b)": f"DivBackward0({X}, AccumulateGrad)",
    "x.div_(2)": f"DivBackward0({X}, None)",
    "x.pow_(2)": f"PowBackward0({X})",
    "x.pow_(b)": f"PowBackward1({X}, AccumulateGrad)",
    "x.neg_()": f"NegBackward0({X})",
    "x.reciprocal_()": f"ReciprocalBackward0({X})",
    "x.exp_()": f"ExpBackward0({X})",
    "x.log_()": f"LogBackward0({X})",
    "x.tanh_()": f"TanhBackward0({X})",
    "x.sigmoid_()": f"SigmoidBackward0({X})",
    "x.relu_()": f"ReluBackward0({X})",
    "x.copy_(a)": f"CopyBackwards({X}, AccumulateGrad)",
    "x.copy_(a.detach())": f"CopyBackwards({X}, None)",
    "x.fill_(3)": f"FillBackward2({X})",
    "x.fill_(b[0])": f"FillBackward3({X}, SelectBackward0(AccumulateGrad))",
    "x.zero_()": f"ZeroBackward0({X})",
    "x.t_()": f"TBackward1({X})",
    "x.transpose_(0, 1)": f"TransposeBackward1({X})",
    "x.unsqueeze_(0)": f"UnsqueezeBackward1({X})",
    "x.squeeze_()": f"SqueezeBackward3({X})",
    "x.squeeze_(0)": f"SqueezeBackward4({X})",
    "x += b": f"AddBackward0({X}, AccumulateGrad)",
    "x -= 1": f"SubBackward0({X}, None)",
    "x *= b": f"MulBackward0({X}, AccumulateGrad)",
    "x /= b": f"DivBackward0({X}, AccumulateGrad)",
    "x **= 2": f"PowBackward0({X})",
    "x.mul_(2).add_(b)": f"AddBackward0(MulBackward0({X}, None), AccumulateGrad)",
    "x.add_(x)": f"AddBackward0({X}, {X})",
    "x.mul_(x.exp())": f"MulBackward0({X}, ExpBackward0({X}))",
    "x.unsqueeze_(0).squeeze_(0)": f"SqueezeBackward4(UnsqueezeBackward1({X}))",
    "x.sub_(x)": f"SubBackward0({X}, {X})",
    "x.add_(b, alpha=2)": f"AddBackward0({X}, AccumulateGrad)",
    "x.sub_(b, alpha=2)": f"SubBackward0({X}, AccumulateGrad)",
}


@pytest.mark.parametrize("statement", FORMS)
def test_the_node_is_that_of_the_operation_out_of_place(lib, statement):
    (x,) = running(statement)(lib, matrix(lib), leaf(lib, 1, 2, 3))
    assert graph(x) == FORMS[statement]


@pytest.mark.parametrize("statement", [*FORMS, "x.copy_(b)", "x.mul_(b).neg_().exp_()", "x.div_(b).add_(x.exp())"])
def test_values_versions_and_gradients_of_both_orders_are_torchs(torch, statement):
    assert_same_outcome(running(statement), torch)


@pytest.mark.parametrize("statement", FORMS)
def test_the_variable_stays_the_same_object_on_the_same_memory(lib, statement):
    x = matrix(lib) * 1
    witness = x.detach()
    names = {"x": x, "a": matrix(lib), "b": leaf(lib, 1, 2, 3)}
    exec(statement, names)
    assert names["x"] is x
    with lib.no_grad():
        x.fill_(-1)
    assert witness.tolist() == [[-1] * 3] * 2


@pytest.mark.parametrize("method", ["add_", "sub_", "mul_", "div_", "pow_", "fill_"])
def test_an_in_place_method_returns_its_variable(lib, method):
    x = lib.ones(2)
    assert getattr(x, method)(2) is x


ERRORS = {
    "x.mul_(x)": "MulBackward0",
    "x.div_(x)": "DivBackward0",
    "x.exp_().exp_()": "ExpBackward0",
    "x.exp_().log_()": "ExpBackward0",
    "x.exp_().mul_(a)": "ExpBackward0",
    "y = x * x; x.mul_(2); x = y": "MulBackward0",
    "y = x.exp(); y.add_(1); x = y": "ExpBackward0",
    "x.mul_(b).log_().tanh_().sigmoid_().add_(1)": "SigmoidBackward0",
    "y = x.exp(); x.mul_(y); y.zero_()": "MulBackward0",
}


@pytest.mark.parametrize("statement", ERRORS)
def test_what_changes_a_value_that_is_still_needed_is_an_error_in_backward(lib, statement):
    names = {"x": matrix(lib) * 1, "a": matrix(lib), "b": leaf(lib, 1, 2, 3)}
    exec(statement, names)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        names["x"].sum().backward()


@pytest.mark.parametrize("statement", ERRORS)
def test_the_error_names_the_node_that_needs_the_value(statement):
    names = {"x": matrix(microtorch) * 1, "a": matrix(microtorch), "b": leaf(microtorch, 1, 2, 3)}
    exec(statement, names)
    with pytest.raises(RuntimeError, match=ERRORS[statement]):
        names["x"].sum().backward()


def test_what_was_there_before_is_part_of_the_graph_all_the_same(lib):
    x = matrix(lib) * 1
    y = x + 1
    x.mul_(2)
    assert (graph(y), graph(x)) == (f"AddBackward0({X}, None)", f"MulBackward0({X}, None)")


def test_a_constant_is_recorded_from_the_moment_something_with_a_gradient_is_added(lib):
    x, b = lib.zeros(3, dtype=lib.float64), leaf(lib, 1, 2, 3)
    x.add_(b)
    assert (graph(x), x.requires_grad, x.is_leaf) == ("AddBackward0(None, AccumulateGrad)", True, False)
    x.mul_(2).sum().backward()
    assert b.grad.tolist() == [2, 2, 2]


def test_a_running_sum_in_place_has_the_gradient_of_the_sum(lib):
    a = leaf(lib, 3)
    total = lib.zeros(1, dtype=lib.float64)
    for i in range(4):
        total += a * i
    total.backward()
    assert a.grad.tolist() == [6]


def test_constants_are_not_recorded(lib):
    x = lib.ones(2)
    x.mul_(3).add_(lib.ones(2))
    assert (x.tolist(), x.grad_fn, x.requires_grad, x._version) == ([4, 4], None, False, 2)


def test_nothing_is_recorded_under_no_grad_and_what_was_recorded_stays(lib):
    x = matrix(lib) * 1
    with lib.no_grad():
        x.mul_(leaf(lib, 1, 2, 3))
    assert (graph(x), x.requires_grad, x._version) == (X, True, 1)


def test_a_constant_changed_under_no_grad_stays_one(lib):
    x = lib.ones(1, dtype=lib.float64)
    with lib.no_grad():
        x.add_(leaf(lib, 1))
    assert (x.tolist(), x.requires_grad, x.is_leaf) == ([2], False, True)


# ── Leaves ───────────────────────────────────────────────────────────────────────────────────────────────────────────

IN_PLACE = [
    "x.add_(1)",
    "x.mul_(2)",
    "x.zero_()",
    "x.copy_(y)",
    "x.exp_()",
    "x.t_()",
    "x += 1",
    "x *= 2",
    "x[[0]] = 1",
    "x.set_(y)",
]


@pytest.mark.parametrize("statement", IN_PLACE)
def test_a_leaf_that_requires_a_gradient_cannot_be_changed(lib, statement):
    x = matrix(lib)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        exec(statement, {"x": x, "y": lib.ones(2, 3, dtype=lib.float64)})
    assert (x.tolist(), x._version, x.is_leaf) == ([[1, 2, 3], [4, 5, 6]], 0, True)


@pytest.mark.parametrize("statement", IN_PLACE)
def test_under_no_grad_it_can_and_stays_a_leaf(lib, statement):
    x = matrix(lib)
    with lib.no_grad():
        exec(statement, {"x": x, "y": lib.ones(2, 3, dtype=lib.float64)})
    assert (x._version, x.is_leaf, x.requires_grad, x.grad_fn) == (1, True, True, None)


def test_the_error_names_the_operation_the_variable_and_the_remedies():
    x = matrix(microtorch)
    x.name = "weights"
    with pytest.raises(RuntimeError, match=r"(?s)'weights'.*no_grad") as caught:
        x.mul_(2)
    assert "mul_" in str(caught.value)


def test_a_leaf_of_which_nothing_is_asked_may_be_changed_and_asked_afterwards(lib):
    x = leaf(lib, 1, 2, requires_grad=False)
    x.add_(1)
    x.requires_grad_()
    (x * x).sum().backward()
    assert x.grad.tolist() == [4, 6]


def test_the_grad_of_a_leaf_is_changed_like_any_constant(lib):
    x = leaf(lib, 1, 2)
    (x * x).sum().backward()
    x.grad.mul_(10)
    x.grad[0] = 5
    x.grad += 1
    assert x.grad.tolist() == [6, 41]


# ── Dtypes and shapes ────────────────────────────────────────────────────────────────────────────────────────────────

KEPT = [  # what it begins with, what is done, what stands there then
    ([1, 2], "x.add_(1)", [2, 3]),
    ([1, 2], "x.sub_(1)", [0, 1]),
    ([1, 2], "x.mul_(3)", [3, 6]),
    ([1, 2], "x.pow_(2)", [1, 4]),
    ([1, 2], "x.neg_()", [-1, -2]),
    ([-1, 2], "x.relu_()", [0, 2]),
    ([1, 2], "x.fill_(0.7)", [0, 0]),
    ([1, 2], "x.copy_(lib.tensor([1.7, -1.7]))", [1, -1]),
    ([1, 2], "x.add_(lib.tensor([True, False]))", [2, 2]),
    ([True, False], "x.add_(lib.tensor([True, False]))", [True, False]),
    ([True, False], "x.mul_(True)", [True, False]),
    ([True, False], "x.fill_(3)", [True, True]),
    ([True, False], "x.zero_()", [False, False]),
    ([True, False], "x.copy_(lib.tensor([0.5, 0.0]))", [True, False]),
    ([1.0, 2.0], "x.add_(lib.tensor([1, 1]))", [2.0, 3.0]),
    ([1.0, 2.0], "x.mul_(lib.tensor([True, False]))", [1.0, 0.0]),
    ([1.0, 2.0], "x.add_(lib.ones(2, dtype=lib.float64))", [2.0, 3.0]),
    ([1.0, 2.0], "x.copy_(lib.tensor(3))", [3.0, 3.0]),
    ([1.0, 2.0], "x.copy_(lib.tensor([3.0]))", [3.0, 3.0]),
    ([1.0, 2.0], "x.fill_(lib.tensor(3))", [3.0, 3.0]),
    ([1.0, 2.0], "x.fill_(True)", [1.0, 1.0]),
]


@pytest.mark.parametrize(("before", "statement", "after"), KEPT)
def test_the_dtype_stays_that_of_the_variable(lib, before, statement, after):
    x = lib.tensor(before)
    exec(statement, {"x": x, "lib": lib})
    assert (x.tolist(), x.dtype) == (after, lib.tensor(before).dtype)


def test_small_integers_wrap_around(lib):
    x = lib.tensor([250, 0], dtype=lib.uint8)
    assert x.add_(10).sub_(5).tolist() == [255, 5]


def test_a_gradient_comes_in_the_dtype_of_the_operand_it_belongs_to(lib):
    x, b = matrix(lib) * 1, lib.ones(3, requires_grad=True)
    x.mul_(b).sum().backward()
    assert (b.grad.dtype, b.grad.tolist()) == (lib.float32, [5, 7, 9])


LONG = r"result type (Float|float32) can't be cast to the desired output type (Long|int64)"
BOOL = r"can't be cast to the desired output type (Bool|bool)"
REFUSED = [
    ([1, 2], "x.add_(0.5)", LONG),
    ([1, 2], "x.add_(lib.ones(2))", LONG),
    ([1, 2], "x.mul_(lib.ones(2))", LONG),
    ([1, 2], "x.mul_(lib.tensor(2.5))", LONG),
    ([1, 2], "x.div_(2)", LONG),
    ([1, 2], "x.div_(lib.tensor([1, 2]))", LONG),
    ([1, 2], "x += 0.5", LONG),
    ([1, 2], "x /= 2", LONG),
    ([1, 2], "x.exp_()", LONG),
    ([1, 2], "x.log_()", LONG),
    ([1, 2], "x.tanh_()", LONG),
    ([1, 2], "x.sigmoid_()", LONG),
    ([1, 2], "x.reciprocal_()", LONG),
    ([1, 2], "x.pow_(-1)", r"Integers to negative integer powers are not allowed"),
    ([1, 2], "x.mul_(lib.ones(2, dtype=lib.float64))", r"type (Double|float64) can't be cast to the desired output type"),
    ([True, False], "x.add_(1)", BOOL),
    ([True, False], "x.exp_()", BOOL),
    ([True, False], "x.sub_(x)", r"[Ss]ubtraction.*bool"),
    ([True, False], "x.neg_()", r"[Nn]egation.*bool"),
    (
        [1.0, 2.0],
        "x.add_(lib.ones(3))",
        r"size of tensor a \(2\) must match the size of tensor b \(3\) at non-singleton dimension 0",
    ),
    ([1.0, 2.0], "x.add_(lib.ones(2, 2))", r"output with shape [\[(]2.*doesn't match the broadcast shape [\[(]2, 2"),
    ([1.0, 2.0], "x.mul_(lib.ones(1, 2))", r"output with shape [\[(]2.*doesn't match the broadcast shape [\[(]1, 2"),
    ([1.0, 2.0], "x.pow_(lib.ones(2, 2))", r"output with shape [\[(]2.*doesn't match the broadcast shape [\[(]2, 2"),
    ([1.0], "x.add_(lib.ones(2))", r"output with shape [\[(]1.*doesn't match the broadcast shape [\[(]2"),
    (
        [1.0, 2.0],
        "x.copy_(lib.ones(3))",
        r"size of tensor a \(2\) must match the size of tensor b \(3\) at non-singleton dimension 0",
    ),
    ([1.0, 2.0], "x.copy_(lib.ones(1, 2))", r"output with shape [\[(]2.*doesn't match the broadcast shape [\[(]1, 2"),
    ([1.0, 2.0], "x.fill_(lib.ones(1))", r"fill_ only supports 0-dimension value tensor but got tensor with 1 dimensions"),
    ([[[1.0]]], "x.t_()", r"t_?\(\) expects a tensor with <= 2 dimensions, but self is 3D"),
]


@pytest.mark.parametrize(("before", "statement", "message"), REFUSED)
def test_what_does_not_fit_is_refused_and_changes_nothing(lib, before, statement, message):
    x = lib.tensor(before)
    with pytest.raises(RuntimeError, match=message):
        exec(statement, {"x": x, "lib": lib})
    assert (x.tolist(), x._version) == (before, 0)


@pytest.mark.parametrize(
    ("statement", "error", "message"),
    [
        ("x.mul_('a')", TypeError, "str"),
        ("x.mul_(None)", TypeError, "NoneType"),
        ("x.add_([1, 2])", TypeError, "list"),
        ("x.fill_(None)", TypeError, "NoneType"),
        ("x.unsqueeze_(5)", IndexError, r"range of \[-2, 1\], but got 5"),
        ("x.transpose_(0, 1)", IndexError, r"range of \[-1, 0\], but got 1"),
    ],
)
def test_what_is_no_operand_is_refused(lib, statement, error, message):
    x = lib.ones(2)
    with pytest.raises(error, match=message):
        exec(statement, {"x": x})
    assert (x.tolist(), x._version) == ([1, 1], 0)


# ── The idioms of 2017 ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "step",
    [
        "w.data -= 0.1 * w.grad.data",
        "w.data.sub_(0.1 * w.grad.data)",
        "w.data.add_(-0.1 * w.grad)",
        "w.data = w.data - 0.1 * w.grad.data",
        "w.detach().sub_(0.1 * w.grad)",
        "with lib.no_grad(): w -= 0.1 * w.grad",
        "with lib.no_grad(): w.copy_(w - 0.1 * w.grad)",
        "with lib.no_grad(): w.set_(w - 0.1 * w.grad)",
    ],
)
def test_gradient_descent_by_hand_walks_down_a_parabola(lib, step):
    w = leaf(lib, 4, -2)
    for _ in range(3):
        (w * w).sum().backward()
        exec(step, {"w": w, "lib": lib})
        w.grad.data.zero_()
    assert w.tolist() == pytest.approx([4 * 0.8**3, -2 * 0.8**3])
    assert (w.is_leaf, w.requires_grad, w.grad.tolist()) == (True, True, [0, 0])


def test_zeroing_the_data_of_a_grad_zeroes_the_grad(lib):
    x = leaf(lib, 1, 2)
    (x * x).sum().backward()
    grad = x.grad
    x.grad.data.zero_()
    assert x.grad is grad
    assert grad.tolist() == [0, 0]
    (x * x).sum().backward()
    assert x.grad.tolist() == [2, 4]


def test_data_assigned_is_the_memory_of_the_other(lib):
    x, y = leaf(lib, 1, 2), leaf(lib, 3, 4, requires_grad=False)
    x.data = y
    y.add_(1)
    assert (x.tolist(), x.requires_grad, x.is_leaf) == ([4, 5], True, True)


def test_data_assigned_may_have_another_shape_and_float_dtype(lib):
    x = leaf(lib, 1, 2)
    x.data = lib.ones(3, 1)
    (x * 2).sum().backward()
    assert (x.shape, x.dtype, x.grad.tolist()) == ((3, 1), lib.float32, [[2], [2], [2]])


def test_data_assigned_takes_the_values_of_what_was_computed_and_not_its_history(lib):
    x, a = leaf(lib, 1, 2), leaf(lib, 3, 4)
    x.data = a * 2
    (x * x).sum().backward()
    assert (x.is_leaf, x.grad.tolist(), a.grad) == (True, [12, 16], None)


def test_data_assigned_to_a_result_keeps_its_place_in_the_graph(lib):
    a = leaf(lib, 1, 2)
    x = a * 3
    x.data = leaf(lib, 5, 6, requires_grad=False)
    (x * x).sum().backward()
    assert a.grad.tolist() == [30, 36]


@pytest.mark.parametrize(
    ("new", "error", "message"),
    [
        (lambda lib: 3, TypeError, "Variable data has to be a tensor, but got int"),
        (lambda lib: lib.ones(2, dtype=lib.int64), RuntimeError, "requires? (a )?gradients? must be.* floating"),
    ],
)
def test_data_that_cannot_be_assigned(lib, new, error, message):
    x = leaf(lib, 1, 2)
    with pytest.raises(error, match=message):
        x.data = new(lib)
    assert x.tolist() == [1, 2]


def test_data_is_another_variable_so_that_setting_it_does_not_reach_the_original(lib):
    x = leaf(lib, 1, 2)
    x.data.set_(lib.ones(3, dtype=lib.float64))
    assert x.tolist() == [1, 2]


def test_set_takes_over_memory_and_shape(lib):
    x, y = lib.zeros(2), lib.ones(3, 1)
    assert x.set_(y) is x
    x.mul_(5)
    assert (x.shape, y.tolist()) == ((3, 1), [[5], [5], [5]])


def test_set_without_an_argument_empties(lib):
    x = lib.ones(2)
    x.set_()
    assert x.tolist() == []


def test_set_takes_no_other_dtype(lib):
    x = lib.ones(2)
    with pytest.raises(RuntimeError, match=r"(?i)long.*float"):
        x.set_(lib.ones(2, dtype=lib.int64))
    assert (x.dtype, x.tolist()) == (lib.float32, [1, 1])


def test_what_is_written_into_integers_has_no_gradient(lib):
    w, i = leaf(lib, 1, 2), lib.zeros(2, dtype=lib.int64)
    i.copy_(w * 3)
    (i * w).sum().backward()
    assert (i.requires_grad, i.tolist(), w.grad.tolist()) == (False, [3, 6], [3, 6])


@pytest.mark.parametrize(
    ("change", "after"), [(lambda lib, x: x.add_(lib.tensor([1, 300])), [1, 44]), (lambda lib, x: x.fill_(-1), [255, 255])]
)
def test_integers_wrap_around(lib, change, after):
    x = lib.zeros(2, dtype=lib.uint8)
    change(lib, x)
    assert x.tolist() == after
