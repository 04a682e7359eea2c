"""saved_tensors_hooks: what is packed when it is saved and unpacked when it is read."""

import threading
import weakref

import numpy as np
import pytest

import microtorch
from tests.libraries import leaf


def hooks(lib, pack, unpack):
    return lib.autograd.graph.saved_tensors_hooks(pack, unpack)


def same(x):
    return x


def recording(lib, log, name=""):
    """Hooks that change nothing and write down what they see."""
    return hooks(lib, lambda x: noted(log, f"pack{name}", x), lambda x: noted(log, f"unpack{name}", x))


def noted(log, what, x):
    log.append((what, x.tolist()))
    return x


# ── What they see ────────────────────────────────────────────────────────────────────────────────────────────────────

PACKED = {  # an expression in the leaves a = [1, 2] and b = [3, 4], and the values packed, in any order
    "a * b": [[1, 2], [3, 4]],
    "a * a": [[1, 2], [1, 2]],
    "a * b.detach()": [[3, 4]],
    "a / b": [[1, 2], [3, 4]],
    "a ** 2": [[1, 2]],
    "a.reciprocal()": [[1, 0.5]],
    "a.dot(b)": [[1, 2], [3, 4]],
    "(a * 2).log()": [[2, 4]],
    "(a - 1).exp()": [[1, np.e]],
    "(a - 1).relu()": [[0, 1]],
    "a + b": [],
    "a.sum()": [],
    "a.mean()": [],
    "a.view(2, 1)": [],
    "a * 2": [],
    "a.detach() * b.detach()": [],
    "a.clone().mul_(b)": [[1, 2], [3, 4]],
}


@pytest.mark.parametrize("expression", PACKED)
def test_every_saved_value_is_packed_once_and_unpacked_once(lib, expression):
    a, b, log = leaf(lib, 1, 2), leaf(lib, 3, 4), []
    with recording(lib, log):
        y = eval(expression, {"a": a, "b": b})
    packed = sorted(value for what, value in log if what == "pack")
    assert (len(packed), len(log)) == (len(PACKED[expression]),) * 2
    assert packed == [pytest.approx(each) for each in PACKED[expression]]
    log.clear()
    if y.requires_grad:
        y.sum().backward()
    assert sorted(value for _, value in log) == packed
    assert {what for what, _ in log} <= {"unpack"}


def test_a_leaf_is_packed_as_itself_and_a_result_as_a_variable_of_the_graph(lib):
    a, seen = leaf(lib, 1, 2), []
    with hooks(lib, lambda x: seen.append((x.is_leaf, x.requires_grad, x.grad_fn and x.grad_fn.name())) or x, same):
        a * a.detach()
        a.exp()
        (a + 1).log()
    assert seen == [(True, False, None), (False, True, "ExpBackward0"), (False, True, "AddBackward0")]


def test_nothing_is_packed_under_no_grad(lib):
    a, log = leaf(lib, 1, 2), []
    with recording(lib, log), lib.no_grad():
        a * a
    assert log == []


def test_what_a_function_saves_is_packed_and_unpacked_when_it_asks(lib):
    log = []

    class Square(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x, x * 3)
            return x * x

        @staticmethod
        def backward(ctx, grad):
            log.append(("backward", None))
            x, _ = ctx.saved_tensors
            return 2 * x * grad

    a = leaf(lib, 1, 2)
    with recording(lib, log):
        y = Square.apply(a)
    assert log == [("pack", [1, 2]), ("pack", [3, 6])]
    y.sum().backward()
    assert {what for what, _ in log[2:]} == {"backward", "unpack"}
    assert log[2:].count(("unpack", [1, 2])) == log[2:].count(("unpack", [3, 6])) == 1
    assert a.grad.tolist() == [2, 4]


def test_every_backward_unpacks_again_until_the_graph_is_freed(lib):
    a, log = leaf(lib, 1, 2), []
    with recording(lib, log):
        y = (a * a).sum()
    log.clear()
    y.backward(retain_graph=True)
    y.backward()
    assert len(log) == 4
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()
    assert len(log) == 4


