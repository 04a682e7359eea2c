"""inference_mode: what is made in it can never become part of a graph, and says so."""

import threading

import pytest

import microtorch
from tests.libraries import graph, leaf, matrix

SAVED = r"Inference tensors cannot be saved for backward.*clone"
IN_PLACE = r"Inplace update to inference tensor outside InferenceMode is not allowed.*clone"
REQUIRES_GRAD = r"Setting requires_grad=True on inference tensor outside InferenceMode is not allowed"
VERSION = r"Inference tensors do not track version counter"


def inferred(lib):
    """A variable made in inference mode: ``[2, 4]``."""
    with lib.inference_mode():
        return leaf(lib, 1, 2, requires_grad=False) * 2


# ── The mode ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_inference_mode_is_a_block_in_which_nothing_is_recorded(lib):
    assert not lib.is_inference_mode_enabled()
    with lib.inference_mode():
        assert (lib.is_inference_mode_enabled(), lib.is_grad_enabled()) == (True, False)
    assert (lib.is_inference_mode_enabled(), lib.is_grad_enabled()) == (False, True)


def test_inference_mode_false_is_a_block_in_which_everything_is_normal(lib):
    x = leaf(lib, 1, 2)
    with lib.inference_mode(), lib.inference_mode(False):
        assert (lib.is_inference_mode_enabled(), lib.is_grad_enabled()) == (False, True)
        assert graph(x * 2) == "MulBackward0(AccumulateGrad, None)"
    with lib.no_grad(), lib.inference_mode(mode=False):
        assert lib.is_grad_enabled()


def test_enable_grad_inside_inference_mode_records_nothing(lib):
    x = leaf(lib, 1, 2)
    with lib.inference_mode(), lib.enable_grad():
        y = x * 2
        assert (lib.is_grad_enabled(), lib.is_inference_mode_enabled()) == (True, True)
    assert (y.requires_grad, y.is_inference()) == (False, True)


def test_blocks_nest_and_exceptions_restore_the_mode(lib):
    with lib.inference_mode():
        with pytest.raises(ValueError, match="mine"), lib.inference_mode():
            raise ValueError("mine")
        assert lib.is_inference_mode_enabled()
    assert not lib.is_inference_mode_enabled()


def test_a_thread_begins_outside_of_inference_mode(lib):
    seen = []
    with lib.inference_mode():
        thread = threading.Thread(target=lambda: seen.append(lib.is_inference_mode_enabled()))
        thread.start()
        thread.join()
    assert seen == [False]


@pytest.mark.parametrize(
    ("decorate", "mode"),
    [
        (lambda lib: lib.inference_mode(), True),
        (lambda lib: lib.inference_mode, True),
        (lambda lib: lib.inference_mode(False), False),
    ],
)
def test_a_decorated_function_runs_in_the_mode(lib, decorate, mode):
    @decorate(lib)
    def function(x):
        return x, lib.is_inference_mode_enabled(), lib.is_grad_enabled()

    with lib.inference_mode(not mode):
        assert function(5) == (5, mode, not mode)
        assert lib.is_inference_mode_enabled() is not mode


def test_a_decorated_generator_runs_in_the_mode_and_its_caller_does_not(lib):
    @lib.inference_mode()
    def generator():
        yield lib.is_inference_mode_enabled()
        yield lib.is_inference_mode_enabled()

    for seen in generator():
        assert seen
        assert not lib.is_inference_mode_enabled()


# ── What is made in it ───────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_computed_or_made_in_it_is_an_inference_variable(lib):
    x = leaf(lib, 1, 2)
    with lib.inference_mode():
        made = [x * 2, lib.ones(2), x.clone(), lib.tensor([1.0]), (x * 2)[0], x[[0]], (x * 2).data, (x * 2).detach()]
    for each in made:
        assert (each.is_inference(), each.requires_grad, each.grad_fn, each.is_leaf) == (True, False, None, True)


def test_what_was_made_outside_stays_normal_and_so_do_its_views(lib):
    x = leaf(lib, 1, 2)
    with lib.inference_mode():
        assert not any(each.is_inference() for each in (x, x[0], x.view(2), x.detach(), x.data))


def test_what_is_made_outside_is_normal(lib):
    assert not (leaf(lib, 1) * 2).is_inference()
    assert not lib.ones(1).is_inference()


def test_a_view_of_an_inference_variable_is_one_and_no_view_to_autograd(lib):
    x = inferred(lib)
    for view in (x[0], x.view(2), x.detach()):
        assert view.is_inference()
        assert not view._is_view()


def test_an_inference_variable_has_no_version(lib):
    with pytest.raises(RuntimeError, match=VERSION):
        inferred(lib)._version  # noqa: B018 - reading it is what is tested


def test_inside_it_everything_can_be_changed_in_place(lib):
    a = leaf(lib, 1, 2)
    with lib.inference_mode():
        x = a * 2
        x.add_(1)
        x[0] = 7
        x[1:].mul_(2)
        a.mul_(10)
    assert (x.tolist(), a.tolist(), a._version, a.is_leaf, a.requires_grad) == ([7, 10], [10, 20], 1, True, True)


