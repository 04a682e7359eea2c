"""Whether operations are recorded: no_grad, enable_grad, set_grad_enabled; detach and requires_grad."""

import threading

import pytest

import microtorch
from tests.libraries import graph, leaf

# ── Blocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_recording_is_on_unless_it_is_switched_off(lib):
    assert lib.is_grad_enabled()


def test_no_grad_records_nothing_and_enable_grad_inside_it_does(lib):
    x = leaf(lib, 1, 2)
    with lib.no_grad():
        y = x * 2
        with lib.enable_grad():
            z = x * 2
        w = x * 2
    assert (graph(y), graph(z), graph(w)) == ("None", "MulBackward0(AccumulateGrad, None)", "None")
    assert (y.requires_grad, y.is_leaf) == (False, True)


def test_blocks_nest_and_each_restores_what_was_there(lib):
    seen = []
    with lib.no_grad():
        with lib.enable_grad():
            with lib.set_grad_enabled(False):
                seen.append(lib.is_grad_enabled())
            seen.append(lib.is_grad_enabled())
        seen.append(lib.is_grad_enabled())
    assert [*seen, lib.is_grad_enabled()] == [False, True, False, True]


def test_an_exception_leaves_the_mode_as_it_was_before_the_block(lib):
    with pytest.raises(ValueError, match="mine"), lib.no_grad():
        raise ValueError("mine")
    assert lib.is_grad_enabled()


def test_a_block_restores_what_was_there_whatever_happened_inside(lib):
    with lib.no_grad():
        lib.set_grad_enabled(True)
        assert lib.is_grad_enabled()
    assert lib.is_grad_enabled()
    with lib.enable_grad():
        lib.set_grad_enabled(False)
    assert lib.is_grad_enabled()


def test_one_object_can_be_entered_again_inside_itself():
    switch = microtorch.no_grad()
    with switch:
        with switch:
            assert not microtorch.is_grad_enabled()
        assert not microtorch.is_grad_enabled()
    assert microtorch.is_grad_enabled()  # where torch, whose object remembers one mode only, stays switched off


def test_one_object_can_be_entered_several_times_in_turn(lib):
    switch = lib.no_grad()
    for _ in range(2):
        with switch:
            assert not lib.is_grad_enabled()
        assert lib.is_grad_enabled()


def test_a_thread_begins_with_recording_whatever_the_others_do(lib):
    seen = []

    def work():
        seen.append(lib.is_grad_enabled())
        lib.set_grad_enabled(False)
        seen.append(lib.is_grad_enabled())

    with lib.no_grad():
        run(work)
    run(work)
    assert (seen, lib.is_grad_enabled()) == ([True, False, True, False], True)


