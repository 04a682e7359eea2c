"""docs/differences.md, row by row: what its two columns say is what happens.

A row is named by its first cell. Its program runs on microtorch, and on PyTorch where the test can say in a line what that does.
"""

import contextlib
import copy
import io
import math
import pickle
import threading
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest

import microtorch

approx = pytest.approx
DOCUMENT = Path(__file__).parents[1] / "docs" / "differences.md"

Check = Callable[[Callable[[], Any]], None]


class Case(NamedTuple):
    row: str
    program: Callable[[ModuleType], Any]
    torch: Check | None
    microtorch: Check | None


CASES: list[Case] = []


def row(title: str, *, torch: Check | None = None, microtorch: Check | None = None):
    """A program of the row with this first cell, and what is expected of it in each of its columns."""

    def register(program):
        CASES.append(Case(title, program, torch, microtorch))
        return program

    return register


def also(*, torch: Check | None = None, microtorch: Check | None = None):
    """One more program of the row above."""
    return row(CASES[-1].row, torch=torch, microtorch=microtorch)


def gives(expected: Any) -> Check:
    def check(program):
        assert program() == expected

    return check


def raises(error: type[Exception], match: str) -> Check:
    def check(program):
        with pytest.raises(error, match=match):
            program()

    return check


def warns(match: str, expected: Any) -> Check:
    """It gives what is expected, and a warning; elsewhere a warning is an error."""

    def check(program):
        with pytest.warns(UserWarning, match=match):
            assert program() == expected

    return check


def in_column(name: str):
    """All cases that say what is expected in this column."""
    cases = [case for case in CASES if getattr(case, name)]
    return pytest.mark.parametrize("case", cases, ids=[case.program.__name__ for case in cases])


# ---- the words of the programs ----


def numbers(lib, *values):
    return lib.tensor(list(values), dtype=lib.float64)


def leaf(lib, *values):
    return numbers(lib, *values).requires_grad_()


def indices(lib, *values):
    return lib.tensor(list(values), dtype=lib.int64)


def bools(lib):
    return lib.tensor([True, False])


def singular(lib):
    return lib.tensor([[1.0, 2.0], [2.0, 4.0]], dtype=lib.float64, requires_grad=True)


def gradient(lib, y, x, **options):
    (grad,) = lib.autograd.grad(y.sum(), x, **options)
    return grad


def second_derivatives(lib, function, *values):
    """The first row of the Hessian."""
    x = leaf(lib, *values)
    return gradient(lib, gradient(lib, function(x), x, create_graph=True)[0], x).tolist()


def function_of(lib, **methods):
    """A Function of the user's, from plain functions."""
    return type("Mine", (lib.autograd.Function,), {name: staticmethod(method) for name, method in methods.items()})


# ---- What is shown and printed ----


@row("the only tensor class", torch=gives("Tensor"), microtorch=gives("Variable"))
def what_a_tensor_is_called(lib):
    return type(lib.ones(2) + 1).__name__


@also(microtorch=gives((True, True)))
def where_the_class_and_the_array_are(lib):
    x = lib.ones(2) + 1
    return type(x) is lib.autograd.Variable, type(x.array) is np.ndarray


TODAY = "tensor([[1., 1.],\n        [1., 1.]])"


@row(
    "`print(x)`",
    torch=gives(TODAY),
    microtorch=gives("Variable containing:\n 1  1\n 1  1\n[microtorch.FloatTensor of size 2x2]\n"),
)
def a_printed_variable(lib):
    return str(lib.autograd.Variable(lib.ones(2, 2)))


@also(microtorch=gives(TODAY))
def a_variable_printed_in_the_style_of_today(lib):
    lib.set_printoptions(style="tensor")
    try:
        return str(lib.autograd.Variable(lib.ones(2, 2)))
    finally:
        lib.set_printoptions(style="variable")


@row("`repr(z.grad_fn)`", torch=gives("<MulBackward0 object at 0x"), microtorch=gives("<MulBackward0>"))
def a_printed_node_up_to_its_address(lib):
    text = repr((leaf(lib, 2.0) * 3).grad_fn)
    return text[: text.find("0x") + 2] if "0x" in text else text


@row("saved values of a node", torch=raises(AttributeError, "saved_tensors"), microtorch=gives([[[4.0], [3.0]], [[2.0]]]))
def saved_tensors_of_two_operations(lib):
    x, y = leaf(lib, 4.0), leaf(lib, 3.0)
    return [[saved.tolist() for saved in result.grad_fn.saved_tensors] for result in (x * y, x.sqrt())]


@also(torch=gives(([2.0], [3.0])), microtorch=gives(([2.0], [3.0])))
def saved_values_by_name(lib):
    node = (leaf(lib, 2.0) * leaf(lib, 3.0)).grad_fn
    return node._saved_self.tolist(), node._saved_other.tolist()


@also(torch=gives((0,)), microtorch=raises(AttributeError, "_saved_dim"))
def saved_numbers_by_name(lib):
    return leaf(lib, 2.0).sum(0).grad_fn._saved_dim


def recorded_gradient_of_tanh(lib):
    x = leaf(lib, 0.5)
    return gradient(lib, x.tanh(), x, create_graph=True)


@row("names of nodes inside a recorded backward pass", torch=gives("TanhBackwardBackward0"), microtorch=gives("MulBackward0"))
def the_name_of_a_recorded_gradient(lib):
    return recorded_gradient_of_tanh(lib).grad_fn.name()


@also(torch=gives(approx(1 - math.tanh(0.5) ** 2)), microtorch=gives(approx(1 - math.tanh(0.5) ** 2)))
def the_number_of_a_recorded_gradient(lib):
    return recorded_gradient_of_tanh(lib).item()


# ---- Values and dtypes ----


@row("`loss.data[0]` of a 0-dim loss", torch=raises(IndexError, "invalid index of a 0-dim tensor"), microtorch=gives(3.0))
def data_0_of_a_number(lib):
    return lib.tensor(3.0).data[0]


@row("`Tensor(v)` of integers", torch=gives([7, 2]), microtorch=raises(TypeError, r"convert it with \.to\("))
def a_change_of_what_was_made_of_integers(lib):
    v = indices(lib, 1, 2)
    lib.Tensor(v)[0] = 7
    return v.tolist()


