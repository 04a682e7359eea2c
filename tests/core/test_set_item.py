"""``x[key] = value``: what is written, what is recorded, and whose gradient goes where."""

import numpy as np
import pytest

import microtorch
from tests.libraries import assert_refused, assert_same_outcome, graph, leaf, matrix, running

MUL = "MulBackward0(AccumulateGrad, None)"  # of x = a * 1

ASSIGNMENTS = {  # a statement on x of shape (2, 3) with b of shape (3,), and the name of x's new node
    "x[0] = b": "CopySlices",
    "x[-1] = b": "CopySlices",
    "x[0] = b * 2": "CopySlices",
    "x[0] = b[0]": "CopySlices",
    "x[0] = b.unsqueeze(0)": "CopySlices",
    "x[0] = 5": "CopySlices",
    "x[0] = True": "CopySlices",
    "x[0, 1] = b[0]": "CopySlices",
    "x[0][1] = b[0]": "CopySlices",
    "x[0, 1] = 5.0": "CopySlices",
    "x[:, 1] = b[:2]": "CopySlices",
    "x[:, :2] = b[1:]": "CopySlices",
    "x[:, ::2] = b[1:].unsqueeze(0)": "CopySlices",
    "x[0:1] = b": "CopySlices",
    "x[::2] = b": "CopySlices",
    "x[0:0] = 5": "CopySlices",
    "x[None, 0] = b": "CopySlices",
    "x[..., 0] = b[:2]": "CopySlices",
    "x[lib.tensor(1)] = b": "CopySlices",
    "x[0, [0, 2]] = b[:2]": "CopySlices",
    "x[1] = x[0].clone() * b": "CopySlices",
    "x.t()[0] = b[:2]": "CopySlices",
    "x.view(6)[2:5] = b": "CopySlices",
    "x[...] = b": "CopyBackwards",
    "x[:] = b": "CopyBackwards",
    "x[()] = b": "CopyBackwards",
    "x[:] = 5": "FillBackward3",
    "x[[0, 1]] = b": "IndexPutBackward0",
    "x[[1]] = b": "IndexPutBackward0",
    "x[[0, 1], [1, 2]] = b[:2]": "IndexPutBackward0",
    "x[:, [0, 2]] = b[:2]": "IndexPutBackward0",
    "x[lib.tensor([1, 0])] = b * 2": "IndexPutBackward0",
    "x[[True, False]] = b": "IndexPutBackward0",
    "x[x > 2.5] = b[0]": "IndexPutBackward0",
    "x[x > 2.5] = 7": "IndexPutBackward0",
    "x[x > 100] = 7": "IndexPutBackward0",
    "x[x[:, 0] > 2] = b": "IndexPutBackward0",
    "x[x > 3] = b": "IndexPutBackward0",
    "x[0] += b": "CopySlices",
    "x[0] *= b": "CopySlices",
    "x[:, 1:] -= b[1:]": "CopySlices",
    "x[[0, 1], [1, 2]] += b[:2]": "IndexPutBackward0",
    "x[x > 2.5] *= b[0]": "IndexPutBackward0",
}


@pytest.mark.parametrize("statement", ASSIGNMENTS)
def test_values_versions_and_gradients_of_both_orders_are_torchs(torch, statement):
    assert_same_outcome(running(statement), torch)


@pytest.mark.parametrize("statement", ASSIGNMENTS)
def test_the_node_of_an_assignment_has_torchs_name_and_follows_what_was_there(lib, statement):
    (x,) = running(statement)(lib, matrix(lib), leaf(lib, 1, 2, 3))
    assert x.grad_fn.name().rpartition("::")[2] == ASSIGNMENTS[statement]


EDGES = {
    "x[0] = b": f"CopySlices({MUL}, AccumulateGrad)",
    "x[0] = b * 2": f"CopySlices({MUL}, MulBackward0(AccumulateGrad, None))",
    "x[0] = b[0]": f"CopySlices({MUL}, SelectBackward0(AccumulateGrad))",
    "x[0] = b.detach()": f"CopySlices({MUL}, None)",
    "x[0] = 5": f"CopySlices({MUL}, None)",
    "x[0] = 5; x[1] = b": f"CopySlices(CopySlices({MUL}, None), AccumulateGrad)",
    "x[:] = a": f"CopyBackwards({MUL}, AccumulateGrad)",
    "x[[0, 1]] = b": f"IndexPutBackward0({MUL}, AccumulateGrad)",
    "x[x > 3] = 7": f"IndexPutBackward0({MUL}, None)",
}


@pytest.mark.parametrize("statement", EDGES)
def test_the_edges_of_an_assignment_are_what_was_there_and_what_was_written(lib, statement):
    (x,) = running(statement)(lib, matrix(lib), leaf(lib, 1, 2, 3))
    assert graph(x) == EDGES[statement]


def test_a_constant_gets_its_history_from_the_value_written_into_it(lib):
    x, b = lib.zeros(2, 3, dtype=lib.float64), leaf(lib, 1, 2, 3)
    x[0] = b
    assert graph(x) == "CopySlices(None, AccumulateGrad)"
    assert not x.is_leaf
    (x * x).sum().backward()
    assert b.grad.tolist() == [2, 4, 6]