def test_the_hooks_run_unrecorded_but_unpacking_for_create_graph_is_recorded(lib):
    a, seen = leaf(lib, 1, 2), []

    def note(x):
        seen.append(lib.is_grad_enabled())
        return x

    with hooks(lib, note, note):
        y, z = a.exp(), a.exp()
    lib.autograd.grad(y.sum(), a)
    lib.autograd.grad(z.sum(), a, create_graph=True)
    assert seen == [False, False, False, True]


def test_what_a_pack_hook_computes_is_not_packed_in_turn(lib):
    a, calls = leaf(lib, 1, 2), []

    def pack(x):
        calls.append(1)
        return (x * x).exp()

    with hooks(lib, pack, same):
        a.exp()
    assert calls == [1]


# ── What they may return ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_pack_hook_may_return_anything_that_unpack_makes_a_variable_of(lib):
    a = leaf(lib, 1, 2)
    with hooks(lib, lambda x: x.tolist(), lambda values: lib.tensor(values, dtype=lib.float64)):
        y = (a * a).sum()
    y.backward()
    assert a.grad.tolist() == [2, 4]


def test_a_pack_hook_may_return_none(lib):
    a = leaf(lib, 1, 2)
    with hooks(lib, lambda x: None, lambda nothing: lib.ones(2, dtype=lib.float64)):
        y = (a * a).sum()
    y.backward()
    assert a.grad.tolist() == [2, 2]


def test_backward_computes_with_what_was_unpacked(lib):
    a = leaf(lib, 1, 2)
    with hooks(lib, same, lambda x: x * 10):
        y = (a * a).sum()
    y.backward()
    assert a.grad.tolist() == [20, 40]


def test_gradients_of_gradients_flow_through_values_that_were_packed_as_mere_numbers(lib):
    for function, expected in ((lambda x: x * x * x, [6, 12]), (lambda x: x.exp(), [np.e, np.e**2]), (lambda x: x**3, [6, 12])):
        a = leaf(lib, 1, 2)
        with hooks(lib, lambda x: x.detach().clone(), same):
            y = function(a).sum()
        (first,) = lib.autograd.grad(y, a, create_graph=True)
        assert lib.autograd.grad(first.sum(), a)[0].tolist() == pytest.approx(expected)


@pytest.mark.parametrize("wrong", [5, None, [1.0, 2.0], np.ones(2)], ids=lambda each: type(each).__name__)
def test_an_unpack_hook_has_to_return_a_variable(lib, wrong):
    a = leaf(lib, 1, 2)
    with hooks(lib, same, lambda x: wrong):
        y = (a * a).sum()
    with pytest.raises(TypeError, match=f"unpack_hook expected to be a Tensor but got result of type .*{type(wrong).__name__}"):
        y.backward()
    assert a.grad is None


def test_an_unpacked_value_of_another_shape_is_an_error(lib):
    a = leaf(lib, 1, 2)
    with hooks(lib, same, lambda x: lib.ones(7, dtype=lib.float64)):
        y = (a * a).sum()
    with pytest.raises(RuntimeError, match="7"):
        y.backward()


def fail(x):
    raise ValueError("mine")


def test_an_exception_in_a_pack_hook_comes_out_of_the_operation_and_the_hooks_are_gone(lib):
    a = leaf(lib, 1, 2)
    with pytest.raises(ValueError, match="mine"), hooks(lib, fail, same):
        a * a
    (a * a).sum().backward()
    assert a.grad.tolist() == [2, 4]


def test_an_exception_in_an_unpack_hook_comes_out_of_backward_and_leaves_no_gradient(lib):
    a = leaf(lib, 1, 2)
    with hooks(lib, same, fail):
        y = (a * a).sum()
    with pytest.raises(ValueError, match="mine"):
        y.backward()
    assert a.grad is None