@row("`x.view(dtype)`", torch=gives([0x3F800000]), microtorch=raises(TypeError, r"use \.to\(\)"))
def bytes_of_a_one_as_an_integer(lib):
    return lib.ones(1).view(lib.int32).tolist()


@also(torch=gives([1]), microtorch=gives([1]))
def a_one_converted(lib):
    return lib.ones(1).to(lib.int32).tolist()


@row("`zeros()`, `rand()` without a size", torch=raises(TypeError, "zeros"), microtorch=gives(()))
def zeros_without_a_size(lib):
    return tuple(lib.zeros().shape)


@also(torch=raises(TypeError, "rand"), microtorch=gives(()))
def rand_without_a_size(lib):
    return tuple(lib.rand().shape)


@row('`x == "a"`, `x == [1.0, 2.0]`', torch=gives(False), microtorch=raises(TypeError, "not str: 'a'"))
def a_comparison_with_text(lib):
    return lib.ones(2) == "a"


@also(torch=gives(False), microtorch=raises(TypeError, "not list"))
def a_comparison_with_a_list(lib):
    return lib.ones(2) == [1.0, 2.0]


@also(torch=raises(TypeError, "str"), microtorch=raises(TypeError, "not str: 'a'"))
def a_sum_with_text(lib):
    return lib.ones(2) + "a"


@row("`numpy_array + x`", torch=raises(TypeError, "NumPy arrays"), microtorch=gives([2.0, 3.0]))
def an_array_plus_a_tensor(lib):
    return (np.ones(2) + leaf(lib, 1.0, 2.0)).tolist()


@row("arithmetic on bools", torch=raises(RuntimeError, "bool"), microtorch=raises(RuntimeError, "bool"))
def minus_a_bool(lib):
    return -bools(lib)


@also(torch=raises(RuntimeError, "bool"), microtorch=raises(RuntimeError, "bool"))
def one_bool_minus_another(lib):
    return bools(lib) - bools(lib)


@also(torch=raises(RuntimeError, "abs.*Bool"), microtorch=raises(RuntimeError, "abs with a bool"))
def abs_of_bools(lib):
    return bools(lib).abs()


@also(torch=raises(RuntimeError, "round.*Bool"), microtorch=raises(RuntimeError, "round with a bool"))
def bools_rounded(lib):
    return bools(lib).round()


@also(torch=raises(RuntimeError, "dot.*Bool"), microtorch=raises(RuntimeError, "dot with a bool"))
def the_matrix_product_of_bools(lib):
    return bools(lib) @ bools(lib)


@also(torch=raises(RuntimeError, "pow.*Bool"), microtorch=gives([1, 1]))
def bools_to_the_power_of_bools(lib):
    return (bools(lib) ** bools(lib)).tolist()