def test_a_result_changed_inside_it_counts_the_change_and_records_none(lib):
    x = leaf(lib, 1, 2) * 1
    y = (x * x).sum()
    with lib.inference_mode():
        x.mul_(2)
    assert (graph(x), x._version) == ("MulBackward0(AccumulateGrad, None)", 1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()


def test_inside_it_an_inference_variable_may_be_asked_to_require_a_gradient(lib):
    with lib.inference_mode():
        x = lib.ones(2).requires_grad_()
        assert (x.requires_grad, (x * 2).requires_grad) == (True, False)


def test_backward_runs_inside_it(lib):
    x = leaf(lib, 1, 2)
    y = (x * x).sum()
    with lib.inference_mode():
        y.backward()
    assert x.grad.tolist() == [2, 4]


# ── What may be done with it outside ─────────────────────────────────────────────────────────────────────────────────


ALLOWED = {  # an expression in an inference variable i and a normal leaf a, and whether its result requires a gradient
    "i + 1": False,
    "i * 2": False,
    "i.exp()": False,
    "i * i": False,
    "i + a": True,
    "(a * 1).add_(i)": True,
    "a - i": True,
    "i.clone() * a": True,
    "i.clone().mul_(2)": False,
    "i.clone().requires_grad_()": True,
    "lib.zeros(2).add_(i)": False,
    "lib.zeros(2).copy_(i)": False,
    "i.float() * 1": False,
    "i.requires_grad_(False) + 1": False,
}


@pytest.mark.parametrize("expression", ALLOWED)
def test_outside_it_may_be_read_where_nothing_of_it_is_saved(lib, expression):
    result = eval(expression, {"lib": lib, "i": inferred(lib), "a": leaf(lib, 1, 2)})
    assert (result.requires_grad, result.is_inference()) == (ALLOWED[expression], False)


def test_outside_it_may_be_saved_where_nothing_is_recorded(lib):
    with lib.no_grad():
        assert (inferred(lib) * leaf(lib, 1, 2)).tolist() == [2, 8]


def test_a_clone_is_the_way_out(lib):
    a = leaf(lib, 1, 2)
    (inferred(lib).clone() * a).sum().backward()
    assert a.grad.tolist() == [2, 4]


def test_an_inference_variable_can_be_the_gradient_that_backward_begins_with(lib):
    a = leaf(lib, 1, 2)
    (a * 3).backward(inferred(lib))
    assert a.grad.tolist() == [6, 12]


def saved_by_a_function(lib):
    class Scale(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x, factor):
            ctx.save_for_backward(factor)
            return x * factor

        @staticmethod
        def backward(ctx, grad):
            return grad * ctx.saved_tensors[0], None

    Scale.apply(leaf(lib, 1, 2), inferred(lib))


def view_made_inside(lib, base):
    with lib.inference_mode():
        return base[0]


def history_of_a_view_made_inside(lib):
    x = matrix(lib) * 1
    view = view_made_inside(lib, x)
    x.mul_(2)
    return view.grad_fn


REFUSED = {
    "to be saved by mul": (lambda lib: inferred(lib) * leaf(lib, 1, 2), SAVED),
    "to be saved by mul_": (lambda lib: (leaf(lib, 1, 2) * 1).mul_(inferred(lib)), SAVED),
    "to be saved by a Function": (saved_by_a_function, SAVED),
    "a change": (lambda lib: inferred(lib).add_(1), IN_PLACE),
    "a change of an element": (lambda lib: inferred(lib).__setitem__(0, 1.0), IN_PLACE),
    "a change of a view": (lambda lib: inferred(lib)[0:1].mul_(2), IN_PLACE),
    "a change under no_grad": (lambda lib: lib.no_grad()(inferred(lib).zero_)(), IN_PLACE),
    "requires_grad_": (lambda lib: inferred(lib).requires_grad_(), REQUIRES_GRAD),
    "requires_grad = True": (lambda lib: setattr(inferred(lib), "requires_grad", True), REQUIRES_GRAD),
    "Variable(i, requires_grad=True)": (lambda lib: lib.autograd.Variable(inferred(lib), requires_grad=True), REQUIRES_GRAD),
    "a change of a view of a normal variable": (
        lambda lib: view_made_inside(lib, matrix(lib) * 1).mul_(2),
        "A view was created in inference mode and is being modified inplace in normal mode",
    ),
    "the history of a view of a normal variable": (
        history_of_a_view_made_inside,
        "A view was created in inference mode and its base or another view of its base has been modified inplace in normal mode",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_outside_it_is_refused(lib, what):
    program, message = REFUSED[what]
    with pytest.raises(RuntimeError, match=message):
        program(lib)


def test_a_refused_change_changes_nothing():
    x = inferred(microtorch)
    with pytest.raises(RuntimeError, match=IN_PLACE):
        x.zero_()
    assert x.tolist() == [2, 4]  # where torch has written already when it raises


def test_data_bypasses_the_refusal_as_it_bypasses_versions(lib):
    x = inferred(lib)
    x.data.zero_()
    assert x.tolist() == [0, 0]


def test_a_view_of_a_constant_made_inside_may_be_changed_by_constants_outside(lib):
    x = lib.zeros(2, 3)
    view_made_inside(lib, x).add_(1)
    assert (x.tolist()[0], x._version) == ([1, 1, 1], 1)


def test_the_error_names_the_operation_and_the_variable():
    x = inferred(microtorch)
    x.name = "frozen"
    with pytest.raises(RuntimeError, match="'frozen'") as caught:
        x * leaf(microtorch, 1, 2)
    assert "Mul" in str(caught.value)