@pytest.mark.parametrize("change", [lambda x: x.add_(1), lambda x: x.detach().zero_()])
def test_a_pack_hook_may_not_change_what_it_is_given(lib, change):
    a = leaf(lib, 1, 2)
    x = a * 1
    with (
        pytest.raises(RuntimeError, match="A saved tensor pack hook is modifying its input in place"),
        hooks(lib, change, same),
    ):
        x * x


def test_a_value_kept_by_hooks_is_not_checked_for_changes(lib):
    a = leaf(lib, 1, 2)
    x = a * 1
    with hooks(lib, same, same):
        y = (x * x).sum()
    x.detach().add_(1)
    y.backward()
    assert a.grad.tolist() == [4, 6]


def test_a_copy_kept_by_hooks_makes_a_change_in_place_harmless(lib):
    a = leaf(lib, 1, 2)
    x = a * 1
    with hooks(lib, lambda each: each.clone(), same):
        y = (x * x).sum()
    x.detach().zero_()
    y.backward()
    assert a.grad.tolist() == [2, 4]


# ── Where they hold ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_nested_hooks_the_innermost_hold_and_each_value_is_unpacked_by_those_it_was_packed_by(lib):
    a, log = leaf(lib, 0), []
    with recording(lib, log, " outer"):
        with recording(lib, log, " inner"):
            y = a.exp()
        z = a.exp()
    w = a.exp()
    assert [what for what, _ in log] == ["pack inner", "pack outer"]
    log.clear()
    for each in (w, z, y):
        each.backward()
    assert [what for what, _ in log] == ["unpack outer", "unpack inner"]


def test_hooks_hold_for_their_thread_alone(lib):
    a, log = leaf(lib, 0), []
    with recording(lib, log):
        thread = threading.Thread(target=a.exp)
        thread.start()
        thread.join()
    assert log == []


def test_hooks_are_a_block_and_no_decorator(lib):
    with pytest.raises(TypeError, match="not callable"):
        hooks(lib, same, same)(same)


def test_both_hooks_have_to_be_given(lib):
    with pytest.raises(TypeError, match="unpack_hook"):
        lib.autograd.graph.saved_tensors_hooks(same)


def test_hooks_can_be_disabled_with_a_message(lib):
    with lib.autograd.graph.disable_saved_tensors_hooks("not in here"):
        with pytest.raises(RuntimeError, match="not in here"), recording(lib, []):
            pass
        leaf(lib, 1).exp()
    with recording(lib, log := []):
        leaf(lib, 0).exp()
    assert len(log) == 1


def test_hooks_cannot_be_disabled_where_they_hold(lib):
    with (
        pytest.raises(RuntimeError, match="not in here"),
        recording(lib, []),
        lib.autograd.graph.disable_saved_tensors_hooks("not in here"),
    ):
        pass


def test_disabling_nests_and_the_innermost_message_is_said(lib):
    with lib.autograd.graph.disable_saved_tensors_hooks("outer"):
        with lib.autograd.graph.disable_saved_tensors_hooks("inner"), pytest.raises(RuntimeError, match="inner"):
            hooks(lib, same, same).__enter__()
        with pytest.raises(RuntimeError, match="outer"):
            hooks(lib, same, same).__enter__()


def test_hooks_can_be_disabled_for_a_function(lib):
    @lib.autograd.graph.disable_saved_tensors_hooks("not in here")
    def function():
        with recording(lib, []):
            pass

    with pytest.raises(RuntimeError, match="not in here"):
        function()
    with recording(lib, []):
        pass


@pytest.mark.usefixtures("no_collector")
def test_packed_values_are_freed_with_the_graph_and_nothing_is_left_to_the_garbage_collector():
    class Packed:
        def __init__(self, x):
            self.values = x.tolist()

    packed = []

    def pack(x):
        packed.append(weakref.ref(kept := Packed(x)))
        return kept

    a = leaf(microtorch, 1, 2)
    with hooks(microtorch, pack, lambda kept: microtorch.tensor(kept.values, dtype=microtorch.float64)):
        y, z = (a * a).sum(), a.exp()
    y.backward()
    del z
    assert [reference() for reference in packed] == [None] * 3