@also(torch=raises(RuntimeError, "div_floor.*Bool"), microtorch=gives([1, 0]))
def bools_divided_to_integers(lib):
    return (bools(lib) // lib.tensor([True, True])).tolist()


@also(torch=gives([2, 1]), microtorch=gives([2, 1]))
def bools_plus_a_number(lib):
    return (bools(lib) + 1).tolist()


@row("`mode` of elements of which some are nan", torch=gives([True, False]), microtorch=gives([False, False]))
def whether_the_mode_is_nan(lib):
    return [math.isnan(numbers(lib, *values).mode().values.item()) for values in ([math.nan, 1.0], [1.0, math.nan])]


@also(torch=gives(True), microtorch=gives(True))
def whether_the_mode_of_nothing_but_nan_is_nan(lib):
    return math.isnan(numbers(lib, math.nan, math.nan).mode().values.item())


@row("forms in place as functions, `torch.exp_(x)`", torch=gives([1.0]), microtorch=raises(AttributeError, "exp_"))
def exp_in_place_as_a_function(lib):
    return lib.exp_(lib.zeros(1)).tolist()


@also(torch=gives([1.0]), microtorch=gives([1.0]))
def exp_in_place_as_a_method(lib):
    return lib.zeros(1).exp_().tolist()


@row("`out=`", torch=gives([[1.0]] * 8), microtorch=gives([[1.0]] * 8))
def results_written_into_what_is_there(lib):
    out = lib.zeros(8, 1)
    one, none, matrix = lib.ones(1), lib.zeros(1), lib.ones(1, 1)
    lib.add(one, none, out=out[0])
    lib.sub(one, none, out=out[1])
    lib.mul(one, one, out=out[2])
    lib.div(one, one, out=out[3])
    lib.mm(matrix, matrix, out=out[4:5])
    lib.matmul(matrix, matrix, out=out[5:6])
    lib.cat([one], out=out[6])
    lib.stack([one], out=out[7:8])
    return out.tolist()


@also(torch=gives([1.0]), microtorch=raises(TypeError, "unexpected keyword argument 'out'"))
def exp_written_into_what_is_there(lib):
    return lib.exp(lib.zeros(1), out=lib.zeros(1)).tolist()


@also(torch=warns("was resized", [2.0]), microtorch=raises(RuntimeError, r"output with shape \[3\] doesn't match"))
def a_result_written_into_another_shape(lib):
    out = lib.zeros(3)
    lib.add(lib.ones(1), lib.ones(1), out=out)
    return out.tolist()


@row(
    "random numbers, the order of shuffled data too",
    torch=gives(approx([0.4963, 0.7682], abs=1e-4)),
    microtorch=gives(approx(np.random.Generator(np.random.PCG64(0)).random(2).tolist(), abs=1e-6)),
)
def two_random_numbers_of_seed_0(lib):
    return lib.rand(2, generator=lib.Generator().manual_seed(0)).tolist()


@row("`manual_seed(2.7)`", torch=gives(2), microtorch=raises(TypeError, r"must be an int, not float: 2\.7"))
def a_seed_with_a_fraction(lib):
    before = lib.get_rng_state()
    try:
        return lib.manual_seed(2.7).initial_seed()
    finally:
        lib.set_rng_state(before)


@row(
    "`multinomial` without replacement, of more indices than have a weight",
    torch=gives([0, 1, 2]),
    microtorch=raises(RuntimeError, "3 of 1 that are possible"),
)
def three_indices_of_which_one_has_a_weight(lib):
    return sorted(lib.multinomial(numbers(lib, 1.0, 0.0, 0.0), 3).tolist())


@row("`sinc` and its derivatives near 0", microtorch=gives(approx(-(math.pi**2) / 3)))
def second_derivative_of_sinc(lib):
    x = lib.tensor(1e-10, dtype=lib.float64, requires_grad=True)
    (slope,) = lib.autograd.grad(lib.sinc(x), x, create_graph=True)
    return lib.autograd.grad(slope, x)[0].item()


@row("order of equal elements in `topk`, `kthvalue`, `sort` without `stable`", microtorch=gives(([0, 1], 0, list(range(20)))))
def places_of_equal_elements(lib):
    same = lib.ones(20)
    return same.topk(2).indices.tolist(), same.kthvalue(1).indices.item(), same.sort().indices.tolist()


@row(
    "the gradient of a 1-norm, of an infinity norm, at nan",
    torch=gives([0.0, 1.0]),
    microtorch=gives([approx(math.nan, nan_ok=True), 1.0]),
)
def gradient_of_a_norm_at_nan(lib):
    x = lib.tensor([math.nan, 1.0], requires_grad=True)
    return lib.autograd.grad(x.norm(1), x)[0].tolist()


# ---- Graph and backward ----


@row(
    "`out.backward(Tensor([1.0]))` on a 0-dim `out`",
    torch=raises(RuntimeError, "Mismatch in shape"),
    microtorch=gives([1.0, 1.0]),
)
def backward_from_a_number_with_a_gradient_of_one_element(lib):
    x = lib.ones(2, requires_grad=True)
    x.sum().backward(lib.Tensor([1.0]))
    return x.grad.tolist()


@row("`y.grad` where `y` is no leaf", torch=warns("not a leaf", None), microtorch=gives(None))
def the_grad_of_a_result(lib):
    y = leaf(lib, 1.0) * 2
    y.backward()
    return y.grad


@row("more `grad_tensors` than tensors", torch=gives([1.0]), microtorch=raises(RuntimeError, "got 1 tensors and 2 gradients"))
def one_tensor_and_two_gradients(lib):
    x = leaf(lib, 1.0)
    lib.autograd.backward([x * 1], [numbers(lib, 1.0), numbers(lib, 2.0)])
    return x.grad.tolist()


@row("`backward()` where a part of the graph was freed", torch=gives([2.0]), microtorch=gives(None))
def what_the_other_leaf_got_from_a_backward_that_failed(lib):
    x, w = leaf(lib, 1.0), leaf(lib, 1.0)
    y = x * x
    y.backward()
    with pytest.raises(RuntimeError, match="a second time"):
        (w * w + y).backward()
    return w.grad if w.grad is None else w.grad.tolist()


@row("`x.data = …` between forward and backward", torch=gives([20.0]), microtorch=gives([2.0]))
def the_gradient_after_other_data_was_put_in(lib):
    x = leaf(lib, 1.0)
    y = x * x
    x.data = numbers(lib, 10.0)
    y.backward()
    return x.grad.tolist()


@row(
    "a result that was saved, then detached with `detach_()`",
    torch=raises(RuntimeError, "detached in-place"),
    microtorch=gives([6.0 * 6.0]),
)
def the_gradient_through_what_was_saved_and_detached(lib):
    x = leaf(lib, 2.0)
    y = x * 3
    z = y * y
    y.detach_()
    z.backward()
    return x.grad.tolist()


@row("the gradient of `2 % x`", torch=raises(RuntimeError, "remainder is not implemented"), microtorch=gives([-1.0]))
def the_gradient_of_2_modulo_x(lib):
    x = leaf(lib, 1.5)
    return gradient(lib, 2 % x, x).tolist()


@row(
    "gradient of `bernoulli(x, p)` for a number `p`",
    torch=raises(RuntimeError, "bernoulli is not implemented"),
    microtorch=gives([0.0, 0.0]),
)
def the_gradient_of_what_was_drawn(lib):
    x = leaf(lib, 1.0, 2.0)
    return gradient(lib, lib.bernoulli(x, 0.5), x).tolist()


@row("the recorded gradient of a bias, which depends on nothing", torch=gives(True), microtorch=gives(False))
def gradient_of_a_bias(lib):
    x, w, b = (lib.ones(*shape, requires_grad=True) for shape in ((1, 1, 3), (1, 1, 2), (1,)))
    return lib.autograd.grad(lib.nn.functional.conv1d(x, w, b).sum(), b, create_graph=True)[0].requires_grad


# ---- Functions, hooks and modes ----


@row("a Function whose `forward` returns a list", torch=gives([False]), microtorch=raises(TypeError, "not list: the gradients"))
def whether_what_is_in_a_returned_list_requires_a_gradient(lib):
    doubled = function_of(lib, forward=lambda ctx, x: [x * 2], backward=lambda ctx, grad: grad * 2)
    return [each.requires_grad for each in doubled.apply(leaf(lib, 1.0))]


@row(
    "forward mode (`jvp` of a Function), `vmap`", torch=gives([2.0]), microtorch=raises(AttributeError, "microtorch has no vmap")
)
def a_function_mapped_over_rows(lib):
    return lib.vmap(lambda x: x * 2)(lib.ones(1)).tolist()


@also(microtorch=raises(AttributeError, "microtorch has no func"))
def the_package_of_forward_mode(lib):
    return lib.func


@also(microtorch=raises(NotImplementedError, "microtorch has no forward mode"))
def jvp_of_a_function(lib):
    return function_of(lib).jvp(None, lib.ones(1))


@also(microtorch=raises(NotImplementedError, "microtorch has no vmap"))
def vmap_of_a_function(lib):
    return function_of(lib).vmap(None, (0,), lib.ones(1))


@row("`is_grads_batched=True`", torch=gives((1, [[2.0, 0.0], [0.0, 4.0]])), microtorch=gives((2, [[2.0, 0.0], [0.0, 4.0]])))
def how_often_a_hook_runs_and_the_gradients_of_two_rows(lib):
    x, runs = leaf(lib, 1.0, 2.0), []
    y = x * x
    y.register_hook(runs.append)
    (grads,) = lib.autograd.grad(y, x, lib.eye(2, dtype=lib.float64), is_grads_batched=True)
    return len(runs), grads.tolist()


@row("`detect_anomaly`", torch=warns("Anomaly Detection has been enabled", [True, True]), microtorch=gives([True, False]))
def whether_anomalies_are_detected_in_this_thread_and_in_another(lib):
    seen = []
    other = threading.Thread(target=lambda: seen.append(lib.is_anomaly_enabled()))
    with lib.autograd.detect_anomaly():
        seen.append(lib.is_anomaly_enabled())
        other.start()
        other.join()
    return seen


@also(microtorch=raises(RuntimeError, r"(?s)nan values.*made in forward at .*test_differences\.py.*the line of forward"))
def an_anomaly(lib):
    spoiled = function_of(lib, forward=lambda ctx, x: x * 1, backward=lambda ctx, grad: grad * math.nan)
    with lib.autograd.detect_anomaly():
        y = spoiled.apply(leaf(lib, 1.0))  # the line of forward
        y.backward()


@row("`register_multi_grad_hook`", torch=gives(["hook", "x"]), microtorch=gives(["x", "hook"]))
def when_a_hook_on_several_gradients_is_called(lib):
    seen, x = [], lib.ones(1, requires_grad=True)
    y = x.exp()
    lib.autograd.graph.register_multi_grad_hook([y], lambda grads: seen.append("hook"))
    x.register_hook(lambda grad: seen.append("x"))
    y.sum().backward()
    return seen


@row("`no_grad` that was left by an interrupt", microtorch=gives(True))
def mode_after_an_interrupt_at_the_end_of_a_block(lib):
    def interrupted(block):
        block.__enter__()

    interrupted(lib.no_grad())  # the block is gone, as it is with the traceback of an interrupt
    return lib.is_grad_enabled()


# ---- Indexing and shapes ----


@row("a byte tensor as index", torch=warns("uint8 is now deprecated", [10, 30]), microtorch=gives([20, 10, 20]))
def what_bytes_pick(lib):
    return indices(lib, 10, 20, 30)[lib.tensor([1, 0, 1], dtype=lib.uint8)].tolist()


@also(torch=gives([10, 30]), microtorch=gives([10, 30]))
def what_bools_pick(lib):
    return indices(lib, 10, 20, 30)[lib.tensor([True, False, True])].tolist()


@row(
    "a nested list as index, `x[[[0, 1], [1, 1]]]`",
    torch=warns("non-tuple sequence", [1, 3]),
    microtorch=gives(np.arange(4).reshape(2, 2)[np.array([[0, 1], [1, 1]])].tolist()),
)
def what_a_nested_list_picks(lib):
    return lib.arange(4).reshape(2, 2)[[[0, 1], [1, 1]]].tolist()


@row("an index into a Variable without elements", torch=gives((1, 0)), microtorch=raises(IndexError, "index 5 is out of bounds"))
def row_5_of_3_rows_without_elements(lib):
    return tuple(lib.zeros(3, 0)[indices(lib, 5)].shape)


@row(
    "an index out of range in `gather`, `scatter`, `index_add`",
    torch=raises(RuntimeError, "index 5 is out of bounds"),
    microtorch=raises(IndexError, r"gather\(\): index 5 is out of bounds"),
)
def gather_out_of_range(lib):
    return lib.ones(2).gather(0, indices(lib, 5))


@also(
    torch=raises(RuntimeError, "index 5 is out of bounds"),
    microtorch=raises(IndexError, r"scatter\(\): index 5 is out of bounds"),
)
def scatter_out_of_range(lib):
    return lib.ones(2).scatter(0, indices(lib, 5), 1.0)


@also(
    torch=raises(RuntimeError, "index 5 is out of bounds"),
    microtorch=raises(IndexError, r"index_add\(\): index 5 is out of bounds"),
)
def index_add_out_of_range(lib):
    return lib.ones(2, 2).index_add(0, indices(lib, 5), lib.ones(1, 2))


@also(torch=raises(IndexError, "index out of range"), microtorch=raises(IndexError, r"index_add\(\): index 5 is out of bounds"))
def index_add_to_a_vector_out_of_range(lib):
    return lib.ones(2).index_add(0, indices(lib, 5), lib.ones(1))


@row("an index out of range in `take_along_dim`", torch=gives([1.0]), microtorch=raises(IndexError, "index 2 is out of bounds"))
def element_2_of_two(lib):
    return lib.take_along_dim(numbers(lib, 1.0, 2.0), indices(lib, 2), 0).tolist()


@also(torch=gives([2.0]), microtorch=raises(IndexError, "index -3 is out of bounds"))
def element_minus_3_of_two(lib):
    return lib.take_along_dim(numbers(lib, 1.0, 2.0), indices(lib, -3), 0).tolist()


@also(torch=gives([2.0]), microtorch=gives([2.0]))
def element_minus_1_of_two(lib):
    return lib.take_along_dim(numbers(lib, 1.0, 2.0), indices(lib, -1), 0).tolist()


@row(
    "`scatter` of a `src` larger than `index`",
    torch=raises(RuntimeError, "returned an invalid gradient"),
    microtorch=gives([1.0, 0.0, 0.0]),
)
def the_gradient_of_a_src_that_is_too_large(lib):
    src = leaf(lib, 1.0, 2.0, 3.0)
    return gradient(lib, numbers(lib, 0.0, 0.0).scatter(0, indices(lib, 0), src), src).tolist()


@row(
    "operands that lie in the memory an in-place operation writes, as in `x[1:] = x[:-1]`",
    torch=raises(RuntimeError, "single memory location"),
    microtorch=gives([0, 0, 1, 2]),
)
def elements_moved_up_by_one(lib):
    x = lib.arange(4)
    x[1:] = x[:-1]
    return x.tolist()


@also(torch=gives([0, 2, 4, 6]), microtorch=gives([0, 2, 4, 6]))
def a_vector_added_to_itself(lib):
    x = lib.arange(4)
    return x.add_(x).tolist()


@row(
    "changing a view whose elements overlap, as `x.unfold(0, 2, 1)` gives, in place",
    torch=gives([1.0, 2.0, 2.0, 1.0]),
    microtorch=raises(RuntimeError, "single memory location"),
)
def one_added_to_every_window(lib):
    x = lib.zeros(4)
    x.unfold(0, 2, 1).add_(1)
    return x.tolist()


@also(torch=raises(RuntimeError, "single memory location"), microtorch=raises(RuntimeError, "single memory location"))
def one_added_to_what_expand_gave(lib):
    return lib.zeros(1).expand(3).add_(1)


@row("`as_strided` of what `expand` gave", torch=gives([2.0]), microtorch=raises(RuntimeError, "as_strided: several elements"))
def the_gradient_of_two_of_three_that_are_one(lib):
    x = leaf(lib, 1.0)
    return gradient(lib, x.expand(3).as_strided((2,), (0,)), x).tolist()


@also(torch=gives([1.0, 1.0]), microtorch=gives([1.0, 1.0]))
def two_of_three_that_are_one_without_a_gradient(lib):
    return numbers(lib, 1.0).expand(3).as_strided((2,), (0,)).tolist()


IJ = [[[0, 0], [1, 1]], [[0, 1], [0, 1]]]


@row("`meshgrid` without `indexing`", torch=warns("indexing argument", IJ), microtorch=gives(IJ))
def a_mesh(lib):
    return [each.tolist() for each in lib.meshgrid(lib.arange(2), lib.arange(2))]


# ---- Linear algebra ----


@row(
    "gradient of a gradient of `cdist`",
    torch=raises(NotImplementedError, "_cdist_backward"),
    microtorch=gives(approx([9 / 10**1.5, 3 / 10**1.5])),
)
def second_derivatives_of_a_distance(lib):
    return second_derivatives(lib, lambda x: lib.cdist(x.reshape(1, 2), numbers(lib, 0.0, 5.0).reshape(1, 2)), 1.0, 2.0)


@row(
    "gradient of a gradient through `det` of a singular matrix, as of `det(x).exp()`",
    torch=gives(approx([0, 0, 0, 1], abs=1e-9)),
    microtorch=gives(approx([16, -8, -8, 4 + 1])),  # the product of two first derivatives, and the second of det
)
def second_derivatives_of_a_determinant(lib):
    return second_derivatives(lib, lambda x: lib.det(x.reshape(2, 2)).exp(), 1.0, 2.0, 2.0, 4.0)


@row(
    "gradient of `slogdet`, `logdet` where the matrix is singular",
    torch=gives(False),
    microtorch=raises(microtorch.linalg.LinAlgError, "singular"),
)
def whether_a_gradient_of_logdet_is_finite(lib):
    x = singular(lib)
    return bool(gradient(lib, lib.logdet(x), x).isfinite().any())


@also(torch=gives(False), microtorch=raises(microtorch.linalg.LinAlgError, "singular"))
def whether_a_gradient_of_slogdet_is_finite(lib):
    x = singular(lib)
    return bool(gradient(lib, lib.slogdet(x).logabsdet, x).isfinite().any())


@also(torch=raises(RuntimeError, "singular"), microtorch=raises(microtorch.linalg.LinAlgError, "singular"))
def a_recorded_gradient_of_logdet(lib):
    x = singular(lib)
    return gradient(lib, lib.logdet(x), x, create_graph=True)


@row(
    "`addmm` and its kin on integers, with a float for `alpha` or `beta`",
    torch=gives([[2]]),
    microtorch=raises(RuntimeError, r"must not be floating point.* alpha=1\.5"),
)
def one_and_a_half_products_of_integers(lib):
    one = lib.ones(1, 1, dtype=lib.int64)
    return lib.addmm(one, one, one, alpha=1.5).tolist()


@also(torch=gives([2]), microtorch=raises(RuntimeError, r"must not be floating point.* beta=1\.5"))
def one_and_a_half_integers_and_a_product(lib):
    one = lib.ones(1, dtype=lib.int64)
    return lib.addmv(one, one.reshape(1, 1), one, beta=1.5).tolist()


@row(
    "`linalg.vecdot` of two vectors, with a `dim` they do not have",
    torch=gives(5.0),
    microtorch=raises(IndexError, "Dimension out of range.* got 7"),
)
def a_product_along_dimension_7(lib):
    return lib.linalg.vecdot(numbers(lib, 1.0, 2.0), numbers(lib, 1.0, 2.0), dim=7).item()


def solution(lib, driver):
    matrix = lib.ones(2, 2, dtype=lib.float64)
    return lib.linalg.lstsq(matrix, numbers(lib, 1.0, 2.0).reshape(2, 1), driver=driver).solution.flatten().tolist()


@row("`linalg.lstsq`", torch=raises(RuntimeError, "does not have full rank"), microtorch=gives(approx([0.75, 0.75])))
def a_solution_for_a_matrix_that_lacks_rank_by_gels(lib):
    return solution(lib, "gels")


@also(torch=gives(approx([0.75, 0.75])), microtorch=gives(approx([0.75, 0.75])))
def a_solution_for_a_matrix_that_lacks_rank_by_gelsd(lib):
    return solution(lib, "gelsd")


@row(
    "`kron` of two matrices, one of them transposed",
    torch=raises(RuntimeError, "view size is not compatible"),
    microtorch=gives([[1, 3, 2, 6], [2, 4, 4, 8], [3, 9, 4, 12], [6, 12, 8, 16]]),
)
def a_matrix_kron_its_transpose(lib):
    matrix = lib.tensor([[1, 2], [3, 4]])
    return lib.kron(matrix, matrix.t()).tolist()


# ---- Networks and losses ----


@row("`embedding(…, sparse=True)`", torch=gives(True), microtorch=raises(ValueError, "sparse gradients are not supported"))
def whether_the_gradient_of_an_embedding_is_sparse(lib):
    weight = lib.ones(2, 1, requires_grad=True)
    lib.nn.functional.embedding(indices(lib, 0), weight, sparse=True).sum().backward()
    return weight.grad.is_sparse


@row(
    "the gradient of a gradient of `embedding(…, scale_grad_by_freq=True)`",
    torch=gives([[2.0], [2.0]]),
    microtorch=gives([[1.0], [2.0]]),
)
def second_derivatives_of_rows_of_which_one_stands_twice(lib):
    weight = lib.tensor([[1.0], [2.0]], requires_grad=True)
    rows = lib.nn.functional.embedding(indices(lib, 0, 0, 1), weight, scale_grad_by_freq=True)
    return gradient(lib, gradient(lib, rows**2, weight, create_graph=True), weight).tolist()


@row(
    "`padding_idx` that is out of range",
    torch=raises(AssertionError, "within num_embeddings"),
    microtorch=raises(ValueError, "within num_embeddings"),
)
def padding_idx_out_of_range(lib):
    return lib.nn.Embedding(3, 2, padding_idx=7)


def padded(lib, *pad):
    return lib.nn.functional.pad(lib.ones(1, 1, 4), pad, mode="circular")


@row(
    '`pad(…, mode="circular")` by more than negative pads have left',
    torch=raises(RuntimeError, "single memory location"),
    microtorch=raises(RuntimeError, "more than once.* where 1 are left"),
)
def two_padded_where_one_is_left(lib):
    return padded(lib, -3, 2)


@also(torch=gives((1, 1, 2)), microtorch=raises(RuntimeError, "more than once.* where 0 are left"))
def the_shape_of_two_padded_where_nothing_is_left(lib):
    return tuple(padded(lib, -4, 2).shape)


@row(
    "a weight or a bias that has another dtype than what is normalized",
    torch=gives("float16"),
    microtorch=raises(RuntimeError, r"mixed dtype: weight has microtorch\.float32"),
)
def halves_normalized_with_a_weight_of_floats(lib):
    result = lib.nn.functional.layer_norm(lib.ones(2, 3, dtype=lib.float16), (3,), lib.ones(3), lib.ones(3))
    return str(result.dtype).partition(".")[2]


@also(torch=raises(RuntimeError, "mixed dtype"), microtorch=raises(RuntimeError, "mixed dtype"))
def floats_normalized_with_a_weight_of_doubles(lib):
    return lib.nn.functional.layer_norm(lib.ones(2, 3), (3,), lib.ones(3, dtype=lib.float64))


@row("a convolution of no channels", torch=gives(((1, 0, 2, 2), 0.0)), microtorch=gives(((1, 2, 2, 2), 0.0)))
def the_shape_and_the_sum_of_a_convolution_of_no_channels(lib):
    result = lib.nn.functional.conv2d(lib.ones(1, 0, 4, 4), lib.ones(2, 0, 3, 3))
    return tuple(result.shape), result.sum().item()


@row("a tuple of one length, as in `kernel_size=(2,)`", torch=gives((1, 1, 2, 2)), microtorch=gives((1, 1, 2, 2)))
def max_pool2d_with_a_tuple_of_one_length(lib):
    return tuple(lib.nn.functional.max_pool2d(lib.ones(1, 1, 4, 4), kernel_size=(2,)).shape)


@also(torch=raises(RuntimeError, "kernel_size equals to 2"), microtorch=gives((1, 4, 9)))
def unfold_with_a_tuple_of_one_length(lib):
    return tuple(lib.nn.functional.unfold(lib.ones(1, 1, 4, 4), kernel_size=(2,)).shape)


@also(torch=raises(RuntimeError, "output_size must be 2"), microtorch=raises(RuntimeError, "output_size must be 2 lengths"))
def adaptive_pooling_with_a_tuple_of_one_length(lib):
    return lib.nn.functional.adaptive_avg_pool2d(lib.ones(1, 1, 4, 4), (2,))


@row(
    "a window of `max_pool2d` that sees padding alone",
    torch=gives([[[[-math.inf]]]]),
    microtorch=raises(RuntimeError, "dilation \\[2, 2\\], a window sees nothing of an image of \\[1, 3\\]"),
)
def the_largest_element_above_and_below_an_image(lib):
    return lib.nn.functional.max_pool2d(lib.ones(1, 1, 1, 3), 2, padding=(1, 0), dilation=2).tolist()


@row("`max_pool1d` of integers", torch=raises(RuntimeError, "not implemented for 'Long'"), microtorch=gives([[1, 3]]))
def the_largest_of_two_integers_each(lib):
    return lib.nn.functional.max_pool1d(lib.arange(4).reshape(1, 4), 2).tolist()


@also(torch=gives([[1, 3]]), microtorch=gives([[1, 3]]))
def the_largest_of_two_integers_each_where_indices_are_returned(lib):
    return lib.nn.functional.max_pool1d(lib.arange(4).reshape(1, 4), 2, return_indices=True)[0].tolist()


DIMS = (2, 2, 2, 1, 2, 3)


def twice_as_large(lib, dims, **options):
    return tuple(lib.nn.functional.interpolate(lib.ones(1, 1, *[2] * dims), scale_factor=2, **options).shape[2:])


@row("`interpolate`", torch=gives([(4,) * dims for dims in DIMS]), microtorch=gives([(4,) * dims for dims in DIMS]))
def shapes_in_the_modes_that_are_here(lib):
    modes = ("nearest", "nearest-exact", "area", "linear", "bilinear", "trilinear")
    return [twice_as_large(lib, dims, mode=mode) for mode, dims in zip(modes, DIMS, strict=True)]


@also(torch=gives((4, 4)), microtorch=raises(NotImplementedError, "got bicubic"))
def a_shape_in_mode_bicubic(lib):
    return twice_as_large(lib, 2, mode="bicubic")


@also(microtorch=raises(NotImplementedError, "got lanczos"))
def a_shape_in_mode_lanczos(lib):
    return twice_as_large(lib, 2, mode="lanczos")


@also(torch=gives((4, 4)), microtorch=raises(TypeError, "antialias"))
def a_shape_with_antialias(lib):
    return twice_as_large(lib, 2, mode="bilinear", antialias=True)


@also(torch=gives((4, 4, 4)), microtorch=raises(NotImplementedError, "area mode 3D or 4D"))
def a_volume_in_mode_area(lib):
    return twice_as_large(lib, 3, mode="area")


def gradient_in_place(lib, name, *options):
    x = leaf(lib, 1.0, -2.0)
    return gradient(lib, getattr(lib.nn.functional, name)(x * 1, *options, inplace=True), x).tolist()


@row(
    "gradient of `elu`, `celu`, `leaky_relu` in place, with a negative slope",
    torch=raises(RuntimeError, "with a negative slope"),
    microtorch=gives(approx([1, -math.exp(-2)])),
)
def elu_in_place_with_a_negative_slope(lib):
    return gradient_in_place(lib, "elu", -1.0)


@also(torch=raises(RuntimeError, "with a negative slope"), microtorch=gives(approx([1, math.exp(2)])))
def celu_in_place_with_a_negative_slope(lib):
    return gradient_in_place(lib, "celu", -1.0)


@also(torch=raises(RuntimeError, "with a negative slope"), microtorch=gives([1.0, -0.5]))
def leaky_relu_in_place_with_a_negative_slope(lib):
    return gradient_in_place(lib, "leaky_relu", -0.5)


@row(
    "gradient of a gradient of `hardsigmoid`, `multi_margin_loss`, `multilabel_margin_loss`",
    torch=raises(RuntimeError, "hardsigmoid_backward is not implemented"),
    microtorch=gives(approx([2 / 36])),
)
def second_derivatives_of_hardsigmoid_squared(lib):
    return second_derivatives(lib, lambda x: lib.nn.functional.hardsigmoid(x) ** 2, 1.0)


@also(torch=raises(RuntimeError, "multi_margin_loss_backward is not implemented"), microtorch=gives(approx([2 / 3, -2 / 3, 0])))
def second_derivatives_of_squared_margins(lib):
    return second_derivatives(lib, lambda x: lib.nn.functional.multi_margin_loss(x, lib.tensor(1), p=2), 1.0, 0.5, 2.0)


@also(
    torch=raises(RuntimeError, "multilabel_margin_loss_backward is not implemented"),
    microtorch=gives(approx([2 / 9, -4 / 9, 2 / 9])),
)
def second_derivatives_of_margins_of_labels_squared(lib):
    loss = lambda x: lib.nn.functional.multilabel_margin_loss(x, indices(lib, 1, -1, 0))  # noqa: E731
    return second_derivatives(lib, lambda x: loss(x) ** 2, 1.0, 0.5, 2.0)


@row("`soft_margin_loss` of scores that are far off", torch=gives(math.inf), microtorch=gives(1000.0))
def soft_margin_loss_of_a_score_that_is_far_off(lib):
    return lib.nn.functional.soft_margin_loss(lib.tensor([-1000.0]), lib.tensor([1.0])).item()


@row(
    "`multi_margin_loss`, `multilabel_margin_loss` of a score that is nan",
    torch=gives([False, False]),
    microtorch=gives([True, True]),
)
def margin_losses_of_a_score_that_is_nan(lib):
    scores, functional = lib.tensor([[1.0, lib.nan, 0.5]]), lib.nn.functional
    losses = (
        functional.multi_margin_loss(scores, lib.tensor([0])),
        functional.multilabel_margin_loss(scores, lib.tensor([[0, -1, -1]])),
    )
    return [each.isnan().item() for each in losses]


@row(
    "`huber_loss` of two dtypes; `nll_loss` of one row without a batch, with a target in one",
    torch=raises(RuntimeError, "Found dtype Double but expected Float"),
    microtorch=gives([0.5, -0.5]),
)
def the_gradient_of_huber_loss_of_two_dtypes(lib):
    x = lib.ones(2, requires_grad=True)
    return gradient(lib, lib.nn.functional.huber_loss(x, numbers(lib, 0.0, 3.0)), x).tolist()


@also(torch=gives(-2.0), microtorch=raises(RuntimeError, r"nll_loss: Expected target size \[\], got \[1\]"))
def nll_loss_of_one_row_with_a_target_in_a_batch(lib):
    return lib.nn.functional.nll_loss(numbers(lib, 1.0, 2.0), indices(lib, 1)).item()


@also(torch=raises(RuntimeError, "size mismatch"))
def the_gradient_of_nll_loss_of_one_row_with_a_target_in_a_batch(lib):
    x = leaf(lib, 1.0, 2.0)
    return gradient(lib, lib.nn.functional.nll_loss(x, indices(lib, 1)), x)


@row("a dict in `nn.Sequential`", torch=raises(TypeError, "dict is not a Module"), microtorch=gives(["first"]))
def names_in_a_sequential_of_a_dict(lib):
    return [name for name, _ in lib.nn.Sequential({"first": lib.nn.Tanh()}).named_children()]


@row("graph of an `LSTM` in float32", torch=gives("MkldnnRnnLayerBackward0"), microtorch=gives("StackBackward0"))
def the_node_of_what_an_lstm_gives(lib):
    return lib.nn.LSTM(2, 3)(lib.ones(4, 1, 2))[0].grad_fn.name()


@row("graph of `pad_packed_sequence`", torch=gives("torch::autograd::CopySlices"), microtorch=gives("IndexPutBackward0"))
def the_node_of_what_was_padded_again(lib):
    rnn = lib.nn.utils.rnn
    return rnn.pad_packed_sequence(rnn.pack_sequence([leaf(lib, 1, 2), leaf(lib, 3)]))[0].grad_fn.name()


@row("`unpad_sequence` of a batch whose first dimension are the steps", torch=gives((2, 3)), microtorch=gives((3, 2)))
def the_shape_of_what_was_unpadded(lib):
    batch = lib.ones(3, 2)
    lib.nn.utils.rnn.unpad_sequence(batch, indices(lib, 3, 1))
    return tuple(batch.shape)


@row(
    "`pack_padded_sequence` with a length beyond the steps",
    torch=gives(4),
    microtorch=raises(RuntimeError, "a length is 4, but input has only 3 steps"),
)
def the_steps_of_what_was_packed(lib):
    return len(lib.nn.utils.rnn.pack_padded_sequence(lib.ones(3, 1), [4]).batch_sizes)


@row("`vector_to_parameters` of a vector that is too short", torch=gives(5.0), microtorch=gives(0.0))
def the_first_parameter_after_the_vector_ended(lib):
    parameters = [leaf(lib, 0.0), leaf(lib, 0.0)]
    with contextlib.suppress(RuntimeError):
        lib.nn.utils.vector_to_parameters(numbers(lib, 5.0), parameters)
    return parameters[0].item()


@row("`load_state_dict` where something does not fit", torch=gives(1.0), microtorch=gives(0.0))
def the_weight_after_a_bias_did_not_fit(lib):
    layer = lib.nn.Linear(1, 1)
    lib.nn.init.zeros_(layer.weight)
    with pytest.raises(RuntimeError, match="size mismatch for bias"):
        layer.load_state_dict({"weight": lib.ones(1, 1), "bias": lib.ones(3)})
    return layer.weight.item()


@row("`differentiable=True` of an optimiser", torch=gives(0.0), microtorch=raises(NotImplementedError, "not here"))
def what_a_recorded_step_leads_to(lib):
    x = leaf(lib, 3.0)
    stepped = x * 1
    stepped.grad = stepped.detach() * 2
    lib.optim.SGD([stepped], lr=0.5, differentiable=True).step()
    return stepped.item()


@row(
    "`capturable=True` of an optimiser",
    torch=raises(AssertionError, "must be on supported devices"),
    microtorch=raises(RuntimeError, "there is only the CPU"),
)
def a_step_to_be_captured(lib):
    x = leaf(lib, 3.0)
    optimizer = lib.optim.Adam([x], capturable=True)
    x.grad = x.detach()
    optimizer.step()


@also(torch=gives(None))
def an_optimiser_that_is_to_be_captured(lib):
    lib.optim.Adam([leaf(lib, 3.0)], capturable=True)


@row("a tensor as `lr` of an optimiser", torch=gives(True), microtorch=gives(False))
def whether_a_rate_given_as_a_tensor_stays_one(lib):
    return lib.is_tensor(lib.optim.SGD([leaf(lib, 1.0)], lr=lib.tensor(0.5)).param_groups[0]["lr"])


@row(
    "`betas=(0, 0.9)` of `Adam`: one of them an int",
    torch=raises(ValueError, "betas must be either both floats or both Tensors"),
    microtorch=gives((0, 0.9)),
)
def betas_of_which_one_is_an_int(lib):
    return lib.optim.Adam([leaf(lib, 1.0)], betas=(0, 0.9)).param_groups[0]["betas"]


@row("`verbose=True` of `ReduceLROnPlateau`", torch=raises(TypeError, "verbose"), microtorch=gives(0.5))
def the_rate_after_a_plateau_that_was_told(lib):
    optimizer = lib.optim.SGD([leaf(lib, 1.0)], lr=1.0)
    scheduler = lib.optim.lr_scheduler.ReduceLROnPlateau(optimizer, "min", factor=0.5, patience=0, verbose=True)
    for _ in range(2):
        scheduler.step(1.0)
    return optimizer.param_groups[0]["lr"]


# ---- Data ----


@row("`DataLoader(…, num_workers=2)`", torch=gives(2), microtorch=gives(0))
def how_many_workers_there_are(lib):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is said once, to whoever asks first
        return lib.utils.data.DataLoader([1], num_workers=2).num_workers


@row("`DataLoader(…, pin_memory=True)` without a GPU", torch=warns("no accelerator is found", 1), microtorch=gives(1))
def batches_in_pinned_memory(lib):
    return len([*lib.utils.data.DataLoader([1], pin_memory=True)])


@row(
    "`iter(loader).next()`, `Sampler.__init__(data)`, as in 2017",
    torch=raises(AttributeError, "next"),
    microtorch=gives([1]),
)
def the_first_batch(lib):
    return iter(lib.utils.data.DataLoader([1])).next().tolist()


@also(torch=raises(TypeError, "takes exactly one argument|takes no arguments"), microtorch=gives("Own"))
def what_a_sampler_hands_on(lib):
    class Own(lib.utils.data.Sampler):
        def __init__(self, data):
            super().__init__(data)

    return type(Own("ab")).__name__


# ---- Saving, devices and what is not here ----


class Runs:
    """An object whose pickle calls a function when it is read."""

    def __reduce__(self):
        return sum, ([1, 2],)


@row("`save` and `load`", torch=gives(3), microtorch=raises(TypeError, r"which microtorch\.save does not write"))
def what_came_back_of_an_object_that_runs_code(lib):
    file = io.BytesIO()
    lib.save(Runs(), file)
    file.seek(0)
    return lib.load(file, weights_only=False)


@also(microtorch=raises(ValueError, "looks like a pickle, which would run code"))
def what_is_loaded_from_a_pickle(lib):
    return lib.load(io.BytesIO(pickle.dumps(Runs())))


@also(microtorch=gives({".npy", ".json"}))
def what_a_saved_file_consists_of(lib):
    file = io.BytesIO()
    lib.save({"weight": lib.ones(2)}, file)
    return {Path(name).suffix for name in zipfile.ZipFile(file).namelist()}


@row(
    "`copy.copy` and `pickle` of what was computed",
    torch=gives((True, None)),
    microtorch=raises(RuntimeError, r"Use x\.detach\(\)"),
)
def a_copy_of_a_result(lib):
    copied = copy.copy(leaf(lib, 1.0) * 2)
    return copied.is_leaf, copied.grad_fn


@also(torch=gives((True, None)), microtorch=raises(RuntimeError, r"Use x\.detach\(\)"))
def a_pickled_result(lib):
    loaded = pickle.loads(pickle.dumps(leaf(lib, 1.0) * 2))
    return loaded.is_leaf, loaded.grad_fn


@row(
    "devices, layouts, complex numbers",
    torch=gives("meta"),
    microtorch=raises(RuntimeError, "on the CPU alone: there is no meta"),
)
def a_tensor_on_another_device(lib):
    return lib.ones(1, device="meta").device.type


@also(torch=gives(True), microtorch=raises(RuntimeError, "dense tensors only"))
def a_sparse_tensor(lib):
    return lib.ones(1).to_sparse().is_sparse


@also(torch=gives(1j), microtorch=raises(TypeError, "real numbers only"))
def a_complex_number(lib):
    return lib.tensor(1j).item()


# ---- the tests ----


@in_column("microtorch")
def test_microtorch_does_what_its_column_says(case):
    case.microtorch(lambda: case.program(microtorch))


@in_column("torch")
def test_torch_does_what_its_column_says(torch, case):
    case.torch(lambda: case.program(torch))


def test_every_row_of_the_document_has_a_program_and_every_program_a_row():
    table = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in table if not line.startswith("| |")]
    assert {len(each) for each in cells} == {3}
    assert sorted(first for first, _, _ in cells) == sorted({case.row for case in CASES if case.microtorch})