def run(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


# ── set_grad_enabled ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_set_grad_enabled_switches_from_now_on(lib):
    lib.set_grad_enabled(False)
    assert not lib.is_grad_enabled()
    lib.set_grad_enabled(mode=True)
    assert lib.is_grad_enabled()


def test_set_grad_enabled_is_a_block_too(lib):
    for wanted in (False, True):
        with lib.set_grad_enabled(wanted):
            assert lib.is_grad_enabled() is wanted
        assert lib.is_grad_enabled()


def test_set_grad_enabled_switches_when_it_is_called_and_not_when_the_block_begins(lib):
    switch = lib.set_grad_enabled(False)
    assert not lib.is_grad_enabled()
    with switch:
        pass
    assert lib.is_grad_enabled()


def test_set_grad_enabled_as_a_decorator_switches_nothing_until_the_function_runs(lib):
    @lib.set_grad_enabled(False)
    def mode():
        return lib.is_grad_enabled()

    assert lib.is_grad_enabled()
    assert not mode()
    assert lib.is_grad_enabled()


@pytest.mark.parametrize("wrong", ["no", 0, None, len])
def test_set_grad_enabled_takes_a_bool_and_nothing_else(lib, wrong):
    with pytest.raises(TypeError, match=f"bool, not {type(wrong).__name__}"):
        lib.set_grad_enabled(wrong)
    assert lib.is_grad_enabled()


# ── What the mode does and does not reach ────────────────────────────────────────────────────────────────────────────


def test_a_leaf_made_under_no_grad_requires_a_gradient_if_it_is_asked_to(lib):
    with lib.no_grad():
        x, y = leaf(lib, 1), lib.ones(1).requires_grad_()
    assert (x.requires_grad, y.requires_grad) == (True, True)


def test_backward_runs_under_no_grad(lib):
    x = leaf(lib, 1, 2)
    y = (x * x).sum()
    with lib.no_grad():
        y.backward()
    assert x.grad.tolist() == [2, 4]


def test_what_was_computed_under_no_grad_has_no_gradient(lib):
    x = leaf(lib, 1, 2)
    with lib.no_grad():
        y = (x * x).sum()
    with pytest.raises(RuntimeError, match="does not require grad"):
        y.backward()


def test_create_graph_records_the_backward_pass_under_no_grad_too(lib):
    x = leaf(lib, 1, 2)
    y = (x * x * x).sum()
    with lib.no_grad():
        (first,) = lib.autograd.grad(y, x, create_graph=True)
    assert lib.autograd.grad(first.sum(), x)[0].tolist() == [6, 12]


def test_a_function_runs_forward_unrecorded_and_backward_in_the_mode_of_create_graph(lib):
    seen = []

    class Double(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            seen.append(lib.is_grad_enabled())
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            seen.append(lib.is_grad_enabled())
            return grad * 2

    x = leaf(lib, 1, 2)
    lib.autograd.grad(Double.apply(x).sum(), x)
    lib.autograd.grad(Double.apply(x).sum(), x, create_graph=True)
    assert seen == [False, False, False, True]


# ── detach and requires_grad ─────────────────────────────────────────────────────────────────────────────────────────


def test_detach_is_a_new_leaf_on_the_same_memory(lib):
    x = leaf(lib, 1, 2) * 1
    detached = x.detach()
    assert (detached.is_leaf, detached.requires_grad, detached.grad_fn) == (True, False, None)
    detached[0] = 9
    assert (x.tolist(), graph(x)) == ([9, 2], "MulBackward0(AccumulateGrad, None)")


def test_detach_stops_the_gradient(lib):
    x = leaf(lib, 2, 3)
    (x * x.detach()).sum().backward()
    assert x.grad.tolist() == [2, 3]


def test_detach_underscore_takes_a_result_out_of_the_graph_and_returns_it(lib):
    x = leaf(lib, 1, 2) * 1
    assert x.detach_() is x
    assert (x.is_leaf, x.requires_grad, x.grad_fn, x._version) == (True, False, None, 0)


def test_detach_underscore_of_a_leaf_ends_its_wish_for_a_gradient(lib):
    x = leaf(lib, 1, 2)
    assert not x.detach_().requires_grad


def test_detach_underscore_of_what_nobody_saved_leaves_the_graph_behind_it_alone(lib):
    a = leaf(lib, 1, 2)
    x = a * 3
    y = (x + 1).sum()
    x.detach_()
    y.backward()
    assert a.grad.tolist() == [3, 3]


def test_requires_grad_underscore_returns_its_variable(lib):
    x = lib.ones(2)
    assert x.requires_grad_() is x
    assert x.requires_grad
    assert not x.requires_grad_(False).requires_grad
    assert x.requires_grad_(requires_grad=True).requires_grad


def test_a_result_already_requires_a_gradient_and_may_be_asked_to(lib):
    y = leaf(lib, 1, 2) * 2
    assert graph(y.requires_grad_()) == "MulBackward0(AccumulateGrad, None)"


def test_requires_grad_of_a_result_cannot_be_taken_back_nor_set(lib):
    y = leaf(lib, 1, 2) * 2
    only_leaves = "you can only change requires_grad flags of leaf variables"
    for wanted in (False, True):
        with pytest.raises(RuntimeError, match=only_leaves):
            y.requires_grad = wanted
    with pytest.raises(RuntimeError, match=rf"{only_leaves}.*detach\(\)"):
        y.requires_grad_(False)


def test_integers_and_bools_cannot_require_a_gradient(lib):
    for values in ([1, 2], [True, False]):
        x = lib.tensor(values)
        with pytest.raises(RuntimeError, match="only Tensors of floating point"):
            x.requires_grad_()
        with pytest.raises(RuntimeError, match="only Tensors of floating point"):
            x.requires_grad = True
        with pytest.raises(RuntimeError, match="nly Tensors of floating point"):
            lib.tensor(values, requires_grad=True)
        assert not x.requires_grad_(False).requires_grad


def test_requires_grad_is_a_bool(lib):
    with pytest.raises(RuntimeError, match="requires_grad must be a bool"):
        lib.ones(1).requires_grad = 1


def test_a_leaf_that_stopped_requiring_a_gradient_gets_none_from_an_older_graph(lib):
    x, w = leaf(lib, 1, 2), leaf(lib, 3, 4)
    y = (x * w).sum()
    x.requires_grad_(False)
    y.backward()
    assert (x.grad, w.grad.tolist()) == (None, [1, 2])


@pytest.mark.parametrize("name", ["no_grad", "enable_grad", "set_grad_enabled", "inference_mode"])
def test_the_modes_are_found_under_autograd_too(lib, name):
    assert getattr(lib.autograd, name) is getattr(lib, name)
