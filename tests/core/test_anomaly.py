"""detect_anomaly: a NaN in backward raises where it arises, and the error leads to the line of the forward pass."""

import inspect
import math
import re

import pytest

import microtorch
from microtorch import autograd
from tests.core.user_functions import made
from tests.libraries import leaf

pytestmark = pytest.mark.filterwarnings(
    "ignore:Anomaly Detection has been enabled",  # torch: the mode is slow
    "ignore:Error detected in",  # torch: what microtorch says in the error
    "ignore:(divide by zero|invalid value) encountered",  # NumPy
)

NAN = math.nan


def zero_times_infinity(lib):
    """A loss whose backward makes 0 · ∞ in LogBackward0."""
    return (leaf(lib, 0, 1).log() * 0).sum()


def wrong_nan(name):
    return f"Function '{name}' returned nan values in its 0th output"


# ── The mode ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_anomaly_mode_is_off_unless_it_is_switched_on(lib):
    assert (lib.is_anomaly_enabled(), lib.is_anomaly_check_nan_enabled()) == (False, True)


def test_detect_anomaly_is_a_block(lib):
    with lib.autograd.detect_anomaly():
        assert (lib.is_anomaly_enabled(), lib.is_anomaly_check_nan_enabled()) == (True, True)
        with lib.autograd.detect_anomaly(check_nan=False):
            assert (lib.is_anomaly_enabled(), lib.is_anomaly_check_nan_enabled()) == (True, False)
        assert (lib.is_anomaly_enabled(), lib.is_anomaly_check_nan_enabled()) == (True, True)
    assert not lib.is_anomaly_enabled()


def test_set_detect_anomaly_is_a_block_and_a_switch(lib):
    with lib.autograd.set_detect_anomaly(True):
        assert lib.is_anomaly_enabled()
        with lib.autograd.set_detect_anomaly(False):
            assert not lib.is_anomaly_enabled()
    assert not lib.is_anomaly_enabled()
    lib.autograd.set_detect_anomaly(True, check_nan=False)
    try:
        assert (lib.is_anomaly_enabled(), lib.is_anomaly_check_nan_enabled()) == (True, False)
    finally:
        lib.autograd.set_detect_anomaly(False)
    assert (lib.is_anomaly_enabled(), lib.is_anomaly_check_nan_enabled()) == (False, True)


def test_an_exception_switches_the_mode_off_again(lib):
    with pytest.raises(ValueError, match="mine"), lib.autograd.detect_anomaly():
        raise ValueError("mine")
    assert not lib.is_anomaly_enabled()


def test_the_switch_takes_a_bool(lib):
    with pytest.raises(TypeError, match="bool, not str"):
        lib.autograd.set_detect_anomaly("yes")


# ── What raises ──────────────────────────────────────────────────────────────────────────────────────────────────────


def nan_from_a_hook(lib):
    y = leaf(lib, 1, 2) * 2
    y.register_hook(lambda grad: grad * NAN)
    return y.sum()


def nan_from_a_function(lib):
    return made(lib, lambda ctx, x: x * 2, lambda ctx, grad: grad * NAN, "Broken").apply(leaf(lib, 1)).sum()


def nan_for_the_second_input(lib):
    return (leaf(lib, NAN) * leaf(lib, 1)).sum()


FAILING = {
    zero_times_infinity: wrong_nan("LogBackward0"),
    nan_from_a_hook: wrong_nan("MulBackward0"),
    nan_from_a_function: wrong_nan("BrokenBackward"),
    nan_for_the_second_input: "Function 'MulBackward0' returned nan values in its 1th output",
}


@pytest.mark.parametrize("program", FAILING)
def test_a_nan_in_backward_raises_and_names_the_function_and_the_output(lib, program):
    with lib.autograd.detect_anomaly():
        loss = program(lib)
        with pytest.raises(RuntimeError, match=FAILING[program]):
            loss.backward()


@pytest.mark.parametrize("program", FAILING)
def test_it_does_not_raise_outside_of_the_mode_nor_without_the_check(lib, program):
    program(lib).backward()
    with lib.autograd.detect_anomaly(check_nan=False):
        program(lib).backward()


