"""A Variable as an object: copied, pickled, formatted, and changed the way programs of 2017 and of today do it."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

import microtorch
from microtorch.autograd import Variable


def leaf(*values):
    return microtorch.tensor(list(values), requires_grad=True)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_the_copy_of_a_used_leaf_is_a_leaf_of_its_own(copied):
    w = leaf(1.0, 2.0)
    loss = (w * w).sum()
    best = copied(w)
    loss.backward()
    (best * 3).sum().backward()
    assert (w.grad.tolist(), best.grad.tolist(), best.tolist()) == ([2.0, 4.0], [3.0, 3.0], [1.0, 2.0])
    assert copied(microtorch.tensor([1])).requires_grad is False


def test_what_an_operation_made_is_not_copied_without_its_graph():
    with pytest.raises(RuntimeError, match=r"graph leaves.*MulBackward0.*detach"):
        copy.deepcopy(leaf(1.0) * 2)


def test_integers_have_no_gradient_and_leave_the_graph():
    x = leaf(1.7)
    assert (x.long().requires_grad, x.sum(dtype=microtorch.int64).requires_grad) == (False, False)
    (x - x.long()).sum().backward()
    assert x.grad.tolist() == [1.0]


def test_a_scalar_formats_as_its_number():
    assert f"{leaf(1.0, 2.5).sum():.2f} {microtorch.tensor(1.5)}" == "3.50 1.5"


def test_an_integer_is_an_index():
    assert [10, 20, 30][microtorch.tensor(1)] == 20
    with pytest.raises(TypeError, match="only integer"):
        _ = [10, 20][microtorch.tensor(1.0)]


def test_a_running_loss_is_summed_with_its_graph():
    x = leaf(2.0)
    loss = 0
    for factor in (1.0, 2.0, 3.0):
        loss += (x * factor).sum()
    loss.backward()
    assert x.grad.tolist() == [6.0]


def test_the_number_of_a_loss_is_read_as_in_2017():
    loss = (leaf(3.0) * 2).sum()
    assert (loss.data[0], loss.data[-1], type(loss.data[0])) == (6.0, 6.0, float)


def test_a_scalar_has_no_other_index(lib):
    with pytest.raises(IndexError, match=r"0-dim.*item\(\)"):
        lib.tensor(1.0, requires_grad=True)[0]
    with pytest.raises(IndexError, match=r"index"):
        lib.tensor(1.0)[1]


def test_the_idioms_of_2017_and_of_today_change_a_leaf_in_place():
    w = Variable(microtorch.ones(2), requires_grad=True)
    (w * 3).sum().backward()
    w.data -= 0.5 * w.grad.data
    memory = w.array
    with microtorch.no_grad():
        w -= 0.5 * w.grad
    w.grad.data.zero_()
    assert (w.tolist(), w.grad.tolist(), w.array is memory, w.is_leaf) == ([-2.0, -2.0], [0.0, 0.0], True, True)


@pytest.mark.parametrize("make", [lambda: microtorch.no_grad, microtorch.no_grad, lambda: microtorch.set_grad_enabled(False)])
def test_modes_are_decorators_with_and_without_parentheses(make):
    @make()
    def square(x):
        return x * x

    assert (square(leaf(1.0)).requires_grad, microtorch.is_grad_enabled()) == (False, True)


def test_integers_to_negative_powers_are_refused_by_name():
    with pytest.raises(RuntimeError, match=r"Pow: Integers to negative integer powers are not allowed"):
        microtorch.tensor([1, 2]) ** -1


def test_infinities_come_without_a_warning():
    program = "import microtorch as m; z = m.zeros(2); print(z.log().tolist(), (1 / z).tolist(), ((z - 1) ** 0.5).tolist())"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("[-inf, -inf] [inf, inf] [nan, nan]\n", "")


def test_an_array_of_a_subclass_is_taken_as_a_plain_one():
    class Odd(np.ndarray):
        def __mul__(self, other):
            return self + other

    x = Variable(np.array([[1.0, 2.0]]).view(Odd), requires_grad=True)
    (x * x).sum().backward()
    assert (type(x.array), x.grad.tolist()) == (np.ndarray, [[2.0, 4.0]])


def test_a_masked_array_is_refused():
    with pytest.raises(TypeError, match=r"masked.*filled"):
        Variable(np.ma.array([1.0], mask=[1]))


def test_a_deep_copy_of_overlapping_memory_keeps_the_values():
    x = Variable(np.lib.stride_tricks.sliding_window_view(np.arange(5.0), 3))
    assert copy.deepcopy(x).tolist() == x.tolist()


def test_a_grad_on_memory_that_is_not_its_own_is_refused():
    x = microtorch.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"memory of its own.*clone"):
        x.grad = microtorch.zeros(1).expand(3)
