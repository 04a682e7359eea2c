"""What a student gets wrong first: each mistake is an error that says what was wrong and what to do, and changes nothing."""

import inspect
import re

import numpy as np
import pytest

import microtorch
from microtorch import autograd
from microtorch.autograd import Variable


def leaf(*shape):
    return microtorch.ones(*shape, requires_grad=True)


def backward_twice():
    x = leaf(2)
    y = (x * x).sum()
    y.backward()
    y.backward()


def integers():
    return microtorch.ones(2, dtype=microtorch.int64)


MISTAKES = {
    "backward of several elements without a gradient": (
        lambda: (leaf(2, 3) * 2).backward(),
        RuntimeError,
        r"only for scalar outputs.*shape \(2, 3\) has 6 elements.*\.sum\(\)",
    ),
    "backward of what requires no grad": (
        lambda: microtorch.ones(2).sum().backward(),
        RuntimeError,
        r"does not require grad.*requires_grad=True",
    ),
    "backward after the buffers were freed": (
        backward_twice,
        RuntimeError,
        r"second time.*MulBackward0.*retain_graph=True",
    ),
    "a gradient of the wrong shape": (
        lambda: (leaf(2, 2) * 2).backward(microtorch.ones(3)),
        RuntimeError,
        r"Mismatch in shape.*\[3\].*\[2, 2\]",
    ),
    "a gradient that is no Variable": (
        lambda: leaf(1).backward(1.0),
        TypeError,
        r"must be a Variable or None, not float",
    ),
    "too many gradients": (
        lambda: autograd.backward([leaf(1)], [None, None]),
        RuntimeError,
        r"1 tensors and 2 gradients",
    ),
    "something else than a Variable as root": (lambda: autograd.backward([1.0]), TypeError, r"not float"),
    "requires_grad on integers": (
        integers().requires_grad_,
        RuntimeError,
        r"floating point dtype.*microtorch\.int64.*\.float\(\)",
    ),
    "Variable(integers, requires_grad=True)": (
        lambda: Variable(integers(), requires_grad=True),
        RuntimeError,
        r"floating point dtype",
    ),
    "a Variable of a list": (lambda: Variable([1.0]), TypeError, r"microtorch\.tensor"),
    "a Variable of strings": (lambda: Variable(np.array(["a"])), TypeError, r"no tensor holds"),
    "requires_grad = False on a non-leaf": (
        lambda: setattr(leaf(1) * 2, "requires_grad", False),
        RuntimeError,
        r"leaf variables.*detach",
    ),
    "shapes that do not broadcast": (
        lambda: leaf(2, 3) + leaf(2),
        RuntimeError,
        r"Add.*\(2, 3\) and \(2,\).*size of tensor a \(3\) must match the size of tensor b \(2\).*dimension 1",
    ),
    "matrices that do not match": (
        lambda: leaf(2, 3) @ leaf(2, 3),
        RuntimeError,
        r"mm.*cannot be multiplied \(2x3 and 2x3\)",
    ),
    "matrices of two dtypes": (lambda: leaf(2, 2) @ leaf(2, 2).double(), RuntimeError, r"same dtype.*float32.*float64"),
    "a scalar in a matrix product": (lambda: leaf(2, 2) @ leaf(), RuntimeError, r"at least 1D.*2D and 0D"),
    "an operand that is no number": (lambda: leaf(2) + "2", TypeError, r"operand.*str"),
    "a complex operand": (lambda: leaf(2) * 1j, TypeError, r"complex"),
    "a view of the wrong size": (lambda: leaf(2, 3).view(4), RuntimeError, r"'\[4\]' is invalid for input of size 6"),
    "two inferred lengths": (lambda: leaf(2, 3).view(-1, -1), RuntimeError, r"only one dimension can be inferred"),
    "a view of what is not contiguous": (lambda: leaf(2, 3).t().view(6), RuntimeError, r"reshape"),
    "a dimension out of range": (lambda: leaf(2).sum(1), IndexError, r"range of \[-1, 0\], but got 1"),
    "the same dimension twice": (lambda: leaf(2, 2).sum((0, -2)), RuntimeError, r"twice"),
    "the mean of integers": (integers().mean, RuntimeError, r"floating dtype.*float\(\)\.mean\(\)"),
    "too many indices": (lambda: leaf(2)[0, 0], IndexError, r"too many indices.*2 for 1"),
    "an index out of range": (lambda: leaf(2)[2], IndexError, r"index 2 is out of bounds for dimension 0 with size 2"),
    "an index that is a float": (lambda: leaf(2)[1.0], TypeError, r"indexed by.*not float"),
    "a negative step": (lambda: leaf(3)[::-1], ValueError, r"step must be positive"),
    "a leaf changed in place": (lambda: leaf(2).add_(1), RuntimeError, r"leaf Variable.*in-place.*no_grad"),
    "an element assigned": (lambda: leaf(2).__setitem__(0, 1), RuntimeError, r"in-place"),
    "a float written into integers": (lambda: integers().add_(0.5), RuntimeError, r"float32 can't be cast.*int64"),
    "a ragged list": (lambda: microtorch.tensor([[1.0], [1.0, 2.0]]), ValueError, r"equal lengths"),
    "a tensor of words": (lambda: microtorch.tensor(["a"]), TypeError, r"real numbers"),
    "numpy() of what requires grad": (lambda: leaf(2).numpy(), RuntimeError, r"detach\(\)\.numpy\(\)"),
    "np.asarray of what requires grad": (lambda: np.asarray(leaf(2)), RuntimeError, r"detach\(\)\.numpy\(\)"),
    "a NumPy function that is not recorded": (lambda: np.partition(leaf(2), 1), TypeError, r"np\.partition cannot be recorded"),
    "a ufunc with out=": (lambda: np.add(leaf(2), 1, out=np.ones(2)), TypeError, r"np\.add with out"),
    "item() of several elements": (lambda: leaf(2).item(), RuntimeError, r"2 elements cannot be converted"),
    "the truth of several elements": (lambda: bool(leaf(2)), RuntimeError, r"ambiguous"),
    "the length of a scalar": (lambda: len(leaf()), TypeError, r"0-d"),
    "a dtype that is none": (lambda: leaf(2).to(dtype="float64"), TypeError, r"dtype.*'float64'"),
    "an integer as default dtype": (
        lambda: microtorch.set_default_dtype(microtorch.int64),
        TypeError,
        r"default type",
    ),
    "arange that never ends": (lambda: microtorch.arange(0, 1, -1), RuntimeError, r"step"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_error_says_what_was_wrong(mistake):
    function, error, message = MISTAKES[mistake]
    with pytest.raises(error, match=message):
        function()


def test_a_one_element_gradient_is_right_for_a_scalar_as_the_seed_says():
    x = leaf(2, 2)
    (x * 2).mean().backward(microtorch.Tensor([1.0]))
    assert x.grad.tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_a_second_backward_over_freed_buffers_changes_no_grad_not_even_one_whose_turn_comes_early():
    x, b = leaf(1), leaf(1)
    y = b + x * x
    y.backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()
    assert (x.grad.tolist(), b.grad.tolist()) == ([2.0], [1.0])


def test_a_refused_backward_leaves_the_graph_usable():
    x = leaf(2)
    y = x * x
    with pytest.raises(RuntimeError, match="Mismatch"):
        y.backward(microtorch.ones(3))
    y.backward(microtorch.ones(2))
    assert x.grad.tolist() == [2.0, 2.0]


FUNCTIONS = [each for name, each in vars(microtorch).items() if inspect.isfunction(each) and not name.startswith("_")]
OPERANDS = {"other", "mat2", "vec", "tensor", "tensor1", "tensor2", "index", "mask", "source", "src", "values"}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("given", [[1, 2], 3.0, None, "text", np.ones(2)], ids=lambda each: type(each).__name__)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_something_else_in_place_of_a_variable_is_computed_or_refused_in_words(function, given):
    required = [each for each in inspect.signature(function).parameters.values() if each.default is each.empty]
    rest = [leaf(2) if each.name in OPERANDS else 0 for each in required if each.kind is each.POSITIONAL_OR_KEYWORD][1:]
    refusal = ""
    try:
        function(given, *rest)
    except (TypeError, ValueError, RuntimeError, IndexError, FileNotFoundError) as error:
        refusal = str(error)
    assert not re.search("has no attribute|unsupported operand|not subscriptable", refusal)
