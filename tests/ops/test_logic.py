"""Comparisons and logic: bools as torch has them, without gradient."""

import numpy as np
import pytest

import microtorch
from tests.libraries import assert_alike

NAN, INF = float("nan"), float("inf")

EXPRESSIONS = [
    *(f"x {operator} y" for operator in ["==", "!=", "<", "<=", ">", ">="]),
    *(f"x.{name}(y)" for name in ["eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor"]),
    "x > 1", "1 < x", "x == 1.5", "i == 2", "i > 1.5", "x == None", "b == True",
    "b & ~b", "b | (x > 1)", "b ^ (x > 1)", "i & 3", "i | i + 1", "~i", "lib.logical_not(x)", "~b", "b.logical_not()",
    "x.isnan()", "lib.isinf(x)", "lib.isfinite(x)", "lib.isnan(i)",
    "x.any()", "b.any(0)", "b.all(1, keepdim=True)", "b.all()", "x.all(-1)", "lib.any(x > 100)", "lib.all(e)",
    "e.any()", "s.any()",
    "lib.isclose(x, x + 1e-9)", "lib.isclose(x, x, equal_nan=True)", "lib.isclose(x, y, rtol=1.0)",
    "lib.allclose(i, i)", "lib.allclose(y, y + 1e-9)", "lib.allclose(y, y + 1)", "y.equal(y)", "y.equal(y + 1)",
    "lib.equal(y, y[:1])",
]  # fmt: skip


def evaluated(lib, expression):
    names = {
        "x": lib.tensor([[1.5, NAN, -INF], [0.0, 2.0, 1.0]], dtype=lib.float64, requires_grad=True),
        "y": lib.tensor([[1.5, 1.0, 2.0], [-1.0, 2.0, 0.0]], dtype=lib.float64),
        "i": lib.tensor([1, 2, 3]),
        "b": lib.tensor([[True, False, True], [True, True, True]]),
        "e": lib.ones(0, 3),
        "s": lib.tensor(2.0),
    }
    return eval(expression, {"lib": lib}, names)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_it_is_what_torch_computes(torch, expression):
    mine, theirs = evaluated(microtorch, expression), evaluated(torch, expression)
    if isinstance(theirs, bool):
        assert mine is theirs
    else:
        assert_alike(mine, theirs)
        assert not mine.requires_grad


def test_bits_of_floats_are_refused(lib):
    with pytest.raises(RuntimeError):
        _ = lib.ones(2) & lib.ones(2)


def test_shapes_that_do_not_broadcast_are_named():
    with pytest.raises(RuntimeError, match=r"less: the shapes \(2,\) and \(3,\)"):
        _ = microtorch.ones(2) < microtorch.ones(3)


def test_numpys_functions_take_variables():
    x = microtorch.tensor([1.0, NAN])
    assert np.isnan(x).tolist() == [False, True]
    assert np.any(x > 0).item() is True


# ── Shifts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

SHIFTS = [
    "tensor([1, 2]) << 1", "tensor([4, 8]) >> 1", "1 << tensor([1, 2])", "16 >> tensor([1, 2])", "tensor([True]) << 1",
    "tensor([-8]) >> 1", "tensor([1]) << tensor([70])", "tensor([1]) << -1", "tensor([-8]) >> 70", "tensor([8]) >> -1",
    "tensor([200], dtype=uint8) << 1", "tensor([1], dtype=uint8) << tensor([300])", "tensor([[1], [2]]) << tensor([0, 1, 2])",
    "bitwise_left_shift(tensor([1]), tensor([2]))", "tensor([9]).bitwise_right_shift(1)",
    "tensor([1, 2]).bitwise_left_shift_(2)", "tensor([8]).bitwise_right_shift_(tensor([1]))",
]  # fmt: skip


@pytest.mark.parametrize("expression", SHIFTS)
def test_bits_are_shifted_as_in_torch(expression, torch):
    mine, theirs = (eval(expression, vars(library) | {}) for library in (microtorch, torch))
    assert (mine.tolist(), str(mine.dtype)[-5:]) == (theirs.tolist(), str(theirs.dtype)[-5:])


def test_shifts_in_place(lib):
    x = lib.tensor([1, 2])
    y = x
    x <<= 3
    x >>= 1
    assert (x is y, x.tolist()) == (True, [4, 8])


def test_floats_have_no_bits_to_shift(lib):
    with pytest.raises(RuntimeError):  # torch's NotImplementedError is one
        lib.tensor([1.5]) << 1