def test_a_graph_made_before_the_mode_is_checked_too(lib):
    loss = zero_times_infinity(lib)
    with lib.autograd.detect_anomaly(), pytest.raises(RuntimeError, match=wrong_nan("LogBackward0")):
        loss.backward()


def test_a_nan_that_backward_is_given_is_blamed_on_the_first_node(lib):
    y = leaf(lib, 1, 2) * 2
    with lib.autograd.detect_anomaly(), pytest.raises(RuntimeError, match=wrong_nan("MulBackward0")):
        y.backward(leaf(lib, NAN, 1))


def test_infinity_is_no_anomaly(lib):
    x = leaf(lib, 0, 1)
    with lib.autograd.detect_anomaly():
        x.log().sum().backward()
    assert x.grad.tolist() == [math.inf, 1]


def test_a_nan_in_forward_is_no_anomaly(lib):
    x = leaf(lib, -1, 1)
    with lib.autograd.detect_anomaly():
        y = x.log() + x
        (y.detach() * 0 + x).sum().backward()
    assert x.grad.tolist() == [1, 1]


def test_grad_and_second_derivatives_are_checked_as_well(lib):
    x = leaf(lib, 0, 1)
    with lib.autograd.detect_anomaly():
        with pytest.raises(RuntimeError, match=wrong_nan("LogBackward0")):
            lib.autograd.grad((x.log() * 0).sum(), x)
        (first,) = lib.autograd.grad((x**1.5).sum(), x, create_graph=True)
        with pytest.raises(RuntimeError, match=wrong_nan("PowBackward0")):
            lib.autograd.grad((first * 0).sum(), x)


def test_the_leaves_behind_the_anomaly_get_nothing(lib):
    x = leaf(lib, 0, 1)
    with lib.autograd.detect_anomaly():
        loss = (x.log() * 0).sum()
        with pytest.raises(RuntimeError, match="nan"):
            loss.backward()
    assert x.grad is None


def test_an_exception_of_a_function_comes_out_as_it_is(lib):
    def backward(ctx, grad):
        raise ZeroDivisionError("mine")

    with lib.autograd.detect_anomaly(), pytest.raises(ZeroDivisionError, match="mine"):
        made(lib, lambda ctx, x: x * 2, backward).apply(leaf(lib, 1)).backward()


# ── What the error says ──────────────────────────────────────────────────────────────────────────────────────────────


def forward_line(error):
    """The number of the line in this file that the error names."""
    found = re.search(r"test_anomaly\.py\D+(\d+)", str(error))
    assert found, str(error)
    return int(found[1])


def test_the_error_names_the_line_of_the_forward_pass_that_made_the_failing_node():
    with autograd.detect_anomaly():
        x = leaf(microtorch, 0, 1)
        line = inspect.currentframe().f_lineno + 1
        y = x.log()
        loss = (y * 0).sum()
        with pytest.raises(RuntimeError, match="LogBackward0") as caught:
            loss.backward()
    assert forward_line(caught.value) == line


def test_the_error_names_the_line_of_a_function_of_ones_own():
    with autograd.detect_anomaly(), pytest.raises(RuntimeError, match="BrokenBackward") as caught:
        nan_from_a_function(microtorch).backward()
    lines, first = inspect.getsourcelines(nan_from_a_function)
    assert forward_line(caught.value) == first + len(lines) - 1


def test_the_error_names_the_line_of_a_modified_value_and_that_of_the_node_that_needed_it():
    with autograd.detect_anomaly():
        x = leaf(microtorch, 1, 2)
        made = inspect.currentframe().f_lineno + 1
        y = x.exp()
        changed = inspect.currentframe().f_lineno + 1
        y.add_(1)
        with pytest.raises(RuntimeError, match="modified by an inplace operation") as caught:
            y.sum().backward()
    assert {str(made), str(changed)} <= set(re.findall(r"\d+", str(caught.value)))


def test_the_error_says_how_to_learn_the_line_when_the_graph_was_made_outside_of_the_mode():
    loss = zero_times_infinity(microtorch)
    with autograd.detect_anomaly(), pytest.raises(RuntimeError, match="detect_anomaly") as caught:
        loss.backward()
    assert not re.search(r"\.py", str(caught.value))