def test_a_constant_written_into_a_constant_is_not_recorded(lib):
    x = lib.zeros(2, 3)
    x[0] = lib.ones(3)
    x[[1]] = 2
    x[x > 1] = 3
    assert (x.tolist(), x.requires_grad, x.grad_fn, x._version) == ([[1, 1, 1], [3, 3, 3]], False, None, 3)


def test_nothing_is_recorded_under_no_grad(lib):
    a, b = matrix(lib), leaf(lib, 1, 2, 3)
    x = a * 1
    with lib.no_grad():
        x[0] = b
        a[1] = b
    assert (graph(x), x.tolist()[0], a.tolist()[1], a._version) == (MUL, [1, 2, 3], [1, 2, 3], 1)


def test_the_value_of_another_dtype_is_converted_and_its_gradient_back(lib):
    x, b = matrix(lib) * 1, lib.ones(3, requires_grad=True)
    x[0] = b
    (x * x).sum().backward()
    assert (x.dtype, b.grad.dtype, b.grad.tolist()) == (lib.float64, lib.float32, [2, 2, 2])


def test_what_is_broadcast_into_several_places_gets_the_sum_of_their_gradients(lib):
    x, b = matrix(lib) * 1, leaf(lib, 7)
    x[:, 1:] = b
    (x * x).sum().backward()
    assert b.grad.tolist() == [4 * 14]


def test_the_overwritten_leaves_of_a_chain_get_zeros_and_not_none(lib):
    a = leaf(lib, 1, 2)
    x = a * 1
    x[:] = 0
    (x + a.detach()).sum().backward()
    assert a.grad.tolist() == [0, 0]


def test_a_value_is_read_before_it_is_written_over(lib):
    x = lib.tensor([1.0, 2.0, 3.0])
    x[[0, 1, 2]] = x[[2, 1, 0]]
    assert x.tolist() == [3, 2, 1]


@pytest.mark.parametrize(
    ("before", "key", "value", "after"),
    [
        ([1, 2], 0, 1.7, [1, 2]),
        ([1, 2], 0, -1.7, [-1, 2]),
        ([1, 2], [0, 1], 1.7, [1, 1]),
        ([True, False], 1, 2, [True, True]),
        ([1.0, 2.0], 0, 5, [5.0, 2.0]),
        ([1.0, 2.0], 0, True, [1.0, 2.0]),
    ],
)
def test_a_number_is_converted_to_the_dtype_of_what_it_is_written_into(lib, before, key, value, after):
    x = lib.tensor(before)
    x[key] = value
    assert (x.tolist(), x.dtype) == (after, lib.tensor(before).dtype)


def test_a_number_beyond_the_dtype_wraps_around():
    x = microtorch.zeros(2, dtype=microtorch.uint8)
    x[0] = 300
    assert x.tolist() == [44, 0]


def test_a_float_tensor_is_cut_to_the_integers_it_is_written_into(lib):
    x = lib.tensor([1, 2])
    x[0] = lib.tensor(5.7)
    assert x.tolist() == [5, 2]


MISTAKES = {
    "too long": (lambda lib, x: x.__setitem__(0, lib.ones(4)), RuntimeError, r"\b3\b.*\b4\b"),
    "too many dimensions": (lambda lib, x: x.__setitem__(0, lib.ones(3, 1)), RuntimeError, r"\[3, 1\]|\(3, 1\)"),
    "too long for a mask": (lambda lib, x: x.__setitem__(x > -1, lib.ones(5)), RuntimeError, r"shape mismatch.*5.*6"),
    "too long for a list": (lambda lib, x: x.__setitem__([0, 1], lib.ones(4)), RuntimeError, r"shape mismatch.*4.*2, 3"),
    "out of range": (lambda lib, x: x.__setitem__(5, 1.0), IndexError, r"index 5 is out of bounds for dimension 0 with size 2"),
    "too many indices": (lambda lib, x: x.__setitem__((0, 0, 0), 1.0), IndexError, r"too many indices"),
    "a step back": (
        lambda lib, x: x.__setitem__(slice(None, None, -1), 1.0),
        ValueError,
        r"step must be (positive|greater than zero)",
    ),
    "a step back among others": (
        lambda lib, x: x.__setitem__((0, slice(None, None, -1)), 1.0),
        ValueError,
        r"step must be (positive|greater than zero)",
    ),
    "reading a step back": (lambda lib, x: x[0, ::-1], ValueError, r"step must be (positive|greater than zero)"),
    "a word": (lambda lib, x: x.__setitem__(0, "a"), TypeError, r"can't assign a str"),
    "None": (lambda lib, x: x.__setitem__(0, None), TypeError, r"can't assign a NoneType"),
    "a list": (lambda lib, x: x.__setitem__(0, [1.0, 2.0, 3.0]), TypeError, r"can't assign a list"),
    "an array": (lambda lib, x: x.__setitem__(0, np.ones(3)), TypeError, r"can't assign a numpy.ndarray"),
    "floats into integers by a list": (
        lambda lib, x: lib.tensor([1, 2]).__setitem__([0, 1], lib.ones(2)),
        RuntimeError,
        r"Index put requires the source and destination dtypes match, got Long for the destination and Float for the source",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused_and_changes_nothing(lib, mistake):
    x = lib.zeros(2, 3, dtype=lib.float64)
    assert_refused(MISTAKES[mistake], lib, x)
    assert (x.sum().item(), x._version) == (0, 0)
